#!/usr/bin/env python3
"""Prints every figure of the text front end: `make eval-text`.

    tools/eval/run.py --myna build/release/bin/myna [NAME...]

Runs eval_NAME.py of this directory one after the other, all of them without NAME. Each prints its
figures with their targets and ends with status 1 when a target is missed; so does this. They read
shared data that is not part of the repository, and say so when it is not there.
"""

import argparse
import pathlib
import subprocess
import sys
import time

HERE = pathlib.Path(__file__).resolve().parent


def main():
    scripts = {path.stem.removeprefix("eval_"): path for path in sorted(HERE.glob("eval_*.py"))}
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("names", nargs="*", metavar="NAME", help=", ".join(scripts))
    parser.add_argument("--myna", default=HERE.parents[1] / "build/release/bin/myna")
    arguments = parser.parse_args()
    unknown = set(arguments.names) - set(scripts)
    if unknown:
        parser.error(f"no evaluation is called {', '.join(sorted(unknown))}; "
                     f"there are {', '.join(scripts)}")
    missed = []
    for name in arguments.names or scripts:
        print(f"== {name}", flush=True)
        begun = time.monotonic()
        status = subprocess.run(
            [sys.executable, scripts[name], "--myna", arguments.myna], check=False).returncode
        print(f"   ({time.monotonic() - begun:.0f} s)\n", flush=True)
        if status != 0:
            missed.append(name)
    if missed:
        sys.exit(f"missed a target or failed: {', '.join(missed)}")
    print("every target is met")


if __name__ == "__main__":
    main()
