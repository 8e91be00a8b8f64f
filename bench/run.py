#!/usr/bin/env python3
"""Measures Myna against ONNX Runtime's Kokoro on this machine, in turn, on the same phonemes.

  run.py [--quick] [--only PART]... [--myna build/release/bin/myna] [--out bench/results]

Each figure is the median of several runs, each in a process of its own, Myna and ONNX Runtime taking
turns so that a machine that slows down slows both. Myna cuts the texts and makes the phonemes;
ONNX Runtime gets the same pieces. Writes NAME.json and NAME.md to --out and prints the table; the
exit status is 1 when a target is missed. Run by `make bench`, which brings the environment of
tools/python/requirements-bench.txt and the model packages kokoro-82m and kokoro-82m-onnx. The parts
of --only: kokoro (Myna beside ONNX Runtime), peers (other voices), scaling (threads, instruction sets,
lengths), latency, batch, memory; --quick is kokoro without its long rows. With the environment of
tools/python/requirements-plots.txt the figures are drawn as SVG, too.
"""

import argparse
import json
import os
import pathlib
import statistics
import subprocess
import sys
import tempfile
import time

import machine
import report
import studies

HERE = pathlib.Path(__file__).resolve().parent
REPOSITORY = HERE.parent
sys.path.insert(0, str(REPOSITORY / "tools" / "setup"))

import python_env  # noqa: E402

VOICE, VOICE_ID = "heart", "af_heart"
# Text -> how often it is measured. The long one takes minutes a time.
REPETITIONS = {"short": 7, "paragraph": 5, "minutes": 1}
QUICK_REPETITIONS = {"short": 3, "paragraph": 1}
COLD_REPETITIONS = 5
THREADS = (1, 2)


PARTS = ("kokoro", "peers", "scaling", "latency", "batch", "memory")
LATENCY_SENTENCES = 40
BATCH_LINES = (4, 16, 64)


class BenchError(Exception):
    pass


def run(command, **options):
    result = subprocess.run(
        [str(part) for part in command], capture_output=True, text=True, **options
    )
    if result.returncode != 0:
        tail = "\n".join(result.stderr.strip().splitlines()[-5:])
        raise BenchError(f"{' '.join(map(str, command))}\nexit status {result.returncode}\n{tail}")
    return result


def find_package(name, file):
    directory = python_env.data_directory() / "models" / name
    if not (directory / file).exists():
        raise BenchError(f"the model package {name} is not installed; run: myna models pull {name}")
    return directory


class Myna:
    name = "myna"

    def __init__(self, binary, precision):
        self.binary = binary
        self.precision = precision

    def _utterances(self, text):
        command = [self.binary, "trace", text, "--no-audio", "--json", "--voice", VOICE]
        utterances = json.loads(run(command).stdout)["utterances"]
        if not utterances:
            raise BenchError(f"{text}: myna trace found nothing to speak")
        return utterances

    def pieces(self, text):
        return [utterance["phonemes"] for utterance in self._utterances(text)]

    def first_text(self, text):
        """The source text of the first piece that is more than a heading."""
        source = pathlib.Path(text).read_bytes()
        utterances = self._utterances(text)
        chosen = next((u for u in utterances if u["break_after"] != "heading"), utterances[0])
        begin, end = chosen["source"]
        return source[begin:end].decode("utf-8", errors="replace")

    def warm(self, text, _pieces, threads):
        command = [
            self.binary, "bench", "say", "--file", text, "--tier", "studio", "--voice", VOICE,
            "--threads", threads, "--precision", self.precision, "--json",
        ]
        return json.loads(run(command).stdout)

    def cold_command(self, text, _pieces, threads):
        return [
            self.binary, "say", text, "--file", "-o", "-", "--voice", VOICE, "--threads", threads,
            "--precision", self.precision, "--quiet",
        ]


class OnnxRuntime:
    name = "onnxruntime"

    def __init__(self, model, package, precision):
        self.model = model
        self.package = package
        self.precision = precision

    def _command(self, pieces, threads):
        return [
            sys.executable, HERE / "ort_kokoro.py", "--model", self.model, "--package", self.package,
            "--voice", VOICE_ID, "--pieces", pieces, "--threads", threads,
        ]

    def warm(self, _text, pieces, threads):
        return json.loads(run(self._command(pieces, threads)).stdout)

    def cold_command(self, _text, pieces, threads):
        return [*self._command(pieces, threads), "--cold"]


class Peer:
    """Another voice; None where its environment cannot be made."""

    def __init__(self, name, python):
        self.name = name
        self.python = python

    def warm(self, _text, pieces, threads):
        command = [self.python, HERE / "peers.py", self.name, "--pieces", pieces, "--threads", threads]
        return json.loads(run(command).stdout)


def measure_peers(myna, directory, repetitions, progress):
    """Rows for other voices on the paragraph, Myna taking turns with them; a row says why there is
    no figure."""
    # What its wheels bring is the program without a model, and no package here has one.
    rows = [{"peer": "sherpa-onnx", "missing": "no model of its own in its packages"}]
    try:
        python = python_env.ensure("peers", report=progress)
    except python_env.SetupError as error:
        return rows + [{"peer": name, "missing": error.message.splitlines()[0]}
                       for name in ("piper", "hibari")]
    text = HERE / "texts" / "paragraph.txt"
    pieces = pathlib.Path(directory) / "peers.pieces"
    pieces.write_text("\n".join(myna.pieces(text)) + "\n", encoding="utf-8")
    for threads in THREADS:
        engines, failed = [myna], {}
        for name in ("piper", "hibari"):
            try:
                Peer(name, python).warm(text, pieces, threads)
                engines.append(Peer(name, python))
            except (BenchError, ValueError) as error:
                failed[name] = str(error).splitlines()[-1]
        progress(f"peers: paragraph, {threads} thread(s)")
        for name, row in measure_warm(engines, text, pieces, threads, repetitions).items():
            rows.append({"peer": name, "threads": threads, **row})
        rows += [{"peer": name, "threads": threads, "missing": why} for name, why in failed.items()]
    return rows


def measure_studies(arguments, parts, results, progress):
    texts = HERE / "texts"
    sentences = [line for line in (texts / "sentences.txt").read_text(encoding="utf-8").splitlines()
                 if line.strip()]
    try:
        if "scaling" in parts:
            isas = studies.supported_isas(arguments.myna)
            results["scaling"] = studies.scaling(
                arguments.myna, [texts / "short.txt", texts / "paragraph.txt"], isas, THREADS,
                arguments.repetitions or 3, progress)
        if "latency" in parts:
            results["latency"] = studies.latency(
                arguments.myna, sentences, LATENCY_SENTENCES, max(THREADS), progress)
        if "batch" in parts:
            results["batch"] = studies.batch(
                arguments.myna, sentences[:arguments.sentences], BATCH_LINES, max(THREADS), progress)
        if "memory" in parts:
            results["memory"] = studies.memory(
                arguments.myna, texts / "minutes.txt", max(THREADS), progress)
    except studies.StudyError as error:
        raise BenchError(str(error)) from error


def draw(results_file, out, progress):
    """The SVGs, in a process of their own: matplotlib is no business of the measurements."""
    try:
        python = python_env.ensure("plots", report=progress)
    except python_env.SetupError as error:
        progress(f"no plots: {error.message.splitlines()[0]}")
        return
    run([python, HERE / "plots.py", results_file, out])


def time_to_first_byte(command):
    start = time.perf_counter()
    process = subprocess.Popen(
        [str(part) for part in command], stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )
    first = process.stdout.read(1)
    seconds = time.perf_counter() - start
    _, errors = process.communicate()
    if process.returncode != 0 or not first:
        raise BenchError(f"{command[0]}: no audio\n{errors.decode(errors='replace')}")
    return seconds


def median_run(runs):
    """The run with the median wall time, so that its figures belong together."""
    ordered = sorted(runs, key=lambda one: one["wall_s"])
    return {**ordered[(len(ordered) - 1) // 2], "wall_s_of_all": [one["wall_s"] for one in runs]}


def measure_warm(engines, text, pieces, threads, repetitions):
    runs = {engine.name: [] for engine in engines}
    for _ in range(repetitions):
        for engine in engines:
            runs[engine.name].append(engine.warm(text, pieces, threads))
    return {name: median_run(measured) for name, measured in runs.items()}


def measure_cold(engines, text, pieces, threads):
    seconds = {engine.name: [] for engine in engines}
    for engine in engines:  # once unmeasured: the files should be in the page cache for both
        time_to_first_byte(engine.cold_command(text, pieces, threads))
    for _ in range(COLD_REPETITIONS):
        for engine in engines:
            seconds[engine.name].append(
                time_to_first_byte(engine.cold_command(text, pieces, threads))
            )
    return {name: statistics.median(measured) for name, measured in seconds.items()}


def fp32_graph(onnx_package):
    """The dequantised graph, made once and kept beside the downloads."""
    path = python_env.data_directory() / "cache" / "kokoro-fp32.onnx"
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        partial = path.with_suffix(".partial")
        run([
            sys.executable, REPOSITORY / "tools" / "golden" / "dequantise_kokoro.py",
            "--graph", onnx_package / "kokoro.onnx", "--out", partial,
        ])
        os.replace(partial, path)
    return path


def measure(arguments, progress):
    package = find_package("kokoro-82m", "studio.safetensors")
    onnx_package = find_package("kokoro-82m-onnx", "kokoro.onnx")
    precisions = {
        "int8": onnx_package / "kokoro.onnx",
        "fp32": fp32_graph(onnx_package) if not arguments.quick else None,
    } if arguments.quick or not arguments.only or "kokoro" in arguments.only else {}
    parts = ("kokoro",) if arguments.quick else arguments.only or PARTS
    repetitions = dict(QUICK_REPETITIONS if arguments.quick else REPETITIONS)
    if arguments.repetitions:
        repetitions = {text: min(count, arguments.repetitions) for text, count in repetitions.items()}
    results = {"note": arguments.note, "machine": machine.describe(REPOSITORY), "voice": VOICE_ID, "warm": [], "cold": []}
    results["myna_version"] = run([arguments.myna, "version"]).stdout.splitlines()[0]
    with tempfile.TemporaryDirectory() as directory:
        for precision, graph in precisions.items():
            if graph is None:
                continue
            myna = Myna(arguments.myna, precision)
            engines = (myna, OnnxRuntime(graph, package, precision))
            # fp32 shows what the arithmetic itself is worth; the paragraph is enough for that.
            texts = repetitions if precision == "int8" else {"paragraph": 2}
            for text_name, count in texts.items():
                text = HERE / "texts" / f"{text_name}.txt"
                pieces = pathlib.Path(directory) / f"{text_name}.pieces"
                pieces.write_text("\n".join(myna.pieces(text)) + "\n", encoding="utf-8")
                for threads in THREADS:
                    progress(f"{text_name}, {precision}, {threads} thread(s), {count} times")
                    row = {"text": text_name, "precision": precision, "threads": threads}
                    row.update(measure_warm(engines, text, pieces, threads, count))
                    results["warm"].append(row)
                    if text_name == "short" and precision == "int8":
                        cold = measure_cold(engines, text, pieces, threads)
                        results["cold"].append({"threads": threads, **cold})
        if "peers" in parts:
            results["peers"] = measure_peers(
                Myna(arguments.myna, "int8"), directory, arguments.repetitions or 3, progress)
        measure_studies(arguments, parts, results, progress)
    results["targets"] = report.check_targets(results)
    return results


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="without the long text and fp32")
    parser.add_argument("--myna", default=REPOSITORY / "build/release/bin/myna", type=pathlib.Path)
    parser.add_argument("--out", default=HERE / "results", type=pathlib.Path)
    parser.add_argument("--only", action="append", choices=PARTS, help="these parts alone")
    parser.add_argument("--repetitions", type=int, help="at most so many runs of each figure")
    parser.add_argument("--sentences", type=int, default=1000, help="of the batch part")
    parser.add_argument("--note", default="", help="goes into the report, such as what ran beside")
    parser.add_argument("--name", help="of the result files; the host's date without it")
    arguments = parser.parse_args()
    if not arguments.myna.exists():
        print(f"bench: {arguments.myna} is not there; build it first", file=sys.stderr)
        return 2
    try:
        results = measure(arguments, lambda line: print(f"  {line}", file=sys.stderr, flush=True))
    except (BenchError, python_env.SetupError, OSError, ValueError) as error:
        print(f"bench: {error}", file=sys.stderr)
        return 2
    name = arguments.name or results["machine"]["date"][:10]
    arguments.out.mkdir(parents=True, exist_ok=True)
    table = report.render(results)
    results_file = arguments.out / f"{name}.json"
    # Of the machine's paths only those within the repository mean something elsewhere.
    text = json.dumps(results, indent=1).replace(f"{REPOSITORY}/", "")
    results_file.write_text(text + "\n")
    (arguments.out / f"{name}.md").write_text(table)
    print(table)
    try:
        draw(results_file, arguments.out, lambda line: print(f"  {line}", file=sys.stderr))
    except BenchError as error:
        print(f"bench: {error}", file=sys.stderr)
    return 0 if all(target["met"] for target in results["targets"]) else 1


if __name__ == "__main__":
    sys.exit(main())
