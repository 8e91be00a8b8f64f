#include <gmock/gmock.h>

#include "base/error.h"
#include "voice/voice.h"

namespace myna::voice {
namespace {

using ::testing::HasSubstr;

const std::vector<Speaker> kSpeakers = {
    {"heart", "af_heart", Accent::kAmerican, Gender::kFemale},
    {"bella", "af_bella", Accent::kAmerican, Gender::kFemale},
    {"emma", "bf_emma", Accent::kBritish, Gender::kFemale},
    {"sam", "am_sam", Accent::kAmerican, Gender::kMale},
    {"sam", "bm_sam", Accent::kBritish, Gender::kMale},
};

Error failure(std::string_view text) {
  try {
    parse_speaker_blend(text, kSpeakers);
  } catch (const Error& error) {
    return error;
  }
  ADD_FAILURE() << text << " was accepted";
  return Error(ErrorCode::kInternal, "");
}

TEST(SpeakerBlend, PlainNameAndIdInAnyCase) {
  for (const char* text : {"bella", "af_bella", "Bella", " AF_BELLA "}) {
    const SpeakerBlend blend = parse_speaker_blend(text, kSpeakers);
    ASSERT_EQ(blend.parts.size(), 1u) << text;
    EXPECT_EQ(blend.parts[0].speaker, 1u);
    EXPECT_EQ(blend.parts[0].weight, 1.0f);
  }
}

TEST(SpeakerBlend, WeightsAreNormalized) {
  const SpeakerBlend blend = parse_speaker_blend("heart*3 + bf_emma * 1", kSpeakers);
  ASSERT_EQ(blend.parts.size(), 2u);
  EXPECT_EQ(blend.parts[0].speaker, 0u);
  EXPECT_FLOAT_EQ(blend.parts[0].weight, 0.75f);
  EXPECT_EQ(blend.parts[1].speaker, 2u);
  EXPECT_FLOAT_EQ(blend.parts[1].weight, 0.25f);
}

TEST(SpeakerBlend, MissingWeightsAreEqualShares) {
  const SpeakerBlend blend = parse_speaker_blend("heart+bella", kSpeakers);
  ASSERT_EQ(blend.parts.size(), 2u);
  EXPECT_FLOAT_EQ(blend.parts[0].weight, 0.5f);
  EXPECT_FLOAT_EQ(blend.parts[1].weight, 0.5f);
}

TEST(SpeakerBlend, ParenthesisedWeights) {
  const SpeakerBlend blend = parse_speaker_blend("af_bella(2)+heart(1)", kSpeakers);
  ASSERT_EQ(blend.parts.size(), 2u);
  EXPECT_FLOAT_EQ(blend.parts[0].weight, 2.0f / 3);
}

TEST(SpeakerBlend, RepeatedVoiceAddsUp) {
  const SpeakerBlend blend = parse_speaker_blend("heart+bella+heart", kSpeakers);
  ASSERT_EQ(blend.parts.size(), 2u);
  EXPECT_FLOAT_EQ(blend.parts[0].weight, 2.0f / 3);
}

TEST(SpeakerBlend, UnknownNameIsPlacedAndSuggests) {
  const Error error = failure("heart*0.5+bela*0.5");
  EXPECT_EQ(error.code(), ErrorCode::kInvalidArgument);
  EXPECT_THAT(error.message(), HasSubstr("character 11: no voice is called 'bela'"));
  EXPECT_THAT(error.hint(), HasSubstr("'bella'"));
  EXPECT_THAT(failure("af_hart").hint(), HasSubstr("'af_heart'"));
}

TEST(SpeakerBlend, AmbiguousNameAsksForTheId) {
  EXPECT_THAT(failure("sam").hint(), HasSubstr("am_sam or bm_sam"));
  EXPECT_EQ(parse_speaker_blend("bm_sam", kSpeakers).parts[0].speaker, 4u);
}

TEST(SpeakerBlend, MalformedExpressionsAreRefused) {
  for (const char* text : {"", "  ", "+", "heart+", "heart++bella", "heart*", "heart*0", "heart*-1",
                           "heart*nan", "heart*inf", "heart*1e30", "heart*0.5 bella", "heart(2",
                           "heart)", "heart*0.5x", "*2", "heart*1e-45+bella*1e6"}) {
    EXPECT_EQ(failure(text).code(), ErrorCode::kInvalidArgument) << text;
  }
}

TEST(SpeakerBlend, MixesByShare) {
  const SpeakerBlend heart = parse_speaker_blend("heart", kSpeakers);
  const SpeakerBlend both = parse_speaker_blend("heart+bella", kSpeakers);
  const SpeakerBlend mixed = mix_speakers(heart, both, 0.5f);
  ASSERT_EQ(mixed.parts.size(), 2u);
  EXPECT_FLOAT_EQ(mixed.parts[0].weight, 0.75f);
  EXPECT_FLOAT_EQ(mixed.parts[1].weight, 0.25f);
  EXPECT_EQ(mix_speakers(heart, both, 0).parts.size(), 1u);
  EXPECT_FLOAT_EQ(mix_speakers(heart, both, 1).parts[0].weight, 0.5f);
}

}  // namespace
}  // namespace myna::voice
