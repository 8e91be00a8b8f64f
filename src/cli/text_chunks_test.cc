#include "cli/text_chunks.h"

#include <gtest/gtest.h>

#include <string>

#include "base/utf8.h"

namespace myna::cli {
namespace {

// Checks that the chunks cover the text without gap or overlap, and returns their texts.
std::vector<std::string> chunks_of(const std::string& text, size_t max_bytes) {
  std::vector<std::string> parts;
  size_t reached = 0;
  for (const text::SourceSpan& chunk : split_into_chunks(text, max_bytes)) {
    EXPECT_EQ(chunk.begin, reached);
    EXPECT_GT(chunk.end, chunk.begin);
    reached = chunk.end;
    parts.push_back(text.substr(chunk.begin, chunk.end - chunk.begin));
  }
  EXPECT_EQ(reached, text.size());
  return parts;
}

TEST(TextChunks, ShortTextIsOneChunk) {
  EXPECT_TRUE(chunks_of("", 10).empty());
  EXPECT_EQ(chunks_of("short enough", 10).size(), 1u);
}

TEST(TextChunks, CutsAtBlankLines) {
  std::string text;
  for (int i = 0; i < 50; ++i) text += "A line of text.\nAnother line of it.\n\n";
  const auto parts = chunks_of(text, 200);
  ASSERT_GT(parts.size(), 5u);
  for (const std::string& part : parts) EXPECT_TRUE(part.ends_with("\n\n")) << part;
}

TEST(TextChunks, DoesNotCutInsideCode) {
  std::string text = "```\n";
  for (int i = 0; i < 12; ++i) text += "code\n\n";
  text += "```\n\nAfter it.\n\n";
  for (int i = 0; i < 40; ++i) text += "More text.\n\n";
  const auto parts = chunks_of(text, 120);
  EXPECT_NE(parts[0].find("```\n\n"), std::string::npos);
}

TEST(TextChunks, CutsAtLinesThenBlanksThenCharacters) {
  std::string lines;
  for (int i = 0; i < 50; ++i) lines += "words in a line\n";
  for (const auto& part : chunks_of(lines, 100)) EXPECT_EQ(part.back(), '\n');
  std::string words;
  for (int i = 0; i < 100; ++i) words += "word ";
  for (const auto& part : chunks_of(words, 100)) EXPECT_EQ(part.back(), ' ');
  std::string solid;
  for (int i = 0; i < 300; ++i) solid += "\u20AC";
  for (const auto& part : chunks_of(solid, 100)) EXPECT_FALSE(find_invalid_utf8(part));
}

TEST(TextChunks, AnyBytesAreCovered) {
  chunks_of(std::string(1000, '\x80'), 64);
  chunks_of(std::string(1000, '\n'), 64);
  chunks_of(std::string(1000, '\0'), 64);
}

}  // namespace
}  // namespace myna::cli
