#!/usr/bin/env python3
"""Builds llama.cpp once, from the pinned source package, and prints where it lies.

    llama_library.py             the library that Myna links
    llama_library.py --bench     the same with llama-bench (make bench)

The source is the one that PyPI's `llama-cpp-python` carries (tools/llama/source.json). pip brings it,
its SHA-256 is checked before anything of it is used, and none of its Python is run. The result lies in
<data>/tools/llama-<hash>: lib/ and include/. The hash covers the source, tools/llama, this script and
the compiler; the marker file is written last, so that an interrupted build counts for nothing. ccache
makes a second build of the same source a matter of seconds. Standard library only.
"""

import fcntl
import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
import tarfile
import time
from pathlib import Path

HERE = Path(__file__).resolve().parent
REPOSITORY = HERE.parents[1]
sys.path[:0] = [str(HERE), str(REPOSITORY / "tools" / "models")]

import archives  # noqa: E402
import python_env  # noqa: E402
from package import PackageError  # noqa: E402
from python_env import MARKER, SetupError  # noqa: E402

RECIPE = REPOSITORY / "tools" / "llama"
# Of a dozen for x86-64: the baseline, AVX2, AVX-512 as in the first servers that had it, AVX-512 with
# VNNI, and AMX. Each costs half a minute of building; those left out run the next lower one.
CPU_VARIANTS = ("x64", "haswell", "skylakex", "icelake", "sapphirerapids")
NEED_MB = 700
STALE_S = 7 * 24 * 3600
HEADERS = (
    ("include", "*.h"),
    ("ggml/include", "*.h"),
    ("common", "json*.h"),
)


def source():
    return json.loads((RECIPE / "source.json").read_text(encoding="utf-8"))


def compiler_version():
    command = [os.environ.get("CXX", "c++"), "--version"]
    try:
        return subprocess.run(command, capture_output=True, text=True, check=True).stdout
    except (OSError, subprocess.CalledProcessError):
        raise SetupError("there is no C++ compiler", "run: tools/setup/setup.sh") from None


def directory(bench, data):
    digest = hashlib.sha256(compiler_version().encode())
    for path in (*sorted(RECIPE.glob("*")), Path(__file__)):
        if path.suffix != ".md":
            digest.update(path.read_bytes())
    return data / "tools" / f"llama-{'bench-' if bench else ''}{digest.hexdigest()[:12]}"


def download(pinned, cache, report):
    """The verified archive; what an interrupted build has left is taken."""
    target = cache / f"{pinned['sha256'][:16]}-{pinned['file']}"
    if target.exists():
        try:
            archives.verify(target, pinned)
            return target
        except PackageError:
            target.unlink()
    python = python_env.ensure("source", report=report)
    scratch = cache / "llama-download"
    shutil.rmtree(scratch, ignore_errors=True)
    scratch.mkdir(parents=True)
    try:
        # pip compares the hash itself before it looks into the archive.
        wanted = f"{pinned['package']}=={pinned['version']} --hash=sha256:{pinned['sha256']}\n"
        (scratch / "wanted.txt").write_text(wanted, encoding="utf-8")
        report(f"downloading {pinned['file']} ({pinned['bytes'] / 1e6:.0f} MB)")
        command = [str(python), "-m", "pip", "download", "--no-deps", "--no-binary", ":all:"]
        command += ["--no-build-isolation", "--require-hashes", "--disable-pip-version-check"]
        command += ["--no-input", "--retries", "5", "--progress-bar", "off", "--dest", str(scratch)]
        command += ["-r", str(scratch / "wanted.txt")]
        python_env.run(command, "cannot download llama.cpp", "check the network and run it again")
        archive = scratch / pinned["file"]
        archives.verify(archive, pinned)
        os.rename(archive, target)
    finally:
        shutil.rmtree(scratch, ignore_errors=True)
    return target


def unpack(archive, destination):
    """Only llama.cpp, only plain files, only what a build of the library reads."""
    wanted = re.compile(
        r"^[^/]+/vendor/llama\.cpp/((?:CMakeLists\.txt|LICENSE|cmake/|common/|ggml/|include/|"
        r"licenses/|src/|vendor/|tools/CMakeLists|tools/llama-bench/|scripts/).*|CMakeLists\.txt|LICENSE)$"
    )
    with tarfile.open(archive, "r:gz") as file:
        for entry in file:
            found = wanted.match(entry.name)
            if found is None or not entry.isreg() or "/../" in f"/{entry.name}/":
                continue
            target = destination / found.group(1)
            target.parent.mkdir(parents=True, exist_ok=True)
            with file.extractfile(entry) as reader, open(target, "xb") as writer:
                shutil.copyfileobj(reader, writer, 1 << 20)


def choose_parts(tree):
    """Leaves out the CPU variants that are not wanted, and every tool but llama-bench."""
    lists = tree / "ggml/src/CMakeLists.txt"
    text = lists.read_text(encoding="utf-8")
    begin = text.index('if (GGML_SYSTEM_ARCH STREQUAL "x86")', text.index("if (GGML_CPU_ALL_VARIANTS)"))
    end = text.index('elseif(GGML_SYSTEM_ARCH STREQUAL "ARM")', begin)
    kept, found = [], 0
    for line in text[begin:end].splitlines(keepends=True):
        variant = re.match(r" *ggml_add_cpu_backend_variant\((\w+)", line)
        if variant is None or variant.group(1) in CPU_VARIANTS:
            kept.append(line)
            found += variant is not None
    if found != len(CPU_VARIANTS):
        raise SetupError("llama.cpp's list of CPU variants has changed", "this is a bug in Myna")
    lists.write_text(text[:begin] + "".join(kept) + text[end:], encoding="utf-8")
    (tree / "tools/CMakeLists.txt").write_text("add_subdirectory(llama-bench)\n", encoding="utf-8")


def run_build(command, environment, log, report):
    with subprocess.Popen(
        command,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        env={**os.environ, **environment},
    ) as process:
        lines, shown = [], 0
        for line in process.stdout:
            log.write(line)
            lines = (lines + [line.rstrip()])[-25:]
            step = re.match(r"\[(\d+)/(\d+)\]", line)
            if step and 10 * int(step.group(1)) // int(step.group(2)) > shown:
                shown = 10 * int(step.group(1)) // int(step.group(2))
                report(f"llama.cpp: {step.group(1)} of {step.group(2)} files")
    if process.returncode != 0:
        raise SetupError("llama.cpp cannot be built\n" + "\n".join(lines), f"see '{log.name}'")


def build(target, bench, data, report):
    cache = data / "cache"
    (cache / "archives").mkdir(parents=True, exist_ok=True)
    if shutil.disk_usage(cache).free < NEED_MB << 20:
        raise SetupError(f"'{cache}' needs {NEED_MB} MB free", "free some space and run it again")
    archive = download(source(), cache / "archives", report)
    work = cache / "llama-build"
    shutil.rmtree(work, ignore_errors=True)
    try:
        report("unpacking llama.cpp")
        unpack(archive, work / "llama.cpp")
        choose_parts(work / "llama.cpp")
        # The same paths each time, and relative ones in ccache's hash.
        environment = {"CCACHE_BASEDIR": str(work), "CCACHE_NOHASHDIR": "1"}
        configure = ["cmake", "-S", str(RECIPE), "-B", str(work / "build"), "-G", "Ninja"]
        configure += ["-DCMAKE_BUILD_TYPE=Release", f"-DLLAMA_SOURCE={work / 'llama.cpp'}"]
        configure += [f"-DMYNA_LLAMA_BENCH={'ON' if bench else 'OFF'}"]
        if shutil.which("ccache"):
            configure += [f"-DCMAKE_{language}_COMPILER_LAUNCHER=ccache" for language in ("C", "CXX")]
        staged = work / "installed"
        (staged / "lib").mkdir(parents=True)
        (staged / "include").mkdir()
        log_path = data / "cache" / "llama-build.log"
        with open(log_path, "w", encoding="utf-8") as log:
            run_build(configure, environment, log, report)
            jobs = ["--parallel", str(os.cpu_count() or 1)]
            run_build(["cmake", "--build", str(work / "build"), *jobs], environment, log, report)
        for path in (work / "build/bin").iterdir():
            if path.suffix in (".so", ".a") or path.name == "llama-bench":
                shutil.copy2(path, staged / "lib" / path.name)
        for folder, pattern in HEADERS:
            for path in (work / "llama.cpp" / folder).glob(pattern):
                shutil.copy2(path, staged / "include" / path.name)
        shutil.copytree(
            work / "llama.cpp/common/jinja",
            staged / "include/jinja",
            ignore=shutil.ignore_patterns("*.cpp", "*.md"),
        )
        shutil.copy2(work / "llama.cpp/LICENSE", staged / "LICENSE")
        (staged / MARKER).touch()
        shutil.rmtree(target, ignore_errors=True)
        os.rename(staged, target)
        log_path.unlink()
        archive.unlink()
    finally:
        shutil.rmtree(work, ignore_errors=True)


def ensure(bench=False, report=lambda line: None):
    """The directory, built unless it is there. Safe against two at once."""
    data = python_env.data_directory()
    target = directory(bench, data)
    if (target / MARKER).exists():
        return target
    target.parent.mkdir(parents=True, exist_ok=True)
    with open(target.parent / "llama-lock", "w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            report("another build of llama.cpp is at work, waiting for it")
            fcntl.flock(lock, fcntl.LOCK_EX)
        if not (target / MARKER).exists():
            build(target, bench, data, report)
            # Another checkout may still build against an older one.
            kind = f"llama-{'bench-' if bench else ''}" + 12 * "?"
            for stale in target.parent.glob(kind):
                if stale != target and time.time() - stale.stat().st_mtime > STALE_S:
                    shutil.rmtree(stale, ignore_errors=True)
    return target


def main():
    if sys.argv[1:] not in ([], ["--bench"]):
        print(__doc__.strip(), file=sys.stderr)
        return 2
    try:
        print(ensure("--bench" in sys.argv, lambda line: print(f"  {line}", file=sys.stderr)))
    except (SetupError, PackageError) as error:
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
