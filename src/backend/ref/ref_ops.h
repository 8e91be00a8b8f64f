// The reference backend's free functions, by subject; ref_backend.cc puts them behind the
// interface.
#pragma once

#include <span>
#include <vector>

#include "ops/backend.h"

namespace myna::backend::ref {

float transform_input(const ops::InputTransform& transform, float value, size_t channel);
float activate(ops::Activation activation, float slope, float alpha, float value);

// ref_sequence.cc
void attention(ops::ConstRows q, ops::ConstRows k, ops::ConstRows v, size_t heads, ops::Rows y);
struct LstmWeights {
  size_t input = 0;
  size_t hidden = 0;
  std::vector<float> input_weight;      // [4 * hidden, input]
  std::vector<float> recurrent_weight;  // [4 * hidden, hidden]
  std::vector<float> bias;              // [4 * hidden]
};
LstmWeights make_lstm(size_t input, size_t hidden, const ops::LstmDirection& direction);
enum class Direction { kForward, kBackward };
void lstm(const LstmWeights& weights, ops::ConstRows x, Direction direction, ops::Rows y);

// ref_signal.cc
void sine_source(const ops::SineSourceSpec& spec, const ops::SourceVariation& variation,
                 std::span<const float> f0_hz, std::span<float> samples);
void stft(std::span<const float> samples, size_t fft_size, size_t hop, ops::Rows y);
void inverse_stft_head(ops::ConstRows x, size_t fft_size, size_t hop, std::span<float> samples);

}  // namespace myna::backend::ref
