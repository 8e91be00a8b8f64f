#include "text/g2p/spelling_model.h"

#include <algorithm>
#include <bit>
#include <charconv>
#include <functional>

#include "base/utf8.h"
#include "text/g2p/model_file.h"

namespace myna::text {
namespace {

constexpr std::string_view kLetters = "abcdefghijklmnopqrstuvwxyz'";
constexpr size_t kMaxHidden = 4096;

// "ˈA|n||t": the chunks in the order of the output.
std::vector<PhonemeString> parse_chunks(const std::string& text) {
  std::vector<PhonemeString> chunks(1);
  for (const char32_t symbol : to_utf32(text)) {
    if (symbol == U'|') {
      chunks.emplace_back();
    } else {
      chunks.back().push_back(static_cast<char16_t>(symbol));
    }
  }
  return chunks;
}

SpellingGrams open_grams(const SafetensorsFile& file) {
  const size_t size = file.require("grams").shape()[0];
  const auto slots = file.values<int32_t>("grams", {size});
  // Without an empty slot a search would not end.
  require_model(std::has_single_bit(size) && size <= size_t{1} << 30 &&
                    std::find(slots.begin(), slots.end(), 0) != slots.end(),
                file, "its grams have no room");
  const std::string& text = model_metadata(file, "gram_order");
  size_t order = 0;
  std::from_chars(text.data(), text.data() + text.size(), order);
  require_model(order >= 2 && order <= SpellingGrams::kMaxOrder, file,
                "its grams have an impossible length");
  const auto settings = file.values<float>("gram_settings", {2});
  return {slots, {order, settings[0], settings[1]}};
}

}  // namespace

SpellingModel SpellingModel::open(const std::filesystem::path& path) {
  SpellingModel model;
  model.file_ = open_model_file(path);
  const SafetensorsFile& file = *model.file_;
  model.chunks_ = parse_chunks(model_metadata(file, "chunks"));
  for (const PhonemeString& chunk : model.chunks_)
    model.is_stressed_.push_back(contains_symbol(chunk, kPrimaryStress));
  const TensorView sample = file.require("forward.recurrent1");
  const size_t hidden = sample.shape().rank() == 2 ? sample.shape()[0] : 0;
  require_model(hidden > 0 && hidden % 8 == 0 && hidden <= kMaxHidden, file,
                "its layers have an impossible size");
  model.hidden_ = hidden;
  const auto matrix = [&](const std::string& name, size_t inputs, size_t outputs) {
    return PackedMatrix(model_floats(file, name, {inputs, outputs}), inputs, outputs);
  };
  for (size_t d = 0; d < 2; ++d) {
    const std::string name = d == 0 ? "forward." : "backward.";
    Direction& direction = model.directions_[d];
    direction.letters = model_floats(file, name + "letters", {kLetters.size(), 4 * hidden});
    direction.capital = model_floats(file, name + "capital", {2, 4 * hidden});
    direction.recurrent1 = matrix(name + "recurrent1", hidden, 4 * hidden);
    direction.input2 = matrix(name + "input2", 2 * hidden, 4 * hidden);
    direction.bias2 = model_floats(file, name + "bias2", {4 * hidden});
    direction.recurrent2 = matrix(name + "recurrent2", hidden, 4 * hidden);
  }
  const size_t chunks = model.chunks_.size();
  for (size_t d = 0; d < 2; ++d) {
    const std::string name = d == 0 ? "american." : "british.";
    Output& output = model.outputs_[d];
    output.weight = matrix(name + "weight", 2 * hidden, chunks);
    output.bias = model_floats(file, name + "bias", {chunks});
    output.bias.resize(output.weight.padded_outputs());
  }
  model.grams_ = open_grams(file);
  const auto stressed = std::count(model.is_stressed_.begin(), model.is_stressed_.end(), 1);
  require_model(
      chunks <= SpellingGrams::kMaxChunks && stressed > 0 && static_cast<size_t>(stressed) < chunks,
      file, "its chunks are too many, or none has the main stress");
  return model;
}

namespace {

// Runs one direction over the gates of all letters, already with their inputs' part. gates:
// [count, 4 * hidden]; out: [count, 2 * hidden], of which this direction fills one half.
void run_direction(bool backward, const PackedMatrix& recurrent, size_t count, size_t hidden,
                   std::vector<float>& gates, std::vector<float>& cell, float* out) {
  std::fill(cell.begin(), cell.end(), 0.0f);
  const float* before = nullptr;
  for (size_t step = 0; step < count; ++step) {
    const size_t at = backward ? count - 1 - step : step;
    float* gate = &gates[at * 4 * hidden];
    if (before != nullptr) multiply_add(before, 0, 1, recurrent, gate, 0);
    float* state = out + at * 2 * hidden + (backward ? hidden : 0);
    lstm_step(gate, hidden, cell.data(), state);
    before = state;
  }
}

}  // namespace

void SpellingModel::read(std::string_view letters, Case letter_case, Dialect dialect,
                         PhonemeString& out) const {
  std::vector<size_t> indices;
  char before = 0;
  for (const char letter : letters.substr(0, kMaxLetters)) {
    // Zelenskyy: no word to learn from has a double y.
    if (letter == 'y' && before == 'y') continue;
    before = letter;
    if (const size_t index = kLetters.find(letter); index != std::string_view::npos)
      indices.push_back(index);
  }
  if (indices.empty()) return;
  const size_t count = indices.size();
  std::vector<float> gates(count * 4 * hidden_), cell(hidden_);
  std::vector<float> first(count * 2 * hidden_), second(count * 2 * hidden_);
  for (size_t d = 0; d < 2; ++d) {
    const Direction& direction = directions_[d];
    const float* shared = &direction.capital[letter_case == Case::kCapital ? 4 * hidden_ : 0];
    for (size_t i = 0; i < count; ++i) {
      const float* letter = &direction.letters[indices[i] * 4 * hidden_];
      std::transform(letter, letter + 4 * hidden_, shared, &gates[i * 4 * hidden_], std::plus<>());
    }
    run_direction(d == 1, direction.recurrent1, count, hidden_, gates, cell, first.data());
  }
  for (size_t d = 0; d < 2; ++d) {
    const Direction& direction = directions_[d];
    for (size_t i = 0; i < count; ++i)
      std::copy(direction.bias2.begin(), direction.bias2.end(), &gates[i * 4 * hidden_]);
    multiply_add(first.data(), 2 * hidden_, count, direction.input2, gates.data(), 4 * hidden_);
    run_direction(d == 1, direction.recurrent2, count, hidden_, gates, cell, second.data());
  }
  const Output& output = outputs_[dialect == Dialect::kBritish];
  const size_t width = output.weight.padded_outputs();
  std::vector<float> scores(count * width);
  for (size_t i = 0; i < count; ++i)
    std::copy(output.bias.begin(), output.bias.end(), &scores[i * width]);
  multiply_add(second.data(), 2 * hidden_, count, output.weight, scores.data(), width);
  std::vector<size_t> picked;
  grams_.choose(indices, scores, width, is_stressed_, dialect, picked);
  for (const size_t chunk : picked) out += chunks_[chunk];
}

}  // namespace myna::text
