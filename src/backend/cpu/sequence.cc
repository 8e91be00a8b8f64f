#include "backend/cpu/sequence.h"

#include <algorithm>
#include <cassert>
#include <cmath>
#include <cstring>

namespace myna::backend::cpu {
namespace {

constexpr size_t kGateGroup = 64;  // as lstm_recurrence reads them

}  // namespace

PackedBiLstm::Direction PackedBiLstm::pack(size_t input_channels, size_t hidden,
                                           const ops::LstmDirection& direction,
                                           ops::Precision precision) {
  assert(4 * hidden % kGateGroup == 0);
  std::vector<float> bias(4 * hidden);
  for (size_t g = 0; g < bias.size(); ++g) {
    bias[g] = direction.input_bias[g] + direction.recurrent_bias[g];
  }
  const ops::Conv1dSpec spec{input_channels, 4 * hidden, 1, 1, 1, 0};
  Direction packed{PackedConv1d(spec, direction.input_weight, bias, precision),
                   std::vector<float>(4 * hidden * hidden)};
  for (size_t g = 0; g < 4 * hidden; ++g) {
    for (size_t k = 0; k < hidden; ++k) {
      packed.recurrent[(g / kGateGroup * hidden + k) * kGateGroup + g % kGateGroup] =
          direction.recurrent_weight.at(g * hidden + k, g);
    }
  }
  return packed;
}

PackedBiLstm::PackedBiLstm(size_t input_channels, size_t hidden, const ops::LstmDirection& forward,
                           const ops::LstmDirection& backward, ops::Precision precision)
    : hidden_(hidden),
      directions_{pack(input_channels, hidden, forward, precision),
                  pack(input_channels, hidden, backward, precision)} {}

void PackedBiLstm::run(const Context& context, ops::ConstRows x, ops::Rows y,
                       ops::Arena& arena) const {
  assert(y.channels == 2 * hidden_ && y.rows == x.rows);
  if (x.rows == 0) return;
  const ops::Arena::Scope scope(arena);
  ops::Rows gates[2];
  float* cells[2];
  for (size_t d = 0; d < 2; ++d) {
    gates[d] = arena.rows(x.rows, 4 * hidden_);
    cells[d] = arena.allocate<float>(hidden_);
    run_conv1d(context, directions_[d].input, x, 0, {}, {}, gates[d], arena);
  }
  context.pool.parallel_for(2, [&](size_t d, unsigned) {
    std::fill_n(cells[d], hidden_, 0.0f);
    const float* state = nullptr;
    for (size_t step = 0; step < x.rows; ++step) {
      const size_t t = d == 0 ? step : x.rows - 1 - step;
      float* sums = gates[d].row(t);
      if (state != nullptr) {
        context.vector.lstm_recurrence(directions_[d].recurrent.data(), state, hidden_, sums);
      }
      float* next = y.row(t) + d * hidden_;
      context.vector.lstm_activate(sums, hidden_, cells[d], next);
      state = next;
    }
  });
}

void run_attention(const Context& context, ops::ConstRows q, ops::ConstRows k, ops::ConstRows v,
                   size_t heads, ops::Rows y, ops::Arena& arena) {
  if (q.rows == 0) return;
  const ops::Arena::Scope scope(arena);
  const size_t width = q.channels / heads;
  const size_t key_blocks = (k.rows + kBlockColumns - 1) / kBlockColumns;
  const size_t padded_keys = key_blocks * kBlockColumns;
  const size_t value_blocks = (width + kBlockColumns - 1) / kBlockColumns;
  const size_t key_floats = width * padded_keys;
  const size_t value_floats = value_blocks * kBlockColumns * k.rows;
  const size_t scratch = key_floats + value_floats + kBlockRows * padded_keys;
  float* all_scratch = arena.allocate<float>(scratch * context.pool.size());
  const float scale = 1.0f / std::sqrt(static_cast<float>(width));

  context.pool.parallel_for(heads, [&](size_t head, unsigned thread) {
    float* key_panels = all_scratch + thread * scratch;  // [block][width][32]
    float* value_panels = key_panels + key_floats;       // [block][keys][32]
    float* scores = value_panels + value_floats;         // [12][padded keys]
    std::memset(key_panels, 0, (key_floats + value_floats) * sizeof(float));
    const size_t first = head * width;
    for (size_t s = 0; s < k.rows; ++s) {
      float* panel = key_panels + s / kBlockColumns * width * kBlockColumns + s % kBlockColumns;
      for (size_t c = 0; c < width; ++c) {
        panel[c * kBlockColumns] = k.row(s)[first + c];
        value_panels[(c / kBlockColumns * k.rows + s) * kBlockColumns + c % kBlockColumns] =
            v.row(s)[first + c];
      }
    }
    alignas(64) float sums[kBlockRows * kBlockColumns];
    for (size_t t = 0; t < q.rows; t += kBlockRows) {
      const size_t rows = std::min(kBlockRows, q.rows - t);
      for (size_t block = 0; block < key_blocks; ++block) {
        context.micro.float_block({q.row(t) + first, q.stride, 0, 1, width,
                                   key_panels + block * width * kBlockColumns, 0},
                                  rows, sums);
        for (size_t i = 0; i < rows; ++i) {
          std::memcpy(scores + i * padded_keys + block * kBlockColumns, sums + i * kBlockColumns,
                      kBlockColumns * sizeof(float));
        }
      }
      for (size_t i = 0; i < rows; ++i) {
        context.vector.softmax_row(scores + i * padded_keys, k.rows, scale);
      }
      for (size_t block = 0; block < value_blocks; ++block) {
        context.micro.float_block(
            {scores, padded_keys, 0, 1, k.rows, value_panels + block * k.rows * kBlockColumns, 0},
            rows, sums);
        const size_t columns = std::min(kBlockColumns, width - block * kBlockColumns);
        for (size_t i = 0; i < rows; ++i) {
          std::memcpy(y.row(t + i) + first + block * kBlockColumns, sums + i * kBlockColumns,
                      columns * sizeof(float));
        }
      }
    }
  });
}

}  // namespace myna::backend::cpu
