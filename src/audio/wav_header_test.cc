#include "audio/wav_header.h"

#include <gmock/gmock.h>

#include <string_view>

namespace myna::audio {
namespace {

uint64_t integer_at(std::string_view bytes, size_t offset, size_t count) {
  uint64_t value = 0;
  for (size_t i = count; i-- > 0;) {
    value = value << 8 | static_cast<unsigned char>(bytes[offset + i]);
  }
  return value;
}

TEST(WavHeader, OrdinaryFilesArePlainPcm) {
  const std::string header = wav_header(1000, 24000, {});
  EXPECT_EQ(header.substr(0, 4), "RIFF");
  EXPECT_EQ(integer_at(header, 4, 4), header.size() + 2000 - 8);
  const size_t format = header.find("fmt ");
  ASSERT_NE(format, std::string::npos);
  EXPECT_EQ(integer_at(header, format + 4, 4), 16u);
  EXPECT_EQ(integer_at(header, format + 8, 2), 1u);  // PCM, not extensible
  EXPECT_EQ(integer_at(header, format + 10, 2), 1u);
  EXPECT_EQ(integer_at(header, format + 12, 4), 24000u);
  EXPECT_EQ(integer_at(header, format + 16, 4), 48000u);
  EXPECT_EQ(integer_at(header, format + 20, 2), 2u);
  EXPECT_EQ(integer_at(header, format + 22, 2), 16u);
  EXPECT_EQ(header.substr(header.size() - 8, 4), "data");
  EXPECT_EQ(integer_at(header, header.size() - 4, 4), 2000u);
}

TEST(WavHeader, ChunksStartAtEvenOffsets) {
  for (const char* title : {"", "a", "ab", "abc"}) {
    EXPECT_EQ(wav_header(0, 24000, {.title = title}).size() % 2, 0u) << title;
  }
}

TEST(WavHeader, From4GiBOnItIsRf64OfTheSameLength) {
  const AudioTags tags{.title = "long", .artist = "heart"};
  const std::string empty = wav_header(0, 24000, tags);
  // The last that fits: the RIFF size is one step below the mark for "see ds64".
  const uint64_t last = (0xFFFFFFFF - 1 - (empty.size() - 8)) / 2;
  EXPECT_EQ(wav_header(last, 24000, tags).substr(0, 4), "RIFF");
  EXPECT_EQ(wav_header(last + 1, 24000, tags).substr(0, 4), "RF64");

  constexpr uint64_t kCount = 5'000'000'000;
  const std::string header = wav_header(kCount, 24000, tags);
  EXPECT_EQ(header.size(), empty.size());
  EXPECT_EQ(integer_at(header, 4, 4), 0xFFFFFFFFu);
  EXPECT_EQ(header.substr(12, 4), "ds64");
  EXPECT_EQ(integer_at(header, 20, 8), header.size() + 2 * kCount - 8);
  EXPECT_EQ(integer_at(header, 28, 8), 2 * kCount);
  EXPECT_EQ(integer_at(header, 36, 8), kCount);
  EXPECT_EQ(integer_at(header, header.size() - 4, 4), 0xFFFFFFFFu);
}

}  // namespace
}  // namespace myna::audio
