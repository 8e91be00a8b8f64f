// The narrator obeying what a text asks for: voices, styles, prosody, pauses, turns, recordings.
#include <gmock/gmock.h>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <numeric>

#include "audio/encoder.h"
#include "base/error.h"
#include "voice/fake_utterance.h"
#include "voice/fake_voice.h"
#include "voice/narrator.h"

namespace myna::voice {
namespace {

using ::testing::HasSubstr;
using text::Break;

struct Rendering {
  std::vector<float> samples;
  std::vector<WordTiming> words;
  std::vector<BookmarkTiming> bookmarks;
};

Rendering render(FakeVoice& voice, const text::SpokenText& spoken, NarratorOptions options = {}) {
  Rendering result;
  if (options.speaker.parts.empty()) options.speaker.parts = {{0, 1.0f}};
  Narrator narrator(voice, std::move(options), [&](std::span<const float> samples) {
    result.samples.insert(result.samples.end(), samples.begin(), samples.end());
  });
  narrator.narrate(spoken);
  narrator.finish();
  result.words = narrator.words();
  result.bookmarks = narrator.bookmarks();
  return result;
}

double seconds(const Rendering& rendering) {
  return static_cast<double>(rendering.samples.size()) / FakeVoice::kRate;
}

// Between the end of one word and the start of the next.
double gap_ms(const Rendering& rendering, size_t word) {
  return 1000 * (rendering.words.at(word + 1).start_s - rendering.words.at(word).end_s);
}

double level(const Rendering& rendering, size_t word) {
  const WordTiming& at = rendering.words.at(word);
  const auto begin = static_cast<size_t>((at.start_s + 0.03) * FakeVoice::kRate);
  const auto end = static_cast<size_t>((at.end_s - 0.03) * FakeVoice::kRate);
  return audio::root_mean_square(std::span(rendering.samples).subspan(begin, end - begin));
}

void set_prosody(text::Utterance& utterance, size_t word, const text::Prosody& prosody) {
  if (utterance.prosodies.empty()) utterance.prosodies.push_back({});
  utterance.prosodies.push_back(prosody);
  for (text::Phoneme& phoneme : utterance.phonemes) {
    if (phoneme.word == static_cast<int32_t>(word)) {
      phoneme.prosody = static_cast<uint16_t>(utterance.prosodies.size() - 1);
    }
  }
}

TEST(NarratorDelivery, ANeutralTextAsksForNothing) {
  FakeVoice voice;
  text::Utterance plain = fake_utterance("ab cd.", Break::kSentence);
  plain.prosodies.push_back({});
  render(voice, {{plain}, {}});
  EXPECT_TRUE(voice.requests.at(0).phoneme_controls.empty());
  EXPECT_EQ(voice.requests.at(0).control, UtteranceControl{});
  EXPECT_FALSE(voice.requests.at(0).prosody_speaker.has_value());
}

TEST(NarratorDelivery, RateAndPitchReachTheirPhonemesOnly) {
  FakeVoice voice;
  text::Utterance spoken = fake_utterance("ab cd.", Break::kSentence);
  set_prosody(spoken, 1, {.rate = 0.5f, .pitch_semitones = 3, .pitch_range = 2});
  spoken.pitch_semitones = {0, 1, 0, 0, -2, 0};
  render(voice, {{spoken}, {}});
  const auto& controls = voice.requests.at(0).phoneme_controls;
  ASSERT_EQ(controls.size(), 6u);
  EXPECT_EQ(controls[0], PhonemeControl{});
  EXPECT_EQ(controls[1].pitch_semitones, 1);
  EXPECT_EQ(controls[3].duration, 2);
  EXPECT_EQ(controls[3].pitch_semitones, 3);
  EXPECT_EQ(controls[4].pitch_semitones, 1);
  EXPECT_EQ(controls[4].pitch_range, 2);
}

TEST(NarratorDelivery, WordTimesFollowARate) {
  FakeVoice voice;
  text::Utterance spoken = fake_utterance("ab cd ef.", Break::kSentence);
  set_prosody(spoken, 1, {.rate = 0.5f});
  const Rendering result = render(voice, {{spoken}, {}});
  EXPECT_NEAR(result.words[1].end_s - result.words[1].start_s, 0.4, 0.01);
  EXPECT_NEAR(result.words[2].end_s - result.words[2].start_s, 0.2, 0.01);
}

TEST(NarratorDelivery, EmphasisIsLongerHigherAndLouder) {
  FakeVoice voice;
  text::Utterance spoken = fake_utterance("ba da.", Break::kSentence);
  set_prosody(spoken, 1, {.emphasis = text::Emphasis::kStrong});
  const Rendering result = render(voice, {{spoken}, {}});
  const auto& controls = voice.requests.at(0).phoneme_controls;
  EXPECT_GT(controls[4].duration, 1.3f);  // the vowel
  EXPECT_GT(controls[4].pitch_semitones, controls[3].pitch_semitones);
  EXPECT_GT(controls[3].pitch_semitones, 0);
  EXPECT_GT(controls[4].effort_db, 0);
  EXPECT_GT(controls[2].duration, 1);  // the joint in front of it
  EXPECT_EQ(controls[1], PhonemeControl{});
  EXPECT_GT(level(result, 1), level(result, 0) * 1.1);
}

TEST(NarratorDelivery, EffortIsHeardInTheLevel) {
  text::Utterance spoken = fake_utterance("aaa aaa.", Break::kSentence);
  const auto level_db = [&](float effort_db) {
    FakeVoice voice;
    StyleTable styles;
    styles.add(R"({"format": "myna-styles", "version": 1, "styles": {"own": {"description": "",
                   "effort_db": )" +
                   std::to_string(effort_db) + "}}}",
               "own.json");
    NarratorOptions options;
    options.styles = &styles;
    options.style = "own";
    return 20 * std::log10(level(render(voice, {{spoken}, {}}, options), 0));
  };
  EXPECT_NEAR(level_db(6) - level_db(0), 3, 0.1);
  EXPECT_NEAR(level_db(-6) - level_db(0), -3, 0.1);
}

TEST(NarratorDelivery, VolumeIsExactAndDoesNotClick) {
  FakeVoice voice;
  text::Utterance spoken = fake_utterance("aaa aaa.", Break::kSentence);
  set_prosody(spoken, 1, {.volume_db = -12});
  const Rendering result = render(voice, {{spoken}, {}});
  EXPECT_NEAR(20 * std::log10(level(result, 1) / level(result, 0)), -12, 0.1);
  float largest = 0;
  for (size_t i = 1; i < result.samples.size(); ++i) {
    largest = std::max(largest, std::abs(result.samples[i] - result.samples[i - 1]));
  }
  EXPECT_LT(largest, 0.0605f);
}

TEST(NarratorDelivery, SilentVolumeTakesItsTime) {
  FakeVoice voice;
  text::Utterance spoken = fake_utterance("aaa bbb.", Break::kSentence);
  const double plain_s = seconds(render(voice, {{spoken}, {}}));
  set_prosody(spoken, 0, {.volume_db = text::Prosody::kSilentVolume_db});
  const Rendering result = render(voice, {{spoken}, {}});
  EXPECT_DOUBLE_EQ(seconds(result), plain_s);
  EXPECT_EQ(level(result, 0), 0);
  EXPECT_GT(level(result, 1), 0.3);
}

TEST(NarratorDelivery, ExplicitPausesAreExactAtAnySpeed) {
  FakeVoice voice;
  text::Utterance first = fake_utterance("aaa", Break::kSentence);
  first.pause_after_ms = 1200;
  text::Utterance pause;  // one pause behind another
  pause.break_after = Break::kNone;
  pause.pause_after_ms = 300;
  for (float speed : {1.0f, 2.0f}) {
    NarratorOptions options;
    options.speed = speed;
    const Rendering result =
        render(voice, {{first, pause, fake_utterance("bbb", Break::kSentence)}, {}}, options);
    EXPECT_NEAR(gap_ms(result, 0), 1500, 12) << speed;
  }
  const Rendering leading = render(voice, {{pause, fake_utterance("bbb", Break::kSentence)}, {}});
  EXPECT_NEAR(leading.words.at(0).start_s, 0.3 + kLeadMargin_ms / 1000, 0.01);
}

TEST(NarratorDelivery, BookmarksHaveTheTimeOfTheirPhoneme) {
  FakeVoice voice;
  text::Utterance spoken = fake_utterance("ab cd.", Break::kSentence);
  spoken.bookmarks = {{"start", {0, 0}, 0}, {"second", {3, 3}, 3}, {"end", {6, 6}, 6}};
  NarratorOptions options;
  std::vector<std::string> heard;
  options.bookmark_observer = [&](const BookmarkTiming& mark) { heard.push_back(mark.name); };
  const Rendering result = render(voice, {{spoken}, {}}, options);
  EXPECT_THAT(heard, testing::ElementsAre("start", "second", "end"));
  EXPECT_NEAR(result.bookmarks.at(0).time_s, result.words[0].start_s, 1e-3);
  EXPECT_NEAR(result.bookmarks.at(1).time_s, result.words[1].start_s, 1e-3);
  EXPECT_GE(result.bookmarks.at(2).time_s, result.words[1].end_s);
}

TEST(NarratorDelivery, StylesComeFromTheTableAndScale) {
  FakeVoice voice;
  const StyleTable styles = StyleTable::builtin();
  const StyleRecipe& excited = styles.require("excited");
  text::Utterance plain = fake_utterance("ab.", Break::kSentence);
  text::Utterance styled = plain;
  styled.delivery.style = "Excited";
  styled.delivery.style_degree = 0.5f;
  NarratorOptions options;
  options.styles = &styles;
  render(voice, {{plain, styled}, {}}, options);
  EXPECT_TRUE(voice.requests.at(0).phoneme_controls.empty());
  const PhonemeControl& control = voice.requests.at(1).phoneme_controls.at(1);
  EXPECT_FLOAT_EQ(control.pitch_semitones, excited.pitch_semitones / 2);
  EXPECT_FLOAT_EQ(control.pitch_range, std::sqrt(excited.pitch_range));
  EXPECT_LT(control.duration, 1);
}

TEST(NarratorDelivery, AVoiceOfTheTextSpeaksAndIsLeveled) {
  FakeVoice voice;
  std::vector<text::Utterance> utterances;
  for (int turn = 0; turn < 6; ++turn) {
    utterances.push_back(fake_utterance("aaaaaaaa", Break::kSentence));
    utterances.back().delivery.voice = turn % 2 == 0 ? "fake" : "soft";
  }
  const Rendering result = render(voice, {utterances, {}});
  for (size_t i = 1; i < 6; ++i) {
    EXPECT_NEAR(20 * std::log10(level(result, i) / level(result, 0)), 0, 0.5) << i;
  }
  // Pieces made to measure a voice are not made twice.
  EXPECT_EQ(voice.requests.size(), 6u);
}

TEST(NarratorDelivery, OneVoiceKeepsItsLevel) {
  FakeVoice voice;
  NarratorOptions options;
  options.speaker.parts = {{1, 1.0f}};
  const Rendering result =
      render(voice, {{fake_utterance("aaaaaaaa", Break::kSentence)}, {}}, options);
  EXPECT_NEAR(level(result, 0), 0.125 / std::sqrt(2), 1e-3);
}

TEST(NarratorDelivery, WhatIsNotThereIsReportedWithItsPlace) {
  FakeVoice voice;
  const StyleTable styles = StyleTable::builtin();
  NarratorOptions options;
  options.styles = &styles;
  text::Utterance wish = fake_utterance("ab.", Break::kSentence, 10);
  wish.delivery.voice = "faek";
  wish.delivery.style = "cheerfull";
  text::Utterance cast = fake_utterance("ab.", Break::kSentence, 20);
  cast.delivery.voice = "sofd";
  cast.delivery.role = "Anna";
  text::Utterance recording;
  recording.audio_file = "/nonexistent/bell.wav";
  recording.source = {30, 40};
  const text::SpokenText spoken{{wish, cast, recording}, {}};
  Narrator narrator(voice, options, [](std::span<const float>) {});
  const auto found = narrator.check(spoken);
  ASSERT_EQ(found.size(), 4u);
  EXPECT_EQ(found[0].severity, text::Severity::kWarning);
  EXPECT_EQ(found[0].source.begin, 10u);
  EXPECT_THAT(found[0].message, HasSubstr("'fake'"));
  EXPECT_THAT(found[1].message, HasSubstr("'cheerful'"));
  EXPECT_EQ(found[2].severity, text::Severity::kError);
  EXPECT_THAT(found[3].message, HasSubstr("bell.wav"));
  // And is read all the same.
  EXPECT_EQ(render(voice, spoken, options).words.size(), 2u);
  NarratorOptions loudly;
  loudly.style = "loudly";
  EXPECT_THROW(Narrator(voice, loudly, {}), Error);
}

class Dialogue : public testing::Test {
 protected:
  static text::Utterance turn(std::string_view symbols, std::string role, text::TurnEnd end,
                              text::TurnStart start = text::TurnStart::kTurn) {
    text::Utterance utterance = fake_utterance(symbols, Break::kParagraph);
    utterance.delivery.role = std::move(role);
    utterance.turn_start = start;
    utterance.turn_end = end;
    return utterance;
  }
  FakeVoice voice_;
};

TEST_F(Dialogue, GapsFollowTheEndOfTheTurn) {
  const TurnGaps gaps;
  const Rendering result = render(
      voice_, {{turn("aaaa", "Anna", text::TurnEnd::kQuestion),
                turn("bbbb", "Ben", text::TurnEnd::kStatement),
                turn("cccc", "Anna", text::TurnEnd::kInterrupted),
                turn("dddd", "Ben", text::TurnEnd::kTrailingOff),
                turn("eeee", "Anna", text::TurnEnd::kStatement, text::TurnStart::kBackchannel),
                turn("ffff", "Ben", text::TurnEnd::kStatement)},
               {}});
  EXPECT_NEAR(gap_ms(result, 0), gaps.question_ms, 12);
  EXPECT_NEAR(gap_ms(result, 1), gaps.statement_ms, 12);
  // No shorter than the margins around a sound.
  EXPECT_NEAR(gap_ms(result, 2), kLeadMargin_ms + kTailMargin_ms, 12);
  EXPECT_NEAR(gap_ms(result, 3), gaps.before_backchannel_ms, 12);
  EXPECT_NEAR(gap_ms(result, 4), gaps.after_backchannel_ms, 12);
  EXPECT_EQ(result.words[0].role, "Anna");
  EXPECT_EQ(result.words[1].role, "Ben");
}

TEST_F(Dialogue, AShortReactionMayOverlap) {
  NarratorOptions options;
  options.turns.overlap_ms = 100;
  const text::SpokenText spoken{
      {turn("aaaaaaaa", "Anna", text::TurnEnd::kStatement),
       turn("zzzz", "Ben", text::TurnEnd::kStatement, text::TurnStart::kBackchannel),
       turn("cccc", "Anna", text::TurnEnd::kStatement)},
      {}};
  const Rendering result = render(voice_, spoken, options);
  EXPECT_NEAR(gap_ms(result, 0), -100, 12);
  EXPECT_GT(gap_ms(result, 1), 100);
  // Both are heard in the overlap: two sines of the same level, too far apart to beat within it.
  const auto at = static_cast<size_t>((result.words[1].start_s + 0.02) * FakeVoice::kRate);
  EXPECT_GT(audio::root_mean_square(std::span(result.samples).subspan(at, 1440)), 0.42);
}

TEST_F(Dialogue, StereoGivesSpeakersTheirPlaces) {
  NarratorOptions options;
  options.layout = ChannelLayout::kStereo;
  const Rendering result = render(voice_,
                                  {{turn("aaaa", "Anna", text::TurnEnd::kStatement),
                                    turn("bbbb", "Ben", text::TurnEnd::kStatement)},
                                   {}},
                                  options);
  const auto powers = [&](size_t word) {
    double left = 0, right = 0;
    const auto begin = static_cast<size_t>(result.words[word].start_s * FakeVoice::kRate);
    for (size_t i = begin + 1000; i < begin + 5000; ++i) {
      left += std::pow(result.samples[2 * i], 2);
      right += std::pow(result.samples[2 * i + 1], 2);
    }
    return std::pair(left, right);
  };
  EXPECT_GT(powers(0).first, 2 * powers(0).second);
  EXPECT_GT(powers(1).second, 2 * powers(1).first);
}

TEST(NarratorRecording, IsPlayedAtTheLevelOfTheSpeech) {
  const std::filesystem::path path =
      std::filesystem::path(testing::TempDir()) / "myna-narrator-recording.wav";
  std::vector<float> tone(8000);
  for (size_t i = 0; i < tone.size(); ++i) {
    tone[i] = 0.1f * static_cast<float>(std::sin(2 * M_PI * 400 * static_cast<double>(i) / 16000));
  }
  const auto encoder = audio::make_file_encoder(path, audio::AudioFormat::kWav, 16000);
  encoder->write(tone);
  encoder->finish();

  FakeVoice voice;
  text::Utterance recording;
  recording.audio_file = path.string();
  recording.break_after = Break::kSentence;
  const Rendering result = render(voice, {{fake_utterance("wwwwwwww", Break::kSentence), recording,
                                           fake_utterance("wwwwwwww", Break::kSentence)},
                                          {}});
  std::filesystem::remove(path);
  const PauseTable pauses;
  // 0.5 s of recording between two pauses.
  EXPECT_NEAR(gap_ms(result, 0), 500 + 2 * pauses.sentence_ms, 80);
  const auto middle =
      static_cast<size_t>((result.words[0].end_s + result.words[1].start_s) / 2 * FakeVoice::kRate);
  const double found =
      audio::root_mean_square(std::span(result.samples).subspan(middle - 2400, 4800));
  // The loudness of the speech counts the blocks at its ends too, which are half silence.
  EXPECT_NEAR(20 * std::log10(found / level(result, 0)), 0, 2);
}

}  // namespace
}  // namespace myna::voice
