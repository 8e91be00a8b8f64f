#include "text/split/text_stream.h"

#include <algorithm>
#include <chrono>
#include <limits>
#include <utility>
#include <vector>

#include "base/clock.h"
#include "base/error.h"
#include "text/split/stable_places.h"

namespace myna::text {
namespace {

constexpr size_t kEnd = std::numeric_limits<size_t>::max();
// At the start little is read, so that the first sound comes early; later enough for long pieces.
constexpr size_t kFirstWindow = 512;
constexpr size_t kWindow = size_t{1} << 14;
// Context that is read again; a longer paragraph loses its beginning.
constexpr size_t kUsualContext = size_t{1} << 11;
constexpr size_t kMostContext = size_t{1} << 13;
constexpr size_t kWholePart = size_t{1} << 30;  // phonemes: not cut

bool is_one_of(char32_t symbol, std::u32string_view set) {
  return set.find(symbol) != std::u32string_view::npos;
}

// A place behind a phoneme of the text as it is read now.
struct MarkedPlace {
  size_t end = 0;  // in the source
  char32_t mark = 0;
  Break block = Break::kNone;  // of an utterance that ends here
};

// Places behind marks and blocks, in order. None lies where the reading has changed the order of
// the source.
std::vector<MarkedPlace> places_of(const SpokenText& read) {
  std::vector<MarkedPlace> places;
  std::vector<size_t> begins;  // least source begin from each phoneme on
  for (const Utterance& utterance : read.utterances) {
    for (const Phoneme& phoneme : utterance.phonemes) begins.push_back(phoneme.source.begin);
  }
  for (size_t i = begins.size(); i-- > 1;) begins[i - 1] = std::min(begins[i - 1], begins[i]);
  size_t at = 0, end = 0;
  for (const Utterance& utterance : read.utterances) {
    for (size_t i = 0; i < utterance.phonemes.size(); ++i, ++at) {
      const Phoneme& phoneme = utterance.phonemes[i];
      end = std::max(end, phoneme.source.end);
      const bool last = i + 1 == utterance.phonemes.size();
      const bool mark = is_one_of(phoneme.symbol, U".!?\u2026,;:\u2014");
      if (!mark && !last) continue;
      if (at + 1 < begins.size() && begins[at + 1] < end) continue;
      places.push_back(
          {end, mark ? phoneme.symbol : 0, last ? utterance.break_after : Break::kNone});
    }
  }
  return places;
}

Break break_of_marks(const Utterance& utterance) {
  for (size_t i = utterance.phonemes.size(); i-- > 0;) {
    const char32_t symbol = utterance.phonemes[i].symbol;
    if (is_one_of(symbol, U".!?\u2026")) return Break::kSentence;
    if (is_one_of(symbol, U",;:\u2014")) return Break::kClause;
    if (!is_one_of(symbol, U" )\"\u201D")) break;
  }
  return Break::kNone;
}

size_t phonemes_until(const SpokenText& read, size_t cut) {
  size_t count = 0;
  for (const Utterance& utterance : read.utterances) {
    count += static_cast<size_t>(
        std::count_if(utterance.phonemes.begin(), utterance.phonemes.end(),
                      [cut](const Phoneme& phoneme) { return phoneme.source.begin < cut; }));
  }
  return count;
}

bool is_fence(std::string_view line) {
  const size_t begin = line.find_first_not_of(' ');
  return begin != std::string_view::npos && begin <= 3 &&
         (line.substr(begin).starts_with("```") || line.substr(begin).starts_with("~~~"));
}

}  // namespace

TextStream::TextStream(const FrontEnd& front_end, FrontEndOptions options)
    : front_end_(front_end), options_(std::move(options)) {}

void TextStream::append(std::string_view bytes) {
  if (source_.size() + bytes.size() > FrontEnd::kMaxTextBytes) {
    throw Error(ErrorCode::kResourceExhausted,
                "the text has more than " + std::to_string(FrontEnd::kMaxTextBytes) + " bytes",
                "split it into parts");
  }
  source_ += bytes;
}

void TextStream::finish() { finished_ = true; }

// A cheap look before anything is read: most tokens of a language model end nothing.
bool TextStream::may_have(Place place, size_t end) const {
  if (place == Place::kWord || finished_) return true;
  const std::string_view pending = std::string_view(source_).substr(spoken_end_, end - spoken_end_);
  if (pending.find_first_of(".!?\n") != std::string_view::npos) return true;
  if (pending.find("\u2026") != std::string_view::npos) return true;
  if (place == Place::kSentence) return false;
  return pending.find_first_of(",;:") != std::string_view::npos ||
         pending.find("\u2014") != std::string_view::npos ||
         pending.find("--") != std::string_view::npos ||
         pending.find(" - ") != std::string_view::npos;
}

TextStream::Cut TextStream::find_cut(std::string_view window, const SpokenText& read,
                                     Place place) const {
  const size_t from = spoken_end_ - base_;
  if (place == Place::kWord) return {stable_behind_word(window, from), false};
  const std::vector<MarkedPlace> marked = places_of(read);
  for (size_t i = marked.size(); i-- > 0 && marked[i].end > from;) {
    const MarkedPlace& here = marked[i];
    Cut cut;
    if (here.block >= Break::kParagraph) {
      // What was read behind the block as another one shows that it is over.
      const bool followed = i + 1 < marked.size() && here.end < window.size();
      cut.at = stable_behind_block(window, here.end, here.block == Break::kHeading);
      if (cut.at == 0 && followed) cut.at = here.end + 1;
      cut.block_over = cut.at != 0;
    }
    const bool sentence = is_one_of(here.mark, U".!?\u2026");
    if (cut.at == 0 && here.mark != 0 && (sentence || place == Place::kClause)) {
      cut.at = stable_behind_mark(window, here.end);
    }
    if (cut.at > from) return cut;
  }
  return {from, false};
}

TextStream::Part TextStream::take_whole() {
  Part part;
  if (!finished_ || spoken_end_ == source_.size()) return part;
  part.spoken = front_end_.process(source_, options_);
  part.source_end = spoken_end_ = source_.size();
  return part;
}

// False while it is too early to say, and for what is taken as a whole.
bool TextStream::choose_format(FrontEndOptions& options) {
  if (options_.strictness == Strictness::kStrict) return false;
  if (options_.format == TextFormat::kAuto) {
    const std::string_view start = std::string_view(source_).substr(0, kWindow);
    if (spoken_end_ == 0) {
      const size_t first = start.find_first_not_of(" \t\r\n");
      if (first == std::string_view::npos && !finished_) return false;
      // "<" may become "<speak>".
      const bool markup = first != std::string_view::npos &&
                          (start[first] == '<' || start.substr(first).starts_with("\xEF\xBB\xBF"));
      if (markup && !finished_ && source_.size() < kFirstWindow) return false;
      const TextFormat seen = detect_format(start);
      if (seen == TextFormat::kSsml || seen == TextFormat::kScript) options_.format = seen;
    }
    if (!markdown_ && options_.format == TextFormat::kAuto) {
      const std::string_view here = std::string_view(source_).substr(base_, kWindow);
      markdown_ = detect_format(here) == TextFormat::kMarkdown;
    }
    options.format = markdown_ ? TextFormat::kMarkdown : TextFormat::kPlain;
  }
  return options_.format != TextFormat::kSsml && options_.format != TextFormat::kScript;
}

// Looks for the next part in source_[base_, end), in a little of the text first. `cut` is where it
// ends.
bool TextStream::find_part(FrontEndOptions& options, const Wish& wish, Cut& cut, size_t& end) {
  for (size_t room = std::clamp(4 * spoken_end_, kFirstWindow, kWindow);; room = kWindow) {
    end = std::min(source_.size(), spoken_end_ + room);
    const bool more_is_there = end < source_.size();
    const std::string_view window = std::string_view(source_).substr(base_, end - base_);
    options.spoken_range = {spoken_end_ - base_, kEnd};
    if (finished_ && !more_is_there) {
      cut = {window.size(), true};
      return true;
    }
    if (!more_is_there) {
      if (fruitless_end_ == end && fruitless_place_ <= wish.place) return false;
      if (!may_have(wish.place, end)) return false;
    }
    FrontEndOptions uncut = options;
    uncut.target_phonemes = uncut.max_phonemes = kWholePart;
    uncut.first_target_phonemes = 0;
    const SpokenText read = front_end_.process(window, uncut);
    const size_t from = spoken_end_ - base_;
    cut = find_cut(window, read, wish.place);
    if (cut.at == from && more_is_there) {
      if (room < kWindow) continue;
      // So much text without a place that is asked for.
      cut.at = stable_behind_word(window, from);
      if (cut.at == from) cut.at = window.size();
    }
    if (cut.at == from) {
      fruitless_end_ = end;
      fruitless_place_ = wish.place;
      return false;
    }
    options.spoken_range.end = cut.at;
    return more_is_there || phonemes_until(read, cut.at) >= wish.min_phonemes;
  }
}

TextStream::Part TextStream::take(const Wish& wish) {
  const auto start = std::chrono::steady_clock::now();
  Part part = take_now(wish);
  reading_s_ += seconds_since(start);
  return part;
}

TextStream::Part TextStream::take_now(const Wish& wish) {
  Part part;
  part.source_end = spoken_end_;
  if (spoken_end_ == source_.size()) return part;
  FrontEndOptions options = options_;
  options.phonemes_before = wish.phonemes_before;
  if (!choose_format(options)) return take_whole();
  Cut cut;
  size_t end = 0;
  if (!find_part(options, wish, cut, end)) return part;
  const bool last = finished_ && base_ + cut.at == source_.size();
  part.spoken = front_end_.process(std::string_view(source_).substr(base_, end - base_), options);
  part.source_offset = base_;
  std::vector<Diagnostic>& found = part.spoken.diagnostics;
  std::erase_if(found, [&](const Diagnostic& diagnostic) {
    const size_t begin = diagnostic.source.begin;
    return begin < options.spoken_range.begin || (!last && begin >= options.spoken_range.end);
  });
  for (Diagnostic& diagnostic : found) diagnostic.line += base_line_;
  // The paragraph may go on: its last mark says what pause it asks for so far. If it does not, the
  // next part begins with its break.
  if (!cut.block_over && !part.spoken.utterances.empty()) {
    Utterance& utterance = part.spoken.utterances.back();
    if (utterance.break_after >= Break::kParagraph)
      utterance.break_after = break_of_marks(utterance);
  }
  spoken_end_ = base_ + cut.at;
  part.source_end = spoken_end_;
  move_base();
  return part;
}

void TextStream::move_base() {
  if (spoken_end_ - base_ < kUsualContext) return;
  bool in_fence = false;
  size_t next_base = base_;
  for (size_t line = base_; line < spoken_end_;) {
    const size_t newline = source_.find('\n', line);
    if (newline == std::string::npos || newline >= spoken_end_) break;
    const std::string_view content = std::string_view(source_).substr(line, newline - line);
    if (is_fence(content)) in_fence = !in_fence;
    line = newline + 1;
    const bool blank = content.find_first_not_of(" \t\r") == std::string_view::npos;
    if (blank && !in_fence) next_base = line;
  }
  if (next_base == base_ && spoken_end_ - base_ > kMostContext && !in_fence)
    next_base = spoken_end_;
  base_line_ +=
      static_cast<size_t>(std::count(source_.begin() + static_cast<ptrdiff_t>(base_),
                                     source_.begin() + static_cast<ptrdiff_t>(next_base), '\n'));
  base_ = next_base;
}

}  // namespace myna::text
