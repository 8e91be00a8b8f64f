#!/usr/bin/env python3
"""Version 0.9's package, made what version 0.10 begins with (docs/decisions/0046).

  harmonics_above.py PACKAGE OUT

The head gets harmonics at every fourth bin from 4 to 8 kHz. Each begins as the one at 4 kHz, 10 dB less.
Kept as a record of how the weights came about. Runs in the environment of tools/python/requirements-convert.txt.
"""

import json
import pathlib
import sys

import numpy as np

TOOLS = pathlib.Path(__file__).resolve().parents[3] / "tools"
sys.path[:0] = [str(TOOLS / "models")]

from safetensors_io import read_safetensors, write_safetensors  # noqa: E402

BINS, POINTS, NOISE_POINTS, WINDOWS = 67, 16, 51, 3
LESS = np.float32(10 / 20 * np.log(10))


def main():
    package, out = (pathlib.Path(argument) for argument in sys.argv[1:])
    weights, metadata = read_safetensors(package / "voice.safetensors")
    last = np.full(POINTS, BINS - 1)
    window = np.concatenate(
        [np.arange(BINS), last, BINS + np.arange(BINS), BINS + last, 2 * BINS + np.arange(NOISE_POINTS)]
    )
    rows = np.concatenate([w * (2 * BINS + NOISE_POINTS) + window for w in range(WINDOWS)])
    for name in ("decoder.head.weight", "decoder.head.bias"):
        weights[name] = weights[name][rows]
    weights["decoder.head.bias"].reshape(WINDOWS, -1)[:, BINS : BINS + POINTS] -= LESS
    out.mkdir(parents=True, exist_ok=True)
    weights = {name: np.ascontiguousarray(value, dtype=np.float32) for name, value in weights.items()}
    write_safetensors(out / "voice.safetensors", weights, metadata)
    card = json.loads((package / "parameters.json").read_text(encoding="utf-8"))
    card["decoder"]["harmonic_points"] = POINTS
    (out / "parameters.json").write_text(json.dumps(card, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
