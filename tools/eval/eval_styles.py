#!/usr/bin/env python3
"""What each speaking style does to the voice, measured against neutral.

    tools/eval/eval_styles.py --myna build/release/bin/myna [--data DIR] [--voices heart,michael]
                              [--styles a,b] [--sentences 24] [--markdown] [--keep DIR]

Sentences of Harvard lists and of LJSpeech's texts are spoken in threes, so that there are pauses to
measure. Pitch, its range, rate, pauses, level and brightness come from the sound
(speech_measures.py), the level from files without loudness normalisation; Whisper base counts word
errors and DNSMOS rates the sound, as in tools/quality. Exit status 1 when a style other than
whispering costs more than a point of word errors or 0.10 of DNSMOS over neutral, over all voices.
Needs the python environment `quality` and the model packages of tools/quality.
"""

import argparse
import json
import pathlib
import sys
import tempfile

import numpy as np

REPOSITORY = pathlib.Path(__file__).resolve().parents[2]
sys.path[:0] = [str(REPOSITORY / "tools" / name) for name in ("quality", "setup")]

import audio  # noqa: E402
import python_env  # noqa: E402
import sentences as texts  # noqa: E402
import word_errors  # noqa: E402
from dnsmos import Dnsmos  # noqa: E402
from programs import ProgramError, find_package, run_program  # noqa: E402
from speech_measures import Measures  # noqa: E402
from whisper_listener import WhisperListener  # noqa: E402

WORD_ERROR_MARGIN = 1.0  # points
DNSMOS_MARGIN = 0.10  # as between tiers of a voice (tools/quality/tier_gate.py)
SENTENCES_TOGETHER = 3
NEUTRAL = "neutral"
WITHOUT_LIMITS = ("whispering",)


class Listeners:
    def __init__(self, data, threads):
        self.whisper = WhisperListener(find_package("whisper-base"), threads)
        self.dnsmos = Dnsmos(find_package("dnsmos"), threads)
        normaliser = data / "whisper_norm" / "whisper" / "normalizers" / "english.json"
        self.spellings = word_errors.read_spellings(normaliser)


class Result:
    """Of one style, over one voice or all."""

    def __init__(self):
        self.measures = Measures()
        self.words = self.errors = 0
        self.dnsmos = []

    @property
    def word_error_percent(self):
        return 100 * self.errors / max(self.words, 1)


def speak(myna, passage, voice, style, path):
    command = [myna, "say", "--text", passage, "--voice", voice, "-o", path, "--json", "--loudness", "off"]
    if style != NEUTRAL:
        command += ["--style", style]
    return json.loads(run_program(command))["phonemes"]


def measure(arguments, listeners, passages, voice, style, results):
    for index, passage in enumerate(passages):
        path = arguments.directory / f"{style}-{voice}-{index:02}.wav"
        phonemes = speak(arguments.myna, passage, voice, style, path)
        samples, rate = audio.read_wav(path)
        speech = audio.at_scoring_level(audio.to_speech_rate(samples, rate))
        expected = word_errors.normalised_words(passage, listeners.spellings)
        heard = word_errors.normalised_words(listeners.whisper.hear(speech), listeners.spellings)
        dnsmos = listeners.dnsmos.overall(speech)
        for result in results:
            result.measures.add(samples, rate, phonemes)
            result.words += len(expected)
            result.errors += word_errors.errors(expected, heard)
            result.dnsmos.append(dnsmos)
        if arguments.verbose:
            wrong = word_errors.errors(expected, heard)
            if wrong:
                print(f"  {style} {voice} {index}: {wrong} errors: {' '.join(heard)}", file=sys.stderr)


COLUMNS = ("style", "voice", "pitch Hz", "range st", "phonemes/s", "pauses %", "level dB", "bright dB",
           "voiced %", "WER %", "DNSMOS")


def row(style, voice, result, neutral):
    def with_change(value, base, digits, sign=True):
        change = "" if style == NEUTRAL else f" ({value - base:+.{digits}f})"
        return f"{value:.{digits}f}{change}" if sign else f"{value:.{digits}f}"

    m, n = result.measures, neutral.measures
    semitones = "" if style == NEUTRAL else f" ({12 * np.log2(m.pitch_hz / n.pitch_hz):+.1f} st)"
    whispered = m.voiced_percent < 10  # there is no pitch to speak of
    return [
        style, voice,
        "-" if whispered else f"{m.pitch_hz:.0f}{semitones}",
        "-" if whispered else with_change(m.pitch_range_st, n.pitch_range_st, 1),
        with_change(m.phonemes_per_s, n.phonemes_per_s, 1),
        with_change(m.pause_percent, n.pause_percent, 1),
        with_change(m.level_db, n.level_db, 1),
        with_change(m.brightness_db, n.brightness_db, 1),
        f"{m.voiced_percent:.0f}",
        with_change(result.word_error_percent, neutral.word_error_percent, 1),
        with_change(float(np.mean(result.dnsmos)), float(np.mean(neutral.dnsmos)), 2),
    ]


def render(rows, markdown):
    table = [list(COLUMNS), *rows]
    widths = [max(len(line[i]) for line in table) for i in range(len(COLUMNS))]
    lines = []
    for number, line in enumerate(table):
        cells = [cell.ljust(width) for cell, width in zip(line, widths)]
        lines.append("| " + " | ".join(cells) + " |" if markdown else "  ".join(cells).rstrip())
        if markdown and number == 0:
            lines.append("|" + "|".join("-" * (width + 2) for width in widths) + "|")
    return "\n".join(lines)


def failures(totals):
    neutral = totals[NEUTRAL]
    found = []
    for style, result in totals.items():
        if style == NEUTRAL or style in WITHOUT_LIMITS:
            continue
        errors = result.word_error_percent - neutral.word_error_percent
        dnsmos = float(np.mean(result.dnsmos) - np.mean(neutral.dnsmos))
        if errors > WORD_ERROR_MARGIN:
            found.append(f"{style}: word errors {errors:+.2f} points (at most +{WORD_ERROR_MARGIN})")
        if dnsmos < -DNSMOS_MARGIN:
            found.append(f"{style}: DNSMOS {dnsmos:+.3f} (at least -{DNSMOS_MARGIN})")
    return found


def evaluate(arguments):
    listeners = Listeners(arguments.data, arguments.threads)
    spoken = texts.thirty_sentences(arguments.data)
    # Long and short ones in turn, so that each passage has both.
    spoken = [s for pair in zip(spoken[:20:2], spoken[1:20:2], spoken[20:]) for s in pair]
    spoken = spoken[: arguments.sentences]
    passages = [" ".join(spoken[i : i + SENTENCES_TOGETHER])
                for i in range(0, len(spoken), SENTENCES_TOGETHER)]
    known = [style["name"] for style in json.loads(run_program([arguments.myna, "styles", "--json"]))]
    styles = arguments.styles.split(",") if arguments.styles else known
    voices = arguments.voices.split(",")
    by_voice, totals = {}, {}
    for style in [NEUTRAL, *styles]:
        totals[style] = Result()
        for voice in voices:
            by_voice[style, voice] = Result()
            measure(arguments, listeners, passages, voice, style,
                    [by_voice[style, voice], totals[style]])
            if arguments.verbose:
                print("\t".join(row(style, voice, by_voice[style, voice], by_voice[NEUTRAL, voice])),
                      file=sys.stderr, flush=True)
    rows = [row(style, voice, result, by_voice[NEUTRAL, voice])
            for (style, voice), result in by_voice.items()]
    print(render(rows, arguments.markdown))
    print(f"\n{len(spoken)} sentences in {len(passages)} passages, voices {', '.join(voices)}")
    found = failures(totals)
    for line in found:
        print(f"FAIL  {line}")
    if not found:
        print(f"pass  word errors at most +{WORD_ERROR_MARGIN} points and DNSMOS at least "
              f"-{DNSMOS_MARGIN} against neutral ({', '.join(WITHOUT_LIMITS)} excepted)")
    return 1 if found else 0


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--myna", default=REPOSITORY / "build/release/bin/myna", type=pathlib.Path)
    parser.add_argument("--data", default=REPOSITORY.parent / "shared/data", type=pathlib.Path)
    parser.add_argument("--voices", default="heart,michael")
    parser.add_argument("--styles", default="", help="only these, with commas between")
    parser.add_argument("--sentences", type=int, default=24)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--markdown", action="store_true", help="the table as in docs/styles.md")
    parser.add_argument("--verbose", action="store_true", help="rows and misheard passages as they come")
    parser.add_argument("--keep", type=pathlib.Path, help="keep the audio in this directory")
    arguments = parser.parse_args()
    try:
        with tempfile.TemporaryDirectory() as scratch:
            arguments.directory = arguments.keep or pathlib.Path(scratch)
            arguments.directory.mkdir(parents=True, exist_ok=True)
            return evaluate(arguments)
    except (ProgramError, texts.DataError, python_env.SetupError, OSError, ValueError) as error:
        print(f"eval_styles: {error}", file=sys.stderr)
        return 2


if __name__ == "__main__":
    sys.exit(main())
