#include "voice/styles/style_table.h"

#include <gmock/gmock.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "base/error.h"

namespace myna::voice {
namespace {

using ::testing::HasSubstr;

Error failure(const std::string& json) {
  try {
    StyleTable table;
    table.add(json, "my.json");
  } catch (const Error& error) {
    return error;
  }
  ADD_FAILURE() << json << " was accepted";
  return Error(ErrorCode::kInternal, "");
}

std::string document(const std::string& styles) {
  return R"({"format": "myna-styles", "version": 1, "styles": {)" + styles + "}}";
}

TEST(StyleTable, HasTheStylesThatAreDocumented) {
  const StyleTable table = StyleTable::builtin();
  for (const char* name :
       {"newscast", "cheerful", "calm", "serious", "excited", "sad", "whispering", "storytelling",
        "documentary", "meditative", "customer-service"}) {
    ASSERT_NE(table.find(name), nullptr) << name;
    EXPECT_FALSE(table.find(name)->description.empty()) << name;
  }
  EXPECT_EQ(table.find("Customer_Service"), table.find("customer-service"));
  EXPECT_EQ(table.find("customerservice"), table.find("customer-service"));
  EXPECT_EQ(table.find("no such style"), nullptr);
}

TEST(StyleTable, AnUnknownNameGetsTheClosestOnes) {
  try {
    StyleTable::builtin().require("chearful");
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::kInvalidArgument);
    EXPECT_THAT(error.hint(), HasSubstr("'cheerful'"));
  }
}

TEST(StyleTable, ALaterDocumentTakesThePlaceOfAnEarlierOne) {
  StyleTable table = StyleTable::builtin();
  const size_t count = table.styles().size();
  table.add(document(R"("calm": {"rate": 0.5}, "whisper": {"whisper": 0.5})"), "my.json");
  EXPECT_EQ(table.styles().size(), count + 1);
  EXPECT_EQ(table.find("calm")->rate, 0.5f);
  EXPECT_EQ(table.find("calm")->pitch_range, 1);  // nothing is left of the old one
  EXPECT_EQ(table.find("calm")->origin, "my.json");
  EXPECT_EQ(table.find("whisper")->whisper, 0.5f);  // an alias gives way to a name
  EXPECT_EQ(table.find("whispered")->whisper, 1);
}

TEST(StyleTable, MistakesAreNamedWithTheirPlace) {
  EXPECT_THAT(failure("{\n \"format\": \"myna-styles\",\n \"version\" 1}").what(),
              HasSubstr("my.json: line 3, column 12"));
  EXPECT_THAT(failure("[]").what(), HasSubstr("expected an object"));
  EXPECT_THAT(failure("{}").what(), HasSubstr("format"));
  EXPECT_THAT(failure(document(R"("a": {"rate": "fast"})")).what(),
              HasSubstr("styles.a.rate: expected a number"));
  EXPECT_THAT(failure(document(R"("a": {"rate": 40})")).what(),
              HasSubstr("styles.a.rate: 40 is not between 0.25 and 4"));
  const Error unknown = failure(document(R"("a": {"pitch_semitone": 1})"));
  EXPECT_THAT(unknown.message(), HasSubstr("styles.a.pitch_semitone"));
  EXPECT_THAT(unknown.hint(), HasSubstr("pitch_semitones"));
  EXPECT_THAT(failure(document(R"("A b": {})")).what(), HasSubstr("no name for a style"));
  EXPECT_THAT(failure(document(R"("a": {"timbre_mix": {"share": 2}})")).what(),
              HasSubstr("styles.a.timbre_mix.share"));
  EXPECT_THAT(failure(std::string(100000, '[')).what(), HasSubstr("my.json"));
}

TEST(StyleTable, ADegreeScalesFromNeutral) {
  StyleTable table;
  table.add(document(R"("a": {"rate": 1.21, "pitch_semitones": 3, "breath": 0.6,
                               "prosody_mix": {"female": "x", "share": 0.4}})"),
            "my.json");
  const StyleRecipe& recipe = table.require("a");
  EXPECT_FLOAT_EQ(scale_style(recipe, 1).rate, 1.21f);
  const StyleRecipe half = scale_style(recipe, 0.5f);
  EXPECT_FLOAT_EQ(half.rate, 1.1f);
  EXPECT_FLOAT_EQ(half.pitch_semitones, 1.5f);
  EXPECT_FLOAT_EQ(half.prosody_mix.share, 0.2f);
  const StyleRecipe twice = scale_style(recipe, 2);
  EXPECT_FLOAT_EQ(twice.pitch_semitones, 6);
  EXPECT_FLOAT_EQ(twice.breath, 1);  // its range
  EXPECT_FLOAT_EQ(scale_style(recipe, 100).pitch_semitones, 6);
  EXPECT_NEAR(scale_style(recipe, 0).rate, 1, 0.01);
}

TEST(StyleTable, PersonalStylesAreLoaded) {
  const char* home = std::getenv("MYNA_HOME");
  const std::string before = home == nullptr ? "" : home;
  const std::filesystem::path directory =
      std::filesystem::path(testing::TempDir()) / "myna-style-home";
  std::filesystem::create_directories(directory);
  ::setenv("MYNA_HOME", directory.c_str(), 1);
  std::ofstream(directory / "styles.json") << document(R"("mine": {"rate": 2})");
  std::ofstream(directory / "more.json") << document(R"("more": {"rate": 3})");
  const StyleTable table = StyleTable::load(directory / "more.json");
  EXPECT_EQ(table.require("mine").rate, 2);
  EXPECT_EQ(table.require("more").rate, 3);
  EXPECT_NE(table.find("calm"), nullptr);
  EXPECT_THROW(StyleTable::load(directory / "absent.json"), Error);
  std::filesystem::remove_all(directory);
  if (home == nullptr) {
    ::unsetenv("MYNA_HOME");
  } else {
    ::setenv("MYNA_HOME", before.c_str(), 1);
  }
}

}  // namespace
}  // namespace myna::voice
