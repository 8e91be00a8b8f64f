#include "experiences/editing/ranking.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <set>
#include <unordered_map>

namespace myna::editing {
namespace {

// Robertson and Zaragoza, "The Probabilistic Relevance Framework: BM25 and Beyond" (2009).
class Bm25 {
 public:
  explicit Bm25(const std::vector<std::vector<uint32_t>>& documents) : count_(documents.size()) {
    double total = 0;
    for (const auto& words : documents) {
      std::unordered_map<uint32_t, double> counts;
      for (const uint32_t word : words) ++counts[word];
      for (const auto& [word, times] : counts) ++holders_[word];
      total += static_cast<double>(words.size());
      lengths_.push_back(static_cast<double>(words.size()));
      counts_.push_back(std::move(counts));
    }
    mean_length_ = std::max(1.0, total / static_cast<double>(std::max<size_t>(1, count_)));
  }

  // 0 unless all words of the term occur.
  double score(size_t document, const std::vector<uint32_t>& term) const {
    constexpr double kSaturation = 1.2;
    constexpr double kLength = 0.75;
    double sum = 0;
    for (const uint32_t word : term) {
      const auto found = counts_[document].find(word);
      if (found == counts_[document].end()) return 0;
      const double holders = holders_.at(word);
      const double rarity =
          std::log(1 + (static_cast<double>(count_) - holders + 0.5) / (holders + 0.5));
      const double norm = kSaturation * (1 - kLength + kLength * lengths_[document] / mean_length_);
      sum += rarity * found->second * (kSaturation + 1) / (found->second + norm);
    }
    return sum;
  }

 private:
  size_t count_;
  double mean_length_ = 1;
  std::vector<double> lengths_;
  std::vector<std::unordered_map<uint32_t, double>> counts_;
  std::unordered_map<uint32_t, double> holders_;
};

std::vector<uint32_t> story_words(std::span<const SourceText> sources,
                                  const std::vector<size_t>& story) {
  std::vector<uint32_t> words;
  for (const size_t index : story) {
    const SourceText& source = sources[index];
    for (const std::string& category : source.categories) {
      const auto more = content_words(category);
      words.insert(words.end(), more.begin(), more.end());
    }
    for (const SourceSentence& sentence : source.sentences) {
      words.insert(words.end(), sentence.words.begin(), sentence.words.end());
    }
  }
  return words;
}

std::vector<uint32_t> headline_words(const SourceText& source) {
  std::vector<uint32_t> words;
  for (size_t i = 0; i < std::min<size_t>(3, source.sentences.size()); ++i) {
    words.insert(words.end(), source.sentences[i].words.begin(), source.sentences[i].words.end());
  }
  return words;
}

struct Match {
  double score = 0;
  std::string term;  // the strongest
};

Match match(const Bm25& index, size_t story, const std::vector<std::string>& terms) {
  Match result;
  double best = 0;
  for (const std::string& term : terms) {
    const std::vector<uint32_t> words = content_words(term);
    const double score = words.empty() ? 0 : index.score(story, words);
    result.score += score;
    if (score > best) {
      best = score;
      result.term = term;
    }
  }
  return result;
}

std::string age_text(double hours) {
  const auto rounded = static_cast<int>(std::lround(hours));
  if (rounded < 1) return "new";
  if (rounded < 48) return std::to_string(rounded) + (rounded == 1 ? " hour old" : " hours old");
  return std::to_string(rounded / 24) + " days old";
}

}  // namespace

Ranking rank_stories(std::span<const SourceText> sources,
                     const std::vector<std::vector<size_t>>& clusters, const Interests& interests,
                     const RankingOptions& options) {
  std::vector<std::vector<uint32_t>> documents;
  for (const auto& story : clusters) documents.push_back(story_words(sources, story));
  const Bm25 index(documents);

  Ranking ranking;
  std::vector<RankedStory> candidates;
  std::vector<std::vector<uint32_t>> headlines;
  for (size_t number = 0; number < clusters.size(); ++number) {
    const std::vector<size_t>& story = clusters[number];
    const auto leave_out = [&](std::string why) {
      ranking.left_out.push_back({story.front(), std::move(why)});
    };
    if (const Match muted = match(index, number, interests.mute); muted.score > 0) {
      leave_out("muted: '" + muted.term + "'");
      continue;
    }
    double age_h = 24;  // of a story without a date
    bool dated = false;
    std::set<std::string> publishers;
    double publisher_factor = 0;
    for (const size_t member : story) {
      const SourceText& source = sources[member];
      publishers.insert(source.publisher);
      const auto wish = interests.publishers.find(source.publisher);
      publisher_factor =
          std::max(publisher_factor, wish == interests.publishers.end() ? 1.0 : wish->second);
      if (!source.published_s) continue;
      const double age =
          std::max(0.0, static_cast<double>(options.now_s - *source.published_s) / 3600);
      age_h = dated ? std::min(age_h, age) : age;
      dated = true;
    }
    if (dated && age_h > options.max_age_h) {
      leave_out("older than " + std::to_string(static_cast<int>(options.max_age_h)) + " hours");
      continue;
    }
    if (publisher_factor == 0) {
      leave_out("its source has the factor 0");
      continue;
    }
    const Match more = match(index, number, interests.more);
    const Match less = match(index, number, interests.less);
    RankedStory ranked;
    ranked.sources = story;
    const double interest = std::max(0.1, 1 + 0.3 * more.score - 0.3 * less.score);
    const double recency = 0.15 + 0.85 * std::exp2(-age_h / options.half_life_h);
    const double size = 1 + 0.7 * std::log2(static_cast<double>(publishers.size()));
    ranked.score = interest * recency * size * publisher_factor;
    double best_section = 0;
    for (const SectionWish& section : interests.sections) {
      std::vector<std::string> terms = section.terms;
      terms.push_back(section.title);
      const double score = match(index, number, terms).score;
      if (score > best_section) {
        best_section = score;
        ranked.section = section.title;
      }
    }
    ranked.why =
        publishers.size() > 1 ? std::to_string(publishers.size()) + " publishers tell it; " : "";
    if (more.score > 0) ranked.why += "matches '" + more.term + "'; ";
    if (less.score > 0) ranked.why += "less of '" + less.term + "'; ";
    ranked.why += dated ? age_text(age_h) : "without a date";
    candidates.push_back(std::move(ranked));
    headlines.push_back(headline_words(sources[story.front()]));
  }

  double best = 1e-9;
  for (const RankedStory& candidate : candidates) best = std::max(best, candidate.score);
  std::vector<bool> taken(candidates.size());
  std::vector<double> nearest(candidates.size());  // similarity to what was taken
  std::map<std::string, size_t> by_origin;
  for (size_t round = 0; round < candidates.size(); ++round) {
    size_t choice = candidates.size();
    double choice_value = 0;
    for (size_t i = 0; i < candidates.size(); ++i) {
      if (taken[i] ||
          by_origin[sources[candidates[i].sources.front()].origin] >= options.most_by_origin)
        continue;
      const double value =
          (1 - options.variety) * candidates[i].score / best - options.variety * nearest[i];
      if (choice == candidates.size() || value > choice_value) {
        choice = i;
        choice_value = value;
      }
    }
    if (choice == candidates.size()) break;
    taken[choice] = true;
    ++by_origin[sources[candidates[choice].sources.front()].origin];
    for (size_t i = 0; i < candidates.size(); ++i) {
      if (!taken[i])
        nearest[i] = std::max(nearest[i], word_overlap(headlines[i], headlines[choice]));
    }
    ranking.stories.push_back(candidates[choice]);
    // A show tells a few dozen at most.
    if (ranking.stories.size() >= 100) break;
  }
  for (size_t i = 0; i < candidates.size(); ++i) {
    if (taken[i]) continue;
    ranking.left_out.push_back(
        {candidates[i].sources.front(),
         "at most " + std::to_string(options.most_by_origin) + " stories of one publisher"});
  }
  return ranking;
}

}  // namespace myna::editing
