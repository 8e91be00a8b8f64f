#include "experiences/podcast/passages.h"

#include <algorithm>
#include <set>
#include <string>

namespace myna::podcast {
namespace {

constexpr size_t kMostPassages = 60;  // of a section
constexpr double kSame = 0.4;         // overlap of two sentences that say the same

size_t spoken_words(const ToldSentence& sentence) {
  size_t words = 0;
  for (const std::string& piece : sentence.spoken) words += count_words(piece);
  return words;
}

bool has_any(std::string_view text, std::initializer_list<std::string_view> list) {
  return std::any_of(list.begin(), list.end(), [&](std::string_view one) {
    return text.find(one) != std::string_view::npos;
  });
}

// Sentences that explain are worth more than those that only tell.
double explanation_of(std::string_view text) {
  double value = 0;
  if (has_any(text, {"because", "therefore", "thus ", "so that", "as a result", "which means",
                     "the reason", "in order to", "depends on", "leads to", "causes"}))
    value += 0.08;
  if (has_any(text, {" is called", " are called", " known as", " is a ", " are the ", " refers to",
                     " means ", " consists of", " is the "}))
    value += 0.06;
  if (has_any(text, {"for example", "for instance", "such as", " like a ", " as if "}))
    value += 0.06;
  if (text.find_first_of("0123456789") != std::string_view::npos) value += 0.03;
  return std::min(value, 0.15);
}

bool is_against(std::string_view text) {
  return has_any(
      text, {"However",      "however",   "But ",       "but ",           "lthough", "espite",
             "Yet ",         " fail",     "limitation", "limited",        "cannot",  "critics",
             "Critics",      "objection", "difficult",  "problem",        "doubt",   "drawback",
             "disadvantage", "unlikely",  "not always", "the other hand", "risk",    "danger",
             "opponents",    "oppose"});
}

// Names of people and places that nobody introduced tell a listener nothing.
double strangeness_of(std::string_view text) {
  size_t capitals = 0;
  for (size_t i = 1; i + 1 < text.size(); ++i) {
    if (text[i - 1] == ' ' && text[i] >= 'A' && text[i] <= 'Z' && text[i + 1] >= 'a') ++capitals;
  }
  return capitals > 4 ? 0.04 * static_cast<double>(capitals - 4) : 0;
}

class Finder {
 public:
  Finder(const Outline& outline, size_t section)
      : number_(section), section_(outline.sections[section]) {}

  std::vector<Passage> find() {
    std::vector<Passage> all;
    for (size_t first = 1; first < section_.sentences.size(); ++first) add_runs(first, all);
    std::stable_sort(all.begin(), all.end(),
                     [](const Passage& a, const Passage& b) { return a.score > b.score; });
    std::vector<Passage> chosen;
    for (const Passage& one : all) {
      if (chosen.size() >= kMostPassages) break;
      const bool taken = std::any_of(chosen.begin(), chosen.end(), [&](const Passage& other) {
        return (one.first <= other.last && other.first <= one.last) || repeats(one, other);
      });
      if (!taken) chosen.push_back(one);
    }
    return chosen;
  }

 private:
  bool can_begin(size_t at) const {
    const ToldSentence& sentence = section_.sentences[at];
    return !sentence.spoken.empty() && !sentence.depends && spoken_words(sentence) >= 5;
  }

  void add_runs(size_t first, std::vector<Passage>& all) const {
    if (!can_begin(first)) return;
    size_t words = 0;
    double central = 0;
    double extra = 0;
    size_t against = 0;
    for (size_t last = first; last < section_.sentences.size(); ++last) {
      const ToldSentence& sentence = section_.sentences[last];
      if (sentence.spoken.empty()) return;
      // It may run over into the next paragraph only from a single sentence.
      if (last > first + 1 && sentence.opens_paragraph) return;
      words += spoken_words(sentence);
      const size_t count = last - first + 1;
      if (words > kMaxPassageWords || count > kMaxPassageSentences) return;
      const std::string_view text = section_.source.sentence(last);
      central += sentence.centrality;
      extra += explanation_of(text) - strangeness_of(text);
      against += is_against(text) ? 1 : 0;
      // A single sentence out of the middle of a paragraph has lost what it is about.
      const bool opens = section_.sentences[first].opens_paragraph;
      if (words < kMinPassageWords || (count == 1 && !opens)) continue;
      const auto size = static_cast<double>(count);
      Passage passage{number_, first, last, 0, against * 3 >= count};
      passage.score =
          central / size * (0.55 + 0.45 * std::min(1.0, static_cast<double>(words) / 70)) +
          extra / size;
      if (count == 1) passage.score *= 0.7;
      if (first == 1) passage.score += 0.25;
      passage.score += opens ? 0.2 : -0.08;
      if (first > 1 && section_.sentences[first - 1].question) passage.score += 0.1;
      // Not in the middle of a thought.
      if (last + 1 < section_.sentences.size() && section_.sentences[last + 1].depends &&
          !section_.sentences[last + 1].opens_paragraph)
        passage.score -= 0.03;
      all.push_back(passage);
    }
  }

  bool repeats(const Passage& a, const Passage& b) const {
    for (size_t i = a.first; i <= a.last; ++i) {
      for (size_t j = b.first; j <= b.last; ++j) {
        if (editing::word_overlap(section_.source.sentences[i].words,
                                  section_.source.sentences[j].words) >= kSame)
          return true;
      }
    }
    return false;
  }

  size_t number_;
  const OutlineSection& section_;
};

}  // namespace

std::vector<Passage> find_passages(const Outline& outline, size_t section) {
  return Finder(outline, section).find();
}

size_t passage_words(const Outline& outline, const Passage& passage) {
  size_t words = 0;
  for (size_t i = passage.first; i <= passage.last; ++i)
    words += spoken_words(outline.sections[passage.section].sentences[i]);
  return words;
}

}  // namespace myna::podcast
