"""Word errors that Whisper makes with a finished show: with music and bed, and with the voice alone."""

import json
import re
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "quality"))

import numpy as np
from audio import SPEECH_RATE_HZ, read_wav, to_speech_rate
from check_show import cue_times
from whisper_listener import WhisperListener
from word_errors import errors, normalised_words, read_spellings

WINDOW_S = 25  # Whisper hears 30
BREAK_S = 0.9  # music may be heard for itself in such a gap; Whisper takes it for the end, or skips what follows


def windows(times):
    """Runs of captions that fit one window, as ranges of their numbers: cut where nobody speaks, and at breaks."""
    first = 0
    for number in range(1, len(times) + 1):
        if (number == len(times) or times[number][1] - times[first][0] > WINDOW_S
                or times[number][0] - times[number - 1][1] > BREAK_S):
            yield first, number
            first = number


def caption_texts(vtt):
    blocks = [block for block in vtt.split("\n\n") if "-->" in block]
    texts = [" ".join(block.split("\n")[1:]) for block in blocks]
    return [re.sub("<[^>]*>", "", text).replace("&amp;", "&").replace("&lt;", "<").replace("&gt;", ">") for text in texts]


def heard_errors(listener, show, spellings):
    vtt = show.with_suffix(".vtt").read_text()
    times, texts = list(cue_times(vtt)), caption_texts(vtt)
    samples, rate = read_wav(show)
    samples = to_speech_rate(samples, rate)
    wrong = total = 0
    for first, end in windows(times):
        begin = int(max(0, times[first][0] - 0.15) * SPEECH_RATE_HZ)
        stop = int((times[end - 1][1] + 0.15) * SPEECH_RATE_HZ)
        expected = normalised_words(" ".join(texts[first:end]), spellings)
        heard = normalised_words(listener.hear(np.ascontiguousarray(samples[begin:stop])), spellings)
        wrong += errors(expected, heard)
        total += len(expected)
    return 100 * wrong / max(1, total)


def word_error_rates(package, mix, dry, spellings):
    listener = WhisperListener(Path(package), threads=2)
    table = read_spellings(spellings)
    return {"wer_mix_percent": round(heard_errors(listener, mix, table), 2),
            "wer_dry_percent": round(heard_errors(listener, dry, table), 2)}


if __name__ == "__main__":
    print(json.dumps(word_error_rates(sys.argv[1], Path(sys.argv[2]), Path(sys.argv[3]), Path("none"))))
