#!/usr/bin/env python3
"""How loud the Flash voices' noise best is where they are voiced, voice by voice, by the raters of ratings.py.

  noise_levels.py PACKAGE [--levels 0.8,0.6,0.5] [--voices nicole,emma] [--sentences 12] [--write]

PACKAGE is what `myna-train export` writes. Noise stands for what the decoder cannot foretell, and in breathy voices its power is more
than the ear likes. A level is taken where the mean of all ratings is higher than at 1 by more than twice its standard error and no
rater hears 0.1 less; --write puts those into PACKAGE/parameters.json ("noise.voiced_of"). The sentences are Harvard's behind those of the gate, and
none was trained on. Environment and packages: ratings.py; also an installed myna-voice-1, whose card is taken.
"""

import argparse
import json
import os
import pathlib
import shutil
import sys
import tempfile

import numpy as np

import audio
import sentences as texts
from programs import ProgramError, find_package, run_program
from ratings import make_raters

REPOSITORY = pathlib.Path(__file__).resolve().parents[2]
sys.path.append(str(REPOSITORY / "tools" / "models"))

import package as packages  # noqa: E402


MOST_LOST, ERRORS = 0.1, 2.0
WEIGHTS = "voice.safetensors"


def best_level(ratings):
    """Of {level: [sentence, rater]}, 1 among them."""
    best, highest = 1.0, 0.0
    for level, rows in ratings.items():
        if level == 1:
            continue
        gains = rows - ratings[1.0]
        of_sentences = gains.mean(axis=1)
        error = of_sentences.std(ddof=1) / len(of_sentences) ** 0.5
        mean = of_sentences.mean()
        if mean > ERRORS * error and gains.mean(axis=0).min() > -MOST_LOST and mean > highest:
            best, highest = level, mean
    return best


def noise_of(parameters):
    """(what is for all voices, what is a voice's own)"""
    noise = dict(parameters.get("noise", {"unvoiced": 1.0, "voiced": 1.0}))
    own = noise.pop("voiced_of", {})
    return noise, own


def with_level(parameters, level):
    """The card's parameters with that level for every voice."""
    noise, _ = noise_of(parameters)
    return parameters | {"noise": noise | {"voiced": noise["voiced"] * level}}


def with_levels(parameters, levels):
    """With those of the named voices; the others keep theirs."""
    noise, own = noise_of(parameters)
    named = {voice: level for voice, level in (own | levels).items() if level != 1}
    return parameters | {"noise": noise | ({"voiced_of": named} if named else {})}


def make_home(package, parameters, directory):
    """A data directory whose myna-voice-1 is the package with other parameters, and all else the installed one's."""
    installed = find_package("myna-voice-1")
    own = directory / "models" / installed.name
    own.mkdir(parents=True)
    for path in installed.parent.iterdir():
        if path != installed:
            (own.parent / path.name).symlink_to(path)
    shutil.copy(package / WEIGHTS, own)
    (own / packages.PARAMETERS_NAME).write_text(json.dumps(parameters), encoding="utf-8")
    card = json.loads((installed / packages.CARD_NAME).read_text(encoding="utf-8"))
    packages.write_card(own, card, card["made_by"])


def rate(arguments, raters, home, voice, spoken, directory):
    rows = []
    for sentence in spoken:
        path = directory / "speech.wav"
        run_program(
            [arguments.myna, "say", "--text", sentence, "-o", path, "--voice", voice, "--tier", "flash", "--quiet",
             "--threads", arguments.threads],
            env=os.environ | {"MYNA_HOME": str(home)},
        )
        speech = audio.at_scoring_level(audio.to_speech_rate(*audio.read_wav(path)))
        rows.append([rater(speech) for rater in raters.values()])
        path.unlink()
    return np.array(rows)


def wanted_voices(parameters, names):
    """{name: voice}; all without names."""
    known = {voice.partition("_")[2]: voice for voice in parameters["voices"]}
    if names is None:
        return known
    unknown = [name for name in names.split(",") if name not in known]
    if unknown:
        raise ProgramError(f"--voices has {unknown[0]!r}, but the package's voices are " + ", ".join(known))
    return {name: voice for name, voice in known.items() if name in names.split(",")}


def measure(arguments, directory):
    card = arguments.package / packages.PARAMETERS_NAME
    if not card.is_file():
        raise ProgramError(f"{arguments.package} has no {card.name}; PACKAGE is what `myna-train export` writes")
    parameters = json.loads(card.read_text(encoding="utf-8"))
    voices = wanted_voices(parameters, arguments.voices)
    raters = make_raters(arguments.threads)
    spoken = texts.unheard_sentences(arguments.data, texts.GATE_SENTENCES + arguments.sentences)[texts.GATE_SENTENCES :]
    levels = [1.0, *arguments.levels]
    for level in levels:
        make_home(arguments.package, with_level(parameters, level), directory / str(level))
    chosen = {}
    print("| voice | level | " + " | ".join(raters) + " |", "| --- " * (len(raters) + 2) + "|", sep="\n")
    for name, voice in voices.items():
        found = {level: rate(arguments, raters, directory / str(level), name, spoken, directory) for level in levels}
        chosen[voice] = best_level(found)
        for level, rows in found.items():
            gains = rows - found[1.0] if level != 1 else rows
            mark = " (taken)" if level == chosen[voice] else ""
            print(f"| {name} | {level:g}{mark} | " + " | ".join(f"{mean:+.3f}" for mean in gains.mean(axis=0)) + " |", flush=True)
    if arguments.write:
        changed = with_levels(parameters, chosen)
        card.write_text(json.dumps(changed, indent=1, ensure_ascii=False, sort_keys=True) + "\n", encoding="utf-8")


def levels_of(text):
    try:
        levels = [float(level) for level in text.split(",")]
    except ValueError:
        levels = []
    if not levels or not all(0 <= level <= 4 for level in levels):
        raise argparse.ArgumentTypeError(f"{text!r} is not numbers from 0 to 4 with commas between")
    return levels


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("package", type=pathlib.Path)
    parser.add_argument("--levels", type=levels_of, default="0.8,0.6,0.5", help="0 to 4, with commas between; 1 is always among them")
    parser.add_argument("--voices", help="names with commas between; all")
    parser.add_argument("--sentences", type=int, default=12)
    parser.add_argument("--myna", type=pathlib.Path, default=REPOSITORY / "build/release/bin/myna")
    parser.add_argument("--data", type=pathlib.Path, default=REPOSITORY.parent / "shared" / "data")
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--write", action="store_true", help="into the package's parameters.json")
    arguments = parser.parse_args()
    if arguments.sentences < 2:
        parser.error("--sentences must be at least 2, as differences need an error")
    try:
        with tempfile.TemporaryDirectory() as directory:
            measure(arguments, pathlib.Path(directory))
    except (ProgramError, packages.PackageError, texts.DataError, OSError, ValueError, KeyError) as error:
        print(f"noise_levels: {error}", file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
