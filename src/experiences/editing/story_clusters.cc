#include "experiences/editing/story_clusters.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <map>
#include <numeric>
#include <set>
#include <string>
#include <unordered_map>

#include "experiences/intake/web_address.h"

namespace myna::editing {
namespace {

constexpr int kCopyDistance = 3;         // bits of 64
constexpr double kSharedPassages = 0.5;  // Jaccard
constexpr double kSameStory = 0.36;      // cosine of headline and opening; measured on the samples
constexpr size_t kLeastWords = 12;       // fingerprints of less say nothing

uint64_t mix(uint64_t value) {  // SplitMix64's finaliser
  value += 0x9E3779B97F4A7C15u;
  value = (value ^ (value >> 30)) * 0xBF58476D1CE4E5B9u;
  value = (value ^ (value >> 27)) * 0x94D049BB133111EBu;
  return value ^ (value >> 31);
}

std::vector<uint32_t> words_of(const SourceText& source) {
  std::vector<uint32_t> words;
  for (const SourceSentence& sentence : source.sentences) {
    words.insert(words.end(), sentence.words.begin(), sentence.words.end());
  }
  return words;
}

// Headline twice, and the first sentences.
std::map<uint32_t, double> opening_of(const SourceText& source) {
  std::map<uint32_t, double> counts;
  for (size_t i = 0; i < std::min<size_t>(source.sentences.size(), 4); ++i) {
    for (const uint32_t word : source.sentences[i].words) counts[word] += i == 0 ? 2 : 1;
  }
  return counts;
}

class Partition {
 public:
  explicit Partition(size_t count) : parent_(count) {
    std::iota(parent_.begin(), parent_.end(), size_t{0});
  }
  size_t find(size_t index) {
    while (parent_[index] != index) index = parent_[index] = parent_[parent_[index]];
    return index;
  }
  void join(size_t a, size_t b) { parent_[find(std::max(a, b))] = find(std::min(a, b)); }

 private:
  std::vector<size_t> parent_;
};

}  // namespace

Fingerprint fingerprint_of(const std::vector<uint32_t>& words) {
  Fingerprint result;
  result.word_count = words.size();
  result.min_hash.fill(~uint32_t{0});
  std::array<int, 64> votes{};
  for (size_t i = 0; i + 1 < words.size(); ++i) {
    const uint64_t pair = mix((uint64_t{words[i]} << 32) | words[i + 1]);
    for (size_t bit = 0; bit < 64; ++bit) votes[bit] += (pair >> bit & 1) != 0 ? 1 : -1;
    if (i + 2 >= words.size()) continue;
    const uint64_t run = mix(pair ^ mix(words[i + 2]));
    for (size_t k = 0; k < result.min_hash.size(); ++k) {
      const auto hash = static_cast<uint32_t>(mix(run + k * 0x632BE59BD9B4E019u) >> 32);
      result.min_hash[k] = std::min(result.min_hash[k], hash);
    }
  }
  for (size_t bit = 0; bit < 64; ++bit) {
    if (votes[bit] > 0) result.sim_hash |= uint64_t{1} << bit;
  }
  return result;
}

int sim_hash_distance(uint64_t a, uint64_t b) { return std::popcount(a ^ b); }

double min_hash_similarity(const Fingerprint& a, const Fingerprint& b) {
  size_t same = 0;
  for (size_t i = 0; i < a.min_hash.size(); ++i) same += a.min_hash[i] == b.min_hash[i] ? 1 : 0;
  return static_cast<double>(same) / static_cast<double>(a.min_hash.size());
}

std::vector<std::vector<size_t>> cluster_stories(std::span<const SourceText> sources) {
  const size_t count = sources.size();
  std::vector<Fingerprint> fingerprints;
  std::vector<std::map<uint32_t, double>> openings;
  std::unordered_map<uint32_t, std::vector<size_t>> holders;
  for (const SourceText& source : sources) {
    fingerprints.push_back(fingerprint_of(words_of(source)));
    openings.push_back(opening_of(source));
    for (const auto& [word, times] : openings.back()) holders[word].push_back(openings.size() - 1);
  }
  std::vector<double> norms(count);
  for (size_t i = 0; i < count; ++i) {
    double sum = 0;
    for (auto& [word, weight] : openings[i]) {
      weight *=
          std::log(1 + static_cast<double>(count) / static_cast<double>(holders[word].size()));
      sum += weight * weight;
    }
    norms[i] = std::sqrt(sum);
  }

  Partition partition(count);
  std::map<std::string, size_t> addresses;
  for (size_t i = 0; i < count; ++i) {
    if (sources[i].url.empty()) continue;
    const auto [found, is_new] = addresses.emplace(intake::canonical_address(sources[i].url), i);
    if (!is_new) partition.join(found->second, i);
  }
  // Only what shares a word that is not everywhere can be the same story.
  const size_t most_holders = std::max<size_t>(8, std::min<size_t>(200, count / 4));
  for (size_t i = 0; i < count; ++i) {
    std::map<size_t, double> products;
    for (const auto& [word, weight] : openings[i]) {
      const std::vector<size_t>& with = holders[word];
      if (with.size() > most_holders) continue;
      for (const size_t other : with) {
        if (other < i) products[other] += weight * openings[other].at(word);
      }
    }
    for (const auto& [other, product] : products) {
      const Fingerprint& a = fingerprints[i];
      const Fingerprint& b = fingerprints[other];
      const bool long_enough = std::min(a.word_count, b.word_count) >= kLeastWords;
      const bool copy =
          long_enough && (sim_hash_distance(a.sim_hash, b.sim_hash) <= kCopyDistance ||
                          min_hash_similarity(a, b) >= kSharedPassages);
      const bool same =
          norms[i] > 0 && norms[other] > 0 && product / (norms[i] * norms[other]) >= kSameStory;
      if (copy || same) partition.join(i, other);
    }
  }

  std::map<size_t, std::vector<size_t>> members;
  for (size_t i = 0; i < count; ++i) members[partition.find(i)].push_back(i);
  std::vector<std::vector<size_t>> stories;
  for (auto& [root, list] : members) {
    std::stable_sort(list.begin(), list.end(), [&](size_t a, size_t b) {
      return sources[a].text.size() > sources[b].text.size();
    });
    stories.push_back(std::move(list));
  }
  return stories;
}

}  // namespace myna::editing
