#!/usr/bin/env python3
"""The gate of the Flash voice: it against Studio, voice by voice, on sentences that it has not seen.

  tier_gate.py [--myna build/release/bin/myna] [--data ../shared/data] [--voices heart,emma]
               [--sentences 50] [--out gate.json] [--keep DIR]

Harvard sentences, which the training texts leave out (tools/teacher/corpus.py). Whisper base counts
word errors, DNSMOS rates the sound, both at one level. Passes, with exit status 0, when in every
voice the word error rate is within a point of Studio's and DNSMOS overall within 0.10. Without
--voices all 28, which takes hours. Run in the environment of requirements-quality.txt; needs the
model packages kokoro-82m, myna-voice-1, lexicon-en, whisper-base, dnsmos. An interrupted run goes on
where it stopped, with the same --out.
"""

import argparse
import json
import pathlib
import sys
import tempfile

import numpy as np

import audio
import sentences as texts
import word_errors
from dnsmos import Dnsmos
from programs import ProgramError, find_package, run_program
from whisper_listener import WhisperListener

REPOSITORY = pathlib.Path(__file__).resolve().parents[2]
sys.path[:0] = [str(REPOSITORY / "tools" / "setup")]

import python_env  # noqa: E402

WORD_ERROR_MARGIN, DNSMOS_MARGIN = 1.0, 0.10
TIERS = ("studio", "flash")


class GateError(Exception):
    pass


class Judge:
    def __init__(self, data, threads):
        self.listener = WhisperListener(find_package("whisper-base"), threads)
        self.dnsmos = Dnsmos(find_package("dnsmos"), threads)
        normaliser = data / "whisper_norm" / "whisper" / "normalizers" / "english.json"
        self.spellings = word_errors.read_spellings(normaliser)

    def score(self, sentence, samples, rate):
        speech = audio.at_scoring_level(audio.to_speech_rate(samples, rate))
        heard = self.listener.hear(speech)
        expected = word_errors.normalised_words(sentence, self.spellings)
        errors = word_errors.errors(expected, word_errors.normalised_words(heard, self.spellings))
        return {"words": len(expected), "errors": errors, "dnsmos": self.dnsmos.overall(speech),
                "heard": heard, "faults": audio.faults(samples, rate)}


def summary(scores):
    return {
        "word_error_percent": 100 * sum(s["errors"] for s in scores) / max(1, sum(s["words"] for s in scores)),
        "dnsmos": float(np.mean([s["dnsmos"] for s in scores])),
        "faults": sum(len(s["faults"]) for s in scores),
    }


def measure_voice(arguments, judge, voice, spoken, directory):
    scores = {tier: [] for tier in TIERS}
    for index, sentence in enumerate(spoken):
        for tier in TIERS:
            path = directory / f"{voice}-{index:02}-{tier}.wav"
            run_program([arguments.myna, "say", "--text", sentence, "-o", path, "--voice", voice,
                      "--tier", tier, "--threads", arguments.threads, "--quiet"])
            scores[tier].append(judge.score(sentence, *audio.read_wav(path)))
    found = {tier: summary(scores[tier]) for tier in TIERS}
    found["sentences"] = len(spoken)
    return found


def verdict(found):
    worse = found["flash"]["word_error_percent"] - found["studio"]["word_error_percent"]
    drop = found["studio"]["dnsmos"] - found["flash"]["dnsmos"]
    return worse <= WORD_ERROR_MARGIN and drop <= DNSMOS_MARGIN and found["flash"]["faults"] == 0


def render(voices):
    lines = ["| voice | WER % Studio | Flash | DNSMOS Studio | Flash | faults | |",
             "| --- | --- | --- | --- | --- | --- | --- |"]
    for voice, found in voices.items():
        studio, flash = found["studio"], found["flash"]
        lines.append(
            f"| {voice} | {studio['word_error_percent']:.1f} | {flash['word_error_percent']:.1f} | "
            f"{studio['dnsmos']:.2f} | {flash['dnsmos']:.2f} | {flash['faults']} | "
            f"{'pass' if verdict(found) else 'FAIL'} |")
    return "\n".join(lines)


def gate(arguments, directory):
    judge = Judge(arguments.data, arguments.threads)
    names = [v["name"] for v in
             json.loads(run_program([arguments.myna, "voices", "--tier", "flash", "--json"]))]
    wanted = arguments.voices.split(",") if arguments.voices else names
    if set(wanted) - set(names):
        raise GateError(f"no voice is called {', '.join(sorted(set(wanted) - set(names)))}")
    spoken = texts.unheard_sentences(arguments.data, arguments.sentences)
    voices = {}
    if arguments.out and arguments.out.exists():
        stored = json.loads(arguments.out.read_text(encoding="utf-8"))
        voices = {name: found for name, found in stored["voices"].items()
                  if found["sentences"] == len(spoken)}
    for voice in wanted:
        if voice not in voices:
            voices[voice] = measure_voice(arguments, judge, voice, spoken, directory)
        print(render({voice: voices[voice]}).splitlines()[-1], file=sys.stderr, flush=True)
        if arguments.out:
            arguments.out.write_text(json.dumps({"voices": voices}, indent=1) + "\n", encoding="utf-8")
    return {voice: voices[voice] for voice in wanted}


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--myna", default=REPOSITORY / "build/release/bin/myna", type=pathlib.Path)
    parser.add_argument("--data", default=REPOSITORY.parent / "shared/data", type=pathlib.Path)
    parser.add_argument("--voices", default="", help="with commas between; all without it")
    parser.add_argument("--sentences", type=int, default=50)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--out", type=pathlib.Path, help="figures as JSON; goes on with what is there")
    parser.add_argument("--keep", type=pathlib.Path, help="keep the audio in this directory")
    arguments = parser.parse_args()
    try:
        with tempfile.TemporaryDirectory() as scratch:
            directory = arguments.keep or pathlib.Path(scratch)
            directory.mkdir(parents=True, exist_ok=True)
            voices = gate(arguments, directory)
    except (GateError, ProgramError, texts.DataError, python_env.SetupError, OSError, ValueError) as error:
        print(f"tier_gate: {error}", file=sys.stderr)
        return 2
    print(render(voices))
    passed = all(verdict(found) for found in voices.values())
    print(f"{'pass' if passed else 'FAIL'}  word errors at most +{WORD_ERROR_MARGIN} points, DNSMOS at "
          f"least -{DNSMOS_MARGIN} against Studio, no faults")
    return 0 if passed else 1


if __name__ == "__main__":
    sys.exit(main())
