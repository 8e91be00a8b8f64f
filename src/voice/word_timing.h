// When each word of an utterance is heard, from the durations that the voice model gave.
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <vector>

#include "audio/pcm.h"
#include "text/spoken_text.h"
#include "voice/piece_phonemes.h"
#include "voice/voice.h"

namespace myna::voice {

// A spoken word on the time line of the whole narration.
struct WordTiming {
  std::string text;  // as spoken: "three"; the source may say "3,497"
  text::SourceSpan source;
  double start_s = 0;
  double end_s = 0;       // at least start_s; words of one speaker never overlap
  std::string role = {};  // of a dialogue's speaker; empty outside of one
};

// The sample range of each word of `utterance` in speech.samples. `silences` (in the same samples)
// sharpen the edges at punctuation: the model's durations count the silence before a mark as part
// of the word, up to 400 ms. A word without phonemes gets an empty range.
std::vector<audio::SampleRange> locate_words(const text::Utterance& utterance,
                                             const PiecePhonemes& phonemes, const Speech& speech,
                                             std::span<const audio::SampleRange> silences);

// Where the sound of the utterance's phoneme `index` begins in speech.samples; behind the last one
// where that ends. One that was left out begins with its successor.
size_t locate_phoneme(const text::Utterance& utterance, const PiecePhonemes& phonemes,
                      const Speech& speech, size_t index);

}  // namespace myna::voice
