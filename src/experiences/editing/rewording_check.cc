#include <algorithm>
#include <array>
#include <cctype>
#include <map>
#include <set>
#include <string_view>

#include "experiences/editing/grounding.h"
#include "experiences/editing/source_text.h"
#include "experiences/editing/spoken_sentence.h"

namespace myna::editing {
namespace {

using Words = std::vector<std::string>;

constexpr size_t kFewestWords = 4;

bool is_number(const std::string& word) {
  static const std::set<std::string_view> kNumbers = {
      "zero",      "one",      "two",      "three",     "four",     "five",     "six",
      "seven",     "eight",    "nine",     "ten",       "eleven",   "twelve",   "thirteen",
      "fourteen",  "fifteen",  "sixteen",  "seventeen", "eighteen", "nineteen", "twenty",
      "thirty",    "forty",    "fifty",    "sixty",     "seventy",  "eighty",   "ninety",
      "hundred",   "hundreds", "thousand", "thousands", "million",  "millions", "billion",
      "billions",  "trillion", "dozen",    "dozens",    "half",     "third",    "quarter",
      "double",    "triple",   "twice",    "once",      "first",    "second",   "fourth",
      "fifth",     "last",     "next",     "percent",   "per",      "cent",     "today",
      "yesterday", "tomorrow", "tonight"};
  return kNumbers.contains(word) ||
         std::any_of(word.begin(), word.end(), [](unsigned char c) { return std::isdigit(c); });
}

// Small words that change what is claimed, though they are no content: how sure, how much, when,
// under which condition, who.
bool qualifies(const std::string& word) {
  static const std::set<std::string_view> kQualifiers = {
      "about",  "above",  "after",  "all",   "almost",     "any",       "around",  "as",
      "before", "below",  "both",   "but",   "by",         "can",       "could",   "each",
      "either", "every",  "few",    "fewer", "from",       "he",        "her",     "him",
      "his",    "i",      "if",     "least", "less",       "may",       "might",   "more",
      "most",   "must",   "nearly", "only",  "over",       "said",      "says",    "say",
      "she",    "should", "since",  "some",  "than",       "their",     "them",    "they",
      "to",     "under",  "unless", "until", "up",         "us",        "we",      "will",
      "would",  "you",    "your",   "down",  "reportedly", "allegedly", "perhaps", "probably"};
  return kQualifiers.contains(word);
}

Words filtered(const Words& words, bool (*keep)(const std::string&)) {
  Words kept;
  std::copy_if(words.begin(), words.end(), std::back_inserter(kept), keep);
  return kept;
}

// Capitalised words: behind the first word of a sentence, or wherever one of `known` stands.
Words names_of(std::string_view text, const std::set<std::string>& known) {
  Words names;
  for (const std::string& word : plain_words(text)) {
    if (known.contains(word)) names.push_back(word);
  }
  return names;
}

std::set<std::string> capitalised_words(std::string_view text) {
  std::set<std::string> names;
  bool first = true;
  for (size_t at = 0; at < text.size();) {
    if (std::isalnum(static_cast<unsigned char>(text[at])) == 0 && (text[at] & 0x80) == 0) {
      first |= text[at] == '.' || text[at] == '!' || text[at] == '?';
      ++at;
      continue;
    }
    size_t end = at;
    while (end < text.size() && text[end] != ' ') ++end;
    if (!first && std::isupper(static_cast<unsigned char>(text[at])) != 0) {
      for (std::string& word : plain_words(text.substr(at, end - at))) {
        if (!is_function_word(word)) names.insert(std::move(word));
      }
    }
    first = text[end - 1] == '.' && end - at > 3;
    at = end;
  }
  return names;
}

std::string fault_of_form(std::string_view text, size_t max_words) {
  if (text.find_first_of("[]{}<>()|*#`_\\\n\r\t") != std::string_view::npos) return "marks";
  if (text.empty() ||
      (text.back() != '.' && text.back() != '!' && !text.ends_with("”") && text.back() != '"'))
    return "no end";
  const size_t words = plain_words(text).size();
  if (words < kFewestWords || words > max_words) return "length";
  if (std::isupper(static_cast<unsigned char>(text.front())) == 0 &&
      std::isdigit(static_cast<unsigned char>(text.front())) == 0 && !text.starts_with("“") &&
      text.front() != '"')
    return "no beginning";
  if (is_unfit(text)) return "no statement";
  return {};
}

}  // namespace

std::vector<GroundingFault> check_rewording(std::string_view reworded, std::string_view sentence,
                                            std::string_view span) {
  std::vector<GroundingFault> faults;
  if (std::string fault = fault_of_form(reworded, kMaxSpokenWords); !fault.empty())
    faults.push_back({"form", std::move(fault)});
  for (GroundingFault& fault : check_grounding(reworded, span)) faults.push_back(std::move(fault));

  const Words said = plain_words(reworded);
  const Words given = plain_words(sentence);
  // The same numbers in the same order, so that "two of nine" does not become "nine of two".
  if (filtered(said, is_number) != filtered(given, is_number))
    faults.push_back({"number", "not those of the sentence"});
  std::set<std::string> known = capitalised_words(span);
  known.merge(capitalised_words(sentence));
  known.merge(capitalised_words(reworded));
  // The first word of a sentence may be a name as well as not.
  for (const Words* words : {&given, &said}) {
    if (!words->empty() && !is_function_word(words->front())) known.insert(words->front());
  }
  if (names_of(reworded, known) != names_of(sentence, known))
    faults.push_back({"name", "not those of the sentence, in their order"});
  const auto count = [](const Words& words) {
    std::map<std::string, size_t> counts;
    for (const std::string& word : words) {
      if (qualifies(word)) ++counts[word];
    }
    return counts;
  };
  if (count(said) != count(given)) faults.push_back({"qualifier", "not those of the sentence"});
  const std::vector<uint32_t> source_words = content_words(span);
  const std::set<uint32_t> source(source_words.begin(), source_words.end());
  for (const std::string& word : said) {
    for (const uint32_t stem : content_words(word)) {
      if (!source.contains(stem)) faults.push_back({"word", word});
    }
  }
  return faults;
}

std::string reword_if_grounded(Rewriter* rewriter, const std::string& sentence,
                               std::string_view span) {
  if (rewriter == nullptr) return sentence;
  std::string reworded = rewriter->reword(sentence, span);
  if (reworded.empty() || reworded == sentence) return sentence;
  return check_rewording(reworded, sentence, span).empty() ? reworded : sentence;
}

}  // namespace myna::editing
