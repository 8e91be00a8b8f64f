"""How Myna's speed goes with threads, instruction set, length and batch; latency; memory over time.

Each study returns plain rows for run.py's JSON; report.py and plots.py make tables and plots of them.
"""

import json
import os
import pathlib
import subprocess
import tempfile
import time

ISAS = ("avx2", "avxvnni", "avx512", "avx512vnni", "avx512bf16", "amx")
SAMPLING_S = 0.1


class StudyError(Exception):
    pass


def _command(myna, text, threads, precision="auto", *options):
    return [
        str(myna), "bench", "say", "--file", str(text), "--tier", "studio", "--voice", "heart",
        "--threads", str(threads), "--precision", precision, "--json", *options,
    ]


def _run(command, isa=None):
    environment = {**os.environ, **({"MYNA_ISA": isa} if isa else {})}
    result = subprocess.run(command, capture_output=True, text=True, env=environment)
    if result.returncode != 0:
        raise StudyError(f"{' '.join(command)}: {result.stderr.strip()[-300:]}")
    return json.loads(result.stdout)


def supported_isas(myna):
    """Those that the program takes on this machine."""
    found = []
    for isa in ISAS:
        environment = {**os.environ, "MYNA_ISA": isa}
        result = subprocess.run([str(myna), "bench", "say", "--file", "-", "--tier", "studio"],
                                input="a", capture_output=True, text=True, env=environment)
        if result.returncode == 0:
            found.append(isa)
    return found


def scaling(myna, texts, isas, thread_counts, repetitions, progress):
    """x real time for each instruction set, number of threads and text, in float and as chosen by
    the program (int8 where that is fast). All take turns, `repetitions` times; medians."""
    cases = [
        {"isa": isa, "threads": threads, "text": text.stem, "precision": precision, "runs": []}
        for text in texts for threads in thread_counts for isa in isas
        for precision in ("auto", "fp32")
    ]
    paths = {text.stem: text for text in texts}
    for _ in range(repetitions):
        for case in cases:
            progress(f"scaling: {case['text']}, {case['isa']}, {case['precision']}, "
                     f"{case['threads']} thread(s)")
            command = _command(myna, paths[case["text"]], case["threads"], case["precision"])
            case["runs"].append(_run(command, case["isa"])["x_realtime"])
    for case in cases:
        ordered = sorted(case["runs"])
        case["x_realtime"] = ordered[(len(ordered) - 1) // 2]
    return cases


def latency(myna, sentences, count, threads, progress):
    """Time from a sentence, played live, to its first audio, warm, in milliseconds."""
    progress(f"latency: {count} sentences, {threads} threads")
    milliseconds = []
    with tempfile.TemporaryDirectory() as directory:
        path = pathlib.Path(directory) / "one.txt"
        for sentence in sentences[:count]:
            path.write_text(sentence + "\n", encoding="utf-8")
            milliseconds.append(1e3 * _run(_command(myna, path, threads, "auto", "--live"))["first_audio_s"])
    return {"threads": threads, "first_audio_ms": milliseconds}


def piece_factors(run):
    """Seconds of work for each second of audio, of every piece after the first."""
    pieces = run.get("pieces", [])
    return [
        (piece["ready_s"] - before["ready_s"]) / piece["audio_s"]
        for before, piece in zip(pieces, pieces[1:]) if piece["audio_s"] > 0.2
    ]


def batch(myna, sentences, line_counts, threads, progress):
    """Sentences one by one and in batches of several sizes, taking turns within each run."""
    rows = []
    with tempfile.NamedTemporaryFile("w", suffix=".txt", encoding="utf-8") as file:
        file.write("\n".join(sentences) + "\n")
        file.flush()
        for lines in line_counts:
            progress(f"batch: {len(sentences)} sentences in batches of {lines}")
            rows.append(_run([
                str(myna), "bench", "batch", "--file", file.name, "--tier", "studio", "--voice",
                "heart", "--threads", str(threads), "--lines", str(lines), "--json",
            ]))
    return rows


def memory(myna, text, threads, progress):
    """Resident memory over the time of one long narration (a warm-up and a timed run), and its
    report."""
    progress(f"memory over time: {text.stem}")
    process = subprocess.Popen(_command(myna, text, threads), stdout=subprocess.PIPE, text=True)
    start = time.monotonic()
    samples = []
    while process.poll() is None:
        try:
            status = pathlib.Path(f"/proc/{process.pid}/status").read_text()
        except OSError:
            break
        for line in status.splitlines():
            if line.startswith("VmRSS:"):
                samples.append([round(time.monotonic() - start, 2), int(line.split()[1]) * 1024])
        time.sleep(SAMPLING_S)
    output = process.communicate()[0]
    if process.returncode != 0:
        raise StudyError(f"{text}: myna bench say failed")
    return {"threads": threads, "text": text.stem, "samples": samples, "run": json.loads(output)}
