#include "text/split/markdown_reader.h"

#include <md4c.h>

#include <algorithm>
#include <optional>

#include "base/error.h"
#include "text/markup/direction.h"
#include "text/split/character_filter.h"
#include "text/split/html_entities.h"

namespace myna::text {
namespace {

class Reader {
 public:
  Reader(std::string_view source, DiagnosticList& diagnostics, const BlockSink& sink)
      : source_(source), diagnostics_(diagnostics), sink_(sink) {}

  // Parses source[begin, end) as a document of its own.
  void read(size_t begin, size_t end) {
    MD_PARSER parser = {};
    // E-mail and URL autolinks are left to normalize/, which reads them anyway.
    parser.flags =
        MD_FLAG_TABLES | MD_FLAG_STRIKETHROUGH | MD_FLAG_TASKLISTS | MD_FLAG_NOINDENTEDCODEBLOCKS;
    parser.enter_block = [](MD_BLOCKTYPE type, void*, void* self) {
      static_cast<Reader*>(self)->enter_block(type);
      return 0;
    };
    parser.leave_block = [](MD_BLOCKTYPE type, void*, void* self) {
      static_cast<Reader*>(self)->leave_block(type);
      return 0;
    };
    parser.enter_span = [](MD_SPANTYPE type, void* detail, void* self) {
      static_cast<Reader*>(self)->enter_span(type, detail);
      return 0;
    };
    parser.leave_span = [](MD_SPANTYPE type, void*, void* self) {
      static_cast<Reader*>(self)->leave_span(type);
      return 0;
    };
    parser.text = [](MD_TEXTTYPE type, const MD_CHAR* text, MD_SIZE size, void* self) {
      static_cast<Reader*>(self)->text(type, {text, size});
      return 0;
    };
    position_ = begin;
    item_depth_ = 0;
    em_depth_ = strong_depth_ = 0;
    link_phonemes_.reset();
    if (md_parse(source_.data() + begin, static_cast<MD_SIZE>(end - begin), &parser, this) != 0) {
      throw Error(ErrorCode::kResourceExhausted, "the Markdown text could not be parsed");
    }
    flush(BlockKind::kParagraph);
  }

 private:
  void enter_block(MD_BLOCKTYPE type) {
    switch (type) {
      case MD_BLOCK_LI:
        // The text before a nested list is an item of its own.
        flush(item_depth_ > 0 ? BlockKind::kListItem : BlockKind::kParagraph);
        ++item_depth_;
        item_starts_ = true;
        return;
      case MD_BLOCK_CODE:
        flush_here();
        code_ = SourceSpan{position_, position_};
        return;
      case MD_BLOCK_HTML:
        in_html_ = true;
        return;
      case MD_BLOCK_UL:
      case MD_BLOCK_OL:
      case MD_BLOCK_P:
      case MD_BLOCK_H:
      case MD_BLOCK_TR:
      case MD_BLOCK_HR:
        flush_here();
        return;
      default:
        return;
    }
  }

  void leave_block(MD_BLOCKTYPE type) {
    switch (type) {
      case MD_BLOCK_H:
        return flush(BlockKind::kHeading);
      case MD_BLOCK_P:
        return flush_here();
      case MD_BLOCK_LI:
        flush(BlockKind::kListItem);
        --item_depth_;
        return;
      case MD_BLOCK_TR:
        return flush(BlockKind::kTableRow);
      case MD_BLOCK_TH:
      case MD_BLOCK_TD:
        return end_cell();
      case MD_BLOCK_HTML:
        in_html_ = false;
        return;
      case MD_BLOCK_CODE:
        skip_code();
        return;
      default:
        return;
    }
  }

  void enter_span(MD_SPANTYPE type, void* detail) {
    if (type == MD_SPAN_EM || type == MD_SPAN_STRONG) {
      ++(type == MD_SPAN_EM ? em_depth_ : strong_depth_);
      annotate_emphasis();
    } else if (type == MD_SPAN_A) {
      const MD_ATTRIBUTE& href = static_cast<MD_SPAN_A_DETAIL*>(detail)->href;
      const std::string_view target(href.text, href.size);
      link_phonemes_.reset();
      // [word](/ipa/): a place on the own site would not end with a slash and hold IPA.
      const std::optional<SourceSpan> span = span_of(target);
      if (!span || target.size() < 3 || target.front() != '/' || target.back() != '/') return;
      if (!looks_like_phonemes(target)) return;
      link_phonemes_ = parse_link_phonemes(source_, {span->begin + 1, span->end - 1}, diagnostics_);
      link_source_ = *span;
      link_begin_ = block_.size();
    }
  }

  void leave_span(MD_SPANTYPE type) {
    if (type == MD_SPAN_EM || type == MD_SPAN_STRONG) {
      --(type == MD_SPAN_EM ? em_depth_ : strong_depth_);
      annotate_emphasis();
    } else if (type == MD_SPAN_A && link_phonemes_ && block_.size() > link_begin_) {
      Annotation annotation;
      annotation.begin = link_begin_;
      annotation.end = block_.size();
      annotation.source = link_source_;
      annotation.what = std::move(*link_phonemes_);
      const auto place =
          std::upper_bound(block_.annotations.begin(), block_.annotations.end(), link_begin_,
                           [](uint32_t at, const Annotation& other) { return at < other.begin; });
      block_.annotations.insert(place, std::move(annotation));
      link_phonemes_.reset();
    }
  }

  // "/about/" is a page: what has no phonetic letter and no stress mark is one.
  static bool looks_like_phonemes(std::string_view target) {
    const std::string_view inner = target.substr(1, target.size() - 2);
    if (inner.find('/') != std::string_view::npos) return false;
    return std::any_of(inner.begin(), inner.end(),
                       [](char c) { return static_cast<unsigned char>(c) >= 0x80; }) ||
           inner.size() <= 4;
  }

  void annotate_emphasis() {
    Annotation& annotation = block_.annotations.emplace_back();
    annotation.begin = annotation.end = block_.size();
    annotation.source = {position_, position_};
    Prosody prosody;
    prosody.emphasis = strong_depth_ > 0 ? Emphasis::kStrong
                       : em_depth_ > 0   ? Emphasis::kModerate
                                         : Emphasis::kNone;
    annotation.what = prosody;
  }

  void text(MD_TEXTTYPE type, std::string_view piece) {
    const std::optional<SourceSpan> span = span_of(piece);
    if (span) position_ = span->end;
    if (code_) {
      if (span) {
        if (code_->begin == code_->end || span->begin < code_->begin) code_->begin = span->begin;
        code_->end = std::max(code_->end, span->end);
      }
      return;
    }
    if (in_html_ || type == MD_TEXT_HTML) {
      // A tag parts words: "one<br>two".
      append_space();
      return;
    }
    if (item_starts_ && span) {
      item_starts_ = false;
      append_item_number(span->begin);
    }
    switch (type) {
      case MD_TEXT_BR:
      case MD_TEXT_SOFTBR:
        append_space();
        return;
      case MD_TEXT_NULLCHAR:
        diagnostics_.warn_skipped({position_, position_ + 1}, "a control character", 0);
        return;
      case MD_TEXT_ENTITY:
        if (span) {
          if (const auto code_point = decode_html_entity(piece)) {
            append_filtered_entity(*code_point, *span, block_.text, diagnostics_);
            return;
          }
        }
        [[fallthrough]];
      default:
        // md4c hands over pointers into the source, except for white space of its own.
        if (span) {
          append_directed(source_, span->begin, span->end, block_, diagnostics_);
        } else {
          append_space();
        }
    }
  }

  std::optional<SourceSpan> span_of(std::string_view piece) const {
    const auto begin = reinterpret_cast<uintptr_t>(piece.data());
    const auto base = reinterpret_cast<uintptr_t>(source_.data());
    if (begin < base || begin + piece.size() > base + source_.size()) return std::nullopt;
    return SourceSpan{begin - base, begin - base + piece.size()};
  }

  // "3. text": the number is read, as an ordered list means it. md4c reports only the text behind
  // it.
  void append_item_number(size_t text_begin) {
    size_t end = text_begin;
    while (end > 0 && std::string_view(" \t*_[`~").find(source_[end - 1]) != std::string_view::npos)
      --end;
    if (end == 0 || (source_[end - 1] != '.' && source_[end - 1] != ')')) return;
    const size_t delimiter = end - 1;
    size_t begin = delimiter;
    while (begin > 0 && source_[begin - 1] >= '0' && source_[begin - 1] <= '9') --begin;
    if (begin == delimiter) return;
    append_filtered(source_, begin, delimiter, block_.text, diagnostics_);
    block_.text.append_replacement(". ", {delimiter, delimiter + 1});
  }

  void append_space() {
    if (!block_.text.empty() && block_.text.text().back() != ' ') {
      block_.text.append_replacement(" ", {position_, position_});
    }
  }

  void end_cell() {
    const std::string& so_far = block_.text.text();
    const size_t last = so_far.find_last_not_of(' ');
    if (last == std::string::npos) return;
    const bool has_mark = std::string_view(",;:.!?").find(so_far[last]) != std::string_view::npos;
    block_.text.append_replacement(has_mark ? " " : ", ", {position_, position_});
  }

  // md4c does not say where a fence starts and ends: the range grows to whole lines around the
  // code.
  void skip_code() {
    SourceSpan span = *code_;
    code_.reset();
    if (span.begin == span.end) span = {std::min(position_, source_.size()), span.end};
    while (span.begin > 0 && source_[span.begin - 1] == '\n') {
      const size_t previous =
          span.begin >= 2 ? source_.rfind('\n', span.begin - 2) : std::string_view::npos;
      const size_t line_begin = previous == std::string_view::npos ? 0 : previous + 1;
      const auto line = source_.substr(line_begin, span.begin - line_begin);
      span.begin = line_begin;
      if (line.find("```") != std::string_view::npos ||
          line.find("~~~") != std::string_view::npos ||
          line.find_first_not_of(" \t\r\n>") != std::string_view::npos) {
        break;
      }
    }
    // The last line end is md4c's own text, not a piece of the source.
    const size_t fence_begin =
        span.end < source_.size() && source_[span.end] == '\n' ? span.end + 1 : span.end;
    const size_t closing = source_.find('\n', fence_begin);
    const auto fence = source_.substr(
        fence_begin, closing == std::string_view::npos ? closing : closing - fence_begin);
    if (fence.find("```") != std::string_view::npos ||
        fence.find("~~~") != std::string_view::npos) {
      span.end = fence_begin + fence.size();
    }
    position_ = std::max(position_, span.end);
    diagnostics_.warn(span, "skipped a code block");
  }

  void flush_here() { flush(item_depth_ > 0 ? BlockKind::kListItem : BlockKind::kParagraph); }

  void flush(BlockKind kind) {
    block_.kind = kind;
    if (!block_.text.empty()) sink_(block_);
    block_.clear();
  }

  std::string_view source_;
  DiagnosticList& diagnostics_;
  const BlockSink& sink_;
  Block block_;
  std::optional<SourceSpan> code_;  // of the code block that is being skipped
  size_t position_ = 0;             // behind the last piece of text
  size_t item_depth_ = 0;
  int em_depth_ = 0;
  int strong_depth_ = 0;
  std::optional<GivenPhonemes> link_phonemes_;  // of the link in work
  SourceSpan link_source_;
  uint32_t link_begin_ = 0;
  bool in_html_ = false;
  bool item_starts_ = false;  // no text of the list item has come yet
};

// md4c 0.4.8 needs quadratic time for the links of one paragraph (12,000 in 60 KB: seven seconds).
// A paragraph beyond these limits was not written by a person; it is parsed in pieces.
constexpr size_t kMaxParagraphBytes = size_t{1} << 14;
constexpr size_t kMaxParagraphBrackets = 200;

bool starts_block(std::string_view line) {
  const size_t indent = line.find_first_not_of(" \t");
  if (indent == std::string_view::npos) return true;
  const char first = line[indent];
  return std::string_view("-*+#>|`~\r\n").find(first) != std::string_view::npos ||
         (first >= '0' && first <= '9');
}

// Where the text that is parsed at once ends: at the end of the source, unless a paragraph is too
// long.
size_t end_of_document(std::string_view source, size_t begin) {
  size_t paragraph_bytes = 0, brackets = 0, last_space = begin;
  for (size_t at = begin; at < source.size(); ++at) {
    const char c = source[at];
    const bool line_start = at == begin || source[at - 1] == '\n';
    if (line_start && starts_block(source.substr(at, 64))) paragraph_bytes = brackets = 0;
    ++paragraph_bytes;
    brackets += c == '[' || c == '<';
    if (c == ' ' || c == '\n') last_space = at + 1;
    if (paragraph_bytes > kMaxParagraphBytes || brackets > kMaxParagraphBrackets) {
      if (last_space > begin && at - last_space < kMaxParagraphBytes / 2) return last_space;
      size_t cut = at + 1;
      while (cut < source.size() && (static_cast<unsigned char>(source[cut]) & 0xC0) == 0x80) ++cut;
      return cut;
    }
  }
  return source.size();
}

}  // namespace

void read_markdown(std::string_view source, DiagnosticList& diagnostics, const BlockSink& sink) {
  Reader reader(source, diagnostics, sink);
  for (size_t begin = 0; begin < source.size();) {
    const size_t end = end_of_document(source, begin);
    reader.read(begin, end);
    begin = end;
  }
}

bool looks_like_markdown(std::string_view source) {
  // A long plain text shows its nature early; the limit keeps the guess cheap.
  source = source.substr(0, size_t{1} << 16);
  int list_items = 0;
  for (size_t at = 0; at < source.size();) {
    size_t end = source.find('\n', at);
    if (end == std::string_view::npos) end = source.size();
    std::string_view line = source.substr(at, end - at);
    at = end + 1;
    while (!line.empty() && (line.back() == '\r' || line.back() == ' ')) line.remove_suffix(1);
    const size_t indent = line.find_first_not_of(' ');
    if (indent == std::string_view::npos) continue;
    line.remove_prefix(indent);
    if (line.starts_with("```") || line.starts_with("~~~")) return true;
    const size_t hashes = line.find_first_not_of('#');
    if (hashes != std::string_view::npos && hashes >= 1 && hashes <= 6 && line[hashes] == ' ')
      return true;
    if (line.find("](") != std::string_view::npos) return true;
    const size_t bold = line.find("**");
    if (bold != std::string_view::npos && bold + 2 < line.size() && line[bold + 2] != ' ' &&
        line[bold + 2] != '*' && line.find("**", bold + 3) != std::string_view::npos) {
      return true;
    }
    if (line.find("|--") != std::string_view::npos || line.find("| --") != std::string_view::npos ||
        line.find("|:-") != std::string_view::npos) {
      return true;
    }
    if (line.size() > 2 && (line[0] == '-' || line[0] == '*' || line[0] == '+') && line[1] == ' ' &&
        line[2] != line[0] && ++list_items >= 2) {
      return true;
    }
    const size_t digits = line.find_first_not_of("0123456789");
    if (digits != std::string_view::npos && digits >= 1 && digits <= 3 &&
        line.size() > digits + 2 && line[digits] == '.' && line[digits + 1] == ' ' &&
        ++list_items >= 2) {
      return true;
    }
  }
  return false;
}

}  // namespace myna::text
