#include "train/voice/initial.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "base/error.h"
#include "base/file.h"
#include "train/core/weight_file.h"

namespace myna::train {
namespace {

using Json = nlohmann::json;

struct PackageCard {
  std::vector<std::string> speakers;
  int64_t steps = 0;
};

PackageCard read_card(const std::filesystem::path& path, const std::string& vocabulary) {
  constexpr size_t kMostBytes = 1 << 20;
  const Json json = Json::parse(read_file(path, kMostBytes), nullptr, false);
  const auto fail = [&](const std::string& why) {
    throw Error(ErrorCode::kCorruptData, path.string() + ": " + why,
                "initial must name a directory that `myna-train export` has written");
  };
  if (!json.is_object()) fail("it is no JSON object");
  if (json.value("vocabulary", Json()) != Json::parse(vocabulary)) {
    fail("its vocabulary is not that of the data");
  }
  PackageCard card;
  try {
    card.speakers = json.at("voices").get<std::vector<std::string>>();
    card.steps = json.at("steps");
  } catch (const Json::exception& error) {
    fail(error.what());
  }
  if (card.speakers.empty()) fail("it has no voices");
  return card;
}

// Rows in the order of `speakers`, of a table in that of `known`.
Tensor rows_by_name(const Tensor& table, const std::vector<std::string>& known,
                    const std::vector<std::string>& speakers) {
  std::vector<Tensor> rows;
  for (const std::string& speaker : speakers) {
    const auto found = std::find(known.begin(), known.end(), speaker);
    rows.push_back(found == known.end() ? table.mean(0) : table[found - known.begin()]);
  }
  return at::stack(rows);
}

}  // namespace

int64_t load_voice_package(const std::filesystem::path& directory, const Parameters& parameters,
                           const std::vector<std::string>& speakers,
                           const std::string& vocabulary) {
  const PackageCard card = read_card(directory / "parameters.json", vocabulary);
  const auto file = SafetensorsFile::open(directory / "voice.safetensors");
  const auto known = static_cast<int64_t>(card.speakers.size());
  for (const Parameter& parameter : parameters.all()) {
    Tensor value = read_tensor(file, parameter.name);
    if (parameter.name == "speakers" || parameter.name == "speaker_lengths") {
      if (value.dim() != 2 || value.size(0) != known) {
        throw Error(ErrorCode::kCorruptData,
                    file.file_name() + ": '" + parameter.name + "' has not a row for each voice");
      }
      value = rows_by_name(value, card.speakers, speakers);
    }
    put_tensor(parameters, parameter.name, value);
  }
  return card.steps;
}

}  // namespace myna::train
