#!/usr/bin/env python3
"""Trains the part-of-speech tagger on the text that tag_text.py made.

    train_tagger.py --text FILE --out tagger.npz

Two linear passes over hashed features (context_features.py): the first sees words, the second the
first one's tags too. Cross entropy, AdaGrad; weights to int8 with one scale a table.
"""

import argparse
import random
import time

import numpy as np
import torch
from torch import nn

from context_features import tagger_features, token
from tag_text import TAGS

TAG_NUMBER = {tag: i for i, tag in enumerate(TAGS)}


def read_text(path):
    with open(path, encoding="utf-8") as file:
        for line in file:
            parts = line.rstrip("\n").split("\t")
            yield [token(t) for t in parts[::2]], [TAG_NUMBER[t] for t in parts[1::2]]


def matrix(sentences, tags=None):
    return tagger_features(sentences, tags and [[t + 1 for t in one] for one in tags])


class Table(nn.Module):
    def __init__(self, bits, tags):
        super().__init__()
        self.mask = (1 << bits) - 1
        self.weights = nn.EmbeddingBag(1 << bits, tags, mode="sum", sparse=True)
        nn.init.zeros_(self.weights.weight)

    def forward(self, features):
        return self.weights(features)


def train_pass(features, labels, bits, epochs, rate, seed):
    torch.manual_seed(seed)
    table = Table(bits, len(TAGS))
    index = torch.from_numpy((features & table.mask).astype(np.int64))
    labels = torch.tensor(labels)
    optimizer = torch.optim.Adagrad(table.parameters(), lr=rate)
    loss_of = nn.CrossEntropyLoss()
    for epoch in range(epochs):
        started, total = time.time(), 0.0
        order = torch.randperm(len(labels))
        for begin in range(0, len(order), 512):
            rows = order[begin : begin + 512]
            loss = loss_of(table(index[rows]), labels[rows])
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            total += loss.item() * len(rows)
        print(f"  epoch {epoch + 1}: loss {total / len(labels):.4f}, {time.time() - started:.0f} s", flush=True)
    return table.weights.weight.detach().numpy()


def quantise(weights, largest=None):
    """int8, the largest 0.05 % of the weights clipped."""
    scale = np.quantile(np.abs(weights[weights != 0]), 0.9995) / 127
    return np.clip(np.round(weights / scale), -127, 127).astype(np.int8), np.float32(scale)


def predict(weights, features):
    mask = len(weights) - 1
    result = []
    for begin in range(0, len(features), 65536):
        result.append(weights[features[begin : begin + 65536] & mask].astype(np.int32).sum(1).argmax(1))
    return np.concatenate(result)


def cut(flat, sentences):
    result, at = [], 0
    for tokens in sentences:
        result.append(flat[at : at + len(tokens)].tolist())
        at += len(tokens)
    return result


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--text", required=True)
    parser.add_argument("--out", required=True)
    parser.add_argument("--bits", type=int, default=16)
    parser.add_argument("--epochs", type=int, default=4)
    arguments = parser.parse_args()
    torch.set_num_threads(1)
    pairs = list(read_text(arguments.text))
    random.Random(1).shuffle(pairs)
    cut_at = len(pairs) // 25
    test, train = pairs[:cut_at], pairs[cut_at:]
    half = len(train) // 2
    flat = lambda some: [tag for _, tags in some for tag in tags]  # noqa: E731
    words = lambda some: [tokens for tokens, _ in some]  # noqa: E731
    print(f"{len(flat(train))} tokens to train on, {len(flat(test))} held out", flush=True)

    # The second pass must see the mistakes that the first one makes on text it has not seen.
    features = {name: matrix(words(some)) for name, some in (("a", train[:half]), ("b", train[half:]))}
    test_features = matrix(words(test))
    labels = {"a": flat(train[:half]), "b": flat(train[half:])}
    guessed = {}
    for own, other in (("a", "b"), ("b", "a")):
        weights, _ = quantise(train_pass(features[other], labels[other], arguments.bits, 3, 0.15, 1))
        guessed[own] = predict(weights, features[own])
    everything = np.concatenate([features["a"], features["b"]])
    first, first_scale = quantise(
        train_pass(everything, labels["a"] + labels["b"], arguments.bits, arguments.epochs, 0.15, 2)
    )
    test_guess = predict(first, test_features)
    test_labels = np.array(flat(test))
    print(f"first pass: {100 * (test_guess == test_labels).mean():.2f} % as the teacher", flush=True)
    del features, everything
    guesses = cut(np.concatenate([guessed["a"], guessed["b"]]), words(train))
    second_features = matrix(words(train), guesses)
    second, second_scale = quantise(
        train_pass(second_features, flat(train), arguments.bits, arguments.epochs, 0.15, 3)
    )
    test_second = predict(second, matrix(words(test), cut(test_guess, words(test))))
    print(f"second pass: {100 * (test_second == test_labels).mean():.2f} % as the teacher", flush=True)
    marks = TAG_NUMBER["PUNCT"]
    real = test_labels != marks
    print(f"  without marks {100 * (test_second == test_labels)[real].mean():.2f} %")
    for tag in ("VB", "VBP", "VBD", "VBN", "NN", "JJ", "NNS", "VBZ"):
        mine, teacher = test_second == TAG_NUMBER[tag], test_labels == TAG_NUMBER[tag]
        both = (mine & teacher).sum()
        print(f"  {tag}: precision {100 * both / mine.sum():.1f}, recall {100 * both / teacher.sum():.1f}")
    np.savez(arguments.out, first=first, second=second, scales=[first_scale, second_scale])


if __name__ == "__main__":
    main()
