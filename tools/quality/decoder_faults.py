#!/usr/bin/env python3
"""Where the Flash decoder loses quality: its spectrum with parts of the teacher's in their place, by DNSMOS.

  myna-train stages CHECKPOINT --utterance N --prosody teacher --out N.safetensors    # a few of them
  decoder_faults.py N.safetensors...

Also how near the phases of the lowest harmonics are to the teacher's: the mean cosine of the angle
between them, weighed with the teacher's magnitude. docs/decisions/0037. Run in the environment of
requirements-quality.txt; needs the model package dnsmos.
"""

import argparse
import pathlib
import sys

import numpy as np

import audio
from dnsmos import Dnsmos
from programs import find_package

sys.path.append(str(pathlib.Path(__file__).resolve().parents[1] / "models"))

from safetensors_io import read_safetensors  # noqa: E402

RATE, HOP, SIZE, MARGIN = 24000, 300, 1200, 450
HARMONIC_BINS, NOISE_GAIN = 401, 21.2132
WINDOW = 0.5 - 0.5 * np.cos(2 * np.pi * np.arange(SIZE) / SIZE)
VOICED_NOISE, UNVOICED_NOISE = 0.4, 0.7


def spectra(signal):
    starts = HOP * np.arange((len(signal) - (SIZE - HOP)) // HOP)[:, None]
    return np.fft.rfft(signal[starts + np.arange(SIZE)] * WINDOW)


def sound(spectrum):
    pieces = np.fft.irfft(spectrum, SIZE) * WINDOW / 1.5
    samples = np.zeros(HOP * len(pieces) + SIZE - HOP)
    for t, piece in enumerate(pieces):
        samples[HOP * t : HOP * t + SIZE] += piece
    return samples[MARGIN:-MARGIN]


def turned(magnitude, like):
    return magnitude * np.exp(1j * np.angle(like))


class Utterance:
    def __init__(self, path, seed):
        tensors, _ = read_safetensors(path)
        get = lambda name: np.asarray(tensors[name], dtype=np.float64).squeeze()  # noqa: E731
        self.f0 = get("f0_hz")
        self.teacher = spectra(get("audio"))
        excitation = spectra(get("pulses"))[:, :HARMONIC_BINS]
        filtered = np.exp(get("harmonic_log") + 1j * get("harmonic_phase")) * excitation
        self.harmonic = np.zeros_like(self.teacher)
        self.harmonic[:, :HARMONIC_BINS] = filtered
        self.noise_level = NOISE_GAIN * np.exp(get("noise_log"))
        rng = np.random.default_rng(seed)
        shape = self.teacher.shape
        self.noise = self.noise_level * (rng.standard_normal(shape) + 1j * rng.standard_normal(shape)) / np.sqrt(2)

    def mixtures(self):
        voiced = (self.f0 >= 40)[:, None]
        hertz = np.arange(self.teacher.shape[1]) * RATE / SIZE
        teacher, harmonic = self.teacher, self.harmonic
        model = harmonic + self.noise
        expected = np.sqrt(np.abs(harmonic) ** 2 + self.noise_level**2)
        return {
            "the teacher": teacher,
            "the model": model,
            "its noise at 0.4 and 0.7": harmonic + self.noise * np.where(voiced, VOICED_NOISE, UNVOICED_NOISE),
            "without noise": harmonic,
            "voiced frames of the teacher": np.where(voiced, teacher, model),
            "unvoiced frames of the teacher": np.where(voiced, model, teacher),
            "above 4 kHz of the teacher": np.where(hertz >= 4000, teacher, model),
            "below 1 kHz of the teacher": np.where(hertz < 1000, teacher, model),
            "below 500 Hz of the teacher": np.where(hertz < 500, teacher, model),
            "teacher's magnitudes, model's phases": turned(np.abs(teacher), model),
            "model's mean magnitudes, teacher's phases": turned(expected, teacher),
        }

    def cosines(self):
        """Pairs (sum of weighed cosines, sum of weights) of the harmonics 1 to 7 below 1.2 kHz."""
        found = np.zeros((7, 2))
        for t in range(2, len(self.f0) - 2):
            if (self.f0[t - 2 : t + 3] < 40).any():
                continue
            for h in range(1, 8):
                k = round(h * self.f0[t] * SIZE / RATE)
                if k > 60:
                    break
                x, y = self.teacher[t, k], self.harmonic[t, k]
                found[h - 1] += abs(x) * np.cos(np.angle(x) - np.angle(y)), abs(x)
        return found


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("stages", nargs="+", type=pathlib.Path)
    arguments = parser.parse_args()
    dnsmos = Dnsmos(find_package("dnsmos"), 1)
    scores, cosines = {}, np.zeros((7, 2))
    for seed, path in enumerate(arguments.stages):
        utterance = Utterance(path, seed)
        cosines += utterance.cosines()
        for name, spectrum in utterance.mixtures().items():
            speech = audio.at_scoring_level(audio.to_speech_rate(sound(spectrum).astype(np.float32), RATE))
            scores.setdefault(name, []).append(dnsmos.overall(speech))
    for name, found in scores.items():
        print(f"{name:42} {np.mean(found):.2f}")
    print("cosine of harmonics 1 to 7:", " ".join(f"{a / max(b, 1e-9):.2f}" for a, b in cosines))
    return 0


if __name__ == "__main__":
    sys.exit(main())
