"""Which frames count as creaky, and noise like a sound."""

import pathlib
import sys
import unittest

import numpy as np

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))

from decoder_faults import HOP, MARGIN, RATE, VOCODER, creaky_frames, noise_like, overlapped, smoothed, spectra  # noqa: E402


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


class NoiseLikeASound(unittest.TestCase):
    def test_a_mean_is_over_as_many_windows_and_bins_and_keeps_what_is_even(self):
        np.testing.assert_allclose(smoothed(np.full((9, 11), 3.0), 3, 7), 3)
        power = np.zeros((9, 11))
        power[4, 5] = 1
        found = smoothed(power, 3, 7)
        self.assertAlmostEqual(found.sum(), 1)
        rows, columns = np.nonzero(found)
        self.assertEqual((rows.min(), rows.max(), columns.min(), columns.max()), (3, 5, 2, 8))

    def test_it_is_as_loud_where_the_sound_is(self):
        rng = np.random.default_rng(2)
        sound = rng.standard_normal(60 * VOCODER)
        sound[len(sound) // 2 :] *= 0.1
        made = overlapped(noise_like(spectra(sound, VOCODER), rng), VOCODER)
        for part in (slice(2000, 11000), slice(13000, 22000)):
            self.assertAlmostEqual(made[part].std() / sound[part].std(), 1, delta=0.05)
        self.assertLess(abs(np.corrcoef(made[2000:11000], sound[2000:11000])[0, 1]), 0.05)


if __name__ == "__main__":
    unittest.main()
