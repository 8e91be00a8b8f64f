#!/usr/bin/env python3
"""Makes tests/golden/studio: what every stage of Kokoro-82M yields in ONNX Runtime, in fp32.

  make_studio_goldens.py --sources DIR --out tests/golden/studio

Runs the dequantised graph (see dequantise_kokoro.py) on the CPU with graph optimisations off and
one thread, on three phoneme strings. tests/golden/studio/README.md describes the files. Needs
onnx, numpy and onnxruntime (tools/python/requirements-bench.txt).
"""

import argparse
import dataclasses
import pathlib
import sys
import tempfile

import numpy as np
import onnx
import onnxruntime

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "models"))

import kokoro_graph  # noqa: E402
from convert_kokoro import read_voices, vocabulary  # noqa: E402
from dequantise_kokoro import dequantise  # noqa: E402
from kokoro_graph import ConversionError, KokoroGraph  # noqa: E402
from safetensors_io import write_safetensors  # noqa: E402


@dataclasses.dataclass
class Case:
    name: str
    phonemes: str
    voice: str
    speed: float
    # A stage larger than this is committed as some of its rows and the statistics of all.
    max_stage_bytes: int
    # Stages that are whole whatever their size: what a test feeds to the stage after.
    whole: tuple


CASES = (
    Case(
        # The birch canoe slid on the smooth planks near shore.
        "sentence",
        "ðə bˈɜɹʧ kənˈu slˈɪd ˌɔn ðə smˈuð plˈæŋks nˌɪɹ ʃˈɔɹ.",
        "af_heart",
        1.0,
        64 * 1024,
        ("waveform", "source"),
    ),
    # Tomorrow! Holds all that the generator takes in.
    Case(
        "word", "təmˈɒɹQ!", "bm_george", 1.0, 160 * 1024,
        ("waveform", "decoder_decode3", "source", "source_spectrum"),
    ),
    Case(
        # "Well," she said, "if the rain holds off, we should reach it by noon."
        "fast",
        "“wˈɛl,” ʃi sˈɛd, “ɪf ðə ɹˈAn hˈOldz ˈɔf, wi ʃˌʊd ɹˈiʧ ɪt bI nˈun.”",
        "am_michael",
        1.2,
        64 * 1024,
        ("waveform",),
    ),
)

_BERT = "/encoder/bert/encoder/albert_layer_groups.0/albert_layers.0"
_DECODER = "/decoder/decoder"
_GENERATOR = "/decoder/decoder/generator"

# Stage -> (tensor of the graph, how its axes become [time, channels]).
STAGES = {
    "plbert": (f"{_BERT}/full_layer_layer_norm_11/LayerNormalization_output_0", "1tc"),
    "bert_encoder": ("/encoder/bert_encoder/Add_output_0", "1tc"),
    "duration_encoder": ("/encoder/predictor/text_encoder/Concat_4_output_0", "1tc"),
    "duration_sums": ("/encoder/predictor/ReduceSum_output_0", "1t"),
    "durations": ("/encoder/Clip_output_0", "1t"),
    "predictor_shared": ("/encoder/shared/Reshape_output_0", "t1c"),
    "f0": ("/encoder/Reshape_output_0", "1t"),
    "energy": ("/encoder/Reshape_1_output_0", "1t"),
    "text_encoder": ("/encoder/text_encoder/Transpose_2_output_0", "1ct"),
    "decoder_encode": (f"{_DECODER}/encode/Div_3_output_0", "1ct"),
    "decoder_decode0": (f"{_DECODER}/decode.0/Div_3_output_0", "1ct"),
    "decoder_decode1": (f"{_DECODER}/decode.1/Div_3_output_0", "1ct"),
    "decoder_decode2": (f"{_DECODER}/decode.2/Div_3_output_0", "1ct"),
    "decoder_decode3": (f"{_DECODER}/decode.3/Div_4_output_0", "1ct"),
    "source": (f"{_GENERATOR}/m_source/l_tanh/Tanh_output_0", "1tc"),
    "source_spectrum": (f"{_GENERATOR}/Concat_3_output_0", "1ct"),
    "generator_stage0": (f"{_GENERATOR}/Div_2_output_0", "1ct"),
    "generator_stage1": (f"{_GENERATOR}/Div_4_output_0", "1ct"),
    "conv_post": (f"{_GENERATOR}/conv_post/Conv_output_0", "1ct"),
    "waveform": ("audio", "t"),
}


def time_major(array, axes):
    """[time, channels], or [time] for a stage of one channel."""
    kept = [index for index, axis in enumerate(axes) if axis != "1"]
    assert all(array.shape[i] == 1 for i in range(array.ndim) if i not in kept), array.shape
    array = array.reshape([array.shape[i] for i in kept])
    if axes.replace("1", "") == "ct":
        array = array.T
    if array.ndim == 2 and array.shape[1] == 1:
        array = array[:, 0]
    return np.ascontiguousarray(array)


def committed_rows(rows, row_bytes, max_bytes):
    """Indices of the rows to keep: the first and last four, and others at even distances."""
    count = max(max_bytes // row_bytes, 16)
    spread = np.linspace(4, rows - 5, count - 8).round().astype(np.int32)
    edges = np.arange(4, dtype=np.int32)
    return np.unique(np.concatenate([edges, spread, rows - 1 - edges])).astype(np.int32)


def add_stage(tensors, name, array, case):
    if name == "durations":
        array = array.astype(np.int32)
    if array.nbytes <= case.max_stage_bytes or name in case.whole:
        tensors[name] = array
        return
    rows = committed_rows(array.shape[0], array.nbytes // array.shape[0], case.max_stage_bytes)
    tensors[name] = np.ascontiguousarray(array[rows])
    tensors[f"{name}.rows"] = rows
    wide = array.astype(np.float64)
    tensors[f"{name}.mean"] = np.atleast_1d(wide.mean(axis=0))
    tensors[f"{name}.std"] = np.atleast_1d(wide.std(axis=0))


def run_case(session, case, voices, symbols):
    tokens = [0] + [symbols[symbol] for symbol in case.phonemes] + [0]
    inputs = {
        "tokens": np.array([tokens], np.int64),
        # One row of a voice a length, counted without the pads and from one.
        "style": voices[case.voice][len(case.phonemes) - 1][None],
        "speed": np.array([case.speed], np.float32),
    }
    results = session.run([tensor for tensor, _ in STAGES.values()], inputs)

    tensors = {
        "tokens": inputs["tokens"][0].astype(np.int32),
        "style": np.ascontiguousarray(inputs["style"][0]),
        "speed": inputs["speed"],
    }
    metadata = {"phonemes": case.phonemes, "voice": case.voice}
    for (name, (_, axes)), result in zip(STAGES.items(), results):
        array = time_major(result, axes)
        if not np.all(np.isfinite(array)):
            raise ConversionError(f"{case.name}: {name} has a value that is not finite")
        metadata[f"{name}.rows"] = array.shape[0]
        add_stage(tensors, name, array, case)
    frames = int(tensors["durations"].sum())
    assert metadata["waveform.rows"] == frames * 600
    return tensors, metadata


def make_goldens(sources, out):
    graph = KokoroGraph.from_bytes(kokoro_graph.join_parts(sources))
    model = dequantise(graph, [tensor for tensor, _ in STAGES.values()])
    options = onnxruntime.SessionOptions()
    options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_DISABLE_ALL
    options.intra_op_num_threads = 1
    with tempfile.TemporaryDirectory() as directory:
        path = str(pathlib.Path(directory) / "kokoro-fp32.onnx")
        onnx.save(model, path)
        session = onnxruntime.InferenceSession(path, options, providers=["CPUExecutionProvider"])
    voices = read_voices(sources)
    symbols = vocabulary()
    out.mkdir(parents=True, exist_ok=True)
    for case in CASES:
        tensors, metadata = run_case(session, case, voices, symbols)
        metadata["onnxruntime"] = onnxruntime.__version__
        metadata["source_sha256"] = kokoro_graph.GRAPH_SHA256
        path = out / f"{case.name}.safetensors"
        write_safetensors(path, tensors, metadata)
        print(
            f"{path}: {len(tensors['tokens'])} tokens, {tensors['durations'].sum()} frames, "
            f"{path.stat().st_size:,} bytes"
        )


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--sources", required=True, help="directory of the unpacked packages")
    parser.add_argument("--out", required=True, type=pathlib.Path, help="directory to write to")
    arguments = parser.parse_args()
    try:
        make_goldens(arguments.sources, arguments.out)
    except (ConversionError, OSError) as error:
        print(f"make_studio_goldens: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
