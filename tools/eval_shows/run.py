#!/usr/bin/env python3
"""`make eval-shows`: what shows are measured by.

    run.py --myna build/release/bin/myna --dump build/release/tools/eval_shows/myna_intake_dump [--out DIR]

Intake against its oracles (needs ../shared; left out without it, and said so), then the show of the
bundled feeds: length, pace, loudness, true peak, bed, gaps, support and redundancy of sentences, the
longest sentence, and whether captions are in order.
"""

import argparse
import importlib.util
import json
import re
import subprocess
import sys
import wave
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
DATA = ROOT.parent / "shared" / "data"
FEEDS = ROOT / "examples" / "daily"


def words(text):
    return re.findall(r"[\w'’-]+", text.lower())


def supported(text, span):
    """Words of a line occur in its span in the same order: extraction only leaves words out."""
    rest = iter(words(span))
    return all(word in rest for word in words(text) if word not in ("but",))


def similarity(a, b):
    a, b = set(words(a)), set(words(b))
    return len(a & b) / max(1, len(a | b))


def check_script(script):
    sources = {source["id"]: source["text"].encode() for source in script["sources"]}
    lines, held, longest, told = 0, 0, 0, []
    for segment in script["segments"]:
        for line in segment["lines"]:
            longest = max(longest, *(len(words(s)) for s in re.split(r"(?<=[.!?]) ", line["text"])))
            for reference in line.get("references", [])[:1]:
                if reference["source"] == "weather":
                    continue
                lines += 1
                span = sources[reference["source"]][reference["begin"] : reference["end"]].decode()
                ok = supported(line["text"], span)
                held += ok
                if not ok:
                    print("  not supported:", line["text"], "|", span)
                if segment["kind"] in ("lead", "item", "closer"):
                    told.append(line["text"])
    worst = max((similarity(a, b), a, b) for i, a in enumerate(told) for b in told[:i])
    return {
        "sentences": lines,
        "supported_percent": 100 * held / lines,
        "longest_sentence_words": longest,
        "most_similar_pair": round(worst[0], 2),
    }


def cue_times(vtt):
    for start, end in re.findall(r"(\d\d:\d\d:\d\d\.\d{3}) --> (\d\d:\d\d:\d\d\.\d{3})", vtt):
        yield tuple(sum(float(p) * f for p, f in zip(t.split(":"), (3600, 60, 1))) for t in (start, end))


def check_captions(path):
    times = list(cue_times(path.read_text()))
    in_order = all(a[1] <= b[0] + 1e-6 and a[0] < a[1] for a, b in zip(times, times[1:]))
    gaps = sorted(b[0] - a[1] for a, b in zip(times, times[1:]))
    return {
        "captions": len(times),
        "in_order": in_order,
        "gaps_s": {f"p{p}": round(gaps[min(len(gaps) - 1, len(gaps) * p // 100)], 2) for p in (10, 50, 90, 99)},
    }


def loudness(path):
    """ITU-R BS.1770-4 for one channel, written out here so that it is not the program's own meter."""
    import numpy

    with wave.open(str(path)) as file:
        rate = file.getframerate()
        samples = numpy.frombuffer(file.readframes(file.getnframes()), "<i2") / 32768
    peak = 20 * numpy.log10(numpy.max(numpy.abs(samples)))
    spectrum = numpy.fft.rfft(samples)
    z = numpy.exp(-2j * numpy.pi * numpy.fft.rfftfreq(len(samples)))
    # The two filters of the standard, for any rate (De Man 2014).
    for kind, f0, gain, q in (("shelf", 1681.974450955533, 3.999843853973347, 0.7071752369554196),
                              ("high", 38.13547087602444, 0, 0.5003270373238773)):
        k = numpy.tan(numpy.pi * f0 / rate)
        if kind == "shelf":
            vh, vb = 10 ** (gain / 20), (10 ** (gain / 20)) ** 0.4996667741545416
            b = numpy.array([vh + vb * k / q + k * k, 2 * (k * k - vh), vh - vb * k / q + k * k])
        else:
            b = numpy.array([1.0, -2.0, 1.0]) * (1 + k / q + k * k)
        a = numpy.array([1 + k / q + k * k, 2 * (k * k - 1), 1 - k / q + k * k])
        spectrum *= (b[0] + b[1] * z + b[2] * z * z) / (a[0] + a[1] * z + a[2] * z * z)
    weighted = numpy.fft.irfft(spectrum, len(samples))
    size, step = int(0.4 * rate), int(0.1 * rate)
    power = numpy.cumsum(numpy.concatenate([[0], weighted**2]))
    starts = numpy.arange(0, len(samples) - size, step)
    blocks = (power[starts + size] - power[starts]) / size
    blocks = blocks[-0.691 + 10 * numpy.log10(blocks + 1e-15) > -70]
    gate = -0.691 + 10 * numpy.log10(numpy.mean(blocks)) - 10
    blocks = blocks[-0.691 + 10 * numpy.log10(blocks) > gate]
    return {"lufs": round(float(-0.691 + 10 * numpy.log10(numpy.mean(blocks))), 2), "sample_peak_dbfs": round(float(peak), 2)}


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--myna", type=Path, required=True)
    parser.add_argument("--dump", type=Path, required=True)
    parser.add_argument("--out", type=Path, default=ROOT / "out" / "eval-shows")
    parser.add_argument("--minutes", type=float, default=4)
    arguments = parser.parse_args()
    arguments.out.mkdir(parents=True, exist_ok=True)
    here = Path(__file__).parent
    failed = 0
    for script, data, minimum in (
        ("eval_feeds.py", DATA / "feeds_feedparser" / "tests", "97"),
        ("eval_articles.py", DATA / "html_article_extraction", "0.95"),
    ):
        if not data.exists():
            print(f"left out: {script}, {data} is not there")
            continue
        if script == "eval_feeds.py" and importlib.util.find_spec("feedparser") is None:
            print("left out: eval_feeds.py, feedparser is not installed (pip install feedparser)")
            continue
        command = [sys.executable, here / script, data, "--dump", arguments.dump, "--minimum", minimum]
        failed += subprocess.run(command).returncode != 0
    show = arguments.out / "daily.wav"
    report = subprocess.run(
        [arguments.myna, "daily", "--feeds", FEEDS, "--interests", FEEDS / "interests.txt", "--weather",
         FEEDS / "weather" / "forecast.json", "--place", "Port Lisle", "--now", "2026-11-26T07:00Z", "--offline",
         "--no-ledger", "--minutes", str(arguments.minutes), "--json", "-o", show],
        capture_output=True, text=True, check=True,
    ).stdout
    report = json.loads(report)
    figures = {
        "asked_s": report["asked_s"],
        "duration_s": report["duration_s"],
        "length_error_percent": round(100 * (report["duration_s"] / report["asked_s"] - 1), 2),
        "words_per_minute": report["words_per_minute"],
        "bed_below_speech_db": report["bed_below_speech_db"],
        "wall_s": report["wall_s"],
        **check_script(json.loads(show.with_suffix(".script.json").read_text())),
        **check_captions(show.with_suffix(".vtt")),
    }
    figures |= loudness(show)
    print(json.dumps(figures, indent=2))
    failed += abs(figures["length_error_percent"]) > 5 or figures["supported_percent"] < 100 or not figures["in_order"]
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
