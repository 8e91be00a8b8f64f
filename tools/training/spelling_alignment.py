"""Letters to phonemes, one chunk a letter, by expectation maximisation (Viterbi).

A unit is a consonant, or a vowel with its stress mark and length mark: "ˈiː". A chunk is what one
letter says: 0 to 3 units. "phone" -> f|_|ˈO|n|_. Standard library only.
"""

import math
from collections import Counter, defaultdict

STRESS = "ˈˌ"
MAX_UNITS = 3  # of one letter: u -> jˈuː, x -> ɡz


def units_of(phonemes):
    units, pending = [], ""
    for symbol in phonemes:
        if symbol in STRESS:
            pending += symbol
        elif symbol == "ː" and units and not pending:
            units[-1] += symbol
        else:
            units.append(pending + symbol)
            pending = ""
    return units if not pending else None


class Aligner:
    def __init__(self):
        self.cost = None  # letter -> chunk -> -log probability
        self.unseen = 14.0

    def _initial_cost(self, letter, chunk):
        # Silence and single units first; the counts take over after one round.
        vowel_letter = letter in "aeiouy"
        cost = (2.0, 1.0, 3.5, 7.0)[len(chunk)]
        for unit in chunk:
            vowel = unit.strip(STRESS)[0] in "AIOQWYaiuæɑɒɔəɛɜɪʊʌᵊᵻɐ"
            if vowel != vowel_letter:
                cost += 3.0
            elif not vowel and unit == letter:
                cost -= 0.8
        return cost

    def align(self, letters, units):
        """The chunks (tuples of units), one a letter, or None when there is no way."""
        n, m = len(letters), len(units)
        if m > MAX_UNITS * n:
            return None, math.inf
        infinity = math.inf
        best = [0.0] + [infinity] * m
        back = []
        for i in range(n):
            letter = letters[i]
            table = None if self.cost is None else self.cost[letter]
            low = max(0, m - MAX_UNITS * (n - i - 1))
            row, choice = [infinity] * (m + 1), [0] * (m + 1)
            for j in range(low, min(m, MAX_UNITS * (i + 1)) + 1):
                for k in range(min(MAX_UNITS, j) + 1):
                    before = best[j - k]
                    if before == infinity:
                        continue
                    chunk = tuple(units[j - k : j])
                    if table is None:
                        cost = before + self._initial_cost(letter, chunk)
                    else:
                        cost = before + table.get(chunk, self.unseen + 2.0 * k)
                    if cost < row[j]:
                        row[j], choice[j] = cost, k
            back.append(choice)
            best = row
        if best[m] == infinity:
            return None, infinity
        chunks, j = [], m
        for i in range(n - 1, -1, -1):
            k = back[i][j]
            chunks.append(tuple(units[j - k : j]))
            j -= k
        return chunks[::-1], best[m]

    def train(self, pairs, rounds=5):
        """pairs: (letters, units)."""
        for _ in range(rounds):
            counts = defaultdict(Counter)
            for letters, units in pairs:
                chunks, _ = self.align(letters, units)
                if chunks is None:
                    continue
                for letter, chunk in zip(letters, chunks):
                    counts[letter][chunk] += 1
            cost = defaultdict(dict)
            for letter, chunks in counts.items():
                total = sum(chunks.values())
                for chunk, count in chunks.items():
                    cost[letter][chunk] = -math.log(count / total)
            self.cost = cost
