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

namespace {

struct MeterDestroyer {
  void operator()(ebur128_state* meter) const { ebur128_destroy(&meter); }
};
using MeterHandle = std::unique_ptr<ebur128_state, MeterDestroyer>;

MeterHandle make_meter(int sample_rate, int mode) {
  MeterHandle meter(ebur128_init(1, static_cast<unsigned long>(sample_rate), mode));
  if (meter == nullptr) throw std::bad_alloc();
  return meter;
}

void feed(ebur128_state* meter, std::span<const float> samples) {
  if (samples.empty()) return;
  if (ebur128_add_frames_float(meter, samples.data(), samples.size()) != EBUR128_SUCCESS) {
    throw std::bad_alloc();
  }
}

constexpr size_t kBlock = 512;
// libebur128's interpolation filter reaches 12 samples to the past at most four times oversampled
// (24 at twice); this many around a block make its true peak exact.
constexpr size_t kContext = 32;
// That filter's magnitudes sum to 1.9 at most, so that samples below half of the peak found so far
// cannot hold a higher one, not even where pieces of the signal are joined. Leaving them out makes
// measuring speech three times as fast.
constexpr float kRelevantPart = 0.5f;

}  // namespace

struct LoudnessMeter::State {
  State(int sample_rate, Scope scope)
      : loudness(make_meter(sample_rate, EBUR128_MODE_I)),
        peak(scope == Scope::kLoudness ? nullptr
                                       : make_meter(sample_rate, EBUR128_MODE_TRUE_PEAK)) {}

  // block: at most kBlock finite samples.
  void add(std::span<const float> block) {
    feed(loudness.get(), block);
    if (peak != nullptr) add_to_peak(block);
  }

  void add_to_peak(std::span<const float> block) {
    const float block_peak = sample_peak(block);
    if (block_peak > 0 && block_peak >= highest * kRelevantPart) {
      if (context_needed == 0) feed(peak.get(), context);
      feed(peak.get(), block);
      highest = std::max(highest, block_peak);
      context_needed = kContext;
    } else if (context_needed > 0) {
      const size_t count = std::min(context_needed, block.size());
      feed(peak.get(), block.first(count));
      context_needed -= count;
    }
    const size_t kept = kContext - std::min(kContext, block.size());
    std::copy(context.end() - static_cast<std::ptrdiff_t>(kept), context.end(), context.begin());
    const auto last = block.last(kContext - kept);
    std::copy(last.begin(), last.end(), context.begin() + static_cast<std::ptrdiff_t>(kept));
  }

  MeterHandle loudness;
  MeterHandle peak;
  float highest = 0;
  std::array<float, kContext> context{};  // the last samples that were added
  size_t context_needed = 0;              // samples still to feed after a relevant block
};

LoudnessMeter::LoudnessMeter(int sample_rate, Scope scope) {
  if (sample_rate < kMinSampleRate || sample_rate > kMaxSampleRate) {
    throw Error(ErrorCode::kInvalidArgument,
                "cannot measure loudness at " + std::to_string(sample_rate) + " Hz");
  }
  state_ = std::make_unique<State>(sample_rate, scope);
}

LoudnessMeter::~LoudnessMeter() = default;
LoudnessMeter::LoudnessMeter(LoudnessMeter&&) noexcept = default;
LoudnessMeter& LoudnessMeter::operator=(LoudnessMeter&&) noexcept = default;

void LoudnessMeter::add(std::span<const float> mono_samples) {
  std::array<float, kBlock> clean;
  while (!mono_samples.empty()) {
    const size_t count = std::min(mono_samples.size(), clean.size());
    for (size_t i = 0; i < count; ++i) {
      clean[i] = std::isfinite(mono_samples[i]) ? mono_samples[i] : 0.0f;
    }
    mono_samples = mono_samples.subspan(count);
    state_->add(std::span(clean).first(count));
  }
}

Loudness LoudnessMeter::result() const {
  Loudness loudness;
  double lufs = 0;
  // -HUGE_VAL when no block passes the gates.
  if (ebur128_loudness_global(state_->loudness.get(), &lufs) == EBUR128_SUCCESS &&
      std::isfinite(lufs)) {
    loudness.integrated_lufs = lufs;
  }
  double true_peak = 0;
  double peak = 0;
  if (state_->peak != nullptr) {
    ebur128_true_peak(state_->peak.get(), 0, &true_peak);
    ebur128_sample_peak(state_->peak.get(), 0, &peak);
  }
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
