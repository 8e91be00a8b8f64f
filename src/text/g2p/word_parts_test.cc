// Stress, endings and transliteration: no dictionary needed.
#include <gtest/gtest.h>

#include "text/g2p/endings.h"
#include "text/g2p/stress.h"
#include "text/g2p/transliterate.h"

namespace myna::text {
namespace {

PhonemeString changed(PhonemeString phonemes, StressChange change) {
  change_stress(phonemes, change);
  return phonemes;
}
PhonemeString with(PhonemeString stem, void (*append)(PhonemeString&, Dialect),
                   Dialect dialect = Dialect::kAmerican) {
  append(stem, dialect);
  return stem;
}

TEST(Stress, ChangesOnlyWhatItSays) {
  EXPECT_EQ(changed(u"kˈætəlˌɔɡ", StressChange::kRemove), u"kætəlɔɡ");
  EXPECT_EQ(changed(u"kˈætəlˌɔɡ", StressChange::kDemote), u"kˌætəlɔɡ");
  EXPECT_EQ(changed(u"wɪð", StressChange::kAddSecondary), u"wˌɪð");
  EXPECT_EQ(changed(u"kˈæt", StressChange::kAddPrimary), u"kˈæt");
  EXPECT_EQ(changed(u"mˌi", StressChange::kRaise), u"mˈi");
  EXPECT_EQ(changed(u"ðə", StressChange::kAddPrimary), u"ðˈə");
  EXPECT_EQ(changed(u"hm", StressChange::kAddPrimary), u"hm");
}

TEST(Endings, VoiceAndFlap) {
  EXPECT_EQ(with(u"kˈæt", append_s), u"kˈæts");
  EXPECT_EQ(with(u"dˈɔɡ", append_s), u"dˈɔɡz");
  EXPECT_EQ(with(u"bˈʌs", append_s), u"bˈʌsᵻz");
  EXPECT_EQ(with(u"bˈʌs", append_s, Dialect::kBritish), u"bˈʌsɪz");
  EXPECT_EQ(with(u"wˈɔk", append_ed), u"wˈɔkt");
  EXPECT_EQ(with(u"nˈid", append_ed), u"nˈidᵻd");
  EXPECT_EQ(with(u"wˈAt", append_ed), u"wˈAɾᵻd");
  EXPECT_EQ(with(u"wˈAt", append_ed, Dialect::kBritish), u"wˈAtɪd");
  EXPECT_EQ(with(u"hˈOp", append_ing), u"hˈOpɪŋ");
  EXPECT_EQ(with(u"ɛksplˈɔː", append_ing, Dialect::kBritish), u"ɛksplˈɔːɹɪŋ");
}

TEST(Transliterate, FoldsLettersOfThreeAlphabets) {
  EXPECT_EQ(to_ascii_letters("café"), "cafe");
  EXPECT_EQ(to_ascii_letters("Łódź"), "Lodz");
  EXPECT_EQ(to_ascii_letters("Straße"), "Strasse");
  EXPECT_EQ(to_ascii_letters("cafe\u0301"), "cafe");  // a combining accent
  EXPECT_EQ(to_ascii_letters("Москва"), "Moskva");
  EXPECT_EQ(to_ascii_letters("Αθήνα"), "Athina");
  EXPECT_EQ(greek_letter_name("π"), "pi");
  EXPECT_EQ(greek_letter_name("Ω"), "omega");
  EXPECT_EQ(greek_letter_name("πα"), "");
}

}  // namespace
}  // namespace myna::text
