#!/usr/bin/env python3
"""Measures how loud each voice speaks before normalisation, for src/voice/speaker_levels.cc.

    python3 -B tools/eval/measure_voice_loudness.py --myna build/release/bin/myna

Prints one line a voice: the integrated loudness (BS.1770-4, gated) of a short text in LUFS, mono as one
channel, as Myna's own meter takes it. Live output chooses its gain by these figures, because it cannot
measure what nobody has heard yet. Standard library only.
"""
import argparse
import array
import json
import math
import pathlib
import subprocess
import tempfile
import wave

TEXT = "The old clock struck seven, and nobody moved. We walked home in the rain."


def k_weighted(samples, rate):
    """The two filters of BS.1770-4, designed for any rate as libebur128 does."""
    def biquad(values, b, a):
        x1 = x2 = y1 = y2 = 0.0
        out = []
        for x in values:
            y = b[0] * x + b[1] * x1 + b[2] * x2 - a[1] * y1 - a[2] * y2
            x2, x1, y2, y1 = x1, x, y1, y
            out.append(y)
        return out

    k = math.tan(math.pi * 1681.974450955533 / rate)
    q, vh = 0.7071752369554196, 10 ** (3.999843853973347 / 20)
    vb = vh ** 0.4996667741545416
    a0 = 1 + k / q + k * k
    shelf = biquad(samples,
                   [(vh + vb * k / q + k * k) / a0, 2 * (k * k - vh) / a0, (vh - vb * k / q + k * k) / a0],
                   [1, 2 * (k * k - 1) / a0, (1 - k / q + k * k) / a0])
    k, q = math.tan(math.pi * 38.13547087602444 / rate), 0.5003270373238773
    a0 = 1 + k / q + k * k
    return biquad(shelf, [1, -2, 1], [1, 2 * (k * k - 1) / a0, (1 - k / q + k * k) / a0])


def integrated_lufs(samples, rate):
    weighted = k_weighted(samples, rate)
    block, hop = int(0.4 * rate), int(0.1 * rate)
    powers = [sum(v * v for v in weighted[at:at + block]) / block
              for at in range(0, len(weighted) - block + 1, hop)]
    powers = [p for p in powers if p > 0 and -0.691 + 10 * math.log10(p) > -70]
    gate = sum(powers) / len(powers) * 0.1
    kept = [p for p in powers if p > gate]
    return -0.691 + 10 * math.log10(sum(kept) / len(kept))


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--myna", default="build/release/bin/myna")
    parser.add_argument("--text", default=TEXT)
    parser.add_argument("--voices", nargs="*", help="ids; all without it")
    options = parser.parse_args()
    listed = json.loads(subprocess.run([options.myna, "voices", "--json"], check=True,
                                       capture_output=True).stdout)
    voices = listed["voices"] if isinstance(listed, dict) else listed
    for voice in options.voices or [entry["id"] for entry in voices]:
        with tempfile.TemporaryDirectory() as directory:
            path = pathlib.Path(directory) / "a.wav"
            subprocess.run([options.myna, "say", "--text", options.text, "-o", str(path), "--voice", voice,
                            "--loudness", "off", "-q"], check=True)
            with wave.open(str(path)) as file:
                samples = array.array("h", file.readframes(file.getnframes()))
                lufs = integrated_lufs([s / 32768 for s in samples], file.getframerate())
        print(f"{voice} {lufs:.1f}", flush=True)


if __name__ == "__main__":
    main()
