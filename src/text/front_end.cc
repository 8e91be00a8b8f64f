#include "text/front_end.h"

#include <algorithm>

#include "base/error.h"
#include "base/utf8.h"
#include "text/g2p/lexicon.h"
#include "text/g2p/pronouncer.h"
#include "text/g2p/sentence_phonemes.h"
#include "text/normalize/normalizer.h"
#include "text/split/diagnostics.h"
#include "text/split/markdown_reader.h"
#include "text/split/plain_reader.h"
#include "text/split/sentence_breaker.h"
#include "text/split/utterance_packer.h"

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

class Run {
 public:
  Run(const Lexicon& lexicon, const FrontEndOptions& options, DiagnosticList& diagnostics,
      UtteranceSink sink)
      : diagnostics_(diagnostics),
        pronouncer_(lexicon, options.dialect),
        dialect_(options.dialect),
        packer_(options, std::move(sink)) {}

  void add_block(const Block& block) {
    const std::string& text = block.text.text();
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
    end_block(block.kind);
  }

  void finish() { packer_.finish(); }

 private:
  size_t stretch_end(std::string_view text, size_t begin, size_t next_start) const {
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

  void add_stretch(const Block& block, size_t begin, size_t end) {
    const std::string_view text = std::string_view(block.text.text()).substr(begin, end - begin);
    const auto& items = normalizer_.normalize(text, stretch_starts_, dialect_).items();
    for (size_t first = 0; first < items.size();) {
      size_t last = first;
      while (last + 1 < items.size() && !items[last].sentence_end) ++last;
      const auto spoken =
          phonemes_.pronounce(std::span(items).subspan(first, last + 1 - first), pronouncer_);
      pack_items_.clear();
      for (const SpokenItem& item : spoken) {
        PackItem pack;
        pack.is_mark = item.mark != 0;
        pack.space_before = item.space_before;
        pack.word.text = item.word;
        pack.word.source =
            block.text.source_of(begin + item.begin, begin + std::max(item.end, item.begin + 1));
        if (item.phonemes.empty()) {
          diagnostics_.warn_skipped(pack.word.source, "a letter that an English voice cannot read",
                                    decode_utf8(item.word, 0).code_point);
          continue;
        }
        pack.symbols.assign(item.phonemes.begin(), item.phonemes.end());
        last_source_ = pack.word.source;
        last_is_mark_ = pack.is_mark;
        any_ = true;
        any_word_ |= !pack.is_mark;
        pack_items_.push_back(std::move(pack));
      }
      held_.insert(held_.end(), std::make_move_iterator(pack_items_.begin()),
                   std::make_move_iterator(pack_items_.end()));
      // Marks alone ("* * *", "!!!") are no sentence: the last few wait for words.
      if (any_word_) {
        flush_held();
      } else if (held_.size() > kHeldMarks) {
        held_.erase(held_.begin(), held_.end() - kHeldMarks);
      }
      first = last + 1;
    }
  }

  void flush_held() {
    // A block without a word so far has nothing to say.
    packer_.add_sentence(held_);
    held_.clear();
  }

  void end_block(BlockKind kind) {
    held_.clear();
    if (any_word_) {
      // Headings, items and rows end without a period; the voice needs one to lower its pitch.
      if (kind != BlockKind::kParagraph && !last_is_mark_) {
        PackItem period;
        period.is_mark = true;
        period.space_before = false;
        period.symbols = U".";
        period.word.source = {last_source_.end, last_source_.end};
        std::vector<PackItem> one{std::move(period)};
        packer_.add_sentence(one);
      }
      packer_.end_block(kind == BlockKind::kHeading ? Break::kHeading : Break::kParagraph);
    }
    any_ = any_word_ = last_is_mark_ = false;
  }

  DiagnosticList& diagnostics_;
  Pronouncer pronouncer_;
  Dialect dialect_;
  SentenceBreaker breaker_;
  Normalizer normalizer_;
  SentencePhonemes phonemes_;
  UtterancePacker packer_;
  std::vector<uint32_t> starts_;          // of sentences in the block
  std::vector<uint32_t> stretch_starts_;  // of sentences in the stretch
  std::vector<PackItem> pack_items_;
  std::vector<PackItem> held_;
  SourceSpan last_source_;
  bool last_is_mark_ = false;
  bool any_ = false;
  bool any_word_ = false;
};

}  // namespace

struct FrontEnd::Implementation {
  Lexicon lexicon;
};

FrontEnd::FrontEnd(const std::filesystem::path& lexicon_directory)
    : implementation_(std::make_unique<const Implementation>(
          Implementation{Lexicon::open(lexicon_directory / "lexicon.bin")})) {}

FrontEnd::~FrontEnd() = default;
FrontEnd::FrontEnd(FrontEnd&&) noexcept = default;

std::vector<Diagnostic> FrontEnd::process_each(std::string_view source,
                                               const FrontEndOptions& options,
                                               const std::function<void(Utterance&&)>& sink) const {
  if (source.size() > kMaxTextBytes) {
    throw Error(ErrorCode::kResourceExhausted,
                "the text has " + std::to_string(source.size()) + " bytes, the limit is " +
                    std::to_string(kMaxTextBytes),
                "split it into parts");
  }
  DiagnosticList diagnostics(source);
  bool spoken = false;
  Run run(implementation_->lexicon, options, diagnostics, [&](Utterance&& utterance) {
    spoken = true;
    sink(std::move(utterance));
  });
  const BlockSink add_block = [&](const Block& block) { run.add_block(block); };
  const bool markdown = options.format == TextFormat::kMarkdown ||
                        (options.format == TextFormat::kAuto && looks_like_markdown(source));
  if (markdown) {
    read_markdown(source, diagnostics, add_block);
  } else {
    read_plain(source, diagnostics, add_block);
  }
  run.finish();
  if (!spoken && source.find_first_not_of(" \t\r\n") != std::string_view::npos) {
    diagnostics.warn({0, source.size()}, "the text has nothing that can be spoken");
  }
  return diagnostics.take();
}

SpokenText FrontEnd::process(std::string_view source, const FrontEndOptions& options) const {
  SpokenText result;
  result.diagnostics = process_each(source, options, [&](Utterance&& utterance) {
    result.utterances.push_back(std::move(utterance));
  });
  return result;
}

std::string FrontEnd::phonemize(std::string_view line, Dialect dialect) const {
  FrontEndOptions options;
  options.dialect = dialect;
  options.format = TextFormat::kPlain;
  options.target_phonemes = options.max_phonemes = line.size() * 64 + 64;
  std::string phonemes;
  process_each(line, options, [&](Utterance&& utterance) {
    if (!phonemes.empty()) phonemes += ' ';
    phonemes += utterance.phoneme_text();
  });
  return phonemes;
}

}  // namespace myna::text
