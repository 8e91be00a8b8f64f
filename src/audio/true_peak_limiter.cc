#include "audio/true_peak_limiter.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <deque>
#include <numbers>
#include <string>

#include "audio/encoder.h"
#include "audio/pcm.h"
#include "base/error.h"

namespace myna::audio {
namespace {

constexpr int kOversampling = 4;
// Taps on each side of the interpolated point. 12 keep the 4x estimate within 0.1 dB up to 0.45 of
// the sample rate; BS.1770's own filter has 6.
constexpr int kHalfTaps = 12;
constexpr int kTaps = 2 * kHalfTaps;
// The ceiling that is really kept lies this far below: a gain that moves under the interpolation
// filter, and meters with finer oversampling than 4x, read slightly more than our estimate.
constexpr double kMarginDb = 0.1;

using InterpolationFilter = std::array<std::array<float, kTaps>, kOversampling - 1>;

// Blackman-windowed sinc: filter[p] gives the value (p + 1) / 4 of the way from sample kHalfTaps -
// 1 to sample kHalfTaps of its kTaps inputs.
InterpolationFilter make_filter() {
  InterpolationFilter filter;
  for (int phase = 1; phase < kOversampling; ++phase) {
    double sum = 0;
    std::array<double, kTaps> taps;
    for (int k = 0; k < kTaps; ++k) {
      const double x = k - (kHalfTaps - 1) - static_cast<double>(phase) / kOversampling;
      const double t = x / kHalfTaps;  // in (-1, 1)
      const double window =
          0.42 + 0.5 * std::cos(std::numbers::pi * t) + 0.08 * std::cos(2 * std::numbers::pi * t);
      const double sinc = std::sin(std::numbers::pi * x) / (std::numbers::pi * x);
      taps[static_cast<size_t>(k)] = sinc * window;
      sum += taps[static_cast<size_t>(k)];
    }
    for (size_t k = 0; k < kTaps; ++k) {
      filter[static_cast<size_t>(phase - 1)][k] = static_cast<float>(taps[k] / sum);
    }
  }
  return filter;
}

// The mean of the last `length` values, of 1.0 before the start.
class MovingAverage {
 public:
  explicit MovingAverage(size_t length) : values_(length, 1.0), sum_(static_cast<double>(length)) {}

  double push(double value) {
    sum_ += value - values_[next_];
    values_[next_] = value;
    next_ = (next_ + 1) % values_.size();
    return sum_ / static_cast<double>(values_.size());
  }

 private:
  std::vector<double> values_;
  size_t next_ = 0;
  double sum_;
};

// The minimum of the last `length` values, by a queue of the candidates in rising order.
class MovingMinimum {
 public:
  explicit MovingMinimum(size_t length) : length_(length) {}

  double push(double value) {
    while (!queue_.empty() && queue_.back().value >= value) queue_.pop_back();
    queue_.push_back({count_, value});
    if (queue_.front().index + length_ <= count_) queue_.pop_front();
    ++count_;
    return queue_.front().value;
  }

 private:
  struct Candidate {
    size_t index;
    double value;
  };
  size_t length_;
  size_t count_ = 0;
  std::deque<Candidate> queue_;
};

void check_range(bool in_range, const std::string& what, double value) {
  if (!in_range || !std::isfinite(value)) {
    throw Error(ErrorCode::kInvalidArgument,
                "the limiter's " + what + " is out of range: " + std::to_string(value));
  }
}

}  // namespace

// One sample goes in at a time, through this chain (n counts samples):
//   input x[n] -> the true peak around x[n - kHalfTaps] -> the gain it needs
//   -> minimum over the window -> release -> two moving averages -> gain of an older sample.
// The minimum spans window_ samples and the averages together as many, so that every value in the
// averages at sample n is at most the gain that n needs: their mean is, too.
struct TruePeakLimiter::State {
  State(int sample_rate, const LimiterOptions& limiter_options)
      : rate(sample_rate),
        options(limiter_options),
        gain(db_to_amplitude(limiter_options.gain_db)),
        ceiling(db_to_amplitude(limiter_options.ceiling_dbtp - kMarginDb)),
        release(1.0 - std::exp(-1000.0 / (limiter_options.release_ms * sample_rate))),
        window(std::max<size_t>(2, samples_for_ms(limiter_options.look_ahead_ms, sample_rate))),
        delay(window - 1 + kHalfTaps),
        minimum(window),
        first_average(window / 2 + 1),
        second_average(window - window / 2),
        history(delay + kTaps, 0.0f) {}

  // Returns the sample that leaves; it is `delay` older than the one that enters.
  float push(float sample) {
    std::rotate(recent.begin(), recent.begin() + 1, recent.end());
    recent.back() = static_cast<float>(sample * gain);
    history[position] = recent.back();

    // recent[kHalfTaps - 1] is the sample of this estimate; the interval after it is new, the one
    // before it was estimated by the previous call.
    float interval_peak = 0;
    for (const auto& phase : filter) {
      float sum = 0;
      for (size_t k = 0; k < kTaps; ++k) sum += phase[k] * recent[k];
      interval_peak = std::max(interval_peak, std::abs(sum));
    }
    const float peak =
        std::max({previous_interval_peak, interval_peak, std::abs(recent[kHalfTaps - 1])});
    previous_interval_peak = interval_peak;

    const double needed = peak > ceiling ? ceiling / peak : 1.0;
    const double held = minimum.push(needed);
    released = held < released ? held : released + (held - released) * release;
    const double smooth = second_average.push(first_average.push(released));

    const size_t oldest = (position + history.size() - delay) % history.size();
    position = (position + 1) % history.size();
    // The rounding of the running sums may leave 1 - 1e-16.
    const double applied = std::min(1.0, smooth);
    lowest_gain = std::min(lowest_gain, applied);
    return static_cast<float>(history[oldest] * applied);
  }

  int rate;
  LimiterOptions options;
  double gain;
  double ceiling;
  double release;
  size_t window;
  size_t delay;
  MovingMinimum minimum;
  MovingAverage first_average;
  MovingAverage second_average;
  InterpolationFilter filter = make_filter();
  std::array<float, kTaps> recent{};
  std::vector<float> history;
  size_t position = 0;
  float previous_interval_peak = 0;
  double released = 1.0;
  double lowest_gain = 1.0;
  size_t input_count = 0;
};

TruePeakLimiter::TruePeakLimiter(int sample_rate, const LimiterOptions& options) {
  check_range(sample_rate >= kMinSampleRate && sample_rate <= kMaxSampleRate, "sample rate",
              sample_rate);
  check_range(std::abs(options.gain_db) <= 100, "gain in dB", options.gain_db);
  check_range(options.ceiling_dbtp <= 0 && options.ceiling_dbtp >= -60, "ceiling in dBTP",
              options.ceiling_dbtp);
  check_range(options.look_ahead_ms >= 0.5 && options.look_ahead_ms <= 100, "look-ahead in ms",
              options.look_ahead_ms);
  check_range(options.release_ms >= 1 && options.release_ms <= 10000, "release time in ms",
              options.release_ms);
  state_ = std::make_unique<State>(sample_rate, options);
}

TruePeakLimiter::~TruePeakLimiter() = default;
TruePeakLimiter::TruePeakLimiter(TruePeakLimiter&&) noexcept = default;
TruePeakLimiter& TruePeakLimiter::operator=(TruePeakLimiter&&) noexcept = default;

void TruePeakLimiter::process(std::span<const float> samples, std::vector<float>& out) {
  State& state = *state_;
  out.reserve(out.size() + samples.size());
  for (const float sample : samples) {
    const float leaving = state.push(std::isfinite(sample) ? sample : 0.0f);
    if (state.input_count++ >= state.delay) out.push_back(leaving);
  }
}

void TruePeakLimiter::flush(std::vector<float>& out) {
  State& state = *state_;
  const size_t pending = std::min(state.input_count, state.delay);
  // A stream shorter than the delay: its first sample leaves only after `delay` pushes.
  for (size_t skip = state.delay - pending; skip > 0; --skip) state.push(0.0f);
  for (size_t i = 0; i < pending; ++i) out.push_back(state.push(0.0f));
  const double lowest_gain = state.lowest_gain;
  *state_ = State(state.rate, state.options);
  state_->lowest_gain = lowest_gain;
}

double TruePeakLimiter::max_reduction_db() const { return -amplitude_to_db(state_->lowest_gain); }

}  // namespace myna::audio
