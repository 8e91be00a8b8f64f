// A written number: 3497 · 3,497 · 0.5 · .5 · 1,234.50
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "text/normalize/number_words.h"
#include "text/normalize/rule.h"

namespace myna::text {

struct NumberLiteral {
  std::string integer;        // digits without separators; empty for ".5"
  std::string_view fraction;  // digits behind the point
  bool grouped = false;       // had thousands separators
  size_t count = 0;           // tokens

  bool is_whole() const { return fraction.empty(); }
  bool is_one() const { return integer == "1" && is_whole(); }
};

// The longest number that starts at token `at` (a number or a point attached to one).
std::optional<NumberLiteral> parse_number(const Tokens& tokens, size_t at);

// "three thousand four hundred ninety seven", "zero point five"; 007 is read digit by digit.
void append_number(const NumberLiteral& number, Dialect dialect, NumberWords& out);

// Puts `words` out, standing for tokens [begin, end).
void speak(const Tokens& tokens, size_t begin, size_t end, const NumberWords& words,
           SpeechBuilder& speech);
void speak(const Tokens& tokens, size_t begin, size_t end, std::string_view phrase,
           SpeechBuilder& speech);
void set_source(const Tokens& tokens, size_t begin, size_t end, SpeechBuilder& speech);

// "million", "bn", "k", ...: the spoken magnitude at token `at`, empty when there is none. Short
// forms must be attached to the number. In money "m" and "b" count, elsewhere only unmistakable
// ones.
enum class MagnitudeContext : uint8_t { kMoney, kPlain };
std::string_view magnitude_at(const Tokens& tokens, size_t at, MagnitudeContext context);

// - – or "to" between two numbers.
bool is_range_dash(const Tokens& tokens, size_t at);

}  // namespace myna::text
