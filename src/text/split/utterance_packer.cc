#include "text/split/utterance_packer.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <iterator>
#include <string_view>
#include <utility>

namespace myna::text {
namespace {

// Below this an utterance is joined with the next even past the target.
constexpr size_t kShortUtterance = 100;
// A voice needs some room; smaller limits make no sense and would cut every word.
constexpr size_t kSmallestLimit = 16;

bool is_one_of(char32_t symbol, std::u32string_view set) {
  return set.find(symbol) != std::u32string_view::npos;
}

char32_t mark_of(const PackItem& item) {
  return item.is_mark && !item.symbols.empty() ? item.symbols[0] : 0;
}

bool starts_phrase(std::string_view word) {
  static constexpr auto kWords = std::to_array<std::string_view>(
      {"and",    "but",   "or",      "nor",     "so",    "yet",    "because", "although",
       "though", "while", "when",    "where",   "if",    "unless", "since",   "that",
       "which",  "who",   "whose",   "before",  "after", "until",  "as",      "than",
       "in",     "on",    "at",      "by",      "for",   "with",   "from",    "into",
       "over",   "under", "between", "through", "of",    "to"});
  return std::find(kWords.begin(), kWords.end(), word) != kWords.end();
}

// How good a place it is to cut before items[at]: 0 is impossible.
int cut_quality(std::span<const PackItem> items, size_t at) {
  const PackItem& next = items[at];
  const char32_t before = mark_of(items[at - 1]);
  const char32_t next_mark = mark_of(next);
  if (!next.space_before && before != U'—') return 0;  // inside of a compound
  if (is_one_of(next_mark, U".,;:!?…)”")) return 0;
  // Closing quotes and brackets belong to the mark before them.
  size_t back = at;
  while (back > 0 && is_one_of(mark_of(items[back - 1]), U"”)")) --back;
  const char32_t mark = back > 0 ? mark_of(items[back - 1]) : 0;
  if (is_one_of(mark, U".!?…")) return 5;
  if (is_one_of(mark, U";:—")) return 4;
  if (is_one_of(mark, U",")) return 3;
  if (next_mark == U'—') return 0;
  if (is_one_of(next_mark, U"(“")) return 3;
  if (is_one_of(before, U"(“")) return 0;
  return starts_phrase(next.word.text) ? 2 : 1;
}

Break break_of(const Utterance& utterance) {
  for (size_t i = utterance.phonemes.size(); i > 0; --i) {
    const char32_t symbol = utterance.phonemes[i - 1].symbol;
    if (is_one_of(symbol, U"”)“(") || symbol == U' ') continue;
    if (is_one_of(symbol, U".!?…")) return Break::kSentence;
    if (is_one_of(symbol, U",;:—")) return Break::kClause;
    break;
  }
  return Break::kNone;
}

size_t total_length(std::span<const PackItem> items) {
  size_t length = 0;
  for (const PackItem& item : items) length += item.length();
  return length;
}

}  // namespace

UtterancePacker::UtterancePacker(const FrontEndOptions& options, UtteranceSink sink)
    : target_phonemes_(
          std::max(kSmallestLimit, std::min(options.target_phonemes, options.max_phonemes))),
      max_phonemes_(std::max(kSmallestLimit, options.max_phonemes)),
      growth_(options.first_target_phonemes == 0
                  ? 0
                  : std::max(kSmallestLimit, options.first_target_phonemes),
              options.phonemes_before),
      max_pause_ms_(options.max_pause_ms),
      sink_(std::move(sink)) {}

void UtterancePacker::add_sentence(std::span<PackItem> items) {
  if (items.empty()) return;
  release();
  if (growth_.growing(target_phonemes_)) grow(items);
  if (items.empty()) return;
  const size_t length = total_length(items);
  const size_t collected = current_.phonemes.size();
  if (collected > 0) {
    const bool fits_target = collected + length <= target_phonemes_;
    const bool mends_short =
        first_done_ && collected < kShortUtterance && collected + length <= max_phonemes_;
    if (!fits_target && !mends_short) flush(break_of(current_));
  }
  if (current_.phonemes.size() + length > max_phonemes_) {
    cut_long_sentence(items);
  } else {
    append(items);
  }
}

// Takes utterances off the front of a sentence while they have to be short; what is left is for
// longer ones, or is collected until the next sentence comes.
void UtterancePacker::grow(std::span<PackItem>& items) {
  while (!items.empty() && growth_.growing(target_phonemes_)) {
    const size_t collected = current_.phonemes.size();
    const size_t limit = growth_.limit(target_phonemes_);
    const size_t shortest = growth_.shortest(target_phonemes_);
    const size_t length = total_length(items);
    if (collected + length <= limit) {
      append(items);
      items = {};
      if (current_.phonemes.size() >= shortest) flush(break_of(current_));
      return;
    }
    size_t best = 0, so_far = 0;
    double best_score = -1e9;
    for (size_t at = 1; at < items.size(); ++at) {
      so_far += items[at - 1].length();
      if (collected + so_far > limit) break;
      const int quality = cut_quality(items, at);
      if (quality == 0) continue;
      // A clause that is worth a piece goes before a cut between words.
      const double filled = static_cast<double>(collected + so_far) / static_cast<double>(limit);
      const double score = std::min<double>(quality, filled < 0.4 ? 1 : 5) + 3.0 * filled;
      if (score >= best_score) {
        best_score = score;
        best = at;
      }
    }
    // What was collected ends a sentence: better than a cut between words behind it.
    const bool between_words = best == 0 || cut_quality(items, best) <= 2;
    if (collected > 0 && between_words) {
      flush(break_of(current_));
      continue;
    }
    if (best == 0) return;  // one long word: the usual way knows what to do
    append(items.first(best));
    flush(break_of(current_));
    items = items.subspan(best);
  }
}

void UtterancePacker::cut_long_sentence(std::span<PackItem> items) {
  size_t length = total_length(items);
  while (!items.empty()) {
    if (length <= max_phonemes_) {
      append(items);
      return;
    }
    // Equal shares read better than a long piece and a stump.
    const size_t pieces = (length + target_phonemes_ - 1) / target_phonemes_;
    const size_t share = length / pieces;
    size_t best = 0, so_far = 0;
    double best_score = -1e9;
    for (size_t at = 1; at < items.size(); ++at) {
      so_far += items[at - 1].length();
      if (so_far > max_phonemes_) break;
      const int quality = cut_quality(items, at);
      if (quality == 0) continue;
      const double distance = std::abs(static_cast<double>(so_far) - static_cast<double>(share)) /
                              static_cast<double>(share);
      const double score = quality - 4.0 * distance;
      if (score > best_score) {
        best_score = score;
        best = at;
      }
    }
    if (best == 0) {
      // No place between words: a chain of compounds, or one long word. As many items as fit.
      best = 1;
      for (size_t room = items[0].length();
           best < items.size() && room + items[best].length() <= max_phonemes_; ++best) {
        room += items[best].length();
      }
    }
    length -= total_length(items.first(best));
    append(items.first(best));
    flush(break_of(current_));
    items = items.subspan(best);
  }
}

void UtterancePacker::append(std::span<PackItem> items) {
  for (PackItem& item : items) {
    const bool space = item.space_before && !current_.phonemes.empty();
    if (current_.phonemes.size() + item.symbols.size() + space > max_phonemes_ &&
        !current_.phonemes.empty()) {
      flush(break_of(current_));
    }
    std::u32string_view symbols = item.symbols;
    do {
      // Only a word longer than an utterance comes here twice.
      const size_t taken = std::min(symbols.size(), max_phonemes_);
      append_symbols(item, symbols.substr(0, taken),
                     item.space_before && !current_.phonemes.empty() && taken > 0);
      symbols.remove_prefix(taken);
      if (!symbols.empty()) flush(Break::kNone);
    } while (!symbols.empty());
  }
}

// Index 0 is the neutral prosody as soon as there is another one.
uint16_t UtterancePacker::prosody_index(const Prosody& prosody) {
  auto& list = current_.prosodies;
  if (list.empty()) {
    if (prosody == Prosody{}) return 0;
    list.push_back({});
  }
  // The same stretch goes on, mostly.
  for (size_t i = list.size(); i-- > 0;) {
    if (list[i] == prosody) return static_cast<uint16_t>(i);
  }
  list.push_back(prosody);
  return static_cast<uint16_t>(list.size() - 1);
}

void UtterancePacker::append_symbols(PackItem& item, std::u32string_view symbols, bool space) {
  const uint16_t prosody = prosody_index(item.prosody);
  if (space) {
    // A space inside of a stretch belongs to it.
    const bool inside = current_.phonemes.back().prosody == prosody;
    current_.phonemes.push_back({U' ',
                                 {item.word.source.begin, item.word.source.begin},
                                 -1,
                                 inside ? prosody : uint16_t{0}});
  }
  if (!item.bookmarks.empty()) {
    std::move(item.bookmarks.begin(), item.bookmarks.end(), std::back_inserter(bookmarks_));
    item.bookmarks.clear();
  }
  if (!bookmarks_.empty()) take_bookmarks(current_);
  int32_t word_index = -1;
  if (!item.is_mark) {
    word_index = static_cast<int32_t>(current_.words.size());
    Word word = item.word;
    word.first_phoneme = current_.phonemes.size();
    word.phoneme_count = symbols.size();
    current_.words.push_back(std::move(word));
  }
  const size_t first = current_.phonemes.size();
  for (const char32_t symbol : symbols) {
    current_.phonemes.push_back({symbol, item.word.source, word_index, prosody});
  }
  if (!item.contour_semitones.empty()) {
    const auto offset = symbols.data() - item.symbols.data();
    current_.pitch_semitones.resize(first);
    current_.pitch_semitones.insert(
        current_.pitch_semitones.end(), item.contour_semitones.begin() + offset,
        item.contour_semitones.begin() + offset + static_cast<std::ptrdiff_t>(symbols.size()));
  }
  if (first == 0) current_.source.begin = item.word.source.begin;
  current_.source.end = std::max(current_.source.end, item.word.source.end);
  current_.source.begin = std::min(current_.source.begin, item.word.source.begin);
}

void UtterancePacker::take_bookmarks(Utterance& utterance) {
  for (Bookmark& bookmark : bookmarks_) {
    bookmark.first_phoneme = utterance.phonemes.size();
    utterance.bookmarks.push_back(std::move(bookmark));
  }
  bookmarks_.clear();
}

bool UtterancePacker::is_collecting() const {
  return !current_.phonemes.empty() || !current_.words.empty();
}

Utterance UtterancePacker::take_current(Break break_after) {
  Utterance done = std::exchange(current_, {});
  done.break_after = break_after;
  if (!done.pitch_semitones.empty()) done.pitch_semitones.resize(done.phonemes.size());
  done.delivery = delivery_;
  done.turn_start = std::exchange(next_turn_start_, TurnStart::kNone);
  return done;
}

void UtterancePacker::flush(Break break_after) {
  if (is_collecting()) emit(take_current(break_after));
}

void UtterancePacker::hold(Break break_after) {
  if (!is_collecting()) return;
  release();
  held_ = take_current(break_after);
  take_bookmarks(*held_);
}

void UtterancePacker::emit(Utterance&& utterance) {
  first_done_ |= !utterance.phonemes.empty();
  growth_.add(utterance.phonemes.size());
  sink_(std::move(utterance));
}

void UtterancePacker::release() {
  if (!held_) return;
  Utterance done = *std::exchange(held_, std::nullopt);
  emit(std::move(done));
}

void UtterancePacker::set_delivery(const Delivery& delivery) {
  if (delivery == delivery_) return;
  hold(break_of(current_));
  delivery_ = delivery;
}

bool UtterancePacker::pause(double pause_ms, SourceSpan source) {
  hold(break_of(current_));
  // A bookmark between two pauses has a place of its own.
  if (held_ && held_->pause_after_ms && !bookmarks_.empty()) release();
  if (!held_) {
    held_.emplace();
    held_->source = source;
    held_->break_after = Break::kNone;
    held_->delivery = delivery_;
  }
  take_bookmarks(*held_);
  const double sum_ms = held_->pause_after_ms.value_or(0) + pause_ms;
  held_->pause_after_ms = std::min(sum_ms, max_pause_ms_);
  return sum_ms <= max_pause_ms_;
}

void UtterancePacker::add_bookmark(Bookmark bookmark) { bookmarks_.push_back(std::move(bookmark)); }

void UtterancePacker::play(std::string audio_file, SourceSpan source) {
  // A mark that stands before the recording is no part of what was said before it.
  std::vector<Bookmark> before = std::exchange(bookmarks_, {});
  hold(break_of(current_));
  release();
  bookmarks_ = std::move(before);
  held_ = take_current(Break::kNone);
  held_->audio_file = std::move(audio_file);
  held_->source = source;
  take_bookmarks(*held_);
}

void UtterancePacker::end_turn(TurnEnd end) {
  // Nothing took the start: the turn has no sound, and what is held was said before it.
  if (std::exchange(next_turn_start_, TurnStart::kNone) != TurnStart::kNone) return;
  if (held_) held_->turn_end = end;
}

void UtterancePacker::end_block(Break break_after) {
  // A pause or another delivery at the very end has completed the utterance already.
  if (!is_collecting() && held_) held_->break_after = std::max(held_->break_after, break_after);
  hold(break_after);
}

void UtterancePacker::end_part() { hold(break_of(current_)); }

void UtterancePacker::leave_break(Break kind) {
  Utterance silent;
  silent.break_after = kind;
  emit(std::move(silent));
}

void UtterancePacker::finish() {
  hold(break_of(current_));
  if (!bookmarks_.empty() && !held_) {
    held_ = take_current(Break::kNone);
    held_->source = {bookmarks_.front().source.begin, bookmarks_.back().source.end};
    held_->pause_after_ms = 0;
  }
  if (held_) take_bookmarks(*held_);
  release();
}

}  // namespace myna::text
