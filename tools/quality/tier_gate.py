#!/usr/bin/env python3
"""The gate of the Flash voice: it against Studio, voice by voice, on sentences that it has not seen.

  tier_gate.py [--myna build/release/bin/myna] [--data ../shared/data] [--voices heart,emma]
               [--sentences 50] [--out gate.json] [--studio-from gate.json] [--keep DIR]

Harvard sentences, which the training texts leave out (tools/teacher/corpus.py). Whisper base counts
word errors in passages of 28 s, DNSMOS rates each sentence, all at one level. Passes, with exit status 0, when in every
voice the word error rate is within a point of Studio's and DNSMOS overall within 0.10. Without
--voices all 28, which takes hours. Run in the environment of requirements-quality.txt; needs the
model packages kokoro-82m, myna-voice-1, lexicon-en, whisper-base, dnsmos. An interrupted run goes on
where it stopped, with the same --out; --studio-from takes Studio's figures from an earlier run's
file (models/myna-voice-1/training/gate.json) where it has as many sentences, and measures Flash alone.
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
PASSAGE_S, PAUSE_S = 28.0, 0.5
TIERS = ("studio", "flash")


class GateError(Exception):
    pass


class Judge:
    def __init__(self, data, threads):
        self.listener = WhisperListener(find_package("whisper-base"), threads)
        self.dnsmos = Dnsmos(find_package("dnsmos"), threads)
        normaliser = data / "whisper_norm" / "whisper" / "normalizers" / "english.json"
        self.spellings = word_errors.read_spellings(normaliser)

    def count_errors(self, sentences, speeches):
        """(words, errors) of sentences that are heard as one passage."""
        pause = np.zeros(int(PAUSE_S * audio.SPEECH_RATE_HZ), np.float32)
        heard = self.listener.hear(np.concatenate([part for speech in speeches for part in (speech, pause)]))
        expected = word_errors.normalised_words(" ".join(sentences), self.spellings)
        return len(expected), word_errors.errors(expected, word_errors.normalised_words(heard, self.spellings))

    def score(self, sentences, recordings):
        speeches = [audio.at_scoring_level(audio.to_speech_rate(*recording)) for recording in recordings]
        words = errors = 0
        for passage in passages([len(speech) / audio.SPEECH_RATE_HZ for speech in speeches]):
            found = self.count_errors(sentences[passage], speeches[passage])
            words, errors = words + found[0], errors + found[1]
        return {
            "word_error_percent": 100 * errors / max(1, words),
            "dnsmos": float(np.mean([self.dnsmos.overall(speech) for speech in speeches])),
            "faults": sum(len(audio.faults(*recording)) for recording in recordings),
        }


def passages(lengths_s):
    """Slices of neighbours that fit into what Whisper hears at once."""
    begin, sum_s = 0, 0.0
    for index, length_s in enumerate(lengths_s):
        if index > begin and sum_s + length_s + PAUSE_S > PASSAGE_S:
            yield slice(begin, index)
            begin, sum_s = index, 0.0
        sum_s += length_s + PAUSE_S
    if begin < len(lengths_s):
        yield slice(begin, len(lengths_s))


def measure_voice(arguments, judge, voice, spoken, directory, known):
    """known: figures of tiers that need no measurement."""
    found = dict(known)
    for tier in TIERS:
        if tier in known:
            continue
        recordings = []
        for index, sentence in enumerate(spoken):
            path = directory / f"{voice}-{index:02}-{tier}.wav"
            run_program([arguments.myna, "say", "--text", sentence, "-o", path, "--voice", voice,
                      "--tier", tier, "--threads", arguments.threads, "--quiet"])
            recordings.append(audio.read_wav(path))
        found[tier] = judge.score(spoken, recordings)
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


def stored_figures(path, sentences):
    if not path or not path.exists():
        return {}
    stored = json.loads(path.read_text(encoding="utf-8"))
    return {name: found for name, found in stored["voices"].items() if found["sentences"] == sentences}


def gate(arguments, directory):
    judge = Judge(arguments.data, arguments.threads)
    names = [v["name"] for v in
             json.loads(run_program([arguments.myna, "voices", "--tier", "flash", "--json"]))]
    wanted = arguments.voices.split(",") if arguments.voices else names
    if set(wanted) - set(names):
        raise GateError(f"no voice is called {', '.join(sorted(set(wanted) - set(names)))}")
    spoken = texts.unheard_sentences(arguments.data, arguments.sentences)
    voices = stored_figures(arguments.out, len(spoken))
    earlier = stored_figures(arguments.studio_from, len(spoken))
    for voice in wanted:
        if voice not in voices:
            known = {"studio": earlier[voice]["studio"]} if voice in earlier else {}
            voices[voice] = measure_voice(arguments, judge, voice, spoken, directory, known)
        print(render({voice: voices[voice]}).splitlines()[-1], file=sys.stderr, flush=True)
        if arguments.out:
            arguments.out.write_text(json.dumps({"voices": voices}, indent=1) + "\n", encoding="utf-8")
    return {voice: voices[voice] for voice in wanted}


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--myna", default=REPOSITORY / "build/release/bin/myna", type=pathlib.Path)
    parser.add_argument("--data", default=REPOSITORY.parent / "shared/data", type=pathlib.Path)
    parser.add_argument("--voices", default="", help="with commas between; all without it")
    parser.add_argument("--sentences", type=int, default=texts.GATE_SENTENCES)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--out", type=pathlib.Path, help="figures as JSON; goes on with what is there")
    parser.add_argument("--studio-from", type=pathlib.Path, help="an earlier run's figures, for Studio's half")
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
