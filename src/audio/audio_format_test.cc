#include "audio/audio_format.h"

#include <gmock/gmock.h>

#include "base/error.h"

namespace myna::audio {
namespace {

using ::testing::HasSubstr;

TEST(AudioFormat, FollowsTheExtensionInAnyCase) {
  EXPECT_EQ(audio_format_for_path("a/b.wav"), AudioFormat::kWav);
  EXPECT_EQ(audio_format_for_path("B.FLAC"), AudioFormat::kFlac);
  EXPECT_EQ(audio_format_for_path("x.tar.Mp3"), AudioFormat::kMp3);
  EXPECT_EQ(audio_format_for_path("x.opus"), AudioFormat::kOpus);
  EXPECT_EQ(audio_format_for_path("x.ogg"), AudioFormat::kOpus);
}

TEST(AudioFormat, OtherNamesHaveNone) {
  for (const char* name : {"x", "x.", "x.mp4", "wav", ".mp3", "x.mp3/y", "x.wav ", ""}) {
    EXPECT_EQ(audio_format_for_path(name), std::nullopt) << name;
  }
}

TEST(AudioFormat, EverySupportedExtensionIsOne) {
  std::string list(supported_audio_extensions());
  size_t count = 0;
  for (size_t begin = 0; begin < list.size();) {
    const size_t end = std::min(list.find(", ", begin), list.size());
    EXPECT_TRUE(audio_format_for_path("x" + list.substr(begin, end - begin)));
    begin = end + 2;
    ++count;
  }
  EXPECT_EQ(count, 5u);
}

TEST(AudioFormat, AnUnknownOneIsExplained) {
  try {
    require_audio_format("talk.aac");
    FAIL() << "accepted";
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::kInvalidArgument);
    EXPECT_THAT(error.message(), HasSubstr("'.aac' of 'talk.aac'"));
    EXPECT_THAT(error.hint(), HasSubstr(".flac"));
  }
  EXPECT_THROW(require_audio_format("talk"), Error);
}

}  // namespace
}  // namespace myna::audio
