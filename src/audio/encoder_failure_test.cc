// What happens when the operating system says no.
#include <fcntl.h>
#include <gmock/gmock.h>
#include <sys/resource.h>
#include <unistd.h>

#include <csignal>
#include <thread>

#include "audio/decoder.h"
#include "audio/encoder.h"
#include "audio/pcm.h"
#include "audio/signal_test_support.h"
#include "base/error.h"
#include "base/file.h"

namespace myna::audio {
namespace {

using ::testing::HasSubstr;

constexpr std::array kAllFormats = {AudioFormat::kWav, AudioFormat::kFlac, AudioFormat::kMp3,
                                    AudioFormat::kOpus, AudioFormat::kRawPcm16};

// Noise: no codec makes it small.
std::vector<float> noise(double duration_s) {
  std::vector<float> samples(static_cast<size_t>(duration_s * 24000));
  uint32_t random = 1;
  for (float& sample : samples) {
    random = random * 1664525 + 1013904223;
    sample = static_cast<float>(random >> 8) / (1 << 24) - 0.5f;
  }
  return samples;
}

// Files of this process cannot grow past the limit: a disk that fills up in the middle.
class FileSizeLimit {
 public:
  explicit FileSizeLimit(rlim_t bytes) {
    ::getrlimit(RLIMIT_FSIZE, &old_);
    old_handler_ = std::signal(SIGXFSZ, SIG_IGN);
    const rlimit limit{bytes, old_.rlim_max};
    ::setrlimit(RLIMIT_FSIZE, &limit);
  }
  ~FileSizeLimit() {
    ::setrlimit(RLIMIT_FSIZE, &old_);
    std::signal(SIGXFSZ, old_handler_);
  }

 private:
  rlimit old_{};
  void (*old_handler_)(int);
};

TEST(EncoderFailure, AFileThatCannotGrowIsAnErrorAndLeavesNothing) {
  for (const AudioFormat format : kAllFormats) {
    TemporaryDirectory directory;
    {
      auto writer = make_file_encoder(directory.path() / "out", format, 24000);
      const FileSizeLimit limit(20000);
      try {
        writer->write(noise(10));
        writer->finish();
        ADD_FAILURE() << audio_format_name(format) << ": no error";
      } catch (const Error& error) {
        EXPECT_EQ(error.code(), ErrorCode::kIo) << audio_format_name(format);
        EXPECT_THAT(error.message(), HasSubstr("out'")) << audio_format_name(format);
        EXPECT_THAT(error.message(), HasSubstr("File too large")) << audio_format_name(format);
      }
      EXPECT_THROW(writer->finish(), Error);
    }
    EXPECT_EQ(directory.file_count(), 0u) << audio_format_name(format);
  }
}

TEST(EncoderFailure, AFullDeviceIsAnError) {
  for (const AudioFormat format : kAllFormats) {
    try {
      auto writer = make_file_encoder("/dev/full", format, 24000);
      writer->write(noise(1));
      writer->finish();
      ADD_FAILURE() << audio_format_name(format) << ": no error";
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), ErrorCode::kIo);
      EXPECT_THAT(error.message(), HasSubstr("'/dev/full'"));
      EXPECT_THAT(error.message(), HasSubstr("No space left on device"));
    }
  }
  EXPECT_TRUE(std::filesystem::is_character_file("/dev/full")) << "replaced by a file";
}

TEST(EncoderFailure, RawToAFullDescriptorFailsAtOnce) {
  const FileDescriptor full(::open("/dev/full", O_WRONLY | O_CLOEXEC));
  auto writer = make_raw_encoder(full.get(), "standard output");
  try {
    writer->write(noise(0.1));
    FAIL() << "no error";
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::kIo);
    EXPECT_THAT(error.message(), HasSubstr("standard output"));
  }
  EXPECT_THROW(writer->write(noise(0.1)), Error);
}

TEST(EncoderFailure, AReaderThatWentAwayIsAnError) {
  std::signal(SIGPIPE, SIG_IGN);
  int ends[2];
  ASSERT_EQ(::pipe2(ends, O_CLOEXEC), 0);
  ::close(ends[0]);
  const FileDescriptor write_end(ends[1]);
  auto writer = make_raw_encoder(write_end.get(), "standard output");
  try {
    writer->write(noise(0.1));
    FAIL() << "no error";
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::kIo);
    EXPECT_THAT(error.message(), HasSubstr("Broken pipe"));
  }
}

TEST(EncoderFailure, ImpossiblePlacesAreNamed) {
  TemporaryDirectory directory;
  try {
    make_file_encoder(directory.path() / "missing" / "a.wav", AudioFormat::kWav, 24000);
    FAIL() << "no error";
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::kNotFound);
    EXPECT_THAT(error.message(), HasSubstr("missing/a.wav"));
  }
  EXPECT_THROW(make_file_encoder(directory.path(), AudioFormat::kWav, 24000), Error);
  EXPECT_THROW(make_file_encoder("", AudioFormat::kWav, 24000), Error);
  EXPECT_THROW(make_file_encoder("/proc/x.mp3", AudioFormat::kMp3, 24000), Error);
  for (const int rate : {0, -1, 7999, 192001}) {
    EXPECT_THROW(make_file_encoder(directory.path() / "a.wav", AudioFormat::kWav, rate), Error);
  }
  EXPECT_EQ(directory.file_count(), 0u);
}

TEST(EncoderFailure, AReadOnlyDirectoryIsAnError) {
  if (::geteuid() == 0) GTEST_SKIP() << "root may write everywhere";
  TemporaryDirectory directory;
  std::filesystem::permissions(
      directory.path(), std::filesystem::perms::owner_read | std::filesystem::perms::owner_exec);
  try {
    make_file_encoder(directory.path() / "a.wav", AudioFormat::kWav, 24000);
    ADD_FAILURE() << "no error";
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::kIo);
    EXPECT_THAT(error.message(), HasSubstr("Permission denied"));
  }
  std::filesystem::permissions(directory.path(), std::filesystem::perms::owner_all);
}

TEST(EncoderOutput, RawGoesThroughAPipeAsItIsWritten) {
  int ends[2];
  ASSERT_EQ(::pipe2(ends, O_CLOEXEC), 0);
  const FileDescriptor read_end(ends[0]);
  FileDescriptor write_end(ends[1]);
  auto writer = make_raw_encoder(write_end.get(), "standard output");
  writer->write(std::array{0.25f});
  char bytes[2];
  ASSERT_EQ(::read(read_end.get(), bytes, 2), 2);  // before finish()
  EXPECT_EQ(bytes[1], 0x20);
  writer->finish();
  writer.reset();
  EXPECT_EQ(::fcntl(write_end.get(), F_GETFD) & FD_CLOEXEC, FD_CLOEXEC) << "closed";
}

TEST(EncoderOutput, ANamedPipeGetsAWholeFile) {
  TemporaryDirectory directory;
  const std::filesystem::path pipe = directory.path() / "pipe";
  ASSERT_EQ(::mkfifo(pipe.c_str(), 0600), 0);
  std::string received;
  std::thread reader([&] { received = read_file(pipe); });
  auto writer = make_file_encoder(pipe, AudioFormat::kWav, 24000);
  writer->write(sine(440, -12, 5, 24000));
  writer->finish();
  reader.join();
  EXPECT_TRUE(std::filesystem::is_fifo(pipe));
  write_file_atomically(directory.path() / "copy.wav", received);
  EXPECT_EQ(read_audio_file(directory.path() / "copy.wav").frame_count(), 120000u);
}

TEST(EncoderOutput, ASymbolicLinkStaysOne) {
  TemporaryDirectory directory;
  write_file_atomically(directory.path() / "real.wav", "older");
  std::filesystem::create_symlink("real.wav", directory.path() / "link.wav");
  auto writer = make_file_encoder(directory.path() / "link.wav", AudioFormat::kWav, 24000);
  writer->write(std::vector<float>(10, 0.5f));
  writer->finish();
  EXPECT_TRUE(std::filesystem::is_symlink(directory.path() / "link.wav"));
  EXPECT_EQ(read_audio_file(directory.path() / "real.wav").frame_count(), 10u);
}

TEST(Decoder, RefusesWhatIsNotAudio) {
  TemporaryDirectory directory;
  write_file_atomically(directory.path() / "a.wav", "RIFF but not really");
  write_file_atomically(directory.path() / "b.mp3", "");
  for (const char* name : {"a.wav", "b.mp3"}) {
    try {
      read_audio_file(directory.path() / name);
      ADD_FAILURE() << "no error";
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), ErrorCode::kCorruptData);
      EXPECT_THAT(error.message(), HasSubstr(name));
    }
  }
  EXPECT_THROW(read_audio_file(directory.path() / "c.wav"), Error);
  EXPECT_THROW(read_audio_file(directory.path()), Error);
}

TEST(Decoder, StopsAtTheLimit) {
  TemporaryDirectory directory;
  auto writer = make_file_encoder(directory.path() / "a.wav", AudioFormat::kWav, 24000);
  writer->write(sine(440, -12, 2, 24000));
  writer->finish();
  EXPECT_THROW(read_audio_file(directory.path() / "a.wav", 1000), Error);
}

}  // namespace
}  // namespace myna::audio
