import pathlib
import sys
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))

import report  # noqa: E402


def results(myna_wall=1.0, ort_wall=4.0, peak=300e6, cold=0.5):
    def one(wall, rss):
        return {"wall_s": wall, "x_realtime": 10 / wall, "audio_s": 10.0, "first_audio_s": wall / 2,
                "peak_rss_bytes": rss}

    machine = {"cpu": "x", "cores": 2, "memory_gib": 8, "features": [], "date": "d", "revision": "r"}
    found = {
        "machine": machine, "voice": "af_heart", "myna_version": "myna 0",
        "warm": [{"text": "paragraph", "precision": "int8", "threads": 2,
                  "myna": one(myna_wall, peak), "onnxruntime": one(ort_wall, 4e8)}],
        "cold": [{"threads": 2, "myna": cold, "onnxruntime": 2.5}],
    }
    found["targets"] = report.check_targets(found)
    return found


class Report(unittest.TestCase):
    def met(self, **changes):
        return [target["met"] for target in results(**changes)["targets"]]

    def test_each_target_can_be_met_and_missed(self):
        self.assertEqual(self.met(), [True, True, True])
        self.assertEqual(self.met(ort_wall=1.5), [False, True, True])
        self.assertEqual(self.met(peak=351e6), [True, False, True])
        self.assertEqual(self.met(cold=2.01), [True, True, False])

    def test_studies_have_their_targets(self):
        found = results()
        found["scaling"] = [
            {"isa": isa, "threads": 1, "precision": precision, "text": "short", "x_realtime": speed}
            for isa, speed in (("avx2", 1.0), ("avx512vnni", 2.5)) for precision in ("auto", "fp32")
        ]
        found["batch"] = [{"lines": 8, "lines_a_batch": 4, "ratio": 1.3, "median_ratio": 1.3,
                           "largest_difference": 0.0, "peak_rss_bytes": 2e8,
                           "one_by_one": {"x_realtime": 3.0}, "batched": {"x_realtime": 3.9}}]
        found["targets"] = report.check_targets(found)
        verdicts = {target["name"].split()[0]: target["met"] for target in found["targets"]}
        self.assertFalse(verdicts["AVX2's"])
        self.assertTrue(verdicts["batches"])
        self.assertIn("| 8 | 4 | 3.00 | 3.90 | **1.30** |", report.render(found))

    def test_the_table_tells_speed_up_and_misses(self):
        table = report.render(results(ort_wall=1.5))
        self.assertIn("| **1.50** |", table)
        self.assertIn("**missed**", table)


if __name__ == "__main__":
    unittest.main()
