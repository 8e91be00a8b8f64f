// Small operations on mono float signals: levels, silence, fades, trimming, and the statistics that
// the tests and the quality gate look at. Pure functions, safe from many threads.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace myna::audio {

// 20 log10; 0 gives -infinity.
double amplitude_to_db(double amplitude);
double db_to_amplitude(double db);

// Milliseconds to samples, rounded to nearest; negative durations give 0.
size_t samples_for_ms(double duration_ms, int sample_rate);

// The largest magnitude of the finite samples; 0 for none.
float sample_peak(std::span<const float> samples);
// Root mean square of the finite samples; 0 for none.
double root_mean_square(std::span<const float> samples);

void apply_gain_db(std::span<float> samples, double gain_db);
// Raised-cosine fades over the first or last count samples (all of them when there are fewer): no
// step in value or slope, so no click. A fade of 0 samples does nothing.
void fade_in(std::span<float> samples, size_t count);
void fade_out(std::span<float> samples, size_t count);

void append_silence(std::vector<float>& samples, double duration_ms, int sample_rate);

// A half-open range of samples: [begin, end).
struct SampleRange {
  size_t begin;
  size_t end;
};

struct SilenceThreshold {
  double level_dbfs = -50.0;  // RMS of a window
  double window_ms = 10.0;
};

// Where sound is, from the first to the last window above the threshold, widened by keep_ms on both
// sides. An empty range at 0 when all is silent. NaN counts as 0.
SampleRange find_sound(std::span<const float> samples, int sample_rate,
                       const SilenceThreshold& threshold = {}, double keep_ms = 0);

// Cuts the vector to find_sound's range.
void trim_silence(std::vector<float>& samples, int sample_rate,
                  const SilenceThreshold& threshold = {}, double keep_ms = 20.0);

struct SignalStatistics {
  size_t sample_count = 0;
  size_t non_finite_count = 0;
  size_t clipped_count = 0;        // magnitude 32767/32768 and more
  size_t longest_clipped_run = 0;  // 3 and more in a row are audible clipping, not a chance peak
  double peak_dbfs = 0;            // -infinity for silence
  double rms_dbfs = 0;
  double dc_offset = 0;  // mean
  double duration_s = 0;
  double leading_silence_s = 0;   // all of it when there is no sound
  double trailing_silence_s = 0;  // 0 when there is no sound
  double longest_silence_s = 0;   // anywhere, ends included
};

SignalStatistics signal_statistics(std::span<const float> samples, int sample_rate,
                                   const SilenceThreshold& threshold = {});

}  // namespace myna::audio
