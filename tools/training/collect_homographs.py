#!/usr/bin/env python3
"""Sentences with homographs that nobody labelled, for teach_homographs.py.

    collect_homographs.py --data DIR --out FILE [--sentences 20000]

DIR is the shared data: WikiSplit, dialogues, short stories and books in the public domain; no sentence of
homograph_wiki, held out or not. All words take turns, so that frequent ones do not crowd out the
others. A line of FILE: word TAB first character TAB last character + 1 TAB sentence.
"""

import argparse
import json
import lzma
import random
import re
from collections import Counter
from pathlib import Path

from sentences import read_homographs, wiki_sentences

EACH, EACH_OF_A_BOOK = 700, 12


def plain(sentence):
    return re.sub(r"\W+", " ", sentence.lower()).strip()


def candidates(data):
    """(sentence, the source it must not come from too often)"""
    for name in ("tune", "validation", "test"):
        for sentence in wiki_sentences(data / "wiki_split" / f"{name}.tsv"):
            yield sentence, None
    for pattern in ("dlg_topical_chat/**/*", "dlg_dolly_subset/*", "text_pratham/**/*"):
        for path in sorted(data.glob(pattern)):
            if path.suffix in (".json", ".jsonl", ".tsv", ".txt", ".csv"):
                text = path.read_text(encoding="utf-8", errors="replace")
                for sentence in re.split(r'(?<=[.!?])\s+|\\n|["\n\t]', text):
                    yield sentence, None
    with lzma.open(data / "text_books/books.jsonl.xz", "rt", encoding="utf-8") as file:
        books = file.readlines()
    random.Random(3).shuffle(books)
    for number, line in enumerate(books):
        text = json.loads(line)["text"].replace("\n", " ")
        for sentence in re.split(r'(?<=[.!?])["”’]?\s+', text):
            yield " ".join(sentence.split()), number


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--sentences", type=int, default=20000)
    arguments = parser.parse_args()
    labelled = read_homographs(arguments.data / "homograph_wiki")
    known = {plain(one.sentence) for one in labelled}
    words = sorted({one.word for one in labelled})
    pattern = re.compile(r"(?<![\w'’-])(" + "|".join(words) + r")(?![\w'’-])", re.IGNORECASE)
    found, of_book = {word: [] for word in words}, Counter()
    for sentence, book in candidates(arguments.data):
        match = pattern.search(sentence) if 30 < len(sentence) < 300 else None
        if match is None or plain(sentence) in known:
            continue
        word = match[1].lower()
        if len(found[word]) < EACH and (book is None or of_book[word, book] < EACH_OF_A_BOOK):
            of_book[word, book] += 1
            found[word].append((match.start(), match.end(), sentence))
    turns = [(word, *found[word][i]) for i in range(EACH) for word in words if i < len(found[word])]
    with open(arguments.out, "w", encoding="utf-8") as out:
        for row in turns[: arguments.sentences]:
            out.write("\t".join(map(str, row)) + "\n")
    print(f"{min(len(turns), arguments.sentences)} of {len(turns)} sentences")


if __name__ == "__main__":
    main()
