"""How often which instruction is asked for: see chat_constraints.py. An entry that stands twice is drawn twice as often."""

from dataclasses import dataclass

import chat_constraints as c
import chat_shapes as s


@dataclass
class Mix:
    stages: list
    # Words of an answer, drawn for each; short ones, so that a small model learns to stop and a token of training
    # teaches more instructions.
    longest: list
    shapes: list
    marks: list
    around: list
    cases: list
    counts: list
    outermost: list


def stages(shape, marks, around, case, counts, outer):
    return (["shape"] * shape + ["marks"] * marks + ["around"] * around + ["case"] * case + ["counts"] * counts +
            ["outer"] * outer)


MIXES = {
    "even": Mix(stages(5, 3, 4, 5, 6, 3), [30, 50, 70, 90, 110], s.SHAPES, c.MARKS, c.AROUND, c.CASES, c.COUNTS,
                c.OUTERMOST),
    # What a small model is slow to learn: letters' case, what must occur, how it must end.
    "slow": Mix(
        stages(4, 2, 3, 7, 6, 3), [20, 30, 45, 60, 80],
        [s.bullets] * 3 + [s.starred_paragraphs] * 4 + [s.first_word, s.sections] + [s.two_short_answers] * 6,
        [c.highlights] * 3 + [c.capital_words, c.exclamations],
        [c.title, c.postscript] + [c.end_phrase] * 3,
        [c.lower_case] * 3 + [c.upper_case] * 2 + [c.no_comma] * 3,
        [c.number_words] * 3 + [c.number_sentences] * 2 + [c.keywords] * 4 + [c.keyword_frequency] * 2 +
        [c.forbidden, c.letter_frequency],
        c.OUTERMOST),
}
