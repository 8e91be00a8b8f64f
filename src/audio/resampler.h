// Sample rate conversion of mono streams by soxr (high quality: 20-bit precision, linear phase,
// flat to 0.91 of the lower Nyquist frequency).
#pragma once

#include <cstddef>
#include <memory>
#include <span>
#include <vector>

namespace myna::audio {

// Not thread-safe. The output does not depend on how the input is cut into calls.
class Resampler {
 public:
  // Rates in Hz, 1000 to 768000; equal rates pass the samples through. Throws Error
  // kInvalidArgument.
  Resampler(int input_rate, int output_rate);
  ~Resampler();
  Resampler(Resampler&&) noexcept;
  Resampler& operator=(Resampler&&) noexcept;

  // Appends to `out` what is ready. Non-finite samples count as 0.
  void process(std::span<const float> samples, std::vector<float>& out);
  // Ends the stream and appends the rest. The whole output is then exactly
  // resampled_length(input samples) long and aligned with the input (no delay). Afterwards the
  // object is ready for a new stream.
  void flush(std::vector<float>& out);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

// Samples after conversion: sample_count * output_rate / input_rate, rounded to nearest.
size_t resampled_length(size_t sample_count, int input_rate, int output_rate);

// A whole signal at once.
std::vector<float> resample(std::span<const float> samples, int input_rate, int output_rate);

}  // namespace myna::audio
