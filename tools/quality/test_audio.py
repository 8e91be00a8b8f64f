import pathlib
import sys
import unittest

import numpy as np

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))

import audio  # noqa: E402


def tone(hz, seconds, rate=24000, amplitude=0.3):
    return (amplitude * np.sin(2 * np.pi * hz * np.arange(int(seconds * rate)) / rate)).astype(np.float32)


class Resampling(unittest.TestCase):
    def test_speech_band_passes_and_what_would_alias_does_not(self):
        passed = audio.to_speech_rate(tone(1000, 0.5), 24000)
        self.assertEqual(len(passed), 8000)
        np.testing.assert_allclose(passed[500:-500], tone(1000, 0.5, 16000)[500:-500], atol=2e-3)
        stopped = audio.to_speech_rate(tone(9000, 0.5), 24000)
        self.assertLess(np.max(np.abs(stopped[500:-500])), 1e-3)


class Faults(unittest.TestCase):
    def test_a_plain_tone_has_none(self):
        self.assertEqual(audio.faults(tone(200, 2), 24000), [])

    def test_long_silence(self):
        gap = np.concatenate([tone(200, 1), np.zeros(26400, np.float32), tone(200, 1)])
        self.assertEqual(audio.faults(gap, 24000), ["1.10 s of silence"])
        short = np.concatenate([tone(200, 1), np.zeros(21600, np.float32), tone(200, 1)])
        self.assertEqual(audio.faults(short, 24000), [])

    def test_clipping(self):
        self.assertEqual(audio.faults(np.clip(tone(200, 1, amplitude=1.5), -1, 1), 24000), ["clipping"])

    def test_not_a_number_and_nothing(self):
        broken = tone(200, 1)
        broken[100] = np.nan
        self.assertIn("a sample that is not a number", audio.faults(broken, 24000))
        self.assertEqual(audio.faults(np.zeros(0, np.float32), 24000), ["no audio"])


class Level(unittest.TestCase):
    def test_levels_become_equal_without_clipping(self):
        loud, quiet = audio.at_scoring_level(tone(200, 1)), audio.at_scoring_level(tone(200, 1) / 8)
        np.testing.assert_allclose(loud, quiet, rtol=1e-5)
        impulse = np.zeros(24000, np.float32)
        impulse[7] = 0.1
        self.assertLessEqual(np.max(np.abs(audio.at_scoring_level(impulse))), 0.99)


if __name__ == "__main__":
    unittest.main()
