// A shard of training data over arbitrary bytes: an Error kCorruptData, or utterances whose numbers
// can all be read and add up.
#include <cstdint>
#include <cstdlib>
#include <numeric>

#include "base/error.h"
#include "train/voice/shards.h"

using namespace myna;

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  try {
    const auto file =
        SafetensorsFile::from_bytes({reinterpret_cast<const std::byte*>(data), size}, "fuzz");
    for (const train::VoiceUtterance& utterance : train::parse_voice_shard(file).utterances) {
      unsigned sum = 0;
      for (const Float16 sample : utterance.audio) sum += sample.bits;
      asm volatile("" : : "r"(sum));
      const auto frames =
          std::accumulate(utterance.durations.begin(), utterance.durations.end(), size_t{0});
      if (frames != utterance.frames() || utterance.audio.size() != frames * train::kFrameSamples) {
        std::abort();
      }
    }
  } catch (const Error& error) {
    if (error.code() != ErrorCode::kCorruptData) std::abort();
  }
  return 0;
}
