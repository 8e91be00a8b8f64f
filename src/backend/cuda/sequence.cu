#include <cassert>

#include "backend/cuda/sequence.h"

namespace myna::backend::cuda {
namespace {

MYNA_DEVICE float sigmoid(float x) { return 1.0f / (1.0f + expf(-x)); }

// Time runs through a cluster of eight blocks that hold the recurrent matrix of one direction in
// registers, 1 MiB in all. A block has 32 of the 256 units; eight neighbouring threads have one
// unit: gate = thread / 2 % 4, and each thread of a pair the half of the products whose four-value
// groups are even or odd (neighbours read neighbouring banks). All eight then compute the unit's
// state, and thread i of them stores it into the shared memory of block i: one barrier a step.
constexpr int kClusterHidden = 256;
constexpr int kClusterBlocks = 8;
constexpr int kClusterUnits = kClusterHidden / kClusterBlocks;
constexpr int kClusterThreads = kClusterUnits * 8;
constexpr int kOwnWeights = kClusterHidden / 2;
constexpr int kGroup = 4;

// The i-th weight of a half is column ... of the recurrent matrix.
MYNA_HOST_DEVICE int own_column(int half, int i) {
  return (i / kGroup * 2 + half) * kGroup + i % kGroup;
}

__global__ void __launch_bounds__(kClusterThreads, 1) cluster_lstm_kernel(LstmTask p) {
  auto* state = reinterpret_cast<float*>(shared_storage());  // [2][kClusterHidden], by turns
  const int thread = static_cast<int>(threadIdx.x);
  const int lane = thread % static_cast<int>(kLanes);
  const int unit = static_cast<int>(cluster_rank()) * kClusterUnits + thread / 8;
  const int gate = thread / 2 % 4, half = thread % 2;
  const int direction = static_cast<int>(blockIdx.y);
  const int item = static_cast<int>(blockIdx.z);
  const int begin = p.items.begin(item);
  const int rows = p.items.size(item);

  const float* matrix = p.recurrent + (static_cast<size_t>(direction) * 4 * kClusterHidden +
                                       static_cast<size_t>(gate) * kClusterHidden + unit) *
                                          kClusterHidden;
  float weights[kOwnWeights];
  MYNA_UNROLL
  for (int i = 0; i < kOwnWeights; ++i) weights[i] = matrix[own_column(half, i)];
  for (int i = thread; i < 2 * kClusterHidden; i += kClusterThreads) state[i] = 0.0f;
  cluster_barrier();

  float cell = 0.0f;
  const float* gates = p.gates + direction * 4 * kClusterHidden + gate * kClusterHidden + unit;
  const int first = direction == 0 ? 0 : rows - 1;
  const int sign = direction == 0 ? 1 : -1;
  float input = rows > 0 ? gates[static_cast<size_t>(begin + first) * p.gates_stride] : 0.0f;
  for (int step = 0; step < rows; ++step) {
    const int row = begin + first + sign * step;
    // Read a step ahead: its latency hides behind the products.
    const float next_input =
        step + 1 < rows ? gates[static_cast<size_t>(row + sign) * p.gates_stride] : 0.0f;
    const float* before = state + (step % 2) * kClusterHidden;
    float sums[kGroup] = {};
    MYNA_UNROLL
    for (int i = 0; i < kOwnWeights; i += kGroup) {
      const float4 values = *reinterpret_cast<const float4*>(before + own_column(half, i));
      sums[0] += weights[i] * values.x;
      sums[1] += weights[i + 1] * values.y;
      sums[2] += weights[i + 2] * values.z;
      sums[3] += weights[i + 3] * values.w;
    }
    float sum = (sums[0] + sums[1]) + (sums[2] + sums[3]);
    sum += shuffle_xor(sum, 1);
    const float value = sum + input;
    const float activated = gate == 2 ? tanhf(value) : sigmoid(value);
    const auto unit_lane = static_cast<unsigned>(lane / 8 * 8);
    const float input_gate = shuffle(activated, unit_lane);
    const float forget_gate = shuffle(activated, unit_lane + 2);
    const float candidate = shuffle(activated, unit_lane + 4);
    const float output_gate = shuffle(activated, unit_lane + 6);
    cell = forget_gate * cell + input_gate * candidate;
    const float hidden = output_gate * tanhf(cell);
    cluster_store(state + ((step + 1) % 2) * kClusterHidden + unit,
                  static_cast<unsigned>(thread % 8), hidden);
    if (thread % 8 == 0) {
      p.y[static_cast<size_t>(row) * p.y_stride + direction * kClusterHidden + unit] = hidden;
    }
    cluster_barrier();
    input = next_input;
  }
}

// Any other size: one block a direction and item, weights from the cache.
constexpr int kPlainThreads = 256;

__global__ void __launch_bounds__(kPlainThreads) plain_lstm_kernel(LstmTask p) {
  auto* state = reinterpret_cast<float*>(shared_storage());  // [hidden]
  float* cell = state + p.hidden;
  float* sums = cell + p.hidden;  // [4 * hidden]
  const int direction = static_cast<int>(blockIdx.y);
  const int item = static_cast<int>(blockIdx.z);
  const int begin = p.items.begin(item);
  const int rows = p.items.size(item);
  const float* matrix = p.recurrent + static_cast<size_t>(direction) * 4 * p.hidden * p.hidden;
  const int thread = static_cast<int>(threadIdx.x);
  for (int i = thread; i < p.hidden; i += kPlainThreads) state[i] = cell[i] = 0.0f;
  for (int step = 0; step < rows; ++step) {
    const int row = begin + (direction == 0 ? step : rows - 1 - step);
    block_barrier();
    for (int g = thread; g < 4 * p.hidden; g += kPlainThreads) {
      float sum = p.gates[static_cast<size_t>(row) * p.gates_stride + direction * 4 * p.hidden + g];
      for (int i = 0; i < p.hidden; ++i) {
        sum += matrix[static_cast<size_t>(g) * p.hidden + i] * state[i];
      }
      sums[g] = sum;
    }
    block_barrier();
    for (int i = thread; i < p.hidden; i += kPlainThreads) {
      const float candidate = tanhf(sums[2 * p.hidden + i]);
      cell[i] = sigmoid(sums[p.hidden + i]) * cell[i] + sigmoid(sums[i]) * candidate;
      state[i] = sigmoid(sums[3 * p.hidden + i]) * tanhf(cell[i]);
      p.y[static_cast<size_t>(row) * p.y_stride + direction * p.hidden + i] = state[i];
    }
  }
}

// Softmax on the way (arXiv 1805.02867): a warp has kWarpQueries queries of one head, walks over
// tiles of kKeys keys and keeps the largest score, the sum and the weighted values so far. A lane
// has one key of a tile for the scores, and every 32nd channel for the values.
constexpr int kAttentionThreads = 128;
constexpr int kAttentionWarps = kAttentionThreads / static_cast<int>(kLanes);
constexpr int kWarpQueries = 4;
constexpr int kBlockQueries = kAttentionWarps * kWarpQueries;
constexpr int kKeys = static_cast<int>(kLanes);
constexpr int kLaneChannels = kMaximumHeadWidth / static_cast<int>(kLanes);

__global__ void __launch_bounds__(kAttentionThreads) attention_kernel(AttentionTask p) {
  const int padded = p.width + 1;  // a column of keys falls into different banks
  auto* keys = reinterpret_cast<float*>(shared_storage());  // [kKeys][padded]
  float* values = keys + kKeys * padded;                    // [kKeys][padded]
  float* queries = values + kKeys * padded;                 // [kBlockQueries][padded]
  const int head = static_cast<int>(blockIdx.y);
  const int item = static_cast<int>(blockIdx.z);
  const int begin = p.items.begin(item);
  const int rows = p.items.size(item);
  const int first_query = static_cast<int>(blockIdx.x) * kBlockQueries;
  if (first_query >= rows) return;
  const int thread = static_cast<int>(threadIdx.x);
  const int lane = thread % static_cast<int>(kLanes);
  const int warp = thread / static_cast<int>(kLanes);
  const int column = head * p.width;
  const float scale = 1.0f / sqrtf(static_cast<float>(p.width));
  for (int i = thread; i < kBlockQueries * p.width; i += kAttentionThreads) {
    const int r = i / p.width, c = i % p.width;
    const bool inside = first_query + r < rows;
    queries[r * padded + c] =
        inside ? p.q[static_cast<size_t>(begin + first_query + r) * p.q_stride + column + c] * scale
               : 0.0f;
  }
  float highest[kWarpQueries], total[kWarpQueries], sums[kWarpQueries][kLaneChannels];
  MYNA_UNROLL
  for (int i = 0; i < kWarpQueries; ++i) {
    highest[i] = -3.0e38f;
    total[i] = 0.0f;
    MYNA_UNROLL
    for (int c = 0; c < kLaneChannels; ++c) sums[i][c] = 0.0f;
  }
  for (int first_key = 0; first_key < rows; first_key += kKeys) {
    block_barrier();
    for (int i = thread; i < kKeys * p.width; i += kAttentionThreads) {
      const int r = i / p.width, c = i % p.width;
      const bool inside = first_key + r < rows;
      const size_t row = static_cast<size_t>(begin + first_key + r);
      keys[r * padded + c] = inside ? p.k[row * p.k_stride + column + c] : 0.0f;
      values[r * padded + c] = inside ? p.v[row * p.v_stride + column + c] : 0.0f;
    }
    block_barrier();
    const int count = min(kKeys, rows - first_key);
    MYNA_UNROLL
    for (int i = 0; i < kWarpQueries; ++i) {
      const float* query = queries + (warp * kWarpQueries + i) * padded;
      float score = 0.0f;
      for (int c = 0; c < p.width; ++c) score += query[c] * keys[lane * padded + c];
      if (lane >= count) score = -3.0e38f;
      const float tile_highest = warp_maximum(score);
      const float now = tile_highest > highest[i] ? tile_highest : highest[i];
      const float correction = expf(highest[i] - now);
      const float weight = lane < count ? expf(score - now) : 0.0f;
      highest[i] = now;
      total[i] = total[i] * correction + warp_sum(weight);
      MYNA_UNROLL
      for (int c = 0; c < kLaneChannels; ++c) sums[i][c] *= correction;
      for (int r = 0; r < count; ++r) {
        const float share = shuffle(weight, static_cast<unsigned>(r));
        MYNA_UNROLL
        for (int c = 0; c < kLaneChannels; ++c) {
          const int channel = c * static_cast<int>(kLanes) + lane;
          if (channel < p.width) sums[i][c] += share * values[r * padded + channel];
        }
      }
    }
  }
  MYNA_UNROLL
  for (int i = 0; i < kWarpQueries; ++i) {
    const int row = first_query + warp * kWarpQueries + i;
    if (row >= rows) continue;
    MYNA_UNROLL
    for (int c = 0; c < kLaneChannels; ++c) {
      const int channel = c * static_cast<int>(kLanes) + lane;
      if (channel >= p.width) continue;
      p.y[static_cast<size_t>(begin + row) * p.y_stride + column + channel] = sums[i][c] / total[i];
    }
  }
}

}  // namespace

void run_lstm(Stream& stream, const LstmTask& task) {
  const auto items = static_cast<unsigned>(task.item_count);
  if (task.hidden == kClusterHidden) {
    launch(&cluster_lstm_kernel, {kClusterBlocks, 2, items}, kClusterThreads,
           2 * kClusterHidden * sizeof(float), stream, task, kClusterBlocks);
    return;
  }
  launch(&plain_lstm_kernel, {1, 2, items}, kPlainThreads,
         6 * static_cast<size_t>(task.hidden) * sizeof(float), stream, task);
}

void run_attention(Stream& stream, const AttentionTask& task) {
  assert(task.width <= kMaximumHeadWidth);
  const size_t shared =
      static_cast<size_t>(2 * kKeys + kBlockQueries) * static_cast<size_t>(task.width + 1);
  launch(&attention_kernel,
         {static_cast<unsigned>(divide_up(task.largest, kBlockQueries)),
          static_cast<unsigned>(task.heads), static_cast<unsigned>(task.item_count)},
         kAttentionThreads, shared * sizeof(float), stream, task);
}

}  // namespace myna::backend::cuda
