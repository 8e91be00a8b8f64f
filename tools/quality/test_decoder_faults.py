"""Which frames count as creaky."""

import pathlib
import sys
import unittest

import numpy as np

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))

from decoder_faults import HOP, MARGIN, RATE, creaky_frames  # noqa: E402


class CreakyFrames(unittest.TestCase):
    FRAMES = 60

    def setUp(self):
        length = HOP * self.FRAMES + 2 * MARGIN
        self.f0 = np.full(self.FRAMES, 200.0)
        self.energy = np.full(self.FRAMES, 6.0)
        self.samples = np.zeros(length)
        self.samples[:: RATE // 200] = 1
        noise = np.random.default_rng(1).standard_normal(length)
        self.noisy = self.samples.copy()
        part = slice(MARGIN + 20 * HOP, MARGIN + 30 * HOP)
        self.noisy[part] = noise[part]

    def test_regular_pulses_are_not(self):
        self.assertFalse(creaky_frames(self.samples, self.f0, self.energy).any())

    def test_noise_among_them_is_and_no_more_than_its_neighbours(self):
        found = creaky_frames(self.noisy, self.f0, self.energy)
        self.assertTrue(found[20:30].all())
        self.assertFalse(found[:16].any() or found[34:].any())

    def test_what_is_unvoiced_or_quiet_is_not(self):
        self.f0[20:30] = 0
        self.assertFalse(creaky_frames(self.noisy, self.f0, self.energy)[20:30].any())
        self.f0[:] = 200
        self.energy[15:35] = 1
        self.assertFalse(creaky_frames(self.noisy, self.f0, self.energy).any())


if __name__ == "__main__":
    unittest.main()
