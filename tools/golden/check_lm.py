#!/usr/bin/env python3
"""Holds the language trainer against Hugging Face: logits of small random models of both
architectures, read by us and written by us, and the tokenizer's merges and ids.

    check_lm.py --trainer build/train/bin/myna-train [--text FILE]

Prints each figure; exit code 1 when logits differ by more than 1e-4 relative, or a merge or an id
differs. Runs in the environment of tools/python/requirements-lm.txt.
"""

import argparse
import json
import pathlib
import subprocess
import sys
import tempfile

import tokenizers
import torch
import transformers
from safetensors.torch import load_file

TOLERANCE = 1e-4
TOKENS = [(i * i * 7 + 3 * i + 1) % 200 for i in range(60)]
SPECIAL = ["<|endoftext|>", "<|im_start|>", "<|im_end|>"]


def random_model(config):
    torch.manual_seed(3)
    model = transformers.AutoModelForCausalLM.from_config(config).float().eval()
    with torch.no_grad():
        for name, value in model.named_parameters():
            value.normal_(0, 0.2)
            if "norm" in name:
                value.add_(1)
        for name, value in model.named_buffers():
            if name.endswith("e_score_correction_bias"):
                value.normal_(0, 0.3)
    return model


def configs():
    common = dict(
        vocab_size=200, hidden_size=64, intermediate_size=96, num_hidden_layers=3,
        num_attention_heads=4, num_key_value_heads=2, head_dim=16, rms_norm_eps=1e-5,
        max_position_embeddings=256, attention_bias=False,
    )
    yield "llama, tied", transformers.LlamaConfig(**common, tie_word_embeddings=True)
    yield "llama, not tied", transformers.LlamaConfig(**common, tie_word_embeddings=False)
    for norm in (False, True):
        yield f"glm4moe, qk norm {norm}", transformers.Glm4MoeConfig(
            **common, tie_word_embeddings=True, use_qk_norm=norm, first_k_dense_replace=1,
            n_routed_experts=8, n_shared_experts=2, num_experts_per_tok=2,
            moe_intermediate_size=32, norm_topk_prob=True, routed_scaling_factor=1.5,
            n_group=1, topk_group=1, partial_rotary_factor=1.0,
            rope_parameters={"rope_type": "default", "rope_theta": 10000.0,
                             "partial_rotary_factor": 1.0},
        )


def relative(a, b):
    return ((a - b).norm() / b.norm()).item()


def check_logits(trainer, directory):
    good = True
    tokens = ",".join(map(str, TOKENS))
    for name, config in configs():
        model = random_model(config)
        place = directory / name.replace(" ", "_").replace(",", "")
        model.save_pretrained(place / "theirs")
        subprocess.run(
            [trainer, "logits", place / "theirs", "--tokens", tokens, "--out", place / "logits",
             "--save", place / "ours"], check=True)
        with torch.no_grad():
            wanted = model(torch.tensor([TOKENS])).logits[0]
            again = transformers.AutoModelForCausalLM.from_pretrained(
                place / "ours", dtype=torch.float32).eval()(torch.tensor([TOKENS])).logits[0]
        ours = load_file(place / "logits")["logits"]
        errors = relative(ours, wanted), relative(again, wanted)
        print(f"{name}: our logits {errors[0]:.2e}, theirs of our file {errors[1]:.2e}")
        good &= max(errors) <= TOLERANCE
    return good


def check_tokenizer(trainer, directory, text):
    corpus = directory / "corpus.txt"
    corpus.write_text(text, encoding="utf-8")
    subprocess.run(
        [trainer, "tokenizer", "--vocabulary", "4000", "--out", directory / "ours.json", corpus],
        check=True, stdout=subprocess.DEVNULL)
    theirs = tokenizers.Tokenizer(tokenizers.models.BPE())
    theirs.pre_tokenizer = tokenizers.pre_tokenizers.Sequence([
        tokenizers.pre_tokenizers.Digits(individual_digits=True),
        tokenizers.pre_tokenizers.ByteLevel(add_prefix_space=False)])
    theirs.decoder = tokenizers.decoders.ByteLevel()
    theirs.train_from_iterator([text], tokenizers.trainers.BpeTrainer(
        vocab_size=4000, min_frequency=2, special_tokens=SPECIAL, show_progress=False,
        initial_alphabet=tokenizers.pre_tokenizers.ByteLevel.alphabet()))
    wanted = json.loads(theirs.to_str())["model"]["merges"]
    found = json.loads((directory / "ours.json").read_text())["model"]["merges"]
    same = sum(a == b for a, b in zip(wanted, found))
    print(f"merges: {same} of {len(wanted)} the same, in order")
    ours = tokenizers.Tokenizer.from_file(str(directory / "ours.json"))
    odd = text[:200000] + "  \n\t x\u00a0y 12345 it's I'LL \u65e5\u672c\u8a9e \U0001f600\n\n\n end  "
    ids = ours.encode(odd).ids
    sample = directory / "sample.jsonl"
    sample.write_text(json.dumps({"text": odd}) + "\n")
    subprocess.run([trainer, "tokens", "--tokenizer", directory / "ours.json", "--out",
                    directory / "shards", "--validation", "0", sample], check=True,
                   stdout=subprocess.DEVNULL)
    own = load_file(directory / "shards" / "shard-00000.safetensors")["tokens"].tolist()[1:-1]
    equal = own == ids
    print(f"ids of {len(odd)} characters: {'the same' if equal else 'DIFFERENT'} ({len(ids)})")
    return same == len(wanted) == len(found) and equal


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--trainer", required=True, type=pathlib.Path)
    parser.add_argument("--text", type=pathlib.Path,
                        default=pathlib.Path(__file__).resolve().parents[2] / "examples/demo.txt")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as directory:
        directory = pathlib.Path(directory)
        text = arguments.text.read_text(encoding="utf-8")
        good = check_logits(arguments.trainer, directory)
        good &= check_tokenizer(arguments.trainer, directory, text)
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
