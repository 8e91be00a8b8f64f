#!/usr/bin/env python3
"""Draws the bench's figures as SVG: plots.py RESULTS.json OUT_DIRECTORY. Needs matplotlib
(tools/python/requirements-plots.txt)."""

import json
import pathlib
import sys

import matplotlib

matplotlib.use("svg")
import matplotlib.pyplot as plt  # noqa: E402

import studies  # noqa: E402

matplotlib.rcParams.update({
    "svg.hashsalt": "myna", "svg.fonttype": "none", "font.size": 10, "axes.spines.top": False,
    "axes.spines.right": False, "figure.figsize": (7, 3.6),
})


def _caption(results):
    machine = results["machine"]
    return (f"{machine['cpu']}, {machine['cores']} cores, {machine['date'][:10]}, "
            f"{machine['revision']}, make bench")


def _save(figure, axes, results, path, title):
    axes.set_title(title, loc="left", fontsize=11)
    figure.text(0.01, 0.01, _caption(results), fontsize=7, color="0.4")
    figure.tight_layout(rect=(0, 0.03, 1, 1))
    figure.savefig(path, metadata={"Date": None})
    plt.close(figure)


def _bars(axes, groups, series):
    """series: name -> one value a group; None leaves a gap."""
    width = 0.8 / max(1, len(series))
    for i, (name, values) in enumerate(series.items()):
        places = [g + (i + 0.5) * width - 0.4 for g in range(len(groups))]
        drawn = axes.bar(places, [value or 0 for value in values], width * 0.92, label=name)
        axes.bar_label(drawn, [f"{value:.1f}" if value else "" for value in values], fontsize=7)
    axes.set_xticks(range(len(groups)), groups)
    axes.legend(frameon=False, fontsize=8)


def draw_peers(results, directory, name):
    rows = [row for row in results["warm"] if row["threads"] == 2]
    if not rows:
        return None
    figure, axes = plt.subplots()
    groups = [f"{row['text']}, {row['precision']}" for row in rows]
    _bars(axes, groups, {
        "Myna": [row["myna"]["x_realtime"] for row in rows],
        "ONNX Runtime": [row["onnxruntime"]["x_realtime"] for row in rows],
    })
    axes.set_ylabel("x real time, two threads")
    path = directory / f"{name}-kokoro.svg"
    _save(figure, axes, results, path, "Kokoro-82M on two threads")
    return path


def draw_scaling(results, directory, name):
    rows = [row for row in results.get("scaling", []) if row["text"] == "short"]
    if not rows:
        return None
    figure, axes = plt.subplots()
    isas = list(dict.fromkeys(row["isa"] for row in rows))
    series = {}
    for threads in sorted({row["threads"] for row in rows}):
        for precision in ("auto", "fp32"):
            label = f"{precision}, {threads} thread{'s' if threads > 1 else ''}"
            series[label] = [
                next((row["x_realtime"] for row in rows if row["isa"] == isa
                      and row["threads"] == threads and row["precision"] == precision), None)
                for isa in isas
            ]
    _bars(axes, isas, series)
    axes.set_ylabel("x real time")
    path = directory / f"{name}-isa.svg"
    _save(figure, axes, results, path, "Instruction sets and threads, ten words")
    return path


def draw_latency(results, directory, name):
    study = results.get("latency")
    if not study:
        return None
    figure, axes = plt.subplots()
    axes.hist(study["first_audio_ms"], bins=20, color="C0")
    axes.set_xlabel(f"ms to the first audio of a sentence, warm, {study['threads']} threads")
    axes.set_ylabel("sentences")
    path = directory / f"{name}-latency.svg"
    _save(figure, axes, results, path, f"First audio, {len(study['first_audio_ms'])} sentences")
    return path


def draw_pieces(results, directory, name):
    study = results.get("memory")
    factors = studies.piece_factors(study["run"]) if study else []
    if not factors:
        return None
    figure, axes = plt.subplots()
    axes.hist(factors, bins=20, color="C2")
    axes.set_xlabel("seconds of work for a second of audio")
    axes.set_ylabel("pieces")
    path = directory / f"{name}-pieces.svg"
    _save(figure, axes, results, path, f"Later pieces of the text of {study['text']}")
    return path


def draw_batch(results, directory, name):
    rows = results.get("batch", [])
    if not rows:
        return None
    figure, axes = plt.subplots()
    lines = [row["lines_a_batch"] for row in rows]
    axes.plot(lines, [row["batched"]["x_realtime"] for row in rows], "o-", label="in batches")
    axes.plot(lines, [row["one_by_one"]["x_realtime"] for row in rows], "o--", label="one by one")
    axes.set_xscale("log", base=2)
    axes.set_xticks(lines, [str(count) for count in lines])
    axes.set_ylim(bottom=0)
    axes.set_xlabel("sentences a batch")
    axes.set_ylabel("x real time, two threads")
    axes.legend(frameon=False)
    path = directory / f"{name}-batch.svg"
    _save(figure, axes, results, path, "Short sentences on two threads")
    return path


def draw_memory(results, directory, name):
    study = results.get("memory")
    if not study:
        return None
    figure, axes = plt.subplots()
    axes.plot([at for at, _ in study["samples"]], [rss / 1e6 for _, rss in study["samples"]])
    axes.axhline(350, color="0.6", linestyle=":", label="350 MB")
    axes.set_ylim(bottom=0)
    axes.set_xlabel("seconds (loading, warm-up, timed run)")
    axes.set_ylabel("resident MB")
    axes.legend(frameon=False)
    path = directory / f"{name}-memory.svg"
    _save(figure, axes, results, path, f"Memory over the text of {study['text']}")
    return path


DRAWINGS = (draw_peers, draw_scaling, draw_latency, draw_pieces, draw_batch, draw_memory)


def draw_all(results, directory, name):
    return [path for path in (draw(results, directory, name) for draw in DRAWINGS) if path]


def main():
    if len(sys.argv) != 3:
        print(__doc__, file=sys.stderr)
        return 2
    source = pathlib.Path(sys.argv[1])
    for path in draw_all(json.loads(source.read_text()), pathlib.Path(sys.argv[2]), source.stem):
        print(path)
    return 0


if __name__ == "__main__":
    sys.exit(main())
