#!/usr/bin/env python3
"""Holds the code against the dependency list of ARCHITECTURE.md.

    check_layers.py [REPOSITORY]

The list is the fenced block "layers" there, a line a module:

    backend/cpu: ops tensor base | hwy | tests: backend/ref

says what src/backend/cpu may include and link, which third-party headers belong to it alone (their
first path component), and what its tests may use besides. Checked are the #include lines of src/
and the myna_* targets that its CMakeLists.txt files link. Exit code 1 with a line a violation.
"""

import re
import sys
from pathlib import Path

INCLUDE = re.compile(r'^\s*#\s*include\s*([<"])([^>"]+)[>"]', re.MULTILINE)
DEFINITION = re.compile(
    r"^\s*(myna_module|add_library|add_executable)\s*\(\s*([\w-]+)", re.MULTILINE
)
COMMAND = re.compile(r"\b(myna_module|myna_test|target_link_libraries)\s*\(([^)]*)\)")


class Layer:
    def __init__(self, uses, owns, test_uses):
        self.uses, self.owns, self.test_uses = uses, owns, test_uses


def parse_layers(markdown):
    block = re.search(r"^```layers\n(.*?)^```", markdown, re.MULTILINE | re.DOTALL)
    if block is None:
        raise ValueError("ARCHITECTURE.md has no block ```layers")
    layers = {}
    for line in block.group(1).splitlines():
        if not line.strip():
            continue
        name, _, rest = line.partition(":")
        fields = [field.strip() for field in rest.split("|")]
        tests = [field[len("tests:") :] for field in fields[1:] if field.startswith("tests:")]
        owns = [field for field in fields[1:] if not field.startswith("tests:")]
        layers[name.strip()] = Layer(
            set(fields[0].split()), set(" ".join(owns).split()), set(" ".join(tests).split())
        )
    for name, layer in layers.items():
        for other in layer.uses | layer.test_uses:
            if other not in layers:
                raise ValueError(
                    f"ARCHITECTURE.md: {name} uses {other}, which has no line of its own"
                )
    return layers


def cycle(layers):
    """A path of modules that ends where it begins, or None."""
    state = {}

    def visit(name, path):
        if state.get(name) == "done":
            return None
        if name in path:
            return path[path.index(name) :] + [name]
        for other in sorted(layers[name].uses):
            found = visit(other, path + [name])
            if found:
                return found
        state[name] = "done"
        return None

    for name in layers:
        found = visit(name, [])
        if found:
            return found
    return None


def module_of(path, layers):
    """The longest module name that is a leading part of a path below src/."""
    parts = path.split("/")
    for length in range(len(parts) - 1, 0, -1):
        if "/".join(parts[:length]) in layers:
            return "/".join(parts[:length])
    return None


def is_test(path):
    return re.search(r"_(test|test_support|testing)\.(cc|h)$", path) is not None


def is_test_support(path, header):
    """A test's include of what all tests share, tests/support/."""
    return is_test(path) and header.startswith("tests/support/")


def is_generated(header, directory):
    """A header without a directory that the module's own CMakeLists.txt makes."""
    lists = directory / "CMakeLists.txt"
    return "/" not in header and lists.exists() and header in lists.read_text(encoding="utf-8")


def owners_of_headers(layers):
    """Header or its first directory -> the modules that may include it."""
    owners = {}
    for name, layer in layers.items():
        for header in layer.owns:
            owners.setdefault(header, []).append(name)
    return owners


def check_includes(source, layers):
    owners = owners_of_headers(layers)
    for file in sorted(
        p for p in source.rglob("*") if p.suffix in (".h", ".cc", ".inc", ".cu", ".cuh")
    ):
        path = file.relative_to(source).as_posix()
        module = module_of(path, layers)
        if module is None:
            yield f"src/{path}: its directory is no module of ARCHITECTURE.md"
            continue
        text = file.read_text(encoding="utf-8")
        for match in INCLUDE.finditer(text):
            quote, header = match.groups()
            where = f"src/{path}:{text.count(chr(10), 0, match.start(2)) + 1}"
            allowed_owners = owners.get(header.split("/")[0].removesuffix(".h").removesuffix(".hpp"))
            other = module_of(header, layers) if quote == '"' else None
            allowed = layers[module].uses | (layers[module].test_uses if is_test(path) else set())
            if is_test_support(path, header):
                continue
            if allowed_owners and module not in allowed_owners and other is None:
                yield f"{where}: only {', '.join(allowed_owners)} may include <{header}>"
            elif quote == '"' and other is None and not is_generated(header, source / module):
                yield f'{where}: "{header}" belongs to no module'
            elif other and other != module and other not in allowed:
                yield f"{where}: {module} may not include {other} ({header})"


def check_links(source, layers):
    lists = {
        file: re.sub(r"#.*", "", file.read_text(encoding="utf-8"))
        for file in sorted(source.rglob("CMakeLists.txt"))
    }
    target_module = {}
    for file, text in lists.items():
        module = module_of(file.relative_to(source).as_posix(), layers)
        for command, name in DEFINITION.findall(text):
            target_module[f"myna_{name}" if command == "myna_module" else name] = module
    for file, text in lists.items():
        path = file.relative_to(source).as_posix()
        module = module_of(path, layers)
        for command, arguments in COMMAND.findall(text):
            for_test = command == "myna_test"
            for word in arguments.split()[1:]:
                if word.isupper():
                    for_test = for_test or word.startswith("TEST")
                other = target_module.get(word)
                allowed = (
                    layers[module].uses | layers[module].test_uses
                    if module and for_test
                    else (layers[module].uses if module else set())
                )
                if other and module and other != module and other not in allowed:
                    yield f"src/{path}: {module} may not link {word}"


def check_trainer(repository, layers):
    """train/ is beside src/: its own headers are "train/...", others those of its line."""
    trainer = repository / "train"
    if "train" not in layers:
        return
    owners = owners_of_headers(layers)
    for file in sorted(p for p in trainer.rglob("*") if p.suffix in (".h", ".cc")):
        text = file.read_text(encoding="utf-8")
        for match in INCLUDE.finditer(text):
            quote, header = match.groups()
            where = f"{file.relative_to(repository)}:{text.count(chr(10), 0, match.start(2)) + 1}"
            other = module_of(header, layers)
            if is_test_support(file.name, header):
                continue
            if quote == "<":
                allowed_owners = owners.get(header.split("/")[0], ["train"])
                if "train" not in allowed_owners:
                    yield f"{where}: only {', '.join(allowed_owners)} may include <{header}>"
            elif other != "train" and other not in layers["train"].uses:
                yield f"{where}: train may not include {header}"


def check(repository):
    """All violations, as lines for people."""
    source = repository / "src"
    try:
        layers = parse_layers((repository / "ARCHITECTURE.md").read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        return [str(error)]
    found = cycle(layers)
    if found:
        return ["ARCHITECTURE.md: the layers go in a circle: " + " -> ".join(found)]
    return [
        *check_includes(source, layers),
        *check_links(source, layers),
        *check_trainer(repository, layers),
    ]


def main():
    repository = Path(sys.argv[1] if len(sys.argv) > 1 else __file__).resolve()
    if repository.is_file():
        repository = repository.parents[1]
    violations = check(repository)
    for line in violations:
        print(line)
    print(f"layers: {len(violations)} violations" if violations else "layers: sound")
    return 1 if violations else 0


if __name__ == "__main__":
    sys.exit(main())
