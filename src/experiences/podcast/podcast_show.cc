#include "experiences/podcast/podcast_show.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <numeric>
#include <span>

#include "experiences/podcast/conversation.h"
#include "experiences/podcast/passages.h"

namespace myna::podcast {
namespace {

constexpr std::array<std::string_view, 4> kFormatNames = {"deep-dive", "brief", "debate",
                                                          "interview"};
constexpr double kSection_s = 32;  // the least that is worth going to a section for
constexpr double kOver = 1.01;     // the most that a plan may be longer than asked

class Planner {
 public:
  Planner(const Outline& outline, const SentenceTagger& tagger, const PodcastOptions& options)
      : outline_(outline),
        options_(options),
        conversation_(outline, tagger, options),
        target_s_(options.minutes * 60 - options.music_s),
        chosen_(outline.parts.size()) {}

  PodcastPlan plan() {
    PodcastPlan plan;
    collect();
    fill();
    extend();
    const bool anything =
        std::any_of(chosen_.begin(), chosen_.end(), [](const auto& part) { return !part.empty(); });
    if (anything) plan.script = conversation_.write(ordered(), options_.rewriter);
    plan.estimated_s = script::estimate_s(plan.script, options_.pace) + options_.music_s;
    plan.short_of_material = plan.estimated_s < 0.95 * options_.minutes * 60;
    plan.coverage = coverage();
    return plan;
  }

 private:
  // The passages of each part in the order in which they are wanted. A section is worth telling
  // only with some sentences: of many sections those are taken that have most to say, first one
  // passage of each, then more by their size; the others wait.
  void collect() {
    for (const OutlinePart& part : outline_.parts) {
      std::vector<std::vector<Passage>> of_section;
      for (const size_t section : part.sections)
        of_section.push_back(find_passages(outline_, section));
      std::vector<size_t> order(of_section.size());
      std::iota(order.begin(), order.end(), size_t{0});
      // What a document begins with says what it is about.
      const auto worth = [&](size_t i) {
        return best_score(of_section[i]) + (part.sections[i] == 0 ? 1.0 : 0.0);
      };
      std::stable_sort(order.begin(), order.end(),
                       [&](size_t a, size_t b) { return worth(a) > worth(b); });
      const auto room =
          static_cast<size_t>(std::max(1.0, std::floor(part.weight * target_s_ / kSection_s)));
      std::vector<Passage> pool;
      for (size_t begin = 0; begin < order.size(); begin += room) {
        const size_t end = std::min(order.size(), begin + room);
        add_by_size(part, of_section, std::span(order).subspan(begin, end - begin), pool);
      }
      if (options_.format == TalkFormat::kDebate) pool = claims_and_answers(pool);
      pools_.push_back(std::move(pool));
    }
  }

  // A debate wants an answer to each claim, as far as there are any.
  static std::vector<Passage> claims_and_answers(const std::vector<Passage>& pool) {
    std::vector<Passage> claims;
    std::vector<Passage> answers;
    for (const Passage& passage : pool) (passage.against ? answers : claims).push_back(passage);
    std::vector<Passage> both;
    for (size_t i = 0; i < std::max(claims.size(), answers.size()); ++i) {
      if (i < claims.size()) both.push_back(claims[i]);
      if (i < answers.size()) both.push_back(answers[i]);
    }
    return both;
  }

  static double best_score(const std::vector<Passage>& passages) {
    return passages.empty() ? -1 : passages.front().score;
  }

  void add_by_size(const OutlinePart& part, const std::vector<std::vector<Passage>>& of_section,
                   std::span<const size_t> group, std::vector<Passage>& pool) const {
    std::vector<size_t> next(of_section.size());
    std::vector<double> told(of_section.size());
    while (true) {
      size_t best = of_section.size();
      double least = 0;
      for (const size_t i : group) {
        if (next[i] >= of_section[i].size()) continue;
        const double size =
            std::sqrt(static_cast<double>(outline_.sections[part.sections[i]].word_count) + 20);
        const double value = (told[i] + 20) / size;
        if (best == of_section.size() || value < least) {
          least = value;
          best = i;
        }
      }
      if (best == of_section.size()) return;
      const Passage& passage = of_section[best][next[best]++];
      told[best] += static_cast<double>(passage_words(outline_, passage));
      pool.push_back(passage);
    }
  }

  double passage_s(const Passage& passage) const {
    double seconds = 2.5;  // the question before it
    for (size_t i = passage.first; i <= passage.last; ++i) {
      for (const std::string& text : outline_.sections[passage.section].sentences[i].spoken)
        seconds += static_cast<double>(text.size()) * options_.pace.seconds_per_byte +
                   options_.pace.sentence_gap_s;
    }
    return seconds;
  }

  double total_s() { return script::estimate_s(conversation_.write(ordered()), options_.pace); }

  // Passages for the part that has least of what it may have, until the time is full.
  void fill() {
    std::vector<size_t> next(pools_.size());
    std::vector<double> told_s(pools_.size());
    size_t misses = 0;
    while (misses < 40) {
      size_t best = pools_.size();
      double least = 0;
      for (size_t part = 0; part < pools_.size(); ++part) {
        if (next[part] >= pools_[part].size()) continue;
        const double value = (told_s[part] + 4) / outline_.parts[part].weight;
        if (best == pools_.size() || value < least) {
          least = value;
          best = part;
        }
      }
      if (best == pools_.size()) return;
      Passage passage = pools_[best][next[best]++];
      if (repeats(passage)) continue;
      // The beginning of a passage that is too long may still fit, or else a shorter one.
      bool fits = false;
      while (true) {
        chosen_[best].push_back(passage);
        fits = total_s() <= target_s_ * kOver;
        if (fits || passage.last == passage.first) break;
        chosen_[best].pop_back();
        --passage.last;
        if (passage_words(outline_, passage) < kMinPassageWords) break;
      }
      if (!fits) {
        if (!chosen_[best].empty() && chosen_[best].back() == passage) chosen_[best].pop_back();
        ++misses;
        continue;
      }
      told_s[best] += passage_s(passage);
    }
  }

  // What was said in another section is not said again.
  bool repeats(const Passage& passage) const {
    const OutlineSection& own = outline_.sections[passage.section];
    for (const auto& part : chosen_) {
      for (const Passage& other : part) {
        const OutlineSection& section = outline_.sections[other.section];
        for (size_t i = passage.first; i <= passage.last; ++i) {
          for (size_t j = other.first; j <= other.last; ++j) {
            if (editing::word_overlap(own.source.sentences[i].words,
                                      section.source.sentences[j].words) >= 0.45)
              return true;
          }
        }
      }
    }
    return false;
  }

  // Single sentences behind passages take the time that is left.
  void extend() {
    double total = total_s();
    for (auto& part : chosen_) {
      for (size_t number = 0; number < part.size(); ++number) {
        if (total > target_s_ * 0.99) return;
        Passage& passage = part[number];
        const OutlineSection& section = outline_.sections[passage.section];
        const size_t next = passage.last + 1;
        if (next >= section.sentences.size() || section.sentences[next].spoken.empty() ||
            section.sentences[next].opens_paragraph)
          continue;
        const bool taken = std::any_of(part.begin(), part.end(), [&](const Passage& other) {
          return other.section == passage.section && other.first <= next && next <= other.last;
        });
        if (taken) continue;
        ++passage.last;
        const double longer = total_s();
        if (longer > target_s_ * kOver ||
            passage_words(outline_, passage) > kMaxPassageWords + 20) {
          --passage.last;
        } else {
          total = longer;
        }
      }
    }
  }

  // In the order of the document; a debate puts an answer behind each claim.
  std::vector<std::vector<Passage>> ordered() const {
    std::vector<std::vector<Passage>> parts = chosen_;
    for (std::vector<Passage>& part : parts) {
      std::sort(part.begin(), part.end(), [](const Passage& a, const Passage& b) {
        return a.section != b.section ? a.section < b.section : a.first < b.first;
      });
      if (options_.format != TalkFormat::kDebate) continue;
      part = claims_and_answers(part);
    }
    return parts;
  }

  std::vector<SectionCoverage> coverage() const {
    std::vector<SectionCoverage> coverage;
    for (size_t i = 0; i < outline_.sections.size(); ++i) {
      const OutlineSection& section = outline_.sections[i];
      SectionCoverage one{section.title, section.sentences.size() - 1, 0};
      for (const auto& part : chosen_) {
        for (const Passage& passage : part) {
          if (passage.section == i) one.told += passage.last - passage.first + 1;
        }
      }
      coverage.push_back(std::move(one));
    }
    return coverage;
  }

  const Outline& outline_;
  const PodcastOptions& options_;
  Conversation conversation_;
  double target_s_;
  std::vector<std::vector<Passage>> pools_;
  std::vector<std::vector<Passage>> chosen_;
};

}  // namespace

std::string_view talk_format_name(TalkFormat format) {
  return kFormatNames.at(static_cast<size_t>(format));
}

std::optional<TalkFormat> parse_talk_format(std::string_view name) {
  const auto* const found = std::find(kFormatNames.begin(), kFormatNames.end(), name);
  if (found == kFormatNames.end()) return std::nullopt;
  return static_cast<TalkFormat>(found - kFormatNames.begin());
}

double default_minutes(TalkFormat format) { return format == TalkFormat::kBrief ? 3 : 6; }

size_t part_count_for(TalkFormat format, double minutes) {
  const double part_minutes = format == TalkFormat::kBrief ? 1.0 : 1.35;
  return static_cast<size_t>(std::clamp(std::lround(minutes / part_minutes), 1L, 10L));
}

PodcastPlan plan_podcast(const Outline& outline, const SentenceTagger& tagger,
                         const PodcastOptions& options) {
  return Planner(outline, tagger, options).plan();
}

}  // namespace myna::podcast
