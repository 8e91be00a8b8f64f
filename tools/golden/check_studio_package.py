#!/usr/bin/env python3
"""Runs Kokoro-82M in numpy from a converted package and holds it against the goldens.

  check_studio_package.py --package DIR --goldens tests/golden/studio

DIR holds what tools/models/convert_kokoro.py wrote. A second, independent reading of
docs/models/studio.md: it shows that the package is complete and laid out as documented. Exits with
1 when a stage is off. Needs numpy alone; slow (seconds a case).
"""

import argparse
import pathlib
import sys

import numpy as np

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "models"))

from safetensors_io import read_safetensors  # noqa: E402

F32 = np.float32
# Root of the summed squared error over that of the golden. The source is computed from the golden
# f0 and the generator is fed the golden spectrum where it is whole.
TOLERANCE = 1e-4
SOURCE_TOLERANCE = 2e-3  # a phase of 10^5 radians has a unit in the last place of 0.008


def leaky(x, slope):
    return np.where(x >= 0, x, F32(slope) * x)


def layer_norm(x, gain, offset, epsilon):
    mean = x.mean(1, keepdims=True)
    variance = ((x - mean) ** 2).mean(1, keepdims=True)
    return (x - mean) / np.sqrt(variance + F32(epsilon)) * gain + offset


def conv1d(x, weight, bias, stride=1, dilation=1, padding=0):
    """x [time, in], weight [out, in, k]."""
    kernel = weight.shape[2]
    padded = np.pad(x, ((padding, padding), (0, 0)))
    rows = (padded.shape[0] - dilation * (kernel - 1) - 1) // stride + 1
    y = np.zeros((rows, weight.shape[0]), F32)
    for tap in range(kernel):
        begin = tap * dilation
        y += padded[begin : begin + (rows - 1) * stride + 1 : stride] @ weight[:, :, tap].T
    return y if bias is None else y + bias


def conv_transpose1d(x, weight, bias, stride, padding):
    """x [time, in], weight [in, out, k]."""
    kernel = weight.shape[2]
    y = np.zeros(((x.shape[0] - 1) * stride + kernel, weight.shape[1]), F32)
    for tap in range(kernel):
        y[tap : tap + (x.shape[0] - 1) * stride + 1 : stride] += x @ weight[:, :, tap]
    return y[padding : y.shape[0] - padding] + bias


class Model:
    def __init__(self, tensors):
        self.tensors = tensors

    def weight(self, name):
        tensor = self.tensors[name]
        scale = self.tensors.get(f"{name}.scale")
        if scale is None:
            return tensor
        return tensor.astype(F32) * scale.reshape((-1,) + (1,) * (tensor.ndim - 1))

    def linear(self, name, x):
        return x @ self.weight(f"{name}.weight").T + self.weight(f"{name}.bias")

    def conv(self, name, x, **geometry):
        bias = self.tensors.get(f"{name}.bias")
        return conv1d(x, self.weight(f"{name}.weight"), bias, **geometry)

    def lstm(self, name, x):
        return np.concatenate([self._direction(name, x, "l0"),
                               self._direction(name, x[::-1], "l0_reverse")[::-1]], 1)

    def _direction(self, name, x, suffix):
        inputs = x @ self.weight(f"{name}.weight_ih_{suffix}").T
        inputs = inputs + self.weight(f"{name}.bias_ih_{suffix}")
        recurrent = self.weight(f"{name}.weight_hh_{suffix}").T
        bias = self.weight(f"{name}.bias_hh_{suffix}")
        size = recurrent.shape[0]
        hidden, cell = np.zeros(size, F32), np.zeros(size, F32)
        outputs = np.empty((x.shape[0], size), F32)
        for t in range(x.shape[0]):
            i, f, g, o = np.split(inputs[t] + hidden @ recurrent + bias, 4)
            i, f, o = (1 / (1 + np.exp(-gate)) for gate in (i, f, o))
            cell = f * cell + i * np.tanh(g)
            hidden = o * np.tanh(cell)
            outputs[t] = hidden
        return outputs

    def adain(self, name, x, style):
        gain, offset = np.split(self.linear(f"{name}.fc", style[None])[0], 2)
        mean = x.mean(0, dtype=np.float64).astype(F32)
        variance = ((x - mean) ** 2).mean(0, dtype=np.float64).astype(F32)
        return (1 + gain) * ((x - mean) / np.sqrt(variance + F32(1e-5))) + offset

    def residual(self, name, x, style):
        """AdainResBlk1d."""
        upsample = f"{name}.pool.weight" in self.tensors
        y = leaky(self.adain(f"{name}.norm1", x, style), 0.2)
        if upsample:
            weight, bias = self.weight(f"{name}.pool.weight")[:, 0], self.weight(f"{name}.pool.bias")
            following = np.concatenate([y[1:], np.zeros((1, y.shape[1]), F32)])
            even, odd = y * weight[:, 1], y * weight[:, 2] + following * weight[:, 0]
            y = np.stack([even, odd], 1).reshape(-1, y.shape[1]) + bias
            x = np.repeat(x, 2, axis=0)
        y = self.conv(f"{name}.conv1", y, padding=1)
        y = leaky(self.adain(f"{name}.norm2", y, style), 0.2)
        y = self.conv(f"{name}.conv2", y, padding=1)
        if f"{name}.conv1x1.weight" in self.tensors:
            x = self.conv(f"{name}.conv1x1", x)
        return (y + x) / F32(np.sqrt(2))

    def snake_block(self, name, x, style):
        """AdaINResBlock1."""
        for index, dilation in enumerate((1, 3, 5)):
            y = x
            for half, step in (("1", dilation), ("2", 1)):
                y = self.adain(f"{name}.adain{half}.{index}", y, style)
                alpha = self.weight(f"{name}.alpha{half}.{index}")
                y = y + np.sin(alpha * y) ** 2 / alpha
                conv = f"{name}.convs{half}.{index}"
                kernel = self.tensors[f"{conv}.weight"].shape[2]
                y = self.conv(conv, y, dilation=step, padding=step * (kernel - 1) // 2)
            x = x + y
        return x

    def bert(self, tokens):
        embeddings = "bert.embeddings"
        x = self.weight(f"{embeddings}.word_embeddings.weight")[tokens]
        x = x + self.weight(f"{embeddings}.token_type_embeddings.weight")[0]
        x = x + self.weight(f"{embeddings}.position_embeddings.weight")[: len(tokens)]
        x = self._bert_norm(f"{embeddings}.LayerNorm", x)
        x = self.linear("bert.encoder.embedding_hidden_mapping_in", x)
        layer = "bert.encoder.albert_layer_groups.0.albert_layers.0"
        for _ in range(12):
            q, k, v = (
                self.linear(f"{layer}.attention.{part}", x).reshape(-1, 12, 64).transpose(1, 0, 2)
                for part in ("query", "key", "value")
            )
            scores = q @ k.transpose(0, 2, 1) / F32(8)
            scores = np.exp(scores - scores.max(2, keepdims=True))
            mixed = (scores / scores.sum(2, keepdims=True)) @ v
            mixed = mixed.transpose(1, 0, 2).reshape(-1, 768)
            attended = x + self.linear(f"{layer}.attention.dense", mixed)
            x = self._bert_norm(f"{layer}.attention.LayerNorm", attended)
            y = self.linear(f"{layer}.ffn", x)
            y = 0.5 * y * (1 + np.tanh(F32(np.sqrt(2 / np.pi)) * (y + F32(0.044715) * y**3)))
            y = x + self.linear(f"{layer}.ffn_output", y)
            x = self._bert_norm(f"{layer}.full_layer_layer_norm", y)
        return x

    def _bert_norm(self, name, x):
        return layer_norm(x, self.weight(f"{name}.weight"), self.weight(f"{name}.bias"), 1e-12)

    def text_encoder(self, tokens):
        x = self.weight("text_encoder.embedding.weight")[tokens]
        for layer in range(3):
            x = self.conv(f"text_encoder.cnn.{layer}.0", x, padding=2)
            norm = f"text_encoder.cnn.{layer}.1"
            x = layer_norm(x, self.weight(f"{norm}.gamma"), self.weight(f"{norm}.beta"), 1e-5)
            x = leaky(x, 0.2)
        return self.lstm("text_encoder.lstm", x)

    def duration_encoder(self, x, style):
        repeated = np.broadcast_to(style, (x.shape[0], style.size))
        x = np.concatenate([x, repeated], 1)
        for layer in (0, 2, 4):
            x = self.lstm(f"predictor.text_encoder.lstms.{layer}", x)
            norm = f"predictor.text_encoder.lstms.{layer + 1}.fc"
            gain, offset = np.split(self.linear(norm, style[None])[0], 2)
            x = layer_norm(x, 1 + gain, offset, 1e-5)
            x = np.concatenate([x, repeated], 1)
        return x

    def source(self, f0):
        """The reference's float arithmetic step by step."""
        turns = f0[:, None] * np.arange(1, 10, dtype=F32) / F32(24000)
        turns = turns - np.floor(turns)
        phase = np.cumsum(turns, axis=0, dtype=F32) * F32(2) * F32(np.pi) * F32(300)
        count = len(f0)
        position = (np.arange(count * 300, dtype=F32) + F32(0.5)) / F32(300) - F32(0.5)
        position = np.clip(position, F32(0), F32(count - 1))
        left = position.astype(np.int64)
        right = np.minimum(left + 1, count - 1)
        right_share = (position - left).astype(F32)[:, None]
        phase = (F32(1) - right_share) * phase[left] + right_share * phase[right]
        sines = np.sin(phase) * F32(0.1) * np.repeat(f0 > 10, 300)[:, None]
        return np.tanh(self.linear("decoder.generator.m_source.l_linear", sines.astype(F32)))[:, 0]

    def spectrum(self, samples):
        window = hann()
        padded = np.pad(samples, 10, mode="reflect").astype(np.float64)
        frames = np.lib.stride_tricks.sliding_window_view(padded, 20)[::5] * window
        spectrum = np.fft.rfft(frames)
        spectrum.imag[:, [0, 10]] = 0.0
        return np.concatenate([np.abs(spectrum), np.angle(spectrum)], 1).astype(F32)

    def generator(self, x, style, spectrum, stages):
        for stage, (rate, kernel) in enumerate(((10, 20), (6, 12))):
            name = "decoder.generator"
            x = leaky(x, 0.1)
            x = conv_transpose1d(
                x, self.weight(f"{name}.ups.{stage}.weight"), self.weight(f"{name}.ups.{stage}.bias"),
                rate, (kernel - rate) // 2,
            )
            if stage == 0:
                noise = self.conv(f"{name}.noise_convs.0", spectrum, stride=6, padding=3)
            else:
                x = np.concatenate([x[1:2], x])
                noise = self.conv(f"{name}.noise_convs.1", spectrum)
            x = x + self.snake_block(f"{name}.noise_res.{stage}", noise, style)
            blocks = [
                self.snake_block(f"{name}.resblocks.{3 * stage + i}", x, style) for i in range(3)
            ]
            x = (blocks[0] + blocks[1] + blocks[2]) / F32(3)
            stages[f"generator_stage{stage}"] = x
        return self.conv("decoder.generator.conv_post", leaky(x, 0.01), padding=3)


def hann():
    return 0.5 - 0.5 * np.cos(2 * np.pi * np.arange(20) / 20)


def inverse_stft(head):
    """The model's waveform: overlap-add divided by the summed squared window."""
    magnitude, phase = np.exp(head[:, :11].astype(np.float64)), np.sin(head[:, 11:])
    frames = np.fft.irfft(magnitude * np.exp(1j * phase), 20) * hann()
    sums, weights = (np.zeros((len(head) - 1) * 5 + 20) for _ in range(2))
    for index, frame in enumerate(frames):
        sums[5 * index : 5 * index + 20] += frame
        weights[5 * index : 5 * index + 20] += hann() ** 2
    return sums[10:-10] / weights[10:-10]


def run(model, golden):
    tokens, style, speed = golden["tokens"], golden["style"], golden["speed"][0]
    timbre, prosody = style[:128], style[128:]
    stages = {}
    stages["plbert"] = model.bert(tokens)
    stages["bert_encoder"] = model.linear("bert_encoder", stages["plbert"])
    encoded = model.duration_encoder(stages["bert_encoder"], prosody)
    stages["duration_encoder"] = encoded
    logits = model.linear("predictor.duration_proj.linear_layer", model.lstm("predictor.lstm", encoded))
    stages["duration_sums"] = (1 / (1 + np.exp(-logits))).sum(1)
    durations = np.maximum(np.round(stages["duration_sums"] / speed), 1).astype(np.int32)
    stages["durations"] = durations

    shared = model.lstm("predictor.shared", np.repeat(encoded, durations, axis=0))
    stages["predictor_shared"] = shared
    for stage, part in (("f0", "F0"), ("energy", "N")):
        x = shared
        for block in range(3):
            x = model.residual(f"predictor.{part}.{block}", x, prosody)
        stages[stage] = model.conv(f"predictor.{part}_proj", x)[:, 0]

    stages["text_encoder"] = model.text_encoder(tokens)
    aligned = np.repeat(stages["text_encoder"], durations, axis=0)
    f0, energy = (
        model.conv(f"decoder.{name}_conv", stages[stage][:, None], stride=2, padding=1)
        for name, stage in (("F0", "f0"), ("N", "energy"))
    )
    x = model.residual("decoder.encode", np.concatenate([aligned, f0, energy], 1), timbre)
    stages["decoder_encode"] = x
    text = model.conv("decoder.asr_res.0", aligned)
    for block in range(4):
        x = np.concatenate([x, text, f0, energy], 1)
        x = model.residual(f"decoder.decode.{block}", x, timbre)
        stages[f"decoder_decode{block}"] = x

    stages["source"] = model.source(golden["f0"])
    if "source.rows" not in golden:
        stages["source_spectrum"] = model.spectrum(golden["source"])
    if "source_spectrum.rows" not in golden:
        head = model.generator(x, timbre, golden["source_spectrum"], stages)
        stages["conv_post"] = head
        stages["waveform"] = 1.5 * inverse_stft(head)
    return stages


def relative_error(stage, actual, golden):
    expected = golden[stage].astype(np.float64)
    rows = golden.get(f"{stage}.rows")
    actual = actual if rows is None else actual[rows]
    if actual.shape != expected.shape:
        return float("inf")
    if stage == "source_spectrum":  # the phases are checked where the magnitude gives them meaning
        actual, expected = actual[:, :11], expected[:, :11]
    if stage == "waveform":
        actual, expected = actual[10:], expected[10:]
    return np.sqrt(((actual - expected) ** 2).sum() / (expected**2).sum())


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--package", required=True, type=pathlib.Path)
    parser.add_argument("--goldens", required=True, type=pathlib.Path)
    arguments = parser.parse_args()
    model = Model(read_safetensors(arguments.package / "studio.safetensors")[0])
    failed = False
    for path in sorted(arguments.goldens.glob("*.safetensors")):
        golden, _ = read_safetensors(path)
        for stage, actual in run(model, golden).items():
            error = relative_error(stage, actual, golden)
            bound = SOURCE_TOLERANCE if stage == "source" else TOLERANCE
            bound = 0 if stage == "durations" else bound
            verdict = "ok" if error <= bound else "OFF"
            failed |= error > bound
            print(f"{path.stem:9} {stage:17} {error:.2e} {verdict}")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
