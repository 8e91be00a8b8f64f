// Numbers in words. Words are views of static strings.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "text/front_end.h"

namespace myna::text {

using NumberWords = std::vector<std::string_view>;

// `digits` are ASCII digits; leading zeros are allowed. More than 36 significant digits are read
// one by one. British adds "and": "one hundred and five".
void append_cardinal(std::string_view digits, Dialect dialect, NumberWords& out);
void append_ordinal(std::string_view digits, Dialect dialect, NumberWords& out);
// "zero one two" - one word a digit.
void append_digits(std::string_view digits, NumberWords& out);
// A year of 1 to 4 digits: 1984 "nineteen eighty four", 2007 "two thousand seven" ("two thousand
// and seven"), 1905 "nineteen oh five", 1900 "nineteen hundred".
void append_year(std::string_view digits, Dialect dialect, NumberWords& out);
// Two digits as the end of a time or a year: "oh five", "ten", "forty five"; "00" gives nothing.
void append_two_digits(std::string_view digits, NumberWords& out);
// "half", "third", "quarter", ... for a denominator; plural "halves", "thirds".
void append_denominator(std::string_view digits, Dialect dialect, bool plural, NumberWords& out);
// The last word gets its plural: "eighty" -> "eighties", "hundred" -> "hundreds".
void make_plural(NumberWords& words);

// The value when it fits, otherwise -1.
long long number_value(std::string_view digits);

}  // namespace myna::text
