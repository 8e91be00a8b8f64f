#!/usr/bin/env python3
"""Trains the homograph model on the train split of the Wikipedia homograph data.

    train_homographs.py --myna PROGRAM --data DIR --tagger tagger.npz --out homographs.npz [--taught FILE] [--folds 5]

Each reading of a word is scored by a sum of weights: those of the word's own reading, and those of
the reading's kind (noun, verb, adjective, ...), which all words share. Softmax over the readings,
L2, L-BFGS (docs/models/pronunciation.md). Cross-validation over the training part chooses the
strengths; the held-out tenth is only measured. --taught adds teach_homographs.py's sentences: what they
are labelled with is between the teacher's opinion and that of a model that learnt without them.
"""

import argparse
import pickle
import time
from pathlib import Path

import numpy as np
from scipy import sparse
from scipy.optimize import minimize

from context_features import combine, homograph_features, text_hash, token
from sentences import Labelled, find_target, kind_of, labels_of, read_homographs, read_items, texts_of
from train_tagger import cut, matrix, predict

BITS = 20


def tag_all(sentences, tagger):
    """The second pass's tags, numbers from 1, of each sentence of tokens."""
    first = cut(predict(tagger["first"], matrix(sentences)), sentences)
    second = cut(predict(tagger["second"], matrix(sentences, first)), sentences)
    return [[tag + 1 for tag in tags] for tags in second]


def examples_of(myna, data, tagger, cache):
    """(labelled, grammar features, topic features) of every sentence whose word was found."""
    if cache.exists():
        found = pickle.loads(cache.read_bytes())
    else:
        labelled = read_homographs(data)
        items = []
        for begin in range(0, len(labelled), 2000):
            items += read_items(myna, [one.sentence for one in labelled[begin : begin + 2000]])
        found = []
        for one, line in zip(labelled, items):
            target = find_target(line, one.begin, one.end)
            if target is None:
                print("not found:", one.word, "in", one.sentence)
                continue
            found.append((one, texts_of(target[0]), target[1]))
        cache.write_bytes(pickle.dumps(found))
    sentences = [[token(t) for t in texts] for _, texts, _ in found]
    tags = tag_all(sentences, tagger)
    return [
        (one, *homograph_features(tokens, sentence_tags, at))
        for (one, _, at), tokens, sentence_tags in zip(found, sentences, tags)
    ]


def extra_examples(myna, path, tagger):
    """Sentences of our own for readings that the data has hardly an example of."""
    rows = [line.split("\t") for line in path.read_text(encoding="utf-8").splitlines()]
    found = []
    for (word, wordid, sentence), items in zip(rows, read_items(myna, [row[2] for row in rows])):
        texts = texts_of(items)
        at = [text.lower() for text in texts].index(word)
        found.append((Labelled(word, wordid, sentence, 0, 0, False), texts, at))
    sentences = [[token(t) for t in texts] for _, texts, _ in found]
    return [
        (one, *homograph_features(tokens, tags, at))
        for (one, _, at), tokens, tags in zip(found, sentences, tag_all(sentences, tagger))
    ]


def taught_examples(myna, path, tagger):
    """(example, {wordid: probability}) of teach_homographs.py's sentences whose word was found."""
    rows = [line.split("\t") for line in path.read_text(encoding="utf-8").splitlines()]
    result = []
    for begin in range(0, len(rows), 4000):
        found = []
        part = rows[begin : begin + 4000]
        for row, items in zip(part, read_items(myna, [row[3] for row in part])):
            word, first, last, sentence = row[0], int(row[1]), int(row[2]), row[3]
            place = len(sentence[:first].encode()), len(sentence[:last].encode())
            target = find_target(items, *place)
            texts = texts_of(target[0]) if target else []
            if target and texts[target[1]].lower() == word:
                labelled = Labelled(word, "", sentence, *place, False)
                guess = {name: float(p) for name, p in (one.split("=") for one in row[4:])}
                found.append((labelled, texts, target[1], guess))
        sentences = [[token(t) for t in one[1]] for one in found]
        for one, tokens, tags in zip(found, sentences, tag_all(sentences, tagger)):
            result.append(((one[0], *homograph_features(tokens, tags, one[2])), one[3]))
    return result


class Readings:
    """The readings of each word in the order of wordids.tsv, and the hashes of a word and a kind."""

    def __init__(self, labels):
        self.of_word = labels

    def rows(self, example, topic_weight, kind_weight):
        """For each reading: columns and values."""
        one, grammar, topic = example
        for wordid in self.of_word[one.word]:
            own = text_hash(wordid)
            columns = [combine(200, own, f) for f in grammar]
            values = [1.0] * len(grammar)
            columns += [combine(200, own, f) for f in topic]
            values += [topic_weight] * len(topic)
            kind = kind_of(one.word, wordid)
            if kind:
                shared = text_hash(kind)
                columns += [combine(201, shared, f) for f in grammar]
                values += [kind_weight] * len(grammar)
            yield columns, values


def build(examples, readings, topic_weight, kind_weight):
    indices, values, starts, groups, gold = [], [], [0], [], []
    for number, example in enumerate(examples):
        for i, (columns, value) in enumerate(readings.rows(example, topic_weight, kind_weight)):
            indices.extend(columns)
            values.extend(value)
            starts.append(len(indices))
            groups.append(number)
            gold.append(readings.of_word[example[0].word][i] == example[0].wordid)
    columns = np.array(indices, dtype=np.uint64) & ((1 << BITS) - 1)
    x = sparse.csr_matrix(
        (np.array(values, dtype=np.float64), columns.astype(np.int64), starts),
        shape=(len(groups), 1 << BITS),
    )
    return x, np.array(groups), np.array(gold, dtype=bool)


def softmax(scores, groups):
    count = groups[-1] + 1
    top = np.full(count, -np.inf)
    np.maximum.at(top, groups, scores)
    exps = np.exp(scores - top[groups])
    return exps / np.bincount(groups, exps, count)[groups]


def fit(x, groups, wanted, strength, iterations=120, shares=None):
    """wanted: each row's probability; shares: what each row's group counts."""
    xt = x.T.tocsr()
    shares = np.ones(len(groups)) if shares is None else shares

    def loss(weights):
        probabilities = softmax(x @ weights, groups)
        value = -(shares * wanted * np.log(np.maximum(probabilities, 1e-300))).sum()
        gradient = xt @ (shares * (probabilities - wanted))
        return (
            value + 0.5 * strength * (weights @ weights),
            gradient + strength * weights,
        )

    found = minimize(
        loss, np.zeros(x.shape[1]), jac=True, method="L-BFGS-B", options={"maxiter": iterations}
    )
    return found.x


def fit_damped(x, groups, wanted, strength, shares=None, plenty=20):
    """A feature that is everywhere counts for less: its weight would otherwise be hardly bound."""
    shares = np.ones(len(groups)) if shares is None else shares
    damping = 1 / np.sqrt(1 + (x != 0).T @ shares / plenty)
    return damping * fit((x @ sparse.diags(damping)).tocsr(), groups, wanted, strength, 100, shares)


def fit_taught(x, groups, gold, taught, readings, arguments):
    """The labelled sentences and the taught ones together."""
    own = fit_damped(x, groups, gold, arguments.strength)
    xt, groups_t, _ = build([e for e, _ in taught], readings, arguments.topic, arguments.kind)
    teacher = np.array([guess[name] for e, guess in taught for name in readings.of_word[e[0].word]])
    # A little surer than the mean of the two.
    wanted = softmax(0.75 * np.log(teacher + 1e-9) + 0.75 * np.log(softmax(xt @ own, groups_t) + 1e-9), groups_t)
    return fit_damped(
        sparse.vstack([x, xt]).tocsr(),
        np.concatenate([groups, groups_t + groups[-1] + 1]),
        np.concatenate([gold, wanted]),
        arguments.strength,
        np.concatenate([np.ones(len(groups)), np.full(len(groups_t), arguments.taught_share)]),
        plenty=40,
    )


def choose(x, weights, groups):
    """The row that wins in each group."""
    scores = x @ weights
    order = np.lexsort((-scores, groups))
    _, first = np.unique(groups[order], return_index=True)
    return order[first]


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--myna", type=Path, required=True)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--tagger", required=True)
    parser.add_argument("--out", required=True)
    parser.add_argument("--cache", type=Path, required=True)
    parser.add_argument("--extra", type=Path, default=Path(__file__).with_name("homograph_extra.tsv"))
    parser.add_argument("--taught", type=Path)
    parser.add_argument("--taught-share", type=float, default=0.6, help="of a labelled sentence's weight")
    parser.add_argument("--folds", type=int, default=0)
    parser.add_argument("--fold", type=int, help="keep this tenth of the training sentences back, write its scores to --out")
    parser.add_argument("--topic", type=float, default=0.5)
    parser.add_argument("--kind", type=float, default=1.0)
    parser.add_argument("--strength", type=float, default=0.3)
    arguments = parser.parse_args()
    tagger = np.load(arguments.tagger)
    examples = examples_of(arguments.myna, arguments.data, tagger, arguments.cache)
    labels = labels_of(arguments.data)
    readings = Readings(labels)
    train = [e for e in examples if not e[0].held_out]
    train += extra_examples(arguments.myna, arguments.extra, tagger)
    test = [e for e in examples if e[0].held_out]
    print(f"{len(train)} sentences to train on, {len(test)} held out", flush=True)
    if arguments.folds:
        for topic in (0.3, 0.5):
            for kind in (0.5, 1.0):
                x, groups, gold = build(train, readings, topic, kind)
                fold = np.array([text_hash(e[0].sentence) % arguments.folds for e in train])
                for strength in (0.3, 1.0, 3.0):
                    right = 0
                    for k in range(arguments.folds):
                        inside, outside = fold[groups] != k, fold[groups] == k
                        _, g_in = np.unique(groups[inside], return_inverse=True)
                        _, g_out = np.unique(groups[outside], return_inverse=True)
                        weights = fit(x[inside], g_in, gold[inside], strength, 60)
                        right += gold[outside][choose(x[outside], weights, g_out)].sum()
                    print(f"topic {topic} kind {kind} strength {strength}: {100 * right / len(train):.2f} %", flush=True)
        return
    if arguments.fold is not None:
        test = [e for e in examples if not e[0].held_out and text_hash(e[0].sentence) % 10 == arguments.fold]
        train = [e for e in train if text_hash(e[0].sentence) % 10 != arguments.fold]
    started = time.time()
    x, groups, gold = build(train, readings, arguments.topic, arguments.kind)
    if arguments.taught:
        taught = taught_examples(arguments.myna, arguments.taught, tagger)
        print(f"{len(taught)} taught sentences", flush=True)
        weights = fit_taught(x, groups, gold, taught, readings, arguments)
    else:
        weights = fit_damped(x, groups, gold, arguments.strength)
    print(f"fitted in {time.time() - started:.0f} s, {np.count_nonzero(weights)} weights")
    xt, groups_t, gold_t = build(test, readings, arguments.topic, arguments.kind)
    scale = np.quantile(np.abs(weights[weights != 0]), 0.9995) / 127
    if arguments.fold is not None:
        wordids = [wordid for e in test for wordid in labels[e[0].word]]
        np.savez(
            arguments.out, scores=xt @ weights, groups=groups_t, wordids=wordids,
            sentences=[e[0].sentence for e in test], gold=[e[0].wordid for e in test], scale=scale,
        )  # fmt: skip
    quantised = np.clip(np.round(weights / scale), -127, 127).astype(np.int8)
    for name, w in (("float", weights), ("int8", quantised.astype(np.float64))):
        right = gold_t[choose(xt, w, groups_t)]
        print(f"held out ({name}): {100 * right.mean():.2f} %")
    by_word = {}
    for ok, example in zip(right, test):
        by_word.setdefault(example[0].word, []).append(ok)
    print(f"mean over words: {100 * np.mean([np.mean(v) for v in by_word.values()]):.2f} %")
    worst = sorted(by_word.items(), key=lambda item: np.mean(item[1]))[:25]
    print(" ".join(f"{word}:{sum(not ok for ok in v)}/{len(v)}" for word, v in worst if not all(v)))
    if arguments.fold is None:
        np.savez(arguments.out, weights=quantised, scale=np.float32(scale), topic=arguments.topic, kind=arguments.kind)


if __name__ == "__main__":
    main()
