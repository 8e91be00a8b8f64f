"""What Whisper hears: features in numpy, the network in CTranslate2."""

import json

import ctranslate2
import numpy as np

SAMPLE_RATE_HZ = 16000
FFT_SIZE, HOP, MEL_BANDS = 400, 160, 80
WINDOW_S = 30

# <|startoftranscript|> <|en|> <|transcribe|> <|notimestamps|>, as the vocabulary has them.
_PROMPT = ("<|startoftranscript|>", "<|en|>", "<|transcribe|>", "<|notimestamps|>")


def _mel_filters():
    """Slaney's mel scale (linear to 1 kHz, then logarithmic), triangles of equal area."""
    def to_hz(mel):
        return np.where(mel < 15, mel * 200 / 3, 1000 * np.exp((mel - 15) * np.log(6.4) / 27))

    top = 15 + 27 * np.log(SAMPLE_RATE_HZ / 2 / 1000) / np.log(6.4)
    edges = to_hz(np.linspace(0, top, MEL_BANDS + 2))
    bins = np.fft.rfftfreq(FFT_SIZE, 1 / SAMPLE_RATE_HZ)
    rising = (bins - edges[:-2, None]) / np.diff(edges)[:-1, None]
    falling = (edges[2:, None] - bins) / np.diff(edges)[1:, None]
    area = 2 / (edges[2:] - edges[:-2])
    return np.maximum(0, np.minimum(rising, falling)) * area[:, None]


def log_mel(samples):
    """[80, 3000] of the first thirty seconds."""
    samples = samples[: WINDOW_S * SAMPLE_RATE_HZ]
    samples = np.pad(samples, (0, WINDOW_S * SAMPLE_RATE_HZ - len(samples)))
    padded = np.pad(samples, FFT_SIZE // 2, mode="reflect")
    frames = np.lib.stride_tricks.sliding_window_view(padded, FFT_SIZE)[::HOP][:-1]
    window = 0.5 - 0.5 * np.cos(2 * np.pi * np.arange(FFT_SIZE) / FFT_SIZE)
    power = np.abs(np.fft.rfft(frames * window)) ** 2
    mel = np.log10(np.maximum(_mel_filters() @ power.T, 1e-10))
    return ((np.maximum(mel, mel.max() - 8) + 4) / 4).astype(np.float32)


def _byte_alphabet():
    """GPT-2's printable stand-ins for bytes: {character: byte}."""
    plain = [*range(33, 127), *range(161, 173), *range(174, 256)]
    alphabet = {chr(byte): byte for byte in plain}
    other = [byte for byte in range(256) if byte not in plain]
    alphabet.update({chr(256 + index): byte for index, byte in enumerate(other)})
    return alphabet


class WhisperListener:
    def __init__(self, directory, threads):
        self._model = ctranslate2.models.Whisper(
            str(directory), device="cpu", compute_type="float32", intra_threads=threads
        )
        vocabulary = json.loads((directory / "vocabulary.json").read_text(encoding="utf-8"))
        ids = {token: index for index, token in enumerate(vocabulary)}
        self._prompt = [ids[token] for token in _PROMPT]
        self._alphabet = _byte_alphabet()

    def hear(self, samples):
        features = ctranslate2.StorageView.from_array(np.ascontiguousarray(log_mel(samples)[None]))
        result = self._model.generate(features, [self._prompt], beam_size=5)[0]
        text = "".join(t for t in result.sequences[0] if not t.startswith("<|"))
        data = bytes(self._alphabet[symbol] for symbol in text if symbol in self._alphabet)
        return data.decode("utf-8", errors="replace").strip()
