#!/usr/bin/env python3
"""`make eval-shows`: what shows are measured by.

    run.py --myna build/release/bin/myna --dump build/release/tools/eval_shows/myna_intake_dump [--out DIR]

Intake against its oracles (needs ../shared; left out without it, and said so), summaries beside the
first three sentences, then the Daily of the bundled feeds and the podcast of the bundled article:
length, pace, loudness, peak, bed, gaps, support and redundancy of sentences, the longest sentence,
captions, what other programs' readers say of the files, and word errors that Whisper makes with the
mix and with the dry voice.
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
    parser.add_argument("--whisper", type=Path, help="the package whisper-base: word errors of mix and dry voice")
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
        command = [sys.executable, here / script, data, "--dump", arguments.dump, "--minimum", minimum]
        failed += subprocess.run(command).returncode != 0
    failed += eval_summaries(arguments)
    for name, command in shows(arguments).items():
        print(f"\n{name}")
        figures, wrong = measure(arguments, name, command)
        print(json.dumps(figures, indent=2))
        for problem in wrong:
            print("  failed:", problem)
        failed += len(wrong)
    return 1 if failed else 0


def eval_summaries(arguments):
    data = DATA / "html_article_extraction"
    if not data.exists():
        return 0
    command = [sys.executable, Path(__file__).parent / "eval_summaries.py", data, "--dump", arguments.dump]
    return subprocess.run(command).returncode != 0


def shows(arguments):
    """The commands of the shows that are measured, by name."""
    daily = ["daily", "--feeds", FEEDS, "--interests", FEEDS / "interests.txt", "--weather",
             FEEDS / "weather" / "forecast.json", "--place", "Port Lisle", "--now", "2026-11-26T07:00Z", "--offline",
             "--no-ledger", "--minutes", str(arguments.minutes)]
    talk = ["podcast", ROOT / "examples" / "podcast" / "tides.md", "--minutes", str(arguments.minutes)]
    return {"daily": daily, "podcast": talk}


def measure(arguments, name, command):
    """Figures of a show, and what is wrong with it."""
    show, feed = arguments.out / f"{name}.mp3", arguments.out / f"{name}.xml"
    make = [arguments.myna, *command, "--json"]
    published = ["--feed", feed, "--base-url", "https://shows.example/myna"]
    for old in arguments.out.glob("*.episode.json"):
        old.unlink()
    run = lambda *more: json.loads(subprocess.run([*make, *more], capture_output=True, text=True, check=True).stdout)
    report = run("-o", show, *published)
    wav = arguments.out / f"{name}.wav"
    run("-o", wav)
    figures = {
        "asked_s": report["asked_s"],
        "duration_s": report["duration_s"],
        "length_error_percent": round(100 * (report["duration_s"] / report["asked_s"] - 1), 2),
        "words_per_minute": report["words_per_minute"],
        "bed_below_speech_db": report["bed_below_speech_db"],
        "wall_s": report["wall_s"],
        "lines_from_cache": f"{report['lines_from_cache']} of {report['lines']}",
        **check_script(json.loads(show.with_suffix(".script.json").read_text())),
        **check_captions(show.with_suffix(".vtt")),
        **loudness(wav),
    }
    wrong = check_files(show, feed, DATA / "feeds_podcastns" / "podcast.xsd")
    if arguments.whisper:
        from listen import word_error_rates

        dry = arguments.out / f"{name}-dry.wav"
        # The same lines, which are not spoken again.
        subprocess.run([arguments.myna, command[0], "--from-script", wav.with_suffix(".script.json"), "--no-music", "-q",
                        "-o", dry], check=True)
        rates = word_error_rates(arguments.whisper, wav, dry, DATA / "whisper_norm" / "whisper" / "normalizers" / "english.json")
        figures |= rates
        if rates["wer_mix_percent"] > rates["wer_dry_percent"] + 1:
            wrong.append("the bed costs more than one point of word errors")
    limits = {
        "longer or shorter than asked by more than 5 %": abs(figures["length_error_percent"]) > 5,
        "a sentence without support": figures["supported_percent"] < 100,
        "captions out of order": not figures["in_order"],
        "a sentence of more than 20 words": figures["longest_sentence_words"] > 20,
        "not at -16 LUFS": abs(figures["lufs"] + 16) > 0.5,
        "peaks above -1 dBFS": figures["sample_peak_dbfs"] > -1,
        "bed less than 20 dB under speech": figures["bed_below_speech_db"] < 20,
    }
    return figures, wrong + [name for name, bad in limits.items() if bad]


if __name__ == "__main__":
    sys.exit(main())
