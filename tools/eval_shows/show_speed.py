#!/usr/bin/env python3
"""How long a show of ten minutes takes, nothing kept from before, and how soon it is heard.

    show_speed.py --myna build/release/bin/myna [--minutes 10] [--tiers flash,studio] [--shows daily,podcast] [--play]

The Daily is made of the articles of ../shared/data/html_article_extraction, as feeds of today, one a publisher; the
podcast of a book of ../shared/data/text_books or of --document. Prints wall time against the
target (60 s Flash, 240 s Studio on two cores), the stages, and the load of the machine before and behind.
"""

import argparse
import email.utils
import html
import json
import lzma
import os
import subprocess
import sys
import tempfile
import urllib.parse
from collections import defaultdict
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
ARTICLES = ROOT.parent / "shared" / "data" / "html_article_extraction" / "ground-truth.json"
BOOKS = ROOT.parent / "shared" / "data" / "text_books" / "books.jsonl.xz"
TARGET_S = {"flash": 60, "studio": 240}  # of ten minutes
NOW_S = 1795676400  # 2026-11-26T07:00Z


def write_feeds(folder):
    """An RSS file for each publisher of the articles; returns how many articles there are."""
    by_host = defaultdict(list)
    for page in json.loads(ARTICLES.read_text()).values():
        by_host[urllib.parse.urlsplit(page["url"]).hostname or "somewhere"].append(page["articleBody"])
    count = 0
    for host, texts in sorted(by_host.items()):
        items = []
        for text in texts:
            count += 1
            lines = [line.strip() for line in text.splitlines() if line.strip()]
            title, body = lines[0][:120], "".join(f"<p>{html.escape(line)}</p>" for line in lines[1:])
            date = email.utils.formatdate(NOW_S - 600 * count, usegmt=True)
            items.append(f"<item><title>{html.escape(title)}</title><guid isPermaLink='false'>{count}</guid>"
                         f"<pubDate>{date}</pubDate><description>{html.escape(body)}</description></item>")
        (folder / f"{host}.xml").write_text(
            f"<?xml version='1.0'?><rss version='2.0'><channel><title>{host}</title>{''.join(items)}</channel></rss>")
    return count


def write_book(path):
    """Darwin's "Origin of Species": enough for any length."""
    with lzma.open(BOOKS, "rt") as books:
        for line in books:
            if "Origin of Species" in line[:200]:
                book = json.loads(line)
                path.write_text(f"# {book['title']}\n\n{book['text']}")
                return path
    raise SystemExit(f"the book is not in {BOOKS}")


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--myna", type=Path, required=True)
    parser.add_argument("--minutes", type=float, default=10)
    parser.add_argument("--tiers", default="flash,studio")
    parser.add_argument("--shows", default="daily,podcast")
    parser.add_argument("--document", type=Path)
    parser.add_argument("--play", action="store_true", help="with a listener who takes everything at once")
    arguments = parser.parse_args()
    late = 0
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "feeds").mkdir()
        print(f"{write_feeds(folder / 'feeds')} articles, {os.cpu_count()} processors")
        sources = {"daily": ["daily", "--feeds", folder / "feeds", "--now", "2026-11-26T07:00Z", "--no-ledger"],
                   "podcast": ["podcast", arguments.document or write_book(folder / "book.md")]}
        for tier in arguments.tiers.split(","):
            for show in arguments.shows.split(","):
                command = [arguments.myna, *sources[show], "--minutes", str(arguments.minutes), "--tier", tier, "--offline",
                           "--no-cache", "--json", "-o", folder / f"{show}.mp3"]
                if arguments.play:
                    command += ["--play", "--player", "cat > /dev/null"]
                before = os.getloadavg()[0]
                made = json.loads(subprocess.run(command, capture_output=True, text=True, check=True).stdout)
                target = TARGET_S[tier] * arguments.minutes / 10
                late += made["wall_s"] > target
                print(f"{'ok  ' if made['wall_s'] <= target else 'LATE'} {show}, {tier}: {made['wall_s']:.1f} s for"
                      f" {made['duration_s']:.1f} s of {made['asked_s']:.0f} asked (target {target:.0f} s),"
                      f" {made['lines']} lines, {made['words_per_minute']:g} words a minute, stages {made['stages_s']},"
                      f" load {before:.1f} before and {os.getloadavg()[0]:.1f} behind", flush=True)
                if arguments.play:
                    print(f"     first sound after {made['played']['first_sound_s']:.2f} s, listener waited"
                          f" {made['played']['starved_s']:.2f} s")
    return 1 if late else 0


if __name__ == "__main__":
    sys.exit(main())
