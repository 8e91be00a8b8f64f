#include "experiences/editing/grounding.h"

#include <algorithm>
#include <cctype>
#include <set>

#include "experiences/editing/source_text.h"

namespace myna::editing {
namespace {

bool is_negation(const std::string& word) {
  return word == "not" || word == "no" || word == "never" || word == "without" || word == "nor" ||
         word == "neither" || word == "none" || word == "cannot" || word.ends_with("n't");
}

size_t negations(const std::vector<std::string>& words) {
  return static_cast<size_t>(std::count_if(words.begin(), words.end(), is_negation));
}

// Words with a capital letter behind the first word of a sentence.
std::vector<std::string> names_in(std::string_view text) {
  std::vector<std::string> names;
  bool first = true;
  size_t at = 0;
  while (at < text.size()) {
    while (at < text.size() && !std::isalnum(static_cast<unsigned char>(text[at])) &&
           (text[at] & 0x80) == 0) {
      if (text[at] == '.' || text[at] == '!' || text[at] == '?') first = true;
      ++at;
    }
    size_t end = at;
    while (end < text.size() &&
           (std::isalnum(static_cast<unsigned char>(text[end])) || (text[end] & 0x80) != 0))
      ++end;
    if (end > at && std::isupper(static_cast<unsigned char>(text[at])) && !first) {
      const auto words = plain_words(text.substr(at, end - at));
      if (!words.empty()) names.push_back(words.front());
    }
    if (end > at) first = false;
    at = end;
  }
  return names;
}

std::vector<std::string> quotations_in(std::string_view text) {
  std::vector<std::string> quotations;
  const auto collect = [&](std::string_view open, std::string_view close) {
    for (size_t at = text.find(open); at != std::string_view::npos;) {
      const size_t end = text.find(close, at + open.size());
      if (end == std::string_view::npos) return;
      quotations.emplace_back(text.substr(at + open.size(), end - at - open.size()));
      at = text.find(open, end + close.size());
    }
  };
  collect("“", "”");
  collect("\"", "\"");
  return quotations;
}

}  // namespace

std::vector<GroundingFault> check_grounding(std::string_view sentence,
                                            std::string_view source_span) {
  std::vector<GroundingFault> faults;
  const std::vector<std::string> said = plain_words(sentence);
  const std::vector<std::string> given = plain_words(source_span);
  const std::set<std::string> known(given.begin(), given.end());
  for (const std::string& word : said) {
    const bool number =
        std::any_of(word.begin(), word.end(), [](unsigned char c) { return std::isdigit(c); });
    if (number && !known.contains(word)) faults.push_back({"number", word});
  }
  for (const std::string& name : names_in(sentence)) {
    if (!known.contains(name) && !is_function_word(name)) faults.push_back({"name", name});
  }
  for (const std::string& quotation : quotations_in(sentence)) {
    // The comma or period inside of a quotation belongs to the sentence.
    std::string core = quotation;
    while (!core.empty() && std::ispunct(static_cast<unsigned char>(core.back()))) core.pop_back();
    if (source_span.find(core) == std::string_view::npos)
      faults.push_back({"quotation", quotation});
  }
  if (negations(said) != negations(given)) faults.push_back({"negation", std::string(sentence)});
  const std::vector<uint32_t> words = content_words(sentence);
  const std::vector<uint32_t> source_words = content_words(source_span);
  const std::set<uint32_t> source_set(source_words.begin(), source_words.end());
  size_t found = 0;
  for (const uint32_t word : words) found += source_set.count(word);
  if (found * 5 < words.size() * 3) faults.push_back({"overlap", std::string(sentence)});
  return faults;
}

}  // namespace myna::editing
