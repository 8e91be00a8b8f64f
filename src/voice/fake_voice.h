// A voice for tests: letters are sines, marks and spaces are silence, durations are known. The
// speaker "soft" is 12 dB below "fake".
#pragma once

#include <array>
#include <cmath>
#include <string>
#include <vector>

#include "base/error.h"
#include "voice/voice.h"

namespace myna::voice {

// Each symbol lasts kSymbolFrames times its control, divided by the speed and at least 1; both
// paddings are silence of kPaddingFrames. A letter sounds at full amplitude from its first to its
// last sample.
class FakeVoice : public Voice {
 public:
  static constexpr int kRate = 24000;
  static constexpr int kFrame = 600;
  static constexpr int kSymbolFrames = 4;
  static constexpr int kPaddingFrames = 10;

  std::string_view tier() const override { return "fake"; }
  int sample_rate() const override { return kRate; }
  std::span<const Speaker> speakers() const override { return speakers_; }
  size_t max_phonemes() const override { return 100; }
  bool has_symbol(char32_t symbol) const override { return is_letter(symbol) || is_silent(symbol); }

  Speech synthesize(const SynthesisRequest& request) override {
    requests.push_back(request);
    Speech speech;
    if (request.phonemes.empty()) return speech;
    if (request.phonemes.size() > max_phonemes()) {
      throw Error(ErrorCode::kInvalidArgument, "too many phonemes");
    }
    speech.frame_counts.push_back(kPaddingFrames);
    speech.samples.assign(kPaddingFrames * kFrame, 0.0f);
    check_controls(request);
    const bool soft = !request.speaker.parts.empty() && request.speaker.parts[0].speaker == 1;
    const double amplitude = soft ? 0.125 : 0.5;
    for (size_t index = 0; index < request.phonemes.size(); ++index) {
      const char32_t symbol = request.phonemes[index];
      if (!has_symbol(symbol)) throw Error(ErrorCode::kInvalidArgument, "unknown symbol");
      const float factor =
          request.phoneme_controls.empty() ? 1.0f : request.phoneme_controls[index].duration;
      const int frames =
          std::max(1, static_cast<int>(std::lround(kSymbolFrames * factor / request.speed)));
      speech.frame_counts.push_back(frames);
      for (int i = 0; i < frames * kFrame; ++i) {
        const double hz = 200.0 + 10.0 * static_cast<double>(symbol - U'a');
        speech.samples.push_back(
            is_letter(symbol) ? static_cast<float>(amplitude * std::sin(2 * M_PI * hz * i / kRate))
                              : 0.0f);
      }
    }
    speech.frame_counts.push_back(kPaddingFrames);
    speech.samples.resize(speech.samples.size() + kPaddingFrames * kFrame, 0.0f);
    return speech;
  }

  std::vector<SynthesisRequest> requests;

 private:
  static bool is_letter(char32_t symbol) { return symbol >= U'a' && symbol <= U'z'; }
  static bool is_silent(char32_t symbol) {
    return std::u32string_view(U" .,!?").find(symbol) != std::u32string_view::npos;
  }
  std::array<Speaker, 2> speakers_{{{"fake", "xx_fake", Accent::kAmerican, Gender::kFemale},
                                    {"soft", "xx_soft", Accent::kAmerican, Gender::kMale}}};
};

}  // namespace myna::voice
