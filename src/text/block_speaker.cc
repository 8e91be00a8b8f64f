#include "text/block_speaker.h"

#include <algorithm>
#include <iterator>
#include <utility>

#include "base/utf8.h"
#include "text/g2p/endings.h"

namespace myna::text {
namespace {

// A paragraph of megabytes is worked on in stretches of this many bytes, cut where a sentence
// surely ends; without such a place at a space, within twice the size.
constexpr size_t kStretchBytes = size_t{1} << 14;
constexpr std::ptrdiff_t kHeldMarks = 4;
constexpr size_t kHardStretchBytes = size_t{1} << 17;

bool is_utf8_boundary(std::string_view text, size_t at) {
  return at >= text.size() || (static_cast<unsigned char>(text[at]) & 0xC0) != 0x80;
}

// "word. " with a word that is no abbreviation, or "! " and "? ".
bool surely_ends_sentence(std::string_view text, size_t start) {
  size_t end = start;
  while (end > 0 && text[end - 1] == ' ') --end;
  if (end == 0) return false;
  if (text[end - 1] == '!' || text[end - 1] == '?') return true;
  if (text[end - 1] != '.') return false;
  size_t letters = 0;
  for (size_t at = end - 1; at > 0 && text[at - 1] >= 'a' && text[at - 1] <= 'z'; --at) ++letters;
  return letters >= 6;
}

// A range annotation whose text is not read in the usual way.
bool is_opaque(const Annotation& annotation) {
  return annotation.end > annotation.begin &&
         (std::holds_alternative<SayAs>(annotation.what) ||
          std::holds_alternative<GivenPhonemes>(annotation.what));
}

// No number or name is read across it.
bool parts_text(const Annotation& annotation) {
  return !std::holds_alternative<ProsodyChange>(annotation.what) &&
         !std::holds_alternative<MarkHere>(annotation.what) &&
         !std::holds_alternative<SilenceRules>(annotation.what) &&
         !std::holds_alternative<PitchContour>(annotation.what);
}

}  // namespace

BlockSpeaker::BlockSpeaker(const Lexicon& lexicon, const PronunciationModels& models,
                           const FrontEndOptions& options, DiagnosticList& diagnostics,
                           UtteranceSink sink)
    : options_(options),
      diagnostics_(diagnostics),
      american_(lexicon, models, Dialect::kAmerican),
      british_(lexicon, models, Dialect::kBritish),
      dialect_(options.dialect),
      packer_(options, std::move(sink)) {
  normalizer_.set_emoji(options.emoji);
}

void BlockSpeaker::add_block(const Block& block) {
  const std::string& text = block.text.text();
  // Nothing can lengthen the silence behind the last block any more: its end may be heard.
  if (block.annotations.empty()) packer_.release();
  if (block.turn_start != TurnStart::kNone) packer_.begin_turn(block.turn_start);
  next_read_ = next_obeyed_ = next_prosody_ = 0;
  breaker_.find(text, starts_);
  size_t begin = 0, next_start = 0;
  while (begin < text.size()) {
    size_t end = text.size();
    if (end - begin > kStretchBytes) end = stretch_end(text, begin, next_start);
    stretch_starts_.clear();
    while (next_start < starts_.size() && starts_[next_start] < end) {
      if (starts_[next_start] > begin)
        stretch_starts_.push_back(starts_[next_start] - static_cast<uint32_t>(begin));
      ++next_start;
    }
    add_stretch(block, begin, end);
    begin = end;
  }
  // What stands in a block without text.
  for (; next_read_ < block.annotations.size(); ++next_read_) {
    if (const auto* dialect = std::get_if<DialectChange>(&block.annotations[next_read_].what))
      dialect_ = *dialect;
  }
  end_block(block);
}

size_t BlockSpeaker::stretch_end(std::string_view text, size_t begin, size_t next_start) const {
  for (size_t i = next_start; i < starts_.size() && starts_[i] < begin + kHardStretchBytes; ++i) {
    if (starts_[i] >= begin + kStretchBytes && surely_ends_sentence(text, starts_[i]))
      return starts_[i];
  }
  if (text.size() - begin <= kHardStretchBytes) return text.size();
  const size_t space = text.find(' ', begin + kHardStretchBytes / 2);
  if (space < begin + kHardStretchBytes) return space;
  size_t cut = begin + kHardStretchBytes;
  while (!is_utf8_boundary(text, cut)) ++cut;
  return std::min(cut, text.size());
}

void BlockSpeaker::add_stretch(const Block& block, size_t begin, size_t end) {
  const bool has_lexicon = options_.lexicon != nullptr && !options_.lexicon->empty();
  if (block.annotations.empty() && !has_lexicon) {
    const auto text = std::string_view(block.text.text()).substr(begin, end - begin);
    dialects_.assign(1, {0, dialect_});
    pack_items(block, begin, normalizer_.normalize(text, stretch_starts_, dialect_).items());
  } else {
    read_annotated(block, static_cast<uint32_t>(begin), static_cast<uint32_t>(end));
    pack_items(block, 0, speech_.items());
  }
}

// Pieces between annotations are read one by one into one list of items, so that the sentence is
// pronounced as a whole.
void BlockSpeaker::read_annotated(const Block& block, uint32_t begin, uint32_t end) {
  const std::string_view text = block.text.text();
  speech_.clear();
  given_.clear();
  dialects_.assign(1, {0, dialect_});
  uint32_t at = begin;
  for (; next_read_ < block.annotations.size(); ++next_read_) {
    const Annotation& annotation = block.annotations[next_read_];
    if (annotation.begin >= end && end < block.size()) break;
    if (!parts_text(annotation)) continue;
    if (annotation.begin > at) {
      read_piece(text, at, std::min(annotation.begin, end));
      at = std::min(annotation.begin, end);
    }
    if (const auto* dialect = std::get_if<DialectChange>(&annotation.what)) {
      change_dialect(*dialect);
    } else if (std::holds_alternative<SentenceEnd>(annotation.what)) {
      if (!speech_.items().empty()) speech_.items().back().sentence_end = true;
    } else if (is_opaque(annotation) && annotation.begin == at) {
      const uint32_t range_end = std::min(annotation.end, end);
      if (const auto* say_as = std::get_if<SayAs>(&annotation.what)) {
        read_as_asked(block, at, range_end, *say_as);
      } else if (const auto* given = std::get_if<GivenPhonemes>(&annotation.what)) {
        read_given(text, at, range_end,
                   dialect_ == Dialect::kBritish ? given->british : given->american);
      }
      at = range_end;
    }
  }
  if (at < end) read_piece(text, at, end);
  if (!speech_.items().empty()) speech_.items().back().sentence_end = true;
}

void BlockSpeaker::change_dialect(Dialect dialect) {
  dialect_ = dialect;
  dialects_.push_back({speech_.items().size(), dialect});
}

void BlockSpeaker::read_piece(std::string_view text, uint32_t begin, uint32_t end) {
  if (options_.lexicon == nullptr) return read_plainly(text, begin, end);
  matches_.clear();
  options_.lexicon->find(text, begin, end, matches_);
  for (const UserLexicon::Match& match : matches_) {
    read_plainly(text, begin, match.begin);
    read_match(text, match);
    begin = match.end;
  }
  read_plainly(text, begin, end);
}

void BlockSpeaker::read_plainly(std::string_view text, uint32_t begin, uint32_t end) {
  if (begin >= end) return;
  tokenize(text, begin, end, tokens_);
  const Tokens tokens(text, tokens_, starts_, dialect_);
  mark_sentence_end(tokens, 0, speech_);
  read_tokens(tokens, speech_);
}

void BlockSpeaker::read_as_asked(const Block& block, uint32_t begin, uint32_t end,
                                 const SayAs& say_as) {
  const std::string_view text = block.text.text();
  tokenize(text, begin, end, tokens_);
  mark_sentence_end(Tokens(text, tokens_, starts_, dialect_), 0, speech_);
  if (auto problem = read_as(text, begin, end, say_as, dialect_, speech_)) {
    diagnostics_.warn(block.text.source_of(begin, end), std::move(*problem));
  }
}

void BlockSpeaker::read_given(std::string_view text, uint32_t begin, uint32_t end,
                              PhonemeView phonemes) {
  while (begin + 1 < end && text[begin] == ' ') ++begin;
  while (end > begin + 1 && text[end - 1] == ' ') --end;
  tokenize(text, begin, end, tokens_);
  mark_sentence_end(Tokens(text, tokens_, starts_, dialect_), 0, speech_);
  std::string_view word = text.substr(begin, end - begin);
  if (word == " ") word = {};
  speech_.set_source(begin, end);
  speech_.word(word);
  SpeechItem& item = speech_.items().back();
  item.phonemes = given_.emplace_back(phonemes);
  // Directly behind an opening mark or a dash.
  item.space_before = begin == 0 || text[begin - 1] == ' ' || speech_.items().size() < 2 ||
                      speech_.items()[speech_.items().size() - 2].is_word();
}

void BlockSpeaker::read_match(std::string_view text, const UserLexicon::Match& match) {
  const bool british = dialect_ == Dialect::kBritish;
  for (size_t i = 0; i < match.spoken->size(); ++i) {
    const UserLexicon::Segment& segment = (*match.spoken)[i];
    const bool possessive = match.possessive && i + 1 == match.spoken->size();
    if (segment.has_phonemes()) {
      PhonemeString phonemes = british ? segment.british : segment.american;
      if (possessive) append_s(phonemes, dialect_);
      read_given(text, match.begin, match.end, phonemes);
      // Of several segments each has its own word; a lone one stands as it is written.
      if (match.spoken->size() > 1) speech_.items().back().word = segment.text;
      continue;
    }
    const std::string alias = possessive ? segment.text + "'s" : segment.text;
    for (const SpeechItem& item : normalizer_.normalize(alias, {}, dialect_).items()) {
      speech_.set_source(match.begin, match.end);
      if (item.is_word()) {
        speech_.own_word(std::string(item.word), item.reading);
        speech_.items().back().space_before = item.space_before;
      } else {
        speech_.mark(item.mark, item.space_before);
      }
    }
  }
}

void BlockSpeaker::pack_items(const Block& block, size_t base, std::span<const SpeechItem> items) {
  size_t next_dialect = 0;
  Dialect dialect = dialect_;
  for (size_t first = 0; first < items.size();) {
    for (; next_dialect < dialects_.size() && dialects_[next_dialect].item <= first; ++next_dialect)
      dialect = dialects_[next_dialect].dialect;
    const size_t limit =
        next_dialect < dialects_.size() ? dialects_[next_dialect].item : items.size();
    size_t last = first;
    while (last + 1 < limit && !items[last].sentence_end) ++last;
    pack_sentence(block, base, items.subspan(first, last + 1 - first), dialect);
    first = last + 1;
  }
}

void BlockSpeaker::pack_sentence(const Block& block, size_t base, std::span<const SpeechItem> items,
                                 Dialect dialect) {
  const Pronouncer& pronouncer = dialect == Dialect::kBritish ? british_ : american_;
  for (const SpokenItem& item : phonemes_.pronounce(items, pronouncer)) {
    if (!block.annotations.empty()) obey_until(block, base + item.begin);
    pack_item(block, base, item);
  }
  flush_sentence();
  if (silences_.sentence_ms >= 0 && items.back().sentence_end && packer_.is_collecting())
    pause(silences_.sentence_ms, last_source_);
}

void BlockSpeaker::pack_item(const Block& block, size_t base, const SpokenItem& item) {
  PackItem pack;
  pack.is_mark = item.mark != 0;
  pack.space_before = item.space_before;
  pack.word.text = item.word;
  const size_t begin = base + item.begin;
  const size_t end = base + std::max(item.end, item.begin + 1);
  pack.word.source = block.text.source_of(begin, end);
  if (item.phonemes.empty()) {
    diagnostics_.warn_skipped(pack.word.source, "a letter that an English voice cannot read",
                              item.word.empty() ? U' ' : decode_utf8(item.word, 0).code_point);
    return;
  }
  pack.symbols.assign(item.phonemes.begin(), item.phonemes.end());
  if (!block.annotations.empty()) {
    express(block, begin, end, pack);
    pack.bookmarks = std::exchange(bookmarks_, {});
  } else {
    pack.prosody = prosody_;
  }
  last_source_ = pack.word.source;
  last_is_mark_ = pack.is_mark;
  last_spoken_ = is_spoken(pack.word.source);
  if (!last_spoken_) {
    const bool before = pack.word.source.begin < options_.spoken_range.begin;
    (before ? words_before_ : words_behind_) |= !pack.is_mark;
    return;
  }
  words_in_ |= !pack.is_mark;
  any_word_ |= !pack.is_mark;
  if (break_before_ && !pack.is_mark) packer_.leave_break(*std::exchange(break_before_, {}));
  pack_items_.push_back(std::move(pack));
  const double pause_ms = item.mark == U','                        ? silences_.comma_ms
                          : item.mark == U';' || item.mark == U':' ? silences_.semicolon_ms
                                                                   : -1;
  if (pause_ms >= 0) {
    flush_sentence();
    pause(pause_ms, last_source_);
  }
}

bool BlockSpeaker::is_spoken(const SourceSpan& source) const {
  return source.begin >= options_.spoken_range.begin && source.begin < options_.spoken_range.end;
}

void BlockSpeaker::express(const Block& block, size_t begin, size_t end, PackItem& pack) {
  // Of a word that is partly in a stretch its middle decides: "$" before an emphasised 5.
  const size_t middle = (begin + end) / 2;
  const auto& annotations = block.annotations;
  for (; next_prosody_ < annotations.size() && annotations[next_prosody_].begin <= middle;
       ++next_prosody_) {
    if (const auto* change = std::get_if<ProsodyChange>(&annotations[next_prosody_].what))
      prosody_ = *change;
    if (std::holds_alternative<PitchContour>(annotations[next_prosody_].what))
      contours_.push_back(&annotations[next_prosody_]);
  }
  pack.prosody = prosody_;
  std::erase_if(contours_, [&](const Annotation* contour) { return contour->end <= begin; });
  // The innermost contour is the one that counts.
  if (contours_.empty() || contours_.back()->begin >= end) return;
  const Annotation& range = *contours_.back();
  const auto& contour = std::get<PitchContour>(range.what);
  pack.contour_semitones.resize(pack.symbols.size());
  for (size_t i = 0; i < pack.symbols.size(); ++i) {
    const double share = (static_cast<double>(i) + 0.5) / static_cast<double>(pack.symbols.size());
    const double place = static_cast<double>(begin - std::min<size_t>(begin, range.begin)) +
                         share * static_cast<double>(end - begin);
    pack.contour_semitones[i] =
        contour.semitones_at(static_cast<float>(place / (range.end - range.begin)));
  }
}

void BlockSpeaker::obey_until(const Block& block, size_t at) {
  for (; next_obeyed_ < block.annotations.size() && block.annotations[next_obeyed_].begin <= at;
       ++next_obeyed_) {
    obey(block.annotations[next_obeyed_]);
  }
}

void BlockSpeaker::obey(const Annotation& annotation) {
  if (const auto* delivery = std::get_if<DeliveryChange>(&annotation.what)) {
    flush_sentence();
    packer_.set_delivery(**delivery);
  } else if (std::holds_alternative<SentenceEnd>(annotation.what)) {
    flush_sentence();
    add_period();
  } else if (const auto* rules = std::get_if<SilenceRules>(&annotation.what)) {
    silences_ = *rules;
  } else if (!is_spoken(annotation.source)) {
    // What it asks for was done before, or will be.
  } else if (const auto* silence = std::get_if<Pause>(&annotation.what)) {
    flush_sentence();
    give_bookmarks();
    pause(silence->pause_ms, annotation.source);
  } else if (const auto* mark = std::get_if<MarkHere>(&annotation.what)) {
    bookmarks_.push_back({mark->name, annotation.source, 0});
  } else if (const auto* recording = std::get_if<Recording>(&annotation.what)) {
    flush_sentence();
    give_bookmarks();
    packer_.play(recording->file, annotation.source);
  }
}

void BlockSpeaker::pause(double pause_ms, SourceSpan source) {
  if (packer_.pause(pause_ms, source) || warned_pause_) return;
  warned_pause_ = true;
  diagnostics_.warn(source, "pauses that follow each other are shortened to " +
                                std::to_string(static_cast<int>(options_.max_pause_ms / 1000)) +
                                " s together");
}

void BlockSpeaker::flush_sentence() {
  held_.insert(held_.end(), std::make_move_iterator(pack_items_.begin()),
               std::make_move_iterator(pack_items_.end()));
  pack_items_.clear();
  // Marks alone ("* * *", "!!!") are no sentence: the last few wait for words.
  if (any_word_) {
    packer_.add_sentence(held_);
    held_.clear();
  } else if (held_.size() > kHeldMarks) {
    held_.erase(held_.begin(), held_.end() - kHeldMarks);
  }
}

// Headings, items, rows and sentences of SSML may end without a period; the voice needs one to
// lower its pitch.
void BlockSpeaker::add_period() {
  if (!any_word_ || last_is_mark_ || !last_spoken_) return;
  PackItem period;
  period.is_mark = true;
  period.space_before = false;
  period.symbols = U".";
  period.prosody = prosody_;
  period.word.source = {last_source_.end, last_source_.end};
  std::vector<PackItem> one;
  one.push_back(std::move(period));
  packer_.add_sentence(one);
  last_is_mark_ = true;
}

void BlockSpeaker::give_bookmarks() {
  for (Bookmark& bookmark : std::exchange(bookmarks_, {})) {
    packer_.add_bookmark(std::move(bookmark));
  }
}

void BlockSpeaker::end_block(const Block& block) {
  const bool goes_on = block.end == BlockEnd::kGoesOn;
  if (!goes_on && block.kind != BlockKind::kParagraph) add_period();
  obey_until(block, block.size());
  contours_.clear();
  for (; next_prosody_ < block.annotations.size(); ++next_prosody_) {
    if (const auto* change = std::get_if<ProsodyChange>(&block.annotations[next_prosody_].what))
      prosody_ = *change;
  }
  if (goes_on) return;
  give_bookmarks();
  held_.clear();
  const Break kind = block.kind == BlockKind::kHeading ? Break::kHeading : Break::kParagraph;
  if (words_in_ && words_behind_) {
    packer_.end_part();
  } else if (any_word_) {
    packer_.end_block(kind);
  } else if (words_before_ && !words_behind_) {
    break_before_ = kind;
  }
  if (block.turn_end != TurnEnd::kNone && !words_behind_) packer_.end_turn(block.turn_end);
  any_word_ = last_is_mark_ = words_before_ = words_in_ = words_behind_ = false;
  last_spoken_ = true;
}

}  // namespace myna::text
