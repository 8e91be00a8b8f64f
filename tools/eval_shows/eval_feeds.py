#!/usr/bin/env python3
"""How many feeds Myna's intake parses like feedparser (the oracle, PyPI).

    eval_feeds.py DIRECTORY --dump build/release/tools/eval_shows/myna_intake_dump [--show N]

Every *.xml below DIRECTORY is parsed by both. A feed counts when all of what a show needs is the
same: the feed's title and link, the number of items, and of each item title, link, id, summary,
content, dates, enclosures. Text is compared without markup and with white space folded.
"""

import argparse
import calendar
import html
import json
import re
import subprocess
import sys
from collections import Counter
from pathlib import Path

import feedparser


# feedparser's list of what may stay, without its text; the same is done to both sides.
DROPPED = re.compile(
    r"<(script|style|applet|head|object|iframe|noscript|textarea|button|select|video|audio|svg|math)\b.*?</\1\s*>",
    re.DOTALL | re.IGNORECASE,
)


def plain(text):
    text = DROPPED.sub(" ", text or "")
    text = re.sub(r"<!--.*?-->", "", text, flags=re.DOTALL)
    text = re.sub(r"</?[a-zA-Z][^<>]*>", "", text)
    text = html.unescape(text)
    return re.sub(r"\s+", "", text.replace("\u00ad", ""))


def seconds(parsed):
    return calendar.timegm(parsed) if parsed else None


def by_feedparser(path):
    feed = feedparser.parse(path.read_bytes(), response_headers={"content-location": "http://127.0.0.1:8097/"})
    items = []
    for entry in feed.entries:
        items.append(
            {
                "title": plain(entry.get("title")),
                "link": entry.get("link", ""),
                "id": entry.get("id", ""),
                "summary": plain(entry.get("summary")),
                "content": plain("".join(c.get("value", "") for c in entry.get("content", [])[:1])),
                "published": seconds(entry.get("published_parsed")) if "published" in entry else None,
                "updated": seconds(entry.get("updated_parsed")) if "updated" in entry.keys() else None,
                "enclosures": [e.get("href", "") for e in entry.get("enclosures", [])],
            }
        )
    return {"title": plain(feed.feed.get("title")), "link": feed.feed.get("link", ""), "items": items}


def differences(mine, oracle):
    for field in ("title", "link"):
        value = plain(mine[field]) if field == "title" else mine[field]
        if value != oracle[field]:
            yield f"feed.{field}", value, oracle[field]
    if len(mine["items"]) != len(oracle["items"]):
        yield "count", len(mine["items"]), len(oracle["items"])
    for one, other in zip(mine["items"], oracle["items"]):
        for field, expected in other.items():
            value = plain(one[field]) if field in ("title", "summary", "content") else one[field]
            # feedparser copies what is missing from its neighbour; so does the editing, later.
            if field in ("summary", "content") and value != expected:
                both = {plain(one["summary"]), plain(one["content"])} - {""}
                if both == {other["summary"], other["content"]} - {""}:
                    continue
            if value != expected:
                yield field, value, expected


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("directory", type=Path)
    parser.add_argument("--dump", required=True)
    parser.add_argument("--show", type=int, default=0)
    parser.add_argument("--minimum", type=float, default=0)
    arguments = parser.parse_args()
    files = sorted(p for p in arguments.directory.rglob("*.xml"))
    output = subprocess.run(
        [arguments.dump], input="\n".join(map(str, files)) + "\n", capture_output=True, text=True, check=True
    ).stdout.splitlines()
    same, why, shown = 0, Counter(), 0
    for path, line in zip(files, output, strict=True):
        try:
            oracle = by_feedparser(path)
        except Exception as error:  # the oracle itself fails on a few
            print(f"feedparser fails on {path.name}: {error!r}", file=sys.stderr)
            files = [f for f in files if f != path]
            continue
        found = list(differences(json.loads(line), oracle))
        same += not found
        for field in {f for f, _, _ in found}:
            why[field] += 1
        if found and shown < arguments.show:
            shown += 1
            print(path.relative_to(arguments.directory), *found, sep="\n    ")
    share = 100 * same / len(files)
    print(f"feeds parsed like feedparser: {same} of {len(files)} ({share:.1f} %); differences: {dict(why)}")
    return 0 if share >= arguments.minimum else 1


if __name__ == "__main__":
    sys.exit(main())
