// The Studio voice as callers see it: determinism, limits, cancelling, steady memory. Needs the
// installed model package.
#include "voice/studio/studio_voice.h"

#include <gmock/gmock.h>

#include <chrono>
#include <cmath>
#include <cstdlib>
#include <numeric>
#include <thread>

#include "base/error.h"

namespace myna::voice {
namespace {

using ::testing::HasSubstr;

constexpr char32_t kSentence[] = U"ðə bˈɜɹʧ kənˈu slˈɪd ˌɔn ðə smˈuð plˈæŋks.";

std::unique_ptr<Voice> make_voice(unsigned threads) {
  StudioOptions options;
  options.threads = threads;
  return make_studio_voice(options);
}

SynthesisRequest request_for(const Voice& voice, std::u32string phonemes,
                             std::string_view speaker = "heart") {
  SynthesisRequest request;
  request.phonemes = std::move(phonemes);
  request.speaker = parse_speaker_blend(speaker, voice.speakers());
  return request;
}

int to_16_bit(float sample) { return static_cast<int>(std::lround(sample * 32767.0f)); }

template <typename Call>
Error error_of(const Call& call) {
  try {
    call();
  } catch (const Error& error) {
    return error;
  }
  return Error(ErrorCode::kInternal, "nothing was thrown");
}

TEST(StudioVoice, HasTheEnglishVoices) {
  const auto voice = make_voice(2);
  size_t american = 0, british = 0;
  for (const Speaker& speaker : voice->speakers()) {
    ++(speaker.accent == Accent::kAmerican ? american : british);
  }
  EXPECT_EQ(american, 20u);
  EXPECT_EQ(british, 8u);
  EXPECT_TRUE(voice->has_symbol(U'ʃ'));
  EXPECT_FALSE(voice->has_symbol(U'中'));
}

TEST(StudioVoice, SameRequestSameBitsAndTheSameOnAnyNumberOfThreads) {
  const auto two = make_voice(2);
  const SynthesisRequest request = request_for(*two, kSentence);
  const Speech first = two->synthesize(request);
  const Speech again = two->synthesize(request);
  EXPECT_EQ(first.samples, again.samples);
  const Speech one = make_voice(1)->synthesize(request);
  ASSERT_EQ(first.samples.size(), one.samples.size());
  for (size_t i = 0; i < one.samples.size(); ++i) {
    ASSERT_LE(std::abs(to_16_bit(first.samples[i]) - to_16_bit(one.samples[i])), 1) << i;
  }
}

TEST(StudioVoice, FrameCountsAddUpToTheSamples) {
  const auto voice = make_voice(2);
  const SynthesisRequest request = request_for(*voice, kSentence);
  const Speech speech = voice->synthesize(request);
  EXPECT_EQ(speech.frame_counts.size(), request.phonemes.size() + 2);
  const int frames = std::accumulate(speech.frame_counts.begin(), speech.frame_counts.end(), 0);
  EXPECT_EQ(speech.samples.size(), static_cast<size_t>(frames * speech.samples_per_frame));
  float peak = 0;
  for (float sample : speech.samples) {
    ASSERT_TRUE(std::isfinite(sample));
    peak = std::max(peak, std::abs(sample));
  }
  EXPECT_GT(peak, 0.05f);
  EXPECT_LE(peak, 1.0f);
}

TEST(StudioVoice, SpeedShortensTheSpeech) {
  const auto voice = make_voice(2);
  SynthesisRequest request = request_for(*voice, kSentence);
  const double normal = static_cast<double>(voice->synthesize(request).samples.size());
  request.speed = 1.5f;
  const double fast = static_cast<double>(voice->synthesize(request).samples.size());
  EXPECT_NEAR(fast / normal, 1 / 1.5, 0.08);
}

TEST(StudioVoice, ABlendIsNeitherOfItsParts) {
  const auto voice = make_voice(2);
  const Speech heart = voice->synthesize(request_for(*voice, kSentence, "heart"));
  const Speech blend = voice->synthesize(request_for(*voice, kSentence, "heart*0.6+bella*0.4"));
  EXPECT_NE(heart.samples, blend.samples);
}

TEST(StudioVoice, OneAndTheMostPhonemes) {
  const auto voice = make_voice(2);
  EXPECT_FALSE(voice->synthesize(request_for(*voice, U"A")).samples.empty());
  EXPECT_TRUE(voice->synthesize(request_for(*voice, U"")).samples.empty());
  const Error error = error_of([&] {
    voice->synthesize(request_for(*voice, std::u32string(voice->max_phonemes() + 1, U'a')));
  });
  EXPECT_EQ(error.code(), ErrorCode::kInvalidArgument);
  EXPECT_THAT(error.what(), HasSubstr("511 phonemes"));
}

TEST(StudioVoice, RefusesWhatItCannotSay) {
  const auto voice = make_voice(2);
  const Error error = error_of([&] { voice->synthesize(request_for(*voice, U"ab中")); });
  EXPECT_EQ(error.code(), ErrorCode::kInvalidArgument);
  EXPECT_THAT(error.what(), HasSubstr("'中' at position 3"));
  for (float speed : {0.0f, -1.0f, 5.0f, std::nanf("")}) {
    SynthesisRequest request = request_for(*voice, kSentence);
    request.speed = speed;
    EXPECT_EQ(error_of([&] { voice->synthesize(request); }).code(), ErrorCode::kInvalidArgument);
  }
}

TEST(StudioVoice, CancelIsAnsweredSoon) {
  const auto voice = make_voice(2);
  std::u32string text;
  while (text.size() + std::size(kSentence) < 400) text += std::u32string(kSentence) + U' ';
  std::atomic<bool> cancel{false};
  SynthesisRequest request = request_for(*voice, text);
  request.cancel = &cancel;
  std::chrono::steady_clock::time_point asked;
  std::thread canceller([&] {
    std::this_thread::sleep_for(std::chrono::milliseconds(300));
    asked = std::chrono::steady_clock::now();
    cancel = true;
  });
  const Error error = error_of([&] { voice->synthesize(request); });
  const auto answered = std::chrono::steady_clock::now();
  canceller.join();
  EXPECT_EQ(error.code(), ErrorCode::kCancelled);
  // Generous: the machine may be busy with other tests.
  EXPECT_LT(std::chrono::duration<double>(answered - asked).count(), 0.5);
  request.cancel = nullptr;
  request.phonemes = kSentence;
  EXPECT_FALSE(voice->synthesize(request).samples.empty()) << "works on after a cancel";
}

TEST(StudioVoice, SeveralThreadsMayShareIt) {
  const auto voice = make_voice(2);
  const SynthesisRequest request = request_for(*voice, U"həlˈO.");
  const std::vector<float> expected = voice->synthesize(request).samples;
  std::vector<std::thread> callers;
  std::vector<std::vector<float>> found(3);
  for (auto& result : found) {
    callers.emplace_back([&] { result = voice->synthesize(request).samples; });
  }
  for (std::thread& caller : callers) caller.join();
  for (const auto& result : found) EXPECT_EQ(result, expected);
}

TEST(StudioVoice, ABatchGivesWhatItsUtterancesGiveAlone) {
  const auto voice = make_voice(2);
  std::vector<SynthesisRequest> requests;
  for (const char32_t* phonemes : {U"həlˈO.", U"", kSentence, U"A", U"ðə bˈi."}) {
    requests.push_back(request_for(*voice, phonemes));
  }
  requests[2].speed = 1.2f;
  const std::vector<Speech> batch = voice->synthesize_batch(requests);
  ASSERT_EQ(batch.size(), requests.size());
  for (size_t i = 0; i < requests.size(); ++i) {
    const Speech alone = voice->synthesize(requests[i]);
    EXPECT_EQ(batch[i].samples, alone.samples) << i;
    EXPECT_EQ(batch[i].frame_counts, alone.frame_counts) << i;
  }
}

TEST(StudioVoice, ACancelledRequestEndsItsBatch) {
  const auto voice = make_voice(2);
  const std::atomic<bool> cancel{true};
  std::vector<SynthesisRequest> requests(4, request_for(*voice, U"həlˈO."));
  requests[3].phonemes = U"A";  // the shortest comes last
  requests[3].cancel = &cancel;
  EXPECT_EQ(error_of([&] { voice->synthesize_batch(requests); }).code(), ErrorCode::kCancelled);
  requests[3].cancel = nullptr;
  EXPECT_EQ(voice->synthesize_batch(requests).size(), 4u) << "works on after a cancel";
}

TEST(StudioVoice, AMissingPackageSaysHowToGetIt) {
  const char* home = std::getenv("MYNA_HOME");
  const std::string before = home == nullptr ? "" : home;
  ::setenv("MYNA_HOME", "/nonexistent", 1);
  const Error error = error_of([] { make_studio_voice({}); });
  if (home == nullptr) {
    ::unsetenv("MYNA_HOME");
  } else {
    ::setenv("MYNA_HOME", before.c_str(), 1);
  }
  EXPECT_EQ(error.code(), ErrorCode::kUnavailable);
  EXPECT_THAT(error.what(), HasSubstr("myna models pull"));
}

}  // namespace
}  // namespace myna::voice
