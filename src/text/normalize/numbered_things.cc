// Numbers of roads, rooms, flights and aircraft: I-405 · Room 404 · Flight 370 · a Boeing 747
#include "text/normalize/number_literal.h"
#include "text/normalize/word_list.h"

namespace myna::text {
namespace {

// Numbers of roads, rooms, flights and aircraft are read in pairs: I-405 "I four oh five", Flight
// 1549 "fifteen forty nine", Boeing 747 "seven forty seven".
void append_pairs(std::string_view digits, Dialect dialect, NumberWords& words) {
  if (digits.size() < 3 || digits.size() > 4 || digits[0] == '0' || digits.ends_with("000")) {
    if (digits[0] == '0' || digits.size() > 4) {
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
  } else {
    append_two_digits(tail, words);
  }
}

constexpr std::string_view kNumberedThings[] = {
    "flight", "room",  "suite",     "route", "highway", "hwy", "interstate",
    "bus",    "train", "apartment", "rtx",   "gtx",     "port"};

// Boeing 747-400, "Boeing's 737 MAX": an aircraft and its series.
size_t match_aircraft(const Tokens& tokens, size_t at, SpeechBuilder& speech) {
  if (at == 0 || tokens.text(at).size() != 3 || tokens.attached(at)) return 0;
  static constexpr std::string_view kMakers[] = {"boeing", "boeing's", "airbus", "airbus's"};
  if (!tokens.is_word(at - 1) || !is_in_list(tokens.text(at - 1), kMakers)) return 0;
  const bool series = tokens.attached_symbol(at + 1, U'-') && tokens.attached(at + 2) &&
                      tokens.is_number(at + 2) && tokens.text(at + 2).size() <= 3;
  const size_t end = at + (series ? 3 : 1);
  if (!tokens.ends_before(end)) return 0;
  NumberWords words;
  append_pairs(tokens.text(at), tokens.dialect(), words);
  if (series) append_pairs(tokens.text(at + 2), tokens.dialect(), words);
  speak(tokens, at, end, words, speech);
  return end - at;
}

size_t match_numbered(const Tokens& tokens, size_t at, SpeechBuilder& speech) {
  if (at == 0 || tokens.text(at).size() < 3 || !tokens.ends_before(at + 1)) return 0;
  const bool thing = tokens.is_word(at - 1) && is_in_list(tokens.text(at - 1), kNumberedThings);
  const bool dashed = at > 1 && tokens.attached_symbol(at - 1, U'-') && tokens.attached(at);
  // I-405, US-101, US 101
  const bool road = (dashed && (tokens.text(at - 2) == "I" || tokens.text(at - 2) == "US")) ||
                    (!tokens.attached(at) && tokens.text(at - 1) == "US" &&
                     tokens.text(at).size() == 3 && !tokens.is_word(at + 1));
  if (!thing && !road) return 0;
  if (tokens.attached_symbol(at + 1, U'.') && tokens.attached(at + 2)) return 0;
  NumberWords words;
  append_pairs(tokens.text(at), tokens.dialect(), words);
  speak(tokens, at, at + 1, words, speech);
  return 1;
}

constexpr RuleExample kNumberedExamples[] = {{"Flight 370", "Flight three seventy"},
                                             {"Room 1408", "Room fourteen oh eight"},
                                             {"on I-405", "on I four oh five"},
                                             {"on port 8080", "on port eighty eighty"}};
constexpr RuleExample kAircraftExamples[] = {
    {"a Boeing 747", "a Boeing seven forty seven"},
    {"Boeing's 737 MAX", "Boeing's seven thirty seven MAX"},
    {"the Boeing 747-400 flew", "the Boeing seven forty seven four hundred flew"}};

constexpr Rule kRules[] = {{"aircraft", match_aircraft, kAircraftExamples},
                           {"numbered_thing", match_numbered, kNumberedExamples}};
constexpr RuleTable kTables[] = {{RuleTrigger::kNumber, kRules}};

}  // namespace

std::span<const RuleTable> numbered_thing_rules() { return kTables; }

}  // namespace myna::text
