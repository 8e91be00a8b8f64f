#!/usr/bin/env python3
"""A whole conversation by one call of `myna say`: levels, gaps, clipping, words, time.

    tools/eval/eval_dialogue.py --myna build/release/bin/myna [--script FILE] [--keep DIR] [--verbose]

Speaks examples/conversation.txt (two hosts, ten minutes) with a VTT of its speakers. Loudness is BS.1770 with
both gates, K-weighted in the frequency domain, over all that a speaker says; a gap is the time from the last word of a
turn to the first of the next. Whisper base hears the turns in stretches of up to 28 s. Exit status 1 when the speakers
differ by more than 1 LU, a sample is clipped, a turn lies under another or waits for more than 1.5 s, a speaker is
missing in the VTT, or more than 8 % of the words are wrong. Needs the python environment `quality` and whisper-base.
"""

import argparse
import itertools
import json
import pathlib
import re
import subprocess
import sys
import tempfile
import time

import numpy as np

REPOSITORY = pathlib.Path(__file__).resolve().parents[2]
sys.path[:0] = [str(REPOSITORY / "tools" / name) for name in ("quality", "setup")]

import audio  # noqa: E402
import python_env  # noqa: E402
import word_errors  # noqa: E402
from whisper_listener import WhisperListener  # noqa: E402

LEVEL_LIMIT_LU = 1.0
GAP_LIMITS_S = (0.0, 1.5)
WORD_ERROR_LIMIT = 8.0
WINDOW_S = 28


def k_gain(frequencies, rate):
    """|H|^2 of the two filters of BS.1770-4."""
    def response(b, a):
        z = np.exp(-2j * np.pi * frequencies / rate)
        return (b[0] + b[1] * z + b[2] * z**2) / (a[0] + a[1] * z + a[2] * z**2)

    k, q = np.tan(np.pi * 1681.974450955533 / rate), 0.7071752369554196
    vh = 10 ** (3.999843853973347 / 20)
    vb = vh**0.4996667741545416
    a0 = 1 + k / q + k * k
    shelf = response(
        np.array([vh + vb * k / q + k * k, 2 * (k * k - vh), vh - vb * k / q + k * k]) / a0,
        np.array([a0, 2 * (k * k - 1), 1 - k / q + k * k]) / a0,
    )
    k, q = np.tan(np.pi * 38.13547087602444 / rate), 0.5003270373238773
    a0 = 1 + k / q + k * k
    high = response(np.array([1.0, -2, 1]), np.array([a0, 2 * (k * k - 1), 1 - k / q + k * k]) / a0)
    return np.abs(shelf * high) ** 2


def loudness_lufs(samples, rate):
    block, hop = int(0.4 * rate), int(0.1 * rate)
    if len(samples) < block:
        return None
    gain = k_gain(np.fft.rfftfreq(block, 1 / rate), rate)
    powers = []
    for begin in range(0, len(samples) - block + 1, hop):
        spectrum = np.abs(np.fft.rfft(samples[begin : begin + block])) ** 2 * gain
        powers.append((2 * spectrum.sum() - spectrum[0] - spectrum[-1]) / block**2)
    powers = np.array(powers)
    powers = powers[powers > 10 ** ((-70 + 0.691) / 10)]
    powers = powers[powers > powers.mean() / 10]
    return -0.691 + 10 * np.log10(powers.mean())


def turns_of(words):
    """[(role, words)] of neighbours that one role speaks."""
    return [(role, list(group)) for role, group in itertools.groupby(words, key=lambda word: word["role"])]


def word_error_percent(samples, rate, turns, threads, data, verbose):
    listener = WhisperListener(python_env.data_directory() / "models" / "whisper-base", threads)
    normaliser = data / "whisper_norm" / "whisper" / "normalizers" / "english.json"
    spellings = word_errors.read_spellings(normaliser) if normaliser.exists() else {}
    stretches, current = [], []
    for _, words in turns:
        if current and words[-1]["end_s"] - current[0]["start_s"] > WINDOW_S:
            stretches.append(current)
            current = []
        current = current + words
    stretches.append(current)
    wrong = total = 0
    for stretch in stretches:
        begin, end = stretch[0]["start_s"] - 0.1, stretch[-1]["end_s"] + 0.2
        piece = samples[max(0, int(begin * rate)) : int(end * rate)]
        speech = audio.at_scoring_level(audio.to_speech_rate(piece, rate))
        expected = word_errors.normalised_words(" ".join(word["spoken"] for word in stretch), spellings)
        heard = word_errors.normalised_words(listener.hear(speech), spellings)
        mistakes = word_errors.errors(expected, heard)
        if verbose and mistakes:
            print(f"  {begin:.1f} s, {mistakes} wrong: {' '.join(heard)}\n    for {' '.join(expected)}")
        wrong += mistakes
        total += len(expected)
    return 100 * wrong / total, total


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--myna", type=pathlib.Path, required=True)
    parser.add_argument("--script", type=pathlib.Path, default=REPOSITORY / "examples" / "conversation.txt")
    parser.add_argument("--data", type=pathlib.Path, default=REPOSITORY.parent / "shared" / "data")
    parser.add_argument("--keep", type=pathlib.Path, help="leaves the sound and the VTT here")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--verbose", action="store_true", help="print what was heard wrongly, and odd gaps")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        directory = arguments.keep or pathlib.Path(scratch)
        directory.mkdir(parents=True, exist_ok=True)
        sound, captions = directory / "conversation.wav", directory / "conversation.vtt"
        started = time.monotonic()
        command = [arguments.myna, "say", arguments.script, "-o", sound, "--transcript", captions, "--json"]
        result = subprocess.run([str(part) for part in command], stdout=subprocess.PIPE, check=True)
        seconds = time.monotonic() - started
        report = json.loads(result.stdout)
        samples, rate = audio.read_wav(sound)
        vtt = captions.read_text(encoding="utf-8")
    turns = turns_of(report["words"])
    roles = sorted({role for role, _ in turns})
    problems = []
    length = len(samples) / rate
    print(f"{report['word_count']} words, {len(turns)} turns, {length / 60:.1f} minutes in {seconds:.0f} s "
          f"({length / seconds:.1f} x real time), most memory {report['peak_rss_bytes'] / 1e6:.0f} MB")
    levels = {}
    for role in roles:
        own = [samples[int(w[0]["start_s"] * rate) : int(w[-1]["end_s"] * rate)] for r, w in turns if r == role]
        levels[role] = loudness_lufs(np.concatenate(own), rate)
        print(f"{role}: {levels[role]:.1f} LUFS, {sum(map(len, own)) / rate:.0f} s, {len(own)} turns")
        if f"<v {role}>" not in vtt:
            problems.append(f"{role} is not in the VTT")
    apart = max(levels.values()) - min(levels.values())
    peak = 20 * np.log10(np.abs(samples).max())
    print(f"speakers {apart:.2f} LU apart (at most {LEVEL_LIMIT_LU}); whole {loudness_lufs(samples, rate):.1f} LUFS, "
          f"peak {peak:.1f} dBFS, {report['clipped_samples']} samples clipped")
    if apart > LEVEL_LIMIT_LU:
        problems.append("the speakers are not level")
    if report["clipped_samples"] or peak > -0.1:
        problems.append("clipping")
    gaps = np.array([b[1][0]["start_s"] - a[1][-1]["end_s"] for a, b in itertools.pairwise(turns)])
    print(f"gaps between turns: median {1000 * np.median(gaps):.0f} ms, {1000 * gaps.min():.0f} to "
          f"{1000 * gaps.max():.0f} ms; longest silence {audio.longest_silence_s(samples, rate):.2f} s")
    if gaps.min() < GAP_LIMITS_S[0] or gaps.max() > GAP_LIMITS_S[1]:
        problems.append("a turn comes too early or too late")
    if arguments.verbose:
        for gap, (a, b) in zip(gaps, itertools.pairwise(turns)):
            if not 0.05 <= gap <= 1.0:
                print(f"  {gap:.2f} s before {b[0]} at {b[1][0]['start_s']:.1f} s")
    spoken = re.findall(r"^<v ([^>]+)>", vtt, re.MULTILINE)
    print(f"VTT: {len(spoken)} captions of {len(set(spoken))} speakers")
    errors, total = word_error_percent(samples, rate, turns, arguments.threads, arguments.data, arguments.verbose)
    print(f"Whisper base: {errors:.2f} % of {total} words wrong (at most {WORD_ERROR_LIMIT:.0f} %)")
    if errors > WORD_ERROR_LIMIT:
        problems.append("Whisper does not understand it")
    for problem in problems:
        print(f"FAIL  {problem}")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
