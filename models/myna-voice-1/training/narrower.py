#!/usr/bin/env python3
"""Version 0.4's package, made what version 0.5 begins with (docs/decisions/0041).

  narrower.py PACKAGE SHARD OUT

Of each block of the decoder the 384 of 512 hidden channels stay that give most to its sum on the utterances
of a shard; the mean of what goes is added to the bias. Of the head the rows of harmonics above 4 kHz go. Six
columns of zeros are added for the phase of the excitation. Kept as a record of how the weights came about.
Runs in the environment of tools/python/requirements-convert.txt.
"""

import json
import pathlib
import sys

import numpy as np

TOOLS = pathlib.Path(__file__).resolve().parents[3] / "tools"
sys.path[:0] = [str(TOOLS / "models"), str(TOOLS / "golden")]

import check_flash_spec  # noqa: E402
from safetensors_io import read_safetensors, write_safetensors  # noqa: E402

HIDDEN, OLD_BINS, BINS, NOISE_POINTS, WINDOWS, PHASES = 384, 134, 67, 51, 3, 6


class Observed(check_flash_spec.Model):
    """Tells of what the decoder's blocks have in their hidden channels."""

    def __init__(self, weights, observe):
        super().__init__(weights)
        self.observe = observe

    def linear(self, name, x):
        block, _, layer = name.rpartition(".")
        if layer == "down" and block.startswith("decoder."):
            self.observe(block, x)
        return super().linear(name, x)


def run_decoder(weights, shard, observe):
    model = Observed(weights, observe)
    for first, tokens, frame, frames, speaker in shard["utterances"]:
        ids, counts = shard["tokens"][first : first + tokens], shard["durations"][first : first + tokens]
        f0, energy = shard["f0"][frame : frame + frames], shard["energy"][frame : frame + frames]
        row = weights["speakers"][speaker]
        row = row + np.log2((tokens - 2) / 48) * weights["speaker_lengths"][speaker]
        condition = np.concatenate([row, np.zeros(4)]).astype(np.float32)
        text = model.blocks("text.blocks", weights["text.embedding"][ids], condition, 4)
        place = [np.stack([(np.arange(n) + 0.5) / n, np.full(n, np.log2(n) / 4)], 1) for n in counts]
        curves = np.stack([np.where(f0 >= 40, np.log2(np.maximum(f0, 40) / 200), 0), f0 >= 40, energy / 5], 1)
        x = np.concatenate([np.repeat(text, counts, 0), np.concatenate(place), curves], 1)
        x = model.linear("decoder.in", x.astype(np.float32))
        model.blocks("decoder.blocks", x, condition, 5)


def main():
    package, shard, out = (pathlib.Path(argument) for argument in sys.argv[1:])
    weights, metadata = read_safetensors(package / "voice.safetensors")
    sums = {}

    def observe(name, hidden):
        total = sums.setdefault(name, [0, 0, 0])
        total[0] += len(hidden)
        total[1] += hidden.sum(0)
        total[2] += (hidden**2).sum(0)

    run_decoder(weights, read_safetensors(shard)[0], observe)
    for name, (count, total, squares) in sums.items():
        up, down = weights[name + ".up.weight"], weights[name + ".down.weight"]
        mean = total / count
        given = (squares / count - mean**2) * (down**2).sum(0)
        kept = np.sort(np.argsort(given)[-HIDDEN:])
        gone = np.setdiff1d(np.arange(len(given)), kept)
        print(f"{name}: {given[gone].sum() / given.sum():.3f} of the variance goes")
        weights[name + ".down.bias"] = weights[name + ".down.bias"] + down[:, gone] @ mean[gone]
        weights[name + ".up.weight"], weights[name + ".down.weight"] = up[kept], down[:, kept]
        weights[name + ".up.bias"] = weights[name + ".up.bias"][kept]
    window = np.concatenate([np.arange(BINS), OLD_BINS + np.arange(BINS), 2 * OLD_BINS + np.arange(NOISE_POINTS)])
    rows = np.concatenate([w * (2 * OLD_BINS + NOISE_POINTS) + window for w in range(WINDOWS)])
    for name in ("decoder.head.weight", "decoder.head.bias"):
        weights[name] = weights[name][rows]
    weights["decoder.in.weight"] = np.pad(weights["decoder.in.weight"], ((0, 0), (0, PHASES)))
    out.mkdir(parents=True, exist_ok=True)
    weights = {name: np.ascontiguousarray(value, dtype=np.float32) for name, value in weights.items()}
    write_safetensors(out / "voice.safetensors", weights, metadata)
    card = json.loads((package / "parameters.json").read_text(encoding="utf-8"))
    card["decoder"]["hidden"] = HIDDEN
    (out / "parameters.json").write_text(json.dumps(card, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
