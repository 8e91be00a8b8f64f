#include "text/g2p/part_of_speech.h"

#include <bit>

#include "base/error.h"
#include "text/g2p/model_file.h"
#include "weights/safetensors.h"

namespace myna::text {

Tagger Tagger::open(const std::filesystem::path& path) {
  Tagger tagger;
  tagger.file_ = open_model_file(path);
  const auto table = [&](const char* name) {
    const size_t buckets = tagger.file_->require(name).shape()[0];
    const auto rows = tagger.file_->values<int8_t>(name, {buckets, kRowSize});
    require_model(std::has_single_bit(buckets) && buckets <= size_t{1} << 30, *tagger.file_,
                  "its table's size is not a power of two");
    return Table{rows.data(), static_cast<uint32_t>(buckets - 1)};
  };
  tagger.first_ = table("first");
  tagger.second_ = table("second");
  return tagger;
}

uint8_t Tagger::best_tag(const Table& table, std::span<const uint32_t> features) {
  int16_t sums[kRowSize] = {};
  for (const uint32_t feature : features) {
    const int8_t* row = table.rows + size_t{feature & table.mask} * kRowSize;
    for (size_t i = 0; i < kRowSize; ++i) sums[i] = static_cast<int16_t>(sums[i] + row[i]);
  }
  size_t best = 1;
  for (size_t i = 2; i < kPartOfSpeechCount; ++i) {
    if (sums[i] > sums[best]) best = i;
  }
  return static_cast<uint8_t>(best);
}

void Tagger::tag(TokenSpan tokens, std::vector<uint8_t>& tags) const {
  std::vector<uint32_t> features;
  features.reserve(tokens.size() * kWordFeatures + kTagFeatures);
  for (size_t at = 0; at < tokens.size(); ++at) append_word_features(tokens, at, features);
  const std::span all(features);
  std::vector<uint8_t> guesses(tokens.size());
  for (size_t at = 0; at < tokens.size(); ++at) {
    guesses[at] = best_tag(first_, all.subspan(at * kWordFeatures, kWordFeatures));
  }
  tags.resize(tokens.size());
  std::vector<uint32_t> both;
  both.reserve(kWordFeatures + kTagFeatures);
  for (size_t at = 0; at < tokens.size(); ++at) {
    const auto words = features.begin() + static_cast<std::ptrdiff_t>(at * kWordFeatures);
    both.assign(words, words + kWordFeatures);
    append_tag_features(tokens, guesses, at, both);
    tags[at] = best_tag(second_, both);
  }
}

}  // namespace myna::text
