// What comes back from the files that the encoders write.
#include "audio/encoder.h"

#include <gmock/gmock.h>

#include <cmath>
#include <limits>

#include "audio/decoder.h"
#include "audio/loudness.h"
#include "audio/pcm.h"
#include "audio/resampler.h"
#include "audio/signal_test_support.h"
#include "base/error.h"
#include "base/file.h"

namespace myna::audio {
namespace {

using ::testing::HasSubstr;
using ::testing::StartsWith;

struct Case {
  const char* extension;
  int sample_rate;
  int stored_rate;
};

class EncodedFile : public ::testing::TestWithParam<Case> {
 protected:
  std::filesystem::path path() const {
    return directory_.path() / (std::string("out") + GetParam().extension);
  }
  std::unique_ptr<Encoder> encoder(const AudioTags& tags = {}) const {
    return make_file_encoder(path(), require_audio_format(path()), GetParam().sample_rate, tags);
  }
  bool lossy() const { return is_lossy(require_audio_format(path())); }

  TemporaryDirectory directory_;
};

TEST_P(EncodedFile, KeepsDurationLevelAndFrequency) {
  const int rate = GetParam().sample_rate;
  std::vector<float> samples = sine(1000, -12, 2, rate);
  const std::vector<float> second = sine(2500, -20, 1.5, rate);
  samples.insert(samples.end(), second.begin(), second.end());

  auto writer = encoder();
  for (size_t begin = 0; begin < samples.size(); begin += 1111) {
    writer->write(
        std::span(samples).subspan(begin, std::min<size_t>(1111, samples.size() - begin)));
  }
  EXPECT_FALSE(std::filesystem::exists(path())) << "visible before finish()";
  writer->finish();
  EXPECT_EQ(writer->statistics().sample_count, samples.size());

  const DecodedAudio audio = read_audio_file(path());
  EXPECT_EQ(audio.channel_count, 1);
  EXPECT_EQ(audio.sample_rate, GetParam().stored_rate);
  const size_t expected = resampled_length(samples.size(), rate, audio.sample_rate);
  EXPECT_NEAR(static_cast<double>(audio.frame_count()), static_cast<double>(expected), 1);
  ASSERT_GE(audio.frame_count() + 1, expected);

  // Gapless: each tone stands exactly where it was written.
  const int stored = audio.sample_rate;
  const std::span<const float> decoded(audio.samples);
  const auto part = [&](double begin_s, double end_s) {
    const auto begin = static_cast<size_t>(begin_s * stored);
    return decoded.subspan(begin, static_cast<size_t>((end_s - begin_s) * stored));
  };
  // MP3 may quantise a lone tone this coarsely; everything it does to it is masked.
  const double tolerance_db = lossy() ? 0.8 : 0.01;
  EXPECT_NEAR(tone_level_dbfs(part(0.1, 1.9), 1000, stored), -12, tolerance_db);
  EXPECT_NEAR(tone_level_dbfs(part(2.1, 3.4), 2500, stored), -20, tolerance_db);
  EXPECT_LT(tone_level_dbfs(part(0.1, 1.9), 2500, stored), -60);
  EXPECT_LT(tone_level_dbfs(part(2.1, 3.4), 1000, stored), -60);
  EXPECT_NEAR(amplitude_to_db(root_mean_square(part(0, 0.1))), -15, lossy() ? 0.5 : 0.02);
  EXPECT_NEAR(amplitude_to_db(root_mean_square(part(3.39, 3.49))), -23, lossy() ? 0.9 : 0.02);
}

TEST_P(EncodedFile, KeepsTheWaveformInPlace) {
  // A sweep is unlike itself at every other place: correlation shows any shift.
  const int rate = GetParam().sample_rate;
  std::vector<float> samples(static_cast<size_t>(rate));
  for (size_t i = 0; i < samples.size(); ++i) {
    const double t = static_cast<double>(i) / rate;
    samples[i] = static_cast<float>(0.3 * std::sin(2 * std::numbers::pi * (200 + 1000 * t) * t));
  }
  auto writer = encoder();
  writer->write(samples);
  writer->finish();
  const DecodedAudio audio = read_audio_file(path());
  std::vector<float> reference = resample(samples, rate, audio.sample_rate);
  ASSERT_NEAR(static_cast<double>(audio.samples.size()), static_cast<double>(reference.size()), 1);
  double product = 0;
  double power = 0;
  double decoded_power = 0;
  for (size_t i = 0; i < std::min(reference.size(), audio.samples.size()); ++i) {
    product += static_cast<double>(reference[i]) * audio.samples[i];
    power += static_cast<double>(reference[i]) * reference[i];
    decoded_power += static_cast<double>(audio.samples[i]) * audio.samples[i];
  }
  EXPECT_GT(product / std::sqrt(power * decoded_power), lossy() ? 0.995 : 0.99999);
}

TEST_P(EncodedFile, CarriesTags) {
  AudioTags tags{.title = "Größe \u4e2d\u6587 \U0001F600",
                 .artist = "heart",
                 .album = "Essays",
                 .comment = synthetic_voice_comment("heart"),
                 .software = "Myna 0.1"};
  auto writer = encoder(tags);
  writer->write(sine(440, -20, 0.5, GetParam().sample_rate));
  writer->finish();
  const AudioTags read = read_audio_file(path()).tags;
  EXPECT_EQ(read.title, tags.title);
  EXPECT_EQ(read.artist, tags.artist);
  EXPECT_EQ(read.album, tags.album);
  EXPECT_EQ(read.comment, tags.comment);
  EXPECT_THAT(read.comment, HasSubstr("Synthetic voice"));
  EXPECT_THAT(read.software, StartsWith(tags.software));
}

TEST_P(EncodedFile, CleansTagsThatNoFormatCouldHold) {
  AudioTags tags{.title = std::string("a\0b\nc\xff", 6), .comment = std::string(200000, 'x')};
  auto writer = encoder(tags);
  writer->write(sine(440, -20, 0.5, GetParam().sample_rate));
  writer->finish();
  const DecodedAudio audio = read_audio_file(path());
  EXPECT_EQ(audio.tags.title, "a b c\uFFFD");
  EXPECT_EQ(audio.tags.comment, std::string(1000, 'x') + "\u2026");
  EXPECT_GT(audio.frame_count(), 0u);
}

TEST_P(EncodedFile, NothingWrittenIsAnEmptyFileThatOpens) {
  auto writer = encoder({.title = "nothing"});
  writer->write({});
  writer->finish();
  const DecodedAudio audio = read_audio_file(path());
  EXPECT_LE(audio.frame_count(), 1u);  // Opus cannot hold none
  EXPECT_LT(sample_peak(audio.samples), 1e-5f);
  EXPECT_EQ(audio.tags.title, "nothing");
}

TEST_P(EncodedFile, OneSampleIsKept) {
  auto writer = encoder();
  writer->write(std::array{0.5f});
  writer->finish();
  const DecodedAudio audio = read_audio_file(path());
  const double exact = static_cast<double>(audio.sample_rate) / GetParam().sample_rate;
  EXPECT_NEAR(static_cast<double>(audio.frame_count()), exact, 1);
}

TEST_P(EncodedFile, AnEarlyFinishKeepsWhatWasWritten) {
  const int rate = GetParam().sample_rate;
  auto writer = encoder();
  writer->write(sine(440, -12, 0.777, rate));
  writer->finish();  // as Ctrl-C does it
  EXPECT_THROW(writer->write(std::array{0.0f}), Error);
  EXPECT_THROW(writer->finish(), Error);
  const DecodedAudio audio = read_audio_file(path());
  EXPECT_NEAR(static_cast<double>(audio.frame_count()) / audio.sample_rate, 0.777, 0.0002);
  EXPECT_EQ(directory_.file_count(), 1u);
}

TEST_P(EncodedFile, AnAbandonedEncoderLeavesNothing) {
  {
    auto writer = encoder();
    writer->write(sine(440, -12, 1, GetParam().sample_rate));
  }
  EXPECT_EQ(directory_.file_count(), 0u);
}

TEST_P(EncodedFile, AnAbandonedEncoderKeepsTheOldFile) {
  write_file_atomically(path(), "older");
  { encoder()->write(sine(440, -12, 1, GetParam().sample_rate)); }
  EXPECT_EQ(read_file(path()), "older");
  auto writer = encoder();
  writer->finish();
  EXPECT_NE(read_file(path()), "older");
}

TEST_P(EncodedFile, BadSamplesNeverPass) {
  std::vector<float> samples = sine(440, -12, 1, GetParam().sample_rate);
  samples[10] = std::nanf("");
  samples[20] = std::numeric_limits<float>::infinity();
  samples[30] = 7.5f;
  samples[31] = -7.5f;
  auto writer = encoder();
  writer->write(samples);
  writer->finish();
  EXPECT_EQ(writer->statistics().non_finite_count, 2u);
  EXPECT_EQ(writer->statistics().clipped_count, 2u);
  const DecodedAudio audio = read_audio_file(path());
  const SignalStatistics statistics = signal_statistics(audio.samples, audio.sample_rate);
  EXPECT_EQ(statistics.non_finite_count, 0u);
  EXPECT_LT(statistics.peak_dbfs, 6);
  EXPECT_NEAR(tone_level_dbfs(audio.samples, 440, audio.sample_rate), -12, 0.3);
}

INSTANTIATE_TEST_SUITE_P(Formats, EncodedFile,
                         ::testing::Values(Case{".wav", 24000, 24000}, Case{".flac", 24000, 24000},
                                           Case{".mp3", 24000, 24000}, Case{".opus", 24000, 48000},
                                           Case{".wav", 192000, 192000},
                                           Case{".flac", 96000, 96000}, Case{".mp3", 96000, 48000},
                                           Case{".mp3", 8000, 8000}, Case{".mp3", 9999, 11025},
                                           Case{".opus", 44100, 48000}, Case{".ogg", 8000, 48000}),
                         [](const auto& parameter) {
                           return std::string(parameter.param.extension + 1) +
                                  std::to_string(parameter.param.sample_rate);
                         });

TEST(Encoder, ShortFilesAreOrdinaryWav) {
  TemporaryDirectory directory;
  auto writer = make_file_encoder(directory.path() / "a.wav", AudioFormat::kWav, 24000);
  writer->write(std::vector<float>(100, 0.5f));
  writer->finish();
  const std::string bytes = read_file(directory.path() / "a.wav");
  EXPECT_EQ(bytes.substr(0, 4), "RIFF");
  EXPECT_EQ(bytes.substr(8, 4), "WAVE");
}

// A picture of one black pixel.
const std::string kPng(
    "\x89\x50\x4e\x47\x0d\x0a\x1a\x0a\x00\x00\x00\x0d\x49\x48\x44\x52"
    "\x00\x00\x00\x01\x00\x00\x00\x01\x08\x00\x00\x00\x00\x3a\x7e\x9b"
    "\x55\x00\x00\x00\x0a\x49\x44\x41\x54\x78\x9c\x63\x60\x00\x00\x00"
    "\x02\x00\x01\x48\xaf\xa4\x71\x00\x00\x00\x00\x49\x45\x4e\x44\xae"
    "\x42\x60\x82",
    67);

// Of the tag with its header of ten bytes.
size_t id3_size(const std::string& bytes) {
  size_t size = 0;
  for (size_t i = 6; i < 10; ++i) size = size << 7 | static_cast<unsigned char>(bytes[i]);
  return size + 10;
}

TEST(Encoder, Mp3AndOpusHaveChaptersAndACover) {
  TemporaryDirectory directory;
  const AudioTags tags{.title = "A show",
                       .chapters = {{"Wel\u00e7ome", 0, 1.5}, {"The moon", 1.5, 3}},
                       .cover_png = kPng};
  for (const char* name : {"a.mp3", "a.opus", "a.flac", "a.wav"}) {
    auto writer =
        make_file_encoder(directory.path() / name, require_audio_format(name), 24000, tags);
    writer->write(sine(440, -12, 3, 24000));
    writer->finish();
    EXPECT_EQ(read_audio_file(directory.path() / name).tags.title, "A show") << name;
  }
  const std::string mp3 = read_file(directory.path() / "a.mp3");
  const std::string tag = mp3.substr(0, id3_size(mp3));
  EXPECT_EQ(tag[3], 3) << "ID3v2.3 is what players read";
  // Element id, then start and end in milliseconds.
  using namespace std::string_literals;
  EXPECT_THAT(tag, HasSubstr("chp0\0\0\0\0\0\0\0\x05\xDC"s));
  EXPECT_THAT(tag, HasSubstr("chp1\0\0\0\x05\xDC\0\0\x0B\xB8"s));
  EXPECT_THAT(tag, HasSubstr("toc\0\x03\x02"s
                             "chp0\0"s
                             "chp1\0"s));
  EXPECT_THAT(tag, HasSubstr("APIC"));
  EXPECT_THAT(tag, HasSubstr(kPng));
  const std::string opus = read_file(directory.path() / "a.opus");
  EXPECT_THAT(opus, HasSubstr("CHAPTER002=00:00:01.500"));
  EXPECT_THAT(opus, HasSubstr("CHAPTER002NAME=The moon"));
  EXPECT_THAT(opus, HasSubstr("METADATA_BLOCK_PICTURE="));
}

TEST(Encoder, Mp3HasTheLameTagWithItsLength) {
  TemporaryDirectory directory;
  auto writer =
      make_file_encoder(directory.path() / "a.mp3", AudioFormat::kMp3, 24000, {.title = "x"});
  writer->write(sine(440, -12, 3, 24000));
  writer->finish();
  const std::string bytes = read_file(directory.path() / "a.mp3");
  EXPECT_EQ(bytes.substr(0, 3), "ID3");
  const size_t tag = bytes.find("Xing");
  ASSERT_NE(tag, std::string::npos);
  const auto byte = [&](size_t i) { return static_cast<unsigned char>(bytes[tag + i]); };
  EXPECT_LT(tag, id3_size(bytes) + 40) << "not in the first frame";
  EXPECT_EQ(byte(7) & 1, 1) << "no frame count";
  const unsigned frames = byte(8) << 24 | byte(9) << 16 | byte(10) << 8 | byte(11);
  // 576 samples a frame at 24 kHz; encoder delay and padding come on top.
  EXPECT_GE(frames, 125u);
  EXPECT_LE(frames, 129u);
  EXPECT_NE(bytes.find("LAME3", tag), std::string::npos);
}

TEST(Encoder, SpeechSurvivesLossyEncodingUnderTheCeiling) {
  TemporaryDirectory directory;
  for (const char* name : {"a.mp3", "a.opus"}) {
    const std::filesystem::path path = directory.path() / name;
    const AudioFormat format = require_audio_format(path);
    std::vector<float> samples = speech_like(6, 24000);
    normalize_loudness(samples, 24000, {.true_peak_dbtp = true_peak_ceiling_for(format)});
    auto writer = make_file_encoder(path, format, 24000);
    writer->write(samples);
    writer->finish();
    const DecodedAudio audio = read_audio_file(path);
    const Loudness loudness = measure_loudness(audio.samples, audio.sample_rate);
    EXPECT_NEAR(*loudness.integrated_lufs, -16, 0.5) << name;
    EXPECT_LE(loudness.true_peak_dbtp, -1.0) << name;
  }
}

TEST(Encoder, RawFileIsLittleEndianSamples) {
  TemporaryDirectory directory;
  auto writer = make_file_encoder(directory.path() / "a.raw", AudioFormat::kRawPcm16, 24000);
  writer->write(std::array{0.5f, -0.5f, 1.0f / 32768});
  writer->finish();
  EXPECT_EQ(read_file(directory.path() / "a.raw"), std::string("\x00\x40\x00\xC0\x01\x00", 6));
}

}  // namespace
}  // namespace myna::audio
