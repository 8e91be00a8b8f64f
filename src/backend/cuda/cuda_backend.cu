#include <algorithm>
#include <cassert>
#include <cstdlib>
#include <mutex>
#include <string_view>
#include <vector>

#include "backend/cuda/convolution.h"
#include "backend/cuda/cuda_backend.h"
#include "backend/cuda/flash_kernels.h"
#include "backend/cuda/row_kernels.h"
#include "backend/cuda/runtime.h"
#include "backend/cuda/sequence.h"
#include "backend/cuda/signal_kernels.h"
#include "base/error.h"
#include "ops/row_layout.h"

namespace myna::backend {
namespace cuda {
namespace {

using ops::Arena;
using ops::ConstRows;
using ops::Prepared;
using ops::PreparedWeights;
using ops::Rows;

// An arena's memory is that of its own stream: what is on the stream runs in order, so that memory
// of a closed scope may be handed out again while kernels still wait to use it.
class StreamMemory final : public ops::ArenaMemory {
 public:
  std::byte* allocate(size_t bytes) override {
    return static_cast<std::byte*>(stream.allocate(bytes));
  }
  void release(std::byte* memory) override { stream.release(memory); }

  Stream stream;
};
Stream& stream_of(const Arena& arena) { return static_cast<StreamMemory&>(arena.memory()).stream; }

int narrow(size_t value) { return static_cast<int>(value); }

Items items_of(ConstRows rows) {
  return {rows.layout == nullptr ? nullptr : rows.layout->device_offsets, narrow(rows.rows)};
}
int largest_item(ConstRows rows) {
  return narrow(rows.layout == nullptr ? rows.rows : rows.layout->largest);
}
InputView view_of(const ops::InputTransform& input) {
  return {input.affine.scale, input.affine.shift, narrow(input.affine.item_stride),
          input.activation,   input.slope,        input.alpha};
}
OutputView view_of(const ops::OutputTransform& output) {
  return {output.residual.data,
          narrow(output.residual.stride),
          narrow(output.residual_rows_divisor),
          output.addend.data,
          narrow(output.addend.stride),
          output.scale,
          output.activation,
          output.slope};
}

struct CudaConvolution final : PreparedWeights {
  ConvolutionWeights weights;
};

struct CudaLstm final : PreparedWeights {
  ConvolutionWeights input;  // [input] -> [2 * 4 * hidden]
  DeviceBuffer recurrent;    // [2][4 * hidden][hidden]
  int hidden = 0;
};

struct CudaTable final : PreparedWeights {
  DeviceBuffer values;
  size_t channels = 0;
};

struct CudaConvNext final : PreparedWeights {
  struct Block {
    DeviceBuffer depthwise, bias;
    ConvolutionWeights up, down;
  };
  ops::ConvNextSpec spec;
  ConvolutionWeights in, out;
  std::vector<Block> blocks;
};

class CudaBackend final : public ops::Backend {
 public:
  CudaBackend(std::string device, bool graphs) : device_(std::move(device)), graphs_(graphs) {}

  std::string description() const override { return "cuda " + device_; }

  // Enough to fill a large device with the work of short utterances.
  size_t preferred_batch_items() const override { return 256; }

  std::unique_ptr<Arena> make_arena() override {
    return std::make_unique<Arena>(std::make_unique<StreamMemory>());
  }

  std::span<const float> resident(std::span<const float> values) override {
    DeviceBuffer buffer = device_copy(values);
    const std::span<const float> result(buffer.as<float>(), values.size());
    const std::lock_guard lock(mutex_);
    parameters_.push_back(std::move(buffer));
    return result;
  }

  // Kernels ask the offsets where an item ends, grids and memory follow the capacity.
  std::unique_ptr<const ops::RowLayout> make_layout(std::span<const size_t> rows, Arena& arena,
                                                    std::span<const size_t> capacities) override {
    std::unique_ptr<const ops::RowLayout> host = Backend::make_layout(rows, arena, capacities);
    auto layout = std::make_unique<ops::RowLayout>(*host);
    assert(capacities.empty() || rows.size() == 1);
    std::vector<int> offsets(layout->offsets.begin(), layout->offsets.end());
    if (!capacities.empty()) offsets.back() = narrow(rows.front());
    layout->device_offsets = upload_integers(offsets, arena);
    return layout;
  }

  // Up to an eighth more, so that few shapes serve all.
  size_t capacity_of(size_t rows) const override {
    if (!graphs_) return rows;
    size_t step = 8;
    while (16 * step <= rows) step *= 2;
    return (rows + step - 1) / step * step;
  }

  void begin_part(const std::string& name, Arena& arena) override {
    if (!graphs_) return;
    const Arena::Scope scope(arena);
    const void* place = arena.allocate<std::byte>(1);
    stream_of(arena).begin_recorded(name, place, arena.capacity_bytes());
  }
  void end_part(Arena& arena, bool completed) override {
    if (graphs_) stream_of(arena).end_recorded(completed);
  }

  void upload(std::span<const float> values, Rows y, Arena& arena) override {
    assert(values.size() == y.rows * y.channels);
    stream_of(arena).upload_rows(y.data, y.stride * sizeof(float), values.data(),
                                 y.channels * sizeof(float), y.rows);
  }

  void download(ConstRows x, std::span<float> values, Arena& arena) override {
    assert(values.size() == x.rows * x.channels);
    stream_of(arena).download_rows(values.data(), x.data, x.stride * sizeof(float),
                                   x.channels * sizeof(float), x.rows);
  }

  // kInt8 is a wish, and on this device bfloat16 is what is fast.
  Prepared prepare_conv1d(const ops::Conv1dSpec& spec, const ops::WeightView& weight,
                          std::span<const float> bias, ops::Precision precision) override {
    auto conv = std::make_unique<CudaConvolution>();
    conv->weights = prepare_convolution(spec, weight, bias, precision != ops::Precision::kFloat32);
    return conv;
  }

  void conv1d(const PreparedWeights& weights, ConstRows x, const ops::InputTransform& input,
              const ops::OutputTransform& output, Rows y, Arena& arena) override {
    const auto& conv = static_cast<const CudaConvolution&>(weights).weights;
    assert(x.channels == conv.spec.in_channels && y.channels == conv.spec.out_channels);
    assert(y.layout != nullptr || y.rows == conv.spec.output_rows(x.rows));
    convolve(conv, x, input, output, y, arena);
  }

  Prepared prepare_conv_transpose1d(const ops::ConvTranspose1dSpec& spec,
                                    const ops::WeightView& weight,
                                    std::span<const float> bias) override {
    auto conv = std::make_unique<CudaConvolution>();
    conv->weights = prepare_transposed(spec, weight, bias);
    return conv;
  }

  void conv_transpose1d(const PreparedWeights& weights, ConstRows x,
                        const ops::InputTransform& input, Rows y, Arena& arena) override {
    convolve(static_cast<const CudaConvolution&>(weights).weights, x, input, {}, y, arena);
  }

  void depthwise_upsample2(std::span<const float> weight, std::span<const float> bias, ConstRows x,
                           const ops::InputTransform& input, Rows y, Arena& arena) override {
    assert(y.rows == 2 * x.rows && y.channels == x.channels);
    run_upsample(stream_of(arena), {x.data, narrow(x.stride), items_of(x), view_of(input),
                                    weight.data(), bias.data(), narrow(ops::item_count(x)),
                                    narrow(x.rows), narrow(x.channels), y.data, narrow(y.stride)});
  }

  void channel_moments(ConstRows x, ops::ChannelMoments moments, Arena& arena) override {
    const Arena::Scope scope(arena);
    float* partial = allocate_partial(x, arena);
    run_tile_moments(stream_of(arena),
                     {x.data, narrow(x.stride), items_of(x), narrow(ops::item_count(x)),
                      largest_item(x), narrow(x.channels), partial});
    merge(x, partial, moments, arena);
  }

  void adaptive_affine(const PreparedWeights& projection, ConstRows style,
                       ops::ChannelMoments moments, float epsilon, Rows affine,
                       Arena& arena) override {
    const auto& linear = static_cast<const CudaConvolution&>(projection).weights;
    assert(!linear.on_tensor_cores && affine.channels == linear.spec.out_channels);
    run_affine(stream_of(arena), {linear.float_weights.as<float>(), linear.bias.as<float>(),
                                  style.data, narrow(style.stride), narrow(style.channels),
                                  moments.mean, moments.variance, epsilon, narrow(style.rows),
                                  narrow(affine.channels / 2), affine.data, narrow(affine.stride)});
  }

  void layer_norm(ConstRows x, ops::ChannelAffine affine, float epsilon, ops::Activation activation,
                  float slope, Rows y, Arena& arena) override {
    run_layer_norm(
        stream_of(arena),
        {x.data, narrow(x.stride), items_of(x), narrow(ops::item_count(x)), narrow(x.rows),
         narrow(x.channels), affine.scale, affine.shift, narrow(affine.item_stride), epsilon,
         activation, slope, y.data, narrow(y.stride)});
  }

  void attention(ConstRows q, ConstRows k, ConstRows v, size_t heads, Rows y,
                 Arena& arena) override {
    run_attention(stream_of(arena),
                  {q.data, k.data, v.data, narrow(q.stride), narrow(k.stride), narrow(v.stride),
                   items_of(q), narrow(ops::item_count(q)), largest_item(q), narrow(heads),
                   narrow(q.channels / heads), y.data, narrow(y.stride)});
  }

  Prepared prepare_bilstm(size_t input_channels, size_t hidden, const ops::LstmDirection& forward,
                          const ops::LstmDirection& backward, ops::Precision precision) override {
    auto lstm = std::make_unique<CudaLstm>();
    lstm->hidden = narrow(hidden);
    const size_t gates = 4 * hidden;
    std::vector<float> input(2 * gates * input_channels), bias(2 * gates);
    std::vector<float> recurrent(2 * gates * hidden);
    size_t row = 0;
    for (const ops::LstmDirection* direction : {&forward, &backward}) {
      for (size_t g = 0; g < gates; ++g, ++row) {
        for (size_t i = 0; i < input_channels; ++i) {
          input[row * input_channels + i] = direction->input_weight.at(g * input_channels + i, g);
        }
        for (size_t i = 0; i < hidden; ++i) {
          recurrent[row * hidden + i] = direction->recurrent_weight.at(g * hidden + i, g);
        }
        bias[row] = direction->input_bias[g] + direction->recurrent_bias[g];
      }
    }
    lstm->input = prepare_convolution({input_channels, 2 * gates, 1, 1, 1, 0}, {input, {}, {}},
                                      bias, precision != ops::Precision::kFloat32);
    lstm->recurrent = device_copy(std::span<const float>(recurrent));
    return lstm;
  }

  void bilstm(const PreparedWeights& weights, ConstRows x, Rows y, Arena& arena) override {
    const auto& lstm = static_cast<const CudaLstm&>(weights);
    const Arena::Scope scope(arena);
    const Rows gates = arena.rows_like(x, lstm.input.spec.out_channels);
    convolve(lstm.input, x, {}, {}, gates, arena);
    run_lstm(stream_of(arena),
             {gates.data, narrow(gates.stride), lstm.recurrent.as<float>(), lstm.hidden,
              items_of(x), narrow(ops::item_count(x)), y.data, narrow(y.stride)});
  }

  Prepared prepare_table(std::span<const float> values, size_t channels) override {
    auto table = std::make_unique<CudaTable>();
    table->values = device_copy(values);
    table->channels = channels;
    return table;
  }

  void embed(const PreparedWeights& table, const PreparedWeights* positions,
             std::span<const int> indices, Rows y, Arena& arena) override {
    const auto& words = static_cast<const CudaTable&>(table);
    const auto* places = static_cast<const CudaTable*>(positions);
    assert(indices.size() <= y.rows && words.channels == y.channels);
    const Arena::Scope scope(arena);
    run_gather(
        stream_of(arena),
        {words.values.as<float>(), narrow(words.channels), upload_integers(indices, arena, y.rows),
         places == nullptr ? nullptr : places->values.as<float>(), items_of(y),
         narrow(ops::item_count(y)), y.data, narrow(y.stride), narrow(y.rows), narrow(y.channels)});
  }

  void repeat_rows(ConstRows x, std::span<const int> counts, Rows y, Arena& arena) override {
    const Arena::Scope scope(arena);
    std::vector<int> sources;
    sources.reserve(y.rows);
    for (size_t t = 0; t < counts.size(); ++t) {
      sources.insert(sources.end(), static_cast<size_t>(counts[t]), narrow(t));
    }
    assert(sources.size() == (y.layout == nullptr ? y.rows : filled_count(*y.layout)));
    run_gather(stream_of(arena), {x.data, narrow(x.stride), upload_integers(sources, arena, y.rows),
                                  nullptr, items_of(y), narrow(ops::item_count(y)), y.data,
                                  narrow(y.stride), narrow(y.rows), narrow(y.channels)});
  }

  void copy_rows(ConstRows x, Rows y, Arena& arena) override {
    stream_of(arena).copy_rows(y.data, y.stride * sizeof(float), x.data, x.stride * sizeof(float),
                               y.channels * sizeof(float), y.rows);
  }

  void broadcast_rows(ConstRows x, Rows y, Arena& arena) override {
    run_broadcast(stream_of(arena),
                  {x.data, narrow(x.stride), items_of(y), narrow(ops::item_count(y)), y.data,
                   narrow(y.stride), narrow(y.rows), narrow(y.channels)});
  }

  void sigmoid_sums(ConstRows x, Rows y, Arena& arena) override {
    run_sigmoid_sums(stream_of(arena), {x.data, narrow(x.stride), narrow(x.rows),
                                        narrow(x.channels), y.data, narrow(y.stride)});
  }

  void sine_source(const ops::SineSourceSpec& spec,
                   std::span<const ops::SourceVariation> variations, ConstRows f0_hz, Rows samples,
                   Arena& arena) override {
    assert(spec.harmonics <= static_cast<size_t>(kMaximumHarmonics));
    assert(variations.size() == ops::item_count(f0_hz) && f0_hz.stride == 1);
    const Arena::Scope scope(arena);
    SourceTask task{};
    task.f0_hz = f0_hz.data;
    task.f0_items = items_of(f0_hz);
    task.sample_items = items_of(samples);
    task.item_count = narrow(variations.size());
    task.frames = narrow(f0_hz.rows);
    task.largest_samples = largest_item(samples);
    task.harmonics = narrow(spec.harmonics);
    task.upsampling = narrow(spec.upsampling);
    task.sample_rate = spec.sample_rate;
    task.sine_amplitude = spec.sine_amplitude;
    task.voiced_threshold_hz = spec.voiced_threshold_hz;
    task.noise_deviation = spec.noise_deviation;
    task.mix_bias = spec.mix_bias;
    std::copy(spec.mix_weight.begin(), spec.mix_weight.end(), task.mix_weight);
    auto* own = arena.allocate<ops::SourceVariation>(variations.size());
    stream_of(arena).upload(own, variations.data(), variations.size_bytes());
    task.variations = own;
    task.phases = arena.allocate<float>(spec.harmonics * f0_hz.rows);
    task.samples = samples.data;
    run_source(stream_of(arena), task);
  }

  void stft(ConstRows samples, size_t fft_size, size_t hop, Rows y, Arena& arena) override {
    assert(fft_size <= static_cast<size_t>(kMaximumFft));
    run_stft(stream_of(arena), {samples.data, narrow(samples.stride), items_of(samples),
                                items_of(y), narrow(ops::item_count(y)), largest_item(y),
                                narrow(fft_size), narrow(hop), y.data, narrow(y.stride)});
  }

  void inverse_stft_head(ConstRows x, size_t fft_size, size_t hop, Rows samples,
                         Arena& arena) override {
    assert(fft_size <= static_cast<size_t>(kMaximumFft));
    run_inverse_stft(
        stream_of(arena),
        {x.data, narrow(x.stride), items_of(samples), items_of(x), narrow(ops::item_count(x)),
         largest_item(x), narrow(fft_size), narrow(hop), samples.data, narrow(samples.stride)});
  }

  Prepared prepare_conv_next(const ops::ConvNextSpec& spec,
                             const ops::ConvNextWeights& weights) override {
    if (spec.channels > static_cast<size_t>(kMaximumFilmChannels)) {
      throw Error(ErrorCode::kUnavailable,
                  "the GPU's ConvNeXt blocks have at most 512 channels, and the model has " +
                      std::to_string(spec.channels),
                  "run with --device cpu");
    }
    const auto linear = [](const ops::LinearWeights& layer, size_t in, size_t out,
                           ops::Precision precision) {
      return prepare_convolution({in, out, 1, 1, 1, 0}, {layer.weight, {}, {}}, layer.bias,
                                 precision != ops::Precision::kFloat32);
    };
    auto stack = std::make_unique<CudaConvNext>();
    stack->spec = spec;
    if (spec.in_channels > 0) {
      stack->in = linear(weights.in, spec.in_channels, spec.channels, spec.end_precision);
    }
    for (const ops::ConvNextBlockWeights& block : weights.blocks) {
      stack->blocks.push_back({device_copy(block.depthwise_weight),
                               device_copy(block.depthwise_bias),
                               linear(block.up, spec.channels, spec.hidden, spec.precision),
                               linear(block.down, spec.hidden, spec.channels, spec.precision)});
    }
    if (spec.out_channels > 0) {
      stack->out = linear(weights.out, spec.channels, spec.out_channels, spec.end_precision);
    }
    return stack;
  }

  void conv_next(const PreparedWeights& weights, ConstRows x, ConstRows film, Rows y,
                 Arena& arena) override {
    const auto& stack = static_cast<const CudaConvNext&>(weights);
    const ops::ConvNextSpec& spec = stack.spec;
    const Arena::Scope scope(arena);
    const Rows state = arena.rows_like(x, spec.channels);
    const Rows normalized = arena.rows_like(x, spec.channels);
    const Rows hidden = arena.rows_like(x, spec.hidden);
    if (spec.in_channels > 0) {
      convolve(stack.in, x, {}, {}, state, arena);
    } else {
      copy_rows(x, state, arena);
    }
    ops::OutputTransform activated, added;
    activated.activation = ops::Activation::kGeluTanh;
    added.residual = state;
    size_t offset = 0;
    for (const CudaConvNext::Block& block : stack.blocks) {
      run_film_norm(
          stream_of(arena),
          {state.data, narrow(state.stride), items_of(state), narrow(ops::item_count(state)),
           narrow(state.rows), narrow(spec.channels), narrow(spec.kernel), narrow(spec.left),
           block.depthwise.as<float>(), block.bias.as<float>(), film.data + offset,
           narrow(film.stride), spec.epsilon, normalized.data, narrow(normalized.stride)});
      convolve(block.up, normalized, {}, activated, hidden, arena);
      convolve(block.down, hidden, {}, added, state, arena);
      offset += 2 * spec.channels;
    }
    if (spec.out_channels > 0) {
      layer_norm(state, {}, spec.epsilon, ops::Activation::kNone, 0.0f, normalized, arena);
      convolve(stack.out, normalized, {}, {}, y, arena);
    } else {
      copy_rows(state, y, arena);
    }
  }

  void source_filter(const ops::SourceFilterSpec& spec,
                     std::span<const ops::SourceFilterVariation> variations, ConstRows head,
                     ConstRows f0_hz, Rows samples, Arena& arena) override {
    if (spec.fft_size != kVocoderFft || spec.hop != kVocoderHop ||
        spec.windows != kVocoderWindows || spec.harmonic_bins != kVocoderHarmonicBins ||
        spec.harmonic_step != kVocoderHarmonicStep || spec.noise_points != kVocoderNoisePoints ||
        spec.harmonic_end() > spec.bins()) {
      throw Error(ErrorCode::kUnavailable, "the GPU's vocoder has other sizes than the model",
                  "run with --device cpu");
    }
    assert(variations.size() == ops::item_count(head) && f0_hz.stride == 1);
    const Arena::Scope scope(arena);
    VocoderTask task{};
    task.head = head.data;
    task.head_stride = narrow(head.stride);
    task.head_items = items_of(head);
    task.f0_hz = f0_hz.data;
    task.f0_items = items_of(f0_hz);
    task.sample_items = items_of(samples);
    task.item_count = narrow(variations.size());
    task.rows = narrow(head.rows);
    task.largest_rows = largest_item(head);
    task.largest_samples = largest_item(samples);
    task.harmonic_points = narrow(spec.harmonic_points);
    task.harmonic_end = narrow(spec.harmonic_end());
    task.sample_rate = spec.sample_rate;
    task.top_harmonic_hz = spec.top_harmonic_hz;
    task.voiced_threshold_hz = spec.voiced_threshold_hz;
    task.largest_log = spec.largest_log;
    auto* own = arena.allocate<ops::SourceFilterVariation>(variations.size());
    stream_of(arena).upload(own, variations.data(), variations.size_bytes());
    task.variations = own;
    task.tables = vocoder_tables_on_device();
    task.turns = arena.allocate<double>(f0_hz.rows);
    task.pulses = arena.allocate<float>(vocoder_pulses(head.rows, variations.size()));
    task.windows = arena.allocate<float>(head.rows * kVocoderWindows * kVocoderFft);
    task.samples = samples.data;
    run_vocoder(stream_of(arena), task);
  }

 private:
  static size_t filled_count(const ops::RowLayout& layout) {
    size_t sum = 0;
    for (const size_t rows : layout.filled) sum += rows;
    return sum;
  }

  // `count` of them, zeros behind those that there are.
  static const int* upload_integers(std::span<const int> values, Arena& arena, size_t count = 0) {
    std::vector<int> all(values.begin(), values.end());
    all.resize(std::max(count, values.size()));
    int* device = arena.allocate<int>(all.size());
    stream_of(arena).upload(device, all.data(), all.size() * sizeof(int));
    return device;
  }

  const float* vocoder_tables_on_device() {
    const std::lock_guard lock(mutex_);
    if (vocoder_tables_.as<float>() == nullptr) {
      vocoder_tables_ = device_copy(std::span<const float>(vocoder_tables()));
    }
    return vocoder_tables_.as<float>();
  }

  static float* allocate_partial(ConstRows x, Arena& arena) {
    return arena.allocate<float>(
        ops::item_count(x) * static_cast<size_t>(moment_tiles(largest_item(x))) * 2 * x.channels);
  }

  static void merge(ConstRows x, const float* partial, ops::ChannelMoments moments, Arena& arena) {
    run_merge_moments(stream_of(arena), {partial, moment_tiles(largest_item(x)), items_of(x),
                                         narrow(ops::item_count(x)), narrow(x.channels),
                                         moments.mean, moments.variance});
  }

  void convolve(const ConvolutionWeights& weights, ConstRows x, const ops::InputTransform& input,
                const ops::OutputTransform& output, Rows y, Arena& arena) {
    const Arena::Scope scope(arena);
    const bool wants_moments = output.moments.mean != nullptr;
    // Only the kernel on tensor cores has a tile's outputs at hand.
    float* partial =
        wants_moments && weights.on_tensor_cores ? allocate_partial(y, arena) : nullptr;
    run_convolution(
        stream_of(arena), weights,
        {x.data, narrow(x.stride), items_of(x), view_of(input), y.data, narrow(y.stride),
         items_of(y), view_of(output), narrow(ops::item_count(y)), largest_item(y), partial});
    if (partial != nullptr) {
      merge(y, partial, output.moments, arena);
    } else if (wants_moments) {
      channel_moments(y, output.moments, arena);
    }
  }

  std::string device_;
  bool graphs_;
  std::mutex mutex_;  // guards what follows
  std::vector<DeviceBuffer> parameters_;
  DeviceBuffer vocoder_tables_;
};

}  // namespace
}  // namespace cuda

CudaStatus cuda_status() {
  const cuda::DeviceInfo info = cuda::find_device();
  return {info.why_not.empty(), info.why_not.empty() ? info.name : info.why_not};
}

std::unique_ptr<ops::Backend> make_cuda_backend(CudaGraphs graphs) {
  const CudaStatus status = cuda_status();
  if (!status.usable) {
    throw Error(ErrorCode::kUnavailable, status.description, "run with --device cpu");
  }
  const char* asked = std::getenv("MYNA_CUDA_GRAPHS");
  const bool wanted =
      graphs == CudaGraphs::kAlways ||
      (graphs == CudaGraphs::kAsAsked && asked != nullptr && std::string_view(asked) == "1");
  return std::make_unique<cuda::CudaBackend>(status.description, wanted);
}

}  // namespace myna::backend
