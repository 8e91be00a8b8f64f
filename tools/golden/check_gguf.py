#!/usr/bin/env python3
"""Holds tools/language/gguf_model.py against llama.cpp: logits of what it writes, in float and with a
float cache, must be the trainer's.

    check_gguf.py --trainer build/train/bin/myna-train --library DIR --binding DIR [--base MODEL.gguf]

--library: llama.cpp's shared libraries (tools/setup/llama_library.py builds them); --binding: where the
Python package llama_cpp of the same release lies. Small random models of both architectures, and, with
--base, that model imported, exported and merged with experts that are silent, which must change nothing.
Runs in the environment of tools/python/requirements-lm.txt. Exit code 1 above 1e-4 relative.
"""

import argparse
import ctypes
import json
import os
import pathlib
import subprocess
import sys
import tempfile

import numpy as np
from safetensors.numpy import load_file, save_file

import check_lm

TOLERANCE = 1e-4
TOOL = pathlib.Path(__file__).resolve().parents[1] / "language" / "gguf_model.py"


def tool(*arguments):
    subprocess.run([sys.executable, TOOL, *map(str, arguments)], check=True)


class Llama:
    def __init__(self, library, binding):
        os.environ["LLAMA_CPP_LIB_PATH"] = str(library)
        sys.path.insert(0, str(binding))
        import llama_cpp

        self.llama_cpp = llama_cpp
        backends = ctypes.CDLL(str(library / "libggml.so"))
        backends.ggml_backend_load_all_from_path.argtypes = [ctypes.c_char_p]
        backends.ggml_backend_load_all_from_path(str(library).encode())

    def logits(self, path, tokens):
        float32 = 0  # ggml's number of the type
        model = self.llama_cpp.Llama(
            model_path=str(path), n_ctx=512, n_batch=512, logits_all=True, verbose=False,
            type_k=float32, type_v=float32, flash_attn=False)
        model.eval(tokens)
        return np.array(model.scores[: len(tokens)])


def relative(a, b):
    return float(np.linalg.norm(a - b) / np.linalg.norm(b))


def trainer_logits(trainer, model, tokens, out, *options):
    subprocess.run([trainer, "logits", model, "--tokens", ",".join(map(str, tokens)), "--out", out,
                    *options], check=True)
    return load_file(out)["logits"]


def write_small_tokenizer(path):
    """llama.cpp wants one with merges."""
    tokens = ["<|endoftext|>", "a", "b", "ab", "\u010a", "\u0120"]
    tokens += [f"t{i}" for i in range(len(tokens), 200)]
    path.write_text(json.dumps({
        "added_tokens": [{"id": 0, "content": tokens[0]}],
        "model": {"vocab": {token: i for i, token in enumerate(tokens)}, "merges": [["a", "b"]]},
    }), encoding="utf-8")


def check_small(trainer, llama, directory):
    good = True
    for name, config in check_lm.configs():
        place = directory / name.replace(" ", "_").replace(",", "")
        check_lm.random_model(config).save_pretrained(place / "theirs")
        wanted = trainer_logits(trainer, place / "theirs", check_lm.TOKENS, place / "logits",
                                "--save", place / "ours")
        write_small_tokenizer(place / "ours" / "tokenizer.json")
        for kind in ("f32", "f16", "q8_0", "q4_0"):
            tool("export", place / "ours", "--out", place / "model.gguf", "--type", kind)
            error = relative(llama.logits(place / "model.gguf", check_lm.TOKENS), wanted)
            print(f"{name}, {kind}: {error:.1e}")
            good &= kind != "f32" or error <= TOLERANCE
    return good


def silent_experts(config, path):
    config = dict(
        config, architectures=["Glm4MoeForCausalLM"], model_type="glm4_moe", n_routed_experts=16,
        n_shared_experts=16, num_experts_per_tok=2, moe_intermediate_size=config["intermediate_size"] // 16,
        norm_topk_prob=True, routed_scaling_factor=1.0, first_k_dense_replace=0)
    width, inner = config["hidden_size"], config["moe_intermediate_size"]
    random = np.random.default_rng(0)
    tensors = {}
    for layer in range(config["num_hidden_layers"]):
        mlp = f"model.layers.{layer}.mlp."
        tensors[mlp + "gate.weight"] = random.normal(0, 0.04, (16, width)).astype(np.float32)
        tensors[mlp + "gate.e_score_correction_bias"] = np.zeros(16, np.float32)
        for e in range(16):
            expert = f"{mlp}experts.{e}."
            for part in ("gate", "up"):
                tensors[f"{expert}{part}_proj.weight"] = random.normal(0, 0.04, (inner, width)).astype(np.float16)
            tensors[expert + "down_proj.weight"] = np.zeros((width, inner), np.float16)
    save_file(tensors, path, metadata={"format": "pt", "config": json.dumps(config)})


def check_base(trainer, llama, base, directory):
    tokens = check_lm.TOKENS
    tool("import", base, "--out", directory / "base")
    tool("export", directory / "base", "--out", directory / "base.gguf", "--type", "f32",
         "--tokenizer-of", base)
    silent_experts(json.loads((directory / "base/config.json").read_text()), directory / "silent")
    tool("merge", directory / "base.gguf", directory / "silent", "--out", directory / "merged.gguf")
    dense = llama.logits(directory / "base.gguf", tokens)
    ours = relative(dense, trainer_logits(trainer, directory / "base", tokens, directory / "logits"))
    merged = relative(llama.logits(directory / "merged.gguf", tokens), dense)
    print(f"{base.name}: imported and exported {ours:.1e}, with silent experts {merged:.1e}")
    return max(ours, merged) <= TOLERANCE


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--trainer", required=True, type=pathlib.Path)
    parser.add_argument("--library", required=True, type=pathlib.Path)
    parser.add_argument("--binding", required=True, type=pathlib.Path)
    parser.add_argument("--base", type=pathlib.Path)
    arguments = parser.parse_args()
    llama = Llama(arguments.library, arguments.binding)
    with tempfile.TemporaryDirectory() as directory:
        directory = pathlib.Path(directory)
        good = check_small(arguments.trainer, llama, directory)
        if arguments.base:
            good &= check_base(arguments.trainer, llama, arguments.base, directory)
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
