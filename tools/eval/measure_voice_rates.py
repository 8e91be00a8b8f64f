#!/usr/bin/env python3
"""Measures how fast each voice speaks by itself, for src/voice/speaker_levels.cc.

    python3 -B tools/eval/measure_voice_rates.py --myna build/release/bin/myna [--tier flash]

Prints one line a voice: the seconds that a phoneme takes (spaces and marks counted) in sentences as shows
have them, at speed 1. Shows give each voice the speed at which all of them have one pace. Standard library only.
"""
import argparse
import json
import pathlib
import subprocess
import tempfile

LINES = (
    "Port Lisle opened its new tide gate on Monday evening, three months earlier than planned.",
    "The gate weighs four hundred and twenty tonnes and closes in nine minutes.",
    "Residents of the lower town had waited for it since the flood of 2013.",
    "So what is a tide?",
    "It is the slow rise and fall of the sea that most coasts see twice a day.",
    "The council will decide on the second stage in March, the engineer said.",
    "Biologists have found that bees learn to open a box by watching each other.",
    "Tomorrow it will be cloudy, with rain in the afternoon and a fresh wind from the west.",
)
VOICES = ("af_alloy af_aoede af_bella af_heart af_jessica af_kore af_nicole af_nova af_river af_sarah af_sky am_adam am_echo "
          "am_eric am_fenrir am_liam am_michael am_onyx am_puck am_santa bf_alice bf_emma bf_isabella bf_lily bm_daniel "
          "bm_fable bm_george bm_lewis").split()
LINE_GAP_S = 0.38  # what the mix puts behind each line of one speaker


def phoneme_count(myna, dialect):
    """Symbols of the lines, as `myna phonemize` prints them."""
    out = subprocess.run([myna, "phonemize", *dialect], input="\n".join(LINES), capture_output=True, text=True, check=True)
    return sum(len(line) for line in out.stdout.splitlines())


def speech_s(myna, tier, voice, folder):
    script = {"version": 1, "title": "Rates", "speakers": [{"name": "a", "voice": voice}],
              "segments": [{"kind": "talk", "title": "Rates", "lines": [{"speaker": "a", "text": line} for line in LINES]}]}
    path = folder / "rates.json"
    path.write_text(json.dumps(script))
    out = subprocess.run([myna, "podcast", "--from-script", path, "--no-music", "--no-cache", "--speed", "1", "--tier", tier,
                          "--json", "-o", folder / "rates.wav"], capture_output=True, text=True, check=True)
    return json.loads(out.stdout)["duration_s"] - LINE_GAP_S * len(LINES)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--myna", required=True)
    parser.add_argument("--tier", default="studio")
    parser.add_argument("--voices", nargs="*", default=VOICES)
    arguments = parser.parse_args()
    american = phoneme_count(arguments.myna, [])
    british = phoneme_count(arguments.myna, ["--accent", "gb"])
    with tempfile.TemporaryDirectory() as folder:
        for voice in arguments.voices:
            count = british if voice[0] == "b" else american
            seconds = speech_s(arguments.myna, arguments.tier, voice, pathlib.Path(folder))
            print(f"{voice} {seconds / count:.4f}", flush=True)


if __name__ == "__main__":
    main()
