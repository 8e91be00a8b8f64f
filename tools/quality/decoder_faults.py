#!/usr/bin/env python3
"""Where the Flash decoder loses quality: its spectrum with parts of the teacher's in their place, by DNSMOS.

  myna-train stages CHECKPOINT --utterance N --prosody teacher --out N.safetensors    # a few of them
  decoder_faults.py N.safetensors...

docs/decisions/0037 and 0038. Run in the environment of
requirements-quality.txt; needs the model package dnsmos.
"""

import argparse
import pathlib
import sys

import numpy as np

import audio
from dnsmos import Dnsmos
from programs import find_package

TOOLS = pathlib.Path(__file__).resolve().parents[1]
sys.path += [str(TOOLS / "models"), str(TOOLS / "golden")]

import check_flash_spec  # noqa: E402
from safetensors_io import read_safetensors  # noqa: E402

RATE, MARGIN = 24000, 450
VOCODER, WINDOWS, NOISE_GAIN = 400, 3, 12.2474  # docs/models/myna-voice-1.md, "Head"
SIZE = 1200  # of the windows that mixtures are made in
VOICED_NOISE, UNVOICED_NOISE = 0.6, 0.7


def hann(size):
    return 0.5 - 0.5 * np.cos(2 * np.pi * np.arange(size) / size)


def spectra(signal, size):
    """Of windows a quarter of their size apart, from the signal's first sample on."""
    starts = size // 4 * np.arange((len(signal) - size) // (size // 4) + 1)[:, None]
    return np.fft.rfft(signal[starts + np.arange(size)] * hann(size))


def overlapped(spectrum, size):
    hop = size // 4
    samples = np.zeros(hop * (len(spectrum) - 1) + size)
    for t, piece in enumerate(np.fft.irfft(spectrum, size) * hann(size) / 1.5):
        samples[hop * t : hop * t + size] += piece
    return samples


def sound(spectrum):
    return overlapped(spectrum, SIZE)[MARGIN:-MARGIN]


def turned(magnitude, like):
    return magnitude * np.exp(1j * np.angle(like))


class Utterance:
    def __init__(self, path, seed):
        tensors, _ = read_safetensors(path)
        get = lambda name: np.asarray(tensors[name], dtype=np.float64).squeeze()  # noqa: E731
        self.f0 = get("f0_hz")
        voiced = np.repeat(self.f0 >= 40, WINDOWS)[:, None]
        unreached = MARGIN - (VOCODER - VOCODER // 4) // 2
        excitation = spectra(get("pulses")[unreached:-unreached], VOCODER)
        filtered = np.zeros_like(excitation)
        below = slice(check_flash_spec.HARMONIC_END)
        for t, (h, theta) in enumerate(zip(get("harmonic_log"), get("harmonic_phase"))):
            filtered[t, below] = check_flash_spec.harmonic_filter(h, theta) * excitation[t, below]
        level = NOISE_GAIN * np.exp(get("noise_log"))
        rng = np.random.default_rng(seed)
        noise = level * (rng.standard_normal(level.shape) + 1j * rng.standard_normal(level.shape)) / np.sqrt(2)
        of_windows = lambda x: spectra(np.pad(overlapped(x, VOCODER), unreached), SIZE)  # noqa: E731
        self.teacher = spectra(get("audio"), SIZE)
        self.harmonic = of_windows(filtered)
        self.noise = of_windows(noise)
        self.voiced_noise = of_windows(np.where(voiced, noise, 0))

    def with_noise(self, voiced, unvoiced):
        return self.harmonic + unvoiced * self.noise + (voiced - unvoiced) * self.voiced_noise

    def mixtures(self):
        voiced = (self.f0 >= 40)[:, None]
        hertz = np.arange(self.teacher.shape[1]) * RATE / SIZE
        teacher, model = self.teacher, self.with_noise(VOICED_NOISE, UNVOICED_NOISE)
        return {
            "the teacher": teacher,
            "the model": model,
            "all of its noise": self.with_noise(1, 1),
            "without noise": self.harmonic,
            "voiced frames of the teacher": np.where(voiced, teacher, model),
            "unvoiced frames of the teacher": np.where(voiced, model, teacher),
            "above 4 kHz of the teacher": np.where(hertz >= 4000, teacher, model),
            "below 1 kHz of the teacher": np.where(hertz < 1000, teacher, model),
            "below 500 Hz of the teacher": np.where(hertz < 500, teacher, model),
            "teacher's magnitudes, model's phases": turned(np.abs(teacher), model),
            "model's magnitudes, teacher's phases": turned(np.abs(model), teacher),
        }


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("stages", nargs="+", type=pathlib.Path)
    arguments = parser.parse_args()
    dnsmos = Dnsmos(find_package("dnsmos"), 1)
    scores = {}
    for seed, path in enumerate(arguments.stages):
        utterance = Utterance(path, seed)
        for name, spectrum in utterance.mixtures().items():
            speech = audio.at_scoring_level(audio.to_speech_rate(sound(spectrum).astype(np.float32), RATE))
            scores.setdefault(name, []).append(dnsmos.overall(speech))
    for name, found in scores.items():
        print(f"{name:42} {np.mean(found):.2f}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
