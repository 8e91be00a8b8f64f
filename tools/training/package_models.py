#!/usr/bin/env python3
"""Puts the trained models together as models/pronunciation-en, from which `myna models pull
pronunciation-en` installs them.

    package_models.py --spelling spelling.safetensors --tagger tagger.npz --homographs homographs.npz
                      --readings homograph_readings.tsv --encoder encoder.pt --doubt 40 --share 0.02
                      [--out models/pronunciation-en]
"""

import argparse
import shutil
from pathlib import Path

import numpy as np
from safetensors.numpy import save_file

from context_features import text_hash
from sentences import kind_of

ROOT = Path(__file__).resolve().parent.parent.parent
TILE = 32  # outputs of a tile of 8-bit weights
ROW = 32  # tags a row of the tagger's tables has room for


def table(weights):
    """[buckets, tags] to rows of ROW, the first tag in column 1 (0 stands for no token)."""
    rows = np.zeros((len(weights), ROW), np.int8)
    rows[:, 1 : 1 + weights.shape[1]] = weights
    return rows


def tiles(name, linear, out):
    """A linear layer in 8 bits, as src/text/g2p/integer_product.h wants it."""
    weight = linear.weight.detach().numpy()
    scales = np.abs(weight).max(1) / 127
    whole = np.round(weight / scales[:, None]).astype(np.int8)
    outputs, inputs = whole.shape
    out[name] = np.ascontiguousarray(whole.reshape(outputs // TILE, TILE, inputs // 2, 2).transpose(0, 2, 1, 3))
    out[f"{name}.scales"] = scales.astype(np.float32)
    out[f"{name}.bias"] = linear.bias.detach().numpy()


def rows(name, weight, out):
    scales = np.abs(weight).max(1) / 127 + 1e-12
    out[name] = np.round(weight / scales[:, None]).astype(np.int8)
    out[f"{name}.scales"] = scales.astype(np.float32)


def piece_slots(vocabulary):
    """An open-addressing table: hash of the piece, number."""
    count = 1 << (2 * len(vocabulary) - 1).bit_length()
    slots = np.full((count, 2), -1, np.int32)
    for number, piece in enumerate(vocabulary):
        value = text_hash(piece)
        slot = value % count
        while slots[slot, 1] >= 0:
            slot = (slot + 1) % count
        slots[slot] = np.uint32(value).astype(np.int32), number
    return slots


def encoder_tensors(path, order, doubt, share):
    import torch
    from homograph_encoder import Encoder

    saved = torch.load(path)
    model = Encoder(len(saved["vocabulary"]), len(saved["wordids"]))
    model.load_state_dict(saved["model"])
    out = {"piece_slots": piece_slots(saved["vocabulary"]), "together": np.array([doubt, share], np.float32)}
    rows("embeddings", model.pieces.weight.detach().numpy(), out)
    out["places"] = model.places.detach().numpy().astype(np.float16)
    out["shapes"] = model.shapes.weight.detach().numpy().astype(np.float16)
    norms = {"norm": model.norm}
    for i, layer in enumerate(model.layers):
        for name in ("mixed", "out", "up", "down"):
            tiles(f"layer{i}.{name}", getattr(layer, name), out)
        norms |= {f"layer{i}.norm1": layer.norm1, f"layer{i}.norm2": layer.norm2}
    for name, norm in norms.items():
        out[f"{name}.weight"] = norm.weight.detach().numpy()
        out[f"{name}.bias"] = norm.bias.detach().numpy()
    places = [saved["wordids"].index(wordid) for wordid in order]
    rows("head", model.head.weight.detach().numpy()[places], out)
    out["head.bias"] = model.head.bias.detach().numpy()[places]
    return out


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    for name in ("spelling", "tagger", "homographs", "readings", "encoder"):
        parser.add_argument(f"--{name}", type=Path)
    parser.add_argument("--out", type=Path, default=ROOT / "models" / "pronunciation-en")
    parser.add_argument("--doubt", type=float, help="lead of the log-linear model below which the encoder is asked")
    parser.add_argument("--share", type=float, help="what the log-linear model's score counts beside the encoder's")
    arguments = parser.parse_args()
    arguments.out.mkdir(parents=True, exist_ok=True)
    if arguments.spelling:
        shutil.copyfile(arguments.spelling, arguments.out / "spelling.safetensors")
    if arguments.tagger:
        tagger = np.load(arguments.tagger)
        save_file(
            {"first": table(tagger["first"]), "second": table(tagger["second"])},
            arguments.out / "tagger.safetensors",
        )
    if arguments.homographs:
        model = np.load(arguments.homographs)
        lines = []
        for line in arguments.readings.read_text(encoding="utf-8").splitlines():
            word, reading, american, british = line.split("\t")
            lines.append("\t".join((word, reading, kind_of(word, reading), american, british)))
        save_file(
            {
                "weights": model["weights"],
                "strengths": np.array([model["topic"], model["kind"]], np.float32),
            },
            arguments.out / "homographs.safetensors",
            {"readings": "\n".join(lines)},
        )
    if arguments.encoder:
        lines = arguments.readings.read_text(encoding="utf-8").splitlines()
        order = [line.split("\t")[1] for line in lines]
        save_file(
            encoder_tensors(arguments.encoder, order, arguments.doubt, arguments.share),
            arguments.out / "context.safetensors",
            {"readings": "\n".join(order)},
        )


if __name__ == "__main__":
    main()
