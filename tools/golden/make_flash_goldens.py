#!/usr/bin/env python3
"""Makes tests/golden/flash/small.safetensors: what a small Flash model of formula weights gives.

    make_flash_goldens.py [OUT]

The model is that of docs/models/myna-voice-1.md as check_flash_spec.py runs it in numpy, in double
precision. Its weights are drawn by a formula that src/voice/flash/flash_test_support.h has too, so
that only results are stored. Runs in the environment of tools/python/requirements-convert.txt.
"""

import pathlib
import sys

import numpy as np

REPOSITORY = pathlib.Path(__file__).resolve().parents[2]
sys.path[:0] = [str(REPOSITORY / "tools" / "models"), str(REPOSITORY / "tools" / "golden")]

import check_flash_spec  # noqa: E402
from safetensors_io import write_safetensors  # noqa: E402

SPEAKERS, SPEAKER_CHANNELS, CONTROLS = 3, 8, 4
TEXT, PROSODY, DECODER = (24, 2, 9, 48), (16, 2, 9, 32), (32, 2, 7, 40)  # channels, blocks, kernel, hidden
WINDOWS, HARMONIC, POINTS = 3, 83, 51
DECODER_CURVES = 11  # two places, three curves, six phases
HEAD = 2 * HARMONIC + POINTS  # of a window
TOKENS = [0, 43, 16, 83, 102, 16, 62, 123, 57, 16, 81, 4, 0]
HEAD_ROW_STEP = 7


def mixed(value):
    value = (value ^ (value >> np.uint32(16))) * np.uint32(0x7FEB352D)
    value = (value ^ (value >> np.uint32(15))) * np.uint32(0x846CA68B)
    return value ^ (value >> np.uint32(16))


def uniform(name, count):
    """In [-1, 1), from the name and the place."""
    key = 2166136261
    for byte in name.encode():
        key = (key ^ byte) * 16777619 % 2**32
    state = np.uint32(key) + np.arange(count, dtype=np.uint32) * np.uint32(0x9E3779B9)
    return (mixed(state) >> np.uint32(8)).astype(np.float64) / 2**23 - 1


def draw(weights, name, shape, gain, offset=0.0):
    count = int(np.prod(shape))
    weights[name] = (offset + gain * uniform(name, count)).astype(np.float32).reshape(shape)


def draw_linear(weights, name, inputs, outputs, gain=1.0):
    draw(weights, name + ".weight", (outputs, inputs), gain * np.sqrt(3 / inputs))
    draw(weights, name + ".bias", (outputs,), 0.1)


def draw_blocks(weights, name, size):
    channels, blocks, kernel, hidden = size
    for i in range(blocks):
        block = f"{name}.{i}"
        draw(weights, block + ".depthwise.weight", (kernel, channels), np.sqrt(3 / kernel))
        draw(weights, block + ".depthwise.bias", (channels,), 0.1)
        draw_linear(weights, block + ".film", SPEAKER_CHANNELS + CONTROLS, 2 * channels, 0.3)
        draw_linear(weights, block + ".up", channels, hidden)
        draw_linear(weights, block + ".down", hidden, channels)


def small_model():
    weights = {}
    text = TEXT[0]
    draw(weights, "text.embedding", (178, text), 1.7)
    draw(weights, "speakers", (SPEAKERS, SPEAKER_CHANNELS), 1.7)
    draw(weights, "speaker_lengths", (SPEAKERS, SPEAKER_CHANNELS), 0.5)
    draw_blocks(weights, "text.blocks", TEXT)
    draw_blocks(weights, "duration.blocks", (text, 1, TEXT[2], TEXT[3]))
    draw_linear(weights, "duration.out", text, 1, 0.3)
    weights["duration.out.bias"] += np.float32(2.3)
    draw_linear(weights, "prosody.in", text + 2, PROSODY[0])
    draw_blocks(weights, "prosody.blocks", PROSODY)
    draw_linear(weights, "prosody.out", PROSODY[0], 3, 0.5)
    draw_linear(weights, "decoder.in", text + DECODER_CURVES, DECODER[0])
    draw_blocks(weights, "decoder.blocks", DECODER)
    draw_linear(weights, "decoder.head", DECODER[0], WINDOWS * HEAD, 0.5)
    bias = weights["decoder.head.bias"].reshape(WINDOWS, HEAD)
    bias[:, :HARMONIC] -= np.float32(2)
    bias[:, 2 * HARMONIC :] -= np.float32(4)
    return weights


def main():
    out = pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else REPOSITORY / "tests/golden/flash")
    weights = {name: value.astype(np.float64) for name, value in small_model().items()}
    inputs = {
        "tokens": np.array(TOKENS),
        "speaker": np.array([1]),
        "controls": np.zeros(CONTROLS),
    }
    stages = dict(check_flash_spec.run(weights, inputs))
    head = np.concatenate(
        [stages["harmonic_log"], stages["harmonic_phase"], np.array(stages["noise_log"])[:, ::4]], 1
    ).reshape(-1, WINDOWS * HEAD)
    prosody = np.stack([stages["prosody." + name] for name in ("log_f0", "voiced", "energy")], 1)
    golden = {
        "text": stages["text"],
        "log_durations": stages["log_durations"],
        "prosody": prosody,
        "performed_f0": stages["f0_hz"],
        "head": head[::HEAD_ROW_STEP],
        "samples": stages["samples"],
    }
    golden = {name: np.asarray(value, np.float32) for name, value in golden.items()}
    golden["durations"] = stages["frame_counts"].astype(np.int32)
    golden["tokens"] = np.array(TOKENS, np.int32)
    out.mkdir(parents=True, exist_ok=True)
    write_safetensors(out / "small.safetensors", golden, {"head_row_step": HEAD_ROW_STEP})
    frames = len(stages["f0_hz"])
    voiced = int((stages["f0_hz"] > 0).sum())
    print(f"{frames} frames, {voiced} voiced, peak {np.abs(stages['samples']).max():.3f}")


if __name__ == "__main__":
    main()
