#include <algorithm>
#include <vector>

#include "backend/cuda/convolution.h"

namespace myna::backend::cuda {
namespace {

constexpr int kStages = 3;  // weight tiles in flight
// Row of the staged output in floats: four more than a tile is wide, so that a fragment's eight
// rows fall into different banks.
constexpr int kStagedStride = kTileColumns + 4;

struct TensorParameters {
  ConvolutionTask task;
  const unsigned char* weight;
  const float* bias;
  WeightTiles tiles;
  int in_channels, out_channels;
  int dilation, padding;
  int phases, leading_rows;
  Phases transposed;
  int staged_rows;  // input rows of a tile
  bool aligned;     // rows of x can be read in float4
};

// Rows of the phase's own output that an item has.
MYNA_HOST_DEVICE int phase_rows(int output_rows, int phases, int phase) {
  return output_rows <= phase ? 0 : (output_rows - phase + phases - 1) / phases;
}

// Eight neighbouring channels of one row, 0 beyond the tensor's channels.
MYNA_DEVICE void read_piece(const TensorParameters& p, const float* row, int channel,
                            float (&values)[kPieceValues]) {
  if (p.aligned && channel + kPieceValues <= p.in_channels) {
    const float4 low = *reinterpret_cast<const float4*>(row + channel);
    const float4 high = *reinterpret_cast<const float4*>(row + channel + 4);
    values[0] = low.x, values[1] = low.y, values[2] = low.z, values[3] = low.w;
    values[4] = high.x, values[5] = high.y, values[6] = high.z, values[7] = high.w;
    return;
  }
  MYNA_UNROLL
  for (int i = 0; i < kPieceValues; ++i) {
    values[i] = channel + i < p.in_channels ? row[channel + i] : 0.0f;
  }
}

// Brings input rows first_row ... of the item, channels of one depth tile, into shared memory.
MYNA_DEVICE void stage_activations(const TensorParameters& p, int item, int first_row, int depth,
                                   unsigned char* staged) {
  constexpr int kPieces = kTileDepth / kPieceValues;
  const int thread = static_cast<int>(threadIdx.x);
  const int piece = thread % kPieces;
  const int channel = depth + piece * kPieceValues;
  ChannelTransform transforms[kPieceValues];
  MYNA_UNROLL
  for (int i = 0; i < kPieceValues; ++i) {
    const int c = channel + i < p.in_channels ? channel + i : 0;
    transforms[i] = channel_transform(p.task.input, item, c);
  }
  const int begin = p.task.x_items.begin(item);
  const int rows = p.task.x_items.size(item);
  for (int r = thread / kPieces; r < p.staged_rows; r += kTileThreads / kPieces) {
    const int row = first_row + r;
    uint4 packed = {0, 0, 0, 0};
    if (row >= 0 && row < rows) {
      float values[kPieceValues];
      read_piece(p, p.task.x + static_cast<size_t>(begin + row) * p.task.x_stride, channel, values);
      MYNA_UNROLL
      for (int i = 0; i < kPieceValues; ++i) {
        values[i] = transform_fast(p.task.input, transforms[i], values[i]);
      }
      // Channels beyond the tensor meet weights of 0, whatever the transform made of them.
      packed.x = pack_bfloat16(values[0], values[1]);
      packed.y = pack_bfloat16(values[2], values[3]);
      packed.z = pack_bfloat16(values[4], values[5]);
      packed.w = pack_bfloat16(values[6], values[7]);
    }
    *reinterpret_cast<uint4*>(staged + swizzled_byte(r, piece)) = packed;
  }
}

MYNA_DEVICE void fetch_weights(const TensorParameters& p, size_t tile, unsigned char* to) {
  const unsigned char* from = p.weight + tile * kWeightTileBytes;
  MYNA_UNROLL
  for (int i = 0; i < kWeightTileBytes / (16 * kTileThreads); ++i) {
    const int byte = (i * kTileThreads + static_cast<int>(threadIdx.x)) * 16;
    copy_async16(to + byte, from + byte);
  }
}

constexpr int kRowFragments = kWarpRows / 16;
constexpr int kColumnFragments = kWarpColumns / 8;
using Sums = float[kRowFragments][kColumnFragments][4];

MYNA_DEVICE void multiply_tile(const unsigned char* staged, int first_row,
                               const unsigned char* weights, Sums& sums) {
  const int lane = static_cast<int>(threadIdx.x % kLanes);
  const int warp = static_cast<int>(threadIdx.x / kLanes);
  const int row = first_row + warp_first_row(warp) + activation_fragment_row(lane);
  const int column = warp_first_column(warp) + weight_fragment_row(lane);
  MYNA_UNROLL
  for (int k = 0; k < kTileDepth / 16; ++k) {
    uint32_t a[kRowFragments][4];
    MYNA_UNROLL
    for (int m = 0; m < kRowFragments; ++m) {
      load_matrix_x4(a[m],
                     staged + swizzled_byte(row + 16 * m, 2 * k + activation_fragment_piece(lane)));
    }
    MYNA_UNROLL
    for (int n = 0; n < kColumnFragments; n += 2) {
      uint32_t pair[4];
      load_matrix_x4(pair,
                     weights + swizzled_byte(column + 8 * n, 2 * k + weight_fragment_piece(lane)));
      const uint32_t even[2] = {pair[0], pair[1]};
      const uint32_t odd[2] = {pair[2], pair[3]};
      MYNA_UNROLL
      for (int m = 0; m < kRowFragments; ++m) {
        multiply_add(sums[m][n], a[m], even);
        multiply_add(sums[m][n + 1], a[m], odd);
      }
    }
  }
}

// Mean and sum of squared deviations of the staged tile's columns, merged from two halves.
MYNA_DEVICE void tile_moments(const float* staged, int rows, float* partial, int channels,
                              int first_column, float* scratch) {
  const int column = static_cast<int>(threadIdx.x) % kTileColumns;
  const int half = static_cast<int>(threadIdx.x) / kTileColumns;
  const int begin = half * (kTileRows / 2);
  const int end = min(rows, begin + kTileRows / 2);
  const int count = max(0, end - begin);
  float sum = 0.0f;
  for (int r = begin; r < end; ++r) sum += staged[r * kStagedStride + column];
  const float mean = count > 0 ? sum / static_cast<float>(count) : 0.0f;
  float squares = 0.0f;
  for (int r = begin; r < end; ++r) {
    const float deviation = staged[r * kStagedStride + column] - mean;
    squares += deviation * deviation;
  }
  scratch[(half * 2) * kTileColumns + column] = mean;
  scratch[(half * 2 + 1) * kTileColumns + column] = squares;
  block_barrier();
  const int channel = first_column + column;
  if (half == 1 || channel >= channels) return;
  const int other = rows - count;
  const float delta = scratch[2 * kTileColumns + column] - mean;
  const float share = static_cast<float>(other) / static_cast<float>(rows);
  partial[channel] = mean + delta * share;
  partial[channels + channel] = squares + scratch[3 * kTileColumns + column] +
                                delta * delta * static_cast<float>(count) * share;
}

// Rows of which a thread reads the residuals before it writes the first: y may be the residual, so
// that the compiler cannot know that later reads do not wait for earlier writes.
constexpr int kRowsAtOnce = 8;

MYNA_DEVICE void write_tile(const TensorParameters& p, int item, int phase, int column_tile,
                            int first_row, int tile_rows, float* staged) {
  constexpr int kStep = kTileThreads / kTileColumns;
  const int column = static_cast<int>(threadIdx.x) % kTileColumns;
  const int channel = column_tile * kTileColumns + column;
  const int begin = p.task.y_items.begin(item);
  if (channel >= p.out_channels) return;
  const float bias = p.bias[channel];
  const auto output_row = [&](int r) {
    return (first_row + r) * p.phases + phase + p.leading_rows;
  };
  for (int first = static_cast<int>(threadIdx.x) / kTileColumns; first < tile_rows;
       first += kRowsAtOnce * kStep) {
    float added[kRowsAtOnce];
    MYNA_UNROLL
    for (int i = 0; i < kRowsAtOnce; ++i) {
      const int r = first + i * kStep;
      added[i] = r < tile_rows ? p.task.output.added(begin, output_row(r), channel) : 0.0f;
    }
    MYNA_UNROLL
    for (int i = 0; i < kRowsAtOnce; ++i) {
      const int r = first + i * kStep;
      if (r >= tile_rows) continue;
      const int row = output_row(r);
      const float value =
          p.task.output.finish(staged[r * kStagedStride + column] + bias + added[i]);
      p.task.y[static_cast<size_t>(begin + row) * p.task.y_stride + channel] = value;
      // Reflection: row -1 is row 1, which lies behind the leading row.
      if (p.leading_rows == 1 && row == 2) {
        p.task.y[static_cast<size_t>(begin) * p.task.y_stride + channel] = value;
      }
      staged[r * kStagedStride + column] = value;
    }
  }
}

// Blocks: x row tiles of the largest item, y column tiles of all phases, z items.
__global__ void __launch_bounds__(kTileThreads, 2) convolution_kernel(TensorParameters p) {
  const int item = static_cast<int>(blockIdx.z);
  const int column_tile = static_cast<int>(blockIdx.y) % p.tiles.column_tiles;
  const int phase = static_cast<int>(blockIdx.y) / p.tiles.column_tiles;
  const int first_row = static_cast<int>(blockIdx.x) * kTileRows;
  const int output_rows = phase_rows(p.task.y_items.size(item) - p.leading_rows, p.phases, phase);
  if (first_row >= output_rows) return;
  const int tile_rows = min(kTileRows, output_rows - first_row);

  unsigned char* weights = shared_storage();
  unsigned char* activations = weights + kStages * kWeightTileBytes;
  const int taps = p.tiles.taps;
  const int steps = p.tiles.depth_tiles * taps;
  const size_t first_tile = p.tiles.tile(phase, column_tile, 0, 0);
  for (int s = 0; s < kStages - 1; ++s) {
    if (s < steps) fetch_weights(p, first_tile + s, weights + s * kWeightTileBytes);
    copy_async_commit();
  }
  const int input_row = first_row + (p.phases > 1 ? p.transposed.first_row(phase) : -p.padding);
  Sums sums = {};
  int step = 0;
  for (int depth_tile = 0; depth_tile < p.tiles.depth_tiles; ++depth_tile) {
    if (depth_tile > 0) block_barrier();  // all are through with the last one
    stage_activations(p, item, input_row, depth_tile * kTileDepth, activations);
    for (int tap = 0; tap < taps; ++tap, ++step) {
      copy_async_wait<kStages - 2>();
      block_barrier();
      const int ahead = step + kStages - 1;
      if (ahead < steps) {
        fetch_weights(p, first_tile + ahead, weights + ahead % kStages * kWeightTileBytes);
      }
      copy_async_commit();
      multiply_tile(activations, tap * p.dilation, weights + step % kStages * kWeightTileBytes,
                    sums);
    }
  }
  copy_async_wait<0>();
  block_barrier();

  // The sums go through shared memory, so that rows of the output are written and residuals read in
  // whole lines.
  float* staged = reinterpret_cast<float*>(shared_storage());
  const int lane = static_cast<int>(threadIdx.x % kLanes);
  const int warp = static_cast<int>(threadIdx.x / kLanes);
  MYNA_UNROLL
  for (int m = 0; m < kRowFragments; ++m) {
    MYNA_UNROLL
    for (int n = 0; n < kColumnFragments; ++n) {
      MYNA_UNROLL
      for (int i = 0; i < 4; ++i) {
        const int row = warp_first_row(warp) + 16 * m + sum_row(lane, i);
        const int column = warp_first_column(warp) + 8 * n + sum_column(lane, i);
        staged[row * kStagedStride + column] = sums[m][n][i];
      }
    }
  }
  block_barrier();
  write_tile(p, item, phase, column_tile, first_row, tile_rows, staged);
  if (p.task.partial == nullptr) return;
  block_barrier();
  const int tile = item * static_cast<int>(gridDim.x) + static_cast<int>(blockIdx.x);
  tile_moments(staged, tile_rows, p.task.partial + static_cast<size_t>(tile) * 2 * p.out_channels,
               p.out_channels, column_tile * kTileColumns, staged + kTileRows * kStagedStride);
}

// In float on the ordinary units: any stride, few channels, or where every bit counts.
constexpr int kFloatRows = 64;
constexpr int kFloatColumns = 64;
constexpr int kFloatDepth = 16;

struct FloatParameters {
  ConvolutionTask task;
  const float* weight;  // [taps * in_channels][out_channels]
  const float* bias;
  int in_channels, out_channels, taps, stride, dilation, padding;
};

__global__ void __launch_bounds__(kTileThreads) float_convolution_kernel(FloatParameters p) {
  float* a = reinterpret_cast<float*>(shared_storage());  // [kFloatDepth][kFloatRows + 1]
  float* b = a + kFloatDepth * (kFloatRows + 1);          // [kFloatDepth][kFloatColumns]
  const int item = static_cast<int>(blockIdx.z);
  const int first_row = static_cast<int>(blockIdx.x) * kFloatRows;
  const int first_column = static_cast<int>(blockIdx.y) * kFloatColumns;
  const int output_rows = p.task.y_items.size(item);
  if (first_row >= output_rows) return;
  const int x_begin = p.task.x_items.begin(item);
  const int x_rows = p.task.x_items.size(item);
  const int thread = static_cast<int>(threadIdx.x);
  const int row_group = thread / 16, column_group = thread % 16;  // 4 x 4 outputs a thread
  float sums[4][4] = {};
  const int depth = p.taps * p.in_channels;
  for (int first = 0; first < depth; first += kFloatDepth) {
    block_barrier();
    for (int i = thread; i < kFloatDepth * kFloatRows; i += kTileThreads) {
      const int k = first + i % kFloatDepth;
      const int r = i / kFloatDepth;
      float value = 0.0f;
      if (k < depth) {
        const int tap = k / p.in_channels, channel = k % p.in_channels;
        const int row = (first_row + r) * p.stride + tap * p.dilation - p.padding;
        if (row >= 0 && row < x_rows) {
          value = transform_exact(
              p.task.input, item, channel,
              p.task.x[static_cast<size_t>(x_begin + row) * p.task.x_stride + channel]);
        }
      }
      a[i % kFloatDepth * (kFloatRows + 1) + r] = value;
    }
    for (int i = thread; i < kFloatDepth * kFloatColumns; i += kTileThreads) {
      const int k = first + i / kFloatColumns;
      const int column = first_column + i % kFloatColumns;
      b[i] = k < depth && column < p.out_channels
                 ? p.weight[static_cast<size_t>(k) * p.out_channels + column]
                 : 0.0f;
    }
    block_barrier();
    for (int k = 0; k < kFloatDepth; ++k) {
      MYNA_UNROLL
      for (int i = 0; i < 4; ++i) {
        const float value = a[k * (kFloatRows + 1) + row_group * 4 + i];
        MYNA_UNROLL
        for (int j = 0; j < 4; ++j) {
          sums[i][j] += value * b[k * kFloatColumns + column_group + 16 * j];
        }
      }
    }
  }
  const int y_begin = p.task.y_items.begin(item);
  for (int i = 0; i < 4; ++i) {
    const int row = first_row + row_group * 4 + i;
    if (row >= output_rows) return;
    for (int j = 0; j < 4; ++j) {
      const int column = first_column + column_group + 16 * j;
      if (column >= p.out_channels) continue;
      p.task.y[static_cast<size_t>(y_begin + row) * p.task.y_stride + column] =
          p.task.output.finish(sums[i][j] + p.bias[column] +
                               p.task.output.added(y_begin, row, column));
    }
  }
}

DeviceBuffer padded_bias(std::span<const float> bias, int column_tiles) {
  std::vector<float> padded(static_cast<size_t>(column_tiles) * kTileColumns, 0.0f);
  std::copy(bias.begin(), bias.end(), padded.begin());
  return device_copy(std::span<const float>(padded));
}

uint16_t rounded_to_bfloat16(float value) {
  uint32_t bits;
  __builtin_memcpy(&bits, &value, 4);
  return static_cast<uint16_t>((bits + 0x7FFFu + ((bits >> 16) & 1u)) >> 16);
}

// Tiles from weight_of(phase, out, in, tap).
template <typename WeightOf>
DeviceBuffer make_tiles(const WeightTiles& tiles, int phases, int in, int out,
                        const WeightOf& weight_of) {
  std::vector<uint16_t> bytes(tiles.tile(phases, 0, 0, 0) * kWeightTileBytes / sizeof(uint16_t), 0);
  for (int phase = 0; phase < phases; ++phase) {
    for (int o = 0; o < out; ++o) {
      for (int i = 0; i < in; ++i) {
        for (int tap = 0; tap < tiles.taps; ++tap) {
          bytes[weight_byte(tiles, phase, o, i, tap) / 2] =
              rounded_to_bfloat16(weight_of(phase, o, i, tap));
        }
      }
    }
  }
  return device_copy(std::span<const uint16_t>(bytes));
}

}  // namespace

ConvolutionWeights prepare_convolution(const ops::Conv1dSpec& spec, const ops::WeightView& weight,
                                       std::span<const float> bias, bool tensor_cores) {
  ConvolutionWeights weights;
  weights.spec = spec;
  const auto in = static_cast<int>(spec.in_channels), out = static_cast<int>(spec.out_channels);
  const auto taps = static_cast<int>(spec.kernel);
  weights.tiles = {divide_up(out, kTileColumns), divide_up(in, kTileDepth), taps};
  weights.bias = padded_bias(bias, weights.tiles.column_tiles);
  weights.on_tensor_cores = tensor_cores && spec.stride == 1;
  const auto at = [&](int o, int i, int tap) {
    return weight.at(
        (static_cast<size_t>(o) * spec.in_channels + static_cast<size_t>(i)) * spec.kernel +
            static_cast<size_t>(tap),
        static_cast<size_t>(o));
  };
  if (weights.on_tensor_cores) {
    weights.bfloat16 = make_tiles(weights.tiles, 1, in, out,
                                  [&](int, int o, int i, int tap) { return at(o, i, tap); });
    return weights;
  }
  std::vector<float> transposed(weight.size());
  for (int tap = 0; tap < taps; ++tap) {
    for (int i = 0; i < in; ++i) {
      for (int o = 0; o < out; ++o) {
        transposed[(static_cast<size_t>(tap) * spec.in_channels + static_cast<size_t>(i)) *
                       spec.out_channels +
                   static_cast<size_t>(o)] = at(o, i, tap);
      }
    }
  }
  weights.float_weights = device_copy(std::span<const float>(transposed));
  return weights;
}

ConvolutionWeights prepare_transposed(const ops::ConvTranspose1dSpec& spec,
                                      const ops::WeightView& weight, std::span<const float> bias) {
  ConvolutionWeights weights;
  const auto in = static_cast<int>(spec.in_channels), out = static_cast<int>(spec.out_channels);
  weights.transposed = {static_cast<int>(spec.kernel), static_cast<int>(spec.stride),
                        static_cast<int>(spec.padding)};
  const auto taps = weights.transposed.taps();
  weights.spec = {spec.in_channels, spec.out_channels, static_cast<size_t>(taps), 1, 1, 0};
  weights.phases = weights.transposed.stride;
  weights.leading_rows = static_cast<int>(spec.leading_reflection);
  weights.tiles = {divide_up(out, kTileColumns), divide_up(in, kTileDepth), taps};
  weights.bias = padded_bias(bias, weights.tiles.column_tiles);
  weights.on_tensor_cores = true;
  weights.bfloat16 =
      make_tiles(weights.tiles, weights.phases, in, out, [&](int phase, int o, int i, int m) {
        const int tap = weights.transposed.tap(phase, m);
        if (tap >= weights.transposed.kernel) return 0.0f;
        return weight.at(
            (static_cast<size_t>(i) * spec.out_channels + static_cast<size_t>(o)) * spec.kernel +
                static_cast<size_t>(tap),
            static_cast<size_t>(o));
      });
  return weights;
}

int moment_tiles(int largest_output) { return divide_up(largest_output, kTileRows); }

void run_convolution(Stream& stream, const ConvolutionWeights& weights,
                     const ConvolutionTask& task) {
  const auto in = static_cast<int>(weights.spec.in_channels);
  const auto out = static_cast<int>(weights.spec.out_channels);
  const auto dilation = static_cast<int>(weights.spec.dilation);
  const auto padding = static_cast<int>(weights.spec.padding);
  const auto items = static_cast<unsigned>(task.item_count);
  if (!weights.on_tensor_cores) {
    const FloatParameters parameters{task,
                                     weights.float_weights.as<float>(),
                                     weights.bias.as<float>(),
                                     in,
                                     out,
                                     weights.tiles.taps,
                                     static_cast<int>(weights.spec.stride),
                                     dilation,
                                     padding};
    const size_t shared = sizeof(float) * kFloatDepth * (kFloatRows + 1 + kFloatColumns);
    launch(&float_convolution_kernel,
           {static_cast<unsigned>(divide_up(task.largest_output, kFloatRows)),
            static_cast<unsigned>(divide_up(out, kFloatColumns)), items},
           kTileThreads, shared, stream, parameters);
    return;
  }
  TensorParameters parameters{};
  parameters.task = task;
  parameters.weight = weights.bfloat16.as<unsigned char>();
  parameters.bias = weights.bias.as<float>();
  parameters.tiles = weights.tiles;
  parameters.in_channels = in;
  parameters.out_channels = out;
  parameters.dilation = dilation;
  parameters.padding = padding;
  parameters.phases = weights.phases;
  parameters.leading_rows = weights.leading_rows;
  parameters.transposed = weights.transposed;
  parameters.staged_rows = kTileRows + (weights.tiles.taps - 1) * dilation;
  parameters.aligned =
      task.x_stride % 4 == 0 && reinterpret_cast<uintptr_t>(task.x) % sizeof(float4) == 0;
  const size_t pipeline = static_cast<size_t>(kStages) * kWeightTileBytes +
                          static_cast<size_t>(parameters.staged_rows) * kTileRowBytes;
  const size_t epilogue = sizeof(float) * (kTileRows * kStagedStride + 4 * kTileColumns);
  const int phase_output = divide_up(task.largest_output - weights.leading_rows, weights.phases);
  launch(&convolution_kernel,
         {static_cast<unsigned>(divide_up(phase_output, kTileRows)),
          static_cast<unsigned>(weights.tiles.column_tiles * weights.phases), items},
         kTileThreads, std::max(pipeline, epilogue), stream, parameters);
}

}  // namespace myna::backend::cuda
