// say-as for numbers and what is counted in them.
#include "text/normalize/number_literal.h"
#include "text/normalize/roman.h"
#include "text/normalize/say_as_readers.h"

namespace myna::text {
namespace {

bool is_minus(const Tokens& tokens, size_t at) {
  return tokens.is_symbol(at, U'-') || tokens.is_symbol(at, U'−') || tokens.is_symbol(at, U'–');
}

// A sign at `at`: says it and returns 1.
size_t read_sign(const Tokens& tokens, size_t at, SpeechBuilder& speech) {
  if (is_minus(tokens, at)) {
    speak(tokens, at, at + 1, "minus", speech);
  } else if (tokens.is_symbol(at, U'+')) {
    speak(tokens, at, at + 1, "plus", speech);
  } else {
    return 0;
  }
  return 1;
}

// One of the rules reads every token from `at` on.
bool read_by_rule(std::span<const RuleTable> tables, const Tokens& tokens, size_t at,
                  SpeechBuilder& speech) {
  const size_t before = speech.items().size();
  for (const RuleTable& table : tables) {
    const TokenKind kind = tokens.at(at).kind;
    if (table.trigger != (kind == TokenKind::kNumber ? RuleTrigger::kNumber
                          : kind == TokenKind::kWord ? RuleTrigger::kWord
                                                     : RuleTrigger::kSymbol)) {
      continue;
    }
    for (const Rule& rule : table.rules) {
      if (at + rule.match(tokens, at, speech) == tokens.size()) return true;
      speech.items().resize(before);
    }
  }
  return false;
}

std::optional<std::string> roman_digits(const Tokens& tokens, size_t at) {
  if (!tokens.is_word(at)) return std::nullopt;
  std::string upper(tokens.text(at));
  for (char& c : upper) {
    if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 32);
  }
  const int value = roman_value(upper);
  if (value == 0) return std::nullopt;
  return std::to_string(value);
}

// 12 345 678: groups of three parted by spaces, one number. Returns its digits.
std::string spaced_groups(const Tokens& tokens, size_t at) {
  std::string digits;
  for (size_t i = at; i < tokens.size(); ++i) {
    if (!tokens.is_number(i) || (i > at && tokens.text(i).size() != 3)) return {};
    digits += tokens.text(i);
  }
  return digits;
}

}  // namespace

bool read_as_cardinal(const Tokens& tokens, std::string_view, SpeechBuilder& speech) {
  const size_t at = read_sign(tokens, 0, speech);
  NumberWords words;
  if (const auto roman = roman_digits(tokens, at); roman && at + 1 == tokens.size()) {
    append_cardinal(*roman, tokens.dialect(), words);
  } else if (const std::string digits = spaced_groups(tokens, at); !digits.empty()) {
    append_cardinal(digits, tokens.dialect(), words);
  } else {
    const auto number = parse_number(tokens, at);
    if (!number) return false;
    const size_t end = at + number->count;
    const std::string_view magnitude = magnitude_at(tokens, end, MagnitudeContext::kMoney);
    if (end + (magnitude.empty() ? 0 : 1) != tokens.size()) return false;
    if (!number->integer.empty()) append_cardinal(number->integer, tokens.dialect(), words);
    if (!number->fraction.empty()) {
      words.push_back("point");
      append_digits(number->fraction, words);
    }
    if (!magnitude.empty()) words.push_back(magnitude);
  }
  speak(tokens, at, tokens.size(), words, speech);
  return true;
}

bool read_as_ordinal(const Tokens& tokens, std::string_view, SpeechBuilder& speech) {
  NumberWords words;
  size_t end = 1;
  if (const auto roman = roman_digits(tokens, 0)) {
    append_ordinal(*roman, tokens.dialect(), words);
  } else {
    const auto number = parse_number(tokens, 0);
    if (!number || !number->is_whole()) return false;
    append_ordinal(number->integer, tokens.dialect(), words);
    end = number->count;
    for (const std::string_view suffix : {"st", "nd", "rd", "th"}) {
      if (tokens.is_word(end, suffix)) {
        ++end;
        break;
      }
    }
  }
  if (tokens.is_symbol(end, U'.') || tokens.is_symbol(end, U'º') || tokens.is_symbol(end, U'ª'))
    ++end;
  if (end != tokens.size()) return false;
  speak(tokens, 0, end, words, speech);
  return true;
}

bool read_as_fraction(const Tokens& tokens, std::string_view, SpeechBuilder& speech) {
  size_t at = read_sign(tokens, 0, speech);
  // 3+1/2 and 3 + 1/2: the sum of a number and a fraction.
  if (tokens.is_number(at) && tokens.is_symbol(at + 1, U'+')) {
    NumberWords words;
    append_cardinal(tokens.text(at), tokens.dialect(), words);
    words.push_back("and");
    speak(tokens, at, at + 2, words, speech);
    at += 2;
    if (tokens.text(at) == "1" && tokens.is_symbol(at + 1, U'/') && at + 3 == tokens.size()) {
      words = {"a"};
      append_denominator(tokens.text(at + 2), tokens.dialect(), false, words);
      if (words.back().starts_with("eigh") || words.back().starts_with("eleven")) words[0] = "an";
      speak(tokens, at, at + 3, words, speech);
      return true;
    }
  }
  if (read_by_rule(fraction_rules(), tokens, at, speech)) return true;
  // 5/1 and 0/4 are no fractions to a reader, but here one was asked for.
  if (!tokens.is_number(at) || !tokens.is_symbol(at + 1, U'/') || !tokens.is_number(at + 2) ||
      at + 3 != tokens.size()) {
    return false;
  }
  NumberWords words;
  append_cardinal(tokens.text(at), tokens.dialect(), words);
  words.push_back("over");
  append_cardinal(tokens.text(at + 2), tokens.dialect(), words);
  speak(tokens, at, at + 3, words, speech);
  return true;
}

bool read_as_currency(const Tokens& tokens, std::string_view, SpeechBuilder& speech) {
  const size_t at = read_sign(tokens, 0, speech);
  return at < tokens.size() && read_by_rule(money_rules(), tokens, at, speech);
}

bool read_as_unit(const Tokens& tokens, std::string_view, SpeechBuilder& speech) {
  const size_t at = read_sign(tokens, 0, speech);
  return at < tokens.size() && (read_by_rule(unit_rules(), tokens, at, speech) ||
                                read_by_rule(fraction_rules(), tokens, at, speech));
}

}  // namespace myna::text
