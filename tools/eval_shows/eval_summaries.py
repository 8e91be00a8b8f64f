#!/usr/bin/env python3
"""Summaries of three sentences beside the first three (lead-3): ROUGE against what pages say of themselves.

    eval_summaries.py DIRECTORY --dump build/release/tools/eval_shows/myna_intake_dump

DIRECTORY is that of eval_articles.py. The reference is the page's description (og:description or
meta name=description), which its editors wrote; pages whose description is their opening, word for
word, are counted apart: with them lead-3 cannot be beaten. ROUGE-1, -2 and -L as F1, words in small
letters, no stemming.
"""

import argparse
import gzip
import html
import json
import re
import subprocess
import sys
import tempfile
from collections import Counter
from pathlib import Path

KINDS = ("1", "2", "L")
# As a show says it, in sentences of at most 20 words; the same choice with whole sentences; lead-3.
WHO = ("summary", "whole", "lead")


def tokens(text):
    return re.findall(r"[a-z0-9]+", text.lower())


def f1(common, a, b):
    return 2 * common / (a + b) if a + b else 0.0


def rouge(kind, found, reference):
    if kind == "L":
        row = [0] * (len(reference) + 1)
        for word in found:
            previous = 0
            for j, other in enumerate(reference, 1):
                previous, row[j] = row[j], previous + 1 if word == other else max(row[j], row[j - 1])
        return f1(row[-1], len(found), len(reference))
    size = int(kind)
    grams = [Counter(tuple(t[i : i + size]) for i in range(len(t) - size + 1)) for t in (found, reference)]
    return f1(sum((grams[0] & grams[1]).values()), sum(grams[0].values()), sum(grams[1].values()))


def description(page):
    best = ""
    for tag in re.findall(r"<meta\b[^>]*>", page, re.I):
        if re.search(r"""(name|property)\s*=\s*["']?(og:description|description)["'\s]""", tag, re.I):
            content = re.search(r"""content\s*=\s*("([^"]*)"|'([^']*)')""", tag, re.I | re.S)
            text = html.unescape(content.group(2) or content.group(3) or "") if content else ""
            best = max(best, text, key=len)
    return best


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("directory", type=Path)
    parser.add_argument("--dump", required=True)
    arguments = parser.parse_args()
    references, names = {}, []
    with tempfile.TemporaryDirectory() as folder:
        for path in sorted((arguments.directory / "html").glob("*.html.gz")):
            page = gzip.decompress(path.read_bytes())
            text = description(page.decode("utf-8", "replace"))
            if 12 <= len(tokens(text)) <= 80:
                name = Path(folder) / path.name.removesuffix(".gz")
                name.write_bytes(page)
                names.append(str(name))
                references[str(name)] = text
        lines = subprocess.run([arguments.dump], input="".join(f"{name}\n" for name in names), capture_output=True,
                               text=True, check=True).stdout.splitlines()
    sums = {opens: {who: Counter() for who in WHO} for opens in (True, False)}
    counts = Counter()
    for name, line in zip(names, lines):
        page = json.loads(line)
        if not page.get("summary") or len(page["lead"]) < 3:
            continue
        reference = tokens(references[name])
        opening = tokens(" ".join(page["lead"]))
        opens = reference[:10] == opening[:10]
        counts[opens] += 1
        for who in WHO:
            found = tokens(" ".join(page[who]))
            for kind in KINDS:
                sums[opens][who][kind] += rouge(kind, found, reference)
    for opens in (False, True):
        if not counts[opens]:
            continue
        figures = {who: " ".join(f"{100 * sums[opens][who][k] / counts[opens]:.1f}" for k in KINDS) for who in WHO}
        print(f"summaries, {counts[opens]} pages whose description {'is' if opens else 'is not'} their opening: ROUGE-1/2/L "
              f"{figures['summary']} as spoken, {figures['whole']} as whole sentences, lead-3 {figures['lead']}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
