#include "text/split/stable_places.h"

#include <algorithm>
#include <cctype>

#include "text/normalize/abbreviation_table.h"

namespace myna::text {
namespace {

constexpr size_t kNone = std::string_view::npos;
// Open markup holds the text back for so long; then it is taken for ordinary text.
constexpr size_t kMaxOpenBytes = 400;

bool is_blank(char c) {
  return c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\v' || c == '\f';
}
bool is_digit(char c) { return c >= '0' && c <= '9'; }

size_t skip_blanks(std::string_view text, size_t at) {
  while (at < text.size() && is_blank(text[at])) ++at;
  return at;
}

// Closing quotation marks, brackets and stars.
size_t skip_closers(std::string_view text, size_t at) {
  for (;;) {
    const std::string_view rest = text.substr(at);
    if (!rest.empty() && std::string_view("\"')]}*_`~").find(rest.front()) != kNone) {
      ++at;
    } else if (rest.starts_with("\u201D") || rest.starts_with("\u2019")) {
      at += 3;
    } else if (rest.starts_with("\u00BB")) {
      at += 2;
    } else {
      return at;
    }
  }
}

bool has_blank_line(std::string_view blanks) {
  return std::count(blanks.begin(), blanks.end(), '\n') >= 2;
}

// From the last blank line before `end`.
std::string_view paragraph_before(std::string_view text, size_t end) {
  const std::string_view before = text.substr(0, end);
  size_t begin = before.size();
  while (begin > 0) {
    const size_t newline = before.rfind('\n', begin - 1);
    if (newline == kNone) return before;
    const size_t next = skip_blanks(before, newline + 1);
    if (has_blank_line(before.substr(newline, next - newline))) return before.substr(next);
    begin = newline;
  }
  return before;
}

bool has_open_markup(std::string_view text, size_t end) {
  const std::string_view paragraph = paragraph_before(text, end);
  size_t stars = kNone, code = kNone, bracket = kNone;
  for (size_t at = 0; at < paragraph.size(); ++at) {
    const char c = paragraph[at];
    if (c == '\\') {
      ++at;
    } else if (c == '`') {
      code = code == kNone ? at : kNone;
    } else if (code != kNone) {
      continue;
    } else if (paragraph.substr(at).starts_with("**")) {
      stars = stars == kNone ? at : kNone;
      ++at;
    } else if (c == '[') {
      bracket = at;
    } else if (c == ']') {
      bracket = kNone;
      // The target of a link comes right behind, and may not have come yet.
      if (at + 1 < paragraph.size() && paragraph[at + 1] == '(' &&
          paragraph.find(')', at) == kNone) {
        bracket = at;
      }
    }
  }
  for (const size_t open : {stars, code, bracket}) {
    if (open != kNone && paragraph.size() - open < kMaxOpenBytes) return true;
  }
  return false;
}

// A table is read by its head and its rule: rows wait for its end.
bool in_open_table(std::string_view text, size_t at) {
  size_t line = text.rfind('\n', at == 0 ? 0 : at - 1);
  line = line == kNone ? 0 : line + 1;
  if (!text.substr(line).starts_with('|')) return false;
  for (;;) {
    const size_t next = text.find('\n', line);
    if (next == kNone || next + 1 >= text.size()) return true;
    line = next + 1;
    if (text[line] != '|') return false;
  }
}

bool is_abbreviation(std::string_view word) {
  for (const Abbreviation& known : abbreviations_like(word)) {
    std::string_view written = known.written;
    while (written.ends_with('.')) written.remove_suffix(1);
    if (std::equal(written.begin(), written.end(), word.begin(), word.end(), [](char a, char b) {
          return std::tolower(static_cast<unsigned char>(a)) ==
                 std::tolower(static_cast<unsigned char>(b));
        })) {
      return true;
    }
  }
  return false;
}

// Whether a word may be the first part of something: 3 of "3 million", "Dr." of "Dr. Smith", "J.".
bool wants_more(std::string_view token) {
  while (!token.empty() && std::string_view("\"'([{*_").find(token.front()) != kNone)
    token.remove_prefix(1);
  if (token.empty()) return true;
  if (std::any_of(token.begin(), token.end(), is_digit)) return true;
  if (token.front() == '$' || token.front() == '#' || token.starts_with("\u20AC") ||
      token.starts_with("\u00A3")) {
    return true;
  }
  const size_t letters_end = token.find_last_not_of(".\"')]}*_,;:!?") + 1;
  const std::string_view word = token.substr(0, letters_end);
  const bool period = token.find('.', letters_end) != kNone;
  if (word.find('.') != kNone) return true;  // U.S., e.g.
  if (word.size() == 1 && period) return true;
  return is_abbreviation(word) && (period || token.size() == word.size());
}

}  // namespace

size_t stable_behind_mark(std::string_view text, size_t end) {
  const size_t closed = skip_closers(text, end);
  if (closed >= text.size()) return 0;
  const std::string_view so_far = text.substr(0, end);
  const bool dash = so_far.ends_with("\u2014") || so_far.ends_with("--");
  if (!is_blank(text[closed]) && !dash) return 0;
  const size_t next = skip_blanks(text, closed);
  const bool paragraph_ends = has_blank_line(text.substr(closed, next - closed));
  if (!paragraph_ends) {
    if (next >= text.size()) return 0;
    const bool numbers = end >= 2 && is_digit(text[end - 2]) && is_digit(text[next]);
    if (numbers && text[end - 1] != '!' && text[end - 1] != '?') return 0;
    // Whether a period ends a sentence the next word says: all of it.
    if (text[end - 1] == '.' && std::find_if(text.begin() + static_cast<ptrdiff_t>(next),
                                             text.end(), is_blank) == text.end()) {
      return 0;
    }
  }
  if (has_open_markup(text, closed) || in_open_table(text, end)) return 0;
  return next;
}

size_t stable_behind_block(std::string_view text, size_t end, bool heading) {
  const size_t closed = skip_closers(text, end);
  const size_t next = skip_blanks(text, closed);
  const std::string_view blanks = text.substr(closed, next - closed);
  const auto lines = std::count(blanks.begin(), blanks.end(), '\n');
  if (in_open_table(text, end)) return 0;
  return lines >= 2 || (heading && lines == 1) ? next : 0;
}

size_t stable_behind_word(std::string_view text, size_t from) {
  size_t end = text.size();
  while (end > from) {
    size_t token_end = end;
    while (token_end > from && is_blank(text[token_end - 1])) --token_end;
    if (token_end == from) return from;
    size_t token_begin = token_end;
    while (token_begin > from && !is_blank(text[token_begin - 1])) --token_begin;
    const std::string_view token = text.substr(token_begin, token_end - token_begin);
    // Without a blank behind it a word may go on; a mark says that it does not.
    const char last =
        token[token.find_last_not_of("\"')]}*_") == kNone ? token.size() - 1
                                                          : token.find_last_not_of("\"')]}*_")];
    const bool marked = std::string_view(".!?,;:").find(last) != kNone ||
                        token.ends_with("\u2026") || token.ends_with("\u2014");
    const bool complete = token_end < text.size() || marked;
    if (complete && !wants_more(token) && !has_open_markup(text, end) &&
        !in_open_table(text, end)) {
      return end;
    }
    end = token_begin;
  }
  return from;
}

}  // namespace myna::text
