#!/usr/bin/env python3
"""Writes the fp32 twin of the quantised Kokoro-82M graph: same weights, no quantised activations.

  dequantise_kokoro.py --sources DIR | --graph kokoro.onnx --out kokoro-fp32.onnx

Every quantised weight becomes (integer - zero point) * scale in fp32, every integer operation the
float one, and what only served quantisation goes away. Needs onnx and numpy.
"""

import argparse
import pathlib
import sys

import numpy as np
import onnx
from onnx import helper, numpy_helper

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "models"))

import kokoro_graph  # noqa: E402
from kokoro_graph import ConversionError, KokoroGraph  # noqa: E402


def dequantised(values, scale):
    """Integers times one scale, or one a row."""
    scale = scale.reshape((-1,) + (1,) * (values.ndim - 1))
    return values.astype(np.float32) * scale


def _float_nodes(op):
    """The nodes that take the place of one quantised operation, and their new initialisers."""
    weight = f"{op.module}.weight"  # one initialiser for ALBERT's layer, called twelve times
    if op.kind == "conv":
        kept = ("dilations", "group", "kernel_shape", "pads", "strides")
        node = helper.make_node("Conv", [op.input, weight], [op.output], name=op.node.name)
        if op.bias:
            node.input.append(op.bias)
        node.attribute.extend(a for a in op.node.attribute if a.name in kept)
        return [node], {weight: dequantised(op.values, op.scale)}
    if op.kind == "matmul":
        node = helper.make_node("MatMul", [op.input, weight], [op.output], name=op.node.name)
        return [node], {weight: np.ascontiguousarray(dequantised(op.values, op.scale).T)}
    if op.kind == "embedding":
        node = helper.make_node("Gather", [weight, op.input], [op.output], op.node.name, axis=0)
        return [node], {weight: dequantised(op.values, op.scale)}
    recurrent = f"{op.module}.recurrent_weight"
    node = helper.make_node(
        "LSTM", [op.input, weight, recurrent, op.bias, *op.node.input[4:7]], op.node.output,
        name=op.node.name,
    )
    kept = ("direction", "hidden_size", "input_forget")
    node.attribute.extend(a for a in op.node.attribute if a.name in kept)
    return [node], {
        weight: dequantised(op.values, op.scale),
        recurrent: dequantised(op.recurrent_values, op.recurrent_scale),
    }


def dequantise(graph, extra_outputs=()):
    """The float model; `extra_outputs` names tensors of it to add to the graph's outputs."""
    replaced = {}
    initialisers = dict(graph.constants)
    for op in graph.quantised_ops():
        nodes, weights = _float_nodes(op)
        replaced[op.output] = nodes
        initialisers.update(weights)

    nodes = []
    for node in graph.nodes:
        if node.output[0] in replaced:
            nodes.extend(replaced[node.output[0]])
        else:
            nodes.append(node)

    # Keep what the outputs need, in the original (topological) order.
    outputs = [output.name for output in graph.model.graph.output] + list(extra_outputs)
    needed = set(outputs)
    kept = []
    for node in reversed(nodes):
        if any(name in needed for name in node.output):
            kept.append(node)
            needed.update(name for name in node.input if name)
    kept.reverse()

    source = graph.model.graph
    known = {info.name for info in source.output}
    extra = [
        helper.make_empty_tensor_value_info(name) for name in extra_outputs if name not in known
    ]
    result = helper.make_graph(
        kept,
        "kokoro-82m-fp32",
        source.input,
        [*source.output, *extra],
        [
            numpy_helper.from_array(array, name)
            for name, array in initialisers.items()
            if name in needed
        ],
    )
    model = helper.make_model(result, opset_imports=graph.model.opset_import)
    model.ir_version = graph.model.ir_version
    return model


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    origin = parser.add_mutually_exclusive_group(required=True)
    origin.add_argument("--sources", help="directory of the unpacked packages")
    origin.add_argument("--graph", type=pathlib.Path, help="the joined ONNX file")
    parser.add_argument("--out", required=True, help="ONNX file to write")
    arguments = parser.parse_args()
    try:
        if arguments.graph:
            data = arguments.graph.read_bytes()
        else:
            data = kokoro_graph.join_parts(arguments.sources)
        onnx.save(dequantise(KokoroGraph.from_bytes(data)), arguments.out)
    except (ConversionError, OSError) as error:
        print(f"dequantise_kokoro: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
