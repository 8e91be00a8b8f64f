#!/usr/bin/env python3
"""`make eval-shows`: what shows are measured by.

    run.py --myna build/release/bin/myna --dump build/release/tools/eval_shows/myna_intake_dump [--out DIR]

Intake against its oracles (needs ../shared; left out without it, and said so), summaries beside the
first three sentences, the pace of several voices and formats, then the Daily of the bundled feeds and
the podcast of the bundled article: length, pace, loudness, peak, bed, gaps, support and redundancy of
sentences, the longest sentence, captions, what other programs' readers say of the files, and word
errors that Whisper makes with the mix and with the dry voice. Each measure stands beside its target.
"""

import argparse
import json
import subprocess
import sys
from pathlib import Path

from check_show import check_captions, check_files, check_script, loudness

ROOT = Path(__file__).resolve().parents[2]
DATA = ROOT.parent / "shared" / "data"
FEEDS = ROOT / "examples" / "daily"


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--myna", type=Path, required=True)
    parser.add_argument("--dump", type=Path, required=True)
    parser.add_argument("--out", type=Path, default=ROOT / "out" / "eval-shows")
    parser.add_argument("--minutes", type=float, default=4)
    parser.add_argument("--tier", default="auto", help="the voice of the shows that are measured")
    parser.add_argument("--only", default="intake,summaries,paces,daily,podcast", help="parts, with commas")
    parser.add_argument("--pace-tier", default="flash", help="the voice whose pace is measured: flash or studio")
    parser.add_argument("--whisper", type=Path, help="the package whisper-base: word errors of mix and dry voice")
    arguments = parser.parse_args()
    arguments.out.mkdir(parents=True, exist_ok=True)
    here = Path(__file__).parent
    parts = arguments.only.split(",")
    failed = 0
    for script, data, minimum in (
        ("eval_feeds.py", DATA / "feeds_feedparser" / "tests", "97"),
        ("eval_articles.py", DATA / "html_article_extraction", "0.95"),
    ):
        if "intake" not in parts:
            continue
        if not data.exists():
            print(f"left out: {script}, {data} is not there")
            continue
        command = [sys.executable, here / script, data, "--dump", arguments.dump, "--minimum", minimum]
        failed += subprocess.run(command).returncode != 0
    if "summaries" in parts:
        failed += eval_summaries(arguments)
    if "paces" in parts:
        failed += eval_paces(arguments)
    for name, command in shows(arguments.minutes).items():
        if name not in parts:
            continue
        failed += report(f"{name}, {arguments.minutes:g} minutes asked", *measure(arguments, name, command))
    print("\nall measures are met" if failed == 0 else f"\n{failed} measures are not met")
    return 1 if failed else 0


def report(title, figures, measures, problems):
    """Prints a table of (measure, value, target, whether it is met) and returns how many are not."""
    print(f"\n{title}")
    for name, value, target, met in measures:
        print(f"  {'ok  ' if met else 'FAIL'} {name:<34} {value:<12} {target}")
    for problem in problems:
        print(f"  FAIL {problem}")
    print("  " + json.dumps(figures))
    return sum(not met for *_, met in measures) + len(problems)


def eval_summaries(arguments):
    data = DATA / "html_article_extraction"
    if not data.exists():
        return 0
    command = [sys.executable, Path(__file__).parent / "eval_summaries.py", data, "--dump", arguments.dump]
    return subprocess.run(command).returncode != 0


def shows(minutes):
    """The commands of the shows that are measured, by name."""
    daily = ["daily", "--feeds", FEEDS, "--interests", FEEDS / "interests.txt", "--weather",
             FEEDS / "weather" / "forecast.json", "--place", "Port Lisle", "--now", "2026-11-26T07:00Z", "--offline",
             "--no-ledger", "--minutes", str(minutes)]
    talk = ["podcast", ROOT / "examples" / "podcast" / "tides.md", "--minutes", str(minutes)]
    return {"daily": daily, "podcast": talk}


PACE = (150, 165)  # words a minute


def in_pace(words_per_minute):
    return PACE[0] <= words_per_minute <= PACE[1]


def eval_paces(arguments):
    """Words a minute of short shows: the quickest and the slowest voices, all formats. The Flash voice, which has
    the same speakers and is quick enough for all of them."""
    daily, talk = shows(minutes=2).values()
    short = ["--tier", arguments.pace_tier, "--json"]
    cases = {f"daily, {voice}": [*daily, "--voice", voice] for voice in ("heart", "michael", "nicole", "george", "sky")}
    for form in ("deep-dive", "interview", "debate", "brief"):
        cases[f"podcast, {form}"] = [*talk, "--format", form]
    for hosts in ("nicole,fenrir", "emma,lewis", "adam,sarah"):
        cases[f"podcast, {hosts}"] = [*talk, "--hosts", hosts]
    measures, figures = [], {}
    for name, command in cases.items():
        made = run_show(arguments, [*command, *short, "-o", arguments.out / "pace.wav"])
        pace = made["words_per_minute"]
        figures[name] = {one["name"]: one["speed"] for one in made["speakers"]}
        measures.append((name, f"{pace:g}", f"{PACE[0]} to {PACE[1]} words a minute", in_pace(pace)))
    return report(f"pace of voices and formats, {arguments.pace_tier}", figures, measures, [])


def run_show(arguments, command):
    return json.loads(subprocess.run([arguments.myna, *command], capture_output=True, text=True, check=True).stdout)


def measure(arguments, name, command):
    """Figures of a show, its measures with their targets, and what is wrong with its files."""
    show, feed = arguments.out / f"{name}.mp3", arguments.out / f"{name}.xml"
    make = [*command, "--json"]
    published = ["--feed", feed, "--base-url", "https://shows.example/myna"]
    for old in arguments.out.glob("*.episode.json"):
        old.unlink()
    make += ["--tier", arguments.tier]
    made = run_show(arguments, [*make, "-o", show, *published])
    wav = arguments.out / f"{name}.wav"
    run_show(arguments, [*make, "-o", wav])
    script = json.loads(show.with_suffix(".script.json").read_text())
    said, captions, level = check_script(script), check_captions(show.with_suffix(".vtt")), loudness(wav)
    error = 100 * (made["duration_s"] / made["asked_s"] - 1)
    measures = [
        ("sentences supported by their source", f"{said['supported_percent']:.1f} %", f"100 %, of {said['sentences']}",
         said["supported_percent"] == 100),
        ("the two sentences most alike", f"{said['most_similar_pair']:.2f}", "at most 0.50 of their words",
         said["most_similar_pair"] <= 0.5),
        ("longest sentence", f"{said['longest_sentence_words']} words", "at most 20",
         said["longest_sentence_words"] <= 20),
        ("length against what was asked", f"{error:+.2f} %", "within 5 %", abs(error) <= 5),
        ("words a minute", f"{made['words_per_minute']:g}", f"{PACE[0]} to {PACE[1]}", in_pace(made["words_per_minute"])),
        ("loudness", f"{level['lufs']:.2f} LUFS", "-16 within 0.5", abs(level["lufs"] + 16) <= 0.5),
        ("sample peak", f"{level['sample_peak_dbfs']:.2f} dBFS", "at most -1", level["sample_peak_dbfs"] <= -1),
        ("bed under speech", f"{made['bed_below_speech_db']:g} dB", "20 or more", made["bed_below_speech_db"] >= 20),
        ("captions in order", str(captions["in_order"]), "True", captions["in_order"]),
    ]
    problems = check_files(show, feed, DATA / "feeds_podcastns" / "podcast.xsd")
    measures.append(("objections of other readers", str(len(problems)), "none", not problems))
    if arguments.whisper:
        from listen import word_error_rates

        dry = arguments.out / f"{name}-dry.wav"
        # The same lines, which are not spoken again.
        subprocess.run([arguments.myna, command[0], "--from-script", wav.with_suffix(".script.json"), "--no-music", "-q",
                        "--tier", arguments.tier, "-o", dry], check=True)
        rates = word_error_rates(arguments.whisper, wav, dry, DATA / "whisper_norm" / "whisper" / "normalizers" / "english.json")
        mix, plain = rates["wer_mix_percent"], rates["wer_dry_percent"]
        measures.append(("word errors of the finished mix", f"{mix:.2f} %", f"at most 1 point above the dry voice: {plain:.2f} %",
                         mix <= plain + 1))
        said |= rates
    figures = {"duration_s": made["duration_s"], "wall_s": made["wall_s"], "stages_s": made["stages_s"],
               "lines_from_cache": f"{made['lines_from_cache']} of {made['lines']}", "speakers": made["speakers"],
               **said, **captions, **level}
    return figures, measures, problems


if __name__ == "__main__":
    sys.exit(main())
