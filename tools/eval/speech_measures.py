"""What can be measured of a style in its sound: pitch, pauses, level, brightness. numpy only."""

import numpy as np

FRAME_S, HOP_S = 0.04, 0.01
LOWEST_PITCH_HZ, HIGHEST_PITCH_HZ = 55, 600
VOICED_CORRELATION = 0.55  # of a frame with itself one period later
# A run of frames counts as voiced when it is this long and its pitch does not jump: what is left
# out are octave errors and chance correlations in noise.
SHORTEST_VOICED_S, LARGEST_STEP_ST = 0.05, 2.0
# Sound lies within this of the loud parts (95th percentile) of the recording.
SOUND_RANGE_DB = 40
SHORTEST_PAUSE_S = 0.12  # shorter silences are the closures of stops


def _frames(samples, rate):
    length, hop = int(FRAME_S * rate), int(HOP_S * rate)
    if len(samples) < length:
        samples = np.pad(samples, (0, length - len(samples)))
    return np.lib.stride_tricks.sliding_window_view(samples, length)[::hop]


def levels_db(samples, rate):
    """RMS level of each frame."""
    return 10 * np.log10(np.maximum(np.mean(_frames(samples, rate).astype(np.float64) ** 2, axis=1), 1e-12))


def is_sound(levels):
    return levels > np.percentile(levels, 95) - SOUND_RANGE_DB


def pitch_hz(samples, rate):
    """F0 of each frame, NaN where it is unvoiced: the first strong peak of the autocorrelation,
    divided by that of the window (Boersma 1993), refined by a parabola."""
    frames = _frames(samples, rate).astype(np.float64)
    frames = frames - frames.mean(axis=1, keepdims=True)
    length = frames.shape[1]
    window = np.hanning(length)
    size = 1 << (2 * length - 1).bit_length()
    correlation = np.fft.irfft(np.abs(np.fft.rfft(frames * window, size)) ** 2)[:, :length]
    own = np.fft.irfft(np.abs(np.fft.rfft(window, size)) ** 2)[:length]
    correlation = correlation / np.maximum(correlation[:, :1], 1e-12) / (own / own[0])
    low, high = int(rate / HIGHEST_PITCH_HZ), int(rate / LOWEST_PITCH_HZ)
    high = min(high, length * 3 // 4)
    lags = np.arange(low, high)
    # A small cost of long lags decides between a period and its multiples.
    search = correlation[:, low:high] - 0.02 * np.log2(lags / low)
    best = np.argmax(search, axis=1)
    index = np.arange(len(best))
    strength = correlation[index, low + best]
    lag = (low + best).astype(np.float64)
    inside = (best > 0) & (best < len(lags) - 1)
    left, right = correlation[index, low + best - 1], correlation[index, low + best + 1]
    bend = left - 2 * strength + right
    shift = np.where(inside & (bend < 0), 0.5 * (left - right) / np.where(bend == 0, 1, bend), 0)
    pitch = rate / (lag + np.clip(shift, -0.5, 0.5))
    voiced = (strength > VOICED_CORRELATION) & is_sound(levels_db(samples, rate))
    return _steady_runs(np.where(voiced, pitch, np.nan))


def _steady_runs(pitch):
    kept = np.full_like(pitch, np.nan)
    begin = 0
    for i in range(1, len(pitch) + 1):
        # A comparison with NaN is false: a run ends there.
        if i < len(pitch) and abs(12 * np.log2(pitch[i] / pitch[i - 1])) < LARGEST_STEP_ST:
            continue
        if (i - begin) * HOP_S >= SHORTEST_VOICED_S and np.isfinite(pitch[begin]):
            kept[begin:i] = pitch[begin:i]
        begin = i
    return kept


def pauses_s(samples, rate):
    """(seconds of pauses, seconds from the first to the last sound)."""
    sound = is_sound(levels_db(samples, rate))
    where = np.flatnonzero(sound)
    if not len(where):
        return 0.0, 0.0
    inner = sound[where[0] : where[-1] + 1]
    total = run = 0
    for loud in inner:
        if loud:
            if run * HOP_S >= SHORTEST_PAUSE_S:
                total += run
            run = 0
        else:
            run += 1
    return total * HOP_S, len(inner) * HOP_S


def brightness_db(samples, rate):
    """Energy above 2 kHz relative to that below, over frames with sound."""
    frames = _frames(samples, rate)[is_sound(levels_db(samples, rate))].astype(np.float64)
    power = (np.abs(np.fft.rfft(frames * np.hanning(frames.shape[1]))) ** 2).sum(axis=0)
    edge = int(2000 * frames.shape[1] / rate)
    return 10 * np.log10(power[edge:].sum() / max(power[1:edge].sum(), 1e-12))


class Measures:
    """Of one style and voice, gathered over recordings."""

    def __init__(self):
        self._semitones = []  # per recording: log pitch of voiced frames
        self._phonemes = 0
        self._pause_s = self._total_s = 0.0
        self._levels, self._brightness, self._voiced = [], [], []

    def add(self, samples, rate, phonemes):
        pitch = pitch_hz(samples, rate)
        levels = levels_db(samples, rate)
        sound = is_sound(levels)
        self._semitones.append(12 * np.log2(pitch[np.isfinite(pitch)]))
        self._voiced.append(np.isfinite(pitch[sound]).mean())
        pause, total = pauses_s(samples, rate)
        self._pause_s += pause
        self._total_s += total
        self._phonemes += phonemes
        self._levels.append(10 * np.log10(np.mean(10 ** (levels[sound] / 10))))
        self._brightness.append(brightness_db(samples, rate))

    @property
    def pitch_hz(self):
        semitones = np.concatenate(self._semitones)
        return float(2 ** (np.median(semitones) / 12)) if len(semitones) else float("nan")

    @property
    def pitch_range_st(self):
        """Between the 10th and the 90th percentile, of each recording, mean."""
        spans = [np.subtract(*np.percentile(s, [90, 10])) for s in self._semitones if len(s) > 10]
        return float(np.mean(spans)) if spans else float("nan")

    @property
    def phonemes_per_s(self):
        """Without the pauses."""
        return self._phonemes / max(self._total_s - self._pause_s, 1e-9)

    @property
    def pause_percent(self):
        return 100 * self._pause_s / max(self._total_s, 1e-9)

    @property
    def level_db(self):
        return float(np.mean(self._levels))

    @property
    def brightness_db(self):
        return float(np.mean(self._brightness))

    @property
    def voiced_percent(self):
        """Of the frames with sound."""
        return 100 * float(np.mean(self._voiced))
