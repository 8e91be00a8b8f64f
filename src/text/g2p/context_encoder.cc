#include "text/g2p/context_encoder.h"

#include <algorithm>
#include <bit>
#include <cmath>

#include "text/g2p/integer_product.h"
#include "text/g2p/model_file.h"
#include "text/g2p/sigmoid.h"

namespace myna::text {
namespace {

constexpr float kNormEpsilon = 1e-12f;
// Numbers are rounded to whole ones up to this before a product: 768 * 127 * kWhole fits 32 bits.
constexpr float kWhole = 8191.0f;

// Sums in a fixed order, four at a time, so that SSE2 code is as good as any.
constexpr size_t kLanes = 4;
float dot(const float* a, const float* b, size_t count) {
  std::array<float, kLanes> sums{};
  for (size_t i = 0; i < count; i += kLanes) {
    for (size_t lane = 0; lane < kLanes; ++lane) sums[lane] += a[i + lane] * b[i + lane];
  }
  return (sums[0] + sums[1]) + (sums[2] + sums[3]);
}

}  // namespace

// The pieces around the word, and what they are written like.
struct ContextEncoder::Window {
  std::vector<uint16_t> pieces;
  std::vector<uint8_t> shapes;
  size_t at = 0;
};

struct ContextEncoder::Work {
  std::vector<float> x, mixed, attended, inner, scores;
  std::vector<int16_t> whole;
  std::vector<int32_t> sums;
};

ContextEncoder ContextEncoder::open(const std::filesystem::path& path) {
  ContextEncoder encoder;
  encoder.file_ = open_model_file(path);
  const SafetensorsFile& file = *encoder.file_;
  const auto floats = [&](const std::string& name, size_t count) {
    return file.values<float>(name, {count});
  };
  const auto norm = [&](const std::string& name) {
    return Norm{floats(name + ".weight", kWidth), floats(name + ".bias", kWidth)};
  };
  const auto linear = [&](const std::string& name, size_t inputs, size_t outputs) {
    return Linear{inputs, outputs,
                  file.values<int8_t>(name, {outputs / kIntegerTile, inputs / 2, kIntegerTile, 2}),
                  floats(name + ".scales", outputs), floats(name + ".bias", outputs)};
  };
  const size_t slots = file.require("piece_slots").shape()[0];
  require_model(std::has_single_bit(slots), file, "its table of pieces is no power of two");
  const auto table = file.values<int32_t>("piece_slots", {slots, 2});
  const size_t pieces = file.require("embeddings").shape()[0];
  bool has_gap = false, in_range = pieces > WordPieces::kLast;
  for (size_t slot = 0; slot < slots; ++slot) {
    has_gap |= table[2 * slot + 1] < 0;
    in_range &= table[2 * slot + 1] < static_cast<int32_t>(std::min<size_t>(pieces, 65536));
  }
  require_model(has_gap && in_range, file, "its table of pieces is damaged");
  encoder.pieces_ = WordPieces(table);
  encoder.embeddings_ = file.values<int8_t>("embeddings", {pieces, kWidth});
  encoder.embedding_scales_ = floats("embeddings.scales", pieces);
  encoder.places_ = model_floats(file, "places", {kLongest, kWidth});
  encoder.shapes_ = model_floats(file, "shapes", {kShapes, kWidth});
  encoder.norm_ = norm("norm");
  for (size_t i = 0; i < kLayers; ++i) {
    const std::string name = "layer" + std::to_string(i) + ".";
    encoder.layers_[i] = {linear(name + "mixed", kWidth, 3 * kWidth),
                          linear(name + "out", kWidth, kWidth),
                          linear(name + "up", kWidth, kInner),
                          linear(name + "down", kInner, kWidth),
                          norm(name + "norm1"),
                          norm(name + "norm2")};
  }
  std::string_view rest = model_metadata(file, "readings");
  while (!rest.empty()) {
    const size_t end = std::min(rest.find('\n'), rest.size());
    encoder.readings_.emplace_back(rest.substr(0, end));
    rest.remove_prefix(std::min(end + 1, rest.size()));
  }
  const size_t readings = encoder.readings_.size();
  encoder.head_ = file.values<int8_t>("head", {readings, kWidth});
  encoder.head_scales_ = floats("head.scales", readings);
  encoder.head_bias_ = floats("head.bias", readings);
  const auto together = floats("together", 2);
  encoder.doubt_ = together[0];
  encoder.share_ = together[1];
  return encoder;
}

ContextEncoder::Window ContextEncoder::window(const SentenceContext& context, size_t at) const {
  const TokenSpan tokens = context.tokens();
  const auto shape = [&](size_t index) { return static_cast<uint8_t>(tokens[index].shape & 3u); };
  std::vector<uint16_t> cut;
  const auto cut_token = [&](size_t index) {
    cut.clear();
    pieces_.cut(context.text(index), cut);
  };
  Window window;
  // Backwards to the word, then turned round.
  for (size_t index = at; index-- > 0 && window.pieces.size() < kReach;) {
    cut_token(index);
    for (size_t i = cut.size(); i-- > 0 && window.pieces.size() < kReach;) {
      window.pieces.push_back(cut[i]);
      window.shapes.push_back(shape(index));
    }
  }
  window.pieces.push_back(WordPieces::kFirst);
  window.shapes.push_back(0);
  std::reverse(window.pieces.begin(), window.pieces.end());
  std::reverse(window.shapes.begin(), window.shapes.end());
  window.at = window.pieces.size();
  const auto is_mark = [&](size_t index) { return tokens[index].is_mark; };
  const bool starts = at == 0 || (is_mark(at - 1) && (at == 1 || is_mark(at - 2)));
  cut_token(at);
  window.pieces.push_back(cut.empty() ? WordPieces::kUnknown : cut[0]);
  window.shapes.push_back(static_cast<uint8_t>(8 | (starts ? 4 : 0) | shape(at)));
  const size_t last = window.at + kReach;
  for (size_t index = at, i = 1;;) {
    for (; i < cut.size() && window.pieces.size() <= last; ++i) {
      window.pieces.push_back(cut[i]);
      window.shapes.push_back(shape(index));
    }
    if (++index >= tokens.size() || window.pieces.size() > last) break;
    cut_token(index);
    i = 0;
  }
  window.pieces.push_back(WordPieces::kLast);
  window.shapes.push_back(0);
  return window;
}

void ContextEncoder::normalise(const Norm& norm, std::span<float> x) {
  for (size_t row = 0; row < x.size(); row += kWidth) {
    float* values = &x[row];
    std::array<float, kLanes> sums{};
    for (size_t i = 0; i < kWidth; ++i) sums[i % kLanes] += values[i];
    const float mean = ((sums[0] + sums[1]) + (sums[2] + sums[3])) / static_cast<float>(kWidth);
    for (size_t i = 0; i < kWidth; ++i) values[i] -= mean;
    const float variance = dot(values, values, kWidth) / static_cast<float>(kWidth);
    const float scale = 1.0f / std::sqrt(variance + kNormEpsilon);
    for (size_t i = 0; i < kWidth; ++i)
      values[i] = values[i] * scale * norm.weight[i] + norm.bias[i];
  }
}

// x: rows of linear.inputs.
void ContextEncoder::apply(const Linear& linear, std::span<const float> x, Work& work,
                           std::vector<float>& out) {
  const size_t rows = x.size() / linear.inputs;
  work.whole.resize(x.size());
  work.scores.resize(rows);
  for (size_t row = 0; row < rows; ++row) {
    const float* values = &x[row * linear.inputs];
    float largest = 1e-20f;
    for (size_t i = 0; i < linear.inputs; ++i) largest = std::max(largest, std::abs(values[i]));
    const float scale = kWhole / largest;
    work.scores[row] = largest / kWhole;
    int16_t* whole = &work.whole[row * linear.inputs];
    for (size_t i = 0; i < linear.inputs; ++i) {
      const float scaled = values[i] * scale;
      whole[i] = static_cast<int16_t>(static_cast<int32_t>(scaled + (scaled < 0 ? -0.5f : 0.5f)));
    }
  }
  work.sums.resize(rows * linear.outputs);
  multiply_integers(work.whole.data(), rows, linear.inputs, linear.weights.data(),
                    linear.outputs / kIntegerTile, work.sums.data());
  out.resize(rows * linear.outputs);
  for (size_t row = 0; row < rows; ++row) {
    const size_t first = row * linear.outputs;
    for (size_t o = 0; o < linear.outputs; ++o) {
      out[first + o] =
          static_cast<float>(work.sums[first + o]) * (work.scores[row] * linear.scales[o]) +
          linear.bias[o];
    }
  }
}

// work.mixed to work.attended, for `queries` rows from `query` on.
void ContextEncoder::attend(const Layer& layer, size_t query, size_t queries, Work& work) {
  constexpr size_t kHeadWidth = kWidth / kHeads;
  const size_t stride = layer.mixed.outputs;
  const size_t rows = work.mixed.size() / stride;
  const float scale = 1.0f / std::sqrt(static_cast<float>(kHeadWidth));
  work.attended.assign(queries * kWidth, 0.0f);
  work.scores.resize(rows);
  for (size_t q = 0; q < queries; ++q) {
    for (size_t head = 0; head < kHeads; ++head) {
      const float* asked = &work.mixed[(query + q) * stride + head * kHeadWidth];
      float largest = -1e30f;
      for (size_t row = 0; row < rows; ++row) {
        const float* key = &work.mixed[row * stride + kWidth + head * kHeadWidth];
        work.scores[row] = scale * dot(asked, key, kHeadWidth);
        largest = std::max(largest, work.scores[row]);
      }
      float total = 0.0f;
      for (float& score : work.scores) total += score = exponential(score - largest);
      float* out = &work.attended[q * kWidth + head * kHeadWidth];
      for (size_t row = 0; row < rows; ++row) {
        const float weight = work.scores[row] / total;
        const float* value = &work.mixed[row * stride + 2 * kWidth + head * kHeadWidth];
        for (size_t i = 0; i < kHeadWidth; ++i) out[i] += weight * value[i];
      }
    }
  }
}

// work.x becomes the `queries` rows from `query` on, one layer further.
void ContextEncoder::run_layer(const Layer& layer, size_t query, size_t queries, Work& work) {
  apply(layer.mixed, work.x, work, work.mixed);
  attend(layer, query, queries, work);
  apply(layer.out, work.attended, work, work.inner);
  std::vector<float>& x = work.x;
  std::copy_n(x.begin() + static_cast<std::ptrdiff_t>(query * kWidth), queries * kWidth, x.begin());
  x.resize(queries * kWidth);
  for (size_t i = 0; i < x.size(); ++i) x[i] += work.inner[i];
  normalise(layer.after_attention, x);
  apply(layer.up, x, work, work.inner);
  for (float& value : work.inner) value *= sigmoid(1.702f * value);
  apply(layer.down, work.inner, work, work.attended);
  for (size_t i = 0; i < x.size(); ++i) x[i] += work.attended[i];
  normalise(layer.after_inner, x);
}

void ContextEncoder::score(const SentenceContext& context, size_t at,
                           std::span<const uint16_t> rows, std::span<float> scores) const {
  const Window around = window(context, at);
  const size_t length = around.pieces.size();
  Work work;
  work.x.resize(length * kWidth);
  for (size_t row = 0; row < length; ++row) {
    const size_t piece = around.pieces[row];
    const int8_t* embedding = &embeddings_[piece * kWidth];
    const float* place = &places_[row * kWidth];
    const float* shape = &shapes_[around.shapes[row] * kWidth];
    float* x = &work.x[row * kWidth];
    for (size_t i = 0; i < kWidth; ++i)
      x[i] = static_cast<float>(embedding[i]) * embedding_scales_[piece] + place[i] + shape[i];
  }
  normalise(norm_, work.x);
  for (size_t i = 0; i + 1 < kLayers; ++i) run_layer(layers_[i], 0, length, work);
  run_layer(layers_[kLayers - 1], around.at, 1, work);
  for (size_t i = 0; i < rows.size(); ++i) {
    std::array<float, kWidth> weights{};
    for (size_t k = 0; k < kWidth; ++k)
      weights[k] = static_cast<float>(head_[rows[i] * kWidth + k]);
    scores[i] =
        dot(work.x.data(), weights.data(), kWidth) * head_scales_[rows[i]] + head_bias_[rows[i]];
  }
}

}  // namespace myna::text
