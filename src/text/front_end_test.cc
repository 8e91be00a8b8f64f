// The whole front end with the installed dictionary: nothing is lost, everything points back.
#include "text/front_end.h"

#include <unicode/uchar.h>

#include <chrono>
#include <fstream>
#include <sstream>

#include "base/error.h"
#include "base/utf8.h"
#include "text/text_test_support.h"

namespace myna::text {
namespace {

SpokenText process(std::string_view text, TextFormat format = TextFormat::kPlain,
                   FrontEndOptions options = {}) {
  options.format = format;
  return installed_front_end().process(text, options);
}

std::string spoken(const SpokenText& text) {
  std::string all;
  for (const Utterance& utterance : text.utterances)
    all += (all.empty() ? "" : " | ") + utterance.normalized_text();
  return all;
}

// Checks what every result must keep; returns the source bytes that words or diagnostics cover.
std::vector<bool> check(std::string_view source, const SpokenText& text,
                        const FrontEndOptions& options = {}) {
  std::vector<bool> covered(source.size(), false);
  const auto mark = [&](const SourceSpan& span) {
    ASSERT_LE(span.begin, span.end);
    ASSERT_LE(span.end, source.size());
    std::fill(covered.begin() + static_cast<std::ptrdiff_t>(span.begin),
              covered.begin() + static_cast<std::ptrdiff_t>(span.end), true);
  };
  for (const Utterance& utterance : text.utterances) {
    EXPECT_FALSE(utterance.phonemes.empty());
    EXPECT_LE(utterance.phonemes.size(), std::max<size_t>(options.max_phonemes, 16));
    EXPECT_NE(utterance.phonemes.front().symbol, U' ');
    EXPECT_NE(utterance.phonemes.back().symbol, U' ');
    for (size_t i = 0; i < utterance.words.size(); ++i) {
      const Word& word = utterance.words[i];
      mark(word.source);
      EXPECT_FALSE(word.text.empty());
      EXPECT_LE(word.first_phoneme + word.phoneme_count, utterance.phonemes.size());
      for (size_t p = 0; p < word.phoneme_count; ++p) {
        const Phoneme& phoneme = utterance.phonemes[word.first_phoneme + p];
        EXPECT_EQ(phoneme.word, static_cast<int32_t>(i));
        EXPECT_EQ(phoneme.source, word.source);
      }
    }
  }
  for (const Diagnostic& diagnostic : text.diagnostics) mark(diagnostic.source);
  return covered;
}

// The phonemes of [word](/ipa/) are obeyed, not read.
void cover_phonemes(std::string_view source, std::vector<bool>& covered) {
  for (size_t at = source.find("](/"); at != std::string_view::npos; at = source.find("](/", at)) {
    const size_t end = std::min(source.find("/)", at), source.size());
    for (; at < end; ++at) covered[at] = true;
  }
}

void expect_every_letter_covered(std::string_view source, const SpokenText& text) {
  std::vector<bool> covered = check(source, text);
  cover_phonemes(source, covered);
  size_t missing = 0;
  for (size_t at = 0; at < source.size();) {
    const DecodedCodePoint decoded = decode_utf8(source, at);
    if (u_isalnum(static_cast<UChar32>(decoded.code_point)) && !covered[at] && ++missing <= 5) {
      const size_t begin = at > 20 ? at - 20 : 0;
      ADD_FAILURE() << "lost at byte " << at << ": ..." << source.substr(begin, 60);
    }
    at += decoded.byte_count;
  }
  EXPECT_EQ(missing, 0u);
}

TEST(FrontEnd, WordsPointToTheTextThatTheyStandFor) {
  const std::string source =
      "# Dr. **Smith** paid\n\n$3.50 for the “café” &amp; [3,497 km](x) ride.";
  const SpokenText text = process(source, TextFormat::kAuto);
  std::string pairs;
  for (const Utterance& utterance : text.utterances) {
    for (const Word& word : utterance.words) {
      pairs += word.text + "=" +
               source.substr(word.source.begin, word.source.end - word.source.begin) + "\n";
    }
  }
  EXPECT_EQ(pairs,
            "doctor=Dr.\nSmith=Smith\npaid=paid\nthree=$3.50\ndollars=$3.50\nfifty=$3.50\ncents=$3."
            "50\nfor=for\nthe=the\n"
            "café=café\nand=&amp;\nthree=3,497\nthousand=3,497\nfour=3,497\nhundred=3,497\nninety="
            "3,497\nseven=3,497\n"
            "kilometers=km\nride=ride\n");
  ASSERT_EQ(text.utterances.size(), 2u);
  EXPECT_EQ(text.utterances[0].break_after, Break::kHeading);
  EXPECT_EQ(text.utterances[1].break_after, Break::kParagraph);
  EXPECT_EQ(text.utterances[0].normalized_text(), "doctor Smith paid.");
}

TEST(FrontEnd, MarksKeepTheirOwnSource) {
  const SpokenText text = process("Yes, no.");
  ASSERT_EQ(text.utterances.size(), 1u);
  const auto& phonemes = text.utterances[0].phonemes;
  EXPECT_EQ(phonemes.back().symbol, U'.');
  EXPECT_EQ(phonemes.back().source, (SourceSpan{7, 8}));
  EXPECT_EQ(phonemes.back().word, -1);
}

TEST(FrontEnd, NothingIsLostInLargeTexts) {
  const auto directory = shared_data("text_kokoro_demo");
  if (directory.empty()) GTEST_SKIP() << "no shared test data beside this checkout";
  for (const char* name : {"en.txt", "gatsby5k.md", "frankenstein5k.md"}) {
    SCOPED_TRACE(name);
    const std::string source = read_file(directory / "demo" / name);
    expect_every_letter_covered(source, process(source, TextFormat::kPlain));
  }
}

TEST(FrontEnd, NothingIsLostInOddTexts) {
  for (const std::string& source :
       {std::string("one"), std::string("a\0b\x01 c", 6),
        std::string("mixed中文text עברית العربية ไทย 한국어"), std::string("x\xFFy\xC3"),
        std::string(5000, 'q'), std::string("ÀÁÂÃ check §- and ƛ, also ɧ"),
        std::string("e\u0301\u0301\u0301 \u0301 x\u200D\u200Cy"),
        std::string("\u202Eabc\u202C 1\u00AD2 ½¾ ①② Ⅷ ㎏ ﷺ"),
        std::string("'tis 'em rock 'n' roll y'all o'clock '' ' '"),
        std::string("a_b_c snake_case kebab-case CamelCase x.y.z 1a2b3c"),
        std::string("ǅ ĳ ŉ ſ ẞ İ ı")}) {
    SCOPED_TRACE(source.substr(0, 40));
    expect_every_letter_covered(source, process(source, TextFormat::kPlain));
    check(source, process(source, TextFormat::kMarkdown));
  }
}

TEST(FrontEnd, TextsWithNothingToSay) {
  EXPECT_TRUE(process("").utterances.empty());
  EXPECT_TRUE(process("").diagnostics.empty());
  EXPECT_TRUE(process(" \n\t\n").diagnostics.empty());
  for (const char* source : {"... !!! ---", "😀 👍", "\"\" () []", "\x01\x02"}) {
    const SpokenText text = process(source);
    EXPECT_TRUE(text.utterances.empty()) << source;
    EXPECT_FALSE(text.diagnostics.empty()) << source;
  }
}

TEST(FrontEnd, MarksWithoutWordsDoNotReachTheVoice) {
  EXPECT_EQ(spoken(process("* * *\n\nThe end.")), "The end.");
  EXPECT_EQ(spoken(process("“Hm,” he said. ... “No!”")), "“Hm,” he said.… “No!”");
}

TEST(FrontEnd, UtterancesStayWithinTheirLimits) {
  std::string source;
  for (int i = 0; i < 400; ++i) source += "this sentence never ends and ";
  for (const size_t limit : {size_t{1}, size_t{30}, size_t{120}, size_t{250}, size_t{500}}) {
    FrontEndOptions options;
    options.max_phonemes = limit;
    const SpokenText text = process(source, TextFormat::kPlain, options);
    check(source, text, options);
    if (limit == 250) {
      for (const Utterance& utterance : text.utterances) EXPECT_GE(utterance.phonemes.size(), 100u);
    }
  }
}

TEST(FrontEnd, DialectsDiffer) {
  EXPECT_EQ(installed_front_end().phonemize("The tomato cost 105 pounds.", Dialect::kBritish),
            "ðə təmˈɑːtQ kˈɒst wˈʌn hˈʌndɹəd and fˈIv pˈWndz.");
}

TEST(FrontEnd, StreamsTheSameUtterances) {
  const std::string source = "One. Two three.\n\nFour, five; six.\n\nSeven 中.";
  const SpokenText whole = process(source);
  FrontEndOptions options;
  options.format = TextFormat::kPlain;
  size_t i = 0;
  const auto diagnostics =
      installed_front_end().process_each(source, options, [&](Utterance&& utterance) {
        ASSERT_LT(i, whole.utterances.size());
        EXPECT_EQ(utterance.phoneme_text(), whole.utterances[i++].phoneme_text());
      });
  EXPECT_EQ(i, whole.utterances.size());
  EXPECT_EQ(diagnostics.size(), 1u);
}

TEST(FrontEnd, RefusesWhatIsOverTheLimit) {
  const std::string source(FrontEnd::kMaxTextBytes + 1, ' ');
  try {
    process(source);
    FAIL() << "accepted";
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::kResourceExhausted);
  }
}

// Inputs that have cost others quadratic time. Each must take about as long as prose of its size.
TEST(FrontEnd, HostileTextsTakeLinearTime) {
  const auto repeat = [](std::string_view piece, size_t bytes) {
    std::string text;
    while (text.size() < bytes) text += piece;
    return text;
  };
  for (const char* piece :
       {"a",  "1",       "A",  "-",  "a-", "a.", "1.", "1,", "222,", "1/", "\"",  "1\"", "a@",
        "a:", "http://", "中", "é.", "'",  "a_", "((", "1-", "1:1:", "$",  "a/b", "& "}) {
    SCOPED_TRACE(piece);
    const std::string source = repeat(piece, 300000);
    const auto start = std::chrono::steady_clock::now();
    FrontEndOptions options;
    options.format = TextFormat::kPlain;
    installed_front_end().process_each(source, options, [](Utterance&&) {});
    const double seconds =
        std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
    EXPECT_LT(seconds,
              20.0);  // a fraction of a second; the margin is for sanitizers and busy machines
  }
  for (const char* piece : {"![a](", "[a][b]", "[a](<b", "*a ", "_a", "`a", "<", "> ", "- ", "|a",
                            "&amp;", "~~a", "<a "}) {
    SCOPED_TRACE(piece);
    const std::string source = repeat(piece, 100000);
    FrontEndOptions options;
    options.format = TextFormat::kMarkdown;
    const auto start = std::chrono::steady_clock::now();
    installed_front_end().process_each(source, options, [](Utterance&&) {});
    const double seconds =
        std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
    EXPECT_LT(seconds, 20.0);
  }
}

TEST(FrontEnd, AgreesWithMostPublishedNormalisationCases) {
  const auto directory = shared_data("tn_nemo");
  if (directory.empty()) GTEST_SKIP() << "no shared test data beside this checkout";
  // Letters only: marks, spaces and stress may differ. "hundred and" is optional in American
  // speech.
  const auto bare = [](std::string_view text) {
    std::string line(text);
    for (const char* with_and : {"hundred and ", "thousand and ", "million and "}) {
      const std::string from = with_and, to = from.substr(0, from.size() - 4);
      for (size_t at; (at = line.find(from)) != std::string::npos;)
        line.replace(at, from.size(), to);
    }
    std::u32string kept;
    for (const char32_t symbol :
         to_utf32(installed_front_end().phonemize(line, Dialect::kAmerican))) {
      if (u_isalpha(static_cast<UChar32>(symbol)) && symbol != U'ˈ' && symbol != U'ˌ')
        kept += symbol;
    }
    return kept;
  };
  size_t right = 0, total = 0;
  for (const auto& entry : std::filesystem::directory_iterator(directory)) {
    if (!entry.path().filename().string().starts_with("test_cases_")) continue;
    std::ifstream file(entry.path());
    for (std::string line; std::getline(file, line);) {
      const size_t tilde = line.find('~');
      if (tilde == std::string::npos || line.find_first_not_of(' ') == tilde ||
          tilde + 1 == line.size())
        continue;
      ++total;
      const std::u32string written = bare(line.substr(0, tilde));
      std::stringstream alternatives(line.substr(tilde + 1));
      for (std::string spoken_form; std::getline(alternatives, spoken_form, '~');) {
        if (bare(spoken_form) == written) {
          ++right;
          break;
        }
      }
    }
  }
  RecordProperty("right", static_cast<int>(right));
  RecordProperty("total", static_cast<int>(total));
  EXPECT_GT(total, 200u);
  EXPECT_GE(static_cast<double>(right), 0.84 * static_cast<double>(total))
      << right << " of " << total;
}

TEST(FrontEnd, MissingDictionaryIsSaid) {
  const TemporaryDirectory directory;
  try {
    const FrontEnd front_end(directory.path());
    FAIL() << "no error";
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::kUnavailable);
    EXPECT_NE(std::string(error.what()).find("myna models pull"), std::string::npos);
  }
}

}  // namespace
}  // namespace myna::text
