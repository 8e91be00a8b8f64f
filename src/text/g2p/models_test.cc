// The trained models of models/pronunciation-en, as the repository holds them.
#include <algorithm>
#include <fstream>

#include "base/error.h"
#include "base/utf8.h"
#include "text/g2p/pronunciation_models.h"
#include "text/text_test_support.h"

namespace myna::text {
namespace {

std::filesystem::path models_path() {
  return std::filesystem::path(MYNA_SOURCE_DIR) / "models" / "pronunciation-en";
}
const PronunciationModels& models() {
  static const PronunciationModels kModels = PronunciationModels::open(models_path());
  return kModels;
}

SentenceContext context_of(std::initializer_list<std::string_view> tokens) {
  SentenceContext context;
  context.clear(&models().tagger);
  for (const std::string_view token : tokens) context.add(token);
  return context;
}

std::string spelled(std::string_view word, Dialect dialect = Dialect::kAmerican) {
  PhonemeString out;
  models().spelling.read(word, SpellingModel::Case::kLower, dialect, out);
  return to_utf8(std::u32string(out.begin(), out.end()));
}

// The numbers are those of tools/training/context_features.py.
TEST(ContextFeatures, AreThoseOfTheTrainer) {
  EXPECT_EQ(text_hash("read"), 0xCEDFA3C5u);
  const ContextToken token = make_token("Read-y");
  EXPECT_EQ(token.shape, 9u);
  EXPECT_EQ(token.word, text_hash("read-y"));
  EXPECT_EQ(combine_features(7, {1, 2}), 3096123234u);
}

TEST(Tagger, TellsNounsFromVerbs) {
  using enum PartOfSpeech;
  const auto dogs = context_of({"The", "old", "dogs", "barked", "loudly", "."});
  const std::vector<PartOfSpeech> wanted = {kDeterminer, kAdjective, kPluralNoun,
                                            kPast,       kAdverb,    kMark};
  for (size_t i = 0; i < wanted.size(); ++i) EXPECT_EQ(dogs.part_of_speech(i), wanted[i]) << i;
  EXPECT_EQ(context_of({"They", "will", "object", "to", "it", "."}).part_of_speech(2), kVerb);
  EXPECT_EQ(context_of({"It", "is", "an", "object", "."}).part_of_speech(3), kNoun);
  EXPECT_EQ(context_of({"She", "has", "written", "it", "."}).part_of_speech(2), kPastParticiple);
  EXPECT_EQ(dogs.part_of_speech(99), kNone);
}

TEST(HomographModel, HasReadingsInBothDialects) {
  const auto readings = models().homographs.readings("read");
  ASSERT_EQ(readings.size(), 2u);
  for (const auto& reading : readings) {
    EXPECT_FALSE(reading.in(Dialect::kAmerican).empty());
    EXPECT_FALSE(reading.in(Dialect::kBritish).empty());
  }
  EXPECT_TRUE(models().homographs.readings("dog").empty());
  EXPECT_TRUE(models().homographs.readings("").empty());
}

TEST(SpellingModel, ReadsNamesAndNewWords) {
  EXPECT_EQ(spelled("blick"), "blˈɪk");
  EXPECT_EQ(spelled("thrade"), "θɹˈAd");
  EXPECT_EQ(spelled("florking"), "flˈɔɹkɪŋ");
  EXPECT_EQ(spelled("florking", Dialect::kBritish), "flˈɔːkɪŋ");
  EXPECT_EQ(spelled("zelenskyy"), spelled("zelensky"));
  EXPECT_EQ(spelled(""), "");
}

TEST(SpellingModel, AlwaysHasExactlyOneMainStress) {
  for (const char* word : {"brenovation", "quizzaciously", "nakamura", "zyx", "strengthlings",
                           "aeiou", "oxyphenbutazone", "x", "'"}) {
    PhonemeString out;
    models().spelling.read(word, SpellingModel::Case::kCapital, Dialect::kBritish, out);
    EXPECT_EQ(std::count(out.begin(), out.end(), kPrimaryStress), 1) << word;
  }
}

TEST(SpellingModel, CutsWhatIsNoWord) {
  PhonemeString out;
  models().spelling.read(std::string(100'000, 'a'), SpellingModel::Case::kLower, Dialect::kAmerican,
                         out);
  EXPECT_LT(out.size(), 200u);
}

TEST(PronunciationModels, SayWhatIsMissingOrDamaged) {
  const TemporaryDirectory directory;
  try {
    PronunciationModels::open(directory.path());
    FAIL() << "an empty directory was taken";
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::kUnavailable);
  }
  for (const char* name : {"tagger.safetensors", "homographs.safetensors", "context.safetensors",
                           "spelling.safetensors"}) {
    std::filesystem::copy_file(models_path() / name, directory.path() / name);
  }
  // A model of another kind under this name.
  std::filesystem::copy_file(models_path() / "tagger.safetensors",
                             directory.path() / "spelling.safetensors",
                             std::filesystem::copy_options::overwrite_existing);
  try {
    PronunciationModels::open(directory.path());
    FAIL() << "a tagger was taken for a spelling model";
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::kCorruptData);
  }
}

}  // namespace
}  // namespace myna::text
