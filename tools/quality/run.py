#!/usr/bin/env python3
"""The quality gate: Myna's speech against ONNX Runtime's, of the same phonemes and voice.

  run.py [--myna build/release/bin/myna] [--data ../shared/data] [--voice heart] [--keep DIR]

Thirty sentences go through Whisper (word error rate) and DNSMOS (how it sounds). Fails, with exit
status 1, when Myna is worse by more than 0.5 points or 0.03, or when a file has clipping, a NaN or
more than a second of silence. Run by `make quality`, which brings the environment of
tools/python/requirements-quality.txt and the model packages named below.
"""

import argparse
import json
import pathlib
import sys
import tempfile

import numpy as np

import audio
import word_errors
from dnsmos import Dnsmos
from programs import ProgramError, find_package, run_program
from sentences import DataError, thirty_sentences
from whisper_listener import WhisperListener

REPOSITORY = pathlib.Path(__file__).resolve().parents[2]
sys.path[:0] = [str(REPOSITORY / "tools" / "setup"), str(REPOSITORY / "bench")]

import python_env  # noqa: E402
from ort_kokoro import SAMPLE_RATE_HZ, OrtKokoro  # noqa: E402

WORD_ERROR_MARGIN = 0.5  # points
DNSMOS_MARGIN = 0.03


class QualityError(Exception):
    pass


def phonemes_of(myna, sentences, voice):
    lines = run_program([myna, "phonemize", "-", "--voice", voice], input="\n".join(sentences) + "\n")
    lines = lines.splitlines()
    if len(lines) != len(sentences):
        raise QualityError(f"myna phonemize: {len(lines)} lines for {len(sentences)} sentences")
    return lines


def narrate_with_myna(myna, sentences, voice, threads, directory):
    for index, sentence in enumerate(sentences):
        path = directory / f"myna-{index:02}.wav"
        run_program([
            myna, "say", "--text", sentence, "-o", path, "--voice", voice, "--threads", threads,
            "--quiet",
        ])
        yield audio.read_wav(path)


def narrate_with_ort(kokoro, phonemes, voice_id):
    for line in phonemes:
        yield kokoro.speak(line, voice_id), SAMPLE_RATE_HZ


class Scores:
    def __init__(self):
        self.words = self.errors = 0
        self.dnsmos = []
        self.heard = []
        self.faults = []

    @property
    def word_error_percent(self):
        return 100 * self.errors / self.words


def score(sounds, sentences, listener, dnsmos, spellings, check_faults, progress):
    scores = Scores()
    for index, (sentence, (samples, rate)) in enumerate(zip(sentences, sounds)):
        progress(index + 1)
        if check_faults:
            for fault in audio.faults(samples, rate):
                scores.faults.append(f"sentence {index + 1}: {fault}")
        speech = audio.at_scoring_level(audio.to_speech_rate(samples, rate))
        heard = listener.hear(speech)
        expected_words = word_errors.normalised_words(sentence, spellings)
        heard_words = word_errors.normalised_words(heard, spellings)
        scores.words += len(expected_words)
        scores.errors += word_errors.errors(expected_words, heard_words)
        scores.heard.append(heard)
        scores.dnsmos.append(dnsmos.overall(speech))
    return scores


def verdicts(myna, ort):
    """(text, passed) of each condition."""
    difference = myna.word_error_percent - ort.word_error_percent
    drop = float(np.mean(ort.dnsmos) - np.mean(myna.dnsmos))
    results = [
        (f"word errors {difference:+.2f} points (at most +{WORD_ERROR_MARGIN})",
         difference <= WORD_ERROR_MARGIN),
        (f"DNSMOS overall {-drop:+.3f} (at least -{DNSMOS_MARGIN})", drop <= DNSMOS_MARGIN),
        ("no clipping, NaN or long silence", not myna.faults),
    ]
    return results + [(fault, False) for fault in myna.faults]


def render(sentences, myna, ort):
    lines = [f"{'':<14}{'Myna':>10}{'ONNX Runtime':>14}"]
    lines.append(f"{'WER %':<14}{myna.word_error_percent:>10.2f}{ort.word_error_percent:>14.2f}")
    lines.append(f"{'DNSMOS':<14}{np.mean(myna.dnsmos):>10.3f}{np.mean(ort.dnsmos):>14.3f}")
    lines.append(f"{'words':<14}{myna.words:>10}{ort.words:>14}")
    for sentence, ours, theirs in zip(sentences, myna.heard, ort.heard):
        if ours != theirs:
            lines += [f"  said         {sentence}", f"  Myna         {ours}", f"  ONNX Runtime {theirs}"]
    return "\n".join(lines)


def measure(arguments, directory):
    sentences = thirty_sentences(arguments.data)
    normaliser = arguments.data / "whisper_norm" / "whisper" / "normalizers" / "english.json"
    spellings = word_errors.read_spellings(normaliser)
    listener = WhisperListener(find_package("whisper-base"), arguments.threads)
    dnsmos = Dnsmos(find_package("dnsmos"), arguments.threads)
    package = find_package("kokoro-82m")
    parameters = json.loads((package / "parameters.json").read_text(encoding="utf-8"))
    (voice_id,) = [v for v in parameters["voices"] if v.split("_", 1)[1] == arguments.voice]
    graph = find_package("kokoro-82m-onnx") / "kokoro.onnx"
    kokoro = OrtKokoro(graph, package, arguments.threads)

    def progress(name):
        def show(number):
            if sys.stderr.isatty():
                end = "\n" if number == len(sentences) else ""
                print(f"\r  {name}: {number} of {len(sentences)}", end=end, file=sys.stderr)
        return show

    phonemes = phonemes_of(arguments.myna, sentences, arguments.voice)
    # Faults are looked for in what a listener gets: Myna's file. ONNX Runtime's raw samples are
    # the yardstick of the scores only.
    myna = score(
        narrate_with_myna(arguments.myna, sentences, arguments.voice, arguments.threads, directory),
        sentences, listener, dnsmos, spellings, True, progress("Myna"),
    )
    ort = score(
        narrate_with_ort(kokoro, phonemes, voice_id), sentences, listener, dnsmos, spellings, False,
        progress("ONNX Runtime"),
    )
    return sentences, myna, ort


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--myna", default=REPOSITORY / "build/release/bin/myna", type=pathlib.Path)
    parser.add_argument("--data", default=REPOSITORY.parent / "shared/data", type=pathlib.Path)
    parser.add_argument("--voice", default="heart")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--keep", type=pathlib.Path, help="keep Myna's files in this directory")
    arguments = parser.parse_args()
    if not arguments.myna.exists():
        print(f"quality: {arguments.myna} is not there; build it first", file=sys.stderr)
        return 2
    try:
        with tempfile.TemporaryDirectory() as scratch:
            directory = arguments.keep or pathlib.Path(scratch)
            directory.mkdir(parents=True, exist_ok=True)
            sentences, myna, ort = measure(arguments, directory)
    except (QualityError, ProgramError, DataError, python_env.SetupError, OSError, ValueError) as error:
        print(f"quality: {error}", file=sys.stderr)
        return 2
    print(render(sentences, myna, ort))
    results = verdicts(myna, ort)
    for text, passed in results:
        print(f"{'pass' if passed else 'FAIL'}  {text}")
    return 0 if all(passed for _, passed in results) else 1


if __name__ == "__main__":
    sys.exit(main())
