"""Model packages and programs, as the tools that judge speech use them."""

import pathlib
import subprocess
import sys

sys.path.append(str(pathlib.Path(__file__).resolve().parents[1] / "setup"))

import python_env  # noqa: E402


class ProgramError(Exception):
    """What is missing or went wrong, and what to do."""


def find_package(name):
    directory = python_env.data_directory() / "models" / name
    if not directory.is_dir():
        raise ProgramError(f"the model package {name} is not installed; run: myna models pull {name}")
    return directory


def run_program(command, **options):
    """Its standard output."""
    result = subprocess.run(
        [str(part) for part in command], capture_output=True, text=True, **options
    )
    if result.returncode != 0:
        raise ProgramError(f"{' '.join(map(str, command))}\n{result.stderr.strip()}")
    return result.stdout
