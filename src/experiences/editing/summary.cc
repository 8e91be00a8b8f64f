#include "experiences/editing/summary.h"

#include <algorithm>

#include "experiences/editing/centrality.h"
#include "experiences/editing/spoken_sentence.h"

namespace myna::editing {
namespace {

constexpr size_t kMostSentences = 150;  // of a story: the matrix is their square

// Of the words of the headline, those that a sentence has.
double headline_share(const SourceText& source, const SourceSentence& sentence) {
  const std::vector<uint32_t>& headline = source.sentences.front().words;
  if (headline.empty()) return 0;
  size_t found = 0;
  for (const uint32_t word : headline) {
    found += std::find(sentence.words.begin(), sentence.words.end(), word) != sentence.words.end()
                 ? 1
                 : 0;
  }
  return static_cast<double>(found) / static_cast<double>(headline.size());
}

}  // namespace

std::vector<SummarySentence> summarize(std::span<const SourceText> sources,
                                       const std::vector<size_t>& story,
                                       const SummaryOptions& options,
                                       const std::vector<std::vector<uint32_t>>& known) {
  std::vector<SentenceReference> references;
  std::vector<const SourceSentence*> sentences;
  for (const size_t source : story) {
    for (size_t i = 1; i < sources[source].sentences.size() && references.size() < kMostSentences;
         ++i) {
      references.push_back({source, i});
      sentences.push_back(&sources[source].sentences[i]);
    }
  }
  if (references.empty()) return {};
  const std::vector<WordVector> vectors = unit_vectors(sentences);
  const std::vector<double> central = centralities(vectors);
  const double most_central = *std::max_element(central.begin(), central.end());

  std::vector<SummarySentence> candidates(references.size());
  for (size_t i = 0; i < references.size(); ++i) {
    SummarySentence& candidate = candidates[i];
    candidate.reference = references[i];
    const std::string_view text = sources[references[i].source].sentence(references[i].sentence);
    if (!is_unfit(text)) candidate.spoken = spoken_sentences(text, options.max_spoken_words);
    const double opening = 1 / (1 + 0.35 * static_cast<double>(references[i].sentence - 1));
    const double leading = references[i].source == story.front() ? 1.0 : 0.6;
    // The weights: docs/decisions/0032.
    candidate.value = (1 - options.position_weight) * central[i] / most_central +
                      options.position_weight * opening * leading;
    candidate.value +=
        options.headline_weight * headline_share(sources[references[i].source], *sentences[i]);
    if (text.find_first_of("0123456789") != std::string_view::npos) candidate.value *= 1.05;
  }

  std::vector<SummarySentence> chosen;
  std::vector<size_t> chosen_indices;
  std::vector<bool> gone(candidates.size());
  const auto is_chosen = [&](size_t index) {
    return std::find(chosen_indices.begin(), chosen_indices.end(), index) != chosen_indices.end();
  };
  while (chosen.size() < options.most) {
    size_t best = candidates.size();
    double best_value = 0;
    for (size_t i = 0; i < candidates.size(); ++i) {
      if (gone[i] || candidates[i].spoken.empty()) continue;
      const std::string_view text = sources[references[i].source].sentence(references[i].sentence);
      const bool follows =
          i > 0 && references[i - 1].source == references[i].source && is_chosen(i - 1);
      // Who "he" is stands in the sentence before.
      if ((depends_on_previous(text) || sentences[i]->word_count < 6) && !follows) continue;
      double repeated = 0;
      for (const size_t other : chosen_indices) {
        repeated = std::max({repeated, cosine(vectors[i], vectors[other]),
                             word_overlap(sentences[i]->words, sentences[other]->words)});
      }
      for (const auto& told : known)
        repeated = std::max(repeated, word_overlap(sentences[i]->words, told));
      if (repeated >= options.redundancy) {
        gone[i] = true;
        continue;
      }
      const double value = candidates[i].value - 0.3 * repeated + (follows ? 0.05 : 0);
      if (best == candidates.size() || value > best_value) {
        best = i;
        best_value = value;
      }
    }
    if (best == candidates.size()) break;
    gone[best] = true;
    chosen_indices.push_back(best);
    chosen.push_back(candidates[best]);
  }
  return chosen;
}

void sort_for_telling(std::vector<SummarySentence>& sentences, const std::vector<size_t>& story) {
  const auto place = [&](const SentenceReference& reference) {
    const auto source = std::find(story.begin(), story.end(), reference.source) - story.begin();
    return std::pair(source, reference.sentence);
  };
  std::stable_sort(sentences.begin(), sentences.end(), [&](const auto& a, const auto& b) {
    return place(a.reference) < place(b.reference);
  });
}

}  // namespace myna::editing
