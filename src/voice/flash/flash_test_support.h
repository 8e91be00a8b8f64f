// A small Flash model for tests: weights by the formula of tools/golden/make_flash_goldens.py, and
// a model package of them.
#pragma once

#include <cmath>
#include <cstdint>
#include <deque>
#include <filesystem>
#include <fstream>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "base/file.h"
#include "base/sha256.h"
#include "ops/backend.h"
#include "ops/signal_math.h"
#include "tests/support/temporary_directory.h"
#include "voice/flash/flash_sizes.h"
#include "weights/safetensors.h"

namespace myna::voice::flash {

inline FlashSizes small_sizes() {
  FlashSizes sizes;
  sizes.speaker_channels = 8;
  sizes.text = {24, 2, 9, 48};
  sizes.prosody = {16, 2, 9, 32};
  sizes.decoder = {32, 2, 7, 40};
  sizes.harmonic_points = 16;
  sizes.speakers = {"af_heart", "am_michael", "bf_emma"};
  return sizes;
}

// In [-1, 1), from the name and the place.
inline double formula(uint32_t key, uint32_t place) {
  const uint32_t bits = ops::mix_bits32(key + place * 0x9E3779B9u) >> 8;
  return static_cast<double>(bits) / 8388608.0 - 1;
}
inline uint32_t formula_key(std::string_view name) {
  uint32_t key = 2166136261u;
  for (const char c : name) key = (key ^ static_cast<uint8_t>(c)) * 16777619u;
  return key;
}

class SmallWeights {
 public:
  SmallWeights() {
    const FlashSizes sizes = small_sizes();
    const size_t text = sizes.text.channels;
    condition_ = sizes.condition();
    draw("text.embedding", {178, text}, 1.7);
    draw("speakers", {sizes.speakers.size(), sizes.speaker_channels}, 1.7);
    draw("speaker_lengths", {sizes.speakers.size(), sizes.speaker_channels}, 0.5);
    draw_blocks("text.blocks", sizes.text);
    draw_blocks("duration.blocks", {text, 1, sizes.text.kernel, sizes.text.hidden});
    draw_linear("duration.out", text, 1, 0.3);
    shift("duration.out.bias", 0, 1, 2.3f);
    draw_linear("prosody.in", text + 2, sizes.prosody.channels, 1);
    draw_blocks("prosody.blocks", sizes.prosody);
    draw_linear("prosody.out", sizes.prosody.channels, 3, 0.5);
    draw_linear("decoder.in", sizes.decoder_inputs(), sizes.decoder.channels, 1);
    draw_blocks("decoder.blocks", sizes.decoder);
    const ops::SourceFilterSpec vocoder = sizes.vocoder();
    draw_linear("decoder.head", sizes.decoder.channels, vocoder.channels(), 0.5);
    for (size_t w = 0; w < vocoder.windows; ++w) {
      const size_t begin = w * vocoder.window_channels(), end = begin + vocoder.window_channels();
      shift("decoder.head.bias", begin, begin + vocoder.harmonics(), -2);
      shift("decoder.head.bias", begin + 2 * vocoder.harmonics(), end, -4);
    }
  }

  std::vector<float>& values(const std::string& name) {
    for (Tensor& tensor : tensors_) {
      if (tensor.name == name) return tensor.values;
    }
    throw Error(ErrorCode::kInternal, "no tensor " + name);
  }
  // As if the file had never had it.
  void remove(const std::string& name) {
    std::erase_if(tensors_, [&](const Tensor& tensor) { return tensor.name == name; });
  }
  void write(const std::filesystem::path& path) const {
    std::vector<NamedTensor> named;
    for (const Tensor& tensor : tensors_) {
      named.push_back({tensor.name,
                       TensorView::of<float>(std::span<const float>(tensor.values), tensor.shape)});
    }
    write_safetensors(path, named);
  }

 private:
  struct Tensor {
    std::string name;
    Shape shape;
    std::vector<float> values;
  };

  void draw(const std::string& name, const Shape& shape, double gain) {
    Tensor& tensor = tensors_.emplace_back(Tensor{name, shape, {}});
    size_t count = 1;
    for (size_t i = 0; i < shape.rank(); ++i) count *= shape[i];
    const uint32_t key = formula_key(name);
    for (uint32_t i = 0; i < count; ++i) {
      tensor.values.push_back(static_cast<float>(gain * formula(key, i)));
    }
  }
  void draw_linear(const std::string& name, size_t in, size_t out, double gain) {
    draw(name + ".weight", {out, in}, gain * std::sqrt(3.0 / static_cast<double>(in)));
    draw(name + ".bias", {out}, 0.1);
  }
  void draw_blocks(const std::string& name, const StackSize& size) {
    for (size_t i = 0; i < size.blocks; ++i) {
      const std::string block = name + "." + std::to_string(i);
      draw(block + ".depthwise.weight", {size.kernel, size.channels},
           std::sqrt(3.0 / static_cast<double>(size.kernel)));
      draw(block + ".depthwise.bias", {size.channels}, 0.1);
      draw_linear(block + ".film", condition_, 2 * size.channels, 0.3);
      draw_linear(block + ".up", size.channels, size.hidden, 1);
      draw_linear(block + ".down", size.hidden, size.channels, 1);
    }
  }
  void shift(const std::string& name, size_t begin, size_t end, float by) {
    std::vector<float>& changed = values(name);
    for (size_t i = begin; i < end; ++i) changed[i] += by;
  }

  size_t condition_ = 0;
  std::deque<Tensor> tensors_;
};

inline constexpr const char* kSmallParameters = R"({
  "sample_rate": 24000, "steps": 0, "speaker_channels": 8,
  "text": {"channels": 24, "blocks": 2, "kernel": 9},
  "prosody": {"channels": 16, "blocks": 2, "kernel": 9},
  "decoder": {"channels": 32, "blocks": 2, "kernel": 7, "hidden": 40, "harmonic_points": 16},
  "voices": ["af_heart", "am_michael", "bf_emma"],
  "vocabulary": {".": 4, " ": 16, "a": 43, "t": 62, "u": 63, "s": 61, "n": 56, "i": 51}})";

// A package in a directory of its own, gone with the object.
class SmallPackage {
 public:
  explicit SmallPackage(const SmallWeights& weights = {},
                        const std::string& parameters = kSmallParameters,
                        const std::string& architecture = "myna-voice-1") {
    const std::filesystem::path file = directory() / "voice.safetensors";
    weights.write(file);
    const std::string card =
        R"({"format_version": 1, "name": "myna-voice-1", "version": "0", "architecture": ")" +
        architecture +
        R"(", "description": "", "licence": "Apache-2.0", "sources": [], "files": [{"path":)"
        R"( "voice.safetensors", "bytes": )" +
        std::to_string(std::filesystem::file_size(file)) + R"(, "sha256": ")" +
        sha256_file_hex(file) + R"("}], "parameters": )" + parameters + "}";
    std::ofstream(directory() / "card.json") << card;
  }
  SmallPackage(const SmallPackage&) = delete;
  SmallPackage& operator=(const SmallPackage&) = delete;

  const std::filesystem::path& directory() const { return directory_.path(); }

 private:
  test_support::TemporaryDirectory directory_;
};

}  // namespace myna::voice::flash
