#include "voice/transcript.h"

#include <gmock/gmock.h>

#include <nlohmann/json.hpp>
#include <regex>

namespace myna::voice {
namespace {

using ::testing::HasSubstr;

// Timings for the given words at their next places in the source, half a second each.
std::vector<WordTiming> time_words(std::string_view source, const std::vector<std::string>& words,
                                   double word_s = 0.5) {
  std::vector<WordTiming> timings;
  size_t from = 0;
  for (const std::string& word : words) {
    const size_t begin = source.find(word, from);
    EXPECT_NE(begin, std::string_view::npos) << word;
    const double start = word_s * static_cast<double>(timings.size());
    timings.push_back({word, {begin, begin + word.size()}, start, start + word_s});
    from = begin + word.size();
  }
  return timings;
}

std::string text_of(const std::vector<TranscriptWord>& words) {
  std::string text;
  for (const TranscriptWord& word : words) {
    text += (word.space_before ? " " : "") + word.before + word.text + word.after;
  }
  return text;
}

TEST(TranscriptWords, SpokenWordsOfOneTokenAreOneWord) {
  const std::string source = "It cost $5.20 then.";
  const std::vector<WordTiming> timings = {
      {"It", {0, 2}, 0, 0.2},         {"cost", {3, 7}, 0.2, 0.5},    {"five", {8, 13}, 0.5, 0.8},
      {"dollars", {8, 13}, 0.8, 1.2}, {"twenty", {8, 13}, 1.2, 1.5}, {"then", {14, 18}, 1.5, 1.9}};
  const auto words = transcript_words(source, timings);
  ASSERT_EQ(words.size(), 4u);
  EXPECT_EQ(words[2].text, "$5.20");
  EXPECT_EQ(words[2].spoken, "five dollars twenty");
  EXPECT_DOUBLE_EQ(words[2].start_s, 0.5);
  EXPECT_DOUBLE_EQ(words[2].end_s, 1.5);
  EXPECT_EQ(text_of(words), "It cost $5.20 then.");
}

TEST(TranscriptWords, MarksStayWithTheirWords) {
  const std::string source = "\"Well-read (mostly), I think\" — she said: no!";
  const auto words = transcript_words(
      source, time_words(source, {"Well", "read", "mostly", "I", "think", "she", "said", "no"}));
  EXPECT_EQ(text_of(words), source);
}

TEST(TranscriptWords, MarkdownIsNotShown) {
  const std::string source =
      "# A *fine* title\n\nSee [the **docs**](https://example.org/a_b), then `run`.\n- item";
  const auto words = transcript_words(
      source,
      time_words(source, {"A", "fine", "title", "See", "the", "docs", "then", "run", "item"}));
  EXPECT_EQ(text_of(words), "A fine title See the docs, then run. item");
  EXPECT_TRUE(words[2].ends_paragraph);
  EXPECT_FALSE(words[5].ends_sentence);
  EXPECT_TRUE(words[7].ends_sentence);
}

TEST(TranscriptWords, IllFormedSourceBecomesValidUtf8) {
  const std::string source = "a\xFFz b";
  const auto words = transcript_words(source, {{{"az", {0, 3}, 0, 1}, {"b", {4, 5}, 1, 2}}});
  EXPECT_EQ(words[0].text, "a\uFFFDz");
}

TEST(TranscriptWords, SpansOutsideTheSourceAreHarmless) {
  const auto words = transcript_words("ab", {{{"ab", {0, 2}, 0, 1}, {"x", {50, 60}, 1, 2}}});
  ASSERT_EQ(words.size(), 2u);
  EXPECT_EQ(words[1].text, "x");
  EXPECT_TRUE(transcript_words("", {}).empty());
}

TEST(Cues, EndWithSentencesAndKeepToTheirLength) {
  std::string source = "One two. Three four.";
  for (int i = 0; i < 60; ++i) source += " word" + std::string(i % 7 == 6 ? "," : "");
  source += ".";
  std::vector<std::string> spoken = {"One", "two", "Three", "four"};
  for (int i = 0; i < 60; ++i) spoken.push_back("word");
  const auto words = transcript_words(source, time_words(source, spoken, 0.3));
  const auto cues = make_cues(words);
  ASSERT_GT(cues.size(), 4u);
  EXPECT_EQ(cues[0].last, 2u);
  EXPECT_EQ(cues[1].last, 4u);
  size_t next = 0;
  for (const Cue& cue : cues) {
    EXPECT_EQ(cue.first, next);  // no word lost, none twice
    EXPECT_LE(words[cue.last - 1].end_s - words[cue.first].start_s, 7.0);
    next = cue.last;
  }
  EXPECT_EQ(next, words.size());
  for (size_t i = 2; i + 1 < cues.size(); ++i) EXPECT_EQ(words[cues[i].last - 1].after, ",") << i;
}

TEST(Cues, OneEndlessWordHasItsOwnCue) {
  const std::string source = "a " + std::string(300, 'x') + " b";
  const auto words =
      transcript_words(source, time_words(source, {"a", std::string(300, 'x'), "b"}));
  EXPECT_EQ(make_cues(words).size(), 3u);
}

TEST(Vtt, HasGrowingInnerTimeStampsAndEscapes) {
  const std::string source = "AT&T is <big> here. Next one";
  const auto words =
      transcript_words(source, time_words(source, {"AT&T", "is", "<big>", "here", "Next", "one"}));
  const std::string vtt =
      render_transcript(TranscriptFormat::kVtt, words, {"A --> B\nC", "heart", 3.0});
  EXPECT_TRUE(vtt.starts_with("WEBVTT - A --&gt; B C\n\nNOTE Synthetic voice 'heart'")) << vtt;
  EXPECT_THAT(vtt, HasSubstr("\n\n00:00:00.000 --> 00:00:02.000\n"
                             "AT&amp;T <00:00:00.500>is <00:00:01.000>&lt;big&gt; "
                             "<00:00:01.500>here.\n"));
  EXPECT_THAT(vtt, HasSubstr("\n\n00:00:02.000 --> 00:00:03.000\nNext <00:00:02.500>one\n"));
}

TEST(Vtt, ZeroLengthCueStillLasts) {
  const auto words = transcript_words("hm", {{{"hm", {0, 2}, 1.0, 1.0}}});
  EXPECT_THAT(render_transcript(TranscriptFormat::kVtt, words, {}),
              HasSubstr("00:00:01.000 --> 00:00:01.001\nhm\n"));
}

TEST(Srt, IsNumberedWithCommas) {
  const std::string source = "One two. Three.";
  auto timings = time_words(source, {"One", "two", "Three"});
  timings[2].start_s = 3725.25;
  timings[2].end_s = 3726;
  EXPECT_EQ(
      render_transcript(TranscriptFormat::kSrt, transcript_words(source, timings), {"t", "v", 1}),
      "1\n00:00:00,000 --> 00:00:01,000\nOne two.\n\n"
      "2\n01:02:05,250 --> 01:02:06,000\nThree.\n");
}

TEST(Json, WordsCarryOffsetsAndTimes) {
  const std::string source = "Caf\u00E9 \"ok\" \\ \x01 end";
  const auto words = transcript_words(source, time_words(source, {"Caf\u00E9", "ok", "end"}));
  const auto json =
      nlohmann::json::parse(render_transcript(TranscriptFormat::kJson, words, {"T", "heart", 1.5}));
  EXPECT_EQ(json["audio_s"], 1.5);
  ASSERT_EQ(json["words"].size(), 3u);
  const auto& word = json["words"][1];
  EXPECT_EQ(word["text"], "ok");
  EXPECT_EQ(word["start_s"], 0.5);
  EXPECT_EQ(word["end_s"], 1.0);
  EXPECT_EQ(source.substr(word["source_begin"],
                          size_t{word["source_end"]} - size_t{word["source_begin"]}),
            "ok");
}

TEST(TranscriptFormat, ByExtension) {
  EXPECT_EQ(transcript_format_for_path("a/b.VTT"), TranscriptFormat::kVtt);
  EXPECT_EQ(transcript_format_for_path("b.srt"), TranscriptFormat::kSrt);
  EXPECT_EQ(transcript_format_for_path("b.json"), TranscriptFormat::kJson);
  EXPECT_EQ(transcript_format_for_path("b.txt"), std::nullopt);
  EXPECT_EQ(transcript_format_for_path("vtt"), std::nullopt);
}

TEST(Roles, SpeakersHaveTheirOwnCues) {
  const std::string source = "Hi. Hello there.";
  std::vector<WordTiming> timings = {{"Hi", {0, 2}, 0.1, 0.3, "Anna"},
                                     {"Hello", {4, 9}, 0.6, 0.9, "Ben <b>"},
                                     {"there", {10, 15}, 0.9, 1.2, "Ben <b>"}};
  const auto words = transcript_words(source, timings);
  TranscriptInfo info;
  info.marks = {{"m1", {4, 4}, 0.6}};
  const std::string vtt = render_transcript(TranscriptFormat::kVtt, words, info);
  EXPECT_THAT(vtt, testing::HasSubstr("\n<v Anna>Hi.\n"));
  EXPECT_THAT(vtt, testing::HasSubstr("\n<v Ben &lt;b&gt;>Hello"));
  EXPECT_THAT(render_transcript(TranscriptFormat::kSrt, words, info),
              testing::HasSubstr("\nAnna: Hi.\n"));
  const auto json = nlohmann::json::parse(render_transcript(TranscriptFormat::kJson, words, info));
  EXPECT_EQ(json["words"][0]["role"], "Anna");
  EXPECT_EQ(json["cues"][1]["role"], "Ben <b>");
  EXPECT_EQ(json["bookmarks"][0]["name"], "m1");
}

}  // namespace
}  // namespace myna::voice
