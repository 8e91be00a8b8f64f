#!/usr/bin/env python3
"""Measures a tier's controls on its output: are they what was asked for?

  controls.py [--myna build/release/bin/myna] [--tier flash] [--voices heart,michael,emma] [--out FILE]

Pitch by -4 to +4 semitones (median of F0 over that of the same frames without, within 5 %), rate 0.5
to 2 (duration within 2 % of what the rate says, silences around the sentence left out), range 0.5
and 1.6 (spread of log F0: direction and at least half of the change), effort of -6 and +6 dB (level by 2
to 6). F0 comes from an autocorrelation tracker in numpy that knows nothing of the engine
(tools/eval/speech_measures.py). Exit status 1 when something is missed. Environment: quality.
"""

import argparse
import json
import math
import pathlib
import subprocess
import sys
import tempfile

import numpy as np

REPOSITORY = pathlib.Path(__file__).resolve().parents[2]
sys.path[:0] = [str(REPOSITORY / "tools" / "eval")]

import audio  # noqa: E402
import speech_measures  # noqa: E402

TEXT = ("The hogs were fed chopped corn and garbage while a large size in stockings is hard to sell, "
        "and the boy was there when the sun rose over the long and narrow road.")
PITCH_TOLERANCE, DURATION_TOLERANCE = 0.05, 0.02
SEMITONES, RATES = (-4, -2, 2, 4), (0.5, 0.75, 1.5, 2.0)


class Tier:
    def __init__(self, arguments, directory):
        self.arguments, self.directory = arguments, pathlib.Path(directory)

    def speak(self, voice, text, *options):
        path = self.directory / "control.wav"
        command = [self.arguments.myna, "say", "--text", text, "-o", path, "--tier", self.arguments.tier,
                   "--voice", voice, "--loudness", "off", "--quiet", *options]
        result = subprocess.run([str(part) for part in command], capture_output=True, text=True)
        if result.returncode != 0:
            raise OSError(f"{' '.join(map(str, command))}\n{result.stderr.strip()}")
        return audio.read_wav(path)

    def prosody(self, voice, **attributes):
        inside = " ".join(f'{name}="{value}"' for name, value in attributes.items())
        return self.speak(voice, f"<speak><prosody {inside}>{TEXT}</prosody></speak>")

    def styled(self, voice, **recipe):
        styles = self.directory / "styles.json"
        table = {"format": "myna-styles", "version": 1,
                 "styles": {"measured": {"description": "One control alone", **recipe}}}
        styles.write_text(json.dumps(table), encoding="utf-8")
        return self.speak(voice, TEXT, "--styles", styles, "--style", "measured")


def voiced_pair(a, b):
    """F0 of the frames that are voiced in both; the recordings have the same durations."""
    first, second = (speech_measures.pitch_hz(*sound) for sound in (a, b))
    count = min(len(first), len(second))
    first, second = first[:count], second[:count]
    both = np.isfinite(first) & np.isfinite(second)
    return first[both], second[both]


def spread(sound):
    pitch = speech_measures.pitch_hz(*sound)
    semitones = 12 * np.log2(pitch[np.isfinite(pitch)])
    return float(np.subtract(*np.percentile(semitones, [90, 10])))


def level_db(sound):
    return float(10 * np.log10(np.mean(np.square(sound[0], dtype=np.float64)) + 1e-12))


def measure(tier, voice):
    rows = []

    def add(control, asked, found, passed):
        rows.append({"voice": voice, "control": control, "asked": asked, "found": found, "passed": bool(passed)})

    plain = tier.speak(voice, f"<speak>{TEXT}</speak>")
    for semitones in SEMITONES:
        before, after = voiced_pair(plain, tier.prosody(voice, pitch=f"{semitones:+d}st"))
        factor = float(np.median(after / before)) if len(before) > 20 else float("nan")
        wanted = 2 ** (semitones / 12)
        add("pitch", f"{semitones:+d} st", f"{12 * np.log2(factor):+.2f} st",
            abs(factor / wanted - 1) <= PITCH_TOLERANCE)
    length = speech_measures.pauses_s(*plain)[1]
    for rate in RATES:
        factor = length / speech_measures.pauses_s(*tier.speak(voice, TEXT, "--speed", rate))[1]
        add("rate", f"{rate}", f"{factor:.3f}", abs(factor / rate - 1) <= DURATION_TOLERANCE)
    neutral_spread, neutral_level = spread(plain), level_db(plain)
    for factor in (0.5, 1.6):
        found = spread(tier.styled(voice, pitch_range=factor)) / neutral_spread
        add("range", f"{factor}", f"{found:.2f}", (found - 1) / (factor - 1) >= 0.5)
    for effort in (-6, 6):
        change = level_db(tier.styled(voice, effort_db=effort)) - neutral_level
        add("effort", f"{effort:+d} dB", f"{change:+.1f} dB", 2 <= math.copysign(change, change * effort) <= 6)
    return rows


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--myna", default=REPOSITORY / "build/release/bin/myna", type=pathlib.Path)
    parser.add_argument("--tier", default="flash")
    parser.add_argument("--voices", default="heart,michael,emma")
    parser.add_argument("--out", type=pathlib.Path, help="rows as JSON")
    arguments = parser.parse_args()
    try:
        with tempfile.TemporaryDirectory() as directory:
            tier = Tier(arguments, directory)
            rows = [row for voice in arguments.voices.split(",") for row in measure(tier, voice)]
    except (OSError, ValueError) as error:
        print(f"controls: {error}", file=sys.stderr)
        return 2
    print("| voice | control | asked | found | |\n| --- | --- | --- | --- | --- |")
    for row in rows:
        print(f"| {row['voice']} | {row['control']} | {row['asked']} | {row['found']} | "
              f"{'pass' if row['passed'] else 'MISSED'} |")
    if arguments.out:
        arguments.out.write_text(json.dumps(rows, indent=1) + "\n", encoding="utf-8")
    return 0 if all(row["passed"] for row in rows) else 1


if __name__ == "__main__":
    sys.exit(main())
