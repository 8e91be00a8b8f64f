#include "evaluation/text_measures.h"

#include <algorithm>
#include <cctype>

#include "base/plain_text.h"
#include "base/utf8.h"
#include "evaluation/instruction_checks.h"

namespace myna::evaluation {
namespace {

bool is_upper_letter(char c) { return c >= 'A' && c <= 'Z'; }
bool is_lower_letter(char c) { return c >= 'a' && c <= 'z'; }
// Bytes of other letters are word characters too: what is no ASCII is a letter more often than not.
bool is_word(char c) {
  return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_' ||
         static_cast<unsigned char>(c) >= 0x80;
}

// Before a full stop that ends no sentence.
bool is_abbreviation(std::string_view word) {
  static const std::array<std::string_view, 22> kKnown = {
      "mr", "mrs", "ms",  "dr",  "prof", "st",  "jr",  "sr",  "vs",   "etc", "inc",
      "co", "no",  "gen", "e.g", "i.e",  "a.m", "p.m", "u.s", "ph.d", "fig", "approx"};
  const std::string name = ascii_lower(word);
  if (word.size() == 1 && is_upper_letter(word[0]) && word != "I") return true;
  return std::find(kKnown.begin(), kKnown.end(), name) != kKnown.end();
}

}  // namespace

bool is_space(char c) { return c == ' ' || (c >= '\t' && c <= '\r'); }

std::string_view strip(std::string_view text) {
  while (!text.empty() && is_space(text.front())) text.remove_prefix(1);
  while (!text.empty() && is_space(text.back())) text.remove_suffix(1);
  return text;
}

bool is_blank(std::string_view text) { return strip(text).empty(); }

bool is_upper(std::string_view text) {
  return std::any_of(text.begin(), text.end(), is_upper_letter) &&
         std::none_of(text.begin(), text.end(), is_lower_letter);
}

bool is_lower(std::string_view text) {
  return std::any_of(text.begin(), text.end(), is_lower_letter) &&
         std::none_of(text.begin(), text.end(), is_upper_letter);
}

std::vector<std::string_view> split(std::string_view text, std::string_view separator) {
  std::vector<std::string_view> parts;
  for (size_t end = 0; (end = text.find(separator)) != std::string_view::npos;) {
    parts.push_back(text.substr(0, end));
    text.remove_prefix(end + separator.size());
  }
  parts.push_back(text);
  return parts;
}

size_t count_occurrences(std::string_view text, std::string_view part) {
  size_t count = 0;
  if (part.empty()) return 0;
  for (size_t at = text.find(part); at != std::string_view::npos; at = text.find(part, at)) {
    ++count;
    at += part.size();
  }
  return count;
}

bool has_whole_word(std::string_view text, std::string_view word) {
  if (word.empty()) return false;
  const auto edge = [&](size_t at) {
    const bool before = at > 0 && is_word(text[at - 1]);
    const bool after = at < text.size() && is_word(text[at]);
    return before != after;
  };
  for (size_t at = text.find(word); at != std::string_view::npos; at = text.find(word, at + 1)) {
    if (edge(at) && edge(at + word.size())) return true;
  }
  return false;
}

bool has_dotted(std::string_view text, std::span<const std::string_view> parts) {
  for (size_t begin = text.find(parts[0]); begin != std::string_view::npos;
       begin = text.find(parts[0], begin + 1)) {
    size_t at = begin;
    bool fits = true;
    for (size_t i = 0; fits && i < parts.size(); ++i) {
      if (i > 0 && at < text.size() && is_space(text[at])) ++at;
      fits = text.substr(at).starts_with(parts[i]);
      at += parts[i].size();
    }
    if (fits) return true;
  }
  return false;
}

size_t count_highlights(std::string_view text, std::string_view mark) {
  size_t count = 0;
  for (size_t at = text.find(mark); at != std::string_view::npos; at = text.find(mark, at)) {
    const size_t inner = at + mark.size();
    const size_t end = std::min(text.size(), text.find_first_of("*\n", inner));
    if (!text.substr(end).starts_with(mark)) {
      ++at;
      continue;
    }
    count += is_blank(text.substr(inner, end - inner)) ? 0 : 1;
    at = end + mark.size();
  }
  return count;
}

size_t count_capital_words(std::string_view text) {
  size_t count = 0;
  for (size_t at = 0; at < text.size();) {
    if (!is_word(text[at])) {
      ++at;
      continue;
    }
    size_t end = at;
    // "U.S." and "A-B" are one; "I'M" is two, as in the Penn Treebank's tokens.
    while (end < text.size() &&
           (is_word(text[end]) || ((text[end] == '.' || text[end] == '-') &&
                                   end + 1 < text.size() && is_word(text[end + 1])))) {
      ++end;
    }
    count += is_upper(text.substr(at, end - at)) ? 1 : 0;
    at = end;
  }
  return count;
}

size_t count_words(std::string_view text) {
  size_t count = 0;
  for (size_t i = 0; i < text.size(); ++i) {
    count += is_word(text[i]) && (i == 0 || !is_word(text[i - 1])) ? 1 : 0;
  }
  return count;
}

size_t count_sentences(std::string_view text) {
  size_t count = 0;
  bool open = false;  // words since the last end
  for (size_t at = 0; at < text.size(); ++at) {
    if (is_word(text[at])) open = true;
    if (!open || (text[at] != '.' && text[at] != '?' && text[at] != '!')) continue;
    size_t word = at;
    while (word > 0 && !is_space(text[word - 1])) --word;
    const std::string_view before = text.substr(word, at - word);
    const bool stop = text[at] == '.';
    while (at + 1 < text.size() &&
           std::string_view(".?!\"')]*").find(text[at + 1]) != std::string_view::npos) {
      ++at;
    }
    const bool ends = at + 1 == text.size() || is_space(text[at + 1]);
    if (!ends || (stop && is_abbreviation(before) && at + 1 < text.size())) continue;
    ++count;
    open = false;
  }
  return count + (open ? 1 : 0);
}

}  // namespace myna::evaluation
