#!/usr/bin/env python3
"""Whether words are heard when `myna say --transcript` says so: against Whisper's word times.

    tools/eval/eval_alignment.py --myna build/release/bin/myna [--data DIR] [--voices heart,michael]
                                 [--sentences 50] [--verbose]

Fifty sentences of LJSpeech's texts are spoken with a JSON transcript. Whisper base hears each,
aligns its words to the sound by its cross-attention, 20 ms at a step (CTranslate2's `align`), and
every word that both have is compared by its start. Exit status 1 when the median of the absolute
differences is above 60 ms for a voice. Needs the python environment `quality` and the model
packages kokoro-82m, lexicon-en and whisper-base.
"""

import argparse
import difflib
import json
import pathlib
import re
import subprocess
import sys
import tempfile

import ctranslate2
import numpy as np

REPOSITORY = pathlib.Path(__file__).resolve().parents[2]
sys.path[:0] = [str(REPOSITORY / "tools" / name) for name in ("quality", "setup")]

import audio  # noqa: E402
import python_env  # noqa: E402
import whisper_listener  # noqa: E402

MEDIAN_LIMIT_MS = 60
STEP_S = 0.02  # of Whisper's alignment
# The rest of a 30 s window is silence, which an alignment must not wander into.
LONGEST_S = 28


class EvalError(Exception):
    pass


def sentences_of(data, count):
    path = data / "tts_ljspeech" / "filelists" / "ljs_audio_text_test_filelist.txt"
    if not path.exists():
        raise EvalError(f"{path} is not there; --data names the shared data")
    texts = [line.split("|", 1)[1] for line in path.read_text(encoding="utf-8").splitlines() if "|" in line]
    # Plain words: what is compared is when they are heard, not how numbers are read.
    fit = [text for text in texts if re.fullmatch(r"[A-Z][A-Za-z ,;'-]{50,160}\.", text)]
    if len(fit) < count:
        raise EvalError(f"{path}: {len(fit)} fitting sentences, {count} wanted")
    return fit[:count]


def plain(word):
    return re.sub(r"[^a-z0-9]", "", word.lower())


class Aligner:
    """Words with their starts, as Whisper hears them."""

    def __init__(self, directory, threads):
        self._model = ctranslate2.models.Whisper(
            str(directory), device="cpu", compute_type="float32", intra_threads=threads
        )
        vocabulary = json.loads((directory / "vocabulary.json").read_text(encoding="utf-8"))
        self._ids = {token: index for index, token in enumerate(vocabulary)}
        self._start = [self._ids[t] for t in ("<|startoftranscript|>", "<|en|>", "<|transcribe|>")]

    def words(self, samples):
        features = ctranslate2.StorageView.from_array(
            np.ascontiguousarray(whisper_listener.log_mel(samples)[None])
        )
        prompt = [*self._start, self._ids["<|notimestamps|>"]]
        result = self._model.generate(features, [prompt], beam_size=5)[0]
        tokens = [t for t in result.sequences[0] if not t.startswith("<|")]
        if not tokens:
            return []
        frames = min(3000, len(samples) // whisper_listener.HOP)
        (alignment,) = self._model.align(
            features, self._start, [[self._ids[t] for t in tokens]], frames
        )
        pairs = np.array(alignment.alignments)
        # The path enters a token where its text index moves on.
        enters = np.flatnonzero(np.diff(pairs[:, 0], prepend=pairs[0, 0] - 1))
        start_of = {int(pairs[i, 0]): float(pairs[i, 1]) * STEP_S for i in enters}
        words = []
        for index, token in enumerate(tokens):
            text = token.replace("Ġ", " ")
            if words and not text.startswith(" "):
                words[-1][0] += text
            else:
                words.append([text.strip(), start_of.get(index)])
        return [(plain(text), start) for text, start in words if plain(text) and start is not None]


def speak(myna, sentence, voice, directory):
    sound, transcript = directory / "sentence.wav", directory / "sentence.json"
    result = subprocess.run(
        [str(myna), "say", "--text", sentence, "--voice", voice, "-o", str(sound), "--transcript",
         str(transcript), "--quiet"],
        capture_output=True, text=True,
    )
    if result.returncode != 0:
        raise EvalError(f"myna say: {result.stderr.strip()}")
    words = json.loads(transcript.read_text(encoding="utf-8"))["words"]
    samples, rate = audio.read_wav(sound)
    return [(plain(word["text"]), word["start_s"]) for word in words], samples, rate


def differences(ours, heard):
    """Seconds by which our start of a word is later, for each word that both have."""
    matcher = difflib.SequenceMatcher(a=[w for w, _ in ours], b=[w for w, _ in heard], autojunk=False)
    for block in matcher.get_matching_blocks():
        for k in range(block.size):
            yield ours[block.a + k][0], ours[block.a + k][1] - heard[block.b + k][1]


def evaluate(arguments):
    directory = python_env.data_directory() / "models" / "whisper-base"
    if not directory.is_dir():
        raise EvalError("the model package whisper-base is not installed; run: myna models pull whisper-base")
    aligner = Aligner(directory, arguments.threads)
    sentences = sentences_of(arguments.data, arguments.sentences)
    passed = True
    print(f"{'voice':<10}{'sentences':>10}{'words':>7}{'compared':>10}{'median ms':>11}{'p90 ms':>8}{'bias ms':>9}")
    for voice in arguments.voices.split(","):
        found, words = [], 0
        with tempfile.TemporaryDirectory() as scratch:
            for sentence in sentences:
                ours, samples, rate = speak(arguments.myna, sentence, voice, pathlib.Path(scratch))
                words += len(ours)
                if len(samples) > LONGEST_S * rate:
                    continue
                speech = audio.to_speech_rate(samples, rate)
                # Half a second of silence at both ends: the first word's start is then a place in
                # the sound, and not the edge of the window.
                pad = np.zeros(audio.SPEECH_RATE_HZ // 2, np.float32)
                heard = aligner.words(np.concatenate([pad, speech, pad]))
                heard = [(word, start - 0.5) for word, start in heard]
                pairs = list(differences(ours, heard))
                found += [difference for _, difference in pairs]
                if arguments.verbose:
                    print("  " + " ".join(f"{w}{1000 * d:+.0f}" for w, d in pairs), file=sys.stderr)
        if not found:
            raise EvalError(f"voice {voice}: no word could be compared")
        absolute = 1000 * np.abs(found)
        median = float(np.median(absolute))
        passed &= median <= MEDIAN_LIMIT_MS
        print(f"{voice:<10}{len(sentences):>10}{words:>7}{len(found):>10}{median:>11.0f}"
              f"{np.percentile(absolute, 90):>8.0f}{1000 * np.median(found):>+9.0f}", flush=True)
    print(f"{'pass' if passed else 'FAIL'}  median difference of word starts at most {MEDIAN_LIMIT_MS} ms")
    return 0 if passed else 1


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--myna", default=REPOSITORY / "build/release/bin/myna", type=pathlib.Path)
    parser.add_argument("--data", default=REPOSITORY.parent / "shared/data", type=pathlib.Path)
    parser.add_argument("--voices", default="heart,michael")
    parser.add_argument("--sentences", type=int, default=50)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--verbose", action="store_true", help="the difference of each word, in ms")
    arguments = parser.parse_args()
    try:
        return evaluate(arguments)
    except (EvalError, python_env.SetupError, OSError, ValueError) as error:
        print(f"eval_alignment: {error}", file=sys.stderr)
        return 2


if __name__ == "__main__":
    sys.exit(main())
