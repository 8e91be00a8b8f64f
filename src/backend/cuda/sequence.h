// The LSTM's recurrence and attention on the device.
#pragma once

#include "backend/cuda/runtime.h"
#include "backend/cuda/tile_layout.h"

namespace myna::backend::cuda {

// Both directions of a bidirectional LSTM from their input products.
struct LstmTask {
  const float* gates;  // [rows, 2 * 4 * hidden]: forward, backward; biases included
  int gates_stride;
  const float* recurrent;  // [2][4 * hidden][hidden]
  int hidden;
  Items items;
  int item_count;
  float* y;  // [rows, 2 * hidden]
  int y_stride;
};
void run_lstm(Stream& stream, const LstmTask& task);

struct AttentionTask {
  const float* q;
  const float* k;
  const float* v;
  int q_stride, k_stride, v_stride;
  Items items;
  int item_count, largest, heads, width;  // channels of a head: up to kMaximumHeadWidth
  float* y;
  int y_stride;
};
inline constexpr int kMaximumHeadWidth = 128;
void run_attention(Stream& stream, const AttentionTask& task);

}  // namespace myna::backend::cuda
