// Two numbers with something between them: 10-12 · 1914–1918 · 3-1 · 1:1000 · 2019/20
#include "text/normalize/number_literal.h"
#include "text/normalize/word_list.h"

namespace myna::text {
namespace {

bool looks_like_year(std::string_view digits) {
  const long long value = number_value(digits);
  return digits.size() == 4 && value >= 1000 && value <= 2100;
}

// 1914-1918, 1914–18, 10-12, 3-1
size_t match_range(const Tokens& tokens, size_t at, SpeechBuilder& speech) {
  const auto low = parse_number(tokens, at);
  if (!low) return 0;
  const size_t dash = at + low->count;
  const bool spaced = !tokens.attached(dash) && !tokens.attached(dash + 1);
  if (!is_range_dash(tokens, dash) || tokens.attached(dash) != tokens.attached(dash + 1)) return 0;
  // INV-2024-00123 is no range, and nothing runs up to 007.
  if (tokens.attached_symbol(at - 1, U'-') && tokens.attached(at) && at > 0) return 0;
  if (tokens.is_number(dash + 1) && tokens.text(dash + 1).size() > 2 &&
      tokens.text(dash + 1)[0] == '0') {
    return 0;
  }
  const auto high = parse_number(tokens, dash + 1);
  if (!high) return 0;
  const size_t end = dash + 1 + high->count;
  // More dashes make it a telephone number, a part number or a sum.
  if (tokens.attached_symbol(end, U'-') || tokens.is_symbol(end, U'=') ||
      tokens.is_symbol(at - 1, U'='))
    return 0;
  const bool years =
      looks_like_year(low->integer) && low->is_whole() && high->is_whole() && !low->grouped;
  const bool both_years = years && looks_like_year(high->integer);
  const bool short_years =
      years && high->integer.size() == 2 && low->integer.compare(2, 2, high->integer) < 0;
  if (spaced && !both_years) return 0;
  NumberWords words;
  const bool plain = !both_years && !short_years;
  // A decade at the upper end belongs to match_decade: 1960s-1980s, 1960-1980s.
  const bool plural = tokens.attached(end) && tokens.is_word(end, "s");
  if (plain) {
    append_number(*low, tokens.dialect(), words);
  } else {
    append_year(low->integer, tokens.dialect(), words);
  }
  speak(tokens, at, dash, words, speech);
  speak(tokens, dash, dash + 1, "to", speech);
  if (plural || tokens.attached(end)) {
    if (plural) return dash + 1 - at;
  }
  words.clear();
  if (plain) {
    append_number(*high, tokens.dialect(), words);
  } else if (short_years) {
    append_two_digits(high->integer, words);
  } else {
    append_year(high->integer, tokens.dialect(), words);
  }
  speak(tokens, dash + 1, end, words, speech);
  return end - at;
}

// The score of a match: "won 3-1", "a 2–0 victory". Newsreaders say it in their own way.
bool is_score(const Tokens& tokens, size_t at, size_t end) {
  static constexpr std::string_view kBefore[] = {
      "won",      "win",    "wins",    "winning",  "lost",    "lose",     "loses", "losing",
      "beat",     "beaten", "beats",   "defeated", "drew",    "draw",     "draws", "lead",
      "leads",    "led",    "leading", "trail",    "trailed", "trailing", "score", "scored",
      "finished", "ended",  "tied",    "victory",  "defeat",  "loss"};
  static constexpr std::string_view kAfter[] = {
      "win",       "victory",  "defeat",  "draw",  "loss",      "lead",     "tie",
      "thrashing", "drubbing", "triumph", "score", "scoreline", "advantage"};
  if (tokens.is_word(end) && is_in_list(tokens.text(end), kAfter)) return true;
  constexpr size_t kReach = 5;
  for (size_t i = at; i > 0 && i + kReach > at; --i) {
    if (tokens.is_word(i - 1) && is_in_list(tokens.text(i - 1), kBefore)) return true;
    if (tokens.is_symbol(i - 1, U'.')) break;
  }
  return false;
}

size_t match_score(const Tokens& tokens, size_t at, SpeechBuilder& speech) {
  if (tokens.text(at).size() > 3 || !is_range_dash(tokens, at + 1) || !tokens.attached(at + 1) ||
      !tokens.attached(at + 2) || !tokens.is_number(at + 2) || tokens.text(at + 2).size() > 3 ||
      !tokens.ends_before(at + 3)) {
    return 0;
  }
  if (tokens.attached(at) || !is_score(tokens, at, at + 3)) return 0;
  const auto side = [&](size_t i) {
    NumberWords words;
    if (tokens.text(i) == "0") {
      words.push_back(tokens.british() ? "nil" : "nothing");
    } else {
      append_cardinal(tokens.text(i), tokens.dialect(), words);
    }
    speak(tokens, i, i + 1, words, speech);
  };
  side(at);
  if (!tokens.british()) speak(tokens, at + 1, at + 2, "to", speech);
  side(at + 2);
  return 3;
}

// 1:1000, 100:1, 16:9 behind the times of day: odds, scales and ratios.
size_t match_ratio(const Tokens& tokens, size_t at, SpeechBuilder& speech) {
  const auto left = parse_number(tokens, at);
  if (!left || tokens.attached(at)) return 0;
  const size_t colon = at + left->count;
  if (!tokens.attached_symbol(colon, U':') || !tokens.attached(colon + 1)) return 0;
  const auto right = parse_number(tokens, colon + 1);
  if (!right || !tokens.ends_before(colon + 1 + right->count) ||
      tokens.attached_symbol(colon + 1 + right->count, U':')) {
    return 0;
  }
  NumberWords words;
  append_number(*left, tokens.dialect(), words);
  speak(tokens, at, colon, words, speech);
  words = {"to"};
  append_number(*right, tokens.dialect(), words);
  speak(tokens, colon, colon + 1 + right->count, words, speech);
  return colon + 1 + right->count - at;
}

// 2019/20: a season or a financial year.
size_t match_season(const Tokens& tokens, size_t at, SpeechBuilder& speech) {
  if (!looks_like_year(tokens.text(at)) || !tokens.attached_symbol(at + 1, U'/') ||
      !tokens.attached(at + 2) || !tokens.is_number(at + 2) || tokens.text(at + 2).size() != 2 ||
      !tokens.ends_before(at + 3)) {
    return 0;
  }
  if (number_value(tokens.text(at).substr(2)) + 1 != number_value(tokens.text(at + 2))) return 0;
  NumberWords words;
  append_year(tokens.text(at), tokens.dialect(), words);
  append_two_digits(tokens.text(at + 2), words);
  speak(tokens, at, at + 3, words, speech);
  return 3;
}

constexpr RuleExample kRangeExamples[] = {
    {"10-12", "ten to twelve"},
    {"1914-1918", "nineteen fourteen to nineteen eighteen"},
    {"1914–18", "nineteen fourteen to eighteen"},
    {"between 3-1", "between three to one"},
    {"1960s-1980s", "nineteen sixties to nineteen eighties"},
};
constexpr RuleExample kScoreExamples[] = {
    {"won 3-0 at", "won three to nothing at"},
    {"a 2–0 win", "a two nil win", Dialect::kBritish},
};
constexpr RuleExample kRatioExamples[] = {{"a scale of 1:10,000", "a scale of one to ten thousand"},
                                          {"100:1 odds", "one hundred to one odds"}};
constexpr RuleExample kSeasonExamples[] = {
    {"the 2019/20 season", "the twenty nineteen twenty season"}};

constexpr Rule kRules[] = {{"score", match_score, kScoreExamples},
                           {"ratio", match_ratio, kRatioExamples},
                           {"season", match_season, kSeasonExamples},
                           {"range", match_range, kRangeExamples}};
constexpr RuleTable kTables[] = {{RuleTrigger::kNumber, kRules}};

}  // namespace

std::span<const RuleTable> range_rules() { return kTables; }

}  // namespace myna::text
