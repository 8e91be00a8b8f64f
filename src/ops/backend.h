// The Backend interface: the coarse operations that Myna's voice models are written in, each with
// its formula. Models take a Backend& and never ask which one it is. backend/ref is the oracle of
// every operation's test (backend/op_test.cc), with tolerances in one table there.
//
// Activations are time-major [time, channels] views (ops/tensor_rows.h) into memory of an Arena
// that this backend made; they come in and go out by upload() and download() alone. Outputs never
// overlap inputs unless an operation says so. Shapes are checked by assertions: a wrong shape is a
// bug of the model code, sizes from files are checked when weights are prepared.
//
// Every operation takes a batch: views with a layout (ops/row_layout.h) hold the rows of several
// items, and an item's result is that of the item alone. Statistics over time, zeros at the ends
// and recurrences are an item's own; what is "one an item" below is a row an item.
//
// Thread safety: preparing weights and running operations on one Backend from several threads is
// safe when each caller has its own Arena; calls share the backend's threads and may wait.
// Results depend on inputs and ISA only, not on the number of threads.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "ops/arena.h"
#include "ops/tensor_rows.h"

namespace myna::ops {

enum class Activation : uint8_t {
  kNone,
  kLeakyRelu,  // x >= 0 ? x : slope * x
  kSnake,      // x + sin(alpha x)^2 / alpha, alpha one a channel (arXiv 2006.08195, eq. 3)
  kGeluTanh,   // 0.5 x (1 + tanh(sqrt(2/pi) (x + 0.044715 x^3)))
};

// scale[c] * x + shift[c]; item i has its own at scale + i * item_stride, with 0 all share them.
struct ChannelAffine {
  const float* scale = nullptr;  // null: 1
  const float* shift = nullptr;  // null: 0
  size_t item_stride = 0;
};

// What an operation does to each input value first: z = activation(affine(x)).
struct InputTransform {
  ChannelAffine affine;
  Activation activation = Activation::kNone;
  float slope = 0.0f;            // of kLeakyRelu
  const float* alpha = nullptr;  // [channels], of kSnake
};

// Mean and biased variance over time of each channel, one row an item.
struct ChannelMoments {
  float* mean = nullptr;      // [items, channels]
  float* variance = nullptr;  // [items, channels]
};

// What an operation does to each output value: y = activation((v + residual + addend) * scale).
struct OutputTransform {
  ConstRows residual;  // data null: none. May be the output itself (accumulation).
  ConstRows addend;    // a second one, always at the output's own rate; may be the output too
  size_t residual_rows_divisor = 1;  // row t of the output takes residual row t / divisor
  float scale = 1.0f;
  Activation activation = Activation::kNone;  // kNone, kLeakyRelu or kGeluTanh
  float slope = 0.0f;
  ChannelMoments moments;  // of the output; mean null: not wanted
};

// A weight tensor as it lies in a checkpoint: float, or int8 with scales (value = q * scale).
struct WeightView {
  std::span<const float> values;
  std::span<const int8_t> quantized;
  std::span<const float> scales;  // one, or one an output channel

  size_t size() const { return quantized.empty() ? values.size() : quantized.size(); }
  float at(size_t index, size_t out_channel) const {
    if (quantized.empty()) return values[index];
    return static_cast<float>(quantized[index]) * scales[scales.size() == 1 ? 0 : out_channel];
  }
};

// kInt8 is a wish: activations are quantised too where the backend has fast int8 products and the
// weights are stored as int8; otherwise the operation runs in float. kBfloat16 rounds weights and
// activations to 8 bits of mantissa and sums their products in float. kInt16, of conv_next, has 13
// bits of each frame's range and 12 of each weight row's, summed exactly: where a CPU has no
// bfloat16 products it is as fast, and several times as exact. conv1d on the CPU takes float for
// it, backend/cuda bfloat16.
enum class Precision : uint8_t { kFloat32, kBfloat16, kInt8, kInt16 };

struct Conv1dSpec {
  size_t in_channels = 0;
  size_t out_channels = 0;
  size_t kernel = 1;
  size_t stride = 1;
  size_t dilation = 1;
  size_t padding = 0;  // zeros on both sides, after the input transform

  size_t output_rows(size_t rows) const {
    return (rows + 2 * padding - dilation * (kernel - 1) - 1) / stride + 1;
  }
};

struct ConvTranspose1dSpec {
  size_t in_channels = 0;
  size_t out_channels = 0;
  size_t kernel = 1;
  size_t stride = 1;
  size_t padding = 0;
  size_t leading_reflection = 0;  // 0 or 1 rows put in front of the output: row -1 is row 1

  size_t output_rows(size_t rows) const {
    return (rows - 1) * stride + kernel - 2 * padding + leading_reflection;
  }
};

// Weights in a backend's own layout. Made by one backend, used with that backend only.
class PreparedWeights {
 public:
  virtual ~PreparedWeights() = default;
};
using Prepared = std::unique_ptr<const PreparedWeights>;

// One direction of an LSTM, gates in the order input, forget, cell, output (PyTorch).
struct LstmDirection {
  WeightView input_weight;                // [4 * hidden, input]
  WeightView recurrent_weight;            // [4 * hidden, hidden]
  std::span<const float> input_bias;      // [4 * hidden]
  std::span<const float> recurrent_bias;  // [4 * hidden]
};

// A linear layer as it lies in a checkpoint: weight [out, in], bias [out].
struct LinearWeights {
  std::span<const float> weight;
  std::span<const float> bias;
};

// A row of ConvNeXt blocks (arXiv 2201.03545) whose normalisation a condition steers (FiLM), with a
// linear layer before and a normalisation and a linear layer behind. Nothing is a statistic over
// time, and zeros are beyond the ends.
struct ConvNextSpec {
  size_t in_channels = 0;  // 0: no layer before the blocks, which take x
  size_t channels = 0;
  size_t hidden = 0;
  size_t kernel = 1;
  size_t left = 0;  // rows of the past that the kernel sees; kernel - 1 - left of the future
  size_t blocks = 0;
  size_t out_channels = 0;  // 0: neither normalisation nor layer behind the blocks
  float epsilon = 1e-5f;
  Precision precision = Precision::kFloat32;      // of the blocks' linear layers
  Precision end_precision = Precision::kFloat32;  // of the layers before and behind
};
struct ConvNextBlockWeights {
  std::span<const float> depthwise_weight;  // [kernel, channels]
  std::span<const float> depthwise_bias;    // [channels]
  LinearWeights up;                         // channels -> hidden
  LinearWeights down;                       // hidden -> channels
};
struct ConvNextWeights {
  LinearWeights in;
  std::vector<ConvNextBlockWeights> blocks;
  LinearWeights out;
};

// A source-filter vocoder with one inverse transform (docs/models/myna-voice-1.md, "Excitation" and
// "Head").
struct SourceFilterSpec {
  size_t fft_size = 400;        // of a window: four of their distances
  size_t windows = 3;           // a frame, at equal distances
  size_t hop = 300;             // samples a frame
  size_t harmonic_bins = 67;    // of the harmonic filter, from bin 0 on
  size_t harmonic_points = 16;  // of it, every harmonic_step bins behind the last of those
  size_t harmonic_step = 4;
  size_t noise_points = 51;  // of the noise's magnitude, at equal distances over all bins
  float sample_rate = 24000.0f;
  float top_harmonic_hz = 8000.0f;
  float voiced_threshold_hz = 40.0f;
  float largest_log = 7.0f;  // of magnitudes

  size_t bins() const { return fft_size / 2 + 1; }
  size_t harmonics() const { return harmonic_bins + harmonic_points; }
  // Where the harmonic part ends: between its points it is linear, behind the last it falls to 0.
  size_t harmonic_end() const {
    return harmonic_bins + (harmonic_points == 0 ? 0 : (harmonic_points + 1) * harmonic_step - 1);
  }
  size_t window_channels() const { return 2 * harmonics() + noise_points; }
  size_t channels() const { return windows * window_channels(); }
  size_t window_hop() const { return hop / windows; }
};
// What of it is an item's own.
struct SourceFilterVariation {
  uint64_t seed = 0;
  float noise_level = 1.0f;         // factor on the noise of unvoiced frames
  float voiced_noise_level = 1.0f;  // and of voiced ones; both 0 draw none
  float whisper = 0.0f;    // 0 to 1: this share of the excitation becomes noise of its power
  size_t first_frame = 0;  // of the utterance that the head's first row is
};

// The harmonic-plus-noise source of an NSF generator (arXiv 1904.12088, section II-C).
struct SineSourceSpec {
  size_t upsampling = 300;  // samples a pitch value
  float sample_rate = 24000.0f;
  size_t harmonics = 9;  // the fundamental and its multiples
  float sine_amplitude = 0.1f;
  float voiced_threshold_hz = 10.0f;
  float noise_deviation = 0.0f;  // of the noise on voiced samples; unvoiced get sine_amplitude / 3
                                 // of it relative to 0.003. 0 draws nothing
  std::span<const float> mix_weight;  // [harmonics], in the host's memory
  float mix_bias = 0.0f;
};
// What of the source is an item's own.
struct SourceVariation {
  uint64_t seed = 0;
  float whisper = 0.0f;  // 0 to 1: this share of each sine goes, and noise of a deviation of
                         // whisper * sine_amplitude / 3 comes to every sample
};

class Backend {
 public:
  virtual ~Backend() = default;

  // "ref", "cpu avx512vnni, 2 threads": for `myna version` and reports.
  virtual std::string description() const = 0;

  // Up to so many items of a batch are faster together than one after another.
  virtual size_t preferred_batch_items() const { return 1; }

  // Backends of a part of this one's threads each, for utterances side by side: they take weights
  // that this one prepared, give the same bits, live as long as it and wait for nobody. None: only
  // this one.
  virtual std::span<const std::unique_ptr<Backend>> lanes() { return {}; }

  // Memory for activations. The defaults of these five serve backends in the host's own memory.
  virtual std::unique_ptr<Arena> make_arena();
  // The same values where operations read parameters from, for as long as the backend lives; on
  // the host they are the argument itself.
  virtual std::span<const float> resident(std::span<const float> values);
  // Of a batch with so many rows an item, and memory for `capacities` (empty: for those); lives in
  // the arena's open scope at most.
  virtual std::unique_ptr<const RowLayout> make_layout(std::span<const size_t> rows, Arena& arena,
                                                       std::span<const size_t> capacities = {});
  // y from dense host values, which may change as soon as it returns.
  virtual void upload(std::span<const float> values, Rows y, Arena& arena);
  // Dense host values from x, when everything before is done.
  virtual void download(ConstRows x, std::span<float> values, Arena& arena);

  // A part of a synthesis of one item, from begin_part() to end_part(), does the same for every
  // use of `name` from the same state of the arena: the same operations on views of the same sizes,
  // with layouts whose capacity capacity_of() gave. A backend may then record it and play it again
  // (CUDA graphs). `completed` is false when an error ended it. Parts do not nest.
  virtual size_t capacity_of(size_t rows) const { return rows; }
  virtual void begin_part(const std::string& /*name*/, Arena& /*arena*/) {}
  virtual void end_part(Arena& /*arena*/, bool /*completed*/) {}

  // y[t, o] = out(bias[o] + sum_{j, i} weight[o, i, j] * in(x[t * stride + j * dilation - padding,
  // i])) weight is [out, in, kernel] as in PyTorch; a linear layer is a kernel of 1. bias may be
  // empty.
  virtual Prepared prepare_conv1d(const Conv1dSpec& spec, const WeightView& weight,
                                  std::span<const float> bias, Precision precision) = 0;
  // y has spec.output_rows(x.rows) rows.
  virtual void conv1d(const PreparedWeights& weights, ConstRows x, const InputTransform& input,
                      const OutputTransform& output, Rows y, Arena& arena) = 0;

  // y[t * stride + j - padding, o] += weight[i, o, j] * in(x[t, i]), plus bias. weight [in, out,
  // kernel].
  virtual Prepared prepare_conv_transpose1d(const ConvTranspose1dSpec& spec,
                                            const WeightView& weight,
                                            std::span<const float> bias) = 0;
  // Leading reflected rows count as rows of y.
  virtual void conv_transpose1d(const PreparedWeights& weights, ConstRows x,
                                const InputTransform& input, Rows y, Arena& arena) = 0;

  // Depthwise transposed convolution: kernel 3, stride 2, padding 1, output padding 1, so that
  // y[2t] = w[1] z[t] + b and y[2t + 1] = w[2] z[t] + w[0] z[t + 1] + b (z beyond the end is 0).
  // weight [channels, 3], bias [channels].
  virtual void depthwise_upsample2(std::span<const float> weight, std::span<const float> bias,
                                   ConstRows x, const InputTransform& input, Rows y,
                                   Arena& arena) = 0;

  virtual void channel_moments(ConstRows x, ChannelMoments moments, Arena& arena) = 0;

  // Adaptive normalisation (arXiv 1703.06868). With [gamma, beta] = projection(style), one row an
  // item: affine[i] = [scale, shift] with scale = 1 + gamma and shift = beta; where there are
  // moments, scale = (1 + gamma) / sqrt(variance + epsilon) and shift = beta - mean * scale.
  // projection is a linear layer [style] -> [2 * channels]; affine is [items, 2 * channels].
  virtual void adaptive_affine(const PreparedWeights& projection, ConstRows style,
                               ChannelMoments moments, float epsilon, Rows affine,
                               Arena& arena) = 0;

  // y[t, c] = activation(scale[c] * (x[t, c] - mean_t) / sqrt(var_t + epsilon) + shift[c]), the
  // moments over the channels of row t. y may be x.
  virtual void layer_norm(ConstRows x, ChannelAffine affine, float epsilon, Activation activation,
                          float slope, Rows y, Arena& arena) = 0;

  // Multi-head attention without mask: softmax(q k^T / sqrt(d)) v for each head of
  // d = channels / heads. All [time, channels].
  virtual void attention(ConstRows q, ConstRows k, ConstRows v, size_t heads, Rows y,
                         Arena& arena) = 0;

  // y[t] = [forward hidden, backward hidden], zero initial state.
  virtual Prepared prepare_bilstm(size_t input_channels, size_t hidden,
                                  const LstmDirection& forward, const LstmDirection& backward,
                                  Precision precision) = 0;
  virtual void bilstm(const PreparedWeights& weights, ConstRows x, Rows y, Arena& arena) = 0;

  // y[t] = table[indices[t]], plus positions[t within its item] when there are any. A table is
  // [rows, channels].
  virtual Prepared prepare_table(std::span<const float> values, size_t channels) = 0;
  virtual void embed(const PreparedWeights& table, const PreparedWeights* positions,
                     std::span<const int> indices, Rows y, Arena& arena) = 0;

  // Row i of x is written counts[i] times in a row; y.rows is the sum of counts.
  virtual void repeat_rows(ConstRows x, std::span<const int> counts, Rows y, Arena& arena) = 0;
  // y[t] = x[t].
  virtual void copy_rows(ConstRows x, Rows y, Arena& arena) = 0;
  // Row i of x goes to every row of item i of y.
  virtual void broadcast_rows(ConstRows x, Rows y, Arena& arena) = 0;
  // y[t, 0] = sum_c 1 / (1 + exp(-x[t, c])), added up from the first channel to the last.
  virtual void sigmoid_sums(ConstRows x, Rows y, Arena& arena) = 0;

  // f0_hz [frames, 1] -> samples [frames * upsampling, 1]: tanh(mix_bias + sum_h mix_weight[h] s_h)
  // with s_h = (1 - whisper) * sine_amplitude * sin(phase_h) where voiced, else 0, and noise when
  // asked for. The phase follows the reference's float arithmetic step by step:
  // docs/models/studio.md, "Source". One variation an item.
  virtual void sine_source(const SineSourceSpec& spec, std::span<const SourceVariation> variations,
                           ConstRows f0_hz, Rows samples, Arena& arena) = 0;

  // Centred, reflect-padded STFT with a periodic Hann window: y[t] = [magnitudes, phases], each
  // fft_size / 2 + 1 wide; y.rows is samples.rows / hop + 1. samples is [n, 1], dense.
  virtual void stft(ConstRows samples, size_t fft_size, size_t hop, Rows y, Arena& arena) = 0;

  // The inverse, from x[t] = [log magnitudes, p] with phase = sin(p): overlap-add, divided by the
  // summed squared window, trimmed by fft_size / 2 at both ends: samples, dense, has
  // (x.rows - 1) * hop rows of one channel.
  virtual void inverse_stft_head(ConstRows x, size_t fft_size, size_t hop, Rows samples,
                                 Arena& arena) = 0;

  // The ones below are there for the Flash voice; a backend without them throws Error kUnavailable.

  virtual Prepared prepare_conv_next(const ConvNextSpec& spec, const ConvNextWeights& weights);
  // x = in(x); for each block b
  //   a[t, c] = depthwise.bias[c] + sum_j depthwise.weight[j, c] x[t + j - left, c]
  //   n = (a - mean_t) / sqrt(var_t + epsilon), the moments over the channels of row t
  //   x += down(gelu(up(n * scale_b + shift_b))), the tanh gelu
  // y = out((x - mean_t) / sqrt(var_t + epsilon)), or x. film is a row an item: [scale_0, shift_0,
  // scale_1, ...]. A row of y depends on the rows of x that its kernels reach, to the bit.
  virtual void conv_next(const PreparedWeights& weights, ConstRows x, ConstRows film, Rows y,
                         Arena& arena);

  // head [frames, spec.channels()] = for each window the log magnitudes and phases of the harmonic
  // part and the log magnitudes of the noise; f0_hz [all frames of the utterance, 1] -> samples
  // [frames * hop, 1]. The frames outside of the head add nothing, so that the samples of its first
  // and last frame are whole only at the utterance's own ends. One variation an item.
  virtual void source_filter(const SourceFilterSpec& spec,
                             std::span<const SourceFilterVariation> variations, ConstRows head,
                             ConstRows f0_hz, Rows samples, Arena& arena);
};

}  // namespace myna::ops
