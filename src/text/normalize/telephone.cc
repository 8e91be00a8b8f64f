// Telephone numbers: 123-456-7890 · +1 (123) 456-7890 · 555-0123 · +44 20 7946 0958 · 020 7946 0958
// · 1-800-FLOWERS · ext. 12 · 911
#include "base/plain_text.h"
#include "text/normalize/number_literal.h"
#include "text/normalize/word_list.h"

namespace myna::text {
namespace {

constexpr size_t kMostGroups = 8;

struct Groups {
  std::vector<size_t> tokens;  // indices of the number tokens
  size_t end = 0;
};

// Reads 123-456-7890 from token `at` on: numbers parted by '-', '.' and, with `spaces`, by spaces.
Groups groups_at(const Tokens& tokens, size_t at, bool spaces) {
  Groups groups;
  size_t next = at;
  while (tokens.is_number(next) && groups.tokens.size() < kMostGroups) {
    groups.tokens.push_back(next);
    groups.end = next + 1;
    const size_t separator = next + 1;
    if ((tokens.attached_symbol(separator, U'-') || tokens.attached_symbol(separator, U'.')) &&
        tokens.attached(separator + 1)) {
      next = separator + 1;
    } else if (spaces && tokens.is_number(separator) && !tokens.attached(separator)) {
      next = separator;
    } else {
      break;
    }
  }
  return groups;
}

void speak_groups(const Tokens& tokens, size_t begin, std::span<const size_t> groups,
                  SpeechBuilder& speech) {
  for (size_t i = 0; i < groups.size(); ++i) {
    NumberWords words;
    append_digits(tokens.text(groups[i]), words);
    speak(tokens, i == 0 ? begin : groups[i], groups[i] + 1, words, speech);
    if (i + 1 < groups.size()) speech.mark(U',');
  }
}

bool has_lengths(const Tokens& tokens, std::span<const size_t> groups,
                 std::initializer_list<size_t> lengths) {
  if (groups.size() != lengths.size()) return false;
  size_t i = 0;
  for (const size_t length : lengths) {
    if (tokens.text(groups[i++]).size() != length) return false;
  }
  return true;
}

size_t digit_count(const Tokens& tokens, std::span<const size_t> groups) {
  size_t digits = 0;
  for (const size_t group : groups) digits += tokens.text(group).size();
  return digits;
}

// ext. 12, x12, extension 12 behind a number. Returns the tokens taken.
size_t speak_extension(const Tokens& tokens, size_t at, SpeechBuilder& speech) {
  size_t next = at;
  if (tokens.attached_symbol(next, U',')) ++next;
  const size_t word = next;
  if (!tokens.is_word(word, "ext") && !tokens.is_word(word, "x") &&
      !tokens.is_word(word, "extension")) {
    return 0;
  }
  ++next;
  if (tokens.attached_symbol(next, U'.')) ++next;
  if (!tokens.is_number(next)) return 0;
  NumberWords words;
  append_digits(tokens.text(next), words);
  set_source(tokens, at, next, speech);
  speech.mark(U',');
  speech.word("extension");
  speak(tokens, next, next + 1, words, speech);
  return next + 1 - at;
}

// (020) 7946 0958, 020 7946 0958, 07700 900123, 0161 496 0000: national numbers with their zero.
bool is_national(const Tokens& tokens, std::span<const size_t> groups) {
  if (groups.size() < 2 || groups.size() > 5 || tokens.text(groups[0])[0] != '0') return false;
  const size_t first = tokens.text(groups[0]).size();
  const size_t digits = digit_count(tokens, groups);
  return first >= 2 && first <= 5 && digits >= 9 && digits <= 11 &&
         tokens.text(groups.back()).size() >= 3;
}

struct Number {
  std::vector<size_t> groups;
  size_t end = 0;
};

// The groups of a telephone number whose first token, behind the plus, is `next`.
bool parse_telephone(const Tokens& tokens, size_t next, bool plus, Number& number) {
  auto& groups = number.groups;
  // A country code before brackets or a dash.
  if ((plus || tokens.text(next) == "1") && tokens.is_number(next) &&
      tokens.text(next).size() <= 3 &&
      (tokens.is_symbol(next + 1, U'(') || tokens.attached_symbol(next + 1, U'-') ||
       tokens.attached_symbol(next + 1, U'.') || (plus && tokens.is_number(next + 1)))) {
    groups.push_back(next);
    ++next;
    if (tokens.is_symbol(next, U'-') || tokens.is_symbol(next, U'.')) ++next;
  }
  const size_t country_groups = groups.size();
  if (tokens.is_symbol(next, U'(')) {
    if (!tokens.is_number(next + 1) || tokens.text(next + 1).size() > 5 ||
        (tokens.text(next + 1).size() < 3 && !plus) || !tokens.is_symbol(next + 2, U')')) {
      return false;
    }
    groups.push_back(next + 1);
    next += 3;
    if (tokens.is_symbol(next, U'-') || tokens.is_symbol(next, U'.')) ++next;
  }
  const bool bracket = groups.size() > country_groups;
  const bool zero = tokens.text(bracket ? groups.back() : next).starts_with('0');
  Groups rest = groups_at(tokens, next, plus || zero);
  if (!plus && !zero && rest.tokens.size() == 1 && tokens.text(next).size() == 3) {
    // 555 555 5555
    Groups spaced = groups_at(tokens, next, true);
    if (has_lengths(tokens, spaced.tokens, {3, 3, 4}) || (bracket && spaced.tokens.size() == 2))
      rest = std::move(spaced);
  }
  if (rest.tokens.empty() || !tokens.ends_before(rest.end)) {
    // 555-1234x5
    if (rest.tokens.empty() || !tokens.is_word(rest.end, "x")) return false;
  }
  const auto& tail = rest.tokens;
  number.end = rest.end;
  groups.insert(groups.end(), tail.begin(), tail.end());
  if (bracket && !plus && country_groups == 0 && zero) {
    const size_t digits = digit_count(tokens, groups);
    return digits >= 9 && digits <= 11;
  }
  if (bracket) {
    // The last group may be an extension.
    const bool extension = tail.size() == 3 && tokens.text(tail[2]).size() <= 4 &&
                           has_lengths(tokens, std::span(tail).first(2), {3, 4});
    return extension || has_lengths(tokens, tail, {3, 4}) || has_lengths(tokens, tail, {4, 4}) ||
           has_lengths(tokens, tail, {7}) || (plus && digit_count(tokens, tail) >= 6);
  }
  if (country_groups == 1) {
    const size_t digits = digit_count(tokens, tail);
    return plus ? digits >= 6 && digits <= 12 : has_lengths(tokens, tail, {3, 3, 4});
  }
  return has_lengths(tokens, tail, {3, 3, 4}) || has_lengths(tokens, tail, {3, 2, 4}) ||
         (tail.size() == 4 && has_lengths(tokens, std::span(tail).first(3), {3, 3, 4}) &&
          tokens.text(tail[3]).size() <= 4) ||
         (has_lengths(tokens, tail, {3, 4}) && tokens.attached_symbol(tail[0] + 1, U'-')) ||
         is_national(tokens, tail);
}

size_t match_telephone(const Tokens& tokens, size_t at, SpeechBuilder& speech) {
  const bool plus = tokens.is_symbol(at, U'+');
  if (plus && (!tokens.attached(at + 1) || !tokens.is_number(at + 1))) return 0;
  Number number;
  if (!parse_telephone(tokens, plus ? at + 1 : at, plus, number)) return 0;
  if (plus) {
    speak(tokens, at, at + 1, "plus", speech);
    speak_groups(tokens, number.groups[0], number.groups, speech);
  } else {
    speak_groups(tokens, at, number.groups, speech);
  }
  return number.end + speak_extension(tokens, number.end, speech) - at;
}

// "call me at 123 4567": a local number with a space needs a word that speaks of calling.
size_t match_local(const Tokens& tokens, size_t at, SpeechBuilder& speech) {
  if (tokens.text(at).size() != 3 || !tokens.is_number(at + 1) || tokens.attached(at + 1) ||
      tokens.text(at + 1).size() != 4 || !tokens.ends_before(at + 2) || tokens.attached(at)) {
    return 0;
  }
  static constexpr std::string_view kCues[] = {"call", "phone", "dial", "text",   "reach",
                                               "ring", "tel",   "fax",  "number", "telephone"};
  constexpr size_t kReach = 4;
  bool cue = false;
  for (size_t i = at; i > 0 && i + kReach > at; --i) cue |= is_in_list(tokens.text(i - 1), kCues);
  if (!cue) return 0;
  const size_t groups[] = {at, at + 1};
  speak_groups(tokens, at, groups, speech);
  return 2;
}

// 1-800-FLOWERS: "one eight hundred flowers"
size_t match_vanity(const Tokens& tokens, size_t at, SpeechBuilder& speech) {
  size_t next = at;
  if (tokens.text(at) == "1" && tokens.attached_symbol(at + 1, U'-')) next = at + 2;
  const std::string_view code = tokens.text(next);
  if (!tokens.is_number(next) || code.size() != 3 || code[0] != '8' || code[1] != code[2]) return 0;
  if (!tokens.attached_symbol(next + 1, U'-') || !tokens.attached(next + 2) ||
      !tokens.is_word(next + 2) || !is_all_upper(tokens.text(next + 2)) ||
      tokens.text(next + 2).size() < 3) {
    return 0;
  }
  if (next > at) speak(tokens, at, at + 1, "one", speech);
  NumberWords words;
  if (code == "800") {
    words = {"eight", "hundred"};
  } else {
    append_digits(code, words);
  }
  speak(tokens, next, next + 1, words, speech);
  set_source(tokens, next + 2, next + 3, speech);
  speech.own_word(ascii_lower(tokens.text(next + 2)));
  return next + 3 - at;
}

// call 999, dial 411; 911 nearly everywhere
size_t match_short_code(const Tokens& tokens, size_t at, SpeechBuilder& speech) {
  const std::string_view code = tokens.text(at);
  if (code.size() != 3 || !tokens.ends_before(at + 1) || tokens.attached(at)) return 0;
  if (tokens.attached(at + 1) && tokens.attached(at + 2)) return 0;
  static constexpr std::string_view kCalling[] = {"call",    "calling", "called",  "calls", "dial",
                                                  "dialled", "dialed",  "dialing", "ring",  "rang",
                                                  "phone",   "phoned",  "text"};
  static constexpr std::string_view kAboutCalls[] = {"call",      "calls",     "dispatcher",
                                                     "operator",  "emergency", "dispatchers",
                                                     "operators", "center",    "system"};
  const bool cue = (at > 0 && is_in_list(tokens.text(at - 1), kCalling)) ||
                   ((code == "911" || code == "999") && tokens.is_word(at + 1) &&
                    is_in_list(tokens.text(at + 1), kAboutCalls));
  // "call 0800 123 4567 or 999"
  bool after_call = false;
  if (at > 1 && tokens.is_word(at - 1, "or") &&
      (code == "911" || code == "999" || code == "112" || code == "111" || code == "101")) {
    constexpr size_t kReach = 14;
    for (size_t i = at - 1; i > 0 && i + kReach > at; --i)
      after_call |= tokens.is_word(i - 1) && is_in_list(tokens.text(i - 1), kCalling);
  }
  if (!cue && !after_call) return 0;
  NumberWords words;
  append_digits(code, words);
  speak(tokens, at, at + 1, words, speech);
  return 1;
}

constexpr RuleExample kTelephoneExamples[] = {
    {"123-123-5678", "one two three one two three five six seven eight"},
    {"+1 (123) 456-7890", "plus one one two three four five six seven eight nine zero"},
    {"call 555-0123", "call five five five zero one two three"},
    {"+44 20 7946 0958", "plus four four two zero seven nine four six zero nine five eight"},
    {"020 7946 0958", "zero two zero seven nine four six zero nine five eight"},
    {"(020) 7946 0958", "zero two zero seven nine four six zero nine five eight"},
    {"555 555 0100", "five five five five five five zero one zero zero"},
    {"555-555-0100 ext. 12", "five five five five five five zero one zero zero extension one two"},
};
constexpr RuleExample kVanityExamples[] = {{"1-800-FLOWERS", "one eight hundred flowers"}};
constexpr RuleExample kLocalExamples[] = {
    {"call me at 123 4567", "call me at one two three four five six seven"}};
constexpr RuleExample kShortExamples[] = {{"dial 999", "dial nine nine nine"},
                                          {"call 0800 123 4567 or 999",
                                           "call zero eight zero zero one two three four five six "
                                           "seven or nine nine nine"},
                                          {"a 911 call", "a nine one one call"}};

constexpr Rule kNumberRules[] = {{"vanity_number", match_vanity, kVanityExamples},
                                 {"telephone", match_telephone, kTelephoneExamples},
                                 {"local_number", match_local, kLocalExamples},
                                 {"short_code", match_short_code, kShortExamples}};
constexpr Rule kSymbolRules[] = {{"telephone", match_telephone, {}}};
constexpr RuleTable kTables[] = {{RuleTrigger::kNumber, kNumberRules},
                                 {RuleTrigger::kSymbol, kSymbolRules}};

}  // namespace

std::span<const RuleTable> telephone_rules() { return kTables; }

}  // namespace myna::text
