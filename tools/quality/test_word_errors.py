import pathlib
import sys
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))

from word_errors import errors, normalised_words  # noqa: E402


class NormalisedWords(unittest.TestCase):
    def assert_same(self, left, right):
        self.assertEqual(normalised_words(left), normalised_words(right))

    def test_money(self):
        self.assert_same("It cost $1,250.", "it cost one thousand two hundred fifty dollars")

    def test_years_and_percentages(self):
        self.assert_same("In 1835, 25% left.", "in eighteen thirty-five twenty five per cent left")
        self.assert_same("in 1905", "in nineteen oh five")

    def test_a_number_with_a_comma_is_no_year(self):
        self.assert_same("1,835 men", "one thousand eight hundred thirty five men")

    def test_ordinals(self):
        self.assert_same("the 21st day", "The twenty-first day!")
        self.assert_same("the 40th and the 12th", "the fortieth and the twelfth")

    def test_titles_contractions_and_curly_apostrophes(self):
        self.assert_same("Mr. Smith can’t", "mister smith can not")

    def test_and_inside_numbers_is_optional_elsewhere_not(self):
        self.assert_same("a hundred and five", "a hundred five")
        self.assertNotEqual(normalised_words("bread and butter"), normalised_words("bread butter"))

    def test_british_spelling(self):
        self.assertEqual(normalised_words("Theatre", {"theatre": "theater"}), ["theater"])


class Errors(unittest.TestCase):
    def test_each_kind_counts_one(self):
        self.assertEqual(errors("a b c".split(), "a x c".split()), 1)
        self.assertEqual(errors("a b c".split(), "a c".split()), 1)
        self.assertEqual(errors("a b c".split(), "a b d c".split()), 1)

    def test_empty_sides(self):
        self.assertEqual(errors([], ["a"]), 1)
        self.assertEqual(errors(["a"], []), 1)


if __name__ == "__main__":
    unittest.main()
