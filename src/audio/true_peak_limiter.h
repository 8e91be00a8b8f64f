// A look-ahead true-peak limiter for mono streams, with a fixed gain in front: live output cannot
// be measured in advance, so its caller brings the gain (a voice's calibrated loudness against the
// target), and the limiter keeps the ceiling.
//
// Peaks are estimated at four times the rate (BS.1770-4 annex 2). The gain that each sample needs
// is held over the look-ahead window, released exponentially and smoothed by a window as long as
// the look-ahead, so that it has fully come down when the peak arrives and never steps (no click).
#pragma once

#include <cstddef>
#include <memory>
#include <span>
#include <vector>

namespace myna::audio {

struct LimiterOptions {
  double gain_db = 0;          // applied before limiting
  double ceiling_dbtp = -1.0;  // at most 0
  double look_ahead_ms = 5.0;  // also the attack, and the delay of the stream
  double release_ms = 80.0;    // time constant of the way back
};

// Not thread-safe. The output does not depend on how the input is cut into calls.
class TruePeakLimiter {
 public:
  // Throws Error kInvalidArgument for a rate outside 8000..192000 or options out of range.
  TruePeakLimiter(int sample_rate, const LimiterOptions& options);
  ~TruePeakLimiter();
  TruePeakLimiter(TruePeakLimiter&&) noexcept;
  TruePeakLimiter& operator=(TruePeakLimiter&&) noexcept;

  // Appends what is ready: the output lags by the look-ahead and has no other delay.
  // Non-finite samples count as 0.
  void process(std::span<const float> samples, std::vector<float>& out);
  // Ends the stream: output and input then have the same length, sample for sample aligned.
  // Afterwards the object is ready for a new stream.
  void flush(std::vector<float>& out);

  // The most that the limiter took off since construction, in dB (0 or more).
  double max_reduction_db() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace myna::audio
