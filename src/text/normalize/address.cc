// Postal addresses: 1428 Elm St. · 708 N 1st St, San City · Redmond, WA 98052 ·
// 221B Baker Street, London NW1 6XE
#include "text/normalize/address.h"

#include "base/plain_text.h"
#include "text/normalize/normalizer.h"
#include "text/normalize/number_literal.h"
#include "text/normalize/word_list.h"

namespace myna::text {
namespace {

struct Spoken {
  std::string_view written, spoken;  // written in lower case
};

constexpr Spoken kStreets[] = {
    {"street", "street"},   {"st", "street"},
    {"avenue", "avenue"},   {"ave", "avenue"},
    {"av", "avenue"},       {"boulevard", "boulevard"},
    {"blvd", "boulevard"},  {"road", "road"},
    {"rd", "road"},         {"drive", "drive"},
    {"dr", "drive"},        {"lane", "lane"},
    {"ln", "lane"},         {"court", "court"},
    {"ct", "court"},        {"place", "place"},
    {"pl", "place"},        {"square", "square"},
    {"sq", "square"},       {"terrace", "terrace"},
    {"ter", "terrace"},     {"highway", "highway"},
    {"hwy", "highway"},     {"parkway", "parkway"},
    {"pkwy", "parkway"},    {"expressway", "expressway"},
    {"expy", "expressway"}, {"freeway", "freeway"},
    {"fwy", "freeway"},     {"circle", "circle"},
    {"cir", "circle"},      {"way", "way"},
    {"alley", "alley"},     {"crescent", "crescent"},
    {"cres", "crescent"},   {"close", "close"},
    {"gardens", "gardens"}, {"gdns", "gardens"},
    {"grove", "grove"},     {"mews", "mews"},
    {"row", "row"},         {"turnpike", "turnpike"},
    {"tpke", "turnpike"},   {"plaza", "plaza"},
    {"plz", "plaza"},       {"trail", "trail"},
    {"trl", "trail"},       {"broadway", "broadway"},
};

constexpr Spoken kDirections[] = {
    {"N", "North"},      {"S", "South"},      {"E", "East"},       {"W", "West"},
    {"NE", "Northeast"}, {"NW", "Northwest"}, {"SE", "Southeast"}, {"SW", "Southwest"},
};

constexpr Spoken kStates[] = {
    {"AL", "Alabama"},      {"AK", "Alaska"},         {"AZ", "Arizona"},      {"AR", "Arkansas"},
    {"CA", "California"},   {"CO", "Colorado"},       {"CT", "Connecticut"},  {"DE", "Delaware"},
    {"DC", "D C"},          {"FL", "Florida"},        {"GA", "Georgia"},      {"HI", "Hawaii"},
    {"ID", "Idaho"},        {"IL", "Illinois"},       {"IN", "Indiana"},      {"IA", "Iowa"},
    {"KS", "Kansas"},       {"KY", "Kentucky"},       {"LA", "Louisiana"},    {"ME", "Maine"},
    {"MD", "Maryland"},     {"MA", "Massachusetts"},  {"MI", "Michigan"},     {"MN", "Minnesota"},
    {"MS", "Mississippi"},  {"MO", "Missouri"},       {"MT", "Montana"},      {"NE", "Nebraska"},
    {"NV", "Nevada"},       {"NH", "New Hampshire"},  {"NJ", "New Jersey"},   {"NM", "New Mexico"},
    {"NY", "New York"},     {"NC", "North Carolina"}, {"ND", "North Dakota"}, {"OH", "Ohio"},
    {"OK", "Oklahoma"},     {"OR", "Oregon"},         {"PA", "Pennsylvania"}, {"PR", "Puerto Rico"},
    {"RI", "Rhode Island"}, {"SC", "South Carolina"}, {"SD", "South Dakota"}, {"TN", "Tennessee"},
    {"TX", "Texas"},        {"UT", "Utah"},           {"VT", "Vermont"},      {"VA", "Virginia"},
    {"WA", "Washington"},   {"WV", "West Virginia"},  {"WI", "Wisconsin"},    {"WY", "Wyoming"},
};
// Codes that are ordinary words or names in capitals too: these need a ZIP code behind them.
constexpr std::string_view kWordStates[] = {"ok", "in", "or", "me", "hi", "oh", "ma", "pa"};

// Apt 5 and its kind, between the street and the city.
constexpr Spoken kUnits[] = {{"apt", "apartment"}, {"ste", "suite"},          {"bldg", "building"},
                             {"rm", "room"},       {"fl", "floor"},           {"unit", "unit"},
                             {"suite", "suite"},   {"apartment", "apartment"}};

constexpr Spoken kParties[] = {{"D", "Democrat"}, {"R", "Republican"}, {"I", "Independent"}};

std::string_view find(std::span<const Spoken> table, std::string_view written) {
  for (const Spoken& entry : table) {
    if (entry.written == written) return entry.spoken;
  }
  return {};
}

std::string_view street_at(const Tokens& tokens, size_t at) {
  if (!tokens.is_word(at) || tokens.text(at).size() > 10) return {};
  return find(kStreets, ascii_lower(tokens.text(at)));
}

// N, N., NW at token `at`; the tokens it takes.
size_t direction_at(const Tokens& tokens, size_t at, std::string_view& spoken) {
  if (!tokens.is_word(at)) return 0;
  spoken = find(kDirections, tokens.text(at));
  if (spoken.empty()) return 0;
  return tokens.attached_symbol(at + 1, U'.') ? 2 : 1;
}

bool is_ordinal_token(const Tokens& tokens, size_t at) {
  static constexpr std::string_view kSuffixes[] = {"st", "nd", "rd", "th"};
  return tokens.is_number(at) && tokens.attached(at + 1) && tokens.is_word(at + 1) &&
         is_in_list(tokens.text(at + 1), kSuffixes);
}

struct Street {
  size_t name = 0;  // the first token of the name, behind the direction
  size_t word = 0;  // "St"
  size_t end = 0;   // behind its period
};

// [direction] name ... street word, from token `at` on; name has one to four words.
bool street_follows(const Tokens& tokens, size_t at, Street& street) {
  std::string_view direction;
  size_t next = at + direction_at(tokens, at, direction);
  street.name = next;
  constexpr int kMostNames = 4;
  for (int names = 0; names <= kMostNames; ++names) {
    if (names > 0 && !street_at(tokens, next).empty()) {
      // "5 Main St. Paul": the first street word wins; "Park Avenue" takes the later one.
      if (!(tokens.is_word(next + 1) && !street_at(tokens, next + 1).empty())) {
        street.word = next;
        street.end = tokens.attached_symbol(next + 1, U'.') ? next + 2 : next + 1;
        return true;
      }
    }
    if (!tokens.exists(next) || (names > 0 && tokens.attached(next))) return false;
    if (is_ordinal_token(tokens, next)) {
      next += 2;
    } else if (tokens.is_word(next) && is_capitalized(tokens.text(next))) {
      next += tokens.attached_symbol(next + 1, U'.') && tokens.text(next).size() <= 2 ? 2 : 1;
    } else {
      return false;
    }
  }
  return false;
}

void speak_street(const Tokens& tokens, size_t at, const Street& street, SpeechBuilder& speech) {
  std::string_view direction;
  if (street.name > at) {
    direction_at(tokens, at, direction);
    speak(tokens, at, street.name, direction, speech);
  }
  for (size_t i = street.name; i < street.word;) {
    if (is_ordinal_token(tokens, i)) {
      NumberWords words;
      append_ordinal(tokens.text(i), tokens.dialect(), words);
      speak(tokens, i, i + 2, words, speech);
      i += 2;
    } else if (tokens.is_word(i, "st")) {  // 22 St. John's Road
      const size_t count = tokens.attached_symbol(i + 1, U'.') ? 2 : 1;
      speak(tokens, i, i + count, "saint", speech);
      i += count;
    } else {
      i += read_token(tokens, i, speech);
    }
  }
  speak(tokens, street.word, street.end, street_at(tokens, street.word), speech);
}

// 1428 "fourteen twenty eight", 708 "seven zero eight", 220 "two twenty", 100 "one hundred".
void append_house_number(std::string_view digits, Dialect dialect, NumberWords& words) {
  if (digits.size() < 3 || digits.size() > 4 || digits[0] == '0' ||
      (digits.ends_with("00") && (digits.size() == 3 || digits[1] == '0'))) {
    if (digits.size() > 4 || digits[0] == '0') {
      append_digits(digits, words);
    } else {
      append_cardinal(digits, dialect, words);
    }
    return;
  }
  append_cardinal(digits.substr(0, digits.size() - 2), dialect, words);
  const std::string_view tail = digits.substr(digits.size() - 2);
  if (tail == "00") {
    words.push_back("hundred");
  } else if (tail[0] == '0') {
    append_digits(tail, words);
  } else {
    append_cardinal(tail, dialect, words);
  }
}

// The number of a house with its letter: 221B. Returns the tokens taken.
size_t speak_house(const Tokens& tokens, size_t at, SpeechBuilder& speech) {
  NumberWords words;
  append_house_number(tokens.text(at), tokens.dialect(), words);
  speak(tokens, at, at + 1, words, speech);
  if (tokens.attached(at + 1) && tokens.is_word(at + 1) && tokens.text(at + 1).size() == 1) {
    set_source(tokens, at + 1, at + 2, speech);
    speech.word(tokens.text(at + 1), Reading::kLetters);
    return 2;
  }
  return 1;
}

// 1428 Elm St. · 708 N 1st St · 1600 Pennsylvania Avenue NW
size_t match_street(const Tokens& tokens, size_t at, SpeechBuilder& speech) {
  if (tokens.text(at).size() > 5 || (at > 0 && tokens.attached(at))) return 0;
  const bool letter =
      tokens.attached(at + 1) && tokens.is_word(at + 1) && tokens.text(at + 1).size() == 1;
  const size_t behind = at + (letter ? 2 : 1);
  if (tokens.attached(behind)) return 0;
  Street street;
  if (!street_follows(tokens, behind, street)) return 0;
  speak_house(tokens, at, speech);
  speak_street(tokens, behind, street, speech);
  size_t end = street.end;
  std::string_view direction;
  const size_t count = direction_at(tokens, end, direction);
  if (count != 0 && !tokens.attached(end) && tokens.ends_before(end + 1)) {
    speak(tokens, end, end + 1, direction, speech);
    ++end;
  } else if (end > street.word + 1 && tokens.abbreviation_ends_sentence(end)) {
    set_source(tokens, end - 1, end, speech);
    speech.mark(U'.');
  }
  return end - at;
}

// 98052, 98052-1234 at token `at`; the tokens it takes.
size_t speak_zip(const Tokens& tokens, size_t at, SpeechBuilder& speech) {
  if (!tokens.is_number(at) || tokens.text(at).size() != 5) return 0;
  NumberWords words;
  append_digits(tokens.text(at), words);
  if (tokens.attached_symbol(at + 1, U'-') && tokens.attached(at + 2) && tokens.is_number(at + 2) &&
      tokens.text(at + 2).size() == 4) {
    speak(tokens, at, at + 1, words, speech);
    speech.mark(U',');
    words.clear();
    append_digits(tokens.text(at + 2), words);
    speak(tokens, at + 2, at + 3, words, speech);
    return 3;
  }
  if (!tokens.ends_before(at + 1)) return 0;
  speak(tokens, at, at + 1, words, speech);
  return 1;
}

bool zip_follows(const Tokens& tokens, size_t at) {
  return tokens.is_number(at) && tokens.text(at).size() == 5 &&
         (tokens.ends_before(at + 1) || tokens.attached_symbol(at + 1, U'-'));
}

// W. 42nd St.: a direction before a numbered street.
size_t match_direction(const Tokens& tokens, size_t at, SpeechBuilder& speech) {
  if (tokens.text(at).size() > 2) return 0;
  std::string_view direction;
  const size_t count = direction_at(tokens, at, direction);
  if (count == 0 || !is_ordinal_token(tokens, at + count)) return 0;
  if (street_at(tokens, at + count + 2).empty()) return 0;
  speak(tokens, at, at + count, direction, speech);
  return count;
}

// WA 98052 · San City, FL
size_t match_state(const Tokens& tokens, size_t at, SpeechBuilder& speech) {
  const std::string_view code = tokens.text(at);
  if (code.size() != 2 || !tokens.ends_before(at + 1) || tokens.attached(at)) return 0;
  const std::string_view state = find(kStates, code);
  if (state.empty()) return 0;
  const bool comma = tokens.attached_symbol(at + 1, U',');
  const size_t zip = comma ? at + 2 : at + 1;
  const bool has_zip = zip_follows(tokens, zip);
  const bool behind_city = at > 1 && tokens.is_symbol(at - 1, U',') && tokens.is_word(at - 2) &&
                           is_capitalized(tokens.text(at - 2)) &&
                           !is_all_upper(tokens.text(at - 2));
  if (!has_zip && (!behind_city || is_in_list(code, kWordStates))) return 0;
  set_source(tokens, at, at + 1, speech);
  if (code == "DC") {
    speech.word(code, Reading::kLetters);
  } else {
    speech.words(state);
  }
  if (!has_zip) return 1;
  if (comma) {
    set_source(tokens, at + 1, at + 2, speech);
    speech.mark(U',');
  }
  return zip - at + speak_zip(tokens, zip, speech);
}

// SW1A 1AA, M1 1AE, EC1A 1BB: letters and digits, a pause between the halves.
size_t match_postcode(const Tokens& tokens, size_t at, SpeechBuilder& speech) {
  const auto is_letters = [&](size_t i, size_t most) {
    return tokens.is_word(i) && tokens.text(i).size() <= most && is_all_upper(tokens.text(i)) &&
           is_ascii_letters(tokens.text(i));
  };
  if (!is_letters(at, 2) || tokens.attached(at)) return 0;
  size_t next = at + 1;
  if (!tokens.attached(next) || !tokens.is_number(next) || tokens.text(next).size() > 2) return 0;
  ++next;
  if (tokens.attached(next) && is_letters(next, 1)) ++next;
  const size_t inner = next;
  if (tokens.attached(inner) || !tokens.is_number(inner) || tokens.text(inner).size() != 1 ||
      !tokens.attached(inner + 1) || !is_letters(inner + 1, 2) ||
      tokens.text(inner + 1).size() != 2 || !tokens.ends_before(inner + 2)) {
    return 0;
  }
  for (size_t i = at; i < inner + 2; ++i) {
    set_source(tokens, i, i + 1, speech);
    if (i == inner) speech.mark(U',');
    if (tokens.is_number(i)) {
      NumberWords words;
      append_digits(tokens.text(i), words);
      for (const auto word : words) speech.word(word);
    } else {
      speech.word(tokens.text(i), Reading::kLetters);
    }
  }
  return inner + 2 - at;
}

// Apt. 5B, Ste 200: only where a number follows.
size_t match_unit(const Tokens& tokens, size_t at, SpeechBuilder& speech) {
  if (tokens.text(at).size() > 4 || !is_capitalized(tokens.text(at))) return 0;
  const std::string_view unit = find(kUnits, ascii_lower(tokens.text(at)));
  const size_t number = tokens.attached_symbol(at + 1, U'.') ? at + 2 : at + 1;
  if (unit.empty() || !tokens.is_number(number) || tokens.attached(number)) return 0;
  speak(tokens, at, number, unit, speech);
  return number - at;
}

// (D-MA), Ocasio-Cortez, D-N.Y.: the party and the state of an American politician.
size_t match_party(const Tokens& tokens, size_t at, SpeechBuilder& speech) {
  if (tokens.text(at).size() != 1 || !tokens.attached_symbol(at + 1, U'-') || at == 0 ||
      !(tokens.is_symbol(at - 1, U'(') || tokens.is_symbol(at - 1, U','))) {
    return 0;
  }
  const std::string_view party = find(kParties, tokens.text(at));
  if (party.empty() || !tokens.attached(at + 2) || !tokens.is_word(at + 2)) return 0;
  std::string code(tokens.text(at + 2));
  size_t end = at + 3;
  if (code.size() == 1 && tokens.attached_symbol(end, U'.') && tokens.attached(end + 1) &&
      tokens.text(end + 1).size() == 1) {
    code += tokens.text(end + 1);  // N.Y.
    end += tokens.attached_symbol(end + 2, U'.') ? 3 : 2;
  }
  const std::string_view state = find(kStates, code);
  if (state.empty() || !tokens.ends_before(end)) return 0;
  speak(tokens, at, at + 1, party, speech);
  speak(tokens, at + 1, at + 2, "of", speech);
  speak(tokens, at + 2, end, state, speech);
  return end - at;
}

constexpr RuleExample kPartyExamples[] = {
    {"Warren (D-MA) said", "Warren Democrat of Massachusetts said"},
    {"Reed, R-N.Y., spoke", "Reed Republican of New York spoke"}};
constexpr RuleExample kStreetExamples[] = {
    {"1211 E Arques Ave", "twelve eleven East Arques avenue"},
    {"708 N 1st St, San City", "seven zero eight North first street San City"},
    {"at 221B Baker Street", "at two twenty one B Baker street"},
    {"1600 Pennsylvania Avenue NW", "sixteen hundred Pennsylvania avenue Northwest"},
    {"22 St. John's Rd", "twenty two saint John's road"},
    {"2 San Tomas hwy, Santa", "two San Tomas highway Santa"},
    {"It has 5 Star Hotels", "It has five Star Hotels"}};
constexpr RuleExample kStateExamples[] = {
    {"Redmond, WA 98052", "Redmond Washington nine eight zero five two"},
    {"Santa, FL, 95051-1234", "Santa Florida nine five zero five one one two three four"},
    {"in Austin, TX.", "in Austin Texas"},
    {"ID cards", "ID cards"}};
constexpr RuleExample kDirectionExamples[] = {{"on W. 42nd St.", "on West forty second street"}};
constexpr RuleExample kPostcodeExamples[] = {{"London SW1A 2AA", "London SW one A two AA"}};
constexpr RuleExample kUnitExamples[] = {{"Apt. 5B", "apartment five B"}};

constexpr Rule kNumberRules[] = {{"street_address", match_street, kStreetExamples}};
constexpr Rule kWordRules[] = {{"party", match_party, kPartyExamples},
                               {"state", match_state, kStateExamples},
                               {"direction", match_direction, kDirectionExamples},
                               {"postcode", match_postcode, kPostcodeExamples},
                               {"apartment", match_unit, kUnitExamples}};
constexpr RuleTable kTables[] = {{RuleTrigger::kNumber, kNumberRules},
                                 {RuleTrigger::kWord, kWordRules}};

}  // namespace

size_t read_address_part(const Tokens& tokens, size_t at, SpeechBuilder& speech) {
  if (tokens.is_number(at)) {
    if (const size_t taken = match_street(tokens, at, speech)) return taken;
    if (const size_t taken = speak_zip(tokens, at, speech)) return taken;
    if (!is_ordinal_token(tokens, at)) return speak_house(tokens, at, speech);
  }
  if (tokens.is_word(at)) {
    if (const size_t taken = match_postcode(tokens, at, speech)) return taken;
    const bool last = !tokens.exists(at + 1) || zip_follows(tokens, at + 1);
    if (const std::string_view state = find(kStates, tokens.text(at));
        !state.empty() && (last || tokens.is_symbol(at - 1, U','))) {
      speak(tokens, at, at + 1, state, speech);
      return 1;
    }
    std::string_view spoken;
    if (const size_t taken = direction_at(tokens, at, spoken)) {
      speak(tokens, at, at + taken, spoken, speech);
      return taken;
    }
    spoken = street_at(tokens, at);
    // "St Paul" in an address is a town.
    const bool saint = tokens.is_word(at, "st") && (at == 0 || !tokens.is_word(at - 1));
    if (!spoken.empty() && at > 0 && !saint) {
      const size_t taken = tokens.attached_symbol(at + 1, U'.') ? 2 : 1;
      speak(tokens, at, at + taken, spoken, speech);
      return taken;
    }
    if (const size_t taken = match_unit(tokens, at, speech)) return taken;
  }
  return read_token(tokens, at, speech);
}

std::span<const RuleTable> address_rules() { return kTables; }

}  // namespace myna::text
