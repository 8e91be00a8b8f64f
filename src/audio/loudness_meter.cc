#include <ebur128.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <new>
#include <string>

#include "audio/encoder.h"
#include "audio/loudness.h"
#include "audio/pcm.h"
#include "base/error.h"

namespace myna::audio {

struct LoudnessMeter::State {
  ebur128_state* meter;
  explicit State(int sample_rate)
      : meter(ebur128_init(1, static_cast<unsigned long>(sample_rate),
                           EBUR128_MODE_I | EBUR128_MODE_TRUE_PEAK)) {
    if (meter == nullptr) throw std::bad_alloc();
  }
  State(const State&) = delete;
  State& operator=(const State&) = delete;
  ~State() { ebur128_destroy(&meter); }
};

LoudnessMeter::LoudnessMeter(int sample_rate) {
  if (sample_rate < kMinSampleRate || sample_rate > kMaxSampleRate) {
    throw Error(ErrorCode::kInvalidArgument,
                "cannot measure loudness at " + std::to_string(sample_rate) + " Hz");
  }
  state_ = std::make_unique<State>(sample_rate);
}

LoudnessMeter::~LoudnessMeter() = default;
LoudnessMeter::LoudnessMeter(LoudnessMeter&&) noexcept = default;
LoudnessMeter& LoudnessMeter::operator=(LoudnessMeter&&) noexcept = default;

void LoudnessMeter::add(std::span<const float> mono_samples) {
  std::array<float, 4096> clean;
  while (!mono_samples.empty()) {
    const size_t count = std::min(mono_samples.size(), clean.size());
    for (size_t i = 0; i < count; ++i) {
      clean[i] = std::isfinite(mono_samples[i]) ? mono_samples[i] : 0.0f;
    }
    mono_samples = mono_samples.subspan(count);
    if (ebur128_add_frames_float(state_->meter, clean.data(), count) != EBUR128_SUCCESS) {
      throw std::bad_alloc();
    }
  }
}

Loudness LoudnessMeter::result() const {
  Loudness loudness;
  double lufs = 0;
  // -HUGE_VAL when no block passes the gates.
  if (ebur128_loudness_global(state_->meter, &lufs) == EBUR128_SUCCESS && std::isfinite(lufs)) {
    loudness.integrated_lufs = lufs;
  }
  double true_peak = 0;
  double peak = 0;
  ebur128_true_peak(state_->meter, 0, &true_peak);
  ebur128_sample_peak(state_->meter, 0, &peak);
  loudness.true_peak_dbtp = amplitude_to_db(true_peak);
  loudness.sample_peak_dbfs = amplitude_to_db(peak);
  return loudness;
}

Loudness measure_loudness(std::span<const float> mono_samples, int sample_rate) {
  LoudnessMeter meter(sample_rate);
  meter.add(mono_samples);
  return meter.result();
}

}  // namespace myna::audio
