#include "audio/resampler.h"

#include <soxr.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <string>
#include <utility>

#include "base/error.h"

namespace myna::audio {
namespace {

constexpr int kMinRate = 1000;
constexpr int kMaxRate = 768000;
// soxr is fed and drained in pieces of this many samples, to bound the scratch memory.
constexpr size_t kPiece = 4096;

struct SoxrDeleter {
  void operator()(soxr* resampler) const { soxr_delete(resampler); }
};
using SoxrHandle = std::unique_ptr<soxr, SoxrDeleter>;

SoxrHandle make_soxr(int input_rate, int output_rate) {
  soxr_error_t error = nullptr;
  const soxr_io_spec_t io = soxr_io_spec(SOXR_FLOAT32_I, SOXR_FLOAT32_I);
  const soxr_quality_spec_t quality = soxr_quality_spec(SOXR_HQ, 0);
  const soxr_runtime_spec_t runtime = soxr_runtime_spec(1);
  SoxrHandle handle(soxr_create(input_rate, output_rate, 1, &error, &io, &quality, &runtime));
  if (error != nullptr || handle == nullptr) {
    throw Error(ErrorCode::kInternal, "cannot resample from " + std::to_string(input_rate) +
                                          " Hz to " + std::to_string(output_rate) +
                                          " Hz: " + soxr_strerror(error));
  }
  return handle;
}

}  // namespace

size_t resampled_length(size_t sample_count, int input_rate, int output_rate) {
  // In integers: a double would be off after 2^53 / rate samples, and rounding must not depend on
  // it.
  const auto count = static_cast<unsigned __int128>(sample_count);
  const auto in = static_cast<unsigned __int128>(input_rate);
  const auto out = static_cast<unsigned __int128>(output_rate);
  return static_cast<size_t>((count * out + in / 2) / in);
}

struct Resampler::State {
  int input_rate;
  int output_rate;
  SoxrHandle handle;  // nothing when the rates are equal
  size_t input_count = 0;
  size_t output_count = 0;

  // input may be null: end of stream. Returns how many samples came out.
  size_t step(const float* input, size_t count, std::vector<float>& out, size_t& consumed) {
    std::array<float, kPiece> piece;
    size_t produced = 0;
    consumed = 0;
    if (const soxr_error_t error = soxr_process(handle.get(), input, count, &consumed, piece.data(),
                                                piece.size(), &produced)) {
      throw Error(ErrorCode::kInternal, std::string("resampling failed: ") + error);
    }
    out.insert(out.end(), piece.begin(), piece.begin() + static_cast<std::ptrdiff_t>(produced));
    output_count += produced;
    return produced;
  }
};

Resampler::Resampler(int input_rate, int output_rate) {
  for (const int rate : {input_rate, output_rate}) {
    if (rate < kMinRate || rate > kMaxRate) {
      throw Error(ErrorCode::kInvalidArgument,
                  "a sample rate of " + std::to_string(rate) + " Hz is not supported",
                  "use " + std::to_string(kMinRate) + " to " + std::to_string(kMaxRate) + " Hz");
    }
  }
  state_ = std::make_unique<State>();
  state_->input_rate = input_rate;
  state_->output_rate = output_rate;
  if (input_rate != output_rate) state_->handle = make_soxr(input_rate, output_rate);
}

Resampler::~Resampler() = default;
Resampler::Resampler(Resampler&&) noexcept = default;
Resampler& Resampler::operator=(Resampler&&) noexcept = default;

void Resampler::process(std::span<const float> samples, std::vector<float>& out) {
  State& state = *state_;
  state.input_count += samples.size();
  std::array<float, kPiece> clean;
  while (!samples.empty()) {
    const size_t count = std::min(samples.size(), clean.size());
    for (size_t i = 0; i < count; ++i) clean[i] = std::isfinite(samples[i]) ? samples[i] : 0.0f;
    samples = samples.subspan(count);
    if (state.handle == nullptr) {
      out.insert(out.end(), clean.begin(), clean.begin() + static_cast<std::ptrdiff_t>(count));
      continue;
    }
    for (size_t done = 0; done < count;) {
      size_t consumed = 0;
      const size_t produced = state.step(clean.data() + done, count - done, out, consumed);
      if (consumed == 0 && produced == 0) {
        throw Error(ErrorCode::kInternal, "resampling made no progress");
      }
      done += consumed;
    }
  }
}

void Resampler::flush(std::vector<float>& out) {
  State& state = *state_;
  if (state.handle != nullptr) {
    const size_t size_before = out.size();
    size_t consumed = 0;
    while (state.step(nullptr, 0, out, consumed) > 0) {
    }
    // soxr's own end is within a sample or so of the exact length. What earlier calls returned is
    // never more than that: it lags by the filter's delay.
    const size_t wanted = resampled_length(state.input_count, state.input_rate, state.output_rate);
    const size_t excess = state.output_count - std::min(wanted, state.output_count);
    const size_t missing = wanted - std::min(wanted, state.output_count);
    out.resize(out.size() - std::min(excess, out.size() - size_before) + missing, 0.0f);
    state.handle = make_soxr(state.input_rate, state.output_rate);
  }
  state.input_count = 0;
  state.output_count = 0;
}

std::vector<float> resample(std::span<const float> samples, int input_rate, int output_rate) {
  std::vector<float> out;
  out.reserve(resampled_length(samples.size(), input_rate, output_rate) + kPiece);
  Resampler resampler(input_rate, output_rate);
  resampler.process(samples, out);
  resampler.flush(out);
  return out;
}

}  // namespace myna::audio
