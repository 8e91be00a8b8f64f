// Chapter and verse of the Bible: Jn 3:16 · Gen. 1:1-5 · 1 Cor. 13:4 · Psalm 23:1
#include "text/normalize/number_literal.h"
#include "text/normalize/word_list.h"

namespace myna::text {
namespace {

struct Book {
  std::string_view written, spoken;  // written in lower case
};
constexpr Book kBooks[] = {
    {"gen", "Genesis"},       {"exod", "Exodus"},
    {"ex", "Exodus"},         {"lev", "Leviticus"},
    {"num", "Numbers"},       {"deut", "Deuteronomy"},
    {"josh", "Joshua"},       {"judg", "Judges"},
    {"sam", "Samuel"},        {"kgs", "Kings"},
    {"chron", "Chronicles"},  {"chr", "Chronicles"},
    {"neh", "Nehemiah"},      {"ps", "Psalm"},
    {"pss", "Psalms"},        {"prov", "Proverbs"},
    {"eccl", "Ecclesiastes"}, {"isa", "Isaiah"},
    {"jer", "Jeremiah"},      {"lam", "Lamentations"},
    {"ezek", "Ezekiel"},      {"dan", "Daniel"},
    {"hos", "Hosea"},         {"mic", "Micah"},
    {"hab", "Habakkuk"},      {"zeph", "Zephaniah"},
    {"zech", "Zechariah"},    {"mal", "Malachi"},
    {"matt", "Matthew"},      {"mt", "Matthew"},
    {"mk", "Mark"},           {"lk", "Luke"},
    {"jn", "John"},           {"rom", "Romans"},
    {"cor", "Corinthians"},   {"gal", "Galatians"},
    {"eph", "Ephesians"},     {"phil", "Philippians"},
    {"col", "Colossians"},    {"thess", "Thessalonians"},
    {"tim", "Timothy"},       {"heb", "Hebrews"},
    {"jas", "James"},         {"pet", "Peter"},
    {"rev", "Revelation"},
};
constexpr std::string_view kWhole[] = {
    "genesis",      "exodus",    "leviticus", "numbers",      "deuteronomy", "joshua",
    "judges",       "ruth",      "samuel",    "kings",        "chronicles",  "ezra",
    "nehemiah",     "esther",    "job",       "psalm",        "psalms",      "proverbs",
    "ecclesiastes", "isaiah",    "jeremiah",  "lamentations", "ezekiel",     "daniel",
    "hosea",        "joel",      "amos",      "obadiah",      "jonah",       "micah",
    "nahum",        "habakkuk",  "zephaniah", "haggai",       "zechariah",   "malachi",
    "matthew",      "mark",      "luke",      "john",         "acts",        "romans",
    "corinthians",  "galatians", "ephesians", "philippians",  "colossians",  "thessalonians",
    "timothy",      "titus",     "philemon",  "hebrews",      "james",       "peter",
    "jude",         "revelation"};

// 3:16 and nothing of a time behind it.
bool is_place(const Tokens& tokens, size_t at) {
  return tokens.is_number(at) && tokens.text(at).size() <= 3 &&
         tokens.attached_symbol(at + 1, U':') && tokens.attached(at + 2) &&
         tokens.is_number(at + 2) && tokens.text(at + 2).size() <= 3 &&
         !tokens.attached_symbol(at + 3, U':') && !tokens.is_word(at + 3, "am") &&
         !tokens.is_word(at + 3, "pm");
}

void speak_number(const Tokens& tokens, size_t at, SpeechBuilder& speech) {
  NumberWords words;
  append_cardinal(tokens.text(at), tokens.dialect(), words);
  speak(tokens, at, at + 1, words, speech);
}

// The place itself: 3:16, 23:1-6.
size_t match_verse(const Tokens& tokens, size_t at, SpeechBuilder& speech) {
  if (at == 0 || !is_place(tokens, at) || tokens.attached(at)) return 0;
  const size_t book = at > 1 && tokens.attached_symbol(at - 1, U'.') ? at - 2 : at - 1;
  if (!tokens.is_word(book) || !is_capitalized(tokens.text(book))) return 0;
  bool known = book + 1 == at && is_in_list(tokens.text(book), kWhole);
  for (const Book& entry : kBooks) known |= tokens.is_word(book, entry.written);
  if (!known) return 0;
  speak_number(tokens, at, speech);
  speak_number(tokens, at + 2, speech);
  if (!is_range_dash(tokens, at + 3) || !tokens.attached(at + 3) || !tokens.attached(at + 4) ||
      !tokens.is_number(at + 4) || !tokens.ends_before(at + 5)) {
    return 3;
  }
  speak(tokens, at + 3, at + 4, "to", speech);
  speak_number(tokens, at + 4, speech);
  return 5;
}

// The short name of a book before a place.
size_t match_book(const Tokens& tokens, size_t at, SpeechBuilder& speech) {
  if (!is_capitalized(tokens.text(at)) || tokens.attached(at)) return 0;
  const size_t next = tokens.attached_symbol(at + 1, U'.') ? at + 2 : at + 1;
  if (!is_place(tokens, next) || tokens.attached(next)) return 0;
  for (const Book& entry : kBooks) {
    if (!tokens.is_word(at, entry.written)) continue;
    speak(tokens, at, next, entry.spoken, speech);
    return next - at;
  }
  return 0;
}

constexpr RuleExample kVerseExamples[] = {{"John 3:16 says", "John three sixteen says"},
                                          {"Psalm 23:1-6", "Psalm twenty three one to six"},
                                          {"Mark 5:30 pm", "Mark five thirty PM"}};
constexpr RuleExample kBookExamples[] = {{"Gen. 1:1", "Genesis one one"},
                                         {"Jn 3:16", "John three sixteen"},
                                         {"1 Cor. 13:4", "one Corinthians thirteen four"}};
constexpr Rule kNumberRules[] = {{"verse", match_verse, kVerseExamples}};
constexpr Rule kWordRules[] = {{"book_of_the_bible", match_book, kBookExamples}};
constexpr RuleTable kTables[] = {{RuleTrigger::kNumber, kNumberRules},
                                 {RuleTrigger::kWord, kWordRules}};

}  // namespace

std::span<const RuleTable> verse_rules() { return kTables; }

}  // namespace myna::text
