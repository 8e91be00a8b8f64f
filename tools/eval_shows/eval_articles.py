#!/usr/bin/env python3
"""Article extraction against a benchmark: token F1 as its authors count it.

    eval_articles.py DIRECTORY --dump build/release/tools/eval_shows/myna_intake_dump [--worst N]

DIRECTORY has html/*.html.gz and ground-truth.json (article-extraction-benchmark). Tokens are words,
compared in runs of four; the true, false and missing runs of each page are scaled to sum to one
before they are added up, so that every page counts the same.
"""

import argparse
import gzip
import json
import re
import subprocess
import sys
import tempfile
from collections import Counter
from pathlib import Path


def shingles(text, size=4):
    tokens = re.findall(r"\w+", text)
    if len(tokens) < size:
        return Counter([tuple(tokens)] if tokens else [])
    return Counter(tuple(tokens[i : i + size]) for i in range(len(tokens) - size + 1))


def matches(truth, found):
    truth, found = shingles(truth), shingles(found)
    both = sum((truth & found).values())
    extra, missing = sum(found.values()) - both, sum(truth.values()) - both
    total = both + extra + missing
    return tuple(x / total for x in (both, extra, missing)) if total else (0, 0, 0)


def f1(both, extra, missing):
    return 2 * both / (2 * both + extra + missing) if both else 0.0


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("directory", type=Path)
    parser.add_argument("--dump", required=True)
    parser.add_argument("--worst", type=int, default=0)
    parser.add_argument("--minimum", type=float, default=0)
    arguments = parser.parse_args()
    truth = json.loads((arguments.directory / "ground-truth.json").read_text())
    results = {}
    with tempfile.TemporaryDirectory() as folder:
        names = sorted(p.name.removesuffix(".html.gz") for p in (arguments.directory / "html").glob("*.html.gz"))
        names = [name for name in names if name in truth]
        for name in names:
            page = gzip.decompress((arguments.directory / "html" / f"{name}.html.gz").read_bytes())
            (Path(folder) / f"{name}.html").write_bytes(page)
        lines = subprocess.run(
            [arguments.dump],
            input="".join(f"{folder}/{name}.html\n" for name in names),
            capture_output=True, text=True, check=True,
        ).stdout.splitlines()
        for name, line in zip(names, lines, strict=True):
            results[name] = matches(truth[name]["articleBody"], json.loads(line)["text"])
    both, extra, missing = (sum(r[i] for r in results.values()) for i in range(3))
    for name, result in sorted(results.items(), key=lambda item: f1(*item[1]))[: arguments.worst]:
        print(f"{name}  F1 {f1(*result):.3f}  extra {result[1]:.2f}  missing {result[2]:.2f}  {truth[name].get('url', '')}")
    score = f1(both, extra, missing)
    print(
        f"article extraction: {len(results)} pages, token F1 {score:.3f}"
        f" (precision {both / (both + extra):.3f}, recall {both / (both + missing):.3f})"
    )
    return 0 if score >= arguments.minimum else 1


if __name__ == "__main__":
    sys.exit(main())
