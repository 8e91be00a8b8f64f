#include "voice/flash/flash_sizes.h"

#include <algorithm>
#include <set>

#include "base/error.h"

namespace myna::voice::flash {
namespace {

// Far above any model that is fast: a wrong number in a card is found before memory is asked for.
constexpr int64_t kMostChannels = 4096;
constexpr int64_t kMostBlocks = 64;
constexpr int64_t kMostTaps = 15;  // of a kernel: the margin of the backends' columns
constexpr size_t kMostSpeakers = 4096;
constexpr int64_t kMostHarmonicPoints = 16;  // they end at 8 kHz, as the excitation does

class Reader {
 public:
  Reader(const ModelParameters& parameters, const std::string& package)
      : parameters_(parameters), package_(package) {}

  size_t size(const std::string& path, int64_t least, int64_t most) const {
    const int64_t value = parameters_.integer(path);
    if (value < least || value > most) {
      fail(path + " is " + std::to_string(value) + ", not within " + std::to_string(least) +
           " and " + std::to_string(most));
    }
    return static_cast<size_t>(value);
  }
  StackSize stack(const std::string& path) const {
    StackSize size = {this->size(path + ".channels", 1, kMostChannels),
                      this->size(path + ".blocks", 1, kMostBlocks),
                      this->size(path + ".kernel", 3, kMostTaps)};
    size.hidden = parameters_.has(path + ".hidden") ? this->size(path + ".hidden", 1, kMostChannels)
                                                    : 2 * size.channels;
    if (size.kernel % 2 == 0) fail(path + ".kernel is even");
    return size;
  }
  float factor(const std::string& path) const { return factor(path, parameters_.number(path)); }
  // One of each speaker, 1 if it is not named.
  std::vector<float> factors(const std::string& path,
                             const std::vector<std::string>& speakers) const {
    std::vector<float> found(speakers.size(), 1.0f);
    for (const auto& [speaker, value] : parameters_.number_map(path)) {
      std::string of_speaker = path;
      of_speaker.append(".").append(speaker);
      found[place_of(speaker, speakers, path)] = factor(of_speaker, value);
    }
    return found;
  }
  [[noreturn]] void fail(const std::string& problem) const {
    throw Error(
        ErrorCode::kCorruptData, "the card of '" + package_ + "': " + problem,
        "install it again: myna models remove " + package_ + " && myna models pull " + package_);
  }

 private:
  size_t place_of(const std::string& speaker, const std::vector<std::string>& speakers,
                  const std::string& path) const {
    const auto place = std::find(speakers.begin(), speakers.end(), speaker);
    if (place == speakers.end()) fail(path + " names '" + speaker + "', which is no voice of it");
    return static_cast<size_t>(place - speakers.begin());
  }
  float factor(const std::string& path, double value) const {
    if (!(value >= 0 && value <= 4)) fail(path + " is not within 0 and 4");
    return static_cast<float>(value);
  }

  const ModelParameters& parameters_;
  const std::string& package_;
};

}  // namespace

FlashSizes read_flash_sizes(const ModelParameters& parameters, const std::string& package) {
  const Reader reader(parameters, package);
  reader.size("sample_rate", 24000, 24000);
  FlashSizes sizes;
  sizes.speaker_channels = reader.size("speaker_channels", 1, kMostChannels);
  sizes.text = reader.stack("text");
  sizes.prosody = reader.stack("prosody");
  sizes.decoder = reader.stack("decoder");
  if (parameters.has("decoder.harmonic_points")) {
    sizes.harmonic_points = reader.size("decoder.harmonic_points", 0, kMostHarmonicPoints);
  }
  sizes.speakers = parameters.texts("voices");
  const std::set<std::string> different(sizes.speakers.begin(), sizes.speakers.end());
  if (sizes.speakers.empty() || sizes.speakers.size() > kMostSpeakers) {
    reader.fail("it has " + std::to_string(sizes.speakers.size()) + " voices");
  }
  if (different.size() != sizes.speakers.size()) reader.fail("a voice is listed twice");
  if (parameters.has("noise")) {
    sizes.unvoiced_noise = reader.factor("noise.unvoiced");
    sizes.voiced_noise = reader.factor("noise.voiced");
    if (parameters.has("noise.voiced_of")) {
      sizes.speaker_voiced_noise = reader.factors("noise.voiced_of", sizes.speakers);
    }
  }
  return sizes;
}

}  // namespace myna::voice::flash
