#!/usr/bin/env python3
"""The weights between two packages of the same sizes (arXiv 2203.05482): version 0.8 of 0.6 and of 0.7, which goes on from it,
and 0.9 of these and of what goes on from 0.7.

  average.py PACKAGE OTHER SHARE OUT

SHARE, 0 to 1, is the other's; OUT gets its card. Kept as a record of how the weights came about (docs/decisions/0043, 0044).
Runs in the environment of tools/python/requirements-convert.txt.
"""

import pathlib
import shutil
import sys

TOOLS = pathlib.Path(__file__).resolve().parents[3] / "tools"
sys.path[:0] = [str(TOOLS / "models")]

from safetensors_io import read_safetensors, write_safetensors  # noqa: E402


def main():
    if len(sys.argv) != 5:
        sys.exit(__doc__)
    package, other, out = (pathlib.Path(sys.argv[i]) for i in (1, 2, 4))
    share = float(sys.argv[3])
    weights, _ = read_safetensors(package / "voice.safetensors")
    others, metadata = read_safetensors(other / "voice.safetensors")
    if {name: value.shape for name, value in weights.items()} != {name: value.shape for name, value in others.items()}:
        sys.exit(f"average.py: the weights of {package} and {other} differ in names or sizes")
    out.mkdir(parents=True, exist_ok=True)
    average = {name: ((1 - share) * value + share * others[name]).astype(value.dtype) for name, value in weights.items()}
    write_safetensors(out / "voice.safetensors", average, metadata)
    shutil.copy(other / "parameters.json", out)


if __name__ == "__main__":
    main()
