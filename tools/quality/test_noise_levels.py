import json
import pathlib
import sys
import tempfile
import unittest
from unittest import mock

import numpy as np

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))

import noise_levels  # noqa: E402


def ratings(gain_of_level):
    rng = np.random.default_rng(1)
    base = 3 + rng.standard_normal((12, 3))
    return {1.0: base} | {level: base + gain + 0.05 * rng.standard_normal((12, 3)) for level, gain in gain_of_level.items()}


class Choice(unittest.TestCase):
    def test_the_level_that_is_heard_best_is_taken(self):
        self.assertEqual(noise_levels.best_level(ratings({0.8: 0.1, 0.6: 0.2, 0.5: -0.3})), 0.6)

    def test_what_may_be_chance_or_is_worse_is_not_taken(self):
        self.assertEqual(noise_levels.best_level(ratings({0.8: 0.002, 0.6: -0.2})), 1)

    def test_what_one_rater_hears_as_much_worse_is_not_taken(self):
        found = ratings({0.8: 0.2, 0.6: 0.4})
        found[0.6][:, 1] -= 0.6
        self.assertEqual(noise_levels.best_level(found), 0.8)


class Arguments(unittest.TestCase):
    def test_voices_are_in_the_packages_order_and_unknown_ones_are_refused(self):
        card = {"voices": ["af_a", "bf_b", "bm_c"]}
        self.assertEqual(noise_levels.wanted_voices(card, "c,a"), {"a": "af_a", "c": "bm_c"})
        self.assertEqual(list(noise_levels.wanted_voices(card, None)), ["a", "b", "c"])
        with self.assertRaisesRegex(noise_levels.ProgramError, "'d'.*a, b, c"):
            noise_levels.wanted_voices(card, "a,d")


class Card(unittest.TestCase):
    PARAMETERS = {"voices": ["af_a", "bf_b"], "noise": {"unvoiced": 0.9, "voiced": 0.5, "voiced_of": {"af_a": 0.7}}}

    def test_a_level_is_of_every_voice(self):
        self.assertEqual(noise_levels.with_level(self.PARAMETERS, 0.8)["noise"], {"unvoiced": 0.9, "voiced": 0.4})

    def test_levels_of_1_are_not_named(self):
        noise = noise_levels.with_levels(self.PARAMETERS, {"af_a": 1.0, "bf_b": 0.6})["noise"]
        self.assertEqual(noise, {"unvoiced": 0.9, "voiced": 0.5, "voiced_of": {"bf_b": 0.6}})
        noise = noise_levels.with_levels(self.PARAMETERS, {"af_a": 1.0})["noise"]
        self.assertEqual(noise, {"unvoiced": 0.9, "voiced": 0.5})

    def test_voices_that_were_not_measured_keep_theirs(self):
        noise = noise_levels.with_levels(self.PARAMETERS, {"bf_b": 0.6})["noise"]
        self.assertEqual(noise["voiced_of"], {"af_a": 0.7, "bf_b": 0.6})

    def test_a_home_has_the_package_with_other_parameters(self):
        with tempfile.TemporaryDirectory() as name:
            base = pathlib.Path(name)
            installed, package, home = base / "data/models/myna-voice-1", base / "package", base / "home"
            installed.mkdir(parents=True)
            package.mkdir()
            home.mkdir()
            (base / "data/models/dnsmos").mkdir()
            weights = b"\x02" + bytes(7) + b"{}"
            (package / "voice.safetensors").write_bytes(weights)
            texts = ("name", "version", "architecture", "description", "licence")
            card = dict.fromkeys(texts, "x") | {"made_by": {}, "sources": [], "files": [], "parameters": {}}
            (installed / "card.json").write_text(json.dumps(card))
            with mock.patch.object(noise_levels, "find_package", return_value=installed):
                noise_levels.make_home(package, self.PARAMETERS, home)
            card = json.loads((home / "models/myna-voice-1/card.json").read_text())
            self.assertEqual(card["parameters"], self.PARAMETERS)
            sizes = {entry["path"]: entry["bytes"] for entry in card["files"]}
            self.assertEqual(sizes["voice.safetensors"], len(weights))
            self.assertTrue((home / "models/dnsmos").is_symlink())


if __name__ == "__main__":
    unittest.main()
