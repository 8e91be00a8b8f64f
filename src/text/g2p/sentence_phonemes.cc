#include "text/g2p/sentence_phonemes.h"

#include <algorithm>

#include "base/utf8.h"
#include "text/normalize/token.h"

namespace myna::text {
namespace {

constexpr size_t kLongestCompound = 5;  // mother-in-law, jack-of-all-trades

// All but all words are written in capitals: a headline, a shout. Acronyms keep their own sentence.
bool is_shouted(std::span<const SpeechItem> items) {
  size_t upper = 0, other = 0;
  for (const SpeechItem& item : items) {
    if (!item.is_word() || item.word.size() < 2 || item.reading == Reading::kLetters) continue;
    ++(is_all_upper(item.word) ? upper : other);
  }
  return upper >= 3 && upper > 3 * other;
}

// The sound that the word before `phonemes` meets.
NextSound first_sound(PhonemeView phonemes, NextSound otherwise) {
  for (const char16_t symbol : phonemes) {
    if (is_vowel_symbol(symbol) || symbol == u'ɐ') return NextSound::kVowel;
    if (is_consonant_symbol(symbol)) return NextSound::kConsonant;
  }
  return otherwise;
}

bool is_pause(char32_t mark) {
  return std::u32string_view(U";:,.!?—…").find(mark) != std::u32string_view::npos;
}

void to_voice_alphabet(PhonemeString& phonemes) {
  for (char16_t& symbol : phonemes) {
    if (symbol == u'ɾ') symbol = u'T';
    if (symbol == u'ʔ') symbol = u't';
  }
}

}  // namespace

// "well-known" stays two words, "mother-in-law" is one dictionary word.
void SentencePhonemes::merge_known_compounds(std::span<const SpeechItem> items,
                                             const Pronouncer& pronouncer) {
  spoken_.clear();
  sources_.clear();
  for (size_t i = 0; i < items.size();) {
    size_t end = i + 1;
    while (end < items.size() && items[end].compound && end - i < kLongestCompound) ++end;
    std::string_view word = items[i].word;
    size_t taken = 1;
    for (; end > i + 1; --end) {
      const std::string_view last = items[end - 1].word;
      const std::string_view joined(word.data(),
                                    static_cast<size_t>(last.data() + last.size() - word.data()));
      if (pronouncer.is_known(joined)) {
        word = joined;
        taken = end - i;
        break;
      }
    }
    spoken_.push_back({word,
                       items[i].begin,
                       items[i + taken - 1].end,
                       items[i].mark,
                       items[i].space_before && !items[i].compound,
                       {}});
    sources_.push_back(&items[i]);
    i += taken;
  }
}

std::span<const SpokenItem> SentencePhonemes::pronounce(std::span<const SpeechItem> items,
                                                        const Pronouncer& pronouncer) {
  merge_known_compounds(items, pronouncer);
  const bool shouted = is_shouted(items);
  lower_.resize(spoken_.size());
  for (size_t i = 0; i < spoken_.size(); ++i) {
    lower_[i].assign(spoken_[i].word);
    for (char& c : lower_[i]) {
      if (c >= 'A' && c <= 'Z') c = static_cast<char>(c + 32);
    }
  }
  context_.clear(&pronouncer.tagger());
  for (const SpokenItem& item : spoken_) {
    if (item.mark != 0) {
      context_.add(to_utf8({&item.mark, 1}));
    } else {
      context_.add(item.word);
    }
  }
  NextSound next = NextSound::kNone;
  for (size_t i = spoken_.size(); i-- > 0;) {
    SpokenItem& item = spoken_[i];
    if (item.mark != 0) {
      item.phonemes.assign(1, static_cast<char16_t>(item.mark));
      if (is_pause(item.mark)) next = NextSound::kNone;
      continue;
    }
    if (!sources_[i]->phonemes.empty()) {
      item.phonemes.assign(sources_[i]->phonemes);
    } else if (sources_[i]->reading == Reading::kLetters) {
      pronouncer.spell(item.word, item.phonemes);
    } else {
      const WordPlace place{lower_, i, next, i == 0, shouted, &context_};
      pronouncer.pronounce(item.word, place, item.phonemes);
    }
    next = first_sound(item.phonemes, next);
  }
  // The parts of a compound share one main stress.
  for (size_t i = 0; i < spoken_.size();) {
    size_t end = i + 1;
    while (end < spoken_.size() && sources_[end]->compound) ++end;
    if (end > i + 1) {
      std::vector<PhonemeString> parts;
      for (size_t part = i; part < end; ++part) parts.push_back(std::move(spoken_[part].phonemes));
      balance_compound(parts, spoken_[i].word.size() == 1);
      for (size_t part = i; part < end; ++part) spoken_[part].phonemes = std::move(parts[part - i]);
    }
    i = end;
  }
  for (SpokenItem& item : spoken_) to_voice_alphabet(item.phonemes);
  return spoken_;
}

}  // namespace myna::text
