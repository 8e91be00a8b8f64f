// A small Transformer that reads the words around a homograph and scores its readings, for where
// the log-linear model is in doubt. docs/models/pronunciation.md specifies it;
// tools/training/homograph_encoder.py is the same in PyTorch. Gives the same bits on every
// processor.
#pragma once

#include <array>
#include <filesystem>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "text/g2p/part_of_speech.h"
#include "text/g2p/word_pieces.h"

namespace myna::text {

// Immutable after open(); safe from many threads.
class ContextEncoder {
 public:
  // Throws Error kUnavailable or kCorruptData.
  static ContextEncoder open(const std::filesystem::path& path);

  // The names of the readings that it knows, a row of its last matrix each.
  const std::vector<std::string>& readings() const { return readings_; }
  // When the log-linear model's best reading leads by less than this, the encoder is asked.
  float doubt() const { return doubt_; }
  // What the log-linear model's scores count beside the encoder's.
  float share() const { return share_; }

  // scores[i]: that of reading `rows[i]` for the token at `at`, in nats. About a millisecond.
  void score(const SentenceContext& context, size_t at, std::span<const uint16_t> rows,
             std::span<float> scores) const;

 private:
  static constexpr size_t kWidth = 384;
  static constexpr size_t kInner = 768;
  static constexpr size_t kHeads = 12;
  static constexpr size_t kLayers = 3;
  static constexpr size_t kReach = 12;  // pieces to either side of the word's first one
  static constexpr size_t kShapes = 16;
  static constexpr size_t kLongest = 2 * kReach + 3;

  struct Norm {
    std::span<const float> weight, bias;
  };
  // 8-bit weights as multiply_integers() wants them; a scale and a bias an output.
  struct Linear {
    size_t inputs = 0, outputs = 0;
    std::span<const int8_t> weights;
    std::span<const float> scales, bias;
  };
  struct Layer {
    Linear mixed, out, up, down;  // mixed: query, key and value
    Norm after_attention, after_inner;
  };
  struct Window;
  struct Work;

  Window window(const SentenceContext& context, size_t at) const;
  static void apply(const Linear& linear, std::span<const float> x, Work& work,
                    std::vector<float>& out);
  static void attend(const Layer& layer, size_t query, size_t queries, Work& work);
  static void run_layer(const Layer& layer, size_t query, size_t queries, Work& work);
  static void normalise(const Norm& norm, std::span<float> x);

  std::shared_ptr<const SafetensorsFile> file_;  // holds the map that everything lies in
  WordPieces pieces_;
  std::span<const int8_t> embeddings_;       // [pieces, kWidth]
  std::span<const float> embedding_scales_;  // [pieces]
  std::vector<float> places_, shapes_;       // [kLongest, kWidth], [kShapes, kWidth]
  Norm norm_;
  std::array<Layer, kLayers> layers_;
  std::span<const int8_t> head_;  // [readings, kWidth]
  std::span<const float> head_scales_, head_bias_;
  std::vector<std::string> readings_;
  float doubt_ = 0, share_ = 0;
};

}  // namespace myna::text
