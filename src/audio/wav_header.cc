#include "audio/wav_header.h"

#include <limits>
#include <string_view>

namespace myna::audio {
namespace {

constexpr uint32_t kUnknownSize = 0xFFFFFFFF;  // "see ds64"
constexpr uint32_t kDs64Bytes = 28;

template <typename Integer>
void append(std::string& out, Integer value) {
  for (size_t byte = 0; byte < sizeof value; ++byte) {
    out.push_back(static_cast<char>(static_cast<uint64_t>(value) >> (8 * byte) & 0xFF));
  }
}

// Chunks start at even offsets.
void append_chunk(std::string& out, std::string_view id, std::string_view content) {
  out += id;
  append(out, static_cast<uint32_t>(content.size()));
  out += content;
  if (content.size() % 2 != 0) out.push_back('\0');
}

void append_info(std::string& list, std::string_view id, const std::string& text) {
  // INFO strings end with a zero byte.
  if (!text.empty()) append_chunk(list, id, std::string_view(text.c_str(), text.size() + 1));
}

std::string format_chunk(int sample_rate) {
  constexpr uint16_t kPcm = 1;
  constexpr uint16_t kChannels = 1;
  constexpr uint16_t kBytes = 2;
  std::string format;
  append(format, kPcm);
  append(format, kChannels);
  append(format, static_cast<uint32_t>(sample_rate));
  append(format, static_cast<uint32_t>(sample_rate) * kBytes);
  append(format, kBytes);
  append(format, static_cast<uint16_t>(8 * kBytes));
  return format;
}

}  // namespace

std::string wav_header(uint64_t sample_count, int sample_rate, const AudioTags& tags) {
  std::string chunks;
  append_chunk(chunks, "fmt ", format_chunk(sample_rate));
  std::string list = "INFO";
  append_info(list, "INAM", tags.title);
  append_info(list, "IART", tags.artist);
  append_info(list, "IPRD", tags.album);
  append_info(list, "ICMT", tags.comment);
  append_info(list, "ISFT", tags.software);
  if (list.size() > 4) append_chunk(chunks, "LIST", list);

  const uint64_t data_bytes = 2 * sample_count;
  // What follows the RIFF size field: "WAVE", the ds64 or JUNK chunk, `chunks`, the data chunk.
  const uint64_t riff_bytes = 4 + 8 + kDs64Bytes + chunks.size() + 8 + data_bytes;
  const bool large = riff_bytes >= kUnknownSize;

  std::string reserved(kDs64Bytes, '\0');
  if (large) {
    reserved.clear();
    append(reserved, riff_bytes);
    append(reserved, data_bytes);
    append(reserved, sample_count);
    append(reserved, uint32_t{0});  // no further large chunks
  }
  std::string header = large ? "RF64" : "RIFF";
  append(header, large ? kUnknownSize : static_cast<uint32_t>(riff_bytes));
  header += "WAVE";
  append_chunk(header, large ? "ds64" : "JUNK", reserved);
  header += chunks;
  header += "data";
  append(header, large ? kUnknownSize : static_cast<uint32_t>(data_bytes));
  return header;
}

}  // namespace myna::audio
