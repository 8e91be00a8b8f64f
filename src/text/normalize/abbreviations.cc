// Abbreviations in context: Dr. Smith · Main St. · St. Paul · No. 5 · e.g. · U.S. · J. K. Rowling
#include "text/normalize/abbreviation_table.h"
#include "text/normalize/number_literal.h"
#include "text/normalize/roman.h"
#include "text/normalize/word_list.h"

namespace myna::text {
namespace {

bool context_fits(const Tokens& tokens, size_t at, size_t next, Context context) {
  switch (context) {
    case Context::kAnywhere:
      return true;
    case Context::kBeforeName:
      return tokens.is_word(next) && is_capitalized(tokens.text(next));
    case Context::kBeforeNumber:
      return tokens.is_number(next) ||
             ((tokens.is_symbol(next, U'#') || tokens.is_symbol(next, U'(')) &&
              tokens.attached(next + 1) && tokens.is_number(next + 1));
    case Context::kAfterName:
      return at > 0 && ((tokens.is_word(at - 1) && is_capitalized(tokens.text(at - 1))) ||
                        tokens.is_number(at - 1) || tokens.is_symbol(at - 1, U',') ||
                        // 22nd St.
                        (at > 1 && tokens.is_number(at - 2) && tokens.attached(at - 1)));
    case Context::kAfterComma:
      return at > 1 && tokens.is_symbol(at - 1, U',') && tokens.is_word(at - 2) &&
             is_capitalized(tokens.text(at - 2)) && is_capitalized(tokens.text(at));
    case Context::kAfterNumber:
      return at > 0 && tokens.is_number(at - 1);
    case Context::kAfterOrdinal: {
      static constexpr std::string_view kSuffixes[] = {"st", "nd", "rd", "th"};
      return at > 1 && tokens.is_number(at - 2) && tokens.attached(at - 1) &&
             tokens.is_word(at - 1) && is_in_list(tokens.text(at - 1), kSuffixes);
    }
    case Context::kBeforeNumeral:
      return tokens.is_number(next) ||
             (tokens.is_word(next) && roman_value(tokens.text(next)) != 0);
    case Context::kBeforeAngle: {
      const auto number = parse_number(tokens, next);
      return number && (!number->is_whole() || tokens.is_symbol(next + number->count, U'°') ||
                        tokens.is_symbol(next + number->count, U'º'));
    }
    case Context::kBeforeYear:
      return tokens.is_number(next) && tokens.text(next).size() == 4;
  }
  return false;
}

// The period of an abbreviation ends the sentence as well when a new one may start behind it.
void end_sentence(const Tokens& tokens, size_t period, SpeechBuilder& speech) {
  if (!tokens.abbreviation_ends_sentence(period + 1)) return;
  set_source(tokens, period, period + 1, speech);
  speech.mark(U'.');
}

size_t match_listed(const Tokens& tokens, size_t at, SpeechBuilder& speech) {
  const std::string_view written = tokens.text(at);
  if (written.size() > 7) return 0;
  const bool period = tokens.attached_symbol(at + 1, U'.');
  // "3 Dr." may be hyphenated or dotted further: Ph.D is another rule.
  if (period && tokens.attached(at + 2) && !tokens.ends_before(at + 2) && tokens.is_word(at + 2))
    return 0;
  if (!period && !tokens.ends_before(at + 1)) return 0;
  if (tokens.attached(at) && at > 0 && !tokens.is_symbol(at - 1, U'(') &&
      !tokens.is_symbol(at - 1, U'“') && !tokens.is_symbol(at - 1, U'"')) {
    return 0;
  }
  const size_t next = at + (period ? 2 : 1);
  for (const Abbreviation& entry : abbreviations_like(written)) {
    if (!equals_ignoring_case(written, entry.written)) continue;
    if (!period && (entry.period == Period::kRequired || !is_capitalized(written))) {
      if (entry.period == Period::kRequired) continue;
      if (entry.context == Context::kBeforeName || entry.context == Context::kAfterName) continue;
    }
    // "St" without a period in all capitals, or "MS", is more likely an acronym.
    if (!period && written.size() > 1 && is_all_upper(written)) continue;
    if (!context_fits(tokens, at, next, entry.context)) continue;
    // "The road was long. 5 of us": words of their own end sentences too.
    static constexpr std::string_view kWords[] = {
        "app", "tab", "par", "ref", "alt", "art", "max",   "temp", "min",   "no",  "fig",
        "sec", "op",  "ed",  "fr",  "rep", "mon", "corps", "inst", "trans", "col", "gen"};
    if (!is_capitalized(written) && is_in_list(written, kWords) && tokens.sentence_may_start(next))
      continue;
    // "Main St. Paul": after a name and before one, the street wins only behind a house number or
    // another street; "Dr. King" keeps the doctor.
    if (entry.context == Context::kBeforeName && (written == "St" || written == "st") && at > 0 &&
        tokens.is_word(at - 1) && is_capitalized(tokens.text(at - 1)) &&
        tokens.sentence_may_start(next)) {
      bool number_before = false;
      for (size_t back = 1; back <= 4 && back <= at; ++back)
        number_before |= tokens.is_number(at - back);
      if (number_before) continue;
    }
    speak(tokens, at, next, entry.spoken, speech);
    if (period && entry.may_end_sentence) end_sentence(tokens, at + 1, speech);
    return next - at;
  }
  return 0;
}

// e.g. and i.e., with or without periods
size_t match_latin(const Tokens& tokens, size_t at, SpeechBuilder& speech) {
  struct Latin {
    std::string_view first, second, spoken;
  };
  static constexpr Latin kLatin[] = {{"e", "g", "for example"},
                                     {"i", "e", "that is"},
                                     {"y", "o", "year old"},
                                     {"n", "b", "nota bene"},
                                     {"q", "v", "which see"}};
  for (const Latin& latin : kLatin) {
    if (!tokens.is_word(at, latin.first)) continue;
    if (!tokens.attached_symbol(at + 1, U'.') || !tokens.is_word(at + 2) ||
        !tokens.is_word(at + 2, latin.second))
      continue;
    const size_t end = tokens.attached_symbol(at + 3, U'.') ? at + 4 : at + 3;
    speak(tokens, at, end, latin.spoken, speech);
    return end - at;
  }
  return 0;
}

// U.S., U.K., Ph.D., J.R.R., p.m. - letters parted by periods; C. S. Lewis
size_t match_dotted_letters(const Tokens& tokens, size_t at, SpeechBuilder& speech) {
  if (tokens.attached(at) && at > 0 && tokens.at(at - 1).kind != TokenKind::kSymbol) return 0;
  std::string letters;
  size_t next = at, last_period = at;
  while (letters.size() < 16 && tokens.is_word(next) && tokens.text(next).size() <= 2 &&
         tokens.attached_symbol(next + 1, U'.') && (next == at || tokens.attached(next))) {
    letters += tokens.text(next);
    last_period = next + 1;
    next += 2;
  }
  const size_t periods = (next - at) / 2;
  if (periods == 0) return 0;
  const bool tail_letter = tokens.attached(next) && tokens.is_word(next) &&
                           tokens.text(next).size() == 1 && tokens.ends_before(next + 1);
  if (tail_letter) {
    letters += tokens.text(next);  // U.S, Ph.D
    ++next;
  }
  if (periods == 1 && !tail_letter) {
    // An initial: one capital, a name behind it. "I." ends a sentence more often.
    if (tokens.text(at).size() != 1 || !is_capitalized(tokens.text(at)) || tokens.text(at) == "I")
      return 0;
    if (!tokens.is_word(next) || !is_capitalized(tokens.text(next)) || tokens.attached(next))
      return 0;
    // "vitamin C. The": a sentence seldom starts with a name behind a capital that follows a noun.
    if (at > 0 && tokens.is_word(at - 1) && !is_capitalized(tokens.text(at - 1)) &&
        tokens.sentence_may_start(next) && !tokens.attached_symbol(next + 1, U'.')) {
      for (const std::string_view starter : {"the", "a", "an", "it", "he", "she", "they", "we",
                                             "this", "that", "in", "but", "and"}) {
        if (tokens.is_word(next, starter)) return 0;
      }
    }
  }
  for (const char c : letters) {
    if (static_cast<unsigned char>(c) >= 0x80 || c == '\'') return 0;
  }
  set_source(tokens, at, next, speech);
  speech.own_word(letters, Reading::kLetters);
  if (!tail_letter && periods > 1) {
    // "in the U.S. The": the next sentence starts with a capital that is no name; a simple guess.
    if (!tokens.exists(next)) {
      end_sentence(tokens, last_period, speech);
    } else if (tokens.sentence_may_start(next)) {
      static constexpr std::string_view kStarters[] = {
          "the",   "a",     "an",    "it", "he",  "she", "they",  "we",    "this", "that",
          "these", "those", "in",    "on", "at",  "but", "and",   "if",    "when", "as",
          "his",   "her",   "there", "i",  "you", "for", "while", "after", "some"};
      for (const std::string_view starter : kStarters) {
        if (tokens.is_word(next, starter) && is_capitalized(tokens.text(next))) {
          end_sentence(tokens, last_period, speech);
          break;
        }
      }
    }
  }
  return next - at;
}

// w/o, w/, n/a, and/or
size_t match_slashed(const Tokens& tokens, size_t at, SpeechBuilder& speech) {
  if (!tokens.attached_symbol(at + 1, U'/')) return 0;
  struct Slashed {
    std::string_view left, right, spoken;
  };
  static constexpr Slashed kSlashed[] = {
      {"w", "o", "without"},      {"n", "a", "not applicable"},     {"and", "or", "and or"},
      {"c", "o", "care of"},      {"s", "he", "she or he"},         {"b", "c", "because"},
      {"he", "she", "he or she"}, {"his", "her", "his or her"},     {"him", "her", "him or her"},
      {"y", "y", "year on year"}, {"q", "q", "quarter on quarter"}, {"m", "m", "month on month"},
      {"i", "o", "I O"},          {"tcp", "ip", "TCP IP"}};
  for (const Slashed& entry : kSlashed) {
    if (tokens.is_word(at, entry.left) && tokens.attached(at + 2) &&
        tokens.is_word(at + 2, entry.right) && tokens.ends_before(at + 3)) {
      speak(tokens, at, at + 3, entry.spoken, speech);
      return 3;
    }
  }
  // AC/DC, HIV/AIDS, AM/FM: two acronyms beside each other.
  const std::string_view left = tokens.text(at), right = tokens.text(at + 2);
  if (!tokens.attached(at) && tokens.attached(at + 2) && tokens.is_word(at + 2) &&
      left.size() > 1 && left.size() <= 5 && right.size() > 1 && right.size() <= 5 &&
      is_all_upper(left) && is_all_upper(right) && tokens.ends_before(at + 3)) {
    set_source(tokens, at, at + 2, speech);
    speech.word(left);
    set_source(tokens, at + 2, at + 3, speech);
    speech.word(right);
    return 3;
  }
  if (tokens.text(at) == "w" && !tokens.attached(at + 2)) {
    speak(tokens, at, at + 2, "with", speech);
    return 2;
  }
  return 0;
}

// A-Z, a–z
size_t match_alphabet(const Tokens& tokens, size_t at, SpeechBuilder& speech) {
  const bool upper = tokens.text(at) == "A" && tokens.text(at + 2) == "Z";
  const bool lower = tokens.text(at) == "a" && tokens.text(at + 2) == "z";
  if ((!upper && !lower) || !is_range_dash(tokens, at + 1) || !tokens.attached(at + 1) ||
      !tokens.attached(at + 2) || tokens.attached(at) || !tokens.ends_before(at + 3)) {
    return 0;
  }
  set_source(tokens, at, at + 1, speech);
  speech.word(tokens.text(at), Reading::kLetters);
  speak(tokens, at + 1, at + 2, "to", speech);
  set_source(tokens, at + 2, at + 3, speech);
  speech.word(tokens.text(at + 2), Reading::kLetters);
  return 3;
}

// "Mon, Tue & Wed: 9am": days in short without their periods, where another one or a time stands
// by.
size_t match_weekday(const Tokens& tokens, size_t at, SpeechBuilder& speech) {
  struct Day {
    std::string_view written, spoken;
  };
  static constexpr Day kDays[] = {{"Mon", "Monday"},     {"Tue", "Tuesday"},  {"Tues", "Tuesday"},
                                  {"Wed", "Wednesday"},  {"Thu", "Thursday"}, {"Thur", "Thursday"},
                                  {"Thurs", "Thursday"}, {"Fri", "Friday"},   {"Sat", "Saturday"},
                                  {"Sun", "Sunday"}};
  const auto day_at = [&](size_t i) {
    for (const Day& day : kDays) {
      if (tokens.is_word(i) && tokens.text(i) == day.written) return day.spoken;
    }
    return std::string_view{};
  };
  const std::string_view spoken = day_at(at);
  if (spoken.empty() || !tokens.ends_before(at + 1)) return 0;
  const auto joins = [&](size_t i) {
    return tokens.is_symbol(i, U',') || tokens.is_symbol(i, U'&') || tokens.is_word(i, "and") ||
           tokens.is_word(i, "or") || tokens.is_symbol(i, U';');
  };
  const bool before = at > 1 && joins(at - 1) && !day_at(at - 2).empty();
  const bool behind = joins(at + 1) && !day_at(at + 2).empty();
  const bool time = tokens.is_symbol(at + 1, U':') &&
                    (tokens.is_number(at + 2) || tokens.is_word(at + 2, "closed"));
  if (!before && !behind && !time) return 0;
  speak(tokens, at, at + 1, spoken, speech);
  return 1;
}

// England v Australia
size_t match_versus(const Tokens& tokens, size_t at, SpeechBuilder& speech) {
  if (tokens.text(at) != "v" || at == 0 || tokens.attached(at) || tokens.attached(at + 1) ||
      !tokens.is_word(at - 1) || !tokens.is_word(at + 1) || !is_capitalized(tokens.text(at - 1)) ||
      !is_capitalized(tokens.text(at + 1))) {
    return 0;
  }
  speak(tokens, at, at + 1, "versus", speech);
  return 1;
}

// Initialisms in small letters that would be read as words.
size_t match_small_initialism(const Tokens& tokens, size_t at, SpeechBuilder& speech) {
  if (!is_small_initialism(tokens.text(at))) return 0;
  set_source(tokens, at, at + 1, speech);
  speech.word(tokens.text(at), Reading::kLetters);
  return 1;
}

constexpr RuleExample kListedExamples[] = {
    {"Dr. Smith", "doctor Smith"},
    {"Mr. and Mrs. Jones", "mister and misses Jones"},
    {"St. Paul lives on Main St.", "saint Paul lives on Main street"},
    {"1428 Elm St. It was", "fourteen twenty eight Elm street It was"},
    {"No. 5", "number five"},
    {"No. It is not.", "No It is not"},
    {"cats vs. dogs", "cats versus dogs"},
    {"Exhibit No. 162", "Exhibit number one hundred sixty two"},
    {"Apple Inc. said", "Apple incorporated said"},
    {"the ms was lost", "the ms was lost"},
    {"Boston, Mass., where", "Boston Massachusetts where"},
    {"at lat. 51° and so", "at latitude fifty one degrees and so"},
    {"It was long. 5 of us", "It was long five of us"},
    {"ch. IV", "chapter four"},
    {"(b. 1950)", "born nineteen fifty"},
    {"the 21st c. saw", "the twenty first century saw"},
    {"4th qtr. sales", "fourth quarter sales"},
    {"up 3% YoY", "up three percent year on year"},
    {"Ch. Supt. Jones", "chief superintendent Jones"},
    {"Barnes, nr. London", "Barnes near London"},
    {"£900 pcm", "nine hundred pounds per calendar month"},
};
constexpr RuleExample kLatinExamples[] = {{"e.g. cats", "for example cats"},
                                          {"i.e., now", "that is now"},
                                          {"a 54 y.o. man", "a fifty four year old man"}};
constexpr RuleExample kDottedExamples[] = {{"the U.S. economy", "the US economy"},
                                           {"the U.K.'s NHS", "the UK's NHS"},
                                           {"J. K. Rowling", "J K Rowling"},
                                           {"a Ph.D. thesis", "a PhD thesis"}};
constexpr RuleExample kWeekdayExamples[] = {
    {"Mon, Tue & Wed: 9am", "Monday Tuesday and Wednesday nine AM"},
    {"Thu: closed", "Thursday closed"},
    {"The Sun, the Moon", "The Sun the Moon"}};
constexpr RuleExample kVersusExamples[] = {{"England v Australia", "England versus Australia"}};
constexpr RuleExample kAlphabetExamples[] = {{"from A-Z", "from A to Z"}};
constexpr RuleExample kSmallExamples[] = {{"an otp", "an otp"}};
constexpr RuleExample kSlashedExamples[] = {
    {"tea w/o milk", "tea without milk"}, {"HIV/AIDS is", "HIV AIDS is"}, {"and/or", "and or"}};

constexpr Rule kRules[] = {{"versus", match_versus, kVersusExamples},
                           {"weekday", match_weekday, kWeekdayExamples},
                           {"slashed", match_slashed, kSlashedExamples},
                           {"alphabet", match_alphabet, kAlphabetExamples},
                           {"latin", match_latin, kLatinExamples},
                           {"listed", match_listed, kListedExamples},
                           {"dotted_letters", match_dotted_letters, kDottedExamples},
                           {"small_initialism", match_small_initialism, kSmallExamples}};
constexpr RuleTable kTables[] = {{RuleTrigger::kWord, kRules}};

}  // namespace

std::span<const RuleTable> abbreviation_rules() { return kTables; }

}  // namespace myna::text
