// A sentence of speech items to phonemes: right to left, since "the", "to" and others depend on the
// sound that follows.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "text/g2p/pronouncer.h"
#include "text/normalize/speech.h"

namespace myna::text {

// One word or mark with its phonemes (a mark's phoneme is the mark itself).
struct SpokenItem {
  std::string_view word;  // empty for a mark
  uint32_t begin = 0;     // range in the text
  uint32_t end = 0;
  char32_t mark = 0;
  bool space_before = true;
  PhonemeString phonemes;  // final alphabet: ɾ as T, ʔ as t
};

// Reuses its buffers; one a thread.
class SentencePhonemes {
 public:
  // The result is valid until the next call and as long as the items' texts.
  std::span<const SpokenItem> pronounce(std::span<const SpeechItem> items,
                                        const Pronouncer& pronouncer);

 private:
  void merge_known_compounds(std::span<const SpeechItem> items, const Pronouncer& pronouncer);

  std::vector<SpokenItem> spoken_;
  std::vector<const SpeechItem*> sources_;  // of spoken_
  std::vector<std::string> lower_;
  SentenceContext context_;
};

}  // namespace myna::text
