#!/usr/bin/env python3
"""Puts the trained models together as models/pronunciation-en, from which `myna models pull
pronunciation-en` installs them.

    package_models.py --spelling spelling.safetensors --tagger tagger.npz --homographs homographs.npz
                      --readings homograph_readings.tsv [--out models/pronunciation-en]
"""

import argparse
import shutil
from pathlib import Path

import numpy as np
from safetensors.numpy import save_file

from sentences import kind_of

ROOT = Path(__file__).resolve().parent.parent.parent
ROW = 32  # tags a row of the tagger's tables has room for


def table(weights):
    """[buckets, tags] to rows of ROW, the first tag in column 1 (0 stands for no token)."""
    rows = np.zeros((len(weights), ROW), np.int8)
    rows[:, 1 : 1 + weights.shape[1]] = weights
    return rows


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    for name in ("spelling", "tagger", "homographs", "readings"):
        parser.add_argument(f"--{name}", type=Path)
    parser.add_argument("--out", type=Path, default=ROOT / "models" / "pronunciation-en")
    arguments = parser.parse_args()
    arguments.out.mkdir(parents=True, exist_ok=True)
    if arguments.spelling:
        shutil.copyfile(arguments.spelling, arguments.out / "spelling.safetensors")
    if arguments.tagger:
        tagger = np.load(arguments.tagger)
        save_file(
            {"first": table(tagger["first"]), "second": table(tagger["second"])},
            arguments.out / "tagger.safetensors",
        )
    if arguments.homographs:
        model = np.load(arguments.homographs)
        lines = []
        for line in arguments.readings.read_text(encoding="utf-8").splitlines():
            word, reading, american, british = line.split("\t")
            lines.append("\t".join((word, reading, kind_of(word, reading), american, british)))
        save_file(
            {
                "weights": model["weights"],
                "strengths": np.array([model["topic"], model["kind"]], np.float32),
            },
            arguments.out / "homographs.safetensors",
            {"readings": "\n".join(lines)},
        )


if __name__ == "__main__":
    main()
