// Which stories are told, in which order, and why: interests by BM25, recency, publisher, how many
// publishers tell it; then variety (MMR), and at most two stories a publisher.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "experiences/editing/interests.h"
#include "experiences/editing/source_text.h"

namespace myna::editing {

struct RankingOptions {
  int64_t now_s = 0;
  double half_life_h = 15;
  double max_age_h = 72;  // older stories are left out; a date in the future counts as now
  double variety = 0.3;   // 1 - lambda of MMR
  size_t most_by_origin = 2;
};

struct RankedStory {
  std::vector<size_t> sources;  // indices; the one that leads first
  double score = 0;
  std::string section;  // of the interests; empty: none
  std::string why;      // for people: "3 publishers; matches 'tide gates'; 2 hours old"
};

struct LeftOutStory {
  size_t source = 0;
  std::string why;  // "muted: 'gossip'", "older than 72 hours"
};

struct Ranking {
  std::vector<RankedStory> stories;  // best first
  std::vector<LeftOutStory> left_out;
};

Ranking rank_stories(std::span<const SourceText> sources,
                     const std::vector<std::vector<size_t>>& clusters, const Interests& interests,
                     const RankingOptions& options);

}  // namespace myna::editing
