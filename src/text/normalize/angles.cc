// Angles and positions: 51°30′N · 51° 30' 26" W · 40.7128° N · lat. 51°
#include "text/normalize/number_literal.h"

namespace myna::text {
namespace {

bool is_degree_sign(const Tokens& tokens, size_t at) {
  return tokens.is_symbol(at, U'°') || tokens.is_symbol(at, U'º');
}

// Minutes or seconds: a number and its mark. The filter makes ' of ′ and " of ″.
bool has_part(const Tokens& tokens, size_t at, char32_t mark) {
  const auto number = parse_number(tokens, at);
  if (!number || number->integer.size() > 2) return false;
  const size_t sign = at + number->count;
  return tokens.attached_symbol(sign, mark) ||
         (mark == U'"' && tokens.attached_symbol(sign, U'”')) ||
         (mark == U'"' && tokens.attached_symbol(sign, U'\'') &&
          tokens.attached_symbol(sign + 1, U'\''));
}

size_t speak_part(const Tokens& tokens, size_t at, std::string_view one, std::string_view many,
                  SpeechBuilder& speech) {
  const auto number = parse_number(tokens, at);
  NumberWords words;
  const std::string_view digits = number->integer;
  if (number->is_whole()) {
    append_cardinal(digits, tokens.dialect(), words);
  } else {
    append_number(*number, tokens.dialect(), words);
  }
  words.push_back(number->is_whole() && number_value(digits) == 1 ? one : many);
  size_t end = at + number->count + 1;
  if (tokens.is_symbol(end - 1, U'\'') && tokens.attached_symbol(end, U'\'')) ++end;
  speak(tokens, at, end, words, speech);
  return end - at;
}

std::string_view compass(std::string_view letter) {
  if (letter == "N") return "north";
  if (letter == "S") return "south";
  if (letter == "E") return "east";
  if (letter == "W") return "west";
  return {};
}

size_t match_angle(const Tokens& tokens, size_t at, SpeechBuilder& speech) {
  const auto degrees = parse_number(tokens, at);
  if (!degrees || !is_degree_sign(tokens, at + degrees->count)) return 0;
  size_t next = at + degrees->count + 1;
  const bool minutes = has_part(tokens, next, U'\'');
  const bool direct = !minutes && tokens.is_word(next) && !compass(tokens.text(next)).empty();
  if (!minutes && !direct) return 0;
  NumberWords words;
  append_number(*degrees, tokens.dialect(), words);
  words.push_back(degrees->is_one() ? "degree" : "degrees");
  speak(tokens, at, next, words, speech);
  if (minutes) {
    next += speak_part(tokens, next, "minute", "minutes", speech);
    if (has_part(tokens, next, U'"')) next += speak_part(tokens, next, "second", "seconds", speech);
  }
  if (tokens.is_word(next) && tokens.ends_before(next + 1)) {
    if (const std::string_view side = compass(tokens.text(next)); !side.empty()) {
      const bool period = tokens.attached_symbol(next + 1, U'.') && tokens.exists(next + 2) &&
                          !tokens.sentence_may_start(next + 2);
      speak(tokens, next, next + (period ? 2 : 1), side, speech);
      next += period ? 2 : 1;
    }
  }
  return next - at;
}

// S. 6° E.: a bearing's first side; the angle behind it has the other.
size_t match_bearing(const Tokens& tokens, size_t at, SpeechBuilder& speech) {
  if (tokens.text(at).size() != 1) return 0;
  const std::string_view side = compass(tokens.text(at));
  if (side.empty()) return 0;
  const size_t next = tokens.attached_symbol(at + 1, U'.') ? at + 2 : at + 1;
  const auto degrees = parse_number(tokens, next);
  if (!degrees || !is_degree_sign(tokens, next + degrees->count)) return 0;
  speak(tokens, at, next, side, speech);
  return next - at;
}

constexpr RuleExample kBearingExamples[] = {
    {"miles S. 6° E. of", "miles south six degrees east of"}};
constexpr RuleExample kExamples[] = {
    {"51°30'N 0°7'W", "fifty one degrees thirty minutes north zero degrees seven minutes west"},
    {"51° 30' W", "fifty one degrees thirty minutes west"},
    {"at 40.7° N, 74° W", "at forty point seven degrees north seventy four degrees west"},
    {"48°51'24\" N", "forty eight degrees fifty one minutes twenty four seconds north"},
};
constexpr Rule kRules[] = {{"angle", match_angle, kExamples}};
constexpr Rule kWordRules[] = {{"bearing", match_bearing, kBearingExamples}};
constexpr RuleTable kTables[] = {{RuleTrigger::kNumber, kRules}, {RuleTrigger::kWord, kWordRules}};

}  // namespace

std::span<const RuleTable> angle_rules() { return kTables; }

}  // namespace myna::text
