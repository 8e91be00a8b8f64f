#include "voice/recording.h"

#include <cstddef>

#include "audio/decoder.h"
#include "audio/resampler.h"

namespace myna::voice {
namespace {

// Half an hour at 48 kHz: a recording is held in memory.
constexpr size_t kMaxFrames = size_t{30} * 60 * 48000;

}  // namespace

std::vector<float> load_recording(const std::filesystem::path& path, int sample_rate) {
  const audio::DecodedAudio decoded = audio::read_audio_file(path, kMaxFrames);
  const auto channels = static_cast<size_t>(decoded.channel_count);
  std::vector<float> mono(decoded.frame_count());
  for (size_t i = 0; i < mono.size(); ++i) {
    float sum = 0;
    for (size_t c = 0; c < channels; ++c) sum += decoded.samples[i * channels + c];
    mono[i] = sum / static_cast<float>(channels);
  }
  return audio::resample(mono, decoded.sample_rate, sample_rate);
}

}  // namespace myna::voice
