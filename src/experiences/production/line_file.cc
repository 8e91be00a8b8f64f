#include "experiences/production/line_file.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstring>
#include <string>

#include "base/error.h"
#include "base/file.h"

namespace myna::production {
namespace {

static_assert(std::endian::native == std::endian::little);

constexpr std::string_view kMagic = "MYNALINE";
constexpr uint32_t kVersion = 1;
constexpr size_t kMaxBytes = size_t{256} << 20;

template <typename Value>
void put(std::string& out, Value value) {
  out.append(reinterpret_cast<const char*>(&value), sizeof value);
}

class Reader {
 public:
  explicit Reader(std::string_view bytes) : bytes_(bytes) {}
  template <typename Value>
  bool get(Value& value) {
    if (bytes_.size() < sizeof value) return false;
    std::memcpy(&value, bytes_.data(), sizeof value);
    bytes_.remove_prefix(sizeof value);
    return true;
  }
  bool get(std::string& text, size_t size) {
    if (bytes_.size() < size) return false;
    text = bytes_.substr(0, size);
    bytes_.remove_prefix(size);
    return true;
  }
  size_t left() const { return bytes_.size(); }

 private:
  std::string_view bytes_;
};

}  // namespace

void store_line(const std::filesystem::path& path, int sample_rate, const SpokenLine& line) {
  std::string out(kMagic);
  put(out, kVersion);
  put(out, static_cast<uint32_t>(sample_rate));
  put(out, static_cast<uint64_t>(line.samples.size()));
  put(out, static_cast<uint64_t>(line.words.size()));
  for (const float sample : line.samples) {
    put(out, static_cast<int16_t>(std::lround(std::clamp(sample, -1.0f, 1.0f) * 32767.0f)));
  }
  for (const voice::WordTiming& word : line.words) {
    put(out, word.start_s);
    put(out, word.end_s);
    put(out, static_cast<uint64_t>(word.source.begin));
    put(out, static_cast<uint64_t>(word.source.end));
    put(out, static_cast<uint32_t>(word.text.size()));
    out += word.text;
  }
  write_file_atomically(path, out);
}

std::optional<SpokenLine> load_line(const std::filesystem::path& path, int sample_rate) {
  std::error_code failed;
  if (!std::filesystem::exists(path, failed) || failed) return std::nullopt;
  std::string bytes;
  try {
    bytes = read_file(path, kMaxBytes);
  } catch (const Error&) {
    return std::nullopt;
  }
  Reader reader(bytes);
  std::string magic;
  uint32_t version = 0;
  uint32_t rate = 0;
  uint64_t samples = 0;
  uint64_t words = 0;
  if (!reader.get(magic, kMagic.size()) || magic != kMagic || !reader.get(version) ||
      version != kVersion || !reader.get(rate) || rate != static_cast<uint32_t>(sample_rate) ||
      !reader.get(samples) || !reader.get(words) || samples > reader.left() / 2 ||
      words > reader.left() / 36) {
    return std::nullopt;
  }
  SpokenLine line;
  line.from_cache = true;
  line.samples.resize(samples);
  for (float& sample : line.samples) {
    int16_t value = 0;
    reader.get(value);
    sample = static_cast<float>(value) / 32767.0f;
  }
  for (uint64_t i = 0; i < words; ++i) {
    voice::WordTiming word;
    uint64_t begin = 0;
    uint64_t end = 0;
    uint32_t size = 0;
    if (!reader.get(word.start_s) || !reader.get(word.end_s) || !reader.get(begin) ||
        !reader.get(end) || !reader.get(size) || !reader.get(word.text, size)) {
      return std::nullopt;
    }
    word.source = {begin, end};
    line.words.push_back(std::move(word));
  }
  std::filesystem::last_write_time(path, std::filesystem::file_time_type::clock::now(), failed);
  return line;
}

}  // namespace myna::production
