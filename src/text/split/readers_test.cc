// Filtering, plain text, Markdown and the map back to the source.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "text/split/character_filter.h"
#include "text/split/html_entities.h"
#include "text/split/markdown_reader.h"
#include "text/split/plain_reader.h"
#include "text/split/sentence_breaker.h"

namespace myna::text {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

// Without the spaces that nobody hears.
std::string trimmed(std::string text) {
  while (!text.empty() && text.back() == ' ') text.pop_back();
  for (size_t at; (at = text.find("  ")) != std::string::npos;) text.erase(at, 1);
  return text;
}

struct ReadResult {
  std::vector<std::string> blocks;
  std::vector<BlockKind> kinds;
  std::vector<Diagnostic> diagnostics;
};

template <typename Reader>
ReadResult read_with(Reader reader, std::string_view source) {
  ReadResult result;
  DiagnosticList diagnostics(source);
  reader(source, diagnostics, [&](const Block& block) {
    if (trimmed(block.text.text()).empty()) return;
    result.blocks.push_back(trimmed(block.text.text()));
    result.kinds.push_back(block.kind);
  });
  result.diagnostics = diagnostics.take();
  return result;
}
ReadResult markdown(std::string_view source) { return read_with(read_markdown, source); }
ReadResult plain(std::string_view source) { return read_with(read_plain, source); }

TEST(CharacterFilter, UnifiesSpacesQuotesDashesAndDigits) {
  EXPECT_THAT(plain("don’t\u00A0stop — “now”").blocks, ElementsAre("don't stop — “now”"));
  EXPECT_THAT(plain("soft\u00ADhyphen zero\u200Bwidth \u202Ebidi\u202C").blocks,
              ElementsAre("softhyphen zerowidth bidi"));
  EXPECT_THAT(plain("ﬁne ｆｕｌｌ 𝐛𝐨𝐥𝐝 ٣ ４").blocks, ElementsAre("fine full bold 3 4"));
  EXPECT_THAT(plain("café").blocks, ElementsAre("café"));
}

TEST(CharacterFilter, WarnsOnceARunOfWhatItCannotRead) {
  const ReadResult han = plain("say 中文 now");
  EXPECT_THAT(han.blocks, ElementsAre("say now"));
  ASSERT_EQ(han.diagnostics.size(), 1u);
  EXPECT_EQ(han.diagnostics[0].source, (SourceSpan{4, 10}));
  EXPECT_EQ(han.diagnostics[0].column, 5u);
  EXPECT_NE(han.diagnostics[0].message.find("U+4E2D"), std::string::npos);

  const ReadResult broken = plain("a\xFF\xFE b\x01 c\0d");
  EXPECT_EQ(broken.diagnostics.size(), 2u);
  EXPECT_THAT(broken.blocks, ElementsAre("a b c"));  // the literal ends at NUL
  EXPECT_THAT(plain(std::string_view("c\0d", 3)).blocks, ElementsAre("cd"));
}

TEST(CharacterFilter, EmojiAreLeftToTheNormaliser) {
  const ReadResult result = plain("Nice 😀 work!");
  EXPECT_THAT(result.blocks, ElementsAre("Nice 😀 work!"));
  EXPECT_THAT(result.diagnostics, IsEmpty());
}

TEST(CharacterFilter, BidirectionalOverridesAreDroppedWithAWarning) {
  const ReadResult result = plain("a\u202Eb\u200Fc");
  EXPECT_THAT(result.blocks, ElementsAre("abc"));
  EXPECT_EQ(result.diagnostics.size(), 1u);
}

TEST(PlainReader, ParagraphsAndWrappedLines) {
  EXPECT_THAT(plain("one\ntwo\r\nthree\r\n\r\nfour\n \t\nfive").blocks,
              ElementsAre("one two three", "four", "five"));
  EXPECT_THAT(plain("a well-\nknown man").blocks, ElementsAre("a well-known man"));
  EXPECT_THAT(plain("\n\n \n").blocks, IsEmpty());
}

TEST(MarkdownReader, ReadsTextAndForgetsMarks) {
  EXPECT_THAT(
      markdown("# A *big* title\n\nSome **bold**, `code` and [a link](http://x.y \"t\").").blocks,
      ElementsAre("A big title", "Some bold, code and a link."));
  EXPECT_THAT(markdown("# T\n\np").kinds, ElementsAre(BlockKind::kHeading, BlockKind::kParagraph));
  EXPECT_THAT(markdown("![a cat](cat.png) sits<br>here").blocks, ElementsAre("a cat sits here"));
  EXPECT_THAT(markdown("AT&amp;T &eacute; &#233; &bogus;").blocks, ElementsAre("AT&T é é &bogus;"));
  EXPECT_THAT(markdown("    indented prose is read").blocks, ElementsAre("indented prose is read"));
}

TEST(MarkdownReader, ListsTablesAndQuotes) {
  EXPECT_THAT(markdown("- one\n- two\n  - inner\n\n1. three").blocks,
              ElementsAre("one", "two", "inner", "1. three"));
  EXPECT_THAT(markdown("- [x] done").blocks, ElementsAre("done"));
  EXPECT_THAT(markdown("| a | b |\n|---|---|\n| c. | d |").blocks, ElementsAre("a, b,", "c. d,"));
  EXPECT_THAT(markdown("> quoted\n> more").blocks, ElementsAre("quoted more"));
}

TEST(MarkdownReader, CodeBlocksAreSkippedWithOneWarning) {
  const std::string_view source = "before\n\n```cpp\nint a = 1;\nint b = 2;\n```\n\nafter";
  const ReadResult result = markdown(source);
  EXPECT_THAT(result.blocks, ElementsAre("before", "after"));
  ASSERT_EQ(result.diagnostics.size(), 1u);
  const SourceSpan span = result.diagnostics[0].source;
  EXPECT_EQ(source.substr(span.begin, span.end - span.begin),
            "```cpp\nint a = 1;\nint b = 2;\n```");
  EXPECT_EQ(result.diagnostics[0].line, 3u);
}

TEST(MarkdownReader, ManyLinksInOneParagraphTakeLinearTime) {
  std::string links;
  for (int i = 0; i < 20000; ++i) links += "![a](";
  EXPECT_FALSE(markdown(links).blocks.empty());  // quadratic time would run into the test's limit
}

TEST(MarkdownReader, IsRecognised) {
  EXPECT_TRUE(looks_like_markdown("# Title\n\ntext"));
  EXPECT_TRUE(looks_like_markdown("see [here](x)"));
  EXPECT_TRUE(looks_like_markdown("- a\n- b\n"));
  EXPECT_TRUE(looks_like_markdown("a **b** c"));
  EXPECT_FALSE(looks_like_markdown("Plain prose, 3 * 4, #1 of 5.\n\n    indented\n"));
  EXPECT_FALSE(looks_like_markdown("- said he -\n"));
  EXPECT_FALSE(looks_like_markdown(""));
}

TEST(MappedText, PointsBackThroughEveryReplacement) {
  const std::string source = "a ’b’ **c** &amp; ﬁn";
  DiagnosticList diagnostics(source);
  std::vector<std::string> pieces;
  read_markdown(source, diagnostics, [&](const Block& block) {
    const std::string& text = block.text.text();
    for (size_t i = 0; i < text.size(); ++i) {
      if (text[i] == ' ') continue;
      const SourceSpan span = block.text.source_of(i, i + 1);
      pieces.push_back(source.substr(span.begin, span.end - span.begin));
    }
  });
  EXPECT_THAT(pieces, ElementsAre("a", "’", "b", "’", "c", "&amp;", "ﬁ", "ﬁ", "n"));
}

TEST(HtmlEntities, NamesAndNumbers) {
  EXPECT_EQ(decode_html_entity("&hellip;"), U'…');
  EXPECT_EQ(decode_html_entity("&#x1F600;"), U'😀');
  EXPECT_EQ(decode_html_entity("&#xD800;"), std::nullopt);
  EXPECT_EQ(decode_html_entity("&#99999999999;"), std::nullopt);
  EXPECT_EQ(decode_html_entity("&;"), std::nullopt);
}

TEST(SentenceBreaker, GivesByteOffsets) {
  SentenceBreaker breaker;
  std::vector<uint32_t> starts;
  breaker.find("Café. Next one! Last", starts);
  EXPECT_THAT(starts, ElementsAre(7u, 17u));
  breaker.find("", starts);
  EXPECT_THAT(starts, IsEmpty());
}

TEST(DiagnosticList, CapsItsLengthAndCoversTheRest) {
  std::string source;
  DiagnosticList* list = nullptr;
  for (int i = 0; i < 3000; ++i) source += "x中\n";
  DiagnosticList diagnostics(source);
  list = &diagnostics;
  for (size_t i = 0; i < 3000; ++i) list->warn({i * 5 + 1, i * 5 + 4}, "w");
  const auto all = list->take();
  ASSERT_EQ(all.size(), DiagnosticList::kMaxCount + 1);
  EXPECT_EQ(all.back().source.end, 2999u * 5 + 4);
  EXPECT_EQ(all[10].line, 11u);
}

}  // namespace
}  // namespace myna::text
