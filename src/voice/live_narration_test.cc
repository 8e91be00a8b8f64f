// Streaming without waiting for real time: a simulated clock, writer, voice and listener; and the
// same text streamed and whole.
#include "voice/live_narration.h"

#include <gmock/gmock.h>

#include <algorithm>
#include <cmath>

#include "audio/loudness.h"
#include "base/paths.h"
#include "text/front_end.h"
#include "voice/fake_voice.h"
#include "voice/playout.h"
#include "voice/speech_output.h"

namespace myna::voice {
namespace {

const text::FrontEnd& front_end() {
  static const text::FrontEnd kFrontEnd(models_directory() / "lexicon-en");
  return kFrontEnd;
}

constexpr const char* kText =
    "The old clock struck seven, and nobody in the long room moved or said a word about it. Dr. "
    "Smith paid $3.50 for the coffee; the rest of us, who had come by train from the other side of "
    "the country, waited. \"Well?\" she asked.\n\nThe river went on, as rivers do, past mills and "
    "meadows and small grey towns whose names we never learned, although we asked for them at "
    "every bridge and in every inn along the way. It was late. We walked home in the rain, and "
    "the next day it all began again: the clock, the long room, the coffee, and the silence.\n";

// A phoneme is 70 ms of audio, as Kokoro's are in the mean.
constexpr double kPhoneme_s = 0.07;

struct Arrival {
  double at_s;
  std::string bytes;
};

struct Simulation {
  double first_audio_s = -1;
  double starved_s = 0;
  double longest_wait_s = 0;  // between the end of what was heard and the next piece
  std::vector<size_t> pieces;
  std::string words;
};

// rtf: seconds of work for a second of audio; overhead_s: for each piece besides.
Simulation simulate(const std::vector<Arrival>& arrivals, double rtf, double overhead_s = 0.01,
                    size_t first_target = 40) {
  Simulation result;
  double now_s = 0;
  size_t next = 0;
  PlayClock clock;
  const auto time = [&] {
    return PlayClock::Time(std::chrono::duration_cast<PlayClock::Time::duration>(
        std::chrono::duration<double>(now_s)));
  };
  text::FrontEndOptions options;
  options.first_target_phonemes = first_target;
  text::TextStream stream(front_end(), options);
  LiveSource source;
  source.now_s = [&] { return now_s; };
  source.lead_s = [&] { return clock.lead_s(time()); };
  source.read = [&](text::TextStream& to, double timeout_s) {
    if (next < arrivals.size() && arrivals[next].at_s > now_s) {
      now_s = std::min(now_s + timeout_s, arrivals[next].at_s);
    }
    for (; next < arrivals.size() && arrivals[next].at_s <= now_s; ++next) {
      to.append(arrivals[next].bytes);
    }
    if (next == arrivals.size()) to.finish();
  };
  source.narrate = [&](const text::TextStream::Part& part) {
    for (const text::Utterance& utterance : part.spoken.utterances) {
      for (const text::Word& word : utterance.words) {
        result.words += (result.words.empty() ? "" : " ") + word.text;
      }
      if (utterance.phonemes.empty()) continue;
      const double audio_s = kPhoneme_s * static_cast<double>(utterance.phonemes.size());
      now_s += overhead_s + rtf * audio_s;
      if (result.first_audio_s < 0) result.first_audio_s = now_s;
      result.longest_wait_s = std::max(result.longest_wait_s, -clock.lead_s(time()));
      clock.add(audio_s, time());
      result.pieces.push_back(utterance.phonemes.size());
    }
    return NarrationStatus::kComplete;
  };
  EXPECT_EQ(narrate_live(stream, source), NarrationStatus::kComplete);
  result.starved_s = clock.starved_s();
  return result;
}

// Tokens as a language model makes them: words with the space before them.
std::vector<Arrival> tokens(const std::string& text, double tokens_per_s) {
  std::vector<Arrival> arrivals;
  double at_s = 0;
  for (size_t begin = 0; begin < text.size();) {
    const size_t end = std::min(text.find(' ', begin + 1), text.size());
    arrivals.push_back({at_s, text.substr(begin, end - begin)});
    at_s += 1 / tokens_per_s;
    begin = end;
  }
  return arrivals;
}

std::string whole_words() {
  std::string words;
  for (const text::Utterance& utterance : front_end().process(kText).utterances) {
    for (const text::Word& word : utterance.words) words += (words.empty() ? "" : " ") + word.text;
  }
  return words;
}

TEST(LiveNarration, AListenerInRealTimeNeverWaitsDownToHalfOfItsSpeed) {
  for (const double rtf : {0.02, 0.1, 0.3, 0.48}) {
    const Simulation result = simulate({{0, kText}}, rtf);
    EXPECT_EQ(result.starved_s, 0) << rtf;
    EXPECT_LE(result.first_audio_s, 0.01 + rtf * 40 * kPhoneme_s + 1e-9) << rtf;
    EXPECT_LE(result.pieces.at(0), 40u);
    EXPECT_GE(*std::max_element(result.pieces.begin(), result.pieces.end()), 100u)
        << "later pieces have the length that the voice reads well";
    EXPECT_EQ(result.words, whole_words());
  }
}

TEST(LiveNarration, WithoutTheScheduleItWouldWaitLonger) {
  const Simulation held_short = simulate({{0, kText}}, 0.3);
  const Simulation usual = simulate({{0, kText}}, 0.3, 0.01, 0);
  EXPECT_GT(usual.first_audio_s, 3 * held_short.first_audio_s);
}

TEST(LiveNarration, TokensAreSpokenAsTheyCome) {
  // 20 tokens a second, six times as fast as speech.
  const Simulation result = simulate(tokens(kText, 20), 0.1);
  EXPECT_EQ(result.words, whole_words());
  EXPECT_EQ(result.starved_s, 0);
  // The first clause has five words, and the next word shows that it is over.
  EXPECT_LT(result.first_audio_s, 6 / 20.0 + 0.01 + 0.1 * 40 * kPhoneme_s);
  EXPECT_LT(result.pieces.at(0), 40u);
  EXPECT_GE(*std::max_element(result.pieces.begin(), result.pieces.end()), 90u);
}

TEST(LiveNarration, APauseOfTheWriterEndsWhatIsThere) {
  const Simulation result =
      simulate({{0, "I think that we"}, {4, " should go, Dr."}, {8, " Smith."}}, 0.1);
  EXPECT_EQ(result.words, "I think that we should go doctor Smith");
  EXPECT_NEAR(result.first_audio_s, kDefaultFlushAfter_s, 0.2);
  EXPECT_GE(result.pieces.size(), 3u);
}

TEST(LiveNarration, ACancelEndsIt) {
  std::atomic<bool> cancel{false};
  text::TextStream stream(front_end(), {});
  LiveSource source;
  source.cancel = &cancel;
  source.now_s = source.lead_s = [] { return 0.0; };
  int reads = 0;
  source.read = [&](text::TextStream&, double) { cancel = ++reads > 3; };
  source.narrate = [](const text::TextStream::Part&) { return NarrationStatus::kComplete; };
  EXPECT_EQ(narrate_live(stream, source), NarrationStatus::kCancelled);
}

// Every symbol that is no mark is a sine.
class IpaVoice : public FakeVoice {
 public:
  bool has_symbol(char32_t) const override { return true; }
  size_t max_phonemes() const override { return 500; }
  Speech synthesize(const SynthesisRequest& request) override {
    SynthesisRequest letters = request;
    for (char32_t& symbol : letters.phonemes) {
      if (std::u32string_view(U" .,!?").find(symbol) == std::u32string_view::npos) {
        symbol = U'a' + symbol % 26;
      }
    }
    for (char32_t& symbol : letters.phonemes) {
      if (!FakeVoice::has_symbol(symbol)) symbol = U' ';
    }
    return FakeVoice::synthesize(letters);
  }
};

struct Rendering {
  std::vector<float> samples;
  std::vector<WordTiming> words;
};

Rendering render_whole(const text::FrontEndOptions& options) {
  IpaVoice voice;
  Rendering result;
  Narrator narrator(voice, {}, [&](std::span<const float> samples) {
    result.samples.insert(result.samples.end(), samples.begin(), samples.end());
  });
  narrator.narrate(front_end().process(kText, options));
  narrator.finish();
  result.words = narrator.words();
  return result;
}

Rendering render_streamed(size_t step, size_t first_target) {
  IpaVoice voice;
  Rendering result;
  // Through the queue and its thread, too.
  Playout playout({.sample_rate = FakeVoice::kRate}, [&](std::span<const float> samples) {
    result.samples.insert(result.samples.end(), samples.begin(), samples.end());
  });
  Narrator narrator(voice, {}, [&](std::span<const float> samples) { playout.push(samples); });
  text::FrontEndOptions options;
  options.first_target_phonemes = first_target;
  text::TextStream stream(front_end(), options);
  const std::string text = kText;
  size_t at = 0;
  LiveSource source;
  double now_s = 0;
  source.now_s = [&] { return now_s += 0.001; };
  source.lead_s = [] { return 1.0; };
  source.read = [&](text::TextStream& to, double) {
    to.append(std::string_view(text).substr(at, step));
    at = std::min(at + step, text.size());
    if (at == text.size()) to.finish();
  };
  source.narrate = [&](const text::TextStream::Part& part) {
    return narrator.narrate(part.spoken, part.source_offset);
  };
  narrate_live(stream, source);
  narrator.finish();
  playout.finish();
  result.words = narrator.words();
  return result;
}

double loudness(const std::vector<float>& samples) {
  return audio::measure_loudness(samples, FakeVoice::kRate).integrated_lufs.value_or(-100);
}

double largest_step(const std::vector<float>& samples) {
  double largest = 0;
  for (size_t i = 1; i < samples.size(); ++i) {
    largest = std::max(largest, static_cast<double>(std::abs(samples[i] - samples[i - 1])));
  }
  return largest;
}

TEST(LiveNarration, TheSamePiecesAreTheSameSamples) {
  // A text that has come whole, with its pieces held short in the same way.
  text::FrontEndOptions options;
  options.first_target_phonemes = 40;
  options.format = text::TextFormat::kPlain;
  text::TextStream stream(front_end(), options);
  stream.append(kText);
  stream.finish();
  IpaVoice voice;
  Rendering in_parts;
  Narrator narrator(voice, {}, [&](std::span<const float> samples) {
    in_parts.samples.insert(in_parts.samples.end(), samples.begin(), samples.end());
  });
  text::SpokenText all;
  while (!stream.done()) {
    auto part = stream.take({.phonemes_before = 0});
    for (text::Utterance& utterance : part.spoken.utterances) all.utterances.push_back(utterance);
    narrator.narrate(part.spoken, part.source_offset);
  }
  narrator.finish();
  Rendering at_once;
  Narrator other(voice, {}, [&](std::span<const float> samples) {
    at_once.samples.insert(at_once.samples.end(), samples.begin(), samples.end());
  });
  other.narrate(all);
  other.finish();
  EXPECT_EQ(in_parts.samples, at_once.samples);
}

TEST(LiveNarration, StreamedAndWholeHaveTheSameWordsLevelsAndJoins) {
  const Rendering whole = render_whole({});
  for (const size_t step : {size_t{3}, size_t{20}, size_t{5000}}) {
    const Rendering streamed = render_streamed(step, 40);
    ASSERT_EQ(streamed.words.size(), whole.words.size()) << step;
    size_t unlike = 0;
    for (size_t i = 0; i < whole.words.size(); ++i) {
      EXPECT_EQ(streamed.words[i].text, whole.words[i].text) << i;
      EXPECT_EQ(streamed.words[i].source, whole.words[i].source) << i;
      // Where one of them has a join, silence goes to the one side or the other of an edge.
      unlike += std::abs(streamed.words[i].end_s - streamed.words[i].start_s -
                         (whole.words[i].end_s - whole.words[i].start_s)) > 0.05;
      if (i == 0) continue;
      const double gap_s = streamed.words[i].start_s - streamed.words[i - 1].end_s;
      EXPECT_GE(gap_s, -1e-9) << i;
      EXPECT_LE(gap_s, PauseTable().paragraph_ms / 1000 + 0.1) << i;
    }
    EXPECT_LE(unlike, whole.words.size() / 20);
    EXPECT_NEAR(loudness(streamed.samples), loudness(whole.samples), 0.3);
    // A join is silence between two fades: it moves by less than the sines themselves do.
    EXPECT_LE(largest_step(streamed.samples), 1.01 * largest_step(whole.samples));
  }
}

TEST(LiveNarration, AKnownVoiceHasOneGainFromTheStart) {
  struct Collector : audio::Encoder {
    explicit Collector(std::vector<float>& to) : samples(to) {}
    void encode(std::span<const float> run) override {
      samples.insert(samples.end(), run.begin(), run.end());
    }
    void complete() override {}
    std::vector<float>& samples;
  };
  const Rendering rendering = render_streamed(20, 40);
  std::vector<float> quiet(rendering.samples);
  for (float& sample : quiet) sample *= 0.1f;
  std::vector<float> heard;
  SpeechOutputOptions options;
  options.delivery = Delivery::kLive;
  options.voice_lufs = loudness(quiet);
  SpeechOutput output(std::make_unique<Collector>(heard), options);
  for (size_t at = 0; at < quiet.size(); at += 5000) {
    output.write(std::span(quiet).subspan(at, std::min<size_t>(5000, quiet.size() - at)));
  }
  output.finish();
  ASSERT_EQ(heard.size(), quiet.size());
  EXPECT_NEAR(loudness(heard), -16, 0.3);
  const float gain = static_cast<float>(std::pow(10, (-16 - loudness(quiet)) / 20));
  for (size_t i = 0; i < heard.size(); i += 97) ASSERT_NEAR(heard[i], gain * quiet[i], 2e-3) << i;
}

}  // namespace
}  // namespace myna::voice
