// Telephone numbers, IP addresses, version numbers and other groups of digits.
#include "text/normalize/number_literal.h"

namespace myna::text {
namespace {

struct Groups {
  std::vector<size_t> tokens;  // indices of the number tokens
  size_t end = 0;
};

// Reads 123-456-7890 from token `at` on: numbers parted by '-', '.' or single spaces.
Groups groups_at(const Tokens& tokens, size_t at, size_t limit) {
  Groups groups;
  size_t next = at;
  while (tokens.is_number(next) && groups.tokens.size() < limit) {
    groups.tokens.push_back(next);
    groups.end = next + 1;
    const size_t separator = next + 1;
    if ((tokens.attached_symbol(separator, U'-') || tokens.attached_symbol(separator, U'.')) &&
        tokens.attached(separator + 1)) {
      next = separator + 1;
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

// +1 (123) 456-7890 · (123) 456-7890 · 123-456-7890 · 555-0123 · 111-11-1111 · +44 20 7946 0958
size_t match_telephone(const Tokens& tokens, size_t at, SpeechBuilder& speech) {
  size_t next = at;
  const bool plus = tokens.is_symbol(at, U'+');
  std::vector<size_t> groups;
  if (plus) {
    ++next;
    if (!tokens.attached(next) || !tokens.is_number(next)) return 0;
  }
  // A country code before brackets or a dash.
  if ((plus || tokens.text(next) == "1") && tokens.is_number(next) &&
      tokens.text(next).size() <= 3 &&
      (tokens.is_symbol(next + 1, U'(') || tokens.is_symbol(next + 1, U'-') ||
       (plus && tokens.is_number(next + 1)))) {
    groups.push_back(next);
    ++next;
    if (tokens.is_symbol(next, U'-')) ++next;
  }
  const size_t country_groups = groups.size();
  if (tokens.is_symbol(next, U'(')) {
    if (!tokens.is_number(next + 1) || tokens.text(next + 1).size() < 3 ||
        tokens.text(next + 1).size() > 5 || !tokens.is_symbol(next + 2, U')')) {
      return 0;
    }
    groups.push_back(next + 1);
    next += 3;
    if (tokens.is_symbol(next, U'-')) ++next;
  }
  const size_t bracket_groups = groups.size() - country_groups;
  Groups rest = groups_at(tokens, next, 8);
  if (plus) {
    // International numbers are grouped in many ways, often by spaces.
    while (tokens.is_number(rest.end) && rest.tokens.size() < 6 &&
           tokens.text(rest.end).size() >= 2) {
      rest.tokens.push_back(rest.end);
      ++rest.end;
    }
  }
  if (rest.tokens.empty() || !tokens.ends_before(rest.end)) return 0;
  const auto& tail = rest.tokens;
  bool accepted = false;
  if (bracket_groups == 1) {
    accepted = has_lengths(tokens, tail, {3, 4}) || has_lengths(tokens, tail, {4, 4}) ||
               has_lengths(tokens, tail, {7});
  } else if (country_groups == 1) {
    size_t digits = 0;
    for (const size_t group : tail) digits += tokens.text(group).size();
    accepted = plus ? digits >= 6 && digits <= 12 : has_lengths(tokens, tail, {3, 3, 4});
  } else {
    accepted = has_lengths(tokens, tail, {3, 3, 4}) || has_lengths(tokens, tail, {3, 2, 4}) ||
               (has_lengths(tokens, tail, {3, 4}) && tokens.attached_symbol(tail[0] + 1, U'-'));
  }
  if (!accepted) return 0;
  groups.insert(groups.end(), tail.begin(), tail.end());
  if (plus) {
    speak(tokens, at, at + 1, "plus", speech);
    speak_groups(tokens, groups[0], groups, speech);
  } else {
    speak_groups(tokens, at, groups, speech);
  }
  return rest.end - at;
}

// 192.168.0.1 digit by digit; 2.0.1 number by number.
size_t match_dotted(const Tokens& tokens, size_t at, SpeechBuilder& speech) {
  std::vector<size_t> groups;
  size_t next = at;
  while (tokens.is_number(next)) {
    groups.push_back(next);
    if (!tokens.attached_symbol(next + 1, U'.') || !tokens.attached(next + 2) ||
        !tokens.is_number(next + 2))
      break;
    next += 2;
  }
  if (groups.size() < 3) return 0;
  const bool address = groups.size() == 4;
  for (size_t i = 0; i < groups.size(); ++i) {
    NumberWords words;
    if (i > 0) words.push_back(address ? "dot" : "point");
    if (address) {
      append_digits(tokens.text(groups[i]), words);
    } else {
      append_cardinal(tokens.text(groups[i]), tokens.dialect(), words);
    }
    speak(tokens, i == 0 ? groups[0] : groups[i] - 1, groups[i] + 1, words, speech);
  }
  return groups.back() + 1 - at;
}

// v2.0.1, V2
size_t match_version(const Tokens& tokens, size_t at, SpeechBuilder& speech) {
  if (!tokens.is_word(at, "v") || !tokens.attached(at + 1) || !tokens.is_number(at + 1)) return 0;
  speak(tokens, at, at + 1, "version", speech);
  const size_t dotted = match_dotted(tokens, at + 1, speech);
  if (dotted != 0) return 1 + dotted;
  const auto number = parse_number(tokens, at + 1);
  NumberWords words;
  append_number(*number, tokens.dialect(), words);
  speak(tokens, at + 1, at + 1 + number->count, words, speech);
  return 1 + number->count;
}

// "ending in 8876", "PIN 1234", "code 50321"
size_t match_identifier(const Tokens& tokens, size_t at, SpeechBuilder& speech) {
  if (tokens.text(at).size() < 3 || !tokens.ends_before(at + 1)) return 0;
  static constexpr std::string_view kCues[] = {"pin", "zip", "code", "passcode", "otp", "ssn"};
  bool cue = false;
  for (const std::string_view word : kCues) cue |= at > 0 && tokens.is_word(at - 1, word);
  cue |= at > 1 && tokens.is_word(at - 1, "in") && tokens.is_word(at - 2, "ending");
  if (!cue) return 0;
  NumberWords words;
  append_digits(tokens.text(at), words);
  speak(tokens, at, at + 1, words, speech);
  return 1;
}

constexpr RuleExample kTelephoneExamples[] = {
    {"123-123-5678", "one two three one two three five six seven eight"},
    {"+1 (123) 456-7890", "plus one one two three four five six seven eight nine zero"},
    {"call 555-0123", "call five five five zero one two three"},
    {"+44 20 7946 0958", "plus four four two zero seven nine four six zero nine five eight"},
};
constexpr RuleExample kDottedExamples[] = {
    {"192.168.0.1", "one nine two dot one six eight dot zero dot one"},
    {"Python 3.11.2", "Python three point eleven point two"}};
constexpr RuleExample kVersionExamples[] = {{"v2.0.1", "version two point zero point one"}};
constexpr RuleExample kIdentifierExamples[] = {
    {"ending in 8876", "ending in eight eight seven six"}};

constexpr Rule kNumberRules[] = {{"telephone", match_telephone, kTelephoneExamples},
                                 {"dotted", match_dotted, kDottedExamples},
                                 {"identifier", match_identifier, kIdentifierExamples}};
constexpr Rule kSymbolRules[] = {{"telephone", match_telephone, {}}};
constexpr Rule kWordRules[] = {{"version", match_version, kVersionExamples}};
constexpr RuleTable kTables[] = {{RuleTrigger::kNumber, kNumberRules},
                                 {RuleTrigger::kSymbol, kSymbolRules},
                                 {RuleTrigger::kWord, kWordRules}};

}  // namespace

std::span<const RuleTable> telephone_rules() { return kTables; }

}  // namespace myna::text
