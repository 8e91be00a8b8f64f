#!/usr/bin/env python3
"""The weights between two packages of the same sizes (arXiv 2203.05482): version 0.8 of 0.6 and of 0.7, which goes on from it,
and 0.9 of these and of what goes on from 0.7.

  average.py PACKAGE OTHER SHARE OUT

SHARE, 0 to 1, is the other's; OUT gets its card. Kept as a record of how the weights came about (docs/decisions/0043, 0044).
Runs in the environment of tools/python/requirements-convert.txt.
"""

import argparse
import pathlib
import shutil
import sys

TOOLS = pathlib.Path(__file__).resolve().parents[3] / "tools"
sys.path[:0] = [str(TOOLS / "models")]

from safetensors_io import read_safetensors, write_safetensors  # noqa: E402


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("package", type=pathlib.Path)
    parser.add_argument("other", type=pathlib.Path)
    parser.add_argument("share", type=float)
    parser.add_argument("out", type=pathlib.Path)
    arguments = parser.parse_args()
    package, other, share, out = arguments.package, arguments.other, arguments.share, arguments.out
    if not 0 <= share <= 1:
        parser.error(f"the share is {share}, not within 0 and 1")
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
