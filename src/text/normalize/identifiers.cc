// Rows of digits and letters that name something: IP addresses, versions, card and serial numbers,
// plates: 192.168.0.1 · v2.0.1 · 4111 1111 1111 1111 · ending in 8876 · ab9453 · MIG-25/235212
#include "text/normalize/number_literal.h"
#include "text/normalize/word_list.h"

namespace myna::text {
namespace {

// 192.168.0.1 digit by digit; 2.0.1 number by number.
size_t match_dotted(const Tokens& tokens, size_t at, SpeechBuilder& speech) {
  constexpr size_t kMostGroups = 12;
  std::vector<size_t> groups;
  size_t next = at;
  while (tokens.is_number(next) && groups.size() < kMostGroups) {
    groups.push_back(next);
    if (!tokens.attached_symbol(next + 1, U'.') || !tokens.attached(next + 2) ||
        !tokens.is_number(next + 2))
      break;
    next += 2;
  }
  if (groups.size() < 3) return 0;
  // 25.12.2020 is a date.
  if (groups.size() == 3 && tokens.text(groups[0]).size() <= 2 &&
      tokens.text(groups[1]).size() <= 2 && tokens.text(groups[2]).size() == 4 &&
      number_value(tokens.text(groups[0])) <= 31 && number_value(tokens.text(groups[1])) <= 12) {
    return 0;
  }
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
  size_t end = groups.back() + 1;
  // A port or the length of a net: 10.0.0.1:8080, 10.0.0.0/24
  if (address && tokens.attached(end + 1) && tokens.is_number(end + 1) &&
      (tokens.attached_symbol(end, U':') || tokens.attached_symbol(end, U'/'))) {
    NumberWords words = {tokens.is_symbol(end, U':') ? "colon" : "slash"};
    if (tokens.is_symbol(end, U':')) {
      append_digits(tokens.text(end + 1), words);
    } else {
      append_cardinal(tokens.text(end + 1), tokens.dialect(), words);
    }
    speak(tokens, end, end + 2, words, speech);
    end += 2;
  }
  return end - at;
}

// v2.0.1, v8; the capital is a version only with a period: V8 is an engine.
size_t match_version(const Tokens& tokens, size_t at, SpeechBuilder& speech) {
  if (!tokens.is_word(at, "v") || !tokens.attached(at + 1) || !tokens.is_number(at + 1)) return 0;
  if (tokens.attached(at)) return 0;
  const bool dotted =
      tokens.attached_symbol(at + 2, U'.') && tokens.attached(at + 3) && tokens.is_number(at + 3);
  if (tokens.text(at) == "V" && !dotted) return 0;
  speak(tokens, at, at + 1, "version", speech);
  if (const size_t taken = match_dotted(tokens, at + 1, speech)) return 1 + taken;
  const auto number = parse_number(tokens, at + 1);
  NumberWords words;
  append_number(*number, tokens.dialect(), words);
  speak(tokens, at + 1, at + 1 + number->count, words, speech);
  return 1 + number->count;
}

// 4111 1111 1111 1111, 4111-1111-1111-1111, 3782 822463 10005
size_t match_card(const Tokens& tokens, size_t at, SpeechBuilder& speech) {
  std::vector<size_t> groups;
  size_t next = at;
  while (tokens.is_number(next) && groups.size() < 5) {
    groups.push_back(next);
    const bool dash = tokens.attached_symbol(next + 1, U'-') && tokens.attached(next + 2);
    next += dash ? 2 : 1;
  }
  const auto size = [&](size_t i) { return tokens.text(groups[i]).size(); };
  const bool four =
      groups.size() == 4 && size(0) == 4 && size(1) == 4 && size(2) == 4 && size(3) == 4;
  const bool three = groups.size() == 3 && size(0) == 4 && size(1) == 6 && size(2) == 5;
  if (!four && !three) return 0;
  for (size_t i = 0; i < groups.size(); ++i) {
    NumberWords words;
    append_digits(tokens.text(groups[i]), words);
    speak(tokens, groups[i], groups[i] + 1, words, speech);
    if (i + 1 < groups.size()) speech.mark(U',');
  }
  return groups.back() + 1 - at;
}

// "ending in 8876", "PIN 1234", "the code is 50321", "account number 1234567"
bool has_identifier_cue(const Tokens& tokens, size_t at) {
  static constexpr std::string_view kCues[] = {
      "pin",  "zip",  "code",     "passcode", "otp",      "ssn", "pnr", "cvv",
      "isbn", "imei", "postcode", "password", "passport", "tel", "fax"};
  static constexpr std::string_view kLinks[] = {"is", "number", "no", "code", "was", "of"};
  if (at > 1 && (tokens.is_word(at - 1, "in") || tokens.is_word(at - 1, "with"))) {
    return tokens.is_word(at - 2, "ending") || tokens.is_word(at - 2, "ends");
  }
  size_t back = at;
  while (back > 0 && at - back < 3 &&
         (is_in_list(tokens.text(back - 1), kLinks) || tokens.is_symbol(back - 1, U':') ||
          tokens.is_symbol(back - 1, U'.') || tokens.is_symbol(back - 1, U'#'))) {
    if (tokens.is_word(back - 1, "code")) return true;
    --back;
  }
  return back > 0 && tokens.is_word(back - 1) && is_in_list(tokens.text(back - 1), kCues);
}

size_t match_identifier(const Tokens& tokens, size_t at, SpeechBuilder& speech) {
  if (tokens.text(at).size() < 3 || !tokens.ends_before(at + 1) || tokens.attached(at)) return 0;
  if (!has_identifier_cue(tokens, at)) return 0;
  if (tokens.attached(at + 1) && tokens.attached(at + 2) && tokens.is_number(at + 2)) return 0;
  NumberWords words;
  append_digits(tokens.text(at), words);
  speak(tokens, at, at + 1, words, speech);
  return 1;
}

// Digits behind letters: ab9453 "nine four five three", t2000 "two thousand", A380 "three eighty".
size_t match_glued(const Tokens& tokens, size_t at, SpeechBuilder& speech) {
  if (!tokens.attached(at) || at == 0 || !tokens.is_word(at - 1)) return 0;
  const std::string_view digits = tokens.text(at);
  if (digits.size() < 3) return 0;
  if (tokens.attached_symbol(at + 1, U'.') && tokens.attached(at + 2) && tokens.is_number(at + 2))
    return 0;
  NumberWords words;
  if (digits[0] != '0' && digits.ends_with("00") && digits.size() <= 5) {
    append_cardinal(digits, tokens.dialect(), words);
  } else if (digits.size() == 3 && digits[0] != '0') {
    append_cardinal(digits.substr(0, 1), tokens.dialect(), words);
    append_two_digits(digits.substr(1), words);
  } else {
    append_digits(digits, words);
  }
  speak(tokens, at, at + 1, words, speech);
  return 1;
}

// 123/261788/2021, MIG-25/235212-asdg: numbers of a reference, never years or dates.
size_t match_reference(const Tokens& tokens, size_t at, SpeechBuilder& speech) {
  const auto slash = [&](size_t i) { return tokens.attached_symbol(i, U'/'); };
  const bool before = at > 1 && tokens.attached(at) && slash(at - 1) && tokens.is_number(at - 2);
  const bool after = slash(at + 1) && tokens.attached(at + 2) && tokens.is_number(at + 2);
  const bool more_before = before && at > 3 && slash(at - 3);
  const bool more_after = after && slash(at + 3);
  // At least three parts, one of them too long for a date.
  bool is_long = tokens.text(at).size() > 4;
  if (before) is_long |= tokens.text(at - 2).size() > 4;
  if (after) is_long |= tokens.text(at + 2).size() > 4;
  if (!is_long || !((before && after) || more_before || more_after)) return 0;
  NumberWords words;
  if (tokens.text(at).size() > 4 || tokens.text(at)[0] == '0') {
    append_digits(tokens.text(at), words);
  } else {
    append_cardinal(tokens.text(at), tokens.dialect(), words);
  }
  speak(tokens, at, at + 1, words, speech);
  return 1;
}

// 978-3-16-148410-0: at least four groups with at least eight digits in all.
size_t match_dashed_digits(const Tokens& tokens, size_t at, SpeechBuilder& speech) {
  constexpr size_t kMostGroups = 12;
  if (tokens.attached(at)) return 0;
  size_t groups = 0, digits = 0, end = at;
  for (size_t next = at; tokens.is_number(next) && groups < kMostGroups; next += 2) {
    ++groups;
    digits += tokens.text(next).size();
    end = next + 1;
    if (!tokens.attached_symbol(end, U'-') || !tokens.attached(end + 1)) break;
  }
  if (groups < 4 || digits < 8 || tokens.attached_symbol(end, U'-')) return 0;
  for (size_t i = at; i < end; i += 2) {
    NumberWords words;
    append_digits(tokens.text(i), words);
    speak(tokens, i, i + 1, words, speech);
    if (i + 1 < end) speech.mark(U',');
  }
  // The X that ends some of them
  return end - at;
}

// 00:1B:44:11:3A:B7: pairs of hexadecimal digits.
size_t match_hex_pairs(const Tokens& tokens, size_t at, SpeechBuilder& speech) {
  if (tokens.attached(at) || !tokens.attached(at + 1)) return 0;
  constexpr size_t kMostPairs = 16;
  const auto is_hex = [](std::string_view text) {
    return text.find_first_not_of("0123456789abcdefABCDEF") == std::string_view::npos;
  };
  size_t pairs = 0, next = at;
  while (pairs < kMostPairs) {
    size_t length = 0, end = next;
    while (length < 2 && (end == next || tokens.attached(end)) &&
           (tokens.is_word(end) || tokens.is_number(end)) && is_hex(tokens.text(end))) {
      length += tokens.text(end).size();
      ++end;
    }
    if (length != 2) return 0;
    ++pairs;
    next = end;
    if (!tokens.attached_symbol(next, U':') || !tokens.attached(next + 1)) break;
    ++next;
  }
  if (pairs < 4 || !tokens.ends_before(next)) return 0;
  for (size_t i = at; i < next; ++i) {
    set_source(tokens, i, i + 1, speech);
    if (tokens.is_number(i)) {
      NumberWords words;
      append_digits(tokens.text(i), words);
      for (const auto word : words) speech.word(word);
    } else if (tokens.is_word(i)) {
      speech.word(tokens.text(i), Reading::kLetters);
    } else {
      speech.mark(U',');
    }
  }
  return next - at;
}

// SSN 123 45 6789
size_t match_spaced_ssn(const Tokens& tokens, size_t at, SpeechBuilder& speech) {
  if (tokens.text(at).size() != 3 || !tokens.is_number(at + 1) || tokens.text(at + 1).size() != 2 ||
      !tokens.is_number(at + 2) || tokens.text(at + 2).size() != 4 ||
      !has_identifier_cue(tokens, at)) {
    return 0;
  }
  for (size_t i = at; i < at + 3; ++i) {
    NumberWords words;
    append_digits(tokens.text(i), words);
    speak(tokens, i, i + 1, words, speech);
    if (i < at + 2) speech.mark(U',');
  }
  return 3;
}

constexpr RuleExample kDashedExamples[] = {
    {"ISBN 978-3-16-148410-0",
     "ISBN nine seven eight three one six one four eight four one zero zero"}};
constexpr RuleExample kHexExamples[] = {{"00:1B:44:AB", "zero zero one B four four AB"}};
constexpr RuleExample kSsnExamples[] = {
    {"my ssn is 123 45 6789", "my ssn is one two three four five six seven eight nine"}};
constexpr RuleExample kDottedExamples[] = {
    {"192.168.0.1", "one nine two dot one six eight dot zero dot one"},
    {"10.0.0.1:80", "one zero dot zero dot zero dot one colon eight zero"},
    {"Python 3.11.2", "Python three point eleven point two"}};
constexpr RuleExample kVersionExamples[] = {{"v2.0.1", "version two point zero point one"},
                                            {"a V8 engine", "a V eight engine"}};
constexpr RuleExample kCardExamples[] = {
    {"4111 1111 1111 1111", "four one one one one one one one one one one one one one one one"}};
constexpr RuleExample kIdentifierExamples[] = {
    {"ending in 8876", "ending in eight eight seven six"},
    {"the code is 5032", "the code is five zero three two"}};
constexpr RuleExample kGluedExamples[] = {{"ab9453", "ab nine four five three"},
                                          {"t2000", "t two thousand"},
                                          {"an A380", "an A three eighty"},
                                          {"MP3", "MP three"}};
constexpr RuleExample kReferenceExamples[] = {
    {"123/261788/2021",
     "one hundred twenty three slash two six one seven eight eight slash two "
     "thousand twenty one"}};

constexpr Rule kNumberRules[] = {{"dotted", match_dotted, kDottedExamples},
                                 {"dashed_digits", match_dashed_digits, kDashedExamples},
                                 {"hex_pairs", match_hex_pairs, kHexExamples},
                                 {"card", match_card, kCardExamples},
                                 {"spaced_ssn", match_spaced_ssn, kSsnExamples},
                                 {"identifier", match_identifier, kIdentifierExamples},
                                 {"reference", match_reference, kReferenceExamples},
                                 {"glued", match_glued, kGluedExamples}};
constexpr Rule kWordRules[] = {{"version", match_version, kVersionExamples},
                               {"hex_pairs", match_hex_pairs, {}}};
constexpr RuleTable kTables[] = {{RuleTrigger::kNumber, kNumberRules},
                                 {RuleTrigger::kWord, kWordRules}};

}  // namespace

std::span<const RuleTable> identifier_rules() { return kTables; }

}  // namespace myna::text
