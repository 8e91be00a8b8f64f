import pathlib
import sys
import tempfile
import unittest

import numpy as np

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))

import ratings  # noqa: E402
from programs import ProgramError  # noqa: E402


class Sets(unittest.TestCase):
    def setUp(self):
        directory = tempfile.TemporaryDirectory()
        self.addCleanup(directory.cleanup)
        self.directory = pathlib.Path(directory.name)
        for name in ("b-one", "a-one", "a-two", "b-two", "b-three"):
            (self.directory / f"{name}.wav").touch()

    def pattern(self, name):
        return str(self.directory / name)

    def test_files_are_in_the_order_of_their_names(self):
        sets = ratings.read_sets([f"one={self.pattern('*-one.wav')}", f"two={self.pattern('*-two.wav')}"])
        self.assertEqual([pathlib.Path(path).name for path in sets["one"]], ["a-one.wav", "b-one.wav"])
        self.assertEqual([pathlib.Path(path).name for path in sets["two"]], ["a-two.wav", "b-two.wav"])

    def test_sets_that_cannot_be_compared_are_refused_with_the_reason(self):
        for arguments, reason in (
            ([f"one={self.pattern('a-*.wav')}", f"two={self.pattern('b-*.wav')}"], "one 2, two 3"),
            ([f"one={self.pattern('a-*.wav')}", f"one={self.pattern('a-*.wav')}"], "two sets are called 'one'"),
            ([f"one={self.pattern('c-*.wav')}"], "no file is like"),
            ([self.pattern("a-*.wav")], "a set is NAME=PATTERN"),
        ):
            with self.assertRaisesRegex(ProgramError, reason):
                ratings.read_sets(arguments)


class Table(unittest.TestCase):
    def test_differences_are_paired(self):
        first = np.array([[3.0], [4.0], [5.0]])
        table = ratings.render({"first": first, "second": first + np.array([[0.1], [0.2], [0.3]])}, ["DNSMOS"])
        self.assertIn("| first | 4.000 |", table)
        self.assertIn("| second | 4.200 (+0.200 ± 0.058) |", table)  # not the spread of the sentences


if __name__ == "__main__":
    unittest.main()
