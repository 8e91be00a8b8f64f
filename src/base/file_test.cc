#include "base/file.h"

#include <fcntl.h>
#include <gtest/gtest.h>

#include "base/error.h"

namespace myna {
namespace {

namespace fs = std::filesystem;

class FileTest : public ::testing::Test {
 protected:
  void SetUp() override {
    directory_ = fs::path(::testing::TempDir()) /
                 (std::string("myna_file_test_") +
                  ::testing::UnitTest::GetInstance()->current_test_info()->name());
    fs::remove_all(directory_);
    fs::create_directories(directory_);
  }
  void TearDown() override { fs::remove_all(directory_); }
  size_t entries() const {
    return static_cast<size_t>(std::distance(fs::directory_iterator(directory_), {}));
  }
  fs::path directory_;
};

TEST_F(FileTest, AtomicFileAppearsOnlyWhenCommitted) {
  const fs::path path = directory_ / "a.txt";
  {
    AtomicFile file(path);
    file.write("half");
    EXPECT_FALSE(fs::exists(path));
  }
  EXPECT_EQ(entries(), 0u) << "an abandoned file leaves nothing behind";
  AtomicFile file(path);
  file.write("whole");
  file.commit();
  EXPECT_EQ(read_file(path), "whole");
  EXPECT_EQ(entries(), 1u);
}

TEST_F(FileTest, AtomicFileKeepsTheOldContentUntilCommit) {
  const fs::path path = directory_ / "a.txt";
  write_file_atomically(path, "old");
  { AtomicFile(path).write("new"); }
  EXPECT_EQ(read_file(path), "old");
}

TEST_F(FileTest, MissingDirectoryIsAClearError) {
  try {
    AtomicFile file(directory_ / "no" / "a.txt");
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::kNotFound);
    EXPECT_NE(error.message().find("a.txt"), std::string::npos);
  }
}

TEST_F(FileTest, FullDiskIsAnIoError) {
  if (!fs::exists("/dev/full")) GTEST_SKIP() << "no /dev/full here";
  const int fd = ::open("/dev/full", O_WRONLY | O_CLOEXEC);
  const FileDescriptor owner(fd);
  try {
    write_all(fd, std::as_bytes(std::span("x", 1)), "'out.wav'");
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::kIo);
    EXPECT_NE(error.message().find("No space left"), std::string::npos);
  }
}

TEST_F(FileTest, MapsWholeFilesAndRefusesDirectories) {
  write_file_atomically(directory_ / "m", "mapped");
  const MappedFile file = MappedFile::open(directory_ / "m");
  file.release_pages();
  EXPECT_EQ(file.text(), "mapped");
  write_file_atomically(directory_ / "empty", "");
  EXPECT_TRUE(MappedFile::open(directory_ / "empty").bytes().empty());
  EXPECT_THROW(MappedFile::open(directory_), Error);
  EXPECT_THROW(MappedFile::open(directory_ / "missing"), Error);
}

TEST_F(FileTest, ReadStopsAtTheLimit) {
  write_file_atomically(directory_ / "m", "12345");
  EXPECT_EQ(read_file(directory_ / "m", 5), "12345");
  EXPECT_THROW(read_file(directory_ / "m", 4), Error);
}

}  // namespace
}  // namespace myna
