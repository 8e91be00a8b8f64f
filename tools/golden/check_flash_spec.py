#!/usr/bin/env python3
"""Runs docs/models/myna-voice-1.md in numpy and holds the trainer's stages against it.

    myna-train export CHECKPOINT --out DIR
    myna-train stages CHECKPOINT --utterance 0 --out stages.safetensors
    check_flash_spec.py DIR/voice.safetensors stages.safetensors

Written from the specification, not from the trainer's source: it shows that the page is enough to
reimplement the model. Prints the relative error of every stage; exit code 1 above 1e-3. Runs in the
environment of tools/python/requirements-convert.txt.
"""

import json
import struct
import sys

import numpy as np

TOLERANCE = 1e-3
HOP = 300
FFT, WINDOWS = 400, 3
MARGIN = (FFT - HOP // WINDOWS) // 2
HARMONIC_BINS, POINTS = 67, 51
HARMONIC_PLACES = np.concatenate([np.arange(HARMONIC_BINS), np.arange(70, 131, 4)])  # in bins
HARMONIC, HARMONIC_END = len(HARMONIC_PLACES), 134


def read(path):
    with open(path, "rb") as file:
        (size,) = struct.unpack("<Q", file.read(8))
        header = json.loads(file.read(size))
        body = file.read()
    header.pop("__metadata__", None)
    tensors = {}
    for name, entry in header.items():
        begin, end = entry["data_offsets"]
        values = np.frombuffer(body[begin:end], {"F32": "<f4", "I64": "<i8"}[entry["dtype"]])
        tensors[name] = values.reshape(entry["shape"]).astype(np.float64)
    return tensors


class Model:
    def __init__(self, weights):
        self.w = weights

    def linear(self, name, x):
        return x @ self.w[name + ".weight"].T + self.w[name + ".bias"]

    @staticmethod
    def norm(x):
        return (x - x.mean(1, keepdims=True)) / np.sqrt(x.var(1, keepdims=True) + 1e-5)

    def block(self, name, x, c, left):
        kernel = self.w[name + ".depthwise.weight"]
        padded = np.pad(x, ((left, len(kernel) - 1 - left), (0, 0)))
        a = self.w[name + ".depthwise.bias"] + sum(
            kernel[j] * padded[j : j + len(x)] for j in range(len(kernel))
        )
        gamma, beta = np.split(self.linear(name + ".film", c), 2)
        y = self.linear(name + ".up", self.norm(a) * (1 + gamma) + beta)
        y = 0.5 * y * (1 + np.tanh(np.sqrt(2 / np.pi) * (y + 0.044715 * y**3)))
        return x + self.linear(name + ".down", y)

    def blocks(self, name, x, c, left):
        i = 0
        while f"{name}.{i}.up.weight" in self.w:
            x = self.block(f"{name}.{i}", x, c, left)
            i += 1
        return x


def turns_at(f0, place):
    return np.interp(np.clip(place, 0, len(f0) - 1), np.arange(len(f0)), np.cumsum(f0 / 80))


def excitation(f0):
    n = np.arange(len(f0) * HOP)
    phase = turns_at(f0, (n + 0.5) / HOP - 0.5)
    pulses = np.zeros(len(n))
    for t, hz in enumerate(f0):
        if hz >= 40:
            part = slice(t * HOP, (t + 1) * HOP)
            harmonics = np.arange(1, int(8000 / hz) + 1)
            pulses[part] = np.cos(2 * np.pi * harmonics * phase[part, None]).sum(1)
    return pulses


def harmonic_filter(h, theta):
    """Of one window, at the bins below HARMONIC_END."""
    points = np.append(np.exp(h + 1j * theta), 0)
    return np.interp(np.arange(HARMONIC_END), np.append(HARMONIC_PLACES, HARMONIC_END), points)


def run(weights, golden):
    model = Model(weights)
    speaker = int(golden["speaker"][0])
    doublings = np.log2((len(golden["tokens"]) - 2) / 48)
    row = weights["speakers"][speaker] + doublings * weights["speaker_lengths"][speaker]
    c = np.concatenate([row, golden["controls"]])
    text = model.blocks("text.blocks", weights["text.embedding"][golden["tokens"].astype(int)], c, 4)
    yield "text", text
    v = model.linear("duration.out", model.norm(model.blocks("duration.blocks", text, c, 4)))[:, 0]
    yield "log_durations", v
    counts = np.maximum(1, np.rint(2**v)).astype(int)
    yield "frame_counts", counts
    place = np.concatenate(
        [np.stack([(np.arange(n) + 0.5) / n, np.full(n, np.log2(n) / 4)], 1) for n in counts]
    )
    frames = np.concatenate([np.repeat(text, counts, 0), place], 1)
    x = model.blocks("prosody.blocks", model.linear("prosody.in", frames), c, 4)
    log_f0, voiced, energy = model.linear("prosody.out", model.norm(x)).T
    yield "prosody.log_f0", log_f0
    yield "prosody.voiced", voiced
    yield "prosody.energy", energy
    f0 = np.where(voiced > 0, np.clip(200 * 2**log_f0, 50, 600), 0)
    yield "f0_hz", f0
    curves = np.stack([np.log2(np.where(f0 > 0, f0, 200) / 200), f0 > 0, energy], 1)
    middles = np.arange(len(f0))[:, None] + np.array([-1, 0, 1]) / WINDOWS
    angles = 2 * np.pi * turns_at(f0, middles)
    phases = np.stack([np.cos(angles), np.sin(angles)], 2).reshape(len(f0), 2 * WINDOWS)
    phases *= (f0 > 0)[:, None]
    x = model.linear("decoder.in", np.concatenate([frames, curves, phases], 1))
    x = model.norm(model.blocks("decoder.blocks", x, c, 5))
    head = model.linear("decoder.head", x).reshape(WINDOWS * len(x), 2 * HARMONIC + POINTS)
    h, theta = np.minimum(head[:, :HARMONIC], 7), head[:, HARMONIC : 2 * HARMONIC]
    yield "harmonic_log", h
    yield "harmonic_phase", theta
    bins, noise_places = np.arange(201), np.arange(0, 201, 4)
    yield "noise_log", np.minimum([np.interp(bins, noise_places, row) for row in head[:, 2 * HARMONIC :]], 7)
    pulses = np.pad(excitation(f0), MARGIN)
    yield "pulses", np.pad(pulses, 450 - MARGIN)  # the trainer has a wider margin
    window = 0.5 - 0.5 * np.cos(2 * np.pi * np.arange(FFT) / FFT)
    sound = np.zeros(len(pulses))
    for t in range(len(h)):
        part = slice(t * HOP // WINDOWS, t * HOP // WINDOWS + FFT)
        spectrum = np.zeros(FFT // 2 + 1, complex)
        spectrum[:HARMONIC_END] = np.fft.rfft(pulses[part] * window)[:HARMONIC_END]
        spectrum[:HARMONIC_END] *= harmonic_filter(h[t], theta[t])
        sound[part] += np.fft.irfft(spectrum) * window / 1.5
    samples = sound[MARGIN:-MARGIN]
    length = HOP * min(3, counts[-1])
    samples[-length:] *= np.arange(length - 1, -1, -1) / length
    yield "samples", samples


def main():
    if len(sys.argv) != 3:
        print(__doc__.strip(), file=sys.stderr)
        return 2
    weights, golden = read(sys.argv[1]), read(sys.argv[2])
    worst = 0.0
    for name, found in run(weights, golden):
        wanted = golden[name].reshape(found.shape)
        error = np.linalg.norm(found - wanted) / (np.linalg.norm(wanted) + 1e-12)
        worst = max(worst, error)
        print(f"{name:16} {error:.2e}")
    return 1 if worst > TOLERANCE else 0


if __name__ == "__main__":
    sys.exit(main())
