#!/usr/bin/env python3
"""Measures the Flash voice against hibari-tts on this machine, in turn, on the same phonemes.

  flash.py [--myna build/release/bin/myna] [--out bench/results] [--repetitions 5] [--sentences 1000]
           [--name NAME] [--note TEXT]

Figures: x real time on one and two threads beside hibari; first audio of a ten-word clause, warm;
cold process to a finished WAV; most memory; sentences in batches. Each measurement is a process of
its own, the two take turns, figures are medians. Writes NAME.json and NAME.md to --out, prints the
table; exit status 1 when a target is missed. Its speed does not depend on what the weights have
learnt. Needs the model package myna-voice-1 and the environment of
tools/python/requirements-peers.txt.
"""

import argparse
import json
import pathlib
import statistics
import sys
import tempfile
import time

import machine
import run as bench
import python_env

HERE = pathlib.Path(__file__).resolve().parent
THREADS = (1, 2)
COLD_REPETITIONS = 7
# Of issue figures: (text, least or most, ...) are worked out in verdicts().
TARGET_TWO_THREADS, TARGET_ONE_THREAD, TARGET_TIMES_PEER = 600, 300, 6
TARGET_FIRST_AUDIO_S, TARGET_COLD_S, TARGET_BYTES = 0.015, 0.25, 120e6


def figures(output):
    """Without what belongs to one machine or is long."""
    return {name: value for name, value in json.loads(output).items()
            if name not in ("file", "pieces", "runs_wall_s")}


class Flash:
    name = "myna"

    def __init__(self, binary, precision):
        self.binary, self.precision = binary, precision

    def _command(self, verb, text, threads):
        return [self.binary, "bench", verb, "--file", text, "--tier", "flash", "--voice", bench.VOICE,
                "--threads", threads, "--precision", self.precision, "--json"]

    def warm(self, text, _pieces, threads):
        # A run takes milliseconds: the median of many within the process.
        return figures(bench.run([*self._command("say", text, threads), "--repeat", 15]).stdout)

    def batch(self, text, threads, lines):
        command = [*self._command("batch", text, threads), "--lines", lines]
        return figures(bench.run(command).stdout)

    def cold_s(self, text, directory, threads):
        """From the start of the process to its end, with the file written."""
        seconds = []
        command = [self.binary, "say", text, "--file", "-o", pathlib.Path(directory) / "cold.wav",
                   "--tier", "flash", "--threads", threads, "--quiet"]
        for _ in range(COLD_REPETITIONS + 1):
            start = time.perf_counter()
            bench.run(command)
            seconds.append(time.perf_counter() - start)
        return statistics.median(seconds[1:])  # the first one reads the files


def measure(arguments, progress):
    flash = Flash(arguments.myna, arguments.precision)
    python = python_env.ensure("peers", report=progress)
    texts = HERE / "texts"
    results = {"note": arguments.note, "machine": machine.describe(HERE.parent),
               "precision": arguments.precision, "warm": [],
               "myna_version": bench.run([arguments.myna, "version"]).stdout.splitlines()[0]}
    with tempfile.TemporaryDirectory() as directory:
        for name in ("short", "minutes"):
            text = texts / f"{name}.txt"
            pieces = pathlib.Path(directory) / f"{name}.pieces"
            # Studio's and Flash's alphabet and cuts are the same.
            pieces.write_text("\n".join(bench.Myna(arguments.myna, "auto").pieces(text)) + "\n",
                              encoding="utf-8")
            for threads in THREADS:
                progress(f"{name}, {threads} thread(s)")
                engines = (flash, bench.Peer("hibari", python))
                row = bench.measure_warm(engines, text, pieces, threads, arguments.repetitions)
                results["warm"].append({"text": name, "threads": threads, **row})
        progress("cold start")
        results["cold_s"] = flash.cold_s(texts / "short.txt", directory, max(THREADS))
        lines = (texts / "sentences.txt").read_text(encoding="utf-8").splitlines()
        some = pathlib.Path(directory) / "sentences.txt"
        some.write_text("\n".join(lines[: arguments.sentences]) + "\n", encoding="utf-8")
        progress(f"batch of {arguments.sentences}")
        results["batch"] = flash.batch(some, max(THREADS), 64)
    results["targets"] = verdicts(results)
    return results


def row_of(results, text, threads):
    return next(r for r in results["warm"] if r["text"] == text and r["threads"] == threads)


def verdicts(results):
    two, one = row_of(results, "minutes", 2), row_of(results, "minutes", 1)
    fast, peer = two["myna"]["x_realtime"], two["hibari"]["x_realtime"]
    first = row_of(results, "short", 2)["myna"]["first_audio_s"]
    memory = two["myna"]["peak_rss_bytes"]
    return [
        {"text": f"two threads {fast:.0f} x real time, hibari {peer:.0f} x, {fast / peer:.1f} times as "
                 f"fast (at least {TARGET_TWO_THREADS} x or {TARGET_TIMES_PEER} times)",
         "met": fast >= TARGET_TWO_THREADS or fast >= TARGET_TIMES_PEER * peer},
        {"text": f"one thread {one['myna']['x_realtime']:.0f} x (at least {TARGET_ONE_THREAD} x)",
         "met": one["myna"]["x_realtime"] >= TARGET_ONE_THREAD},
        {"text": f"first audio of ten words {1e3 * first:.1f} ms (at most "
                 f"{1e3 * TARGET_FIRST_AUDIO_S:.0f} ms)", "met": first <= TARGET_FIRST_AUDIO_S},
        {"text": f"cold process to WAV {1e3 * results['cold_s']:.0f} ms (at most "
                 f"{1e3 * TARGET_COLD_S:.0f} ms)", "met": results["cold_s"] <= TARGET_COLD_S},
        {"text": f"most memory {memory / 1e6:.0f} MB (at most {TARGET_BYTES / 1e6:.0f} MB)",
         "met": memory <= TARGET_BYTES},
    ]


def render(results):
    where = results["machine"]
    lines = [f"# The Flash voice, {where.get('date', '')[:10]}", ""]
    lines += [f"{results['myna_version']}, {where.get('cpu', '')}. {results['note']}".strip(), ""]
    lines += ["| text | threads | Flash, x real time | hibari-tts | times as fast | Flash, CPU s |",
              "| --- | --- | --- | --- | --- | --- |"]
    for row in results["warm"]:
        ours, theirs = row["myna"], row["hibari"]
        lines.append(
            f"| {row['text']} | {row['threads']} | {ours['x_realtime']:.0f} | "
            f"{theirs['x_realtime']:.0f} | {ours['x_realtime'] / theirs['x_realtime']:.1f} | "
            f"{ours['cpu_s']:.3f} |")
    batch = results["batch"]
    lines += ["", f"{batch['lines']} sentences, {batch['audio_s']:.0f} s of audio, two threads, the voice "
              f"alone: one by one {batch['one_by_one']['x_realtime']:.0f} x, in batches of "
              f"{batch['lines_a_batch']} {batch['batched']['x_realtime']:.0f} x.", ""]
    lines += [f"- {'met' if target['met'] else 'MISSED'}: {target['text']}"
              for target in results["targets"]]
    return "\n".join(lines) + "\n"


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--myna", default=HERE.parent / "build/release/bin/myna", type=pathlib.Path)
    parser.add_argument("--out", default=HERE / "results", type=pathlib.Path)
    parser.add_argument("--precision", default="auto")
    parser.add_argument("--repetitions", type=int, default=5)
    parser.add_argument("--sentences", type=int, default=1000)
    parser.add_argument("--name", help="of the result files; flash- and the date without it")
    parser.add_argument("--note", default="", help="goes into the report, such as what ran beside")
    arguments = parser.parse_args()
    try:
        results = measure(arguments, lambda line: print(f"  {line}", file=sys.stderr, flush=True))
    except (bench.BenchError, python_env.SetupError, OSError, ValueError) as error:
        print(f"flash: {error}", file=sys.stderr)
        return 2
    table = render(results)
    print(table)
    name = arguments.name or f"flash-{results['machine']['date'][:10]}"
    arguments.out.mkdir(parents=True, exist_ok=True)
    (arguments.out / f"{name}.json").write_text(json.dumps(results, indent=1) + "\n")
    (arguments.out / f"{name}.md").write_text(table)
    return 0 if all(target["met"] for target in results["targets"]) else 1


if __name__ == "__main__":
    sys.exit(main())
