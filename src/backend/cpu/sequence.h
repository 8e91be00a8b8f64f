// LSTM and attention of the CPU backend.
#pragma once

#include "backend/cpu/convolution.h"

namespace myna::backend::cpu {

// Both directions' input products run as one linear layer over all time steps; what is left for
// the serial part is one matrix-vector product a step and direction. The directions run side by
// side on two threads.
class PackedBiLstm final : public ops::PreparedWeights {
 public:
  PackedBiLstm(size_t input_channels, size_t hidden, const ops::LstmDirection& forward,
               const ops::LstmDirection& backward, ops::Precision precision);
  void run(const Context& context, ops::ConstRows x, ops::Rows y, ops::Arena& arena) const;

 private:
  struct Direction {
    PackedConv1d input;            // [input] -> [4 * hidden], bias included
    std::vector<float> recurrent;  // [4 * hidden / 64][hidden][64]
  };
  static Direction pack(size_t input_channels, size_t hidden, const ops::LstmDirection& direction,
                        ops::Precision precision);

  size_t hidden_;
  Direction directions_[2];  // forward, backward
};

void run_attention(const Context& context, ops::ConstRows q, ops::ConstRows k, ops::ConstRows v,
                   size_t heads, ops::Rows y, ops::Arena& arena);

}  // namespace myna::backend::cpu
