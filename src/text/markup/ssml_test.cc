#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <fstream>

#include "text/markup/markup_test_support.h"

namespace myna::text {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::StartsWith;

SpokenText ssml(std::string_view body,
                const FrontEndOptions& options = markup_options(TextFormat::kSsml)) {
  return installed_front_end().process("<speak>" + std::string(body) + "</speak>", options);
}

std::string said(std::string_view body) { return summary(ssml(body)); }

std::vector<std::string> problems(std::string_view source,
                                  Strictness strictness = Strictness::kLenient) {
  FrontEndOptions options = markup_options(TextFormat::kSsml);
  options.strictness = strictness;
  return described(check_markup(source, options));
}

TEST(Ssml, IsRecognisedByItsRoot) {
  EXPECT_EQ(detect_format("<speak>Hello</speak>"), TextFormat::kSsml);
  EXPECT_EQ(detect_format("\n<?xml version='1.0'?>\n<!-- a talk -->\n<speak version='1.1'>"),
            TextFormat::kSsml);
  EXPECT_NE(detect_format("<p>is a tag, 3 < 4"), TextFormat::kSsml);
  EXPECT_EQ(detect_format("I speak"), TextFormat::kPlain);
}

TEST(Ssml, ParagraphsAndSentencesEndWithoutMarks) {
  const SpokenText text = ssml("<p><s>First</s><s>Second one</s></p><p>Third</p>");
  EXPECT_EQ(summary(text), "First. Second one. | Third");
  EXPECT_EQ(text.utterances[0].break_after, Break::kParagraph);
}

TEST(Ssml, EveryWordPointsIntoTheSource) {
  const std::string source =
      "<speak>R&amp;D costs <emphasis>$5</emphasis> &#x2014; <sub alias=\"World Wide "
      "Web\">WWW</sub> "
      "<![CDATA[a < b]]></speak>";
  const SpokenText text = installed_front_end().process(source, markup_options(TextFormat::kSsml));
  EXPECT_THAT(text.diagnostics, IsEmpty());
  std::vector<std::string> pieces;
  for (const Word& word : text.utterances.at(0).words)
    pieces.push_back(word.text + "=" +
                     source.substr(word.source.begin, word.source.end - word.source.begin));
  EXPECT_THAT(pieces, Contains("five=$5"));
  EXPECT_THAT(pieces, Contains("and=&amp;"));
  EXPECT_THAT(pieces, Contains("World=WWW"));
  EXPECT_THAT(pieces, Contains("Web=WWW"));
  EXPECT_THAT(pieces, Contains("less=<"));
}

TEST(Ssml, Breaks) {
  EXPECT_EQ(said("One <break time='2s'/> two <break time=\"500ms\"/> three."),
            "One [2000] | two [500] | three.");
  EXPECT_EQ(said("One <break/> two <break strength='x-strong'/> three<break strength='none'/>."),
            "One [750] | two [1250] | three.");
  EXPECT_EQ(said("<break time='1s'/>One.<break time='1s'/><break time='2s'/>"),
            " [1000] | One. [3000]");
  EXPECT_EQ(said("<p>One.</p><break time='3s'/><p>Two.</p>"), "One. [3000] | Two.");
}

TEST(Ssml, WrongTimesAreErrorsAndLongOnesAreShortened) {
  const SpokenText text = ssml("One <break time='-1s'/> two <break time='86400s'/> three.");
  EXPECT_EQ(summary(text), "One two [60000] | three.");
  EXPECT_THAT(described(text.diagnostics),
              ElementsAre(HasSubstr("1:25 error: the time '-1s' is negative"),
                          HasSubstr("warning: a pause of 86400s is shortened to 60 s")));
  EXPECT_THAT(problems("<speak><break time='soon'/></speak>"),
              ElementsAre(HasSubstr("error: the time 'soon' is not understood")));
  EXPECT_THAT(problems("<speak><break strength='strnog'/></speak>"),
              ElementsAre(HasSubstr("did you mean 'strong'?")));
}

TEST(Ssml, EmphasisOnAWordLeavesTheUtteranceWhole) {
  const SpokenText text = ssml("I have <emphasis level='strong'>read</emphasis> the book.");
  ASSERT_EQ(text.utterances.size(), 1u);
  EXPECT_EQ(words_with_prosody(text.utterances[0]), "read");
  EXPECT_EQ(prosody_of(text.utterances[0], "read").emphasis, Emphasis::kStrong);
  // The homograph sees the words on the other side of the tag.
  const SpokenText plain = installed_front_end().process("I have read the book.");
  EXPECT_EQ(text.utterances[0].phoneme_text(), plain.utterances[0].phoneme_text());
}

TEST(Ssml, ProsodyNestsAndComesBack) {
  const SpokenText text = ssml(
      "a <prosody rate='slow' pitch='+2st'>b <prosody rate='+10%' pitch='-1st' volume='-6dB'>c"
      "</prosody> d</prosody> e");
  ASSERT_EQ(text.utterances.size(), 1u);
  const Utterance& utterance = text.utterances[0];
  EXPECT_EQ(prosody_of(utterance, "a"), Prosody{});
  EXPECT_FLOAT_EQ(prosody_of(utterance, "b").rate, 0.64f);
  EXPECT_FLOAT_EQ(prosody_of(utterance, "b").pitch_semitones, 2);
  EXPECT_FLOAT_EQ(prosody_of(utterance, "c").rate, 0.64f * 1.1f);
  EXPECT_FLOAT_EQ(prosody_of(utterance, "c").pitch_semitones, 1);
  EXPECT_FLOAT_EQ(prosody_of(utterance, "c").volume_db, -6);
  EXPECT_EQ(prosody_of(utterance, "d"), prosody_of(utterance, "b"));
  EXPECT_EQ(prosody_of(utterance, "e"), Prosody{});
}

TEST(Ssml, ProsodyBeyondItsRangeIsLimitedWithAWarning) {
  const SpokenText text = ssml("<prosody rate='1000%' volume='+99dB'>x</prosody>");
  EXPECT_FLOAT_EQ(prosody_of(text.utterances.at(0), "x").rate, 4);
  EXPECT_FLOAT_EQ(prosody_of(text.utterances.at(0), "x").volume_db, 24);
  EXPECT_EQ(text.diagnostics.size(), 2u);
  EXPECT_THAT(problems("<speak><prosody rate='fats'>x</prosody></speak>"),
              ElementsAre(HasSubstr("1:23 error: rate 'fats' is not understood")));
  EXPECT_THAT(problems("<speak><prosody pitch='+2st' contour='(0%,+10%)'>x</prosody></speak>"),
              ElementsAre(HasSubstr("both a contour and a pitch")));
}

TEST(Ssml, AContourRunsAlongItsText) {
  const SpokenText text =
      ssml("up <prosody contour='(0%,+0st) (100%,+10st)'>aaa eee ooo</prosody> end");
  const Utterance& utterance = text.utterances.at(0);
  ASSERT_EQ(utterance.pitch_semitones.size(), utterance.phonemes.size());
  const auto at = [&](size_t word) {
    return utterance.pitch_semitones[utterance.words[word].first_phoneme];
  };
  EXPECT_EQ(at(0), 0);
  EXPECT_LT(at(1), at(2));
  EXPECT_LT(at(2), at(3));
  EXPECT_LE(utterance.pitch_semitones[utterance.words[4].first_phoneme], 0);
}

TEST(Ssml, SayAsPhonemesAndSub) {
  EXPECT_EQ(said("<say-as interpret-as='characters'>abc</say-as>"), "a b c");
  EXPECT_EQ(said("<say-as interpret-as='ordinal'>3</say-as> of <sub alias='May'>5</sub>"),
            "third of May");
  const SpokenText text = ssml(
      "a <phoneme alphabet='ipa' ph='təˈmeɪtoʊ'>tomato</phoneme>, "
      "<phoneme alphabet='x-sampa' ph='t@&quot;meItoU'>x</phoneme>");
  EXPECT_THAT(text.diagnostics, IsEmpty());
  EXPECT_EQ(text.utterances.at(0).phoneme_text(), "ɐ təmˈAtO, təmˈAtO");
  EXPECT_EQ(text.utterances[0].words[1].text, "tomato");
}

TEST(Ssml, PhonemesThatCannotBeReadAreAnErrorAndTheTextIsRead) {
  const SpokenText text = ssml("<phoneme alphabet='ipa' ph='tə%'>tomato</phoneme>");
  EXPECT_EQ(summary(text), "tomato");
  EXPECT_THAT(described(text.diagnostics),
              ElementsAre(HasSubstr("1:38 error: '%' is no IPA symbol")));
}

TEST(Ssml, VoicesStylesAndLanguages) {
  EXPECT_EQ(said("One. <voice name='michael'>Two.</voice> Three."),
            "One. | /michael/: Two. | Three.");
  EXPECT_EQ(said("<voice name='nobody emma'>Hi.</voice>"), "/emma/: Hi.");
  EXPECT_EQ(said("<voice gender='male' xml:lang='en-GB'>Hi.</voice>"), "/george/: Hi.");
  EXPECT_EQ(
      said("<mstts:express-as style='customerservice' styledegree='1.5'>Hi.</mstts:express-as>"),
      "//customer-service 150%: Hi.");
  EXPECT_NE(ssml("<lang xml:lang='en-GB'>tomato</lang>").utterances[0].phoneme_text(),
            ssml("tomato").utterances[0].phoneme_text());
  EXPECT_THAT(problems("<speak><voice name='micheal'>x</voice></speak>"),
              ElementsAre(HasSubstr("did you mean 'michael'?")));
  EXPECT_THAT(problems("<speak><mstts:express-as style='cheerfull'>x</mstts:express-as></speak>"),
              ElementsAre(HasSubstr("did you mean 'cheerful'?")));
  EXPECT_THAT(problems("<speak xml:lang='fr-FR'>Bonjour</speak>"),
              ElementsAre(HasSubstr("read as English")));
}

TEST(Ssml, MarksFallOnTheNextWordOrTheEnd) {
  const SpokenText text = ssml("a <mark name='m1'/>bee see<mark name='m2'/>");
  const Utterance& utterance = text.utterances.at(0);
  ASSERT_EQ(utterance.bookmarks.size(), 2u);
  EXPECT_EQ(utterance.bookmarks[0].name, "m1");
  EXPECT_EQ(utterance.bookmarks[0].first_phoneme, utterance.words[1].first_phoneme);
  EXPECT_EQ(utterance.bookmarks[1].first_phoneme, utterance.phonemes.size());
}

TEST(Ssml, Silences) {
  EXPECT_EQ(said("<voice name='emma'><mstts:silence type='Sentenceboundary-exact' value='200ms'/>"
                 "One. Two. Three.</voice>"),
            "/emma/: One. [200] | /emma/: Two. [200] | /emma/: Three. [200]");
  EXPECT_EQ(said("<mstts:silence type='Leading' value='1s'/>One, two."), " [1000] | One, two.");
  EXPECT_EQ(said("<mstts:silence type='Comma-exact' value='50ms'/>One, two."), "One, [50] | two.");
}

TEST(Ssml, RecordingsComeFromTheAllowedDirectoryAlone) {
  const TemporaryDirectory directory;
  std::filesystem::create_directory(directory.path() / "sounds");
  std::ofstream(directory.path() / "sounds" / "bell.wav") << "x";
  std::ofstream(directory.path() / "secret.wav") << "x";
  std::filesystem::create_symlink(directory.path() / "secret.wav",
                                  directory.path() / "sounds" / "link.wav");
  FrontEndOptions options = markup_options(TextFormat::kSsml);
  options.audio_directory = directory.path() / "sounds";
  const SpokenText text = ssml("One <audio src='bell.wav'>ding</audio> two.", options);
  ASSERT_EQ(text.utterances.size(), 3u);
  EXPECT_THAT(text.utterances[1].audio_file, testing::EndsWith("bell.wav"));
  EXPECT_THAT(text.diagnostics, IsEmpty());
  for (const char* src : {"../secret.wav", "link.wav", "https://x.test/a.wav", "none.wav", "."}) {
    const SpokenText refused = ssml("<audio src='" + std::string(src) + "'>ding</audio>", options);
    EXPECT_EQ(summary(refused), "ding") << src;
    EXPECT_EQ(refused.diagnostics.size(), 1u) << src;
  }
  EXPECT_EQ(said("<audio src='bell.wav'>ding</audio>"), "ding");
}

TEST(Ssml, UnknownElementsAreReadThroughOrRefused) {
  EXPECT_EQ(said("One <emphesis>two</emphesis> three."), "One two three.");
  EXPECT_THAT(problems("<speak>One\n  <emphesis>two</emphesis></speak>"),
              ElementsAre(StartsWith("2:3 warning: <emphesis> is not known")));
  EXPECT_THAT(problems("<speak><emphesis>two</emphesis></speak>", Strictness::kStrict),
              ElementsAre(HasSubstr("error: <emphesis> is not known")));
  FrontEndOptions strict = markup_options(TextFormat::kSsml);
  strict.strictness = Strictness::kStrict;
  EXPECT_THAT(ssml("<emphesis>two</emphesis>", strict).utterances, IsEmpty());
  EXPECT_EQ(ssml("<emphasis>two</emphasis>", strict).utterances.size(), 1u);
}

TEST(Ssml, WhatStandsBeforeAFaultIsSpoken) {
  const SpokenText text = ssml("One. <p>Two. <voice name='emma'>Three.</p>");
  EXPECT_EQ(summary(text), "One. | Two. | /emma/: Three.");
  EXPECT_THAT(
      described(text.diagnostics),
      ElementsAre(HasSubstr("error: </p> does not close <voice> of line 1; write </voice>")));
  FrontEndOptions strict = markup_options(TextFormat::kSsml);
  strict.strictness = Strictness::kStrict;
  EXPECT_THAT(ssml("One. <p>Two.", strict).utterances, IsEmpty());
}

TEST(Ssml, FaultsSayWhatToWriteInstead) {
  EXPECT_THAT(problems("<speak>R & D</speak>"), ElementsAre(HasSubstr("write &amp;")));
  EXPECT_THAT(problems("<speak>3 < 4</speak>"), ElementsAre(HasSubstr("write &lt;")));
  EXPECT_THAT(problems("<speak>a&nbsp;b</speak>"),
              ElementsAre(HasSubstr("error: the entity '&nbsp;'")));
  EXPECT_THAT(problems("<speak>\nx &#xD800; y</speak>"),
              ElementsAre(StartsWith("2:3 error: '&#xD800;' is no character")));
  EXPECT_THAT(problems("<!DOCTYPE x [<!ENTITY a \"b\">]><speak>&a;</speak>"),
              ElementsAre(HasSubstr("document type")));
  EXPECT_THAT(problems("<speak>never closed"), ElementsAre(HasSubstr("ends inside of <speak>")));
  EXPECT_THAT(problems("<speak>x</speak> more"), ElementsAre(HasSubstr("behind the end")));
  EXPECT_THAT(problems("<speak>a\x01</speak>"), ElementsAre(HasSubstr("control characters")));
  EXPECT_THAT(problems("<speak>a\xFF</speak>"), ElementsAre(HasSubstr("not UTF-8")));
  EXPECT_THAT(problems("<speak>a\u202Eb</speak>"), ElementsAre(HasSubstr("bidirectional")));
  EXPECT_THAT(problems("<speak><break time='1s' time='2s'/></speak>"),
              ElementsAre(HasSubstr("given twice")));
}

TEST(Ssml, DeepNestingIsCutOff) {
  std::string source = "<speak>before ";
  for (int i = 0; i < 100'000; ++i) source += "<p>";
  const SpokenText text = installed_front_end().process(source, markup_options(TextFormat::kSsml));
  EXPECT_EQ(summary(text), "before");
  EXPECT_THAT(described(text.diagnostics), ElementsAre(HasSubstr("more than 256 elements")));
}

TEST(Ssml, HostileInputTakesLinearTime) {
  const auto started = std::chrono::steady_clock::now();
  std::string marks = "<speak>", attribute = "<speak><break time='", breaks = "<speak>a";
  for (int i = 0; i < 100'000; ++i) marks += "<mark name='a'/>";
  attribute += std::string(1 << 20, '9') + "'/></speak>";
  for (int i = 0; i < 50'000; ++i) breaks += "<break time='1s'/>";
  for (const std::string& source : {marks, attribute, breaks}) {
    check_markup(source, markup_options(TextFormat::kSsml));
  }
  const SpokenText text =
      installed_front_end().process(breaks + "</speak>", markup_options(TextFormat::kSsml));
  EXPECT_EQ(summary(text), "a [60000]");
  EXPECT_LT(std::chrono::steady_clock::now() - started, std::chrono::seconds(20));
}

TEST(Ssml, ALongSentenceGoesThroughInParts) {
  std::string body = "<s>";
  while (body.size() < (size_t{1} << 20)) body += "many words of one sentence ";
  size_t words = 0;
  installed_front_end().process_each(
      "<speak>" + body + "</s></speak>", markup_options(TextFormat::kSsml),
      [&](Utterance&& utterance) { words += utterance.words.size(); });
  EXPECT_EQ(words, (body.size() - 3) / 27 * 5);
}

TEST(Ssml, IsKnownByItsFirstElement) {
  for (const char* source :
       {"<speak>a</speak>", "\xEF\xBB\xBF <?xml version=\"1.0\"?>\n<!-- > --><speak/>",
        "<!DOCTYPE speak SYSTEM \"x.dtd\"><speak/>",
        "<!DOCTYPE a [<!ENTITY x \"aaaa\">]><speak>&x;</speak>"}) {
    EXPECT_EQ(detect_format(source), TextFormat::kSsml) << source;
  }
  for (const char* source : {"<p>a</p>", "<!DOCTYPE html><p>a</p>", "<!DOCTYPE a [", "<!--", ""}) {
    EXPECT_NE(detect_format(source), TextFormat::kSsml) << source;
  }
}

TEST(Ssml, PublishedSamplesParse) {
  for (const char* name : {"ssml_google", "ssml_azure"}) {
    const auto directory = shared_data(name);
    if (directory.empty()) GTEST_SKIP() << "no shared data";
    size_t count = 0;
    for (const auto& file : std::filesystem::recursive_directory_iterator(directory)) {
      if (file.path().extension() != ".ssml" && file.path().extension() != ".xml") continue;
      ++count;
      const std::string source = read_file(file.path());
      EXPECT_EQ(detect_format(source), TextFormat::kSsml);
      for (const Diagnostic& diagnostic : check_markup(source, markup_options(TextFormat::kSsml)))
        EXPECT_NE(diagnostic.severity, Severity::kError) << file.path() << diagnostic.message;
    }
    EXPECT_GT(count, 0u);
  }
}

}  // namespace
}  // namespace myna::text
