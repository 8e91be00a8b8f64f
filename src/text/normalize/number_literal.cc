#include "text/normalize/number_literal.h"

namespace myna::text {

// Groups beyond a nonillion are a list, and looking for its end again and again costs time.
constexpr size_t kMaxGroupTokens = 24;

std::optional<NumberLiteral> parse_number(const Tokens& tokens, size_t at) {
  NumberLiteral number;
  size_t next = at;
  if (tokens.is_number(at)) {
    number.integer = tokens.text(at);
    next = at + 1;
    // 1 000 000: groups behind spaces, as in scientific and much European writing. A single group
    // counts only when it is a round number: "10 000", not "Flight 12 300 passengers".
    if (number.integer.size() <= 3 && number.integer[0] != '0') {
      const auto is_group = [&](size_t i) {
        return tokens.is_number(i) && !tokens.attached(i) && tokens.text(i).size() == 3;
      };
      size_t group = next;
      std::string digits = number.integer;
      while (group < next + kMaxGroupTokens && is_group(group)) digits += tokens.text(group++);
      const bool ends = !tokens.is_number(group) && !tokens.attached_symbol(group, U'-') &&
                        !tokens.attached_symbol(group, U'/') &&
                        !tokens.attached_symbol(group, U':') && !tokens.is_number(at - 1);
      if (ends && (group > next + 1 || (group == next + 1 && tokens.text(next) == "000"))) {
        number.integer = std::move(digits);
        number.grouped = true;
        next = group;
      }
    }
    // 1,234,567: groups of exactly three behind one to three digits.
    if (!number.grouped && number.integer.size() <= 3) {
      size_t group = next;
      std::string digits = number.integer;
      while (group < next + kMaxGroupTokens && tokens.attached_symbol(group, U',') &&
             tokens.attached(group + 1) && tokens.is_number(group + 1) &&
             tokens.text(group + 1).size() == 3) {
        digits += tokens.text(group + 1);
        group += 2;
      }
      // 1,50,000: lakhs and crores are groups of two before the last of three.
      if (group == next && number.integer.size() <= 2) {
        size_t pair = next;
        std::string lakhs = number.integer;
        while (pair < next + kMaxGroupTokens && tokens.attached_symbol(pair, U',') &&
               tokens.attached(pair + 1) && tokens.is_number(pair + 1) &&
               tokens.text(pair + 1).size() == 2) {
          lakhs += tokens.text(pair + 1);
          pair += 2;
        }
        if (pair > next && tokens.attached_symbol(pair, U',') && tokens.attached(pair + 1) &&
            tokens.is_number(pair + 1) && tokens.text(pair + 1).size() == 3) {
          digits = lakhs + std::string(tokens.text(pair + 1));
          group = pair + 2;
        }
      }
      // 123,000012 is a list of two numbers.
      const bool broken = tokens.attached_symbol(group, U',') && tokens.attached(group + 1) &&
                          tokens.is_number(group + 1);
      if (group > next && !broken) {
        number.integer = std::move(digits);
        number.grouped = true;
        next = group;
      }
    }
  }
  if (tokens.is_symbol(next, U'.') && (next == at || tokens.attached(next)) &&
      tokens.attached(next + 1) && tokens.is_number(next + 1)) {
    number.fraction = tokens.text(next + 1);
    next += 2;
  }
  if (next == at) return std::nullopt;
  number.count = next - at;
  return number;
}

void append_number(const NumberLiteral& number, Dialect dialect, NumberWords& out) {
  if (number.integer.size() > 1 && number.integer[0] == '0') {
    append_digits(number.integer, out);
  } else if (!number.integer.empty()) {
    append_cardinal(number.integer, dialect, out);
  }
  if (!number.fraction.empty()) {
    out.push_back("point");
    append_digits(number.fraction, out);
  }
}

void set_source(const Tokens& tokens, size_t begin, size_t end, SpeechBuilder& speech) {
  speech.set_source(tokens.at(begin).begin, tokens.at(end - 1).end);
}

void speak(const Tokens& tokens, size_t begin, size_t end, const NumberWords& words,
           SpeechBuilder& speech) {
  set_source(tokens, begin, end, speech);
  for (const std::string_view word : words) speech.word(word);
}

void speak(const Tokens& tokens, size_t begin, size_t end, std::string_view phrase,
           SpeechBuilder& speech) {
  set_source(tokens, begin, end, speech);
  speech.words(phrase);
}

std::string_view magnitude_at(const Tokens& tokens, size_t at, MagnitudeContext context) {
  if (!tokens.is_word(at)) return {};
  static constexpr std::string_view kFull[] = {"hundred", "thousand", "million",
                                               "billion", "trillion", "quadrillion",
                                               "dozen",   "lakh",     "crore"};
  for (const std::string_view word : kFull) {
    if (tokens.is_word(at, word)) return word;
  }
  struct Short {
    std::string_view written, spoken;
    bool everywhere;  // not only in money
  };
  static constexpr Short kShort[] = {
      {"k", "thousand", true},   {"K", "thousand", true},  {"m", "million", false},
      {"M", "million", true},    {"mn", "million", true},  {"mln", "million", true},
      {"mm", "million", false},  {"MM", "million", false}, {"b", "billion", false},
      {"B", "billion", false},   {"bn", "billion", true},  {"bln", "billion", true},
      {"t", "trillion", false},  {"T", "trillion", false}, {"tn", "trillion", true},
      {"trn", "trillion", true},
  };
  const std::string_view written = tokens.text(at);
  for (const Short& entry : kShort) {
    if (entry.written != written) continue;
    if (context == MagnitudeContext::kPlain && (!entry.everywhere || tokens.at(at).space_before))
      return {};
    if (context == MagnitudeContext::kMoney && tokens.at(at).space_before && written != "bn" &&
        written != "tn" && written != "mn" && written != "b") {
      return {};
    }
    return entry.spoken;
  }
  return {};
}

bool is_range_dash(const Tokens& tokens, size_t at) {
  return tokens.is_symbol(at, U'-') || tokens.is_symbol(at, U'–');
}

}  // namespace myna::text
