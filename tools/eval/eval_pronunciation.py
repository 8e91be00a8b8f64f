#!/usr/bin/env python3
"""How the front end pronounces: homographs, unknown words, and how fast.

    tools/eval/eval_pronunciation.py --myna build/release/bin/myna [--data DIR] [--lexicons DIR] [--verbose]

Homographs: the held-out tenth of the sentences of homograph_wiki's train split goes through
`myna phonemize --json`; the word is right when its phonemes are those of the labelled reading in
tools/training/homograph_readings.tsv (secondary stress and flaps apart). Unknown words: words of the
gold lexicons that no training saw, through `myna phonemize --no-lexicon`; whole words that are exact
and edits by symbol, stress marks counted. --lexicons has misaki's four JSON files; without it they are
those of the Python environment `text-peers`, which is made when it is not there. Exit status 1 when a
figure misses its limit. Standard library only.
"""

import argparse
import pathlib
import subprocess
import sys
import time

REPOSITORY = pathlib.Path(__file__).resolve().parents[2]
sys.path[:0] = [str(REPOSITORY / "tools" / name) for name in ("setup", "training")]

import python_env  # noqa: E402
from lexicon_words import LETTERS, held_out, read_lexicons  # noqa: E402
from sentences import find_target, read_homographs, read_items  # noqa: E402

HOMOGRAPH_LIMIT = 97.0
EXACT_LIMIT = 70.0
ERROR_LIMIT = 8.0
WORD_LIMIT_MS = 0.3
SPEED_LIMIT = 40_000


def run(myna, arguments, text):
    """(standard output, seconds)"""
    started = time.perf_counter()
    result = subprocess.run(
        [str(myna), *arguments, "-"], input=text.encode(), stdout=subprocess.PIPE, check=True
    )
    return result.stdout.decode(), time.perf_counter() - started


def comparable(phonemes):
    """Flaps and secondary stress apart; a part of a compound, whose main stress is lowered, as alone."""
    if "ˈ" not in phonemes:
        phonemes = phonemes.replace("ˌ", "ˈ")
    return phonemes.translate(str.maketrans({"T": "t", "ɾ": "t", "ˌ": None}))


def homographs(myna, data, verbose):
    readings = {}
    path = REPOSITORY / "tools/training/homograph_readings.tsv"
    for line in path.read_text(encoding="utf-8").splitlines():
        _, wordid, american, _ = line.split("\t")
        readings[wordid] = comparable(american)
    labelled = [one for one in read_homographs(data / "homograph_wiki") if one.held_out]
    words = {}
    for one, items in zip(labelled, read_items(myna, [one.sentence for one in labelled])):
        found = find_target(items, one.begin, one.end)
        item = found[0][found[1]] if found else {"text": "", "phonemes": ""}
        said = comparable(item["phonemes"])
        # "present-day" is one word of the dictionary.
        right = readings[one.wordid] in said if "-" in item["text"] else said == readings[one.wordid]
        words.setdefault(one.word, []).append(right)
        if verbose and not right:
            print(f"  {one.wordid}: said {said} in: {one.sentence}")
    results = [right for each in words.values() for right in each]
    score = 100 * sum(results) / len(results)
    mean = 100 * sum(sum(each) / len(each) for each in words.values()) / len(words)
    print(
        f"homographs: {score:.2f} % of {len(results)} held-out sentences, {len(words)} words "
        f"(mean over words {mean:.2f} %; at least {HOMOGRAPH_LIMIT:.0f} %)"
    )
    return score >= HOMOGRAPH_LIMIT


def edits(a, b):
    row = list(range(len(b) + 1))
    for i, x in enumerate(a, 1):
        diagonal, row[0] = row[0], i
        for j, y in enumerate(b, 1):
            diagonal, row[j] = row[j], min(row[j] + 1, row[j - 1] + 1, diagonal + (x != y))
    return row[-1]


def unknown_words(myna, lexicons, verbose):
    sound = True
    tests = [(held_out(word.spelling), word) for word in read_lexicons(lexicons) if word.gold]
    for kind, text in (("word", "words kept apart"), ("stem", "families kept apart")):
        for dialect in ("us", "gb"):
            words = [
                word
                for how, word in tests
                if how == kind and word.dialect == dialect and set(word.spelling.lower()) <= set(LETTERS)
            ]
            arguments = ["phonemize", "--no-lexicon", "--accent", dialect]
            out, seconds = run(myna, arguments, "".join(w.spelling + "\n" for w in words))
            _, empty_seconds = run(myna, arguments, "")
            exact = wrong = length = 0
            for word, said in zip(words, out.splitlines()):
                exact += said == word.phonemes
                wrong += edits(said, word.phonemes)
                length += len(word.phonemes)
                if verbose and said != word.phonemes:
                    print(f"  {word.spelling}: {said}, lexicon {word.phonemes}")
            share, error = 100 * exact / len(words), 100 * wrong / length
            each_ms = 1000 * max(0.0, seconds - empty_seconds) / len(words)
            print(
                f"unknown words, {dialect}, {text}: {share:.2f} % of {len(words)} exact, phoneme error "
                f"{error:.2f} %, {each_ms:.3f} ms a word"
            )
            if kind == "word":
                sound = sound and share >= EXACT_LIMIT and error <= ERROR_LIMIT and each_ms <= WORD_LIMIT_MS
    print(f"  (words: at least {EXACT_LIMIT:.0f} % exact, error at most {ERROR_LIMIT:.0f} %)")
    return sound


def speed(myna, data):
    sentences = [one.sentence for one in read_homographs(data / "homograph_wiki")]
    text = "\n".join(sentences) + "\n"
    words = len(text.split())
    starts = [run(myna, ["phonemize"], "")[1] for _ in range(5)]
    seconds = min(run(myna, ["phonemize"], text)[1] for _ in range(2)) - min(starts)
    print(
        f"front end: {words / seconds:.0f} words a second on one core (at least {SPEED_LIMIT}), "
        f"start of the program with all models {1000 * min(starts):.0f} ms"
    )
    return words / seconds >= SPEED_LIMIT


def installed_lexicons():
    """The dictionaries in the misaki package, or None when it cannot be had."""
    try:
        python = python_env.ensure("text-peers")
    except python_env.SetupError as error:
        print(error.message)
        return None
    return next(python.parents[1].glob("lib/python3*/site-packages/misaki/data"), None)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--myna", type=pathlib.Path, required=True)
    parser.add_argument("--data", type=pathlib.Path, default=REPOSITORY.parent / "shared" / "data")
    parser.add_argument("--lexicons", type=pathlib.Path, help="directory with misaki's JSON lexicons")
    parser.add_argument("--verbose", action="store_true", help="print each mistake")
    arguments = parser.parse_args()
    if not (arguments.data / "homograph_wiki").is_dir():
        print(f"eval_pronunciation: no homograph_wiki in '{arguments.data}'; --data names it")
        return 1
    sound = homographs(arguments.myna, arguments.data, arguments.verbose)
    lexicons = arguments.lexicons or installed_lexicons()
    if lexicons:
        sound = unknown_words(arguments.myna, lexicons, arguments.verbose) and sound
    else:
        print("unknown words: skipped, --lexicons names the directory of misaki's JSON files")
        sound = False
    return 0 if speed(arguments.myna, arguments.data) and sound else 1


if __name__ == "__main__":
    sys.exit(main())
