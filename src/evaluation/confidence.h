// How sure a share or a mean of a sample is.
#pragma once

#include <cstddef>
#include <span>

namespace myna::evaluation {

struct Interval {
  double value = 0;
  double low = 0, high = 0;  // 95 %
};

// Wilson's score interval (1927) of `hits` of `count`. count 0: 0 to 1.
Interval share_interval(size_t hits, size_t count);

// Of a ratio of sums, sum(above) / sum(below), over independent pieces, by 2000 bootstrap samples
// from a fixed seed. Both have the same length.
Interval ratio_interval(std::span<const double> above, std::span<const double> below);

}  // namespace myna::evaluation
