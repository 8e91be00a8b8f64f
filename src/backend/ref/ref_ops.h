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

// ref_conv_next.cc
struct ConvNextStack {
  struct Linear {
    std::vector<float> weight, bias;
  };
  struct Block {
    std::vector<float> depthwise_weight, depthwise_bias;
    Linear up, down;
  };
  ops::ConvNextSpec spec;
  Linear in;
  std::vector<Block> blocks;
  Linear out;
};
ConvNextStack make_conv_next(const ops::ConvNextSpec& spec, const ops::ConvNextWeights& weights);
void conv_next(const ConvNextStack& stack, ops::ConstRows x, const float* film, ops::Rows y);

// ref_source_filter.cc
std::vector<double> pulse_train(const ops::SourceFilterSpec& spec, std::span<const float> f0_hz);
void source_filter(const ops::SourceFilterSpec& spec, const ops::SourceFilterVariation& variation,
                   ops::ConstRows head, std::span<const float> f0_hz, std::span<float> samples);

}  // namespace myna::backend::ref
