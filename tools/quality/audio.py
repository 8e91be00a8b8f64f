"""Sound for the quality gate: reading, resampling, levels, and faults that need no ear."""

import wave

import numpy as np

SPEECH_RATE_HZ = 16000  # what Whisper and DNSMOS were trained on

# Both systems are scored at one level, for DNSMOS hears the level too.
SCORING_RMS = 10 ** (-26 / 20)

# A stretch is silent when each 10 ms of it stays below this, for a signal of normal loudness.
SILENCE_RMS = 10 ** (-55 / 20)
SILENCE_LIMIT_S = 1.0
CLIP_LEVEL = 32767 / 32768


def read_wav(path):
    """(samples in [-1, 1], rate) of a mono 16-bit file."""
    with wave.open(str(path), "rb") as file:
        if file.getnchannels() != 1 or file.getsampwidth() != 2:
            raise ValueError(f"{path}: expected mono 16-bit PCM")
        data = file.readframes(file.getnframes())
        return np.frombuffer(data, "<i2").astype(np.float32) / 32768, file.getframerate()


def to_speech_rate(samples, rate):
    """24 kHz to 16 kHz by a windowed-sinc filter at 48 kHz (stop band below -80 dB from 8 kHz)."""
    if rate == SPEECH_RATE_HZ:
        return samples
    if rate != 24000:
        raise ValueError(f"cannot resample {rate} Hz")
    taps = np.arange(-120, 121)
    cutoff = 7400 / 48000
    kernel = 2 * 2 * cutoff * np.sinc(2 * cutoff * taps) * np.kaiser(len(taps), 8.0)
    stuffed = np.zeros(2 * len(samples))
    stuffed[::2] = samples
    return np.convolve(stuffed, kernel, mode="same")[::3].astype(np.float32)


def at_scoring_level(samples):
    """At one root mean square; a peak that would clip limits the gain."""
    rms = np.sqrt(np.mean(samples**2)) if len(samples) else 0.0
    if rms == 0:
        return samples
    return samples * min(SCORING_RMS / rms, 0.99 / np.max(np.abs(samples)))


def longest_silence_s(samples, rate):
    frame = rate // 100
    frames = samples[: len(samples) // frame * frame].reshape(-1, frame)
    longest = current = 0
    for rms in np.sqrt((frames**2).mean(axis=1)):
        current = current + 1 if rms < SILENCE_RMS else 0
        longest = max(longest, current)
    return longest / 100


def faults(samples, rate):
    """What is wrong with a narrated sentence, in words; empty when nothing is."""
    if len(samples) == 0:
        return ["no audio"]
    found = []
    if not np.all(np.isfinite(samples)):
        found.append("a sample that is not a number")
    # Two in a row: a single full-scale sample may be a true peak.
    full = np.abs(samples) >= CLIP_LEVEL
    if np.any(full[1:] & full[:-1]):
        found.append("clipping")
    silence = longest_silence_s(samples, rate)
    if silence > SILENCE_LIMIT_S:
        found.append(f"{silence:.2f} s of silence")
    return found
