#include "text/markup/user_lexicon.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <fstream>

#include "text/markup/markup_test_support.h"
#include "text/markup/user_lexicon_files.h"

namespace myna::text {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

std::shared_ptr<const UserLexicon> lexicon(std::string_view content,
                                           std::vector<std::string>* found = nullptr) {
  std::vector<Diagnostic> diagnostics;
  std::vector<LexiconDefinition> definitions = read_lexicon(content, diagnostics);
  std::vector<LexiconProblem> problems;
  auto result = std::make_shared<const UserLexicon>(std::move(definitions), problems);
  for (LexiconProblem& problem : problems) diagnostics.push_back(std::move(problem.diagnostic));
  if (found != nullptr) {
    *found = described(diagnostics);
  } else {
    EXPECT_THAT(described(diagnostics), IsEmpty());
  }
  return result;
}

Utterance read(std::string_view text, std::string_view content) {
  FrontEndOptions options = markup_options(TextFormat::kPlain);
  options.lexicon = lexicon(content);
  return installed_front_end().process(text, options).utterances.at(0);
}

TEST(UserLexicon, TwoColumns) {
  constexpr const char* kFile =
      "# mine\n"
      "Myna\t/ˈmaɪnə/\n"
      "Lake Myna  /leɪk ˈmaɪnoʊ/\n"
      "W3C =World Wide Web Consortium\r\n"
      "C++ =see plus plus\n"
      "nginx  x-sampa: End_Zn_=\"Eks\n";
  EXPECT_THAT(read("Myna and Lake Myna.", kFile).phoneme_text(), HasSubstr("mˈInə ænd lˈAk mˈInO"));
  EXPECT_EQ(read("The W3C likes C++.", kFile).normalized_text(),
            "The World Wide Web Consortium likes see plus plus.");
  const Utterance utterance = read("Myna's song.", kFile);
  EXPECT_THAT(utterance.phoneme_text(), HasSubstr("mˈInəz"));
  EXPECT_EQ(utterance.words[0].source, (SourceSpan{0, 6}));
}

TEST(UserLexicon, CaseRule) {
  constexpr const char* kFile = "gif  =jiff\nUs  =you ess\n";
  EXPECT_EQ(read("gif Gif GIF us Us US", kFile).normalized_text(),
            "jiff jiff jiff us you ess you ess");
  EXPECT_EQ(read("the 1gif, gifs", kFile).normalized_text().find("jiff"), std::string::npos);
}

TEST(UserLexicon, Pls) {
  constexpr const char* kFile =
      "<?xml version='1.0'?><lexicon version='1.0' alphabet='ipa' xml:lang='en-US' "
      "xmlns='http://www.w3.org/2005/01/pronunciation-lexicon'>"
      "<lexeme><grapheme>Myna</grapheme><grapheme>Mynah</grapheme>"
      "<phoneme>ˈmaɪno</phoneme><phoneme prefer='true'>ˈmaɪnə</phoneme></lexeme>"
      "<lexeme><grapheme>NASA</grapheme><alias>the space agency</alias></lexeme></lexicon>";
  EXPECT_EQ(read("Mynah", kFile).phoneme_text(), "mˈInə");
  EXPECT_EQ(read("NASA flies.", kFile).normalized_text(), "the space agency flies.");
}

TEST(UserLexicon, CirclesAreFoundAndBroken) {
  std::vector<std::string> found;
  const auto circle = lexicon("aa =bb\nbb =cc\ncc =aa\n", &found);
  EXPECT_THAT(found, ElementsAre("3:1 error: 'cc': the alias leads back to 'aa'"));
  FrontEndOptions options = markup_options(TextFormat::kPlain);
  options.lexicon = circle;
  EXPECT_EQ(installed_front_end().process("bb", options).utterances.at(0).words.size(), 1u);
}

TEST(UserLexicon, AliasesThatGrowAreStopped) {
  std::string content = "w0 =a b c d e f g h\n";
  for (int i = 1; i < 30; ++i) {
    const std::string before = "w" + std::string(static_cast<size_t>(i - 1), 'x') + " ";
    content += 'w';
    content.append(static_cast<size_t>(i), 'x');
    content += " =";
    for (int copy = 0; copy < 3; ++copy) content += before;
    content += '\n';
  }
  std::vector<std::string> found;
  lexicon(content, &found);
  EXPECT_THAT(found, testing::Contains(HasSubstr("grows to more than")));
}

TEST(UserLexicon, ProblemsHavePlaces) {
  std::vector<std::string> found;
  lexicon("one\nMyna\t/m8na/\n =x\nx =\n\xFF =a\n", &found);
  EXPECT_THAT(found,
              ElementsAre(HasSubstr("1:1 error: there is one column"),
                          HasSubstr("2:8 error: '8' is no IPA symbol"), HasSubstr("3:2 error:"),
                          HasSubstr("4:1 error: the alias is empty"),
                          HasSubstr("5:1 error: a byte here is not UTF-8")));
  lexicon("<lexicon alphabet='foo'><lexeme><grapheme>a</grapheme></lexeme></lexicon>", &found);
  EXPECT_THAT(found, ElementsAre(HasSubstr("the alphabet 'foo' is not known"),
                                 HasSubstr("a lexeme without a <phoneme>")));
}

TEST(UserLexicon, FilesAreReadAgainWhenTheyChange) {
  const TemporaryDirectory directory;
  const auto file = directory.path() / "lexicon.txt";
  UserLexiconFiles files(UserLexiconFiles::usual_files(directory.path()));
  EXPECT_EQ(files.current(), nullptr);
  std::ofstream(file) << "one =two\n";
  const auto first = files.current();
  ASSERT_NE(first, nullptr);
  EXPECT_EQ(first->size(), 1u);
  EXPECT_EQ(files.current(), first);
  std::ofstream(file) << "one =two\nthree =four\nbad\n";
  EXPECT_EQ(files.current()->size(), 2u);
  ASSERT_EQ(files.diagnostics().size(), 1u);
  EXPECT_EQ(files.diagnostics()[0].diagnostics.at(0).line, 3u);
  EXPECT_EQ(first->size(), 1u);
}

TEST(UserLexicon, ManyEntriesWithOneBeginningStayFast) {
  std::string content, text;
  for (int i = 0; i < 20'000; ++i) content += "the word" + std::to_string(i) + " x =y\n";
  for (int i = 0; i < 20'000; ++i) text += "the word ";
  const auto big = lexicon(content);
  const auto started = std::chrono::steady_clock::now();
  std::vector<UserLexicon::Match> matches;
  big->find(text, 0, static_cast<uint32_t>(text.size()), matches);
  EXPECT_LT(std::chrono::steady_clock::now() - started, std::chrono::seconds(5));
}

}  // namespace
}  // namespace myna::text
