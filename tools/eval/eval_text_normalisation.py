#!/usr/bin/env python3
"""How much of the published text normalisation cases `myna phonemize` reads as their authors do.

    tools/eval/eval_text_normalisation.py --myna build/release/bin/myna [--data DIR] [--verbose]

The cases are those of NVIDIA's NeMo-text-processing (Apache-2.0): one `written~spoken` a line, in
files by class. A case is right when the written and the spoken form give the same phonemes, apart
from stress, punctuation marks and spaces; the figure with stress is printed beside. The published
readings put an "and" into some numbers ("one hundred and five"), which American newsreaders leave
out: with and without count as the same. In test_cases_normalize_with_audio.txt a line `~written`
opens a case and the lines behind it are all accepted; a case without any is left out.

Cases where a good newsreader would not follow the published reading are listed with the reason in
docs/decisions/0006-normaliser-readings.md, written as `written~spoken` in backquotes. They count
as wrong; the figure without them is printed beside.
"""

import argparse
import pathlib
import re
import subprocess
import sys
import unicodedata

REPOSITORY = pathlib.Path(__file__).resolve().parents[2]
WITH_AUDIO = "test_cases_normalize_with_audio.txt"


def read_cases(path):
    """A list of (written, [accepted spoken forms])."""
    cases = []
    for line in path.read_text(encoding="utf-8").splitlines():
        if path.name == WITH_AUDIO:
            if line.startswith("~"):
                cases.append((line[1:], []))
            elif cases and line:
                cases[-1][1].append(line)
        elif "~" in line:
            written, spoken = line.split("~", 1)
            cases.append((written, spoken.split("~")))
    return [(written, spoken) for written, spoken in cases if spoken]


def phonemize(myna, lines, dialect_options):
    """One phoneme string for each line, from one run of the program."""
    answer = subprocess.run(
        [myna, "phonemize", *dialect_options],
        input="".join(line + "\n" for line in lines),
        capture_output=True, text=True, encoding="utf-8", check=False)
    if answer.returncode != 0:
        sys.exit(f"{myna} phonemize failed: {answer.stderr.strip()}")
    phonemes = answer.stdout.split("\n")
    if len(phonemes) != len(lines) + 1:
        sys.exit(f"{len(lines)} lines went in, {len(phonemes) - 1} came out")
    return phonemes[:-1]


STRESS = "\u02c8\u02cc"


def sounds(phonemes):
    """The phonemes and stress marks alone."""
    return "".join(c for c in phonemes
                   if not c.isspace() and unicodedata.category(c)[0] not in "PZ")


def segments(phonemes):
    """The phonemes alone."""
    return sounds(phonemes).translate({ord(mark): None for mark in STRESS})


def readings(spoken):
    """The published readings, and those of numbers without "and"."""
    return spoken + [shorter for shorter in
                     (re.sub(r"\b(hundred|thousand|million) and (?=[a-z])", r"\1 ", form)
                      for form in spoken) if shorter not in spoken]


def listed_exceptions(path):
    """`written~spoken` of every case that the decision names."""
    if not path.exists():
        return set()
    return set(re.findall(r"`([^`]*~[^`]*)`", path.read_text(encoding="utf-8")))


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("--myna", type=pathlib.Path,
                        default=REPOSITORY / "build/release/bin/myna", help="the program to ask")
    parser.add_argument("--data", type=pathlib.Path,
                        default=REPOSITORY / "../shared/data/tn_nemo", help="the folder of cases")
    parser.add_argument("--decision", type=pathlib.Path,
                        default=REPOSITORY / "docs/decisions/0006-normaliser-readings.md")
    parser.add_argument("--option", action="append", default=[], help="passed on to phonemize")
    parser.add_argument("--at-least", type=float, default=0.0,
                        help="fail below this percentage of all cases")
    parser.add_argument("--verbose", action="store_true", help="print the misses")
    arguments = parser.parse_args()

    files = sorted(arguments.data.glob("test_cases_*.txt"))
    if not files:
        sys.exit(f"{arguments.data} holds no test_cases_*.txt")
    cases = [(path.name, written, spoken)
             for path in files for written, spoken in read_cases(path)]
    cases = [(name, written, readings(spoken)) for name, written, spoken in cases]
    lines = []
    for _, written, spoken in cases:
        lines += [written, *spoken]
    answers = iter(phonemize(arguments.myna, lines, arguments.option))
    exceptions = listed_exceptions(arguments.decision)

    counts = {}  # file name: [right, all, misses that a decision explains, right with stress]
    for name, written, spoken in cases:
        ours = next(answers)
        accepted = [next(answers) for _ in spoken]
        count = counts.setdefault(name, [0, 0, 0, 0])
        count[1] += 1
        count[3] += any(sounds(ours) == sounds(answer) for answer in accepted)
        if any(segments(ours) == segments(answer) for answer in accepted):
            count[0] += 1
            continue
        explained = f"{written}~{spoken[0]}" in exceptions
        count[2] += explained
        if arguments.verbose:
            mark = "decided" if explained else "MISS"
            print(f"{mark:8}{name[11:-4]}: {written!r}\n          as {spoken[0]!r}\n"
                  f"          ours   {ours}\n          theirs {accepted[0]}")
    for name, (right, number, _, _) in counts.items():
        print(f"{name[11:-4]:25} {right:4} of {number:4}  {100 * right / number:6.1f} %")
    right, number, explained, stressed = (sum(column) for column in zip(*counts.values()))
    print(f"{'all':25} {right:4} of {number:4}  {100 * right / number:6.1f} %")
    print(f"{'without decided readings':25} {right:4} of {number - explained:4}  "
          f"{100 * right / (number - explained):6.1f} %")
    print(f"{'all, with the same stress':25} {stressed:4} of {number:4}  "
          f"{100 * stressed / number:6.1f} %")
    if 100 * right < arguments.at_least * number:
        sys.exit(f"below {arguments.at_least} %")


if __name__ == "__main__":
    main()
