#!/usr/bin/env python3
"""Counts which letter-and-chunk pairs follow each other: the spelling model's second opinion.

    train_spelling_grams.py --lexicons DIR --spelling spelling.safetensors --out spelling.safetensors [--evaluate]

The LSTM chooses each letter's chunk without knowing its choice for the letters before. A model of
grams of (letter, chunk) pairs, one a dialect, interpolated Kneser-Ney, rescores its best chunks
(docs/models/pronunciation.md). Adds the tensor `grams` to the LSTM's file; the words are those that the
LSTM learns from. --evaluate decodes the held-out words with several strengths.
"""

import argparse
import math
import random
import time
from collections import Counter
from pathlib import Path

import numpy as np
import torch
from safetensors import safe_open
from safetensors.torch import load_file, save_file

from context_features import mix
from lexicon_words import DIALECTS, LETTERS
from train_spelling_model import LETTER_INDEX, edit_distance, prepare, restore, tensors_of

START, END = 0xFFFF, 0xFFFE
STEPS = 16  # of a nat, in a slot's bytes
WINDOW, CANDIDATES, BEAM = 5.0, 5, 5
STRENGTH = 0.3


def token_of(letter, chunk):
    return LETTER_INDEX[letter] << 8 | chunk


def count_grams(sequences, order, least):
    """[{gram: (log p, log of the weight that its continuations leave)}] of all lengths up to `order`;
    a gram of three tokens or more that was seen less than `least` times is left out."""
    counts = [Counter() for _ in range(order + 1)]
    for tokens, weight in sequences:
        for i in range(len(tokens)):
            for n in range(1, min(order, i + 1) + 1):
                counts[n][tokens[i - n + 1 : i + 1]] += weight
    kept = [{g for g, c in counts[n].items() if n < 3 or c >= least} for n in range(order + 1)]
    # Kneser-Ney: a shorter gram counts by how many different tokens stand before it.
    for n in range(order - 1, 0, -1):
        continuations = Counter(g[1:] for g in counts[n + 1])
        counts[n] = Counter({g: c if g[0] == START else continuations[g] for g, c in counts[n].items()})
    del counts[1][(START,)]
    grams, before = {}, {}
    for n in range(1, order + 1):
        ones = sum(c <= 1 for c in counts[n].values())
        twos = sum(1 < c <= 2 for c in counts[n].values())
        discount = min(0.9, ones / (ones + 2 * twos))
        total, kinds = Counter(), Counter()
        for g, c in counts[n].items():
            total[g[:-1]] += c
            kinds[g[:-1]] += 1
        now, mass, lower = {}, Counter(), Counter()
        for g in kept[n]:
            if g == (START,):
                continue
            context = g[:-1]
            below = before[g[1:]] if n > 1 else 1 / len(counts[1])
            share = discount * kinds[context] / total[context]
            now[g] = max(counts[n][g] - discount, 0) / total[context] + share * below
            mass[context] += now[g]
            lower[context] += below
        for context in mass if n > 1 else ():
            left = max(1 - mass[context], 1e-4) / max(1 - lower[context], 1e-4)
            grams[context] = (grams.get(context, (-99.0, 0.0))[0], math.log(left))
        for g, p in now.items():
            grams[g] = (math.log(p), 0.0)
        before = now
    return grams


class Table:
    """The grams of both dialects as the file has them: open addressing, a slot of 32 bits: 16 of the
    hash (never 0), 8 the negative log p, 8 the log weight + 128, in steps of 1/16 nat; 0 is empty."""

    def __init__(self, grams, bits):
        self.mask = (1 << bits) - 1
        if sum(map(len, grams)) > 0.85 * (1 << bits):
            raise SystemExit(f"{sum(map(len, grams))} grams have no room in 2^{bits} slots: raise --least or --bits")
        self.slots = np.zeros(1 << bits, np.uint32)
        for dialect, some in enumerate(grams):
            for gram, (log_p, left) in some.items():
                h = self.start(dialect)
                for token in reversed(gram):
                    h = mix(h, token + 1)
                cost = min(255, max(0, round(-log_p * STEPS)))
                slot = h & self.mask
                while self.slots[slot]:
                    slot = (slot + 1) & self.mask
                weight = min(255, max(0, round(left * STEPS) + 128))
                self.slots[slot] = (h >> 16 or 1) << 16 | cost << 8 | weight
        self.slots_list = self.slots.tolist()

    @staticmethod
    def start(dialect):
        return 300 + dialect

    def find(self, h):
        slot, tag = h & self.mask, h >> 16 or 1
        while True:
            value = self.slots_list[slot]
            if value == 0 or value >> 16 == tag:
                return value
            slot = (slot + 1) & self.mask

    def weights(self, dialect, history, order):
        """sums[n]: what it costs to fall back from the longest context to one of n tokens."""
        found, h = [], self.start(dialect)
        for token in history[: -order : -1]:
            h = mix(h, token + 1)
            value = self.find(h)
            if not value:
                break
            found.append((value & 255) - 128)
        sums = [0]
        for weight in reversed(found):
            sums.append(sums[-1] + weight)
        return sums[::-1]

    def score(self, dialect, history, sums, token):
        """Log p of the token after the history."""
        h = mix(self.start(dialect), token + 1)
        result, n = -255, 0
        value = self.find(h)
        while value:
            result, n = -(value >> 8 & 255), n + 1
            if n > len(sums) - 1 or n > len(history):
                break
            h = mix(h, history[-n] + 1)
            value = self.find(h)
        context = max(n - 1, 0)
        return (result + sums[context]) / STEPS


def decode(scores, letters, table, dialect, order, stressed, strength):
    """The chunks of each letter; scores: [letters, chunks], logs that need not be normalised."""
    hypotheses = [(0.0, False, (START,))]
    for letter, row in zip(letters, scores):
        best = row.max()
        by_score = np.argsort(-row)
        picked = [c for c in by_score[:CANDIDATES] if row[c] > best - WINDOW]
        first_stressed = next(c for c in by_score if stressed[c])
        if first_stressed not in picked:
            picked.append(first_stressed)
        if all(stressed[c] for c in picked):
            picked.append(next(c for c in by_score if not stressed[c]))
        merged = {}
        for total, has, history in hypotheses:
            sums = table.weights(dialect, history, order)
            for c in picked:
                if stressed[c] and has:
                    continue
                token = token_of(letter, int(c))
                value = total + row[c] - best + strength * table.score(dialect, history, sums, token)
                extended = history + (token,)
                key = (has or stressed[c], extended[-(order - 1) :])
                if key not in merged or value > merged[key][0]:
                    merged[key] = (value, has or stressed[c], extended)
        ranked = sorted(merged.values(), key=lambda one: -one[0])
        hypotheses = [h for h in ranked if h[1]][:BEAM] + [h for h in ranked if not h[1]][:BEAM]
    best_value, best = -math.inf, None
    for total, has, history in hypotheses:
        sums = table.weights(dialect, history, order)
        value = total + strength * table.score(dialect, history, sums, END)
        if has and value > best_value:
            best_value, best = value, history
    return [token & 255 for token in best[1:]]


def evaluate(model, chunks, test, table, order, strengths):
    stressed = [chunk.count("ˈ") == 1 for chunk in chunks]
    words = [(kind, w) for kind, w in test if set(w.spelling.lower()) <= set(LETTERS)]
    model.eval()
    scores = []
    with torch.no_grad():
        for _, word in words:
            batch = [(word.spelling.lower(), word.spelling[0].isupper())]
            scores.append(torch.log_softmax(model(*tensors_of(batch))[0, :, DIALECTS.index(word.dialect)], -1).numpy())
    for strength in strengths:
        sums, started = {}, time.time()
        for (kind, word), score in zip(words, scores):
            picked = decode(
                score, word.spelling.lower(), table, DIALECTS.index(word.dialect), order, stressed, strength
            )
            said = "".join(chunks[c] for c in picked)
            total = sums.setdefault((kind, word.dialect), [0, 0, 0, 0])
            total[0] += 1
            total[1] += said == word.phonemes
            total[2] += edit_distance(said, word.phonemes)
            total[3] += len(word.phonemes)
        line = "; ".join(
            f"{kind} {dialect} {100 * right / n:.2f} % exact, {100 * wrong / length:.2f} % error"
            for (kind, dialect), (n, right, wrong, length) in sorted(sums.items())
        )
        print(f"  strength {strength}: {line} ({time.time() - started:.0f} s)", flush=True)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--lexicons", type=Path, required=True)
    parser.add_argument("--spelling", type=Path, required=True)
    parser.add_argument("--out", type=Path)
    parser.add_argument("--cache", type=Path, default=Path("aligned.pickle"), help="train_spelling_model.py's")
    parser.add_argument("--order", type=int, default=6)
    parser.add_argument("--least", type=float, default=1.5)
    parser.add_argument("--silver", type=float, default=0.5, help="what a silver word counts")
    parser.add_argument("--bits", type=int, default=19)
    parser.add_argument("--evaluate", type=int, default=0, help="so many held-out words")
    arguments = parser.parse_args()
    torch.set_num_threads(1)
    examples, test, chunks = prepare(arguments.lexicons, arguments.cache)
    grams = []
    for dialect in DIALECTS:
        sequences = [
            (
                (START, *(token_of(*pair) for pair in zip(letters, labels)), END),
                1.0 if gold else arguments.silver,
            )
            for letters, _, spoken, gold, labels in examples
            if spoken == dialect
        ]
        grams.append(count_grams(sequences, arguments.order, arguments.least))
        print(f"{dialect}: {len(sequences)} words, {len(grams[-1])} grams", flush=True)
    table = Table(grams, arguments.bits)
    print(f"{100 * np.count_nonzero(table.slots) / len(table.slots):.0f} % of the table is full")
    if arguments.evaluate:
        model, _ = restore(arguments.spelling, 0.0)
        few = random.Random(2).sample(test, min(len(test), arguments.evaluate))
        evaluate(model, chunks, few, table, arguments.order, (0.0, 0.15, 0.3, 0.5))
    if arguments.out:
        with safe_open(arguments.spelling, "pt") as file:
            metadata = file.metadata()
        tensors = load_file(arguments.spelling)
        tensors["grams"] = torch.from_numpy(table.slots.view(np.int32))
        tensors["gram_settings"] = torch.tensor([STRENGTH, WINDOW], dtype=torch.float32)
        save_file(tensors, arguments.out, metadata | {"gram_order": str(arguments.order)})


if __name__ == "__main__":
    main()
