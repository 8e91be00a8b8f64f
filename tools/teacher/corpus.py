#!/usr/bin/env python3
"""The sentences that a teacher voice speaks for training, one a line: SOURCE<tab>TEXT.

    corpus.py --data DIR > corpus.tsv

DIR is the shared data. Taken are LJSpeech's training texts (public domain), Kokoro's demo sentences
(Apache-2.0) and Common Voice's sentences (CC0). What other tools measure with is left out: the
Harvard sentences, also where Common Voice repeats them, and LJSpeech's validation and test texts.
The order is a fixed shuffle, so that any beginning of the file is a fair sample.
"""

import argparse
import hashlib
import re
import sys
from pathlib import Path

LEAST, MOST = 20, 220  # characters
PLAIN = re.compile(r"[A-Za-z0-9 ,.;:!?'\"“”’()—-]+")


def ljspeech(data):
    path = data / "tts_ljspeech" / "filelists" / "ljs_audio_text_train_filelist.txt"
    for line in path.read_text(encoding="utf-8").splitlines():
        yield line.split("|", 1)[1]


def kokoro_demo(data):
    yield from (data / "text_kokoro_demo" / "demo" / "en.txt").read_text(encoding="utf-8").splitlines()


def common_voice(data):
    directory = data / "text_commonvoice_en" / "server" / "data" / "en"
    for path in sorted(directory.glob("*.txt")):
        if path.name not in ("harvsents.txt", "singleword-benchmark.txt", "LICENSE.txt"):
            yield from path.read_text(encoding="utf-8").splitlines()


def letters(text):
    return re.sub(r"[^a-z]", "", text.lower())


def measured(data):
    """Sentences that figures are made with."""
    texts = []
    for directory in ("tts_harvard", "tts_arena"):
        texts += (data / directory / "harvard_sentences.txt").read_text(encoding="utf-8").splitlines()
    texts += (
        (data / "text_commonvoice_en" / "server" / "data" / "en" / "harvsents.txt")
        .read_text(encoding="utf-8")
        .splitlines()
    )
    for part in ("val", "test"):
        path = data / "tts_ljspeech" / "filelists" / f"ljs_audio_text_{part}_filelist.txt"
        texts += [line.split("|", 1)[-1] for line in path.read_text(encoding="utf-8").splitlines()]
    return {letters(text) for text in texts}


def sentences(data):
    seen = measured(data)
    for name, texts in (("ljspeech", ljspeech), ("kokoro_demo", kokoro_demo), ("common_voice", common_voice)):
        for text in texts(data):
            text = " ".join(text.split())
            key = letters(text)
            if LEAST <= len(text) <= MOST and PLAIN.fullmatch(text) and key not in seen:
                seen.add(key)
                yield name, text


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True)
    data = parser.parse_args().data
    try:
        lines = list(sentences(data))
    except OSError as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    lines.sort(key=lambda line: hashlib.sha256(line[1].encode()).digest())
    for name, text in lines:
        print(f"{name}\t{text}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
