"""Sentences as the front end sees them: the tokens of `myna phonemize --json`, and the homograph data.
Standard library only."""

import csv
import hashlib
import json
import re
import subprocess
from pathlib import Path
from typing import NamedTuple

HELD_OUT_SHARE = 10
SENTENCE_ENDS = set(".?!…")
CLOSING = set("”)")


class Labelled(NamedTuple):
    word: str  # the homograph, lower case
    wordid: str
    sentence: str
    begin: int  # bytes of the homograph in the sentence
    end: int
    held_out: bool


def labels_of(directory):
    """word -> its wordids in the order of wordids.tsv."""
    labels = {}
    for row in (Path(directory) / "data" / "wordids.tsv").read_text(encoding="utf-8").splitlines()[1:]:
        word, wordid = (part.strip('"') for part in row.split("\t")[:2])
        labels.setdefault(word, []).append(wordid)
    return labels


def read_homographs(directory):
    """Every sentence of the train split. Of each word's sentences the tenth with the lowest hashes is
    held out."""
    result = []
    for path in sorted((Path(directory) / "data" / "train").glob("*.tsv")):
        with open(path, encoding="utf-8", newline="") as file:
            rows = list(csv.DictReader(file, delimiter="\t"))
        digests = [hashlib.sha256(row["sentence"].encode()).digest() for row in rows]
        limit = sorted(digests)[-(-len(rows) // HELD_OUT_SHARE)]
        for row, digest in zip(rows, digests):
            result.append(
                Labelled(
                    row["homograph"],
                    row["wordid"],
                    row["sentence"],
                    int(row["start"]),
                    int(row["end"]),
                    digest < limit,
                )
            )
    return result


def kind_of(word, wordid):
    """What readings of different words share: 'nou', 'vrb', 'adj', 'adj-nou', or '' for none."""
    rest = wordid[len(word) + 1 :] if wordid.startswith(word + "_") else ""
    parts = [part for part in rest.split("-") if part in ("nou", "vrb", "adj")]
    return "-".join(sorted(set(parts))) if parts and len(parts) == len(rest.split("-")) else ""


def read_items(myna, lines, accent="us"):
    """The items that the front end makes of each line: dicts with text, phonemes and source, or mark."""
    text = "".join(" ".join(line.split("\n")) + "\n" for line in lines)
    result = subprocess.run(
        [str(myna), "phonemize", "--json", "--accent", accent, "-"],
        input=text.encode(),
        stdout=subprocess.PIPE,
        check=True,
    )
    return [json.loads(line)["items"] for line in result.stdout.decode().splitlines()]


def sentences_of(items):
    """Cuts the items of a line where a sentence ends, as the front end does before it tags."""
    sentences, current, ended = [], [], False
    for item in items:
        mark = item.get("mark")
        if ended and mark not in CLOSING:
            sentences.append(current)
            current, ended = [], False
        current.append(item)
        if mark in SENTENCE_ENDS:
            ended = True
    if current:
        sentences.append(current)
    return sentences


def texts_of(sentence):
    return [item.get("mark") or item["text"] for item in sentence]


def find_target(items, begin, end):
    """(sentence, index) of the item that covers the bytes [begin, end), or None."""
    for sentence in sentences_of(items):
        for index, item in enumerate(sentence):
            if "source" in item and item["source"][0] <= begin and end <= item["source"][1]:
                return sentence, index
    return None


def wiki_sentences(path):
    """The unsplit sentences, with their tokens joined as people write them."""
    for line in path.read_text(encoding="utf-8").splitlines():
        text = line.split("\t")[0].replace("''", '"')
        text = re.sub(r" ('s|'re|'ve|'ll|'d|'m|n't)\b", r"\1", text)
        text = re.sub(r" ([,.;:?!)])", r"\1", text).replace("( ", "(")
        yield re.sub(r'" ([^"]*) "', r'"\1"', text).replace(" - ", "-")
