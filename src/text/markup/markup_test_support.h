// For the tests of markup: a front end with a few styles and voices, and short descriptions.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "text/front_end.h"
#include "text/text_test_support.h"

namespace myna::text {

inline FrontEndOptions markup_options(TextFormat format) {
  static const std::vector<std::string> kStyles = {"cheerful", "whispering", "calm", "newscast",
                                                   "customer-service"};
  static const std::vector<VoiceName> kVoices = {
      {"heart", Dialect::kAmerican, VoiceGender::kFemale, 0},
      {"michael", Dialect::kAmerican, VoiceGender::kMale, 0},
      {"emma", Dialect::kBritish, VoiceGender::kFemale, 0},
      {"george", Dialect::kBritish, VoiceGender::kMale, 0}};
  static const std::vector<std::string> kCast = {"heart", "michael", "emma"};
  FrontEndOptions options;
  options.format = format;
  options.styles = kStyles;
  options.voices = kVoices;
  options.cast = kCast;
  return options;
}

// "role/voice/style: words. [pause 500] ..." of each utterance, parted by " | ".
inline std::string summary(const SpokenText& text) {
  std::string out;
  for (const Utterance& utterance : text.utterances) {
    if (!out.empty()) out += " | ";
    const Delivery& delivery = utterance.delivery;
    if (delivery != Delivery{}) {
      out += delivery.role + "/" + delivery.voice + "/" + delivery.style;
      if (delivery.style_degree != 1.0f) {
        const auto percent = static_cast<int>(delivery.style_degree * 100 + 0.5f);
        out += " " + std::to_string(percent) + "%";
      }
      out += ": ";
    }
    out += utterance.audio_file.empty() ? utterance.normalized_text()
                                        : "<" + utterance.audio_file + ">";
    if (utterance.pause_after_ms)
      out += " [" + std::to_string(static_cast<int>(*utterance.pause_after_ms)) + "]";
  }
  return out;
}

// "3:7 error: message" of each.
inline std::vector<std::string> described(const std::vector<Diagnostic>& diagnostics) {
  std::vector<std::string> out;
  for (const Diagnostic& diagnostic : diagnostics) {
    out.push_back(std::to_string(diagnostic.line) + ":" + std::to_string(diagnostic.column) +
                  (diagnostic.severity == Severity::kError ? " error: " : " warning: ") +
                  diagnostic.message);
  }
  return out;
}

// The words that are said with a prosody other than the neutral one.
inline std::string words_with_prosody(const Utterance& utterance) {
  std::string out;
  for (const Word& word : utterance.words) {
    const Phoneme& first = utterance.phonemes[word.first_phoneme];
    if (utterance.prosodies.empty() || utterance.prosodies[first.prosody] == Prosody{}) continue;
    out += (out.empty() ? "" : " ") + word.text;
  }
  return out;
}

inline Prosody prosody_of(const Utterance& utterance, std::string_view word) {
  for (const Word& one : utterance.words) {
    if (one.text != word) continue;
    if (utterance.prosodies.empty()) return {};
    return utterance.prosodies[utterance.phonemes[one.first_phoneme].prosody];
  }
  ADD_FAILURE() << "no word " << word;
  return {};
}

}  // namespace myna::text
