"""Renders the bench's figures and holds them against the targets."""

MEBI = 1 << 20

SPEEDUP_TARGET = 3.0
FLOAT_SPEEDUP_TARGET = 1.5
AVX2_SHARE_TARGET = 0.5
BATCH_TARGET = 1.2
PEAK_RSS_TARGET_BYTES = 350e6
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
    row = _find(results["warm"], text="paragraph", precision="fp32", threads=2)
    if row:
        value = speedup(row)
        add(f"speed-up in float on the paragraph, 2 threads, at least {FLOAT_SPEEDUP_TARGET}",
            round(value, 2), value >= FLOAT_SPEEDUP_TARGET)
    share = avx2_share(results.get("scaling", []))
    if share:
        add(f"AVX2's share of AVX-512's speed, as chosen, at least {AVX2_SHARE_TARGET}",
            round(share, 2), share >= AVX2_SHARE_TARGET)
    for row in results.get("batch", [])[-1:]:
        add(f"batches of {row['lines_a_batch']} over one by one, at least {BATCH_TARGET}",
            round(row["ratio"], 2), row["ratio"] >= BATCH_TARGET)
    # Of int8, which `myna say` uses; fp32 holds other weights.
    peaks = [row["myna"]["peak_rss_bytes"] for row in results["warm"] if row["precision"] == "int8"]
    if peaks:
        add("peak memory in MB, at most 350", round(max(peaks) / 1e6),
            max(peaks) <= PEAK_RSS_TARGET_BYTES)
    row = _find(results["cold"], threads=2)
    if row:
        add("cold start to the first sample in s, 2 threads, at most 2", round(row["myna"], 2),
            row["myna"] <= COLD_START_TARGET_S)
    return targets


def avx2_share(rows):
    """x real time with AVX2 over that with the best AVX-512 level, one thread, the longest text
    measured; None without both."""
    alone = [row for row in rows if row["threads"] == 1 and row["precision"] == "auto"]
    if not alone:
        return None
    alone = [row for row in alone if row["text"] == alone[-1]["text"]]
    narrow = [row["x_realtime"] for row in alone if row["isa"] == "avx2"]
    wide = [row["x_realtime"] for row in alone if row["isa"].startswith("avx512")]
    return narrow[0] / max(wide) if narrow and wide else None


def _render_studies(results):
    lines = []
    if results.get("peers"):
        lines += ["", "Other voices on the paragraph (another model each: how fast, not how good):", "",
                  "| voice | threads | × real time | wall s | first audio s | peak MiB |",
                  "| --- | --- | --- | --- | --- | --- |"]
        for row in results["peers"]:
            if "missing" in row:
                lines.append(f"| {row['peer']} | | {row['missing']} | | | |")
                continue
            lines.append(f"| {row['peer']} | {row['threads']} | {row['x_realtime']:.2f} | "
                         f"{row['wall_s']:.2f} | {row['first_audio_s']:.2f} | "
                         f"{row['peak_rss_bytes'] / MEBI:.0f} |")
    if results.get("scaling"):
        lines += ["", "× real time by instruction set (auto: int8 where there are products of four bytes):",
                  "", "| text | threads | level | auto | fp32 |", "| --- | --- | --- | --- | --- |"]
        for row in results["scaling"]:
            if row["precision"] != "auto":
                continue
            other = _find(results["scaling"], text=row["text"], threads=row["threads"],
                          isa=row["isa"], precision="fp32")
            lines.append(f"| {row['text']} | {row['threads']} | {row['isa']} | "
                         f"{row['x_realtime']:.2f} | {other['x_realtime']:.2f} |")
    if results.get("latency"):
        ordered = sorted(results["latency"]["first_audio_ms"])
        lines += ["", f"First audio of {len(ordered)} sentences of about ten words, warm, "
                  f"{results['latency']['threads']} threads: median {ordered[len(ordered) // 2]:.0f} "
                  f"ms, nine in ten below {ordered[len(ordered) * 9 // 10]:.0f} ms."]
    if results.get("batch"):
        lines += ["", "Sentences one by one and in batches:", "",
                  "| sentences | a batch | one by one, × real time | batched | ratio | median ratio | "
                  "largest difference | peak MiB |", "| --- | --- | --- | --- | --- | --- | --- | --- |"]
        for row in results["batch"]:
            lines.append(f"| {row['lines']} | {row['lines_a_batch']} | "
                         f"{row['one_by_one']['x_realtime']:.2f} | {row['batched']['x_realtime']:.2f} | "
                         f"**{row['ratio']:.2f}** | {row['median_ratio']:.2f} | "
                         f"{row['largest_difference']:g} | {row['peak_rss_bytes'] / MEBI:.0f} |")
    if results.get("memory"):
        peak = results["memory"]["run"]["peak_rss_bytes"] / 1e6
        lines += ["", f"Most memory over the text of {results['memory']['text']}: {peak:.0f} MB."]
    return lines


def render(results):
    machine = results["machine"]
    lines = [
        "# Myna and ONNX Runtime on Kokoro-82M",
        "",
        f"{machine['cpu']}, {machine['cores']} cores, {machine['memory_gib']} GiB, "
        f"{' '.join(machine['features'])}. {machine['date']}, {results['myna_version']} "
        f"({machine['revision']}). Voice {results['voice']}, warm, median of runs in processes of "
        "their own, taking turns. Command: `make bench`.",
        *(["", results["note"]] if results.get("note") else []),
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
    lines += _render_studies(results)
    lines += ["", "| target | measured | |", "| --- | --- | --- |"]
    for target in results["targets"]:
        verdict = "met" if target["met"] else "**missed**"
        lines.append(f"| {target['name']} | {target['value']} | {verdict} |")
    return "\n".join(lines) + "\n"
