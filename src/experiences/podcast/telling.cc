#include "experiences/podcast/telling.h"

#include <algorithm>
#include <cctype>
#include <initializer_list>
#include <optional>

#include "base/plain_text.h"
#include "experiences/editing/source_text.h"
#include "experiences/editing/spoken_sentence.h"

namespace myna::podcast {
namespace {

constexpr size_t kMinPieceWords = 4;
constexpr int kMaxCuts = 4;  // of one sentence, deep

bool is_any(std::string_view word, std::initializer_list<std::string_view> list) {
  return std::find(list.begin(), list.end(), word) != list.end();
}

size_t count(std::string_view text, std::string_view what) {
  size_t number = 0;
  for (size_t at = text.find(what); at != std::string_view::npos; at = text.find(what, at + 1))
    ++number;
  return number;
}

bool quotes_balance(std::string_view text) {
  return count(text, "“") == count(text, "”") && count(text, "\"") % 2 == 0;
}

bool has_verb(const std::vector<TaggedWord>& words, size_t begin, size_t end) {
  return std::any_of(words.begin() + static_cast<std::ptrdiff_t>(begin),
                     words.begin() + static_cast<std::ptrdiff_t>(end),
                     [](const TaggedWord& word) { return word.kind == WordClass::kFiniteVerb; });
}

bool is_subordinator(std::string_view word) {
  return is_any(word, {"if", "when", "although", "though", "because", "while", "since", "as",
                       "after", "before", "unless", "until", "whereas", "whenever", "where", "that",
                       "whether", "once", "lest"});
}

// A part of a sentence as a sentence.
std::string as_sentence(std::string_view part) {
  std::string text(trimmed(part));
  while (!text.empty() && (text.back() == ',' || text.back() == ';' || text.back() == ':' ||
                           text.back() == '-' || text.back() == ' ')) {
    text.pop_back();
  }
  if (text.ends_with("—") || text.ends_with("–")) text.resize(text.size() - 3);
  text = trimmed(text);
  if (text.empty()) return text;
  text[0] = static_cast<char>(std::toupper(static_cast<unsigned char>(text[0])));
  const char last = text.back();
  if (last != '.' && last != '!' && last != '?' && !text.ends_with("”") && last != '"') text += '.';
  return text;
}

// "A — as they say — B": what stands between two dashes is an aside.
void erase_between_dashes(std::string& text) {
  for (const std::string_view dash : {"—", " – ", "--"}) {
    const size_t open = text.find(dash);
    if (open == std::string::npos || open < 8) continue;
    const size_t close = text.find(dash, open + dash.size());
    if (close == std::string::npos || close + dash.size() + 8 > text.size()) continue;
    const std::string_view aside =
        std::string_view(text).substr(open + dash.size(), close - open - dash.size());
    if (count_words(aside) > 16 || !quotes_balance(aside) ||
        ascii_lower(aside).find("not") != std::string::npos)
      continue;
    text = std::string(trimmed(std::string_view(text).substr(0, open))) + " " +
           std::string(trimmed(std::string_view(text).substr(close + dash.size())));
  }
}

// "William Thomson, later Lord Kelvin, showed": what stands between a noun and its verb in commas
// only adds. Returns the text without the first of these; empty when there is none.
std::string without_apposition(std::string_view text, const std::vector<TaggedWord>& words) {
  for (size_t open = 1; open + 3 < words.size(); ++open) {
    if (words[open].lower != "," ||
        (words[open - 1].kind != WordClass::kNoun && words[open - 1].kind != WordClass::kName))
      continue;
    size_t close = open + 1;
    bool plain = true;
    while (close < words.size() && words[close].kind != WordClass::kMark) {
      plain &= !is_any(words[close].lower, {"not", "no", "never", "without", "and", "or", "but"});
      ++close;
    }
    if (!plain || close >= words.size() || words[close].lower != "," || close - open > 14 ||
        close - open < 2 || close + 1 >= words.size())
      continue;
    size_t verb = close + 1;
    while (verb < words.size() && words[verb].kind == WordClass::kAdverb) ++verb;
    if (verb >= words.size() || words[verb].kind != WordClass::kFiniteVerb) continue;
    // The comma before it may end an opening: "In 1911, the gate, ...".
    return std::string(text.substr(0, words[open].begin)) +
           std::string(text.substr(words[close].end));
  }
  return {};
}

// "..., acquiring an improvement of three points.": the last clause with a participle only adds.
// Empty when there is none, or when it negates something.
std::string without_participle_tail(std::string_view text, const std::vector<TaggedWord>& words) {
  for (size_t comma = words.size(); comma-- > 6;) {
    if (words[comma].lower != "," || comma + 2 >= words.size() || !words[comma + 1].gerund)
      continue;
    bool plain = has_verb(words, 0, comma);
    for (size_t i = comma; i < words.size(); ++i) {
      plain &=
          !is_any(words[i].lower, {"not", "no", "never", "without", "nor", "neither", "\"", "”"});
    }
    if (plain) return as_sentence(text.substr(0, words[comma].begin));
    return {};
  }
  return {};
}

struct Cut {
  size_t left_end = 0;  // bytes
  size_t right_begin = 0;
};

// "the guns, the stores, and the horses were lost": the last of a list is no clause of its own.
bool ends_list(const std::vector<TaggedWord>& words, size_t comma) {
  for (size_t back = 1; back <= 5 && back < comma; ++back) {
    const TaggedWord& word = words[comma - back];
    if (word.kind == WordClass::kFiniteVerb) return false;
    if (word.lower == ",") return true;
  }
  return false;
}

// A sentence and no fragment: it has a subject with its verb in front, at most behind an opening
// that ends with a comma, and it does not break off.
bool is_whole(std::string_view text, const std::vector<TaggedWord>& words) {
  if (words.size() < 4 || text.find("--") != std::string_view::npos ||
      text.find(",-") != std::string_view::npos || text.find(", .") != std::string_view::npos ||
      text.find("..") != std::string_view::npos || text.find("etc") != std::string_view::npos ||
      text.find("&c") != std::string_view::npos)
    return false;
  size_t last = words.size() - 1;
  while (last > 0 && words[last].kind == WordClass::kMark) --last;
  if (words[last].kind == WordClass::kConjunction || words[last].kind == WordClass::kDeterminer ||
      words[last].kind == WordClass::kWh ||
      is_any(words[last].lower,
             {"not",  "having", "being", "to",   "of",   "as", "that", "is",  "was",  "are",
              "were", "be",     "with",  "from", "than", "if", "has",  "had", "very", "mainly"}))
    return false;
  size_t from = 0;
  while (
      from < words.size() &&
      (words[from].kind == WordClass::kConjunction ||
       is_any(words[from].lower, {"so", "yet", "thus", "then", "now", "here", "hence", "still"}) ||
       text.substr(words[from].begin, 1) == "\"" || words[from].lower == "“"))
    ++from;
  if (from >= words.size() ||
      is_any(words[from].lower,
             {"or", "nor", "that", "which", "whose", "than", "who", "lest", "like", "it's"}) ||
      is_any(words[0].lower, {"or", "nor"}))
    return false;
  if (!is_subordinator(words[from].lower) && clause_at(words, from, 14)) return true;
  // "In 1911, ...", "When the tide turns, ...", "In most harbours high water ...".
  for (size_t i = from + 1; i + 2 < words.size() && i < from + 13; ++i) {
    if (words[i].lower == "," && clause_at(words, i + 1, 14)) return true;
  }
  if (words[from].kind == WordClass::kPreposition && !is_subordinator(words[from].lower)) {
    for (size_t i = from + 2; i + 2 < words.size() && i < from + 7; ++i) {
      const bool begins =
          words[i].kind == WordClass::kDeterminer || words[i].kind == WordClass::kPronoun;
      if (begins && clause_at(words, i, 10)) return true;
    }
    return clause_at(words, from + 1, 12).has_value();
  }
  return words[from].lower == "there" ||
         (words[from].kind == WordClass::kAdverb && clause_at(words, from + 1, 12));
}

// Where a clause of its own begins behind a mark or a conjunction.
std::vector<Cut> cuts_of(std::string_view text, const std::vector<TaggedWord>& words) {
  std::vector<Cut> cuts;
  for (size_t i = 2; i + 3 < words.size(); ++i) {
    const std::string_view mark = text.substr(words[i].begin, words[i].end - words[i].begin);
    const bool strong = mark == ";" || mark == "—" || mark == ":";
    const bool comma = mark == ",";
    if (!strong && !comma && words[i].lower != "and" && words[i].lower != "but") continue;
    size_t begin = i + (strong || comma ? 1 : 0);
    size_t right = begin;
    const bool joint = is_any(words[begin].lower, {"and", "but", "so", "yet", "nor"});
    if (!strong && !joint) continue;
    if (joint) ++right;
    if (comma && ends_list(words, i)) continue;
    if (right >= words.size() || is_subordinator(words[right].lower)) continue;
    const std::optional<ClauseStart> clause = clause_at(words, right);
    if (!clause) continue;
    // Without a comma only a pronoun is sure to begin a clause.
    if (!strong && !comma && words[right].kind != WordClass::kPronoun) continue;
    // An opening "If ...," needs what follows it.
    const bool open = is_subordinator(words[0].lower);
    size_t verbs = 0;
    for (size_t j = 0; j < i; ++j) verbs += words[j].kind == WordClass::kFiniteVerb ? 1 : 0;
    if (verbs < (open ? 2U : 1U)) continue;
    // "nor did he" is turned round; "and" goes, "but", "so" and "yet" stay.
    if (words[begin].lower == "nor") continue;
    if (words[begin].lower == "and") begin = right;
    cuts.push_back({words[i].begin, words[begin].begin});
  }
  return cuts;
}

bool is_formula(std::string_view text) {
  size_t digits = 0;
  size_t letters = 0;
  for (const char c : text) {
    if (c == '=' || c == '{' || c == '}' || c == '|' || c == '<' || c == '>' || c == '\\' ||
        c == '^' || c == '_' || c == '~' || c == '@' || c == '*')
      return true;
    digits += std::isdigit(static_cast<unsigned char>(c)) != 0 ? 1 : 0;
    letters += std::isalpha(static_cast<unsigned char>(c)) != 0 ? 1 : 0;
  }
  for (const std::string_view sign : {"∑", "∫", "≤", "≥", "∈", "→", "×", "√", "∞", "�", "•", "±"}) {
    if (text.find(sign) != std::string_view::npos) return true;
  }
  return digits * 4 > letters;
}

// What a listener cannot see.
bool points_elsewhere(std::string_view text) {
  const std::string folded = ascii_lower(text);
  for (const std::string_view word :
       {"figure ", "fig. ", "table ", "equation ", "eq. ", "appendix ", "section ", "supplementary",
        "see chapter", "listing ", "algorithm "}) {
    for (size_t at = folded.find(word); at != std::string::npos; at = folded.find(word, at + 1)) {
      const size_t next = at + word.size();
      const bool starts = at == 0 || folded[at - 1] == ' ' || folded[at - 1] == '(';
      if (starts &&
          (next >= folded.size() || std::isdigit(static_cast<unsigned char>(folded[next])) != 0 ||
           (next + 1 < folded.size() &&
            std::isalpha(static_cast<unsigned char>(folded[next])) != 0 &&
            std::isalpha(static_cast<unsigned char>(folded[next + 1])) == 0)))
        return true;
    }
  }
  for (const std::string_view phrase : {"this chapter",
                                        "this section",
                                        "next chapter",
                                        "last chapter",
                                        "preceding chapter",
                                        "following chapter",
                                        "next section",
                                        "following section",
                                        "previous section",
                                        "shown above",
                                        "shown below",
                                        "as follows",
                                        "the following table",
                                        "click",
                                        "subscribe",
                                        "cookies",
                                        "read more",
                                        "this paper is organized",
                                        "this page",
                                        "all rights reserved",
                                        "copyright",
                                        "isbn",
                                        "et al",
                                        "http",
                                        "www.",
                                        "ibid",
                                        "op. cit"}) {
    if (folded.find(phrase) != std::string::npos) return true;
  }
  return false;
}

}  // namespace

size_t count_words(std::string_view text) { return editing::plain_words(text).size(); }

bool speaks_to_a_program(std::string_view sentence) {
  const std::string folded = ascii_lower(sentence);
  const auto has = [&](std::string_view text) { return folded.find(text) != std::string::npos; };
  if (has("system prompt") || has("you are an ai") || has("as an ai ") ||
      has("as a language model") || has("you are a language model") || has("you are chatgpt"))
    return true;
  const bool order = has("ignore") || has("disregard") || has("forget") || has("override");
  return order && (has("instruction") || has("prompt") || has("guideline") ||
                   has("previous text") || has("rules above"));
}

bool Teller::needs_what_came_before(std::string_view sentence) const {
  for (const std::string_view start : {"Each ",
                                       "Here ",
                                       "Here,",
                                       "Thus",
                                       "Therefore",
                                       "Hence",
                                       "The same ",
                                       "The other",
                                       "The second ",
                                       "The third ",
                                       "The first ",
                                       "The next ",
                                       "The last ",
                                       "Now ",
                                       "Now,",
                                       "Again",
                                       "Nor ",
                                       "Neither ",
                                       "Either ",
                                       "For this ",
                                       "On the other",
                                       "On the contrary",
                                       "Consequently",
                                       "Accordingly",
                                       "Moreover",
                                       "Lastly",
                                       "Furthermore",
                                       "Finally",
                                       "Next",
                                       "Later",
                                       "Afterwards",
                                       "Similarly",
                                       "Likewise",
                                       "Instead",
                                       "In contrast",
                                       "By contrast",
                                       "In turn",
                                       "In other words",
                                       "That is",
                                       "For instance",
                                       "For example",
                                       "Even then",
                                       "Not so",
                                       "Nevertheless",
                                       "Nonetheless",
                                       "Otherwise",
                                       "Because of this",
                                       "Of course",
                                       "At last",
                                       "At first",
                                       "Of these",
                                       "Of this",
                                       "Most of these",
                                       "Some of these",
                                       "Many of these"}) {
    if (sentence.starts_with(start)) return true;
  }
  bool noun = false;
  size_t looked = 0;
  for (const TaggedWord& word : tagger_.tag(sentence)) {
    if (++looked > 9) break;
    if (!noun && is_any(word.lower, {"he", "she", "they", "him", "his", "her", "their", "them",
                                     "this", "these", "those", "such", "its", "it"}))
      return true;
    noun |= word.kind == WordClass::kNoun || word.kind == WordClass::kName;
  }
  return false;
}

bool Teller::cut(std::string text, int depth, std::vector<std::string>& pieces) const {
  if (count_words(text) > editing::kMaxSpokenWords && depth < kMaxCuts) {
    std::vector<TaggedWord> words = tagger_.tag(text);
    for (std::string shorter = without_apposition(text, words);
         !shorter.empty() && count_words(text) > editing::kMaxSpokenWords;
         shorter = without_apposition(text, words)) {
      text = std::move(shorter);
      words = tagger_.tag(text);
    }
    if (count_words(text) <= editing::kMaxSpokenWords)
      return cut(std::move(text), kMaxCuts, pieces);
    const std::vector<Cut> cuts = cuts_of(text, words);
    const Cut* best = nullptr;
    size_t best_distance = text.size();
    for (const Cut& one : cuts) {
      const std::string_view left = std::string_view(text).substr(0, one.left_end);
      const std::string_view right = std::string_view(text).substr(one.right_begin);
      if (count_words(left) < kMinPieceWords || count_words(right) < kMinPieceWords ||
          !quotes_balance(left))
        continue;
      const size_t distance =
          left.size() > right.size() ? left.size() - right.size() : right.size() - left.size();
      if (distance < best_distance) {
        best_distance = distance;
        best = &one;
      }
    }
    if (best != nullptr) {
      return cut(as_sentence(std::string_view(text).substr(0, best->left_end)), depth + 1,
                 pieces) &&
             cut(as_sentence(std::string_view(text).substr(best->right_begin)), depth + 1, pieces);
    }
  }
  std::vector<std::string> spoken = editing::spoken_sentences(text);
  if (spoken.empty()) {
    const std::string shorter = without_participle_tail(text, tagger_.tag(text));
    if (!shorter.empty()) return cut(shorter, depth + 1, pieces);
  }
  if (spoken.empty() || pieces.size() + spoken.size() > 5) return false;
  pieces.insert(pieces.end(), spoken.begin(), spoken.end());
  return true;
}

std::vector<std::string> Teller::tell(std::string_view sentence) const {
  if (sentence.size() < 20 || sentence.size() > 900) return {};
  const char last = sentence.back();
  if (last != '.' && last != '!' && last != '"' && !sentence.ends_with("”")) return {};
  if (sentence.ends_with("...") || !quotes_balance(sentence)) return {};
  if (speaks_to_a_program(sentence)) return {};
  const bool quoted = sentence.front() == '"' || sentence.starts_with("“") ||
                      sentence.front() == '\'' || sentence.starts_with("‘");
  if (quoted && (last == '"' || sentence.ends_with("”"))) return {};  // nobody says who speaks
  if (std::islower(static_cast<unsigned char>(sentence.front())) != 0) return {};
  // "6 - That the allies ...", "3. The gate"
  if (const size_t mark = sentence.find_first_not_of("0123456789");
      mark > 0 && mark != std::string_view::npos &&
      (sentence.substr(mark).starts_with(" -") || sentence[mark] == '.' || sentence[mark] == ')'))
    return {};
  std::string text(sentence);
  // Signs of citations: "(12)", "(1914a)" become nothing; so do all parentheses, later.
  erase_between_dashes(text);
  const std::vector<TaggedWord> words = tagger_.tag(text);
  if (words.empty() || !has_verb(words, 0, words.size())) return {};
  if (is_any(words[0].lower,
             {"you", "your", "let", "see", "note", "click", "who", "what", "which"}))
    return {};
  const std::optional<std::string> told = in_third_person(text, words, writer_);
  if (!told) return {};
  std::vector<std::string> pieces;
  if (!cut(*told, 0, pieces)) return {};
  for (const std::string& piece : pieces) {
    if (count_words(piece) > editing::kMaxSpokenWords || is_formula(piece) ||
        points_elsewhere(piece) || piece.find('(') != std::string::npos ||
        piece.find(')') != std::string::npos || !quotes_balance(piece) ||
        !is_whole(piece, tagger_.tag(piece)))
      return {};
  }
  if (count_words(pieces.front()) < 3) return {};
  return pieces;
}

}  // namespace myna::podcast
