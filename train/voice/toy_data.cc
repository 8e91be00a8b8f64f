#include "train/voice/toy_data.h"

#include <bit>
#include <cmath>
#include <fstream>
#include <nlohmann/json.hpp>
#include <vector>

#include "base/sha256.h"
#include "train/core/draw.h"
#include "weights/safetensors.h"

namespace myna::train {
namespace {

Float16 to_half(float value) {
  const uint32_t bits = std::bit_cast<uint32_t>(value);
  const int exponent = static_cast<int>((bits >> 23) & 0xFF) - 112;
  const auto sign = static_cast<uint16_t>((bits >> 16) & 0x8000);
  if (exponent <= 0) return {sign};
  return {static_cast<uint16_t>(sign | exponent << 10 | ((bits >> 13) & 0x3FF))};
}

struct Data {
  std::vector<int32_t> index, tokens, durations;
  std::vector<float> f0, energy, controls;
  std::vector<Float16> audio;

  // Token 1 to 4: vowels; 5 and 6: hisses; 0: silence.
  void speak(Draw& draw, int32_t speaker) {
    const size_t first_token = tokens.size(), first_frame = f0.size();
    const double base = speaker == 0 ? 110 : 190;
    double phase = 0, last = 0;
    for (int n = 0; n < 10; ++n) {
      const auto token = static_cast<int32_t>(n == 0 || n == 9 ? 0 : 1 + draw.below(6));
      const auto frames = static_cast<int32_t>(4 + 2 * draw.below(3) + (token < 5 ? 4 : 0));
      tokens.push_back(token);
      durations.push_back(frames);
      const bool vowel = token >= 1 && token <= 4;
      for (int32_t t = 0; t < frames; ++t) {
        const double hz = vowel ? base * (1.2 - 0.03 * n) : 0;
        f0.push_back(static_cast<float>(hz));
        energy.push_back(token == 0 ? -5.0f : vowel ? 5.0f : 2.0f);
        for (int s = 0; s < 300; ++s) {
          double value = token == 0 ? 0 : 0.01 * draw.gaussian();
          if (vowel) {
            phase += hz / 24000;
            for (int h = 1; h * hz < 6000; ++h) {
              const double formant = 300 + 250 * token, distance = (h * hz - formant) / 300;
              value += 0.1 * std::exp(-distance * distance) * std::cos(6.283185307 * h * phase);
            }
          } else if (token == 6) {
            value -= 0.8 * last;
          }
          last = value;
          audio.push_back(to_half(static_cast<float>(value)));
        }
      }
    }
    for (const size_t value : {first_token, tokens.size() - first_token, first_frame,
                               f0.size() - first_frame, static_cast<size_t>(speaker)}) {
      index.push_back(static_cast<int32_t>(value));
    }
    controls.insert(controls.end(), {1, 0, 1, 0});
  }

  void write(const std::filesystem::path& path, const std::string& split) const {
    const auto tensor = [](const char* name, const auto& values, const Shape& shape) {
      using T = typename std::remove_cvref_t<decltype(values)>::value_type;
      return NamedTensor{name, TensorView::of<T>(std::span<const T>(values), shape)};
    };
    const std::vector<NamedTensor> tensors = {
        tensor("utterances", index, {index.size() / 5, 5}),
        tensor("tokens", tokens, {tokens.size()}),
        tensor("durations", durations, {durations.size()}),
        tensor("f0", f0, {f0.size()}),
        tensor("energy", energy, {energy.size()}),
        tensor("controls", controls, {controls.size() / 4, 4}),
        tensor("audio", audio, {audio.size()})};
    write_safetensors(path, tensors,
                      {{"format", "myna-voice-shard-1"},
                       {"teacher", "toy"},
                       {"split", split},
                       {"speakers", "xm_low,xf_high"},
                       {"vocabulary", R"({"a":1,"e":2,"i":3,"o":4,"s":5,"f":6})"}});
  }
};

}  // namespace

void write_toy_data(const std::filesystem::path& directory, int utterances) {
  std::filesystem::create_directories(directory);
  std::ofstream manifest(directory / "manifest.jsonl");
  for (int shard = 0; shard < 3; ++shard) {
    Draw draw(7, static_cast<uint64_t>(shard));
    Data data;
    const int count = shard == 0 ? 4 : utterances / 2;
    for (int i = 0; i < count; ++i) data.speak(draw, i % 2);
    const std::string name = "shard-0000" + std::to_string(shard) + ".safetensors";
    data.write(directory / name, shard == 0 ? "validation" : "training");
    manifest << nlohmann::json{{"file", name}, {"sha256", sha256_file_hex(directory / name)}}.dump()
             << '\n';
  }
}

void add_toy_prosody(const std::filesystem::path& directory, int utterances) {
  Draw draw(8, 0);
  Data data;
  for (int i = 0; i < utterances; ++i) data.speak(draw, i % 2);
  data.audio.clear();
  const std::string name = "prosody.safetensors";
  data.write(directory / name, "training");
  std::ofstream manifest(directory / "manifest.jsonl", std::ios::app);
  manifest << nlohmann::json{{"file", name}, {"sha256", sha256_file_hex(directory / name)}}.dump()
           << '\n';
}

}  // namespace myna::train
