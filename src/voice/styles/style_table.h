// Speaking styles: declared recipes over the controls of a voice. What ships with Myna is
// styles.json beside this file; docs/styles.md has the schema and what each style measures.
#pragma once

#include <filesystem>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace myna::voice {

// A share of another speaker's half of the style vectors. The names are as `--voice` takes them,
// blends included; the one for the speaker's own gender is taken, an empty one mixes nothing in.
struct StyleMix {
  std::string female;
  std::string male;
  float share = 0.0f;  // 0 to 0.9
};

// The identity is {}. Lengths are factors on durations, the rate is one on speed.
struct StyleRecipe {
  std::string name;  // lower case, words joined by '-'
  std::vector<std::string> aliases;
  std::string description;
  std::string origin;  // the document that it was read from
  float rate = 1.0f;
  float vowel_length = 1.0f;
  float consonant_length = 1.0f;
  float pause_length = 1.0f;   // inside and between pieces
  float stress_length = 1.0f;  // of vowels under primary stress, times vowel_length
  float pitch_semitones = 0.0f;
  float pitch_range = 1.0f;
  float stress_pitch_semitones = 0.0f;  // on vowels under primary stress
  float declination_semitones_per_s = 0.0f;
  float effort_db = 0.0f;
  float volume_db = 0.0f;
  float tilt_db_per_octave = 0.0f;
  float breath = 0.0f;
  float whisper = 0.0f;
  StyleMix timbre_mix;
  StyleMix prosody_mix;
};

// A number of a recipe: its name in the file, its range, and what a degree does to it. Factors are
// raised to the degree, the others multiplied by it.
struct StyleNumber {
  enum class Kind : uint8_t { kFactor, kAmount };
  std::string_view key;
  float StyleRecipe::*member;
  float low;
  float high;
  Kind kind;
};
std::span<const StyleNumber> style_numbers();

inline constexpr float kMinStyleDegree = 0.01f;
inline constexpr float kMaxStyleDegree = 2.0f;

// `degree` times as far from neutral, within the ranges: 1 is the recipe itself, near 0 is neutral.
// The degree is clamped to its limits.
StyleRecipe scale_style(const StyleRecipe& recipe, float degree);

// Immutable once it is filled: then safe from many threads.
class StyleTable {
 public:
  // The styles that ship with Myna.
  static StyleTable builtin();
  // The built-in styles, those of $MYNA_HOME/styles.json when it is there, and those of `extra`
  // when it is not empty; a later one of the same name or alias takes an earlier one's place.
  static StyleTable load(const std::filesystem::path& extra = {});

  // Adds the styles of a document (docs/styles.md); `document` names it in messages. Throws Error
  // kCorruptData that says where: line and column of a syntax error, otherwise the path of the
  // member, its range and the closest known key.
  void add(std::string_view json, const std::string& document);

  // Letter case, '_' and ' ' are ignored; nullptr when there is none.
  const StyleRecipe* find(std::string_view name) const;
  // Throws Error kInvalidArgument with the closest names.
  const StyleRecipe& require(std::string_view name) const;
  // "did you mean 'cheerful'? `myna styles` lists all"
  std::string suggestion(std::string_view name) const;
  std::span<const StyleRecipe> styles() const { return styles_; }

 private:
  std::vector<StyleRecipe> styles_;
};

}  // namespace myna::voice
