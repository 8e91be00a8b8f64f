#!/usr/bin/env python3
"""Between GGUF and the trainer's files, which are in Hugging Face's layout.

    gguf_model.py import MODEL.gguf --out DIR            a Llama, dequantised, with its tokenizer
    gguf_model.py export DIR --out MODEL.gguf [--type f16|f32|q8_0|q4_0] [--tokenizer-of OTHER.gguf]
    gguf_model.py delta DIR --out DELTA.safetensors      routers and routed experts alone, as Q8_0; in several files
                                                         when one would be above 39 MB
    gguf_model.py merge BASE.gguf DELTA.safetensors... --out MODEL.gguf
                                                         a Llama and such a delta as a Glm4Moe
    gguf_model.py package --base DIR --own DIR --sources DIR --out DIR
                                                         the same, as tools/models/fetch_models.py calls it

`merge` takes the base's weights as they are, byte for byte (rows of queries and keys are put in the order
that a NEOX rotation wants; quantised rows stay whole): the base's feed-forward becomes the shared expert.
q4_0 is made by llama.cpp's own quantiser, from f16, which keeps the output layer in Q6_K.
A delta in Q8_0 holds the very blocks that the GGUF gets, under their names there; one in Hugging Face's layout is
merged, too. Runs in the environment of tools/python/requirements-gguf.txt, or that of requirements-lm.txt.
"""

import argparse
import ctypes
import json
import pathlib
import re
import shutil
import sys
import tempfile

import gguf
import numpy as np
from safetensors.numpy import load_file, save_file

QUANTISATIONS = {
    "f32": gguf.GGMLQuantizationType.F32,
    "f16": gguf.GGMLQuantizationType.F16,
    "q8_0": gguf.GGMLQuantizationType.Q8_0,
}
Q4_0 = 2  # LLAMA_FTYPE_MOSTLY_Q4_0
SIGMOID = gguf.ExpertGatingFuncType.SIGMOID
MOST_DELTA_BYTES = 39_000_000  # of a file
# Of the layers: Hugging Face's name -> GGUF's.
PARTS = {
    "input_layernorm": "attn_norm",
    "self_attn.q_proj": "attn_q",
    "self_attn.k_proj": "attn_k",
    "self_attn.v_proj": "attn_v",
    "self_attn.o_proj": "attn_output",
    "self_attn.q_norm": "attn_q_norm",
    "self_attn.k_norm": "attn_k_norm",
    "mlp.gate_proj": "ffn_gate",
    "mlp.up_proj": "ffn_up",
    "mlp.down_proj": "ffn_down",
    "mlp.shared_experts.gate_proj": "ffn_gate_shexp",
    "mlp.shared_experts.up_proj": "ffn_up_shexp",
    "mlp.shared_experts.down_proj": "ffn_down_shexp",
    "mlp.gate": "ffn_gate_inp",
}


class ModelError(Exception):
    pass


def field(reader, name, default=None):
    found = reader.fields.get(name)
    if found is None:
        if default is None:
            raise ModelError(f"there is no '{name}' in the GGUF")
        return default
    return found.contents()


def interleaved_to_halves(rows, heads):
    """llama.cpp keeps a Llama's queries and keys for rotations of neighbours: back to halves."""
    return rows.reshape(heads, -1, 2, rows.shape[-1]).swapaxes(1, 2).reshape(rows.shape)


def halves_to_interleaved(rows, heads):
    return rows.reshape(heads, 2, -1, rows.shape[-1]).swapaxes(1, 2).reshape(rows.shape)


def tokenizer_json(reader):
    """As Hugging Face's tokenizers read it."""
    tokens = field(reader, "tokenizer.ggml.tokens")
    kinds = field(reader, "tokenizer.ggml.token_type")
    if field(reader, "tokenizer.ggml.model") != "gpt2":
        raise ModelError("the tokenizer is no byte-level BPE")
    byte_level = {"type": "ByteLevel", "add_prefix_space": False, "trim_offsets": True, "use_regex": True}
    digits = {"type": "Digits", "individual_digits": True}
    cuts = {"type": "Sequence", "pretokenizers": [digits, byte_level]}
    return {
        "version": "1.0", "truncation": None, "padding": None,
        "added_tokens": [
            {"id": i, "content": token, "single_word": False, "lstrip": False, "rstrip": False,
             "normalized": False, "special": True}
            for i, (token, kind) in enumerate(zip(tokens, kinds)) if kind == 3
        ],
        "normalizer": None,
        "pre_tokenizer": cuts if field(reader, "tokenizer.ggml.pre") == "smollm" else byte_level,
        "post_processor": None, "decoder": byte_level,
        "model": {
            "type": "BPE", "dropout": None, "unk_token": None, "continuing_subword_prefix": None,
            "end_of_word_suffix": None, "fuse_unk": False, "byte_fallback": False,
            "ignore_merges": False, "vocab": {token: i for i, token in enumerate(tokens)},
            "merges": [merge.split(" ") for merge in field(reader, "tokenizer.ggml.merges")],
        },
    }


def import_model(source, out):
    reader = gguf.GGUFReader(source)
    if field(reader, "general.architecture") != "llama":
        raise ModelError("only a Llama is read")
    heads = field(reader, "llama.attention.head_count")
    kv_heads = field(reader, "llama.attention.head_count_kv")
    tensors = {}
    names = {ours: name for name, ours in PARTS.items() if "shared" not in name and name != "mlp.gate"}
    names["ffn_norm"] = "post_attention_layernorm"
    top = {"token_embd": "model.embed_tokens", "output_norm": "model.norm", "output": "lm_head"}
    for tensor in reader.tensors:
        values = gguf.quants.dequantize(tensor.data, tensor.tensor_type).astype(np.float32)
        values = values.reshape([int(size) for size in reversed(tensor.shape)])
        name = tensor.name.removesuffix(".weight")
        layer = re.fullmatch(r"blk\.(\d+)\.(\w+)", name)
        if layer:
            part = names[layer[2]]
            if part.endswith("q_proj"):
                values = interleaved_to_halves(values, heads)
            elif part.endswith("k_proj"):
                values = interleaved_to_halves(values, kv_heads)
            tensors[f"model.layers.{layer[1]}.{part}.weight"] = np.ascontiguousarray(values)
        elif name in top:
            tensors[top[name] + ".weight"] = np.ascontiguousarray(values)
        else:
            raise ModelError(f"'{tensor.name}' has no place in a Llama")
    out.mkdir(parents=True, exist_ok=True)
    save_file(tensors, out / "model.safetensors", metadata={"format": "pt"})
    width = field(reader, "llama.embedding_length")
    config = {
        "architectures": ["LlamaForCausalLM"], "model_type": "llama",
        "vocab_size": len(field(reader, "tokenizer.ggml.tokens")),
        "num_hidden_layers": field(reader, "llama.block_count"), "hidden_size": width,
        "num_attention_heads": heads, "num_key_value_heads": kv_heads, "head_dim": width // heads,
        "intermediate_size": field(reader, "llama.feed_forward_length"),
        "rms_norm_eps": field(reader, "llama.attention.layer_norm_rms_epsilon"),
        "rope_theta": field(reader, "llama.rope.freq_base", 10000.0),
        "max_position_embeddings": field(reader, "llama.context_length"),
        "tie_word_embeddings": "lm_head.weight" not in tensors, "attention_bias": False,
        "hidden_act": "silu", "torch_dtype": "float32",
    }
    (out / "config.json").write_text(json.dumps(config, indent=1) + "\n")
    (out / "tokenizer.json").write_text(json.dumps(tokenizer_json(reader), ensure_ascii=False) + "\n",
                                        encoding="utf-8")


class Writer:
    def __init__(self, path, architecture):
        self.path = path
        self.writer = gguf.GGUFWriter(path, architecture)

    def add(self, name, values, kind):
        values = np.ascontiguousarray(values, dtype=np.float32)
        if values.ndim < 2 or "ffn_gate_inp" in name:  # norms, biases and routers stay as they are
            kind = gguf.GGMLQuantizationType.F32
        self.writer.add_tensor(name, gguf.quants.quantize(values, kind), raw_dtype=kind)

    def finish(self):
        self.writer.write_header_to_file()
        self.writer.write_kv_data_to_file()
        self.writer.write_tensors_to_file()
        self.writer.close()


def write_sizes(writer, c):
    w = writer.writer
    w.add_block_count(c["num_hidden_layers"])
    w.add_context_length(c["max_position_embeddings"])
    w.add_embedding_length(c["hidden_size"])
    w.add_feed_forward_length(c["intermediate_size"])
    w.add_head_count(c["num_attention_heads"])
    w.add_head_count_kv(c["num_key_value_heads"])
    w.add_key_length(c["head_dim"])
    w.add_value_length(c["head_dim"])
    w.add_layer_norm_rms_eps(c["rms_norm_eps"])
    w.add_rope_dimension_count(c["head_dim"])
    w.add_rope_freq_base(c["rope_theta"])
    w.add_vocab_size(c["vocab_size"])
    if c["model_type"] == "glm4_moe":
        w.add_expert_count(c["n_routed_experts"])
        w.add_expert_used_count(c["num_experts_per_tok"])
        w.add_expert_shared_count(c["n_shared_experts"])
        w.add_expert_feed_forward_length(c["moe_intermediate_size"])
        w.add_expert_weights_scale(c["routed_scaling_factor"])
        w.add_expert_weights_norm(c["norm_topk_prob"])
        w.add_expert_gating_func(SIGMOID)
        w.add_leading_dense_block_count(c["first_k_dense_replace"])


def copy_tokenizer(writer, reader):
    w = writer.writer
    w.add_tokenizer_model(field(reader, "tokenizer.ggml.model"))
    w.add_tokenizer_pre(field(reader, "tokenizer.ggml.pre"))
    w.add_token_list(field(reader, "tokenizer.ggml.tokens"))
    w.add_token_types(field(reader, "tokenizer.ggml.token_type"))
    w.add_token_merges(field(reader, "tokenizer.ggml.merges"))
    w.add_bos_token_id(field(reader, "tokenizer.ggml.bos_token_id"))
    w.add_eos_token_id(field(reader, "tokenizer.ggml.eos_token_id"))
    w.add_add_bos_token(False)
    template = field(reader, "tokenizer.chat_template", "")
    if template:
        w.add_chat_template(template)


def write_tokenizer(writer, directory):
    """Of a tokenizer that the trainer made: digits one by one, as SmolLM's."""
    json_file = json.loads((directory / "tokenizer.json").read_text(encoding="utf-8"))
    vocabulary = json_file["model"]["vocab"]
    special = {entry["id"] for entry in json_file["added_tokens"]}
    tokens = sorted(vocabulary, key=vocabulary.get)
    w = writer.writer
    w.add_tokenizer_model("gpt2")
    w.add_tokenizer_pre("smollm")
    w.add_token_list(tokens)
    w.add_token_types([3 if vocabulary[token] in special else 1 for token in tokens])
    w.add_token_merges([" ".join(merge) for merge in json_file["model"]["merges"]])
    end = vocabulary.get("<|im_end|>", vocabulary.get("<|endoftext|>", 0))
    w.add_bos_token_id(vocabulary.get("<|endoftext|>", end))
    w.add_eos_token_id(end)
    w.add_add_bos_token(False)


def add_layers(writer, tensors, config, kind):
    """Everything of the layers that `tensors` has, and stacks of experts."""
    dense = config["model_type"] == "llama"
    for layer in range(config["num_hidden_layers"]):
        prefix = f"model.layers.{layer}."
        for part, ours in PARTS.items():
            values = tensors.get(prefix + part + ".weight")
            if values is None:
                continue
            if dense and part.endswith(("q_proj", "k_proj")):
                heads = "num_attention_heads" if part.endswith("q_proj") else "num_key_value_heads"
                values = halves_to_interleaved(values, config[heads])
            writer.add(f"blk.{layer}.{ours}.weight", values, kind)
        if prefix + "post_attention_layernorm.weight" in tensors:
            name = "ffn_norm" if dense else "post_attention_norm"
            writer.add(f"blk.{layer}.{name}.weight", tensors[prefix + "post_attention_layernorm.weight"], kind)
        bias = tensors.get(prefix + "mlp.gate.e_score_correction_bias")
        if bias is None:
            continue
        writer.add(f"blk.{layer}.exp_probs_b.bias", bias, kind)
        for part in ("gate", "up", "down"):
            stack = np.stack([tensors[f"{prefix}mlp.experts.{e}.{part}_proj.weight"]
                              for e in range(config["n_routed_experts"])])
            writer.add(f"blk.{layer}.ffn_{part}_exps.weight", stack, kind)


def export_model(directory, out, kind, tokenizer_of):
    config = json.loads((directory / "config.json").read_text())
    if config["model_type"] not in ("llama", "glm4_moe"):
        raise ModelError(f"'{config['model_type']}' is not written")
    tensors = {name: values.astype(np.float32)
               for name, values in load_file(directory / "model.safetensors").items()}
    writer = Writer(out, "llama" if config["model_type"] == "llama" else "glm4moe")
    writer.writer.add_name(directory.name)
    write_sizes(writer, config)
    if tokenizer_of:
        copy_tokenizer(writer, gguf.GGUFReader(tokenizer_of))
    else:
        write_tokenizer(writer, directory)
    writer.add("token_embd.weight", tensors["model.embed_tokens.weight"], kind)
    writer.add("output_norm.weight", tensors["model.norm.weight"], kind)
    if not config["tie_word_embeddings"]:
        writer.add("output.weight", tensors["lm_head.weight"], kind)
    add_layers(writer, tensors, config, kind)
    writer.finish()


class Blocks:
    """Takes the place of a Writer: Q8_0 as bytes, the rest in float, as a safetensors file holds them."""

    def __init__(self):
        self.tensors = {}

    def add(self, name, values, kind):
        values = np.ascontiguousarray(values, dtype=np.float32)
        exact = values.ndim < 2 or "ffn_gate_inp" in name  # the router decides by small differences
        self.tensors[name] = values if exact else gguf.quants.quantize(values, kind)


def make_delta(directory, out):
    config = json.loads((directory / "config.json").read_text())
    tensors = {name: values for name, values in load_file(directory / "model.safetensors").items()
               if ".mlp.gate." in name or ".mlp.experts." in name}
    if not tensors:
        raise ModelError("the model has no routed experts")
    blocks = Blocks()
    add_layers(blocks, tensors, config, gguf.GGMLQuantizationType.Q8_0)
    parts = [{}]
    for name, values in blocks.tensors.items():
        if sum(part.nbytes for part in parts[-1].values()) + values.nbytes > MOST_DELTA_BYTES:
            parts.append({})
        parts[-1][name] = values
    for number, part in enumerate(parts, 1):
        path = out if len(parts) == 1 else out.with_name(f"{out.stem}-{number}{out.suffix}")
        save_file(part, path, metadata={"format": "gguf-q8_0", "config": json.dumps(config)})


def read_delta(paths):
    """(config, tensors) of all parts."""
    config, tensors = None, {}
    for path in paths:
        with open(path, "rb") as file:
            size = int.from_bytes(file.read(8), "little")
            metadata = json.loads(file.read(size)).get("__metadata__", {})
        own = json.loads(metadata.get("config", "null"))
        if own is None or (config is not None and own != config):
            raise ModelError(f"{path} is no delta, or one of another model")
        config = own
        tensors |= load_file(path)
    return config, tensors


def add_delta(writer, tensors, config):
    q8_0 = gguf.GGMLQuantizationType.Q8_0
    if not any(name.startswith("blk.") for name in tensors):
        floats = {name: values.astype(np.float32) for name, values in tensors.items()}
        add_layers(writer, floats, config, q8_0)
        return
    for name, values in tensors.items():
        blocks = values.dtype == np.uint8
        writer.writer.add_tensor(name, values, raw_dtype=q8_0 if blocks else gguf.GGMLQuantizationType.F32)
    for layer in range(config["first_k_dense_replace"], config["num_hidden_layers"]):
        for part in ("ffn_gate_inp.weight", "exp_probs_b.bias", "ffn_gate_exps.weight", "ffn_up_exps.weight",
                     "ffn_down_exps.weight"):
            if f"blk.{layer}.{part}" not in tensors:
                raise ModelError(f"the delta has no 'blk.{layer}.{part}': is a part of it missing?")


def merge(base, deltas, out):
    reader = gguf.GGUFReader(base)
    config, tensors = read_delta(deltas)
    for ours, key in (("num_hidden_layers", "block_count"), ("hidden_size", "embedding_length"),
                      ("intermediate_size", "feed_forward_length")):
        if field(reader, "llama." + key) != config[ours]:
            raise ModelError(f"the delta is of another base: {ours} is {config[ours]} there")
    if config["moe_intermediate_size"] * config["n_shared_experts"] != config["intermediate_size"]:
        raise ModelError("the shared expert is not as wide as the base's feed-forward")
    heads = {"attn_q": config["num_attention_heads"], "attn_k": config["num_key_value_heads"]}
    writer = Writer(out, "glm4moe")
    writer.writer.add_name("myna-chat-1")
    writer.writer.add_file_type(field(reader, "general.file_type"))
    write_sizes(writer, config)
    copy_tokenizer(writer, reader)
    for tensor in reader.tensors:
        name, data = tensor.name, tensor.data
        part = name.split(".")[2] if name.startswith("blk.") else ""
        if part in heads:
            data = interleaved_to_halves(data, heads[part])
        elif part == "ffn_norm":
            name = name.replace("ffn_norm", "post_attention_norm")
        elif part in ("ffn_gate", "ffn_up", "ffn_down") and int(name.split(".")[1]) >= config["first_k_dense_replace"]:
            name = name.replace(part, part + "_shexp")
        writer.writer.add_tensor(name, np.ascontiguousarray(data), raw_dtype=tensor.tensor_type)
    add_delta(writer, tensors, config)
    writer.finish()


class QuantiseParameters(ctypes.Structure):
    """llama_model_quantize_params of the llama.cpp that tools/llama/source.json pins."""

    _fields_ = [
        ("nthread", ctypes.c_int32), ("ftype", ctypes.c_int32), ("output_tensor_type", ctypes.c_int32),
        ("token_embedding_type", ctypes.c_int32), ("allow_requantize", ctypes.c_bool),
        ("quantize_output_tensor", ctypes.c_bool), ("only_copy", ctypes.c_bool), ("pure", ctypes.c_bool),
        ("keep_split", ctypes.c_bool), ("dry_run", ctypes.c_bool), ("imatrix", ctypes.c_void_p),
        ("kv_overrides", ctypes.c_void_p), ("tt_overrides", ctypes.c_void_p), ("prune_layers", ctypes.c_void_p),
        ("max_buf_size", ctypes.c_size_t),
    ]


def quantise(source, out, file_type):
    """By llama.cpp, in a file beside `out` that takes its place when it is whole."""
    sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "setup"))
    import llama_library

    folder = llama_library.ensure() / "lib"
    for name in ("libggml-base.so", "libggml.so"):
        ctypes.CDLL(str(folder / name), mode=ctypes.RTLD_GLOBAL)
    library = ctypes.CDLL(str(folder / "libllama.so"))
    quiet = ctypes.CFUNCTYPE(None, ctypes.c_int, ctypes.c_char_p, ctypes.c_void_p)(lambda level, text, data: None)
    library.llama_log_set(quiet, None)
    library.llama_model_quantize_default_params.restype = QuantiseParameters
    library.llama_model_quantize.restype = ctypes.c_uint32
    library.llama_model_quantize.argtypes = [ctypes.c_char_p, ctypes.c_char_p, ctypes.POINTER(QuantiseParameters)]
    parameters = library.llama_model_quantize_default_params()
    parameters.ftype = file_type
    partial = out.with_name(out.name + ".partial")
    if library.llama_model_quantize(bytes(source), bytes(partial), ctypes.byref(parameters)) != 0:
        partial.unlink(missing_ok=True)
        raise ModelError(f"llama.cpp cannot quantise '{source}'")
    partial.replace(out)


def export_quantised(directory, out, file_type, tokenizer_of):
    with tempfile.TemporaryDirectory(dir=out.parent) as folder:
        plain = pathlib.Path(folder) / "f16.gguf"
        export_model(directory, plain, QUANTISATIONS["f16"], tokenizer_of)
        quantise(plain, out, file_type)


def make_package(base, own, out):
    merge(base / "model.gguf", sorted(own.glob("*.safetensors")), out / "model.gguf")
    shutil.copyfile(base / "LICENSE", out / "LICENSE")


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    commands = parser.add_subparsers(dest="command", required=True)
    for name, inputs in (("import", 1), ("export", 1), ("delta", 1), ("merge", "+"), ("package", 0)):
        command = commands.add_parser(name)
        if inputs:
            command.add_argument("inputs", nargs=inputs, type=pathlib.Path)
        command.add_argument("--out", required=True, type=pathlib.Path)
        if name == "export":
            command.add_argument("--type", choices=[*QUANTISATIONS, "q4_0"], default="f16")
            command.add_argument("--tokenizer-of", type=pathlib.Path)
        if name == "package":
            for option in ("--base", "--own", "--sources"):
                command.add_argument(option, required=True, type=pathlib.Path)
    arguments = parser.parse_args()
    try:
        if arguments.command == "import":
            import_model(*arguments.inputs, arguments.out)
        elif arguments.command == "export" and arguments.type == "q4_0":
            export_quantised(*arguments.inputs, arguments.out, Q4_0, arguments.tokenizer_of)
        elif arguments.command == "export":
            export_model(*arguments.inputs, arguments.out, QUANTISATIONS[arguments.type],
                         arguments.tokenizer_of)
        elif arguments.command == "delta":
            make_delta(*arguments.inputs, arguments.out)
        elif arguments.command == "merge":
            merge(arguments.inputs[0], arguments.inputs[1:], arguments.out)
        else:
            make_package(arguments.base, arguments.own, arguments.out)
    except (ModelError, OSError, KeyError, ValueError) as error:
        print(f"gguf_model: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
