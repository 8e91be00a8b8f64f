#include "audio/true_peak_limiter.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
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
constexpr double kMarginDb = 0.2;

// Samples are taken in blocks of this many, to keep the interpolation in vector registers.
constexpr size_t kBlock = 512;

// filter[p] gives the value (p + 1) / 4 of the way from sample kHalfTaps - 1 to sample kHalfTaps of
// its kTaps inputs.
struct InterpolationFilter {
  std::array<std::array<float, kTaps>, kOversampling - 1> phases;
  float largest_gain;  // no output exceeds the largest input by more than this factor
};

// Blackman-windowed sinc.
InterpolationFilter make_filter() {
  InterpolationFilter filter{};
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
    float magnitudes = 0;
    for (size_t k = 0; k < kTaps; ++k) {
      const auto tap = static_cast<float>(taps[k] / sum);
      filter.phases[static_cast<size_t>(phase - 1)][k] = tap;
      magnitudes += std::abs(tap);
    }
    filter.largest_gain = std::max(filter.largest_gain, magnitudes * 1.0001f);
  }
  return filter;
}

// The mean of the last `length` values, of 1.0 before the start.
class MovingAverage {
 public:
  explicit MovingAverage(size_t length)
      : values_(length, 1.0), sum_(static_cast<double>(length)), scale_(1.0 / sum_) {}

  double push(double value) {
    sum_ += value - values_[next_];
    values_[next_] = value;
    if (++next_ == values_.size()) next_ = 0;
    return sum_ * scale_;
  }

 private:
  std::vector<double> values_;
  size_t next_ = 0;
  double sum_;
  double scale_;
};

// The minimum of the last `length` values, by a ring of the candidates in rising order.
class MovingMinimum {
 public:
  explicit MovingMinimum(size_t length) : length_(length), ring_(std::bit_ceil(length + 1)) {}

  double push(double value) {
    const size_t mask = ring_.size() - 1;
    while (begin_ != end_ && ring_[(end_ - 1) & mask].value >= value) --end_;
    ring_[end_++ & mask] = {count_, value};
    if (ring_[begin_ & mask].index + length_ <= count_) ++begin_;
    ++count_;
    return ring_[begin_ & mask].value;
  }

 private:
  struct Candidate {
    size_t index;
    double value;
  };
  size_t length_;
  size_t count_ = 0;
  std::vector<Candidate> ring_;
  size_t begin_ = 0;  // these two only count up; the mask makes them positions
  size_t end_ = 0;
};

void check_range(bool in_range, const std::string& what, double value) {
  if (!in_range || !std::isfinite(value)) {
    throw Error(ErrorCode::kInvalidArgument,
                "the limiter's " + what + " is out of range: " + std::to_string(value));
  }
}

}  // namespace

// The chain, for the sample x[t] that enters:
//   the true peak around x[n], n = t - kHalfTaps -> the gain that it needs
//   -> minimum over the window -> release -> two moving averages -> the gain of x[t - delay].
// The minimum spans `window` samples and the averages together as many, so that every value in the
// averages is at most the gain that x[t - delay] needs: their mean is, too.
struct TruePeakLimiter::State {
  State(int sample_rate, const LimiterOptions& limiter_options)
      : rate(sample_rate),
        options(limiter_options),
        gain(static_cast<float>(db_to_amplitude(limiter_options.gain_db))),
        ceiling(static_cast<float>(db_to_amplitude(limiter_options.ceiling_dbtp - kMarginDb))),
        release(1.0 - std::exp(-1000.0 / (limiter_options.release_ms * sample_rate))),
        window(std::max<size_t>(2, samples_for_ms(limiter_options.look_ahead_ms, sample_rate))),
        delay(window - 1 + kHalfTaps),
        minimum(window),
        first_average(window / 2 + 1),
        second_average(window - window / 2),
        delayed(delay, 0.0f) {}

  // count <= kBlock samples go in, as many come out, `delay` samples late.
  void push(const float* samples, size_t count, float* out) {
    float loudest = 0;
    for (float carried : std::span(line).first(kTaps - 1)) {
      loudest = std::max(loudest, std::abs(carried));
    }
    float* entering = line.data() + kTaps - 1;
    for (size_t i = 0; i < count; ++i) {
      entering[i] = std::isfinite(samples[i]) ? samples[i] * gain : 0.0f;
      loudest = std::max(loudest, std::abs(entering[i]));
    }
    // Most of speech is far below the ceiling: nothing to interpolate then.
    if (loudest * filter.largest_gain > ceiling) {
      interpolate(count);
    } else {
      interval_peaks.fill(0.0f);
    }
    for (size_t i = 0; i < count; ++i) {
      // line[i + kHalfTaps - 1] is x[n]; interval_peaks[i] lies between it and the next sample.
      const float peak =
          std::max({previous_interval_peak, interval_peaks[i], std::abs(line[i + kHalfTaps - 1])});
      previous_interval_peak = interval_peaks[i];
      const float leaving = delayed[position];
      delayed[position] = entering[i];
      if (++position == delay) position = 0;
      out[i] = static_cast<float>(leaving * next_gain(peak));
    }
    std::copy_n(line.begin() + static_cast<std::ptrdiff_t>(count), kTaps - 1, line.begin());
  }

  // interval_peaks[i]: the largest magnitude strictly between line[i + 11] and line[i + 12].
  void interpolate(size_t count) {
    interval_peaks.fill(0.0f);
    for (const auto& phase : filter.phases) {
      std::array<float, kBlock> sums{};
      for (size_t k = 0; k < kTaps; ++k) {
        const float tap = phase[k];
        const float* input = line.data() + k;
        for (size_t i = 0; i < count; ++i) sums[i] += tap * input[i];
      }
      for (size_t i = 0; i < count; ++i) {
        interval_peaks[i] = std::max(interval_peaks[i], std::abs(sums[i]));
      }
    }
  }

  double next_gain(float peak) {
    const double held = minimum.push(peak > ceiling ? static_cast<double>(ceiling) / peak : 1.0);
    released = held < released ? held : released + (held - released) * release;
    const double smooth = second_average.push(first_average.push(released));
    lowest_gain = std::min(lowest_gain, smooth);
    return smooth;
  }

  int rate;
  LimiterOptions options;
  float gain;
  float ceiling;
  double release;
  size_t window;
  size_t delay;
  MovingMinimum minimum;
  MovingAverage first_average;
  MovingAverage second_average;
  InterpolationFilter filter = make_filter();
  std::array<float, kBlock + kTaps - 1> line{};  // the last kTaps - 1 samples, then the block
  std::array<float, kBlock> interval_peaks{};
  std::vector<float> delayed;  // ring of the last `delay` samples
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
  std::array<float, kBlock> block;
  while (!samples.empty()) {
    const size_t count = std::min(samples.size(), kBlock);
    state.push(samples.data(), count, block.data());
    // The first `delay` samples that come out were never put in.
    const size_t skip = std::min(count, state.delay - std::min(state.delay, state.input_count));
    out.insert(out.end(), block.begin() + static_cast<std::ptrdiff_t>(skip),
               block.begin() + static_cast<std::ptrdiff_t>(count));
    state.input_count += count;
    samples = samples.subspan(count);
  }
}

void TruePeakLimiter::flush(std::vector<float>& out) {
  const std::vector<float> silence(state_->delay, 0.0f);
  process(silence, out);
  const double lowest_gain = state_->lowest_gain;
  *state_ = State(state_->rate, state_->options);
  state_->lowest_gain = lowest_gain;
}

double TruePeakLimiter::max_reduction_db() const { return -amplitude_to_db(state_->lowest_gain); }

}  // namespace myna::audio
