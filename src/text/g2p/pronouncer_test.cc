// With the installed dictionary: what a listener would notice.
#include "base/utf8.h"
#include "text/text_test_support.h"

namespace myna::text {
namespace {

std::string say(std::string_view text, Dialect dialect = Dialect::kAmerican) {
  return installed_front_end().phonemize(text, dialect);
}

struct Case {
  std::string_view text;
  std::string_view phonemes;  // must occur in the result
};

void expect_all(std::initializer_list<Case> cases, Dialect dialect = Dialect::kAmerican) {
  for (const Case& c : cases) {
    const std::string said = say(c.text, dialect);
    EXPECT_NE(said.find(c.phonemes), std::string::npos)
        << c.text << "\n  " << said << "\n  wants " << c.phonemes;
  }
}

TEST(Pronouncer, WholeSentences) {
  EXPECT_EQ(say("Hello world."), "həlˈO wˈɜɹld.");
  EXPECT_EQ(say("Hello world.", Dialect::kBritish), "həlˈQ wˈɜːld.");
  EXPECT_EQ(say("The apple is on the table."), "ði ˈæpᵊl ɪz ˌɔn ðə tˈAbᵊl.");
  EXPECT_EQ(say("She asked, “Why?”"), "ʃˌi ˈæskt, “wˌI?”");
}

TEST(Pronouncer, FunctionWordsFollowTheNextSound) {
  expect_all({{"the owl", "ði ˈWl"},
              {"the house", "ðə hˈWs"},
              {"to eat", "tʊ ˈit"},
              {"to go", "tə ɡˌO"},
              {"where to?", "tu?"},
              {"come in.", "ˈɪn."},
              {"in time", "ɪn tˈIm"},
              {"a cat and an owl", "ɐ kˈæt ænd ɐn ˈWl"},
              {"I used to swim", "jˈust tə"},
              {"I used a spoon", "jˈuzd ɐ"},
              {"grade A.", "ˈA."}});
}

TEST(Pronouncer, HomographsFollowTheirContext) {
  expect_all({{"I will read the book.", "ɹˈid"},
              {"She read it yesterday.", "ɹˈɛd"},
              {"He has read it.", "ɹˈɛd"},
              {"They live in Rome.", "lˈɪv"},
              {"A live broadcast.", "lˈIv"},
              {"The wound healed.", "wˈund"},
              {"He wound up the clock.", "wˈWnd"},
              {"A tear fell.", "tˈɪɹ"},
              {"Don't tear it.", "tˈɛɹ"},
              {"The wind blows.", "wˈɪnd"},
              {"Please wind the clock.", "wˈInd"},
              {"He played the bass guitar.", "bˈAs"},
              {"They went bass fishing.", "bˈæs"},
              {"Close the door.", "klˈOz"},
              {"a close friend", "klˈOs"},
              {"the use of force", "jˈus "},
              {"we use force", "jˈuz "},
              {"lead pipes", "lˈɛd"},
              {"they lead the way", "lˈid"},
              {"a new record", "ɹˈɛkəɹd"},
              {"to record it", "ɹəkˈɔɹd"},
              {"I refuse the refuse.", "ɹəfjˈuz ðə ɹˈɛfjˌus"},
              {"tied in a bow", "bˈO"},
              {"They lived here.", "lˈɪvd"},
              // What the sentence is about.
              {"The bass player caught a bass in the lake.", "kˈɔt ɐ bˈæs"},
              {"There was a tear in her new dress.", "tˈɛɹ"},
              {"The doctor saw minute traces of blood.", "mInˈut"}});
}

TEST(Pronouncer, EndingsOnKnownStems) {
  // Not in the dictionary themselves; "hoping" against "hopping" is a known error of the reference.
  expect_all({{"They were hoping and hopping.", "hˈOpɪŋ ænd hˈɑpɪŋ"},
              {"blogged", "blˈɑɡd"},
              {"the dogs' home", "dˈɔɡz"},
              {"Smith's", "smˈɪθs"},
              {"the Joneses' car", "ʤˈOnzᵻz"},
              {"Jones’s", "ʤˈOnzᵻz"}});
}

TEST(Pronouncer, AcronymsAndMixedCase) {
  expect_all({{"the FBI", "ði ˌɛfbˌiˈI"},
              {"NASA said", "nˈæsə"},
              {"NIST and CUDA", "nˈɪst ænd kˈudə"},
              {"on WAMU", "dˌʌbᵊljuˌAˌɛmjˈu"},
              {"HTML and RSVP", "ˌɑɹˌɛsvˌipˈi"},
              {"xkcdhelp", "ˌɛkskˌAsˌidˈihˌɛlp"},
              {"Xi met Siobhán's friend.", "ʃˈi mˈɛt ʃəvˈɔnz"},
              {"two CDs", "sˌidˈiz"},
              {"the US and the UK", "ðə jˌuˈɛs ænd ðə jˌukˈA"},
              {"tell us", "ˌʌs"},
              {"an iPhone", "ˈIfˌOn"},
              {"YouTube", "jˈutˌub"},
              {"XKCD", "ˌɛkskˌAsˌidˈi"}});
  // Capitals mean nothing in a shouted sentence.
  EXPECT_EQ(say("THE DOCTOR IS IN THE HOUSE"), say("the doctor is in the house"));
}

TEST(Pronouncer, AccentsAndOtherAlphabets) {
  EXPECT_EQ(say("café"), say("cafe"));
  EXPECT_EQ(say("naïve"), say("naive"));
  EXPECT_EQ(say("Москва"), say("Moskva"));
  EXPECT_EQ(say("π"), say("pi"));
}

TEST(Pronouncer, CompoundsShareOneMainStress) {
  expect_all({{"a well-known fact", "wˌɛlnˈOn"}, {"my mother-in-law", "mˈʌðəɹənlˌɔ"}});
}

TEST(Pronouncer, TheVoiceAlphabetHasNoFlapOrGlottalStop) {
  const std::string said = say("The water in the bottle is for the button and the kitten.");
  EXPECT_EQ(said.find("ɾ"), std::string::npos) << said;
  EXPECT_EQ(said.find("ʔ"), std::string::npos) << said;
  EXPECT_NE(said.find("wˈɔTəɹ"), std::string::npos) << said;
}

// Whatever the text, only symbols of the voice come out.
TEST(Pronouncer, OnlySymbolsOfTheVoice) {
  const std::u32string american = U"AIOWYbdfhijklmnpstuvwzæðŋɑɔəɛɜɡɪɹʃʊʌʒʤʧˈˌθᵊᵻTɐ ;:,.!?—…“”()";
  const std::u32string british = U"AIQWYabdfhijklmnpstuvwzðŋɑɒɔəɛɜɡɪɹʃʊʌʒʤʧˈˌːθᵊɐ ;:,.!?—…“”()";
  const char* text =
      "Xylophonists zigzagged thoughtfully; “Quixotic!” cried Ms. Nguyen-O'Rourke (aged 37½) — "
      "3,497 psychedelic "
      "rhythms… $5.20, 12 km/h, gnomes & knights @ 5°C, naïveté, brouhaha: hmm, pfft, tsk! Łukasz, "
      "Þór, Ægir.";
  for (const char32_t symbol : to_utf32(say(text)))
    EXPECT_NE(american.find(symbol), std::u32string::npos) << to_utf8({&symbol, 1});
  for (const char32_t symbol : to_utf32(say(text, Dialect::kBritish))) {
    EXPECT_NE(british.find(symbol), std::u32string::npos) << to_utf8({&symbol, 1});
  }
}

}  // namespace
}  // namespace myna::text
