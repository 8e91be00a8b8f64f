// Words that no dictionary knows: letters to phonemes with a bidirectional LSTM and grams that we
// train on the dictionary. docs/models/pronunciation.md specifies it;
// tools/training/train_spelling_model.py trains it.
#pragma once

#include <filesystem>
#include <memory>
#include <span>
#include <string_view>
#include <vector>

#include "text/front_end.h"
#include "text/g2p/matrix_product.h"
#include "text/g2p/phoneme_string.h"
#include "text/g2p/spelling_grams.h"

namespace myna {
class SafetensorsFile;
}

namespace myna::text {

// Immutable after open(); safe from many threads.
class SpellingModel {
 public:
  // Longer words are cut.
  static constexpr size_t kMaxLetters = 48;

  // Throws Error kUnavailable when the file is missing, kCorruptData when its tensors are not those
  // of this model.
  static SpellingModel open(const std::filesystem::path& path);

  // Appends the phonemes of `letters` (a-z and apostrophes; anything else is passed over) with one
  // main stress. is_name: it is written with a capital.
  enum class Case : uint8_t { kLower, kCapital };
  void read(std::string_view letters, Case letter_case, Dialect dialect, PhonemeString& out) const;

 private:
  struct Direction {
    std::vector<float> letters;  // [letter, 4 * hidden]: the first layer's product with each letter
    std::vector<float> capital;  // [lower or capital, 4 * hidden]: added to each, with the bias
    PackedMatrix recurrent1;     // [hidden, 4 * hidden]
    PackedMatrix input2;         // [2 * hidden, 4 * hidden]
    std::vector<float> bias2;    // [4 * hidden]
    PackedMatrix recurrent2;     // [hidden, 4 * hidden]
  };
  struct Output {
    PackedMatrix weight;      // [2 * hidden, chunks]
    std::vector<float> bias;  // as many as the packed matrix has columns
  };
  size_t hidden_ = 0;
  Direction directions_[2];  // forward, backward
  Output outputs_[2];        // American, British
  std::vector<PhonemeString> chunks_;
  std::vector<uint8_t> is_stressed_;             // 1: the chunk has the main stress
  std::shared_ptr<const SafetensorsFile> file_;  // holds the map that the grams lie in
  SpellingGrams grams_;
};

}  // namespace myna::text
