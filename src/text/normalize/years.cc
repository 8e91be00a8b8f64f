// Years and decades: in 1984 · 1980s · '90s · '45 · 44 BC · AD 79
#include "base/plain_text.h"
#include "text/normalize/number_literal.h"
#include "text/normalize/word_list.h"

namespace myna::text {
namespace {

// 1980s, 1980's, 80s, '90s, mid-1980s, the 2000s, "1980 s".
size_t match_decade(const Tokens& tokens, size_t at, SpeechBuilder& speech) {
  size_t number = at;
  if (tokens.is_symbol(at, U'\'')) {
    number = at + 1;
    if (!tokens.attached(number)) return 0;
  }
  if (!tokens.is_number(number)) return 0;
  const std::string_view digits = tokens.text(number);
  size_t end = number + 1;
  if (tokens.attached_symbol(end, U'\'') && tokens.attached(end + 1)) ++end;
  if (!tokens.is_word(end, "s")) return 0;
  const bool is_four_digits = digits.size() == 4 && digits[3] == '0';
  if (!tokens.attached(end) && !is_four_digits) return 0;
  NumberWords words;
  if (is_four_digits) {
    append_year(digits, Dialect::kAmerican, words);
  } else if (digits.size() == 2) {
    append_cardinal(digits, tokens.dialect(), words);
  } else {
    return 0;
  }
  make_plural(words);
  speak(tokens, at, end + 1, words, speech);
  ++end;
  if (is_range_dash(tokens, end) && tokens.is_number(end + 1) &&
      tokens.attached(end) == tokens.attached(end + 1)) {
    speak(tokens, end, end + 1, "to", speech);  // 1960s-1980s
    ++end;
  }
  return end - at;
}

// '45 -> "forty five", as in the class of '45.
size_t match_short_year(const Tokens& tokens, size_t at, SpeechBuilder& speech) {
  if (!tokens.is_symbol(at, U'\'') || !tokens.attached(at + 1) || !tokens.is_number(at + 1))
    return 0;
  if (tokens.text(at + 1).size() != 2 || !tokens.ends_before(at + 2)) return 0;
  if (tokens.is_symbol(at + 2, U'\'')) return 0;  // a quoted number
  NumberWords words;
  append_two_digits(tokens.text(at + 1), words);
  if (words.empty()) words = {"two", "thousand"};
  speak(tokens, at, at + 2, words, speech);
  return 2;
}

// Four digits are a year only where the context says so, or at least does not speak against it:
// "in 1984", "1984 was", but "1984 people", "about 1500", "3497".
bool reads_as_year(const Tokens& tokens, size_t at) {
  const std::string_view digits = tokens.text(at);
  if (digits.size() != 4) return false;
  const long long value = number_value(digits);
  if (value < 1000 || value > 2099) return false;
  static constexpr std::string_view kQuantityBefore[] = {
      "about", "over",  "than",    "nearly",  "almost", "roughly", "approximately",
      "some",  "only",  "exactly", "least",   "most",   "total",   "all",
      "under", "above", "below",   "another", "every",  "page",    "pages",
      "line",  "item",  "number",  "times",   "cost",   "costs",   "worth",
      "paid",  "sold",  "killed",  "these",   "those",  "first",   "last",
      "next",  "other", "extra",   "up",      "plus",   "minus",   "equals",
      "model", "win",   "won",     "score",   "scored"};
  static constexpr std::string_view kYearBefore[] = {
      "in",    "since",   "by",     "until",  "till",   "of",   "during",
      "year",  "circa",   "from",   "early",  "late",   "mid",  "before",
      "after", "between", "spring", "summer", "autumn", "fall", "winter"};
  if (at > 0 && tokens.is_word(at - 1)) {
    const std::string before = ascii_lower(tokens.text(at - 1));
    if (is_in_list(before, kQuantityBefore)) return false;
    if (is_in_list(before, kYearBefore) && tokens.ends_before(at + 1)) {
      const std::string next = ascii_lower(tokens.text(at + 1));
      static constexpr std::string_view kCounted[] = {"people", "men", "women", "children",
                                                      "miles"};
      return !is_in_list(next, kCounted);
    }
  }
  if (value < 1100) return false;  // 1066 only with such a word before it
  if (tokens.attached(at + 1) && tokens.is_symbol(at + 1, U'%')) return false;
  // "a 1500-word essay" counts, "a 1984-style state" does not.
  if (tokens.attached_symbol(at + 1, U'-') && tokens.attached(at + 2) && tokens.is_word(at + 2) &&
      !is_capitalized(tokens.text(at + 2))) {
    static constexpr std::string_view kOfYears[] = {"style",   "era",   "vintage", "built", "born",
                                                    "present", "based", "model",   "like"};
    return is_in_list(tokens.text(at + 2), kOfYears);
  }
  if (tokens.is_word(at + 1) && tokens.at(at + 1).space_before) {
    const std::string_view next = tokens.text(at + 1);
    static constexpr std::string_view kPeople[] = {
        "people",     "men",     "women",    "children",  "feet",  "percent",
        "million",    "billion", "thousand", "or",        "more",  "staff",
        "horsepower", "volts",   "other",    "square",    "cubic", "different",
        "separate",   "new",     "extra",    "additional"};
    static constexpr std::string_view kVerbs[] = {"was",       "is",       "has",  "as", "its",
                                                  "his",       "this",     "does", "us", "series",
                                                  "elections", "olympics", "games"};
    if (is_in_list(next, kPeople)) return false;
    // A lower-case plural behind the number: it counts something.
    if (next.size() > 3 && next.back() == 's' && next[next.size() - 2] != 's' &&
        !is_capitalized(next) && !is_in_list(next, kVerbs)) {
      return false;
    }
  }
  return true;
}

size_t match_year(const Tokens& tokens, size_t at, SpeechBuilder& speech) {
  if (!reads_as_year(tokens, at)) return 0;
  // 1984.5 and 1984,500 are no years.
  if ((tokens.attached_symbol(at + 1, U'.') || tokens.attached_symbol(at + 1, U',')) &&
      tokens.attached(at + 2) && tokens.is_number(at + 2)) {
    return 0;
  }
  NumberWords words;
  append_year(tokens.text(at), tokens.dialect(), words);
  speak(tokens, at, at + 1, words, speech);
  return 1;
}

// 340 BC, 476 A.D., 44 BCE: three digits are read as a year too.
size_t match_era(const Tokens& tokens, size_t at, SpeechBuilder& speech) {
  if (tokens.text(at).size() > 4) return 0;
  size_t end = at + 1;
  std::string letters;
  if (tokens.is_word(end)) {
    letters = tokens.text(end);
    ++end;
    while (letters.size() < 4 && tokens.attached_symbol(end, U'.')) {
      if (tokens.attached(end + 1) && tokens.is_word(end + 1) && tokens.text(end + 1).size() == 1) {
        letters += tokens.text(end + 1);
        end += 2;
      } else {
        if (letters.size() > 1 && end > at + 2) ++end;  // the last period of A.D.
        break;
      }
    }
  }
  if (letters != "BC" && letters != "AD" && letters != "BCE" && letters != "CE") return 0;
  const bool had_period = tokens.is_symbol(end - 1, U'.');
  NumberWords words;
  append_year(tokens.text(at), tokens.dialect(), words);
  speak(tokens, at, at + 1, words, speech);
  set_source(tokens, at + 1, end, speech);
  speech.own_word(letters, Reading::kLetters);
  if (had_period && tokens.sentence_may_start(end)) {
    set_source(tokens, end - 1, end, speech);
    speech.mark(U'.');
  }
  return end - at;
}

// AD 79, A.D. 1066, c. 1850
size_t match_era_first(const Tokens& tokens, size_t at, SpeechBuilder& speech) {
  if (tokens.text(at).size() > 2) return 0;
  std::string letters(tokens.text(at));
  size_t next = at + 1;
  if (letters == "A" && tokens.attached_symbol(next, U'.') && tokens.attached(next + 1) &&
      tokens.text(next + 1) == "D") {
    letters = "AD";
    next += tokens.attached_symbol(next + 2, U'.') ? 3 : 2;
  }
  const bool circa = letters == "c" || letters == "ca";
  if (circa && !tokens.attached_symbol(next, U'.')) return 0;
  if (circa) ++next;
  if (letters != "AD" && letters != "BC" && !circa) return 0;
  if (!tokens.is_number(next) || tokens.attached(next) || tokens.text(next).size() > 4) return 0;
  if (circa && tokens.text(next).size() < 3) return 0;
  if (!tokens.ends_before(next + 1) && !is_range_dash(tokens, next + 1)) return 0;
  set_source(tokens, at, next, speech);
  if (circa) {
    speech.word("circa");
  } else {
    speech.own_word(letters, Reading::kLetters);
  }
  if (tokens.text(next).size() == 4 && is_range_dash(tokens, next + 1)) return next - at;
  NumberWords words;
  append_year(tokens.text(next), tokens.dialect(), words);
  speak(tokens, next, next + 1, words, speech);
  return next + 1 - at;
}

constexpr RuleExample kDecadeExamples[] = {{"the 1980s", "the nineteen eighties"},
                                           {"the '90s", "the nineties"},
                                           {"in the 1900s", "in the nineteen hundreds"},
                                           {"mid-1980s", "mid nineteen eighties"},
                                           {"2000s", "two thousands"}};
constexpr RuleExample kShortYearExamples[] = {{"the class of '45", "the class of forty five"}};
constexpr RuleExample kYearExamples[] = {
    {"in 1984", "in nineteen eighty four"},
    {"In 2007 he left", "In two thousand seven he left"},
    {"in 1905", "in nineteen oh five"},
    {"1984 people", "one thousand nine hundred eighty four people"},
    {"In 1066 they", "In ten sixty six they"},
    {"1066", "one thousand sixty six"},
    {"about 1500", "about one thousand five hundred"},
    {"a 1500-word essay", "a one thousand five hundred word essay"},
    {"2012", "twenty twelve"},
    {"in 2007", "in two thousand and seven", Dialect::kBritish}};
constexpr RuleExample kEraExamples[] = {{"44 BC", "forty four BC"}, {"340 A.D", "three forty AD"}};

constexpr Rule kNumberRules[] = {{"decade", match_decade, kDecadeExamples},
                                 {"era", match_era, kEraExamples},
                                 {"year", match_year, kYearExamples}};
constexpr RuleExample kEraFirstExamples[] = {{"in AD 79", "in AD seventy nine"},
                                             {"A.D. 1066", "AD ten sixty six"},
                                             {"c. 1850", "circa eighteen fifty"}};
constexpr Rule kWordRules[] = {{"era_first", match_era_first, kEraFirstExamples}};
constexpr Rule kSymbolRules[] = {{"decade", match_decade, {}},
                                 {"short_year", match_short_year, kShortYearExamples}};
constexpr RuleTable kTables[] = {{RuleTrigger::kNumber, kNumberRules},
                                 {RuleTrigger::kWord, kWordRules},
                                 {RuleTrigger::kSymbol, kSymbolRules}};

}  // namespace

std::span<const RuleTable> year_rules() { return kTables; }

}  // namespace myna::text
