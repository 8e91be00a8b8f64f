// What every result of the text front end keeps, whatever the markup says.
#pragma once

#include <cmath>
#include <string_view>
#include <vector>

#include "base/utf8.h"
#include "fuzz_check.h"
#include "text/front_end.h"

inline void check_markup_span(const myna::text::SourceSpan& span, std::string_view source) {
  FUZZ_CHECK(span.begin <= span.end && span.end <= source.size());
}

inline void check_markup_result(const myna::text::SpokenText& spoken,
                                const myna::text::FrontEndOptions& options,
                                std::string_view source) {
  using namespace myna::text;
  for (const Utterance& utterance : spoken.utterances) {
    check_markup_span(utterance.source, source);
    FUZZ_CHECK(utterance.phonemes.size() <= options.max_phonemes);
    // What is not heard is a pause, a recording or a mark.
    FUZZ_CHECK(!utterance.phonemes.empty() || utterance.pause_after_ms ||
               !utterance.audio_file.empty());
    if (utterance.pause_after_ms) {
      FUZZ_CHECK(*utterance.pause_after_ms >= 0 &&
                 *utterance.pause_after_ms <= options.max_pause_ms);
    }
    FUZZ_CHECK(utterance.delivery.style_degree >= 0.01f && utterance.delivery.style_degree <= 2.0f);
    FUZZ_CHECK(utterance.pitch_semitones.empty() ||
               utterance.pitch_semitones.size() == utterance.phonemes.size());
    for (const float semitones : utterance.pitch_semitones)
      FUZZ_CHECK(std::abs(semitones) <= 24.0f);
    for (const Prosody& prosody : utterance.prosodies) {
      FUZZ_CHECK(prosody.rate >= 0.25f && prosody.rate <= 4.0f);
      FUZZ_CHECK(std::abs(prosody.pitch_semitones) <= 24.0f);
      FUZZ_CHECK(prosody.pitch_range >= 0.0f && prosody.pitch_range <= 4.0f);
      FUZZ_CHECK(prosody.volume_db == Prosody::kSilentVolume_db ||
                 (prosody.volume_db >= -60.0f && prosody.volume_db <= 24.0f));
    }
    for (const Phoneme& phoneme : utterance.phonemes) {
      check_markup_span(phoneme.source, source);
      FUZZ_CHECK(utterance.prosodies.empty() ? phoneme.prosody == 0
                                             : phoneme.prosody < utterance.prosodies.size());
    }
    size_t last = 0;
    for (const Bookmark& mark : utterance.bookmarks) {
      check_markup_span(mark.source, source);
      FUZZ_CHECK(mark.first_phoneme >= last && mark.first_phoneme <= utterance.phonemes.size());
      last = mark.first_phoneme;
    }
    FUZZ_CHECK(!myna::find_invalid_utf8(utterance.normalized_text()));
    FUZZ_CHECK(!myna::find_invalid_utf8(utterance.delivery.role));
  }
  for (const Diagnostic& diagnostic : spoken.diagnostics) {
    check_markup_span(diagnostic.source, source);
    FUZZ_CHECK(diagnostic.line >= 1 && diagnostic.column >= 1);
    FUZZ_CHECK(!myna::find_invalid_utf8(diagnostic.message));
  }
}

// A few styles and voices for markup to name.
inline myna::text::FrontEndOptions markup_fuzz_options(myna::text::TextFormat format) {
  using namespace myna::text;
  static const std::vector<std::string> kStyles = {"cheerful", "whispering", "calm"};
  static const std::vector<VoiceName> kVoices = {
      {"heart", Dialect::kAmerican, VoiceGender::kFemale, 0},
      {"george", Dialect::kBritish, VoiceGender::kMale, 110}};
  static const std::vector<std::string> kCast = {"heart", "george"};
  FrontEndOptions options;
  options.format = format;
  options.styles = kStyles;
  options.voices = kVoices;
  options.cast = kCast;
  return options;
}
