// Reproducible random numbers that follow from a seed alone, the same on every machine: what a
// step of training draws depends on the run's seed and the step's number, so that a run goes on
// from a checkpoint without any state of a generator.
#pragma once

#include <cmath>
#include <cstdint>
#include <string_view>

namespace myna::train {

// SplitMix64 (Steele, Lea, Flood 2014).
class Draw {
 public:
  explicit Draw(uint64_t seed) : state_(seed) { bits(); }
  Draw(uint64_t seed, uint64_t step, uint64_t stream = 0)
      : Draw(seed + 0xD1342543DE82EF95ull * (step + 1) + 0xAF251AF3B0F025B5ull * stream) {}

  uint64_t bits() {
    uint64_t value = state_ += 0x9E3779B97F4A7C15ull;
    value = (value ^ (value >> 30)) * 0xBF58476D1CE4E5B9ull;
    value = (value ^ (value >> 27)) * 0x94D049BB133111EBull;
    return value ^ (value >> 31);
  }
  // As if bits() had been called so often.
  void skip(uint64_t count) { state_ += 0x9E3779B97F4A7C15ull * count; }
  double uniform() { return static_cast<double>(bits() >> 11) * 0x1.0p-53; }
  // In [0, count), count > 0.
  uint64_t below(uint64_t count) { return bits() % count; }
  // Box-Muller.
  double gaussian() {
    const double radius = std::sqrt(-2.0 * std::log(1.0 - uniform()));
    return radius * std::cos(6.283185307179586 * uniform());
  }

 private:
  uint64_t state_;
};

// FNV-1a.
inline uint64_t hash_of(std::string_view text) {
  uint64_t hash = 0xCBF29CE484222325ull;
  for (const char c : text) hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001B3ull;
  return hash;
}

}  // namespace myna::train
