#!/usr/bin/env python3
"""Where the Flash decoder loses quality: its spectrum with parts of the teacher's in their place, by the raters of ratings.py.

  myna-train stages CHECKPOINT --utterance N --prosody teacher --out N.safetensors    # a few of them
  decoder_faults.py N.safetensors...

docs/decisions/0037, 0038, 0047 and 0048. Run in the environment of requirements-ratings.txt, with what ratings.py says of Distill-MOS; needs the model package
dnsmos.
"""

import argparse
import pathlib
import sys

import numpy as np

import audio
from ratings import make_raters, render

TOOLS = pathlib.Path(__file__).resolve().parents[1]
sys.path += [str(TOOLS / "models"), str(TOOLS / "golden")]

import check_flash_spec  # noqa: E402
from safetensors_io import read_safetensors  # noqa: E402

RATE, MARGIN = 24000, 450
VOCODER, WINDOWS, NOISE_GAIN = 400, 3, 12.2474  # docs/models/myna-voice-1.md, "Head"
SIZE, HOP = 1200, 300  # of the windows that mixtures are made in, one a frame
VOICED_HZ = 40
PERIODIC = 0.7  # correlation a period apart below which a voiced frame is creaky
HEARD_WINDOWS, HEARD_BINS = 3, 7  # of the vocoder's: over which the head's noise says a power


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


def correlation(samples, middle, period):
    """The highest of two periods around a place with the two that follow, by 92 to 108 % of a period; 1 where sound ends before."""
    width, best = round(2 * period), 0
    for lag in range(int(0.92 * period), int(1.08 * period) + 2):
        first = middle - (width + lag) // 2
        if first < 0 or first + width + lag > len(samples):
            return 1
        a, b = samples[first : first + width], samples[first + lag : first + lag + width]
        best = max(best, a @ b / np.sqrt(a @ a * (b @ b) + 1e-9))
    return best


def creaky_frames(samples, f0, energy):
    """Voiced, loud, and hardly periodic (the ends of phrases, vowels that begin a word), with a voiced frame on either side. The samples
    have a margin at both ends."""
    voiced = f0 >= VOICED_HZ
    found = np.zeros(len(f0), dtype=bool)
    for t in np.flatnonzero(voiced & (energy > energy.max() / 2)):
        middle = MARGIN + HOP * t + HOP // 2
        found[t] = correlation(samples, middle, RATE / f0[t]) < PERIODIC
    return voiced & (np.convolve(found, np.ones(3), "same") > 0)


def smoothed(power, windows, bins):
    """Means with Hann weights over so many of both, odd numbers."""
    for axis, count in enumerate((windows, bins)):
        weights = hann(count + 1)[1:]
        weights /= weights.sum()
        around = [(0, 0), (0, 0)]
        around[axis] = (count // 2, count // 2)
        padded, length = np.pad(power, around, mode="edge"), power.shape[axis]
        power = sum(weight * np.take(padded, range(i, i + length), axis) for i, weight in enumerate(weights))
    return power


def complex_normal(shape, rng):
    """Of variance 1."""
    return (rng.standard_normal(shape) + 1j * rng.standard_normal(shape)) / np.sqrt(2)


def noise_like(spectrum, rng):
    """Gaussian noise of its power, which is smoothed as the head's noise is. Of four draws that overlap a quarter of the power is left."""
    power = smoothed(np.abs(spectrum) ** 2, HEARD_WINDOWS, HEARD_BINS)
    return 2 * np.sqrt(power) * complex_normal(spectrum.shape, rng)


class Utterance:
    def __init__(self, path, seed):
        tensors, _ = read_safetensors(path)
        get = lambda name: np.asarray(tensors[name], dtype=np.float64).squeeze()  # noqa: E731
        f0, teacher = get("f0_hz"), get("audio")
        self.voiced = f0 >= VOICED_HZ
        unreached = MARGIN - (VOCODER - VOCODER // 4) // 2
        excitation = spectra(get("pulses")[unreached:-unreached], VOCODER)
        filtered = np.zeros_like(excitation)
        below = slice(check_flash_spec.HARMONIC_END)
        for t, (h, theta) in enumerate(zip(get("harmonic_log"), get("harmonic_phase"))):
            filtered[t, below] = check_flash_spec.harmonic_filter(h, theta) * excitation[t, below]
        level = NOISE_GAIN * np.exp(get("noise_log"))
        rng = np.random.default_rng(seed)
        noise = level * complex_normal(level.shape, rng)
        of_windows = lambda x: spectra(np.pad(overlapped(x, VOCODER), unreached), SIZE)  # noqa: E731
        self.teacher = spectra(teacher, SIZE)
        self.teacher_noise = of_windows(noise_like(spectra(teacher[unreached:-unreached], VOCODER), rng))
        self.creaky = creaky_frames(teacher, f0, get("energy"))
        self.harmonic = of_windows(filtered)
        self.noise = of_windows(noise)
        self.voiced_noise = of_windows(np.where(np.repeat(self.voiced, WINDOWS)[:, None], noise, 0))

    def with_noise(self, voiced, unvoiced):
        return self.harmonic + unvoiced * self.noise + (voiced - unvoiced) * self.voiced_noise

    def mixtures(self):
        voiced, creaky = self.voiced[:, None], self.creaky[:, None]
        hertz = np.arange(self.teacher.shape[1]) * RATE / SIZE
        teacher, model, noise = self.teacher, self.with_noise(1, 1), self.teacher_noise
        return {
            "the teacher": teacher,
            "the model": model,
            "with 0.8 of its voiced noise": self.with_noise(0.8, 1),
            "without noise": self.harmonic,
            "voiced frames of the teacher": np.where(voiced, teacher, model),
            "creaky frames of the teacher": np.where(creaky, teacher, model),
            "voiced frames but creaky ones of the teacher": np.where(voiced & ~creaky, teacher, model),
            "unvoiced frames of the teacher": np.where(voiced, model, teacher),
            "the teacher, its unvoiced frames as noise": np.where(voiced, teacher, noise),
            "the teacher, its creaky frames as noise": np.where(creaky, noise, teacher),
            "the teacher, its voiced frames as noise above 4 kHz": np.where(voiced & (hertz >= 4000), noise, teacher),
            "above 4 kHz of the teacher": np.where(hertz >= 4000, teacher, model),
            "1.5 to 4 kHz of the teacher": np.where((hertz >= 1500) & (hertz < 4000), teacher, model),
            "below 1.5 kHz of the teacher": np.where(hertz < 1500, teacher, model),
            "teacher's magnitudes, model's phases": turned(np.abs(teacher), model),
            "model's magnitudes, teacher's phases": turned(np.abs(model), teacher),
        }


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("stages", nargs="+", type=pathlib.Path)
    arguments = parser.parse_args()
    raters = make_raters(1)
    scores = {}
    for seed, path in enumerate(arguments.stages):
        for name, spectrum in Utterance(path, seed).mixtures().items():
            speech = audio.at_scoring_level(audio.to_speech_rate(sound(spectrum).astype(np.float32), RATE))
            scores.setdefault(name, []).append([rate(speech) for rate in raters.values()])
    print(render({name: np.array(found) for name, found in scores.items()}, raters))
    return 0


if __name__ == "__main__":
    sys.exit(main())
