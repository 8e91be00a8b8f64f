#include "voice/narrator.h"

#include <gmock/gmock.h>

#include <algorithm>
#include <set>

#include "base/utf8.h"
#include "voice/fake_utterance.h"
#include "voice/fake_voice.h"
#include "voice/foretelling_voice.h"

namespace myna::voice {
namespace {

constexpr double kMsPerSample = 1000.0 / FakeVoice::kRate;

// The name that the tests below use.
text::Utterance utterance(std::string_view symbols, text::Break break_after,
                          size_t source_begin = 0) {
  return fake_utterance(symbols, break_after, source_begin);
}

struct Rendering {
  std::vector<float> samples;
  std::vector<WordTiming> words;
  NarrationStatus status = NarrationStatus::kComplete;
};

Rendering render(FakeVoice& voice, const text::SpokenText& spoken, NarratorOptions options = {}) {
  Rendering result;
  Narrator narrator(voice, std::move(options), [&](std::span<const float> samples) {
    EXPECT_FALSE(samples.empty());
    result.samples.insert(result.samples.end(), samples.begin(), samples.end());
  });
  result.status = narrator.narrate(spoken);
  narrator.finish();
  result.words = narrator.words();
  EXPECT_NEAR(narrator.audio_s(), static_cast<double>(result.samples.size()) / FakeVoice::kRate,
              1e-9);
  return result;
}

// Lengths in ms of the silences of at least 30 ms, ends included.
std::vector<double> silences_ms(const std::vector<float>& samples) {
  std::vector<double> result;
  for (const auto& range : find_silences(samples, FakeVoice::kRate, 30)) {
    result.push_back(static_cast<double>(range.end - range.begin) * kMsPerSample);
  }
  return result;
}

TEST(Narrator, PausesFollowTheBreaks) {
  FakeVoice voice;
  const PauseTable table;
  const Rendering result = render(
      voice, {{utterance("aaa", text::Break::kClause), utterance("bbb", text::Break::kSentence),
               utterance("ccc", text::Break::kParagraph), utterance("ddd", text::Break::kHeading),
               utterance("eee", text::Break::kNone), utterance("fff", text::Break::kSentence)},
              {}});
  const std::vector<double> silences = silences_ms(result.samples);
  const std::vector<double> expected = {table.clause_ms,  table.sentence_ms, table.paragraph_ms,
                                        table.heading_ms, table.none_ms,     table.end_ms};
  ASSERT_EQ(silences.size(), expected.size());
  // Windows of 5 ms and fades of 8 ms blur the edges.
  for (size_t i = 0; i < expected.size(); ++i) EXPECT_NEAR(silences[i], expected[i], 12) << i;
}

TEST(Narrator, ForetellsHowLongItWillSpeak) {
  FakeVoice voice;
  const text::SpokenText spoken = {
      {utterance("aaaa bb, cccc.", text::Break::kSentence),
       utterance("ddd eeeee.", text::Break::kParagraph), utterance("f.", text::Break::kSentence)},
      {}};
  for (const float speed : {0.8f, 1.0f, 1.5f}) {
    NarratorOptions options;
    options.speed = speed;
    const Rendering said = render(voice, spoken, options);
    ForetellingVoice foretelling(voice);
    size_t foretold = 0;
    Narrator narrator(foretelling, options,
                      [&](std::span<const float> samples) { foretold += samples.size(); });
    EXPECT_EQ(narrator.narrate(spoken), NarrationStatus::kComplete);
    narrator.finish();
    // Windows of 5 ms at the edges of each piece.
    EXPECT_NEAR(static_cast<double>(foretold) / FakeVoice::kRate,
                static_cast<double>(said.samples.size()) / FakeVoice::kRate, 0.03)
        << speed;
  }
}

TEST(Narrator, SpeedShortensPauses) {
  FakeVoice voice;
  NarratorOptions options;
  options.speed = 2;
  const Rendering result = render(
      voice,
      {{utterance("aaa", text::Break::kParagraph), utterance("bbb", text::Break::kSentence)}, {}},
      options);
  EXPECT_NEAR(silences_ms(result.samples).at(0), PauseTable().paragraph_ms / 2, 12);
  EXPECT_EQ(voice.requests.at(0).speed, 2);
}

// Remembers what was asked for together.
class BatchingVoice : public FakeVoice {
 public:
  explicit BatchingVoice(size_t items) : items_(items) {}
  size_t preferred_batch_items() const override { return items_; }
  std::vector<Speech> synthesize_batch(std::span<const SynthesisRequest> asked) override {
    batches.push_back(asked.size());
    return FakeVoice::synthesize_batch(asked);
  }
  std::vector<size_t> batches;

 private:
  size_t items_;
};

text::SpokenText nine_pieces() {
  text::SpokenText spoken;
  for (size_t i = 0; i < 9; ++i) {
    // One without a sound: it has no place in a batch.
    spoken.utterances.push_back(
        utterance(i == 4 ? "" : std::string(i + 1, 'a'), text::Break::kSentence, 10 * i));
  }
  return spoken;
}

TEST(Narrator, PiecesMadeTogetherSoundTheSame) {
  FakeVoice one_by_one;
  const Rendering wanted = render(one_by_one, nine_pieces());
  BatchingVoice voice(3);
  const Rendering found = render(voice, nine_pieces());
  EXPECT_EQ(found.samples, wanted.samples);
  ASSERT_EQ(found.words.size(), wanted.words.size());
  for (size_t i = 0; i < found.words.size(); ++i) {
    EXPECT_EQ(found.words[i].start_s, wanted.words[i].start_s) << i;
  }
  // The first is not kept waiting; the seeds stay those of the pieces.
  EXPECT_EQ(voice.batches, (std::vector<size_t>{3, 3, 1}));
  ASSERT_EQ(voice.requests.size(), one_by_one.requests.size());
  for (size_t i = 0; i < voice.requests.size(); ++i) {
    EXPECT_EQ(voice.requests[i].seed, one_by_one.requests[i].seed) << i;
  }
}

TEST(Narrator, PiecesAreNotMadeTogetherForWhoListensAtOnce) {
  BatchingVoice voice(3);
  NarratorOptions options;
  options.together = false;
  render(voice, nine_pieces(), options);
  EXPECT_TRUE(voice.batches.empty());
}

TEST(Narrator, JoinsDoNotClick) {
  FakeVoice voice;
  const Rendering result =
      render(voice, {{utterance("mzm", text::Break::kNone), utterance("zaz", text::Break::kClause),
                      utterance("ama", text::Break::kSentence)},
                     {}});
  // A 460 Hz sine of amplitude 0.5 moves by at most 0.0603 a sample.
  float largest = std::abs(result.samples.front());
  for (size_t i = 1; i < result.samples.size(); ++i) {
    largest = std::max(largest, std::abs(result.samples[i] - result.samples[i - 1]));
  }
  EXPECT_LT(largest, 0.0605f);
  EXPECT_EQ(result.samples.back(), 0.0f);
}

TEST(Narrator, NoSoundIsLost) {
  FakeVoice voice;
  const Rendering result = render(
      voice,
      {{utterance("ab", text::Break::kSentence), utterance("c", text::Break::kSentence)}, {}});
  const auto sounding = static_cast<double>(std::count_if(
      result.samples.begin(), result.samples.end(), [](float s) { return std::abs(s) > 0.002f; }));
  const double expected = 3 * FakeVoice::kSymbolFrames * FakeVoice::kFrame;
  EXPECT_NEAR(sounding / expected, 1.0, 0.01);  // zero crossings
}

TEST(Narrator, WordTimingsAreExact) {
  FakeVoice voice;
  const Rendering result = render(voice, {{utterance("ab cde, f.", text::Break::kSentence, 7),
                                           utterance("gh", text::Break::kSentence, 30)},
                                          {}});
  const double symbol_s = FakeVoice::kSymbolFrames * 0.025;
  const double lead_s = kLeadMargin_ms / 1000;
  ASSERT_EQ(result.words.size(), 4u);
  EXPECT_EQ(result.words[0].text, "ab");
  EXPECT_EQ(result.words[0].source, (text::SourceSpan{7, 9}));
  EXPECT_NEAR(result.words[0].start_s, lead_s, 1e-3);
  EXPECT_NEAR(result.words[0].end_s, lead_s + 2 * symbol_s, 1e-3);
  EXPECT_NEAR(result.words[1].start_s, lead_s + 3 * symbol_s, 1e-3);
  EXPECT_NEAR(result.words[1].end_s, lead_s + 6 * symbol_s, 5e-3);
  EXPECT_NEAR(result.words[2].start_s, lead_s + 8 * symbol_s, 5e-3);
  EXPECT_NEAR(result.words[2].end_s, lead_s + 9 * symbol_s, 5e-3);
  EXPECT_EQ(result.words[3].source, (text::SourceSpan{30, 32}));
  EXPECT_NEAR(result.words[3].start_s - result.words[2].end_s, PauseTable().sentence_ms / 1000,
              5e-3);
  // The timing says where the sound is.
  for (const WordTiming& word : result.words) {
    const auto middle = static_cast<size_t>((word.start_s + word.end_s) / 2 * FakeVoice::kRate);
    EXPECT_GT(audio::root_mean_square(std::span(result.samples).subspan(middle, 240)), 0.1)
        << word.text;
  }
}

TEST(Narrator, FollowingTextMovesSourceSpans) {
  FakeVoice voice;
  Narrator narrator(voice, {}, [](std::span<const float>) {});
  narrator.narrate({{utterance("ab", text::Break::kSentence)}, {}});
  narrator.narrate({{utterance("cd", text::Break::kSentence)}, {}}, 1000);
  ASSERT_EQ(narrator.words().size(), 2u);
  EXPECT_EQ(narrator.words()[1].source, (text::SourceSpan{1000, 1002}));
  EXPECT_GT(narrator.words()[1].start_s, narrator.words()[0].end_s + 0.4);
}

TEST(Narrator, UnfinishedEndingsGetAMark) {
  FakeVoice voice;
  render(voice, {{utterance("ab", text::Break::kHeading), utterance("cd", text::Break::kClause),
                  utterance("ef", text::Break::kNone), utterance("gh!", text::Break::kSentence)},
                 {}});
  std::vector<std::string> sent;
  for (const auto& request : voice.requests) sent.push_back(to_utf8(request.phonemes));
  EXPECT_THAT(sent, testing::ElementsAre("ab.", "cd,", "ef", "gh!"));
}

TEST(Narrator, PieceSeedsDifferAndRepeat) {
  FakeVoice voice;
  const text::SpokenText spoken{
      {utterance("a", text::Break::kSentence), utterance("a", text::Break::kSentence)}, {}};
  NarratorOptions options;
  options.seed = 5;
  render(voice, spoken, options);
  render(voice, spoken, options);
  options.seed = 6;
  render(voice, spoken, options);
  EXPECT_NE(voice.requests[0].seed, voice.requests[1].seed);
  EXPECT_EQ(voice.requests[0].seed, voice.requests[2].seed);
  EXPECT_EQ(voice.requests[1].seed, voice.requests[3].seed);
  EXPECT_NE(voice.requests[0].seed, voice.requests[4].seed);
  EXPECT_NE(voice.requests[1].seed, voice.requests[4].seed);
}

TEST(Narrator, CancelKeepsWholePieces) {
  FakeVoice voice;
  std::atomic<bool> cancel{false};
  NarratorOptions options;
  options.cancel = &cancel;
  size_t pieces = 0;
  options.progress = [&](const NarrationProgress& progress) {
    EXPECT_EQ(progress.phoneme_count, 9u);
    cancel = ++pieces == 2;
  };
  const Rendering result =
      render(voice,
             {{utterance("aaa", text::Break::kSentence), utterance("bbb", text::Break::kSentence),
               utterance("ccc", text::Break::kSentence)},
              {}},
             options);
  EXPECT_EQ(result.status, NarrationStatus::kCancelled);
  EXPECT_EQ(voice.requests.size(), 2u);
  EXPECT_EQ(result.words.size(), 2u);
  EXPECT_NEAR(static_cast<double>(result.samples.size()) / FakeVoice::kRate - result.words[1].end_s,
              PauseTable().end_ms / 1000, 0.01);
}

TEST(Narrator, EmptyTextIsSilent) {
  FakeVoice voice;
  EXPECT_TRUE(render(voice, {}).samples.empty());
  EXPECT_TRUE(render(voice, {{utterance(" . ", text::Break::kSentence)}, {}}).samples.empty());
  EXPECT_TRUE(voice.requests.empty());
}

TEST(Narrator, UnknownSymbolsAreLeftOutAndCounted) {
  FakeVoice voice;
  text::Utterance mixed = utterance("abc d", text::Break::kSentence);
  mixed.phonemes[1].symbol = U'ʘ';
  Narrator narrator(voice, {}, [](std::span<const float>) {});
  narrator.narrate({{mixed, utterance("QRS", text::Break::kSentence)}, {}});
  EXPECT_EQ(to_utf8(voice.requests.at(0).phonemes), "ac d.");
  EXPECT_EQ(voice.requests.size(), 1u);
  EXPECT_EQ(narrator.skipped_phoneme_count(), 4u);
  ASSERT_EQ(narrator.words().size(), 3u);  // every word is accounted for
  EXPECT_NEAR(narrator.words()[0].end_s - narrator.words()[0].start_s, 0.2, 1e-3);
  EXPECT_EQ(narrator.words()[2].start_s, narrator.words()[2].end_s);
}

TEST(Narrator, SpeedOutOfRangeIsRefused) {
  FakeVoice voice;
  for (float speed : {0.0f, 0.2f, 4.1f, -1.0f, std::nanf("")}) {
    NarratorOptions options;
    options.speed = speed;
    EXPECT_THROW(Narrator(voice, options, {}), Error) << speed;
  }
}

TEST(PieceEdges, QuietOnsetAndDecayAreKept) {
  std::vector<float> samples(24000, 0.0f);
  for (size_t i = 6000; i < 18000; ++i) {
    // -45 dB below the loud part for the first and last 100 ms.
    const bool soft = i < 8400 || i >= 15600;
    samples[i] =
        (soft ? 0.0035f : 0.6f) * static_cast<float>(std::sin(0.1 * static_cast<double>(i)));
  }
  const PieceEdges edges = find_piece_edges(samples, 24000);
  EXPECT_NEAR(static_cast<double>(edges.sound.begin), 6000, 120);
  EXPECT_NEAR(static_cast<double>(edges.sound.end), 18000, 120);
  EXPECT_EQ(edges.sound.begin - edges.keep.begin, 600u);
  EXPECT_EQ(edges.keep.end - edges.sound.end, 960u);
}

}  // namespace
}  // namespace myna::voice
