#!/usr/bin/env python3
"""What networks that rate speech think of WAV files: DNSMOS, PLCMOS and Distill-MOS, means and paired differences.

  ratings.py studio='DIR/heart-*-studio.wav' flash='DIR/heart-*-flash.wav' [--threads 2] [--json FILE]

Files of a set are taken in the order of their names and compared with those of the first set one by one, so sets must
be as large as each other. `tier_gate.py --keep DIR` and `bench/peers.py --wav DIR` write such files. All are brought to one level. DNSMOS is
the gate's; PLCMOS (arXiv 2305.15127) was trained on lost packets, Distill-MOS (arXiv 2502.05356) on listening tests of codecs and
synthesis, and nothing here is trained for either. Run in the environment of requirements-ratings.txt; needs the model package dnsmos. Distill-MOS
takes part where it can be imported:

  PYTHON -m pip install torch==2.13.0     # with what it depends on
  PYTHON -m pip install --no-deps distillmos==0.9.1 xls-r-sqa==0.1.0
"""

import argparse
import contextlib
import glob
import json
import pathlib
import sys
import types

import numpy as np

import audio
from programs import ProgramError, find_package


def distill_mos(threads):
    """A function of 16 kHz speech, or None where it is not installed."""
    # distillmos asks for it, for its command line alone.
    sys.modules.setdefault("torchaudio", types.ModuleType("torchaudio"))
    try:
        import distillmos
        import torch
    except ImportError as error:
        print(f"ratings: without Distill-MOS: {error}", file=sys.stderr)
        return None
    torch.set_num_threads(threads)
    torch.set_grad_enabled(False)
    with contextlib.redirect_stdout(sys.stderr):
        model = distillmos.ConvTransformerSQAModel()
    model.eval()
    return lambda speech: float(model(torch.from_numpy(speech.astype(np.float32))[None])[0])


def make_raters(threads):
    """Functions of 16 kHz speech at the level of audio.at_scoring_level, by name."""
    from speechmos import plcmos

    from dnsmos import SAMPLE_RATE_HZ, Dnsmos

    raters = {
        "DNSMOS": Dnsmos(find_package("dnsmos"), threads).overall,
        "PLCMOS": lambda speech: float(plcmos.run(np.clip(speech, -1, 1), SAMPLE_RATE_HZ)["plcmos"]),
    }
    distill = distill_mos(threads)
    return raters | ({"Distill-MOS": distill} if distill else {})


def read_sets(arguments):
    sets = {}
    for argument in arguments:
        name, _, pattern = argument.partition("=")
        paths = sorted(glob.glob(pattern))
        if name in sets:
            raise ProgramError(f"two sets are called {name!r}")
        if not paths:
            raise ProgramError(f"no file is like {pattern!r} (a set is NAME=PATTERN)")
        sets[name] = paths
    sizes = {len(paths) for paths in sets.values()}
    if len(sizes) > 1:
        raise ProgramError("sets differ in size: " + ", ".join(f"{name} {len(paths)}" for name, paths in sets.items()))
    return sets


def render(ratings, raters):
    names = list(ratings)
    lines = ["| | " + " | ".join(raters) + " |", "| --- " * (len(raters) + 1) + "|"]
    for name in names:
        cells = []
        for own, first in zip(ratings[name].T, ratings[names[0]].T):
            cell = f"{own.mean():.3f}"
            if name != names[0]:
                difference = own - first
                error = difference.std(ddof=1) / len(own) ** 0.5 if len(own) > 1 else np.inf
                cell += f" ({difference.mean():+.3f} ± {error:.3f})"
            cells.append(cell)
        lines.append(f"| {name} | " + " | ".join(cells) + " |")
    return "\n".join(lines)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("sets", nargs="+", metavar="NAME=PATTERN")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--json", type=pathlib.Path, help="the ratings of each file")
    arguments = parser.parse_args()
    try:
        sets = read_sets(arguments.sets)
        raters = make_raters(arguments.threads)
        ratings = {}
        for name, paths in sets.items():
            speeches = (audio.at_scoring_level(audio.to_speech_rate(*audio.read_wav(path))) for path in paths)
            ratings[name] = np.array([[rate(speech) for rate in raters.values()] for speech in speeches])
    except (ProgramError, OSError, ValueError) as error:
        print(f"ratings: {error}", file=sys.stderr)
        return 2
    if arguments.json:
        stored = {name: [dict(zip(raters, row)) for row in rows.tolist()] for name, rows in ratings.items()}
        arguments.json.write_text(json.dumps(stored, indent=1) + "\n", encoding="utf-8")
    print(render(ratings, raters))
    return 0


if __name__ == "__main__":
    sys.exit(main())
