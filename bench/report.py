"""Renders the bench's figures and holds them against the targets."""

MEBI = 1 << 20

SPEEDUP_TARGET = 1.6
PEAK_RSS_TARGET_BYTES = 700e6
COLD_START_TARGET_S = 2.0


def speedup(row):
    """How much sooner Myna is done with the same phonemes.

    Not the ratio of the x real time: the two do not play for equally long, for Myna trims the
    silence around a piece and sets its own pauses.
    """
    return row["onnxruntime"]["wall_s"] / row["myna"]["wall_s"]


def _find(rows, **wanted):
    for row in rows:
        if all(row.get(key) == value for key, value in wanted.items()):
            return row
    return None


def check_targets(results):
    targets = []

    def add(name, value, met):
        targets.append({"name": name, "value": value, "met": bool(met)})

    row = _find(results["warm"], text="paragraph", precision="int8", threads=2)
    if row:
        value = speedup(row)
        add(f"speed-up on the paragraph, 2 threads, at least {SPEEDUP_TARGET}", round(value, 2),
            value >= SPEEDUP_TARGET)
    # Of int8, which `myna say` uses; fp32 holds other weights.
    peaks = [row["myna"]["peak_rss_bytes"] for row in results["warm"] if row["precision"] == "int8"]
    if peaks:
        add("peak memory in MB, at most 700", round(max(peaks) / 1e6),
            max(peaks) <= PEAK_RSS_TARGET_BYTES)
    row = _find(results["cold"], threads=2)
    if row:
        add("cold start to the first sample in s, 2 threads, at most 2", round(row["myna"], 2),
            row["myna"] <= COLD_START_TARGET_S)
    return targets


def render(results):
    machine = results["machine"]
    lines = [
        "# Myna and ONNX Runtime on Kokoro-82M",
        "",
        f"{machine['cpu']}, {machine['cores']} cores, {machine['memory_gib']} GiB, "
        f"{' '.join(machine['features'])}. {machine['date']}, {results['myna_version']} "
        f"({machine['revision']}). Voice {results['voice']}, warm, median of runs in processes of "
        "their own, taking turns. Command: `make bench`.",
        "",
        "| text | arithmetic | threads | | × real time | audio s | wall s | first audio s | "
        "peak MiB | speed-up |",
        "| --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |",
    ]
    for row in results["warm"]:
        for engine, label in (("myna", "Myna"), ("onnxruntime", "ONNX Runtime")):
            one = row[engine]
            ratio = f"**{speedup(row):.2f}**" if engine == "myna" else ""
            lines.append(
                f"| {row['text']} | {row['precision']} | {row['threads']} | {label} | "
                f"{one['x_realtime']:.2f} | {one['audio_s']:.1f} | {one['wall_s']:.2f} | "
                f"{one['first_audio_s']:.2f} | {one['peak_rss_bytes'] / MEBI:.0f} | {ratio} |"
            )
    lines += [
        "",
        "Speed-up: wall time of ONNX Runtime over that of Myna for the same phonemes.",
        "",
        "From the start of a process to the first sample of the short text (files in the page cache):",
        "",
        "| threads | Myna s | ONNX Runtime s |",
        "| --- | --- | --- |",
    ]
    for row in results["cold"]:
        lines.append(f"| {row['threads']} | {row['myna']:.2f} | {row['onnxruntime']:.2f} |")
    lines += ["", "| target | measured | |", "| --- | --- | --- |"]
    for target in results["targets"]:
        verdict = "met" if target["met"] else "**missed**"
        lines.append(f"| {target['name']} | {target['value']} | {verdict} |")
    return "\n".join(lines) + "\n"
