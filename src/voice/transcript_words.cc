// From spoken words to words as written: tokens of the source with the marks around them.
#include <algorithm>

#include "base/utf8.h"
#include "voice/transcript.h"

namespace myna::voice {
namespace {

using std::u32string_view;

bool contains(u32string_view set, char32_t c) { return set.find(c) != u32string_view::npos; }
bool is_space(char32_t c) { return contains(U" \t\r\n\v\f\u00A0\u2028\u2029", c); }
// Marks of Markdown and markup that are never shown.
bool is_markup(char32_t c) { return contains(U"*_`~#[]|>\\", c); }
bool is_opening(char32_t c) { return contains(U"\"'“‘«(¿¡", c); }
bool is_closing(char32_t c) { return contains(U".,;:!?…\"'”’»%", c); }
bool is_dash(char32_t c) { return contains(U"—–", c); }
bool ends_sentence(char32_t c) { return contains(U".!?…", c); }

// The slice of the source, valid UTF-8, with runs of white space as one space.
std::string clean_slice(std::string_view source, text::SourceSpan span) {
  std::string result;
  bool space = false;
  for (char32_t c : to_utf32(source.substr(span.begin, span.end - span.begin))) {
    if (is_space(c)) {
      space = !result.empty();
    } else if (c >= 0x20 && c != 0x7F) {
      if (space) result += ' ';
      space = false;
      append_utf8(result, c);
    }
  }
  return result;
}

// What stands between two words (or after the last one), sorted to its neighbours.
struct Gap {
  std::string after;   // belongs to the word on the left
  std::string before;  // to the one on the right
  bool space = false;
  bool sentence = false;
  bool paragraph = false;
};

class GapReader {
 public:
  // Takes the source between two words, decoded.
  Gap read(u32string_view gap) {
    Gap result;
    size_t i = 0;
    for (; i < gap.size() && !is_space(gap[i]); ++i) {
      if (is_markup(gap[i])) {
        // "](address)" of a Markdown link, address included, is not text.
        if (gap[i] == U']' && i + 1 < gap.size() && gap[i + 1] == U'(') {
          const size_t end = gap.find(U')', i);
          i = end == u32string_view::npos ? gap.size() - 1 : end;
        }
      } else if (gap[i] == U')') {
        if (open_parentheses_ > 0) {
          --open_parentheses_;
          result.after += ')';
        }
      } else if (is_closing(gap[i]) || is_dash(gap[i]) || gap[i] == U'-' || gap[i] == U'/') {
        append_utf8(result.after, gap[i]);
        result.sentence |= ends_sentence(gap[i]);
      } else {
        break;
      }
    }
    u32string_view rest = gap.substr(i);
    // A dash with spaces around it stays with the word on the left.
    size_t begin_of_opening = rest.size();
    while (begin_of_opening > 0 &&
           (is_opening(rest[begin_of_opening - 1]) || is_markup(rest[begin_of_opening - 1]))) {
      --begin_of_opening;
    }
    for (char32_t c : rest.substr(0, begin_of_opening)) {
      if (is_dash(c)) {
        result.after += result.after.empty() || !result.after.ends_with(' ') ? " " : "";
        append_utf8(result.after, c);
      }
    }
    for (char32_t c : rest.substr(begin_of_opening)) {
      if (!is_opening(c)) continue;
      if (c == U'(') ++open_parentheses_;
      append_utf8(result.before, c);
    }
    result.space = std::any_of(rest.begin(), rest.end(), is_space) || !rest.empty();
    size_t newlines = 0;
    for (char32_t c : rest) {
      newlines += c == U'\n' ? 1 : 0;
      if (!is_space(c)) newlines = newlines >= 2 ? newlines : 0;
    }
    result.paragraph = newlines >= 2 || contains_list_or_heading(rest);
    return result;
  }

 private:
  // A new line that starts with a mark: list item, heading, quotation, table.
  static bool contains_list_or_heading(u32string_view rest) {
    const size_t newline = rest.find(U'\n');
    if (newline == u32string_view::npos) return false;
    const size_t mark = rest.find_first_not_of(U" \t\r\n", newline);
    return mark != u32string_view::npos && contains(U"#-*+|>•0123456789", rest[mark]);
  }
  int open_parentheses_ = 0;
};

bool same_token(const TranscriptWord& token, const WordTiming& timing) {
  if (timing.role != token.role) return false;
  return timing.source == token.source || timing.source.begin < token.source.end;
}

std::vector<TranscriptWord> merge_tokens(std::string_view source,
                                         std::span<const WordTiming> timings) {
  std::vector<TranscriptWord> words;
  for (const WordTiming& timing : timings) {
    text::SourceSpan span{std::min(timing.source.begin, source.size()),
                          std::min(timing.source.end, source.size())};
    span.end = std::max(span.begin, span.end);
    if (!words.empty() && same_token(words.back(), timing)) {
      TranscriptWord& token = words.back();
      token.source.end = std::max(token.source.end, span.end);
      token.end_s = std::max(token.end_s, timing.end_s);
      if (!token.spoken.empty() && !timing.text.empty()) token.spoken += ' ';
      token.spoken += timing.text;
    } else {
      TranscriptWord token;
      token.spoken = timing.text;
      token.source = span;
      token.role = timing.role;
      token.start_s = timing.start_s;
      token.end_s = timing.end_s;
      words.push_back(std::move(token));
    }
  }
  return words;
}

}  // namespace

std::vector<TranscriptWord> transcript_words(std::string_view source,
                                             std::span<const WordTiming> timings) {
  std::vector<TranscriptWord> words = merge_tokens(source, timings);
  GapReader reader;
  const auto gap_text = [&](size_t begin, size_t end) {
    // What a very long gap skips (a code block, a table of symbols) is not text to show.
    constexpr size_t kMaxGapBytes = 1 << 16;
    end = std::min(end, begin + kMaxGapBytes);
    return to_utf32(source.substr(begin, end - begin));
  };
  if (!words.empty()) {
    const size_t begin = words.front().source.begin;
    const size_t line = begin == 0 ? 0 : source.rfind('\n', begin - 1) + 1;  // npos + 1 is 0
    words.front().before = reader.read(U" " + gap_text(line, begin)).before;
    words.front().space_before = false;
  }
  for (size_t i = 0; i < words.size(); ++i) {
    TranscriptWord& word = words[i];
    word.text = clean_slice(source, word.source);
    if (word.text.empty()) word.text = word.spoken;
    const bool last = i + 1 == words.size();
    const size_t next = last ? source.size() : words[i + 1].source.begin;
    const Gap gap = reader.read(gap_text(word.source.end, next));
    word.after = gap.after;
    word.ends_sentence = gap.sentence || last;
    word.ends_paragraph = gap.paragraph || last || words[i + 1].role != word.role;
    if (!last) {
      words[i + 1].before = gap.before;
      words[i + 1].space_before = gap.space;
    }
  }
  return words;
}

}  // namespace myna::voice
