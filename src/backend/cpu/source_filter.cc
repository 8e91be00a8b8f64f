#include "backend/cpu/source_filter.h"

#include <algorithm>
#include <array>
#include <cassert>
#include <cmath>

#include "base/error.h"
#include "ops/signal_math.h"

namespace myna::backend::cpu {
namespace {

// Groups of frames that a thread has in work: a window reaches the frame beside its own, and is
// reached by it. What they need then stays in the second-level cache.
constexpr size_t kSlots = 6, kKept = 3;
constexpr size_t kWindowRows = kWindows * kFourierSize;

size_t round_up(size_t value, size_t step) { return (value + step - 1) / step * step; }

// An odd number of cache lines, so that rows do not fall upon each other.
size_t row_stride(size_t columns) { return round_up(columns, 16) | 16; }

void split(double value, float& high, float& low) {
  high = static_cast<float>(value);
  low = static_cast<float>(value - static_cast<double>(high));
}

// For the frames [first, first + count) of the utterance, which may lie outside of it.
PulseFrames make_pulse_frames(const ops::SourceFilterSpec& spec, std::span<const float> f0_hz,
                              ptrdiff_t first, size_t count, ops::Arena& arena) {
  PulseFrames frames{};
  for (float** curve :
       {&frames.before, &frames.slope_before, &frames.slope_before_rest, &frames.here,
        &frames.slope_after, &frames.slope_after_rest, &frames.harmonics}) {
    *curve = arena.allocate<float>(count);
    std::fill_n(*curve, count, 0.0f);
  }
  const double frames_a_second =
      static_cast<double>(spec.sample_rate) / static_cast<double>(kFrameSamples);
  const auto turns_of = [&](size_t t) { return static_cast<double>(f0_hz[t]) / frames_a_second; };
  double turns = 0;
  const auto end =
      std::min(f0_hz.size(), static_cast<size_t>(first + static_cast<ptrdiff_t>(count)));
  for (size_t t = 0; t < end; ++t) {
    const double before = turns;
    turns += turns_of(t);
    turns -= std::floor(turns);
    if (static_cast<ptrdiff_t>(t) < first) continue;
    const auto i = static_cast<size_t>(static_cast<ptrdiff_t>(t) - first);
    // Before the first middle and behind the last the phase stays.
    frames.here[i] = static_cast<float>(turns);
    frames.before[i] = static_cast<float>(t == 0 ? turns : before);
    constexpr double kSteps = 2 * kFrameSamples;
    if (t > 0) split(turns_of(t) / kSteps, frames.slope_before[i], frames.slope_before_rest[i]);
    if (t + 1 < f0_hz.size()) {
      split(turns_of(t + 1) / kSteps, frames.slope_after[i], frames.slope_after_rest[i]);
    }
    if (f0_hz[t] >= spec.voiced_threshold_hz) {
      frames.harmonics[i] = std::floor(spec.top_harmonic_hz / f0_hz[t]);
    }
  }
  return frames;
}

// Groups are counted from the first one of the head; those before it and behind its last one are
// silent.
class Vocoder {
 public:
  Vocoder(const SourceFilterKernels& kernels, const ops::SourceFilterSpec& spec,
          const ops::SourceFilterVariation& variation, ops::ConstRows head,
          std::span<const float> f0_hz, std::span<float> samples, ops::Arena& arena)
      : kernels_(kernels),
        spec_(spec),
        variation_(variation),
        head_(head),
        f0_hz_(f0_hz),
        samples_(samples),
        group_(kernels_.group),
        groups_(static_cast<ptrdiff_t>((head.rows + group_ - 1) / group_)),
        stride_(row_stride(kSlots * group_)),
        scratch_floats_(round_up(
            (4 * kHalfSize + spec.window_channels() + 2 * (spec.harmonic_points + 2)) * group_,
            16)) {
    const auto first =
        static_cast<ptrdiff_t>(variation.first_frame) - static_cast<ptrdiff_t>(group_);
    pulse_frames_ =
        make_pulse_frames(spec, f0_hz, first, (static_cast<size_t>(groups_) + 2) * group_, arena);
    float energy = 0;  // of the window: what white noise of deviation 1 has in a bin, squared
    for (const float value : fourier_tables().window) energy += value * value;
    noise_deviation_ = std::sqrt(energy);
  }

  // Each thread has a range of groups, and makes those beside it, too.
  void run(ThreadPool& pool, ops::Arena& arena) const {
    const auto ranges =
        static_cast<ptrdiff_t>(std::min<size_t>(pool.size(), static_cast<size_t>(groups_)));
    const std::span<Work> work(arena.allocate<Work>(pool.size()), pool.size());
    for (Work& own : work) {
      own = {arena.allocate<float>(kFrameSamples * stride_),
             arena.allocate<float>(kWindowRows * stride_), arena.allocate<float>(scratch_floats_),
             0};
    }
    pool.parallel_for(static_cast<size_t>(ranges), [&](size_t task, unsigned thread) {
      const auto range = static_cast<ptrdiff_t>(task);
      run_groups(groups_ * range / ranges, groups_ * (range + 1) / ranges, work[thread]);
    });
  }

 private:
  // Of one thread. Group g lies in the columns from (g - base) * group on.
  struct Work {
    float* pulses;    // [samples of a frame][stride]
    float* windowed;  // [samples of its windows][stride]
    float* scratch;
    ptrdiff_t base;
  };

  size_t place(const Work& work, ptrdiff_t group) const {
    return static_cast<size_t>(group - work.base) * group_;
  }

  void run_groups(ptrdiff_t begin, ptrdiff_t end, Work& work) const {
    work.base = begin - 2;
    make_pulses(begin - 2, work);
    make_pulses(begin - 1, work);
    for (ptrdiff_t group = begin - 1; group <= end; ++group) {
      if (group + 2 > work.base + static_cast<ptrdiff_t>(kSlots)) keep_from(group - 2, work);
      make_pulses(group + 1, work);
      make_windows(group, work);
      if (group > begin) add_windows(group - 1, work);
    }
  }

  // Makes room: the groups from this one on go to the front.
  void keep_from(ptrdiff_t group, Work& work) const {
    const size_t from = place(work, group);
    const auto move = [&](float* rows, size_t count) {
      for (size_t n = 0; n < count; ++n) {
        float* row = rows + n * stride_;
        std::copy_n(row + from, kKept * group_, row);
      }
    };
    move(work.pulses, kFrameSamples);
    move(work.windowed, kWindowRows);
    work.base = group;
  }

  void make_pulses(ptrdiff_t group, const Work& work) const {
    if (group < -1 || group > groups_) return;  // no window reaches it
    const auto first = static_cast<size_t>(group + 1) * group_;
    kernels_.pulses(pulse_frames_, first, work.pulses + place(work, group), stride_);
  }

  void make_windows(ptrdiff_t group, const Work& work) const {
    float* windowed = work.windowed + place(work, group);
    if (group < 0 || group >= groups_) {
      for (size_t n = 0; n < kWindowRows; ++n) std::fill_n(windowed + n * stride_, group_, 0.0f);
      return;
    }
    const size_t row = static_cast<size_t>(group) * group_;
    const size_t rows = std::min(group_, head_.rows - row);
    std::array<std::array<uint32_t, kMaximumGroup>, kWindows> keys{};
    std::array<float, kMaximumGroup> whisper_gain{}, noise_gain{};
    for (size_t i = 0; i < rows; ++i) {
      const size_t frame = variation_.first_frame + row + i;
      for (size_t w = 0; w < kWindows; ++w) {
        keys[w][i] = ops::spectral_noise_key(variation_.seed, frame * kWindows + w);
      }
      const bool voiced = f0_hz_[frame] >= spec_.voiced_threshold_hz;
      noise_gain[i] =
          noise_deviation_ * (voiced ? variation_.voiced_noise_level : variation_.noise_level);
      if (voiced) {
        whisper_gain[i] = noise_deviation_ * std::sqrt(spec_.sample_rate / (4.0f * f0_hz_[frame]));
      }
    }
    VocoderFrames frames{};
    frames.tables = &fourier_tables();
    frames.pulses = work.pulses + place(work, group);
    frames.pulse_stride = stride_;
    frames.head_stride = head_.stride;
    frames.rows = rows;
    frames.channels = spec_.window_channels();
    frames.harmonic_bins = spec_.harmonic_bins;
    frames.harmonic_points = spec_.harmonic_points;
    frames.harmonic_step = spec_.harmonic_step;
    frames.harmonic_end = spec_.harmonic_end();
    frames.noise_points = spec_.noise_points;
    frames.largest_log = spec_.largest_log;
    frames.has_noise = variation_.noise_level > 0 || variation_.voiced_noise_level > 0;
    frames.noise_gain = noise_gain.data();
    frames.whisper = variation_.whisper;
    frames.whisper_gain = whisper_gain.data();
    frames.scratch = work.scratch;
    frames.out_stride = stride_;
    for (size_t w = 0; w < kWindows; ++w) {
      frames.window = w;
      frames.head = head_.row(row) + w * spec_.window_channels();
      frames.noise_keys = keys[w].data();
      frames.out = windowed + w * kFourierSize * stride_;
      kernels_.frames(frames);
    }
  }

  void add_windows(ptrdiff_t group, const Work& work) const {
    const size_t row = static_cast<size_t>(group) * group_;
    kernels_.overlap(work.windowed + place(work, group), stride_,
                     std::min(group_, head_.rows - row), samples_.data() + row * kFrameSamples);
  }

  const SourceFilterKernels& kernels_;
  const ops::SourceFilterSpec& spec_;
  const ops::SourceFilterVariation& variation_;
  ops::ConstRows head_;
  std::span<const float> f0_hz_;
  std::span<float> samples_;
  size_t group_;
  ptrdiff_t groups_;
  size_t stride_;
  size_t scratch_floats_;
  float noise_deviation_ = 0;
  PulseFrames pulse_frames_{};
};

}  // namespace

const FourierTables& fourier_tables() {
  static const FourierTables kTables = [] {
    FourierTables tables{};
    for (size_t n = 0; n < kFourierSize; ++n) {
      tables.window[n] = static_cast<float>(
          0.5 - 0.5 * std::cos(2 * M_PI * static_cast<double>(n) / kFourierSize));
    }
    const auto put = [](float*& at, size_t k, size_t size) {
      const double angle = -2 * M_PI * static_cast<double>(k) / static_cast<double>(size);
      *at++ = static_cast<float>(std::cos(angle));
      *at++ = static_cast<float>(std::sin(angle));
    };
    float* at = tables.twiddles;
    size_t size = kHalfSize;
    for (const size_t radix : {5, 5, 8}) {
      for (size_t k = 0; k < size / radix; ++k) {
        for (size_t j = 1; j < radix; ++j) put(at, j * k, size);
      }
      size /= radix;
    }
    at = tables.turn;
    for (size_t k = 0; k <= kHalfSize / 2; ++k) put(at, k, kFourierSize);
    return tables;
  }();
  return kTables;
}

void run_source_filter(const Context& context, const ops::SourceFilterSpec& spec,
                       const ops::SourceFilterVariation& variation, ops::ConstRows head,
                       std::span<const float> f0_hz, std::span<float> samples, ops::Arena& arena) {
  if (spec.fft_size != kFourierSize || spec.hop != kFrameSamples || spec.windows != kWindows) {
    throw Error(ErrorCode::kUnavailable, "the CPU backend has windows of 400 samples only");
  }
  assert(head.channels == spec.channels() && samples.size() == head.rows * spec.hop);
  assert(variation.first_frame + head.rows <= f0_hz.size());
  if (head.rows == 0) return;
  const ops::Arena::Scope scope(arena);
  Vocoder(context.source_filter, spec, variation, head, f0_hz, samples, arena)
      .run(context.pool, arena);
}

}  // namespace myna::backend::cpu
