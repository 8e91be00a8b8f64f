#include "voice/word_timing.h"

#include <algorithm>

namespace myna::voice {
namespace {

using audio::SampleRange;

// First sample of the sound of each symbol that was sent, and the end of the last; without the
// padding.
std::vector<size_t> symbol_begins(const Speech& speech, size_t symbol_count) {
  std::vector<size_t> begins;
  begins.reserve(symbol_count + 1);
  size_t frames = 0;
  for (size_t i = 0; i <= symbol_count; ++i) {
    frames += static_cast<size_t>(speech.frame_counts[i]);
    const size_t begin = frames * static_cast<size_t>(speech.samples_per_frame);
    begins.push_back(begin - std::min(begin, static_cast<size_t>(speech.sound_lead_samples)));
  }
  return begins;
}

// Whether something other than a space stands between two words: where a pause may be.
bool has_mark_between(const text::Utterance& utterance, const text::Word& left,
                      const text::Word& right) {
  for (size_t i = left.first_phoneme + left.phoneme_count; i < right.first_phoneme; ++i) {
    if (utterance.phonemes[i].symbol != U' ') return true;
  }
  return false;
}

// Words of one phrase follow each other without a silence: what the model counts as the space is
// the beginning of the next word, such as the closure of its first sound. A silence in it stays
// out.
size_t begin_with_space(size_t space_begin, size_t word_begin,
                        std::span<const SampleRange> silences) {
  for (const SampleRange& silence : silences) {
    if (silence.begin < word_begin && silence.end > space_begin) {
      space_begin = std::min(silence.end, word_begin);
    }
  }
  return space_begin;
}

size_t middle(const SampleRange& range) { return range.begin + (range.end - range.begin) / 2; }

// The longest silence between the middles of two words, if any, separates them.
void separate(SampleRange& left, SampleRange& right, std::span<const SampleRange> silences) {
  const SampleRange* longest = nullptr;
  for (const SampleRange& silence : silences) {
    if (silence.begin < middle(left) || silence.end > std::max(middle(right), right.begin)) {
      continue;
    }
    if (longest == nullptr || silence.end - silence.begin > longest->end - longest->begin) {
      longest = &silence;
    }
  }
  if (longest == nullptr) return;
  left.end = std::max(left.begin, longest->begin);
  right.begin = std::min(right.end, longest->end);
}

}  // namespace

std::vector<SampleRange> locate_words(const text::Utterance& utterance,
                                      const PiecePhonemes& phonemes, const Speech& speech,
                                      std::span<const SampleRange> silences) {
  const std::vector<size_t> begins = symbol_begins(speech, phonemes.symbols.size());
  std::vector<SampleRange> ranges;
  ranges.reserve(utterance.words.size());
  size_t reached = begins.front();
  for (const text::Word& word : utterance.words) {
    SampleRange range{reached, reached};
    bool found = false;
    for (size_t i = word.first_phoneme; i < word.first_phoneme + word.phoneme_count; ++i) {
      const size_t position = phonemes.position[i];
      if (position == PiecePhonemes::kSkipped) continue;
      if (!found) {
        range.begin = begins[position];
        if (position > 0 && phonemes.symbols[position - 1] == U' ') {
          range.begin = begin_with_space(begins[position - 1], begins[position], silences);
        }
        range.begin = std::max(reached, range.begin);
      }
      range.end = std::max(range.begin, begins[position + 1]);
      found = true;
    }
    reached = range.end;
    ranges.push_back(range);
  }
  for (size_t i = 0; i + 1 < ranges.size(); ++i) {
    if (has_mark_between(utterance, utterance.words[i], utterance.words[i + 1])) {
      separate(ranges[i], ranges[i + 1], silences);
    }
  }
  // The edges of the piece: sound starts before the first frame of the first word, and the last
  // word ends where the sound does.
  if (!ranges.empty() && !silences.empty()) {
    SampleRange& first = ranges.front();
    if (silences.front().begin == 0) first.begin = std::min(silences.front().end, first.end);
    SampleRange& last = ranges.back();
    if (silences.back().end == speech.samples.size()) {
      last.end = std::max(silences.back().begin, last.begin);
    }
  }
  return ranges;
}

size_t locate_phoneme(const text::Utterance& utterance, const PiecePhonemes& phonemes,
                      const Speech& speech, size_t index) {
  const std::vector<size_t> begins = symbol_begins(speech, phonemes.symbols.size());
  for (size_t i = index; i < utterance.phonemes.size(); ++i) {
    if (phonemes.position[i] != PiecePhonemes::kSkipped) return begins[phonemes.position[i]];
  }
  return begins.back();
}

}  // namespace myna::voice
