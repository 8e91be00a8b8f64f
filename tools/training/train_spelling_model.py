#!/usr/bin/env python3
"""Trains the model that reads words the lexicon does not have: letters to phonemes.

    train_spelling_model.py --lexicons DIR --out DIR [--minutes 45] [--hidden 128]

DIR holds the four JSON lexicons of misaki. A bidirectional LSTM over the letters chooses for each
letter its chunk of phonemes, in both dialects at once; a search keeps exactly one main stress
(docs/models/pronunciation.md). The learning rate falls with the time that is left. Writes
checkpoint.pt and spelling.safetensors, with averaged weights, again and again.
"""

import argparse
import math
import pickle
import random
import time
from collections import Counter
from pathlib import Path

import torch
from safetensors import safe_open
from safetensors.torch import load_file, save_file
from torch import nn

from lexicon_words import DIALECTS, LETTERS, held_out, read_lexicons
from spelling_alignment import Aligner, units_of

LETTER_INDEX = {letter: i for i, letter in enumerate(LETTERS)}


def prepare(lexicons, cache):
    """Aligned examples: (letters, capital, dialect, gold, chunk labels) to train on; the held-out gold
    words with their phonemes; the chunks."""
    if cache.exists():
        return pickle.loads(cache.read_bytes())
    words = read_lexicons(lexicons)
    train, test = [], []
    for word in words:
        kind = held_out(word.spelling)
        if kind is None:
            train.append(word)
        elif word.gold:
            test.append((kind, word))
    pairs = {}
    for word in train:
        units = units_of(word.phonemes)
        if units and len(units) <= 3 * len(word.spelling):
            pairs[word] = (word.spelling.lower(), units)
    picked = random.Random(1).sample([p for w, p in pairs.items() if w.gold], 24000)
    aligner = Aligner()
    aligner.train(picked)
    aligned, chunk_count = [], Counter()
    for word, (letters, units) in pairs.items():
        chunks, cost = aligner.align(letters, units)
        # Abbreviations and errors: the letters do not say this.
        if chunks is None or cost > 6.0 * len(letters):
            continue
        labels = ["".join(chunk) for chunk in chunks]
        aligned.append((word, letters, labels))
        chunk_count.update(labels)
    chunks = [c for c, n in chunk_count.most_common() if n >= 8]
    index = {chunk: i for i, chunk in enumerate(chunks)}
    examples = [
        (letters, word.spelling[0].isupper(), word.dialect, word.gold, [index[c] for c in labels])
        for word, letters, labels in aligned
        if all(c in index for c in labels)
    ]
    result = (examples, test, chunks)
    cache.write_bytes(pickle.dumps(result))
    return result


def merge_dialects(examples):
    """One example a spelling: (letters, capital, gold, [US labels, GB labels]), None for the dialect
    that lacks the word."""
    merged = {}
    for letters, capital, dialect, gold, labels in examples:
        entry = merged.setdefault((letters, capital), [letters, capital, False, [None, None]])
        entry[2] |= gold
        entry[3][DIALECTS.index(dialect)] = labels
    return list(merged.values())


class SpellingModel(nn.Module):
    def __init__(self, chunks, hidden, embedding=64, dropout=0.15):
        super().__init__()
        self.letters = nn.Embedding(len(LETTERS), embedding)
        self.capital = nn.Embedding(2, embedding)  # added to every letter
        self.lstm1 = nn.LSTM(embedding, hidden, batch_first=True, bidirectional=True)
        self.lstm2 = nn.LSTM(2 * hidden, hidden, batch_first=True, bidirectional=True)
        self.out = nn.Linear(2 * hidden, 2 * chunks)  # American, then British
        self.dropout = nn.Dropout(dropout)
        self.chunks = chunks

    def forward(self, letters, capital):
        """[batch, letters, dialect, chunk]"""
        x = self.letters(letters) + self.capital(capital)[:, None]
        x, _ = self.lstm1(x)
        x, _ = self.lstm2(self.dropout(x))
        return self.out(self.dropout(x)).unflatten(-1, (2, self.chunks))


def restore(path, dropout):
    """The model of a spelling.safetensors, to train on. The letters' embeddings are one-hot: their
    product with the first layer's input weights is what the file holds."""
    tensors = {name: tensor.float() for name, tensor in load_file(path).items()}
    with safe_open(path, "pt") as file:
        chunks = file.metadata()["chunks"].split("|")
    hidden = tensors["forward.recurrent1"].shape[0]
    model = SpellingModel(len(chunks), hidden, dropout=dropout)
    count = len(LETTERS)
    with torch.no_grad():
        model.letters.weight.copy_(torch.eye(count, model.letters.embedding_dim))
        model.capital.weight.copy_(torch.eye(count + 2, model.letters.embedding_dim)[count:])
        for suffix, name in (("", "forward."), ("_reverse", "backward.")):
            get = lambda layer, what: getattr(layer, what + suffix)  # noqa: E731
            input1 = get(model.lstm1, "weight_ih_l0").normal_(0, 0.05)
            input1[:, :count] = tensors[name + "letters"].T
            input1[:, count : count + 2] = tensors[name + "capital"].T
            for layer in (model.lstm1, model.lstm2):
                get(layer, "bias_ih_l0").zero_()
                get(layer, "bias_hh_l0").zero_()
            get(model.lstm1, "weight_hh_l0").copy_(tensors[name + "recurrent1"].T)
            get(model.lstm2, "weight_ih_l0").copy_(tensors[name + "input2"].T)
            get(model.lstm2, "bias_ih_l0").copy_(tensors[name + "bias2"])
            get(model.lstm2, "weight_hh_l0").copy_(tensors[name + "recurrent2"].T)
        for i, name in enumerate(("american.", "british.")):
            model.out.weight[i * len(chunks) : (i + 1) * len(chunks)] = tensors[name + "weight"].T
            model.out.bias[i * len(chunks) : (i + 1) * len(chunks)] = tensors[name + "bias"]
    return model, chunks


def batches(examples, size, rng):
    by_length = {}
    for example in examples:
        by_length.setdefault(len(example[0]), []).append(example)
    result = []
    for same in by_length.values():
        rng.shuffle(same)
        result += [same[i : i + size] for i in range(0, len(same), size)]
    rng.shuffle(result)
    return result


def tensors_of(batch):
    letters = torch.tensor([[LETTER_INDEX[c] for c in example[0]] for example in batch])
    return letters, torch.tensor([int(example[1]) for example in batch])


def decode(scores, primaries, chunks, one_stress=True):
    """The best chunk sequence with exactly one main stress. scores: [letters, chunks]."""
    if not one_stress or primaries.sum() == 0:
        return "".join(chunks[i] for i in scores.argmax(-1).tolist())
    plain = scores.masked_fill(primaries, -math.inf)
    stressed = scores.masked_fill(~primaries, -math.inf)
    plain_best, plain_at = plain.max(-1)
    stressed_best, stressed_at = stressed.max(-1)
    at = int((stressed_best - plain_best).argmax())
    picked = plain_at.tolist()
    picked[at] = int(stressed_at[at])
    return "".join(chunks[i] for i in picked)


def edit_distance(a, b):
    row = list(range(len(b) + 1))
    for i, x in enumerate(a, 1):
        diagonal, row[0] = row[0], i
        for j, y in enumerate(b, 1):
            diagonal, row[j] = row[j], min(row[j] + 1, row[j - 1] + 1, diagonal + (x != y))
    return row[-1]


def evaluate(model, test, chunks, show=0):
    model.eval()
    primaries = torch.tensor([chunk.count("ˈ") == 1 for chunk in chunks])
    by_length, sums = {}, {}
    for kind, word in test:
        if set(word.spelling.lower()) <= set(LETTERS):
            by_length.setdefault(len(word.spelling), []).append((kind, word))
    wrong = []
    with torch.no_grad():
        for same in by_length.values():
            batch = [(w.spelling.lower(), w.spelling[0].isupper()) for _, w in same]
            scores = torch.log_softmax(model(*tensors_of(batch)), -1)
            for (kind, word), both in zip(same, scores):
                score = both[:, DIALECTS.index(word.dialect)]
                said = decode(score, primaries, chunks)
                bare = [text.translate({ord(s): None for s in "ˈˌ"}) for text in (said, word.phonemes)]
                total = sums.setdefault((kind, word.dialect), [0] * 6)
                total[0] += 1
                total[1] += said == word.phonemes
                total[2] += edit_distance(said, word.phonemes)
                total[3] += len(word.phonemes)
                total[4] += bare[0] == bare[1]
                total[5] += edit_distance(*bare)
                if said != word.phonemes:
                    wrong.append((word.spelling, word.phonemes, said))
    for key, (n, exact, errors, length, bare_exact, bare_errors) in sorted(sums.items()):
        print(
            f"  {key[0]:4} {key[1]}: {n} words, exact {100 * exact / n:.2f} %, phoneme error "
            f"{100 * errors / length:.2f} %; without stress {100 * bare_exact / n:.2f} %, "
            f"{100 * bare_errors / length:.2f} %",
            flush=True,
        )
    for item in wrong[:show]:
        print("   ", *item)


def export(model, chunks, path):
    """docs/models/pronunciation.md: the first layer's products with each letter are tables."""
    hidden = model.lstm1.hidden_size
    tensors = {}
    for suffix, name in (("", "forward"), ("_reverse", "backward")):
        get = lambda layer, what: getattr(layer, what + suffix).detach()  # noqa: E731  # noqa: E731
        input1 = get(model.lstm1, "weight_ih_l0")
        bias1 = get(model.lstm1, "bias_ih_l0") + get(model.lstm1, "bias_hh_l0")
        tensors[f"{name}.letters"] = model.letters.weight.detach() @ input1.T
        tensors[f"{name}.capital"] = model.capital.weight.detach() @ input1.T + bias1
        tensors[f"{name}.recurrent1"] = get(model.lstm1, "weight_hh_l0").T
        tensors[f"{name}.input2"] = get(model.lstm2, "weight_ih_l0").T
        tensors[f"{name}.bias2"] = get(model.lstm2, "bias_ih_l0") + get(model.lstm2, "bias_hh_l0")
        tensors[f"{name}.recurrent2"] = get(model.lstm2, "weight_hh_l0").T
    count = len(chunks)
    for i, name in enumerate(("american", "british")):
        tensors[f"{name}.weight"] = model.out.weight.detach()[i * count : (i + 1) * count].T
        tensors[f"{name}.bias"] = model.out.bias.detach()[i * count : (i + 1) * count]
    assert tensors["forward.recurrent1"].shape == (hidden, 4 * hidden)
    halves = {name: tensor.half().contiguous() for name, tensor in tensors.items()}
    save_file(halves, path, {"chunks": "|".join(chunks)})


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--lexicons", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--minutes", type=float, default=45)
    parser.add_argument("--hidden", type=int, default=128)
    parser.add_argument("--batch", type=int, default=96)
    parser.add_argument("--rate", type=float, default=3e-3)
    parser.add_argument("--silver", type=float, default=0.35, help="share of silver words an epoch")
    parser.add_argument("--dropout", type=float, default=0.15)
    parser.add_argument("--silver-weight", type=float, default=0.6)
    parser.add_argument("--resume", action="store_true")
    parser.add_argument("--start", type=Path, help="a spelling.safetensors to train on")
    parser.add_argument("--test", action="store_true", help="evaluate checkpoint.pt only")
    arguments = parser.parse_args()
    torch.set_num_threads(1)
    torch.manual_seed(1)
    rng = random.Random(1)
    arguments.out.mkdir(parents=True, exist_ok=True)
    examples, test, chunks = prepare(arguments.lexicons, arguments.out / "aligned.pickle")
    examples = merge_dialects(examples)
    gold = [example for example in examples if example[2]]
    silver = [example for example in examples if not example[2]]
    print(f"{len(gold)} gold and {len(silver)} silver words, {len(test)} held out, {len(chunks)} chunks")
    model = SpellingModel(len(chunks), arguments.hidden, dropout=arguments.dropout)
    if arguments.start:
        model, start_chunks = restore(arguments.start, arguments.dropout)
        if start_chunks != chunks:
            raise SystemExit(f"the chunks of {arguments.start} are not those of the lexicons")
    averaged = torch.optim.swa_utils.AveragedModel(
        model, multi_avg_fn=torch.optim.swa_utils.get_ema_multi_avg_fn(0.998)
    )
    checkpoint = arguments.out / "checkpoint.pt"
    if arguments.resume or arguments.test:
        state = torch.load(checkpoint)["model"]
        model.load_state_dict(state)
        averaged.module.load_state_dict(state)
    if arguments.test:
        evaluate(model, test, chunks, show=60)
        export(model, chunks, arguments.out / "spelling.safetensors")
        return
    few = random.Random(2).sample(test, 1600)
    optimizer = torch.optim.AdamW(model.parameters(), lr=arguments.rate, weight_decay=0.01)
    loss_of = nn.CrossEntropyLoss(reduction="none", ignore_index=-1, label_smoothing=0.02)
    started, seen, total, count, step, shown = time.time(), 0, 0.0, 0, 0, time.time()
    queue, done = [], 0.0
    while done < 1.0:
        if not queue:
            some = rng.sample(silver, int(arguments.silver * len(silver)))
            queue = batches(gold + some, arguments.batch, rng)
        batch = queue.pop()
        model.train()
        done = (time.time() - started) / (60 * arguments.minutes)
        rate = arguments.rate * min(1.0, (step + 1) / 300) * (0.5 + 0.5 * math.cos(math.pi * min(1.0, done)))
        for group in optimizer.param_groups:
            group["lr"] = rate
        letters, capital = tensors_of(batch)
        # A capital starts a sentence too: it must not mean too much.
        capital = torch.where(torch.rand(len(batch)) < 0.1, 0, capital)
        nothing = [-1] * letters.shape[1]
        labels = torch.tensor([[e or nothing for e in example[3]] for example in batch])
        weights = torch.tensor([1.0 if example[2] else arguments.silver_weight for example in batch])
        losses = loss_of(model(letters, capital).permute(0, 3, 2, 1), labels)
        loss = (losses.mean((1, 2)) * weights).mean()
        optimizer.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        averaged.update_parameters(model)
        step, seen, total, count = step + 1, seen + len(batch), total + loss.item(), count + 1
        if time.time() - shown > 240 or done >= 1.0:
            print(
                f"{100 * done:.0f} %: {step} steps, {seen} words, loss {total / count:.4f}, "
                f"{time.process_time():.0f} s of processor time",
                flush=True,
            )
            shown, total, count = time.time(), 0.0, 0
            evaluate(averaged.module, few if done < 1.0 else test, chunks)
            torch.save({"model": averaged.module.state_dict(), "chunks": chunks}, checkpoint)
            export(averaged.module, chunks, arguments.out / "spelling.safetensors")


if __name__ == "__main__":
    main()
