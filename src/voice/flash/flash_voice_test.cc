// The Flash voice as callers see it, with a small package of formula weights.
#include "voice/flash/flash_voice.h"

#include <gmock/gmock.h>

#include <cmath>
#include <numeric>
#include <thread>

#include "base/error.h"
#include "voice/flash/flash_test_support.h"

namespace myna::voice {
namespace {

using flash::SmallPackage;
using flash::SmallWeights;
using ::testing::HasSubstr;

constexpr char32_t kSentence[] = U"atu sina tusi anu tisa. unta sita nu.";

class FlashVoice : public testing::Test {
 protected:
  std::unique_ptr<Voice> open(unsigned threads = 2, std::optional<ops::Precision> precision = {}) {
    FlashOptions options;
    options.package_directory = package_.directory();
    options.threads = threads;
    options.precision = precision;
    return make_flash_voice(options);
  }
  static SynthesisRequest request(const Voice& voice, std::u32string phonemes = kSentence,
                                  std::string_view speaker = "heart") {
    SynthesisRequest request;
    request.phonemes = std::move(phonemes);
    request.speaker = parse_speaker_blend(speaker, voice.speakers());
    request.seed = 11;
    return request;
  }
  static std::vector<float> f0_of(Voice& voice, SynthesisRequest request) {
    std::vector<float> f0;
    request.observer = [&](const StageReport& report) {
      if (report.name == "performed_f0") f0.assign(report.values.begin(), report.values.end());
    };
    voice.synthesize(request);
    return f0;
  }

  SmallPackage package_;
};

Error error_of(const std::function<void()>& call) {
  try {
    call();
  } catch (const Error& error) {
    return error;
  }
  return Error(ErrorCode::kInternal, "nothing was thrown");
}

std::unique_ptr<Voice> voice_of(const SmallPackage& package) {
  FlashOptions options;
  options.package_directory = package.directory();
  options.threads = 1;
  return make_flash_voice(options);
}
SynthesisRequest request_of(std::u32string phonemes) {
  SynthesisRequest request;
  request.phonemes = std::move(phonemes);
  request.speaker = {{{0, 1.0f}}};
  return request;
}

double seconds(const Speech& speech) {
  return static_cast<double>(speech.samples.size()) / speech.sample_rate;
}

TEST_F(FlashVoice, SpeaksWithSoManyFramesAPhoneme) {
  const auto voice = open();
  EXPECT_EQ(voice->tier(), "flash");
  ASSERT_EQ(voice->speakers().size(), 3u);
  EXPECT_EQ(voice->speakers()[2].name, "emma");
  EXPECT_EQ(voice->speakers()[2].accent, Accent::kBritish);
  const Speech speech = voice->synthesize(request(*voice));
  EXPECT_EQ(speech.frame_counts.size(), std::u32string(kSentence).size() + 2);
  const int frames = std::accumulate(speech.frame_counts.begin(), speech.frame_counts.end(), 0);
  EXPECT_EQ(speech.samples.size(), static_cast<size_t>(frames) * 300);
  EXPECT_EQ(speech.samples_per_frame, 300);
  for (const float sample : speech.samples) ASSERT_TRUE(std::isfinite(sample));
  EXPECT_TRUE(voice->synthesize(request(*voice, U"")).samples.empty());
}

TEST_F(FlashVoice, SameSeedSameSamplesWhateverTheThreads) {
  const auto one = open(1);
  const auto three = open(3);
  for (const auto precision :
       {std::optional<ops::Precision>(), std::optional(ops::Precision::kFloat32)}) {
    const auto voice = open(2, precision);
    const Speech first = voice->synthesize(request(*voice));
    EXPECT_EQ(first.samples, voice->synthesize(request(*voice)).samples);
    SynthesisRequest other = request(*voice);
    other.seed = 12;
    EXPECT_NE(first.samples, voice->synthesize(other).samples);
  }
  EXPECT_EQ(one->synthesize(request(*one)).samples, three->synthesize(request(*three)).samples);
}

TEST_F(FlashVoice, PartsAreTheWholeToTheBit) {
  const auto voice = open();
  std::u32string text;
  for (int i = 0; i < 6; ++i) text += kSentence;
  for (const float whisper : {0.0f, 0.5f}) {
    SynthesisRequest asked = request(*voice, text);
    asked.control.whisper = whisper;
    const Speech whole = voice->synthesize(asked);
    std::vector<float> parts;
    std::vector<size_t> lengths;
    const Speech rest = voice->synthesize_in_parts(asked, [&](std::span<const float> part) {
      parts.insert(parts.end(), part.begin(), part.end());
      lengths.push_back(part.size());
    });
    EXPECT_GE(lengths.size(), 3u);
    EXPECT_LE(lengths.front(), 24000u / 2);  // the first is a short one
    EXPECT_EQ(parts, whole.samples);
    EXPECT_EQ(rest.frame_counts, whole.frame_counts);
    EXPECT_TRUE(rest.samples.empty());
  }
}

TEST_F(FlashVoice, BatchIsItsItems) {
  const auto voice = open(2);
  std::vector<SynthesisRequest> requests = {request(*voice), request(*voice, U"tu"),
                                            request(*voice, U""),
                                            request(*voice, kSentence, "emma")};
  const std::vector<Speech> batch = voice->synthesize_batch(requests);
  ASSERT_EQ(batch.size(), requests.size());
  for (size_t i = 0; i < requests.size(); ++i) {
    EXPECT_EQ(batch[i].samples, voice->synthesize(requests[i]).samples) << i;
  }
}

TEST_F(FlashVoice, RateIsKeptWithinTwoPercent) {
  const auto voice = open();
  std::u32string text;
  for (int i = 0; i < 8; ++i) text += kSentence;
  const double plain = seconds(voice->synthesize(request(*voice, text)));
  for (const float speed : {0.5f, 0.75f, 1.3f, 2.0f}) {
    SynthesisRequest asked = request(*voice, text);
    asked.speed = speed;
    EXPECT_NEAR(seconds(voice->synthesize(asked)) * static_cast<double>(speed) / plain, 1, 0.02)
        << speed;
    SynthesisRequest factors = request(*voice, text);
    factors.phoneme_controls.assign(text.size(), {.duration = 1 / speed});
    EXPECT_NEAR(seconds(voice->synthesize(factors)) * static_cast<double>(speed) / plain, 1, 0.02)
        << speed;
  }
}

TEST_F(FlashVoice, ForetellsTheFramesThatItSpeaks) {
  const auto voice = open();
  SynthesisRequest asked = request(*voice);
  asked.speed = 0.9f;
  asked.phoneme_controls.assign(asked.phonemes.size(), {.duration = 1.1f});
  const Speech foretold = voice->foretell(asked);
  EXPECT_TRUE(foretold.samples.empty());
  EXPECT_EQ(foretold.frame_counts, voice->synthesize(asked).frame_counts);
  EXPECT_EQ(voice->foretell(request(*voice, U"")).frame_counts, (std::vector<int>{0, 0}));
  asked.speed = 9;
  EXPECT_EQ(error_of([&] { voice->foretell(asked); }).code(), ErrorCode::kInvalidArgument);
}

TEST_F(FlashVoice, PitchIsShiftedByWhatWasAsked) {
  const auto voice = open();
  const std::vector<float> plain = f0_of(*voice, request(*voice));
  for (const float semitones : {-4.0f, 3.0f}) {
    SynthesisRequest asked = request(*voice);
    asked.phoneme_controls.assign(asked.phonemes.size(), {.pitch_semitones = semitones});
    const std::vector<float> shifted = f0_of(*voice, asked);
    ASSERT_EQ(shifted.size(), plain.size());
    size_t voiced = 0;
    for (size_t t = 0; t < plain.size(); ++t) {
      EXPECT_EQ(shifted[t] > 0, plain[t] > 0);
      const float expected = plain[t] * std::exp2(semitones / 12);
      if (plain[t] == 0 || expected < 50 || expected > 600) continue;
      EXPECT_NEAR(shifted[t], expected, 1e-3 * static_cast<double>(expected));
      ++voiced;
    }
    EXPECT_GT(voiced, 10u);
  }
}

TEST_F(FlashVoice, BlendsLieBetweenTheirSpeakers) {
  const auto voice = open();
  const Speech heart = voice->synthesize(request(*voice));
  const Speech michael = voice->synthesize(request(*voice, kSentence, "michael"));
  EXPECT_NE(heart.samples, michael.samples);
  const Speech all = voice->synthesize(request(*voice, kSentence, "heart*1+michael*0.000001"));
  EXPECT_EQ(all.frame_counts, heart.frame_counts);
  SynthesisRequest mixed = request(*voice);
  mixed.prosody_speaker = parse_speaker_blend("michael", voice->speakers());
  EXPECT_EQ(voice->synthesize(mixed).frame_counts, michael.frame_counts);
  EXPECT_NE(voice->synthesize(mixed).samples, michael.samples);
}

TEST_F(FlashVoice, WrongRequestsAreRefused) {
  const auto voice = open();
  const auto refused = [&](const std::function<void(SynthesisRequest&)>& change) {
    SynthesisRequest asked = request(*voice);
    change(asked);
    return error_of([&] { voice->synthesize(asked); });
  };
  EXPECT_THAT(refused([](auto& r) { r.phonemes = U"ta7"; }).message(), HasSubstr("position 3"));
  EXPECT_EQ(refused([](auto& r) { r.speed = 9; }).code(), ErrorCode::kInvalidArgument);
  EXPECT_EQ(refused([](auto& r) { r.speaker.parts.clear(); }).code(), ErrorCode::kInvalidArgument);
  EXPECT_EQ(refused([](auto& r) { r.speaker.parts[0].speaker = 3; }).code(),
            ErrorCode::kInvalidArgument);
  EXPECT_EQ(refused([](auto& r) { r.phonemes.assign(511, U'a'); }).code(),
            ErrorCode::kInvalidArgument);
  EXPECT_EQ(refused([](auto& r) { r.phoneme_controls.resize(2); }).code(),
            ErrorCode::kInvalidArgument);
}

TEST_F(FlashVoice, CancelEndsIt) {
  const auto voice = open();
  SynthesisRequest asked = request(*voice);
  const std::atomic<bool> cancel{true};
  asked.cancel = &cancel;
  EXPECT_EQ(error_of([&] { voice->synthesize(asked); }).code(), ErrorCode::kCancelled);
}

Error open_error(const SmallPackage& package) {
  return error_of([&] { voice_of(package); });
}

TEST(FlashPackage, DamagedOnesAreRefusedWithTheirFault) {
  SmallWeights missing;
  missing.remove("prosody.out.weight");
  const Error no_tensor = open_error(SmallPackage(missing));
  EXPECT_EQ(no_tensor.code(), ErrorCode::kCorruptData);
  EXPECT_THAT(no_tensor.message(), HasSubstr("prosody.out.weight"));

  const auto with = [](const std::string& from, const std::string& to) {
    std::string parameters = flash::kSmallParameters;
    parameters.replace(parameters.find(from), from.size(), to);
    const Error error = open_error(SmallPackage({}, parameters));
    EXPECT_EQ(error.code(), ErrorCode::kCorruptData) << error.what();
    return std::string(error.what());
  };
  EXPECT_THAT(with("\"channels\": 32", "\"channels\": 48"), HasSubstr("decoder"));
  EXPECT_THAT(with("\"blocks\": 2, \"kernel\": 7", "\"blocks\": 2000000, \"kernel\": 7"),
              HasSubstr("decoder.blocks"));
  EXPECT_THAT(with("\"kernel\": 7", "\"kernel\": 8"), HasSubstr("even"));
  EXPECT_THAT(with("\"hidden\": 40", "\"hidden\": 400000"), HasSubstr("decoder.hidden"));
  EXPECT_THAT(with("\"harmonic_points\": 16", "\"harmonic_points\": 17"),
              HasSubstr("decoder.harmonic_points"));
  EXPECT_THAT(with("\"harmonic_points\": 16", "\"harmonic_points\": 0"), HasSubstr("decoder.head"));
  EXPECT_THAT(with("bf_emma", "zz_emma"), HasSubstr("zz_emma"));
  EXPECT_THAT(with("bf_emma", "af_heart"), HasSubstr("twice"));
  EXPECT_THAT(with("\".\": 4", "\".\": 400"), HasSubstr("alphabet"));
  EXPECT_THAT(with("\"sample_rate\": 24000", "\"sample_rate\": 48000"), HasSubstr("sample_rate"));

  EXPECT_THAT(with("\"steps\": 0", R"("steps": 0, "noise": {"voiced": -1, "unvoiced": 1})"),
              HasSubstr("noise.voiced"));
  EXPECT_THAT(with("\"steps\": 0", R"("steps": 0, "noise": {"voiced": 1})"),
              HasSubstr("noise.unvoiced"));
  const auto with_voices = [&](const std::string& factors) {
    return with(
        "\"steps\": 0",
        R"("steps": 0, "noise": {"voiced": 1, "unvoiced": 1, "voiced_of": )" + factors + "}");
  };
  EXPECT_THAT(with_voices(R"({"zf_nobody": 1})"), HasSubstr("zf_nobody"));
  EXPECT_THAT(with_voices(R"({"bf_emma": 5})"), HasSubstr("noise.voiced_of.bf_emma"));
  EXPECT_THAT(with_voices("[1]"), HasSubstr("noise.voiced_of"));

  const Error other = open_error(SmallPackage({}, flash::kSmallParameters, "kokoro-82m"));
  EXPECT_THAT(other.message(), HasSubstr("another kind"));
}

TEST(FlashPackage, TheCardSaysHowLoudTheNoiseIs) {
  const auto samples = [](const std::string& noise) {
    std::string parameters = flash::kSmallParameters;
    parameters.replace(parameters.find("\"steps\": 0"), 10, "\"steps\": 0, " + noise);
    const SmallPackage package({}, parameters);
    const auto voice = voice_of(package);
    return voice->synthesize(request_of(kSentence)).samples;
  };
  const auto plain = samples(R"("unused": 0)");
  EXPECT_EQ(samples(R"("noise": {"voiced": 1, "unvoiced": 1})"), plain);
  EXPECT_NE(samples(R"("noise": {"voiced": 0.5, "unvoiced": 1})"), plain);
  EXPECT_NE(samples(R"("noise": {"voiced": 1, "unvoiced": 0.5})"), plain);
  // The voice that speaks is heart.
  const auto halved = samples(R"("noise": {"voiced": 0.5, "unvoiced": 1})");
  const auto of = [&](const std::string& factors) {
    return samples(R"("noise": {"voiced": 1, "unvoiced": 1, "voiced_of": )" + factors + "}");
  };
  EXPECT_EQ(of(R"({"af_heart": 0.5})"), halved);
  EXPECT_EQ(of(R"({"bf_emma": 0.5})"), plain);
}

// Of what is silent by its energy at either end four frames are made; the others are zeros, and
// durations stay.
TEST(FlashPackage, SilenceAtTheEndsIsNotMade) {
  constexpr size_t kMade = 4, kFrame = 300;
  bool began_late = false, ended_early = false;
  for (const float energy_bias : {-1.2f, -1.4f, -1.6f, -9.0f}) {
    SmallWeights weights;
    weights.values("prosody.out.bias")[1] = -100;  // nothing voiced
    weights.values("prosody.out.bias")[2] = energy_bias;
    const SmallPackage package(weights);
    const auto voice = voice_of(package);
    SynthesisRequest request = request_of(kSentence);
    std::vector<float> energy;
    request.observer = [&](const StageReport& report) {
      if (report.name == "performed_energy") {
        energy.assign(report.values.begin(), report.values.end());
      }
    };
    const std::vector<float> samples = voice->synthesize(request).samples;
    ASSERT_EQ(samples.size(), energy.size() * kFrame);
    const auto loud = [](float value) { return value > -7; };
    const auto first = std::find_if(energy.begin(), energy.end(), loud);
    const auto last = std::find_if(energy.rbegin(), energy.rend(), loud);
    const auto sounds = [](float sample) { return sample != 0; };
    if (first == energy.end()) {
      EXPECT_TRUE(std::none_of(samples.begin(), samples.end(), sounds));
      continue;
    }
    const auto silent_first = static_cast<size_t>(first - energy.begin());
    const auto silent_last = static_cast<size_t>(last - energy.rbegin());
    const size_t begin = silent_first - std::min(silent_first, kMade);
    const size_t end = energy.size() - (silent_last - std::min(silent_last, kMade));
    began_late |= begin > 0;
    ended_early |= end < energy.size();
    const auto sound_begin = std::find_if(samples.begin(), samples.end(), sounds);
    EXPECT_NEAR(static_cast<double>(sound_begin - samples.begin()),
                static_cast<double>(begin * kFrame), 3);
    if (end < energy.size() - 3) {  // else the end of the utterance fades
      const auto sound_end = std::find_if(samples.rbegin(), samples.rend(), sounds);
      EXPECT_NEAR(static_cast<double>(samples.rend() - sound_end),
                  static_cast<double>(end * kFrame), 3);
    }
  }
  EXPECT_TRUE(began_late);
  EXPECT_TRUE(ended_early);
}

TEST(FlashPackage, NumbersThatAreNoneEndTheSynthesisOnly) {
  SmallWeights weights;
  weights.values("duration.out.bias")[0] = NAN;
  const SmallPackage package(weights);
  const auto voice = voice_of(package);
  EXPECT_EQ(error_of([&] { voice->synthesize(request_of(U"tu")); }).code(),
            ErrorCode::kCorruptData);
}

}  // namespace
}  // namespace myna::voice
