// Counting and comparing in texts, as the instruction checks want it. ASCII letters have case;
// others are left as they are. Private to src/evaluation.
#pragma once

#include <array>
#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace myna::evaluation {

inline constexpr std::array<std::string_view, 3> kAnswers = {
    "My answer is yes.", "My answer is no.", "My answer is maybe."};

bool is_space(char c);
std::string_view strip(std::string_view text);
bool is_blank(std::string_view text);
// As Python's isupper(): a letter with case, and none of the other case.
bool is_upper(std::string_view text);
bool is_lower(std::string_view text);

std::vector<std::string_view> split(std::string_view text, std::string_view separator);
// Not overlapping. An empty part occurs nowhere.
size_t count_occurrences(std::string_view text, std::string_view part);
// Between two places that are not both letters, digits or _.
bool has_whole_word(std::string_view text, std::string_view word);
// These one after the other, with at most one blank between two.
bool has_dotted(std::string_view text, std::span<const std::string_view> parts);
inline bool has_dotted(std::string_view text, std::initializer_list<std::string_view> parts) {
  return has_dotted(text, std::span(parts.begin(), parts.size()));
}
// Runs between two marks ("*" or "**") on a line that have text and no asterisk in them.
size_t count_highlights(std::string_view text, std::string_view mark);
// Words, as a tokeniser parts them, whose letters are all capitals.
size_t count_capital_words(std::string_view text);

}  // namespace myna::evaluation
