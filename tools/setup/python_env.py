#!/usr/bin/env python3
"""Python environments for Myna's tools, one a requirements file, made once and then reused.

    python_env.py NAME     make (or find) the environment of tools/python/requirements-NAME.txt
                           and print the path of its interpreter

An environment lies in <data>/tools/python-NAME-<hash>, where the hash covers the requirements and
the Python version, so that a changed requirements file gives a new one. It counts as there only
when its marker file is: an interrupted set-up is made again from nothing. Requirements carry the
hash of every wheel and pip refuses what does not match. Standard library only.
"""

import fcntl
import hashlib
import os
import shutil
import subprocess
import sys
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[2]
MARKER = "complete"


class SetupError(Exception):
    """message says what failed, hint what to do."""

    def __init__(self, message, hint=""):
        super().__init__(message)
        self.message = message
        self.hint = hint


def data_directory():
    """Where Myna keeps what belongs to a person; the same rule as src/base/paths.cc."""
    for variable, suffix in (
        ("MYNA_HOME", ""),
        ("XDG_DATA_HOME", "myna"),
        ("HOME", ".local/share/myna"),
    ):
        value = os.environ.get(variable)
        if value:
            return Path(value) / suffix
    raise SetupError("no data directory", "set MYNA_HOME to a directory")


def base_interpreter():
    """(path, "3.11") of the Python that environments are made from: Debian's, whose version the
    pinned wheels are for; otherwise the running one."""
    for path in ("/usr/bin/python3", sys.executable):
        check = "import ensurepip, sys, venv; print('%d.%d' % sys.version_info[:2])"
        try:
            result = subprocess.run([path, "-c", check], capture_output=True, text=True)
        except OSError:
            continue
        if result.returncode == 0:
            return path, result.stdout.strip()
    raise SetupError("this Python cannot make environments", "install Debian's python3-venv")


def requirements_file(name):
    return REPOSITORY / "tools" / "python" / f"requirements-{name}.txt"


def environment_directory(name, data=None):
    requirements = requirements_file(name)
    try:
        content = requirements.read_bytes()
    except FileNotFoundError:
        raise SetupError(f"there is no {requirements.relative_to(REPOSITORY)}") from None
    _, version = base_interpreter()
    key = hashlib.sha256(version.encode() + b"\n" + content).hexdigest()[:12]
    return (data or data_directory()) / "tools" / f"python-{name}-{key}"


def interpreter(name, data=None):
    """The interpreter of an environment that is already there, otherwise None."""
    directory = environment_directory(name, data)
    return directory / "bin" / "python" if (directory / MARKER).exists() else None


def run(command, failure, hint):
    result = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True)
    if result.returncode != 0:
        lines = (result.stdout + result.stderr).strip().splitlines()
        tail = "\n".join([line for line in lines if "Retrying (Retry(" not in line][-12:])
        if "No space left" in tail:
            hint = "free some disk space and run the same command again"
        elif "THESE PACKAGES DO NOT MATCH THE HASHES" in tail:
            hint = (
                "the registry served a file that is not the pinned one; nothing of it was installed"
            )
        raise SetupError(f"{failure}\n{tail}", hint)


def ensure(name, data=None, report=lambda line: None):
    """Makes the environment unless it is there. Returns its interpreter. Safe against two at once."""
    found = interpreter(name, data)
    if found:
        return found
    directory = environment_directory(name, data)
    directory.parent.mkdir(parents=True, exist_ok=True)
    with open(directory.parent / "lock", "w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            report("another set-up is at work, waiting for it")
            fcntl.flock(lock, fcntl.LOCK_EX)
        found = interpreter(name, data)
        if found:
            return found
        for stale in directory.parent.glob(f"python-{name}-*"):
            shutil.rmtree(stale, ignore_errors=True)
        try:
            report(f"making the Python environment '{name}'")
            run(
                [base_interpreter()[0], "-m", "venv", str(directory)],
                "cannot make a Python environment",
                "install Debian's python3-venv",
            )
            python = directory / "bin" / "python"
            report(f"installing {requirements_file(name).relative_to(REPOSITORY)}")
            run(
                [
                    str(python),
                    "-m",
                    "pip",
                    "install",
                    "--quiet",
                    "--disable-pip-version-check",
                    "--no-input",
                    "--retries",
                    "5",
                    "--require-hashes",
                    # The file lists everything; a package may ask for more than it needs.
                    "--no-deps",
                    "--only-binary",
                    ":all:",
                    "-r",
                    str(requirements_file(name)),
                ],
                f"cannot install the Python packages of '{name}'",
                "check the network and pip's configuration, then run the same command again",
            )
            (directory / MARKER).touch()
        except BaseException:
            shutil.rmtree(directory, ignore_errors=True)
            raise
    return python


def main():
    if len(sys.argv) != 2 or sys.argv[1].startswith("-"):
        print(__doc__.strip(), file=sys.stderr)
        return 2
    try:
        print(ensure(sys.argv[1], report=lambda line: print(line, file=sys.stderr)))
    except SetupError as error:
        print(f"error: {error.message}", file=sys.stderr)
        if error.hint:
            print(f"       {error.hint}", file=sys.stderr)
        return 1
    except OSError as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
