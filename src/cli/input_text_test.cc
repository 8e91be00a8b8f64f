#include "cli/input_text.h"

#include <gmock/gmock.h>
#include <unistd.h>

#include "base/error.h"
#include "base/file.h"

namespace myna::cli {
namespace {

namespace fs = std::filesystem;

class InputTextTest : public testing::Test {
 protected:
  void SetUp() override {
    fs::create_directories(directory_);
    write_file_atomically(directory_ / "talk.md", "# A talk\n");
  }
  void TearDown() override { fs::remove_all(directory_); }

  ErrorCode code_of(const std::string& argument, InputKind kind = InputKind::kGuess) {
    try {
      read_input_text(argument, kind);
    } catch (const Error& error) {
      return error.code();
    }
    ADD_FAILURE() << argument << " was read";
    return ErrorCode::kInternal;
  }

  const fs::path directory_ =
      fs::temp_directory_path() / ("myna-input-text-" + std::to_string(::getpid()));
};

TEST_F(InputTextTest, WordsAreText) {
  for (const char* text : {"Hello there.", "src", "/", "Read chapter one.md", "3.14", "...", ""}) {
    EXPECT_EQ(read_input_text(text, InputKind::kGuess).text, text);
  }
}

TEST_F(InputTextTest, ExistingFileIsRead) {
  const InputText input = read_input_text((directory_ / "talk.md").string(), InputKind::kGuess);
  EXPECT_EQ(input.text, "# A talk\n");
  EXPECT_EQ(input.file.stem(), "talk");
  const std::string name = (directory_ / "talk.md").string();
  EXPECT_EQ(read_input_text(name, InputKind::kText).text, name);
}

TEST_F(InputTextTest, MissingFileIsNotSpoken) {
  EXPECT_EQ(code_of("missing.txt"), ErrorCode::kNotFound);
  EXPECT_EQ(code_of("/some where/missing.MD"), ErrorCode::kNotFound);
  EXPECT_EQ(code_of("missing", InputKind::kFile), ErrorCode::kNotFound);
  EXPECT_EQ(read_input_text("missing.txt", InputKind::kText).text, "missing.txt");
}

TEST_F(InputTextTest, DirectoryIsNoFile) {
  EXPECT_EQ(code_of(directory_.string(), InputKind::kFile), ErrorCode::kInvalidArgument);
}

TEST_F(InputTextTest, Utf16AndBinaryAreRefused) {
  const std::string name = (directory_ / "other.txt").string();
  write_file_atomically(name, std::string("\xFF\xFEH\0i\0", 6));
  EXPECT_EQ(code_of(name), ErrorCode::kInvalidArgument);
  write_file_atomically(name, std::string("ID3\0\0\0\0\x01\0\0", 10));
  EXPECT_EQ(code_of(name), ErrorCode::kInvalidArgument);
  write_file_atomically(name, std::string("one stray \0 in a text of words", 30));
  EXPECT_EQ(read_input_text(name, InputKind::kGuess).text.size(), 30u);
}

TEST_F(InputTextTest, LongTextIsNoPath) {
  const std::string text(100000, 'a');
  EXPECT_EQ(read_input_text(text, InputKind::kGuess).text, text);
}

}  // namespace
}  // namespace myna::cli
