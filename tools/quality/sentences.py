"""The thirty sentences: twenty Harvard sentences and ten long ones of LJSpeech's texts."""

import re


GATE_SENTENCES = 50  # of unheard_sentences(), which the gate of the Flash voice takes


class DataError(Exception):
    pass


def _harvard(data):
    path = data / "tts_harvard" / "harvard_sentences.txt"
    lines = path.read_text(encoding="utf-8").splitlines()
    numbered = [re.match(r"\d+\.\s+(.*\S)", line) for line in lines]
    return [match.group(1) for match in numbered if match]


def _ljspeech(data):
    path = data / "tts_ljspeech" / "filelists" / "ljs_audio_text_val_filelist.txt"
    texts = [line.split("|", 1)[1] for line in path.read_text(encoding="utf-8").splitlines() if "|" in line]
    # Whole sentences of plain words, so that an error is one of hearing.
    fit = r"[A-Z][A-Za-z ,;'-]{80,150}\."
    return [text for text in texts if re.fullmatch(fit, text)]


def unheard_sentences(data, count):
    """So many Harvard sentences that are not among the thirty. Training leaves all of them out."""
    path = data / "tts_arena" / "harvard_sentences.txt"
    try:
        used = set(_harvard(data))
        lines = [line.strip() for line in path.read_text(encoding="utf-8").splitlines()]
    except FileNotFoundError as error:
        raise DataError(f"{error.filename} is not there; --data names the shared data") from None
    found = [line for line in lines if line.endswith(".") and line not in used]
    if len(found) < count:
        raise DataError(f"{path} has {len(found)} sentences, {count} are needed")
    return found[:count]


def thirty_sentences(data):
    try:
        harvard, long_ones = _harvard(data), _ljspeech(data)
    except FileNotFoundError as error:
        raise DataError(f"{error.filename} is not there; --data names the shared data") from None
    if len(harvard) < 20 or len(long_ones) < 10:
        raise DataError(f"{data}: not the sentences that this was written for")
    return harvard[:20] + long_ones[:10]
