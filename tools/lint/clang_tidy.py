#!/usr/bin/env python3
"""Runs clang-tidy over the project's sources and remembers what was clean.

    clang_tidy.py [--build DIR] [--jobs N] [--budget SECONDS] [FILE...]

Without FILE every tracked .cc that DIR/compile_commands.json compiles is checked. A clean result is
kept under the hash of all it depends on: the source, the project's headers that it includes, the
flags, .clang-tidy and the tool's version. A second run then only looks at what changed, in any
clone. What was changed last comes first: with a budget no further file is started after that time,
and what was left out is counted, and does not fail. Exit code 1 when a file has findings.
"""

import argparse
import hashlib
import json
import os
import re
import shlex
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[2]
INCLUDE = re.compile(rb'^\s*#\s*include\s*"([^"]+)"', re.MULTILINE)
# GCC's flags that clang 14 does not know, and outputs that nobody wants here.
DROPPED_FLAGS = re.compile(
    r"-fno-canonical-|-fconcepts|-fmodules-ts|-Werror$|-M[DMGP]+$|-Wno-restrict$"
)
DROPPED_WITH_VALUE = {"-o", "-MF", "-MT", "-MQ"}


def tracked_sources():
    listed = subprocess.run(
        ["git", "-C", str(REPOSITORY), "ls-files", "*.cc"],
        check=True,
        capture_output=True,
        text=True,
    ).stdout.split()
    return {REPOSITORY / name for name in listed}


def by_last_change(paths):
    """Those that differ from the last commit, then by the commits that changed them, newest first."""
    listed = []
    for command in (["diff", "--name-only", "HEAD"], ["log", "-n", "200", "--name-only", "--format="]):
        result = subprocess.run(
            ["git", "-C", str(REPOSITORY), *command], capture_output=True, text=True
        )
        listed += result.stdout.split("\n")
    rank = {}
    for name in listed:
        rank.setdefault(REPOSITORY / name, len(rank))
    return sorted(paths, key=lambda path: (rank.get(path, len(rank)), path))


def clean_command(entry):
    """The compile command as clang takes it: no launcher, no output, no flags of GCC alone."""
    words = shlex.split(entry["command"]) if "command" in entry else list(entry["arguments"])
    while words and not re.search(r"(\+\+|cc|clang)(-[0-9.]+)?$", words[0].replace("ccache", "")):
        words.pop(0)
    kept, skip = [], False
    for word in words:
        if skip:
            skip = False
        elif word in DROPPED_WITH_VALUE:
            skip = True
        elif not DROPPED_FLAGS.match(word):
            kept.append(word)
    return kept


def load_commands(build, sources):
    database = build / "compile_commands.json"
    try:
        entries = json.loads(database.read_text(encoding="utf-8"))
    except FileNotFoundError:
        sys.exit(f"error: there is no {database}: run `make setup` first")
    commands = {}
    for entry in entries:
        path = Path(entry["directory"], entry["file"]).resolve()
        if path in sources:
            commands.setdefault(
                path,
                {
                    "directory": entry["directory"],
                    "file": str(path),
                    "arguments": clean_command(entry),
                },
            )
    return commands


class Fingerprints:
    """Hashes of sources with all project headers below them."""

    def __init__(self, tool_version):
        configuration = (REPOSITORY / ".clang-tidy").read_bytes()
        self.base = hashlib.sha256(tool_version + configuration).digest()
        self.known = {}

    def _includes(self, path):
        if path not in self.known:
            content = path.read_bytes()
            found = []
            for name in INCLUDE.findall(content):
                for root in (REPOSITORY / "src", path.parent, REPOSITORY):
                    header = root / name.decode()
                    if header.is_file():
                        found.append(header)
                        break
            self.known[path] = (hashlib.sha256(content).digest(), found)
        return self.known[path]

    def of(self, command):
        seen, waiting = {}, [Path(command["file"])]
        while waiting:
            path = waiting.pop()
            if path not in seen:
                seen[path], more = self._includes(path)
                waiting.extend(more)
        digest = hashlib.sha256(self.base)
        # Paths of this clone and its build directory do not matter.
        for word in command["arguments"]:
            digest.update(word.replace(str(REPOSITORY), "").encode() + b"\0")
        for path in sorted(seen):
            digest.update(seen[path])
        return digest.hexdigest()


def cache_directory():
    base = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    directory = Path(base) / "myna" / "clang-tidy"
    directory.mkdir(parents=True, exist_ok=True)
    return directory


def run_tidy(path, database):
    result = subprocess.run(
        [
            "clang-tidy",
            "--quiet",
            f"-p={database}",
            "--extra-arg=-Wno-unknown-warning-option",
            "--extra-arg=-Wno-unused-command-line-argument",
            str(path),
        ],
        capture_output=True,
        text=True,
        cwd=REPOSITORY,
    )
    lines = [line for line in result.stdout.splitlines() if line.strip()]
    if result.returncode != 0 and not lines:
        lines = result.stderr.strip().splitlines()[-10:]
    return result.returncode == 0, "\n".join(lines).replace(str(REPOSITORY) + "/", "")


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--build", type=Path, default=REPOSITORY / "build" / "release")
    parser.add_argument("--jobs", type=int, default=os.cpu_count())
    parser.add_argument("--budget", type=float, default=float("inf"), help="seconds")
    parser.add_argument("files", nargs="*", type=Path)
    arguments = parser.parse_args()

    sources = {file.resolve() for file in arguments.files} or tracked_sources()
    commands = load_commands(arguments.build, sources)
    version = subprocess.run(["clang-tidy", "--version"], check=True, capture_output=True).stdout
    fingerprints = Fingerprints(version)
    cache = cache_directory()
    waiting = [(path, fingerprints.of(commands[path])) for path in by_last_change(commands)]
    todo = [(path, key) for path, key in waiting if not (cache / key).exists()]
    print(
        f"clang-tidy: {len(waiting)} files, {len(waiting) - len(todo)} known to be clean",
        flush=True,
    )

    started = time.monotonic()
    left_out, dirty = [], []

    with tempfile.TemporaryDirectory() as database:
        (Path(database) / "compile_commands.json").write_text(json.dumps(list(commands.values())))

        def check(item):
            path, key = item
            name = path.relative_to(REPOSITORY)
            if time.monotonic() - started > arguments.budget:
                left_out.append(str(name))
                return
            clean, output = run_tidy(path, database)
            if clean:
                (cache / key).touch()
            else:
                dirty.append(str(name))
                print(f"{name}:\n{output}", flush=True)

        with ThreadPoolExecutor(arguments.jobs) as pool:
            list(pool.map(check, todo))

    if left_out:
        print(f"clang-tidy: out of time, {len(left_out)} files not checked, {left_out[0]} first")
    print(f"clang-tidy: {len(dirty)} files with findings ({time.monotonic() - started:.0f} s)")
    return 1 if dirty else 0


if __name__ == "__main__":
    sys.exit(main())
