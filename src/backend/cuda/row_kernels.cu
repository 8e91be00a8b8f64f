#include "backend/cuda/row_kernels.h"

namespace myna::backend::cuda {
namespace {

constexpr int kThreads = 256;
constexpr int kWarps = kThreads / static_cast<int>(kLanes);

// Element of a [rows, channels] tensor that this thread works on; row >= rows: none.
struct Element {
  int row, channel;
};
MYNA_DEVICE Element element(int channels) {
  const auto index = static_cast<size_t>(blockIdx.x) * kThreads + threadIdx.x;
  return {static_cast<int>(index / static_cast<size_t>(channels)),
          static_cast<int>(index % static_cast<size_t>(channels))};
}
dim3 element_blocks(int rows, int channels) {
  const size_t count = static_cast<size_t>(rows) * static_cast<size_t>(channels);
  return {static_cast<unsigned>((count + kThreads - 1) / kThreads), 1, 1};
}
// Row that this warp works on.
MYNA_DEVICE int warp_row() {
  return static_cast<int>(blockIdx.x) * kWarps + static_cast<int>(threadIdx.x / kLanes);
}
dim3 warp_blocks(int rows) { return {static_cast<unsigned>(divide_up(rows, kWarps)), 1, 1}; }

__global__ void gather_kernel(GatherTask p) {
  const Element e = element(p.channels);
  if (e.row >= p.rows) return;
  float value = p.x[static_cast<size_t>(p.indices[e.row]) * p.x_stride + e.channel];
  if (p.added != nullptr) {
    const int place = e.row - p.y_items.begin(item_of_row(p.y_items, p.item_count, e.row));
    value += p.added[static_cast<size_t>(place) * p.channels + e.channel];
  }
  p.y[static_cast<size_t>(e.row) * p.y_stride + e.channel] = value;
}

__global__ void broadcast_kernel(BroadcastTask p) {
  const Element e = element(p.channels);
  if (e.row >= p.rows) return;
  const int item = item_of_row(p.y_items, p.item_count, e.row);
  p.y[static_cast<size_t>(e.row) * p.y_stride + e.channel] =
      p.x[static_cast<size_t>(item) * p.x_stride + e.channel];
}

__global__ void sigmoid_sum_kernel(SigmoidSumTask p) {
  const int row = warp_row();
  if (row >= p.rows) return;
  float sum = 0.0f;
  for (int c = static_cast<int>(threadIdx.x % kLanes); c < p.channels; c += kLanes) {
    sum += 1.0f / (1.0f + expf(-p.x[static_cast<size_t>(row) * p.x_stride + c]));
  }
  sum = warp_sum(sum);
  if (threadIdx.x % kLanes == 0) p.y[static_cast<size_t>(row) * p.y_stride] = sum;
}

__global__ void layer_norm_kernel(LayerNormTask p) {
  const int row = warp_row();
  if (row >= p.rows) return;
  const int lane = static_cast<int>(threadIdx.x % kLanes);
  const int item = item_of_row(p.items, p.item_count, row);
  const float* x = p.x + static_cast<size_t>(row) * p.x_stride;
  float sum = 0.0f;
  for (int c = lane; c < p.channels; c += kLanes) sum += x[c];
  const float mean = warp_sum(sum) / static_cast<float>(p.channels);
  float squares = 0.0f;
  for (int c = lane; c < p.channels; c += kLanes) squares += (x[c] - mean) * (x[c] - mean);
  const float variance = warp_sum(squares) / static_cast<float>(p.channels);
  const float inverse = 1.0f / sqrtf(variance + p.epsilon);
  float* y = p.y + static_cast<size_t>(row) * p.y_stride;
  for (int c = lane; c < p.channels; c += kLanes) {
    const float scale = p.scale == nullptr ? 1.0f : p.scale[item * p.item_stride + c];
    const float shift = p.shift == nullptr ? 0.0f : p.shift[item * p.item_stride + c];
    y[c] = apply_activation(p.activation, p.slope, scale * ((x[c] - mean) * inverse) + shift);
  }
}

__global__ void upsample_kernel(UpsampleTask p) {
  const Element e = element(p.channels);
  if (e.row >= p.rows) return;
  const int item = item_of_row(p.x_items, p.item_count, e.row);
  const int last = p.x_items.begin(item) + p.x_items.size(item) - 1;
  const float* x = p.x + static_cast<size_t>(e.row) * p.x_stride + e.channel;
  const float here = transform_exact(p.input, item, e.channel, x[0]);
  const float next = e.row < last ? transform_exact(p.input, item, e.channel, x[p.x_stride]) : 0.0f;
  const float* w = p.weight + 3 * e.channel;
  float* y = p.y + static_cast<size_t>(2 * e.row) * p.y_stride + e.channel;
  y[0] = w[1] * here + p.bias[e.channel];
  y[p.y_stride] = w[2] * here + w[0] * next + p.bias[e.channel];
}

// A thread a channel: x tiles of rows, y groups of kThreads channels, z items.
__global__ void tile_moments_kernel(TileMomentsTask p) {
  const int channel = static_cast<int>(blockIdx.y) * kThreads + static_cast<int>(threadIdx.x);
  const int item = static_cast<int>(blockIdx.z);
  const int first = static_cast<int>(blockIdx.x) * kTileRows;
  const int rows = min(p.items.size(item) - first, kTileRows);
  if (channel >= p.channels || rows <= 0) return;
  const float* x = p.x + static_cast<size_t>(p.items.begin(item) + first) * p.x_stride + channel;
  float sum = 0.0f;
  for (int r = 0; r < rows; ++r) sum += x[static_cast<size_t>(r) * p.x_stride];
  const float mean = sum / static_cast<float>(rows);
  float squares = 0.0f;
  for (int r = 0; r < rows; ++r) {
    const float deviation = x[static_cast<size_t>(r) * p.x_stride] - mean;
    squares += deviation * deviation;
  }
  const size_t tile = static_cast<size_t>(item) * gridDim.x + blockIdx.x;
  float* partial = p.partial + tile * 2 * p.channels;
  partial[channel] = mean;
  partial[p.channels + channel] = squares;
}

struct Moments {
  float count, mean, squares;
};
MYNA_DEVICE Moments merge(const Moments& a, const Moments& b) {
  const float count = a.count + b.count;
  if (count == 0.0f) return a;
  const float delta = b.mean - a.mean;
  const float share = b.count / count;
  return {count, a.mean + delta * share, a.squares + b.squares + delta * delta * a.count * share};
}

// A warp's worth of channels; each of the block's warps takes every kWarps-th tile.
__global__ void merge_moments_kernel(MergeMomentsTask p) {
  auto* shared = reinterpret_cast<Moments*>(shared_storage());  // [kWarps][kLanes]
  const int lane = static_cast<int>(threadIdx.x % kLanes);
  const int warp = static_cast<int>(threadIdx.x / kLanes);
  const int channel = static_cast<int>(blockIdx.x * kLanes) + lane;
  const int item = static_cast<int>(blockIdx.y);
  const int rows = p.items.size(item);
  Moments own = {0.0f, 0.0f, 0.0f};
  if (channel < p.channels) {
    for (int tile = warp; tile * kTileRows < rows; tile += kWarps) {
      const float* partial =
          p.partial + (static_cast<size_t>(item) * p.tiles + tile) * 2 * p.channels;
      const auto count = static_cast<float>(min(kTileRows, rows - tile * kTileRows));
      own = merge(own, {count, partial[channel], partial[p.channels + channel]});
    }
  }
  shared[threadIdx.x] = own;
  block_barrier();
  if (warp != 0 || channel >= p.channels) return;
  for (int other = 1; other < kWarps; ++other) {
    own = merge(own, shared[other * static_cast<int>(kLanes) + lane]);
  }
  p.mean[item * p.channels + channel] = own.mean;
  p.variance[item * p.channels + channel] = own.squares / own.count;
}

// A thread a channel, its gamma and beta; x groups of channels, y items.
__global__ void affine_kernel(AffineTask p) {
  auto* style = reinterpret_cast<float*>(shared_storage());
  const int item = static_cast<int>(blockIdx.y);
  for (int i = static_cast<int>(threadIdx.x); i < p.style_size; i += static_cast<int>(blockDim.x)) {
    style[i] = p.style[static_cast<size_t>(item) * p.style_stride + i];
  }
  block_barrier();
  const int c = static_cast<int>(blockIdx.x * blockDim.x + threadIdx.x);
  if (c >= p.channels) return;
  float gamma = 0.0f, beta = 0.0f;
  for (int i = 0; i < p.style_size; ++i) {
    const float* row = p.weight + static_cast<size_t>(i) * 2 * p.channels;
    gamma += style[i] * row[c];
    beta += style[i] * row[p.channels + c];
  }
  float scale = 1.0f + (gamma + p.bias[c]);
  float shift = beta + p.bias[p.channels + c];
  if (p.mean != nullptr) {
    scale /= sqrtf(p.variance[item * p.channels + c] + p.epsilon);
    shift -= p.mean[item * p.channels + c] * scale;
  }
  float* affine = p.affine + static_cast<size_t>(item) * p.affine_stride;
  affine[c] = scale;
  affine[p.channels + c] = shift;
}

}  // namespace

void run_gather(Stream& stream, const GatherTask& task) {
  launch(&gather_kernel, element_blocks(task.rows, task.channels), kThreads, 0, stream, task);
}

void run_broadcast(Stream& stream, const BroadcastTask& task) {
  launch(&broadcast_kernel, element_blocks(task.rows, task.channels), kThreads, 0, stream, task);
}

void run_sigmoid_sums(Stream& stream, const SigmoidSumTask& task) {
  launch(&sigmoid_sum_kernel, warp_blocks(task.rows), kThreads, 0, stream, task);
}

void run_layer_norm(Stream& stream, const LayerNormTask& task) {
  launch(&layer_norm_kernel, warp_blocks(task.rows), kThreads, 0, stream, task);
}

void run_upsample(Stream& stream, const UpsampleTask& task) {
  launch(&upsample_kernel, element_blocks(task.rows, task.channels), kThreads, 0, stream, task);
}

void run_tile_moments(Stream& stream, const TileMomentsTask& task) {
  launch(&tile_moments_kernel,
         {static_cast<unsigned>(divide_up(task.largest, kTileRows)),
          static_cast<unsigned>(divide_up(task.channels, kThreads)),
          static_cast<unsigned>(task.item_count)},
         kThreads, 0, stream, task);
}

void run_merge_moments(Stream& stream, const MergeMomentsTask& task) {
  launch(&merge_moments_kernel,
         {static_cast<unsigned>(divide_up(task.channels, static_cast<int>(kLanes))),
          static_cast<unsigned>(task.item_count), 1},
         kThreads, kThreads * sizeof(Moments), stream, task);
}

void run_affine(Stream& stream, const AffineTask& task) {
  constexpr int kChannelThreads = 64;
  launch(&affine_kernel,
         {static_cast<unsigned>(divide_up(task.channels, kChannelThreads)),
          static_cast<unsigned>(task.item_count), 1},
         kChannelThreads, sizeof(float) * static_cast<size_t>(task.style_size), stream, task);
}

}  // namespace myna::backend::cuda
