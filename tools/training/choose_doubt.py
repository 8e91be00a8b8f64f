#!/usr/bin/env python3
"""When to ask the context encoder, and what the log-linear model counts beside it.

    choose_doubt.py --linear work/linear0.npz --encoder work/encoder0.npz 

The scores of both for the same kept-back fold (train_homographs.py --fold, train_homograph_encoder.py --fold). Prints
what is read right for each pair of doubt (nats of the log-linear model's lead) and share, and how often
the encoder is asked.
"""

import argparse

import numpy as np


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--linear", nargs="+", required=True)
    parser.add_argument("--encoder", nargs="+", required=True)
    arguments = parser.parse_args()
    pairs = []
    for linear_path, encoder_path in zip(arguments.linear, arguments.encoder):
        linear, encoder = np.load(linear_path), np.load(encoder_path)
        # The columns of the encoder's scores are the readings in the order of wordids.tsv.
        names = list(encoder["names"])
        rows = dict(zip(encoder["sentences"], encoder["scores"]))
        for number, (sentence, gold) in enumerate(zip(linear["sentences"], linear["gold"])):
            mine = linear["groups"] == number
            wordids = list(linear["wordids"][mine])
            if sentence in rows and rows[sentence][names.index(gold)] > -1e3:
                seen = rows[sentence][[names.index(wordid) for wordid in wordids]]
                pairs.append((linear["scores"][mine], seen, wordids.index(gold)))
    print(f"{len(pairs)} sentences")
    lead = np.array([np.sort(a)[-1] - np.sort(a)[-2] for a, _, _ in pairs])
    first = np.array([a.argmax() == g for a, _, g in pairs])
    print(f"log-linear alone {100 * first.mean():.2f} %")
    for share in (0.0, 0.3, 0.5, 0.7, 1.0):
        both = np.array([(share * a + b).argmax() == g for a, b, g in pairs])
        line = []
        for doubt in (1, 2, 3, 4, 5, 6, 8, 1e9):
            right = np.where(lead < doubt, both, first)
            line.append(f"{doubt:g}: {100 * right.mean():.2f} % ({100 * (lead < doubt).mean():.0f} %)")
        print(f"share {share}: " + ", ".join(line))


if __name__ == "__main__":
    main()
