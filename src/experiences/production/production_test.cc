#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <filesystem>
#include <numbers>

#include "base/error.h"
#include "base/file.h"
#include "experiences/production/cover_art.h"
#include "experiences/production/line_file.h"
#include "experiences/production/podcast_feed.h"
#include "experiences/production/show_files.h"
#include "experiences/production/show_mix.h"
#include "experiences/production/signature_sounds.h"

namespace myna::production {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

constexpr int kRate = 24000;

SpokenLine tone(double seconds, double level) {
  SpokenLine line;
  line.samples.resize(static_cast<size_t>(seconds * kRate));
  for (size_t i = 0; i < line.samples.size(); ++i) {
    line.samples[i] = static_cast<float>(
        level * std::sin(2 * std::numbers::pi * 220 * static_cast<double>(i) / kRate));
  }
  line.words = {{"hello", {0, 5}, 0.1, 0.5}, {"there", {6, 11}, 0.5, seconds - 0.1}};
  return line;
}

script::ShowScript sample() {
  script::ShowScript script;
  script.title = "Show <1>";
  script.speakers = {{"anchor", ""}, {"guest", ""}};
  script.sources = {{"s1", "Courier", "A [title]", "https://c.example/?a=1&b=2", "Hello there."},
                    {"s2", "Bad", "x", "javascript:alert(1)", ""}};
  script.segments = {
      {script::SegmentKind::kOpening,
       "Welcome",
       "",
       {},
       {{"anchor", "Hello there.", "", 1, 300, {}}}},
      {script::SegmentKind::kLead,
       "Gate",
       "new",
       {"s1", "s2"},
       {{"anchor", "Hello there.", "", 1, 0, {}}, {"guest", "Hello there.", "", 1, 0, {}}}},
      {script::SegmentKind::kSignOff,
       "Goodbye",
       "",
       {},
       {{"anchor", "Hello there.", "", 1, 0, {}}}}};
  return script;
}

std::vector<SpokenLine> spoken_sample() {
  return {tone(2, 0.1), tone(2, 0.1), tone(2, 0.4), tone(2, 0.1)};
}

std::vector<size_t> lengths_of(const std::vector<SpokenLine>& spoken) {
  std::vector<size_t> lengths;
  for (const SpokenLine& line : spoken) lengths.push_back(line.samples.size());
  return lengths;
}

TEST(ShowMix, PlacesLinesInOrderAndLevelsSpeakers) {
  const auto spoken = spoken_sample();
  const ShowMix mix = mix_show(sample(), spoken, {.sample_rate = kRate});
  ASSERT_EQ(mix.lines.size(), 4u);
  for (size_t i = 1; i < 4; ++i) EXPECT_GE(mix.lines[i].start_s, mix.lines[i - 1].end_s + 0.2);
  EXPECT_GE(mix.lines[1].start_s - mix.lines[0].end_s, 0.3);
  EXPECT_NEAR(mix.duration_s(kRate),
              mix_duration_s(sample(), lengths_of(spoken), {.sample_rate = kRate}), 1e-6);
  const auto level = [&](const MixedLine& line) {
    double sum = 0;
    const auto begin = static_cast<size_t>((line.start_s + 0.8) * kRate);
    for (size_t i = begin; i < begin + kRate; ++i)
      sum += static_cast<double>(mix.samples[i]) * mix.samples[i];
    return 10 * std::log10(sum / kRate);
  };
  EXPECT_NEAR(level(mix.lines[1]), level(mix.lines[2]), 0.5);
  ASSERT_EQ(mix.chapters.size(), 3u);
  EXPECT_EQ(mix.chapters[0].start_s, 0);
  EXPECT_EQ(mix.chapters[1].title, "Gate");
}

TEST(ShowMix, KeepsTheBedTwentyDecibelsUnderSpeech) {
  const ShowMix mix = mix_show(sample(), spoken_sample(), {.sample_rate = kRate});
  EXPECT_LE(mix.bed_rms_dbfs, mix.speech_rms_dbfs - 20);
  EXPECT_GT(mix.bed_rms_dbfs, mix.speech_rms_dbfs - 40);
  const ShowMix dry = mix_show(sample(), spoken_sample(), {.sample_rate = kRate, .music = false});
  EXPECT_LT(dry.samples.size(), mix.samples.size());
}

TEST(ShowMix, StretchesBetweenSegments) {
  const auto spoken = spoken_sample();
  const std::vector<size_t> lengths = lengths_of(spoken);
  const double plain = mix_duration_s(sample(), lengths, {.sample_rate = kRate});
  EXPECT_NEAR(mix_duration_s(sample(), lengths, {.sample_rate = kRate, .stretch_s = 2}) - plain, 2,
              0.01);
}

TEST(SignatureSounds, AreBoundedAndTheSameEachTime) {
  for (const auto& sound : {make_ident(kRate), make_sting(kRate), make_outro(kRate)}) {
    float peak = 0;
    for (const float sample : sound) {
      ASSERT_TRUE(std::isfinite(sample));
      peak = std::max(peak, std::abs(sample));
    }
    EXPECT_GT(peak, 0.05f);
    EXPECT_LE(peak, 1.0f);
    EXPECT_NEAR(sound.back(), 0, 1e-3);
  }
  EXPECT_EQ(make_sting(kRate), make_sting(kRate));
}

TEST(SignatureSounds, TheBedGoesOnWithoutASeam) {
  const std::vector<float> bed = make_bed_loop(kRate);
  ASSERT_EQ(bed.size(), size_t{32} * kRate);
  float step = 0;
  for (size_t i = 1; i < bed.size(); ++i) step = std::max(step, std::abs(bed[i] - bed[i - 1]));
  EXPECT_LT(std::abs(bed.front() - bed.back()), step);
  // It never falls silent, at the seam neither.
  const auto level = [&](size_t begin) {
    double sum = 0;
    for (size_t i = 0; i < size_t{kRate}; ++i) {
      const double sample = bed[(begin + i) % bed.size()];
      sum += sample * sample;
    }
    return std::sqrt(sum / kRate);
  };
  for (size_t second = 0; second < 32; ++second)
    EXPECT_NEAR(level(second * kRate) / level(0), 1, 0.6) << second;
}

TEST(LineFile, GivesBackWhatWasStoredAndNothingElse) {
  const std::filesystem::path path = std::filesystem::path(::testing::TempDir()) / "test.line";
  const SpokenLine line = tone(0.5, 0.3);
  store_line(path, kRate, line);
  const auto loaded = load_line(path, kRate);
  ASSERT_TRUE(loaded);
  EXPECT_TRUE(loaded->from_cache);
  ASSERT_EQ(loaded->samples.size(), line.samples.size());
  EXPECT_NEAR(loaded->samples[100], line.samples[100], 1e-4);
  EXPECT_EQ(loaded->words[1].text, "there");
  EXPECT_EQ(loaded->words[1].source, line.words[1].source);
  EXPECT_FALSE(load_line(path, 48000));
  const std::string bytes = read_file(path);
  for (const size_t size : {size_t{0}, size_t{7}, size_t{20}, size_t{40}, bytes.size() - 3}) {
    write_file_atomically(path, bytes.substr(0, size));
    EXPECT_FALSE(load_line(path, kRate)) << size;
  }
  std::filesystem::remove(path);
  EXPECT_FALSE(load_line(path, kRate));
}

TEST(ShowFiles, CaptionsHaveNoReferencesThatPlayersDoNotKnow) {
  script::ShowScript script = sample();
  script.segments = {
      {script::SegmentKind::kTalk, "x", "", {}, {{"O'Neil", "It's \"R&D\", <b>.", "", 1, 0, {}}}}};
  SpokenLine line = tone(2, 0.1);
  line.words = {{"It's", {0, 4}, 0.1, 0.5}, {"R&D", {6, 9}, 0.5, 1.0}, {"b", {13, 14}, 1.0, 1.9}};
  const std::vector<SpokenLine> spoken = {line};
  const std::string vtt =
      render_vtt(script, mix_show(script, spoken, {.sample_rate = kRate}), spoken);
  EXPECT_THAT(vtt, HasSubstr("<v O'Neil>It's"));
  EXPECT_THAT(vtt, HasSubstr("R&amp;D"));
  EXPECT_THAT(vtt, Not(HasSubstr("&quot;")));
  EXPECT_THAT(vtt, Not(HasSubstr("&#39;")));
}

TEST(ShowFiles, AreEscapedAndLinkOnlyToTheWeb) {
  const auto spoken = spoken_sample();
  const ShowMix mix = mix_show(sample(), spoken, {.sample_rate = kRate});
  const std::string html = render_notes_html(sample(), mix, "heart");
  EXPECT_THAT(html, HasSubstr("Show &lt;1&gt;"));
  EXPECT_THAT(html, HasSubstr("href=\"https://c.example/?a=1&amp;b=2\""));
  EXPECT_THAT(html, Not(HasSubstr("javascript:")));
  const std::string markdown = render_notes_markdown(sample(), mix, "heart");
  EXPECT_THAT(markdown, HasSubstr("A \\[title\\]"));
  EXPECT_THAT(markdown, Not(HasSubstr("javascript:")));
  EXPECT_THAT(render_chapters(sample(), mix), HasSubstr("\"version\": \"1.2.0\""));
  const std::string vtt = render_vtt(sample(), mix, spoken);
  EXPECT_TRUE(vtt.starts_with("WEBVTT\n\n"));
  EXPECT_THAT(vtt, HasSubstr("<v anchor>Hello there."));
  EXPECT_THAT(render_srt(sample(), mix, spoken), HasSubstr("guest: Hello there."));
}

Episode episode(const std::string& title, int64_t published_s) {
  Episode one;
  one.guid = uuid_of(title);
  one.title = title;
  one.summary = "About <gates> & tides\x01.";
  one.published_s = published_s;
  one.duration_s = 61.6;
  one.audio_bytes = 1234;
  one.audio = {"a show.mp3", "audio/mpeg"};
  one.vtt = {"a show.vtt", "text/vtt"};
  one.hosts = {"Bella"};
  return one;
}

TEST(PodcastFeed, HasItsGuidFromTheNamespaceOfPodcasts) {
  // The example of the specification.
  EXPECT_EQ(podcast_guid("https://mp3s.nashownotes.com/pc20rss.xml"),
            "917393e3-1b1e-5cef-ace4-edaa54e1f810");
  EXPECT_EQ(podcast_guid("http://mp3s.nashownotes.com/pc20rss.xml/"),
            podcast_guid("https://mp3s.nashownotes.com/pc20rss.xml"));
}

TEST(PodcastFeed, ListsTheNewestFirstAndEscapes) {
  PodcastFeed feed;
  feed.base_url = "https://shows.example/a/";
  const std::string xml = render_podcast_feed(
      feed, {episode("Old \"one\"", 1'700'000'000), episode("New", 1'764'230'400)});
  EXPECT_LT(xml.find("<title>New</title>"), xml.find("<title>Old &quot;one&quot;</title>"));
  EXPECT_THAT(xml, HasSubstr("About &lt;gates&gt; &amp; tides ."));
  EXPECT_THAT(xml, HasSubstr("<enclosure url=\"https://shows.example/a/a%20show.mp3\" "
                             "length=\"1234\" type=\"audio/mpeg\"/>"));
  EXPECT_THAT(xml, HasSubstr("<pubDate>Thu, 27 Nov 2025 08:00:00 +0000</pubDate>"));
  EXPECT_THAT(xml, HasSubstr("<itunes:duration>62</itunes:duration>"));
  EXPECT_THAT(xml, HasSubstr("<podcast:txt purpose=\"ai-content\">true</podcast:txt>"));
  feed.base_url = "ftp://shows.example";
  EXPECT_THROW(render_podcast_feed(feed, {}), Error);
}

TEST(PodcastFeed, EpisodesGoThroughJsonAndNameNothingElsewhere) {
  const Episode one = episode("A", 5);
  const std::string json = episode_to_json(one);
  EXPECT_EQ(episode_from_json(json), one);
  const char* const elsewhere =
      R"({"guid":"a","title":"b","published_s":1,"audio_bytes":1,"audio":{"name":"../x"}})";
  for (const char* text : {"[]", "{}", elsewhere}) {
    EXPECT_THROW(episode_from_json(text), Error) << text;
  }
}

TEST(CoverArt, IsWellFormedWhateverTheTitle) {
  script::ShowScript script = sample();
  script.title =
      "A <very> long & \"quoted\" title of a show that goes on and on for many words until nobody "
      "reads Donaudampfschifffahrtsgesellschaftskapitaen any more";
  const std::string svg = render_cover_svg(script);
  EXPECT_TRUE(svg.starts_with("<svg "));
  EXPECT_TRUE(svg.ends_with("</svg>\n"));
  EXPECT_THAT(svg, HasSubstr("&lt;very&gt;"));
  EXPECT_THAT(svg, Not(HasSubstr("<very>")));
  EXPECT_EQ(svg, render_cover_svg(script));
}

}  // namespace
}  // namespace myna::production
