#!/usr/bin/env python3
"""Summaries of three sentences beside the first three (lead-3): ROUGE against what pages say of themselves.

    eval_summaries.py DIRECTORY --dump build/release/tools/eval_shows/myna_intake_dump [--weights]

DIRECTORY is that of eval_articles.py. The reference is the page's description (og:description or
meta name=description), which its editors wrote; pages whose description is their opening, word for
word, or has eight words in a row of it are counted apart: with them lead-3 cannot be beaten. On the
others it has to be. ROUGE-1, -2 and -L as F1, words in small
letters, no stemming. --weights chooses the weights of position and headline on every other page, and
reports those pages that they were not chosen on.
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


def read_pages(directory, dump, options=()):
    """(reference, page as dumped) of each page that has a description, a title and three sentences."""
    references, names, pages = {}, [], []
    with tempfile.TemporaryDirectory() as folder:
        for path in sorted((directory / "html").glob("*.html.gz")):
            page = gzip.decompress(path.read_bytes())
            text = description(page.decode("utf-8", "replace"))
            if 12 <= len(tokens(text)) <= 80:
                name = Path(folder) / path.name.removesuffix(".gz")
                name.write_bytes(page)
                names.append(str(name))
                references[str(name)] = text
        lines = subprocess.run([dump, *options], input="".join(f"{name}\n" for name in names), capture_output=True,
                               text=True, check=True).stdout.splitlines()
    for name, line in zip(names, lines, strict=True):
        page = json.loads(line)
        if page.get("summary") and len(page["lead"]) >= 3:
            pages.append((tokens(references[name]), page))
    return pages


def opens_with_reference(reference, page):
    return reference[:10] == tokens(" ".join(page["lead"]))[:10]


def kind_of_description(reference, page):
    """Word for word the opening, with eight words in a row of it, or written for itself."""
    if opens_with_reference(reference, page):
        return "is their opening"
    size = 8
    lead = tokens(" ".join(page["lead"]))
    runs = {tuple(lead[i:i + size]) for i in range(len(lead) - size + 1)}
    quotes = any(tuple(reference[i:i + size]) in runs for i in range(len(reference) - size + 1))
    return "quotes their opening" if quotes else "is of its own words"


def scores(pages, summary_of):
    """Mean ROUGE-1, -2, -L in per cent."""
    total = Counter()
    for reference, page in pages:
        for kind in KINDS:
            total[kind] += rouge(kind, tokens(" ".join(summary_of(page))), reference)
    return [100 * total[kind] / len(pages) for kind in KINDS]


def shown(figures):
    return "/".join(f"{figure:.1f}" for figure in figures)


def choose_weights(pages):
    """The best weights of one half of the pages, measured on the other one."""
    halves = pages[0::2], pages[1::2]
    variants = list(pages[0][1]["variants"])
    for which, form in enumerate(("as spoken", "as whole sentences")):
        for chosen_on, measured_on in ((0, 1), (1, 0)):
            value = {v: scores(halves[chosen_on], lambda page, v=v: page["variants"][v][which]) for v in variants}
            best = max(variants, key=lambda v: sum(value[v]))
            found = scores(halves[measured_on], lambda page: page["variants"][best][which])
            now = scores(halves[measured_on], lambda page: page[WHO[which]])
            lead = scores(halves[measured_on], lambda page: page["lead"])
            print(f"{form}: chosen on half {chosen_on}: {best} ({shown(value[best])} there); on the other half"
                  f" {shown(found)}, as it is now {shown(now)}, lead-3 {shown(lead)}")


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("directory", type=Path)
    parser.add_argument("--dump", required=True)
    parser.add_argument("--weights", action="store_true")
    arguments = parser.parse_args()
    pages = read_pages(arguments.directory, arguments.dump, ["--variants"] if arguments.weights else [])
    if arguments.weights:
        choose_weights([one for one in pages if not opens_with_reference(*one)])
        return 0
    failed = 0
    for kind in ("is of its own words", "quotes their opening", "is their opening"):
        some = [one for one in pages if kind_of_description(*one) == kind]
        if not some:
            continue
        means = {who: scores(some, lambda page, who=who: page[who]) for who in WHO}
        print(f"summaries, {len(some)} pages whose description {kind}: ROUGE-1/2/L {shown(means['summary'])} as spoken,"
              f" {shown(means['whole'])} as whole sentences, lead-3 {shown(means['lead'])}")
        if kind == "is of its own words":
            failed = any(mine <= lead for mine, lead in zip(means["summary"], means["lead"]))
            print(f"  {'FAIL' if failed else 'ok  '} above lead-3, as spoken")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
