#include "text/g2p/model_file.h"

#include <algorithm>
#include <bit>

#include "base/error.h"

namespace myna::text {
namespace {

constexpr const char* kInstall = "install it with: myna models pull pronunciation-en";

float to_float(Float16 half) {
  // The exponent is moved by a product, which takes care of subnormal numbers too.
  const uint32_t magnitude = (half.bits & 0x7FFFu) << 13;
  const float value = std::bit_cast<float>(magnitude) * 0x1p112f;
  return (half.bits & 0x8000u) != 0 ? -value : value;
}

}  // namespace

std::shared_ptr<const SafetensorsFile> open_model_file(const std::filesystem::path& path) {
  try {
    return std::make_shared<const SafetensorsFile>(SafetensorsFile::open(path));
  } catch (const Error& error) {
    if (error.code() != ErrorCode::kNotFound) throw;
    throw Error(ErrorCode::kUnavailable,
                "the pronunciation model '" + path.string() + "' is not installed", kInstall);
  }
}

void require_model(bool condition, const SafetensorsFile& file, const std::string& problem) {
  if (condition) return;
  throw Error(ErrorCode::kCorruptData, "'" + file.file_name() + "' is damaged: " + problem,
              kInstall);
}

const std::string& model_metadata(const SafetensorsFile& file, const std::string& key) {
  const auto found = file.metadata().find(key);
  require_model(found != file.metadata().end(), file, "it lacks '" + key + "'");
  return found->second;
}

std::vector<float> model_floats(const SafetensorsFile& file, const std::string& name,
                                const Shape& shape) {
  const auto halves = file.values<Float16>(name, shape);
  std::vector<float> result(halves.size());
  std::transform(halves.begin(), halves.end(), result.begin(), to_float);
  return result;
}

}  // namespace myna::text
