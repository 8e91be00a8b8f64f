#include "evaluation/confidence.h"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <random>
#include <vector>

namespace myna::evaluation {

Interval share_interval(size_t hits, size_t count) {
  if (count == 0) return {0, 0, 1};
  constexpr double kZ = 1.959963984540054;
  const auto n = static_cast<double>(count);
  const double share = static_cast<double>(hits) / n;
  const double scale = 1 + kZ * kZ / n;
  const double middle = (share + kZ * kZ / (2 * n)) / scale;
  const double half = kZ / scale * std::sqrt(share * (1 - share) / n + kZ * kZ / (4 * n * n));
  return {share, std::max(0.0, middle - half), std::min(1.0, middle + half)};
}

Interval ratio_interval(std::span<const double> above, std::span<const double> below) {
  const auto ratio = [](double a, double b) { return b != 0 ? a / b : 0; };
  Interval interval;
  interval.value = ratio(std::accumulate(above.begin(), above.end(), 0.0),
                         std::accumulate(below.begin(), below.end(), 0.0));
  interval.low = interval.high = interval.value;
  if (above.size() < 2) return interval;
  std::mt19937_64 random(1);
  std::vector<double> samples;
  for (int sample = 0; sample < 2000; ++sample) {
    double a = 0, b = 0;
    for (size_t i = 0; i < above.size(); ++i) {
      const size_t pick = random() % above.size();
      a += above[pick];
      b += below[pick];
    }
    samples.push_back(ratio(a, b));
  }
  std::sort(samples.begin(), samples.end());
  interval.low = samples[samples.size() * 25 / 1000];
  interval.high = samples[samples.size() * 975 / 1000];
  return interval;
}

}  // namespace myna::evaluation
