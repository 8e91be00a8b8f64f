#include "voice/piece_controls.h"

#include <algorithm>
#include <string_view>

namespace myna::voice {
namespace {

enum class SymbolClass : uint8_t { kVowel, kConsonant, kPause };

bool contains(std::u32string_view set, char32_t symbol) {
  return set.find(symbol) != std::u32string_view::npos;
}

bool is_vowel(char32_t symbol) { return contains(U"aeiouæɐɑɒɔəɚɛɜɪɨʊʌᵻøœɯɤᵊAIOQWYː", symbol); }
bool is_mark(char32_t symbol) { return contains(U".!?…,;:—", symbol); }

// A space counts as a pause behind a mark only: between words it is the joint of two sounds.
SymbolClass class_of(std::u32string_view symbols, size_t index) {
  const char32_t symbol = symbols[index];
  if (is_mark(symbol)) return SymbolClass::kPause;
  if (symbol == U' ' && index > 0 && contains(U".!?…,;:—)\"”", symbols[index - 1])) {
    return SymbolClass::kPause;
  }
  return is_vowel(symbol) ? SymbolClass::kVowel : SymbolClass::kConsonant;
}

// Models answer an effort with some timbre and next to no level (0.3 dB for 6, measured with
// tools/quality/controls.py), where a speaker gets louder.
constexpr float kLevelOfEffort = 0.5f;  // dB a dB

// What an emphasis does to a stretch, and beyond that to the vowels that carry its stress.
struct EmphasisEffect {
  float length = 1.0f;
  float stressed_length = 1.0f;
  float pitch_semitones = 0.0f;
  float stressed_pitch_semitones = 0.0f;
  float pitch_range = 1.0f;
  float effort_db = 0.0f;
  float volume_db = 0.0f;
  float joint_length = 1.0f;  // of the spaces in front of and behind the stretch
};

constexpr EmphasisEffect kReduced = {.length = 0.92f,
                                     .stressed_length = 0.92f,
                                     .pitch_semitones = -0.7f,
                                     .pitch_range = 0.8f,
                                     .effort_db = -3.0f,
                                     .volume_db = -1.5f};
constexpr EmphasisEffect kModerate = {.length = 1.05f,
                                      .stressed_length = 1.18f,
                                      .pitch_semitones = 1.0f,
                                      .stressed_pitch_semitones = 1.2f,
                                      .pitch_range = 1.1f,
                                      .effort_db = 3.0f,
                                      .volume_db = 1.0f,
                                      .joint_length = 1.5f};
constexpr EmphasisEffect kStrong = {.length = 1.1f,
                                    .stressed_length = 1.35f,
                                    .pitch_semitones = 1.5f,
                                    .stressed_pitch_semitones = 2.2f,
                                    .pitch_range = 1.2f,
                                    .effort_db = 6.0f,
                                    .volume_db = 2.0f,
                                    .joint_length = 2.5f};

EmphasisEffect effect_of(text::Emphasis emphasis) {
  switch (emphasis) {
    case text::Emphasis::kNone:
      return {};
    case text::Emphasis::kReduced:
      return kReduced;
    case text::Emphasis::kModerate:
      return kModerate;
    case text::Emphasis::kStrong:
      return kStrong;
  }
  return {};
}

// For each symbol, what of the text it says: an index into the utterance's phonemes. The mark that
// prepare_piece adds goes with the symbol in front of it.
std::vector<size_t> origins(const text::Utterance& utterance, const PiecePhonemes& phonemes) {
  std::vector<size_t> result(phonemes.symbols.size(), 0);
  size_t filled = 0;
  for (size_t i = 0; i < utterance.phonemes.size(); ++i) {
    if (phonemes.position[i] == PiecePhonemes::kSkipped) continue;
    result[phonemes.position[i]] = i;
    filled = phonemes.position[i] + 1;
  }
  for (; filled < result.size(); ++filled) result[filled] = filled == 0 ? 0 : result[filled - 1];
  return result;
}

// The vowels that carry the stress of their word: those behind a primary stress mark, or in a word
// without one its first.
std::vector<bool> find_stressed(const text::Utterance& utterance, std::u32string_view symbols,
                                std::span<const size_t> origin, bool every_word) {
  std::vector<bool> stressed(symbols.size(), false);
  const auto word_of = [&](size_t i) { return utterance.phonemes[origin[i]].word; };
  for (size_t begin = 0; begin < symbols.size();) {
    size_t end = begin + 1;
    while (end < symbols.size() && word_of(end) == word_of(begin)) ++end;
    bool any = false;
    for (size_t i = begin; i < end; ++i) {
      if (symbols[i] != U'ˈ') continue;
      for (size_t vowel = i + 1; vowel < end && is_vowel(symbols[vowel]); ++vowel) {
        stressed[vowel] = any = true;
      }
    }
    if (!any && every_word && word_of(begin) >= 0) {
      const auto first = std::find_if(symbols.begin() + static_cast<ptrdiff_t>(begin),
                                      symbols.begin() + static_cast<ptrdiff_t>(end), is_vowel);
      const auto index = static_cast<size_t>(first - symbols.begin());
      if (index < end) stressed[index] = true;
    }
    begin = end;
  }
  return stressed;
}

class Planner {
 public:
  Planner(const text::Utterance& utterance, const PiecePhonemes& phonemes, const StyleRecipe& style)
      : utterance_(utterance),
        symbols_(phonemes.symbols),
        style_(style),
        origin_(origins(utterance, phonemes)),
        stressed_(find_stressed(utterance, symbols_, origin_, false)),
        accented_(find_stressed(utterance, symbols_, origin_, true)) {}

  PhonemeControl control(size_t i) const {
    const text::Prosody prosody = prosody_of(i);
    const EmphasisEffect emphasis = effect_of(prosody.emphasis);
    const SymbolClass kind = class_of(symbols_, i);
    float length = 1.0f / (style_.rate * prosody.rate);
    float pitch = style_.pitch_semitones + prosody.pitch_semitones + contour(i);
    // How long pauses are is not left to the model: see stretch_pauses().
    if (kind == SymbolClass::kVowel) length *= style_.vowel_length;
    if (kind == SymbolClass::kConsonant) length *= style_.consonant_length;
    if (stressed_[i]) {
      length *= style_.stress_length;
      pitch += style_.stress_pitch_semitones;
    }
    if (kind != SymbolClass::kPause) {
      length *= accented_[i] ? emphasis.stressed_length : emphasis.length;
      pitch += emphasis.pitch_semitones;
      if (accented_[i]) pitch += emphasis.stressed_pitch_semitones;
    }
    if (symbols_[i] == U' ') length *= joint_length(i);
    PhonemeControl control;
    control.duration = std::clamp(length, 0.1f, 10.0f);
    control.pitch_semitones = std::clamp(pitch, -24.0f, 24.0f);
    control.pitch_range =
        std::clamp(style_.pitch_range * prosody.pitch_range * emphasis.pitch_range, 0.0f, 4.0f);
    control.effort_db = effort_db(prosody);
    return control;
  }

  float volume_db(size_t i) const {
    const text::Prosody prosody = prosody_of(i);
    if (prosody.volume_db <= text::Prosody::kSilentVolume_db) return prosody.volume_db;
    return prosody.volume_db + style_.volume_db + effect_of(prosody.emphasis).volume_db +
           kLevelOfEffort * effort_db(prosody);
  }

 private:
  float effort_db(const text::Prosody& prosody) const {
    return std::clamp(style_.effort_db + effect_of(prosody.emphasis).effort_db, -24.0f, 24.0f);
  }

  text::Prosody prosody_of(size_t i) const {
    const size_t index = utterance_.phonemes[origin_[i]].prosody;
    return index < utterance_.prosodies.size() ? utterance_.prosodies[index] : text::Prosody{};
  }

  float contour(size_t i) const {
    return origin_[i] < utterance_.pitch_semitones.size() ? utterance_.pitch_semitones[origin_[i]]
                                                          : 0.0f;
  }

  // A space at the edge of an emphasised stretch.
  float joint_length(size_t i) const {
    if (i == 0 || i + 1 >= symbols_.size()) return 1.0f;
    const text::Emphasis left = prosody_of(i - 1).emphasis;
    const text::Emphasis right = prosody_of(i + 1).emphasis;
    if (left == right) return 1.0f;
    return std::max(effect_of(left).joint_length, effect_of(right).joint_length);
  }

  const text::Utterance& utterance_;
  std::u32string_view symbols_;
  const StyleRecipe& style_;
  std::vector<size_t> origin_;
  std::vector<bool> stressed_;
  std::vector<bool> accented_;
};

}  // namespace

PieceControls plan_piece(const text::Utterance& utterance, const PiecePhonemes& phonemes,
                         const StyleRecipe& style) {
  PieceControls controls;
  controls.pause_length = style.pause_length;
  controls.utterance.tilt_db_per_octave = style.tilt_db_per_octave;
  controls.utterance.breath = style.breath;
  controls.utterance.whisper = style.whisper;
  controls.utterance.declination_semitones_per_s = style.declination_semitones_per_s;
  if (utterance.phonemes.empty()) return controls;
  const Planner planner(utterance, phonemes, style);
  for (size_t i = 0; i < phonemes.symbols.size(); ++i) {
    controls.phonemes.push_back(planner.control(i));
    controls.volumes_db.push_back(planner.volume_db(i));
  }
  const auto neutral = [](const PhonemeControl& control) { return control == PhonemeControl{}; };
  if (std::all_of(controls.phonemes.begin(), controls.phonemes.end(), neutral)) {
    controls.phonemes.clear();
  }
  if (std::all_of(controls.volumes_db.begin(), controls.volumes_db.end(),
                  [](float db) { return db == 0; })) {
    controls.volumes_db.clear();
  }
  return controls;
}

}  // namespace myna::voice
