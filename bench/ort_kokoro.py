#!/usr/bin/env python3
"""ONNX Runtime's Kokoro, one process a measurement: the other side of bench/run.py.

  ort_kokoro.py --model kokoro.onnx --package DIR --voice af_heart --pieces FILE --threads N [--cold]

FILE has the phonemes of one piece a line, as Myna cut the text. Prints one JSON object with the
keys of `myna bench say --json`. Warm (the default) loads the model, speaks one piece, then measures
the whole text. --cold speaks the text at once and writes its samples (F32, raw) to stdout piece by
piece, for the parent to time, and the JSON to stderr.
"""

import argparse
import json
import pathlib
import resource
import sys
import time

import numpy as np
import onnxruntime

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "tools" / "models"))

from safetensors_io import read_safetensors  # noqa: E402

SAMPLE_RATE_HZ = 24000
MAX_PHONEMES = 510


class OrtKokoro:
    def __init__(self, model, package, threads):
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = threads
        options.inter_op_num_threads = 1
        self.session = onnxruntime.InferenceSession(
            str(model), options, providers=["CPUExecutionProvider"]
        )
        parameters = json.loads((package / "parameters.json").read_text(encoding="utf-8"))
        self.vocabulary = parameters["vocabulary"]
        self.voices = read_safetensors(package / "voices.safetensors")[0]

    def speak(self, phonemes, voice):
        tokens = [self.vocabulary[symbol] for symbol in phonemes if symbol in self.vocabulary]
        if not 0 < len(tokens) <= MAX_PHONEMES:
            raise ValueError(f"a piece of {len(tokens)} phonemes; 1 to {MAX_PHONEMES} can be spoken")
        inputs = {
            "tokens": np.array([[0, *tokens, 0]], np.int64),
            "style": self.voices[voice][len(tokens) - 1][None],
            "speed": np.ones(1, np.float32),
        }
        return self.session.run(None, inputs)[0]


def peak_rss_bytes():
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--model", required=True, type=pathlib.Path)
    parser.add_argument("--package", required=True, type=pathlib.Path, help="kokoro-82m")
    parser.add_argument("--voice", required=True, help="a full id such as af_heart")
    parser.add_argument("--pieces", required=True, type=pathlib.Path)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--cold", action="store_true")
    arguments = parser.parse_args()

    pieces = [line for line in arguments.pieces.read_text(encoding="utf-8").splitlines() if line]
    begin = time.perf_counter()
    kokoro = OrtKokoro(arguments.model, arguments.package, arguments.threads)
    loaded = time.perf_counter()
    if not arguments.cold:
        # The longest piece, so that memory is already there when the clock runs.
        kokoro.speak(max(pieces, key=len), arguments.voice)

    start, cpu_start = time.perf_counter(), time.process_time()
    first_audio = None
    samples = 0
    for piece in pieces:
        audio = kokoro.speak(piece, arguments.voice)
        if first_audio is None:
            first_audio = time.perf_counter() - start
        samples += audio.size
        if arguments.cold:
            sys.stdout.buffer.write(audio.tobytes())
            sys.stdout.buffer.flush()
    wall = time.perf_counter() - start
    cpu = time.process_time() - cpu_start

    seconds = samples / SAMPLE_RATE_HZ
    result = {
        "audio_s": seconds,
        "wall_s": wall,
        "cpu_s": cpu,
        "x_realtime": seconds / wall,
        "first_audio_s": first_audio,
        "peak_rss_bytes": peak_rss_bytes(),
        "load_s": loaded - begin,
        "onnxruntime": onnxruntime.__version__,
    }
    print(json.dumps(result), file=sys.stderr if arguments.cold else sys.stdout)


if __name__ == "__main__":
    main()
