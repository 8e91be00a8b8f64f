#include "text/g2p/spelling_grams.h"

#include <algorithm>
#include <limits>

#include "text/g2p/context_features.h"

namespace myna::text {
namespace {

constexpr uint32_t kStart = 0xFFFF, kEnd = 0xFFFE;
constexpr uint32_t kTemplate = 300;    // and 301 for British
constexpr float kStep = 1.0f / 16.0f;  // of a nat, in a slot's bytes
constexpr int32_t kUnseen = -255;
constexpr size_t kCandidates = 5;  // chunks of a letter
constexpr size_t kBeam = 5;        // hypotheses with the main stress, and as many without

struct Candidate {
  float score;
  uint32_t chunk;
};

// The best chunks of a letter, one with and one without the main stress among them.
void pick_candidates(std::span<const float> scores, std::span<const uint8_t> is_stressed,
                     float window, std::vector<Candidate>& out) {
  Candidate best[2] = {{-std::numeric_limits<float>::infinity(), 0},
                       {-std::numeric_limits<float>::infinity(), 0}};
  for (uint32_t c = 0; c < is_stressed.size(); ++c) {
    Candidate& other = best[is_stressed[c]];
    if (scores[c] > other.score) other = {scores[c], c};
  }
  const float top = std::max(best[0].score, best[1].score);
  out.clear();
  for (uint32_t c = 0; c < is_stressed.size(); ++c) {
    if (scores[c] > top - window) out.push_back({scores[c], c});
  }
  std::sort(out.begin(), out.end(),
            [](const Candidate& a, const Candidate& b) { return a.score > b.score; });
  if (out.size() > kCandidates) out.resize(kCandidates);
  for (const Candidate& one : best) {
    if (std::none_of(out.begin(), out.end(), [&](const Candidate& other) {
          return is_stressed[other.chunk] == is_stressed[one.chunk];
        }))
      out.push_back(one);
  }
  for (Candidate& one : out) one.score -= top;
}

}  // namespace

SpellingGrams::SpellingGrams(std::span<const int32_t> slots, Settings settings)
    : slots_(slots), mask_(static_cast<uint32_t>(slots.size() - 1)), settings_(settings) {}

// The slot's bits, 0 when it is not there. Only 16 bits of the hash are compared: one gram in
// thousands is taken for another.
uint32_t SpellingGrams::find(uint32_t hash) const {
  const uint32_t tag = std::max(hash >> 16, 1u);
  for (uint32_t slot = hash & mask_;; slot = (slot + 1) & mask_) {
    const auto value = static_cast<uint32_t>(slots_[slot]);
    if (value == 0 || value >> 16 == tag) return value;
  }
}

void SpellingGrams::measure_contexts(Hypothesis& hypothesis, uint32_t start) const {
  std::array<int32_t, kMaxOrder> weights{};
  const size_t longest = std::min<size_t>(settings_.order - 1, hypothesis.length);
  uint32_t hash = start;
  size_t count = 0;
  for (; count < longest; ++count) {
    hash = mix_features(hash, hypothesis.tokens[count] + 1);
    const uint32_t value = find(hash);
    if (value == 0) break;
    weights[count] = static_cast<int32_t>(value & 255u) - 128;
  }
  hypothesis.contexts = count;
  hypothesis.fallback[count] = 0;
  for (size_t n = count; n-- > 0;) hypothesis.fallback[n] = hypothesis.fallback[n + 1] + weights[n];
}

// Log p of the token after the hypothesis, from the longest gram that the table has.
float SpellingGrams::score(const Hypothesis& hypothesis, uint32_t start, uint32_t token) const {
  uint32_t hash = mix_features(start, token + 1);
  int32_t result = kUnseen;
  size_t n = 0;
  for (uint32_t value = find(hash); value != 0; value = find(hash)) {
    result = -static_cast<int32_t>(value >> 8 & 255u);
    ++n;
    if (n > hypothesis.contexts) break;
    hash = mix_features(hash, hypothesis.tokens[n - 1] + 1);
  }
  return kStep * static_cast<float>(result + hypothesis.fallback[n > 0 ? n - 1 : 0]);
}

// Of hypotheses that go on alike the best one; of these the best few, those without stress first.
size_t SpellingGrams::keep_best(std::vector<Hypothesis>& hypotheses) const {
  std::sort(hypotheses.begin(), hypotheses.end(), [](const Hypothesis& a, const Hypothesis& b) {
    return a.has_stress != b.has_stress ? b.has_stress : a.score > b.score;
  });
  const size_t context = settings_.order - 1;
  size_t kept = 0, of_kind[2] = {0, 0};
  for (size_t i = 0; i < hypotheses.size(); ++i) {
    const Hypothesis& one = hypotheses[i];
    size_t& count = of_kind[one.has_stress];
    if (count == kBeam) continue;
    const auto same = [&](const Hypothesis& other) {
      return one.has_stress == other.has_stress && one.length == other.length &&
             std::equal(one.tokens.begin(),
                        one.tokens.begin() +
                            static_cast<std::ptrdiff_t>(std::min<size_t>(context, one.length)),
                        other.tokens.begin());
    };
    if (std::any_of(hypotheses.begin(), hypotheses.begin() + static_cast<std::ptrdiff_t>(kept),
                    same))
      continue;
    ++count;
    hypotheses[kept++] = one;
  }
  return kept;
}

void SpellingGrams::choose(std::span<const size_t> letters, std::span<const float> scores,
                           size_t width, std::span<const uint8_t> is_stressed, Dialect dialect,
                           std::vector<size_t>& chunks) const {
  const uint32_t start = kTemplate + (dialect == Dialect::kBritish);
  std::vector<Hypothesis> beam(1), next;
  std::vector<Trace> traces;
  std::vector<Candidate> candidates;
  beam[0].tokens[0] = kStart;
  beam[0].length = 1;
  for (size_t i = 0; i < letters.size(); ++i) {
    pick_candidates(scores.subspan(i * width, is_stressed.size()), is_stressed, settings_.window,
                    candidates);
    next.clear();
    for (Hypothesis& one : beam) {
      measure_contexts(one, start);
      for (const Candidate& candidate : candidates) {
        const bool stressed = is_stressed[candidate.chunk] != 0;
        if (stressed && one.has_stress) continue;
        const auto token = static_cast<uint32_t>(letters[i] << 8 | candidate.chunk);
        Hypothesis& longer = next.emplace_back();
        longer.score = one.score + candidate.score + settings_.strength * score(one, start, token);
        longer.has_stress = one.has_stress || stressed;
        longer.trace = static_cast<int32_t>(traces.size());
        traces.push_back({one.trace, candidate.chunk});
        longer.length = std::min<uint32_t>(one.length + 1, kMaxOrder);
        longer.tokens[0] = token;
        std::copy_n(one.tokens.begin(), longer.length - 1, longer.tokens.begin() + 1);
      }
    }
    next.resize(keep_best(next));
    beam.swap(next);
  }
  const Hypothesis* best = nullptr;
  for (Hypothesis& one : beam) {
    measure_contexts(one, start);
    one.score += settings_.strength * score(one, start, kEnd);
    if (one.has_stress && (best == nullptr || one.score > best->score)) best = &one;
  }
  chunks.assign(letters.size(), 0);
  int32_t trace = best == nullptr ? -1 : best->trace;
  for (size_t i = letters.size(); i-- > 0 && trace >= 0;) {
    chunks[i] = traces[static_cast<size_t>(trace)].chunk;
    trace = traces[static_cast<size_t>(trace)].before;
  }
}

}  // namespace myna::text
