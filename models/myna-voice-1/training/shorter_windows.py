#!/usr/bin/env python3
"""A checkpoint whose frames had one window of 1200 samples, made one of three windows of 400 (docs/decisions/0038).

  shorter_windows.py OLD/step-N.safetensors RUN

The head's rows for each of the three windows are those of every third bin of the old one, weights and
the optimiser's state alike. Kept as a record of how the weights came about: the trainer goes on in
RUN. Runs in the environment of tools/python/requirements-convert.txt.
"""

import hashlib
import json
import pathlib
import re
import sys

import numpy as np

sys.path.append(str(pathlib.Path(__file__).resolve().parents[3] / "tools" / "models"))

from safetensors_io import read_safetensors, write_safetensors  # noqa: E402

OLD_BINS, BINS, NOISE_POINTS, WINDOWS = 401, 134, 51, 3


def main():
    old, run = pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2])
    tensors, metadata = read_safetensors(old)
    window = np.concatenate([3 * np.arange(BINS), OLD_BINS + 3 * np.arange(BINS),
                             2 * OLD_BINS + 2 * np.arange(NOISE_POINTS)])
    rows = np.tile(window, WINDOWS)
    for name, value in tensors.items():
        if "decoder.head" in name:
            tensors[name] = np.ascontiguousarray(value[rows])
    run.mkdir(parents=True, exist_ok=True)
    write_safetensors(run / old.name, tensors, metadata)
    latest = {"file": old.name, "sha256": hashlib.sha256((run / old.name).read_bytes()).hexdigest(),
              "step": int(re.search(r"step-(\d+)", old.name).group(1))}
    (run / "latest.json").write_text(json.dumps([latest]), encoding="utf-8")


if __name__ == "__main__":
    main()
