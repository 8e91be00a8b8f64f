#include "weights/model_card.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "base/error.h"
#include "base/file.h"

namespace myna {
namespace {

using nlohmann::json;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Pair;

// The first ```json block of the format's document: what it shows must be what is read.
std::string documented_card() {
  const std::string text =
      read_file(std::string(MYNA_SOURCE_DIR) + "/docs/formats/model-package.md");
  const size_t begin = text.find("```json\n") + 8;
  return text.substr(begin, text.find("```", begin) - begin);
}

json sound_card() { return json::parse(documented_card()); }

std::string message_for(const std::string& text) {
  try {
    parse_model_card(text, "'card.json'");
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::kCorruptData);
    EXPECT_THAT(error.message(), HasSubstr("'card.json': "));
    return error.message();
  }
  return "no error";
}

// The message for the documented card with one value replaced.
std::string message_with(const char* pointer, const json& value) {
  json card = sound_card();
  card[json::json_pointer(pointer)] = value;
  return message_for(card.dump());
}

TEST(ModelCardTest, ReadsTheDocumentedExample) {
  const ModelCard card = parse_model_card(documented_card(), "card.json");
  EXPECT_EQ(card.name, "kokoro-82m");
  EXPECT_EQ(card.architecture, "kokoro-82m");
  EXPECT_EQ(card.licence, "Apache-2.0 AND MIT");
  ASSERT_EQ(card.sources.size(), 2u);
  EXPECT_EQ(card.sources[1].registry, "npm");
  EXPECT_EQ(card.sources[1].file, "kokoro-js-1.2.1.tgz");
  ASSERT_EQ(card.files.size(), 2u);
  EXPECT_EQ(card.total_bytes(), card.files[0].bytes + card.files[1].bytes);
  const TensorSummary& tensor = card.tensors.at("bert_encoder.weight");
  EXPECT_EQ(tensor.dtype, DType::kI8);
  EXPECT_EQ(tensor.shape, Shape({512, 768}));
}

TEST(ModelCardTest, ParametersAreReadByPath) {
  const ModelParameters parameters = parse_model_card(documented_card(), "card.json").parameters;
  EXPECT_EQ(parameters.integer("plbert.hidden_size"), 768);
  EXPECT_DOUBLE_EQ(parameters.number("layer_norm_epsilon"), 1e-5);
  EXPECT_DOUBLE_EQ(parameters.number("sample_rate"), 24000) << "an integer is a number too";
  EXPECT_THAT(parameters.integers("upsample_rates"), ElementsAre(10, 6));
  EXPECT_THAT(parameters.texts("voices"), ElementsAre("af_heart", "bm_george"));
  EXPECT_THAT(parameters.integer_map("vocabulary"), ElementsAre(Pair(";", 1), Pair("ɑ", 69)));
  EXPECT_THAT(parameters.number_map("vocabulary"), ElementsAre(Pair(";", 1), Pair("ɑ", 69)));
  EXPECT_TRUE(parameters.has("plbert"));
  EXPECT_FALSE(parameters.has("plbert.hidden_size.x"));
  EXPECT_EQ(json::parse(parameters.to_json()), sound_card()["parameters"]);
}

TEST(ModelCardTest, WrongParametersNameTheirPath) {
  const ModelParameters parameters(
      json::parse(R"({"a":{"b":1.5,"list":[1,"x"],"big":18446744073709551615}})"), "'m/card.json'");
  const auto message = [](const std::function<void()>& action) -> std::string {
    try {
      action();
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), ErrorCode::kCorruptData);
      return error.message();
    }
    return "no error";
  };
  EXPECT_EQ(message([&] { parameters.integer("a.b"); }),
            "'m/card.json': parameters.a.b is not an integer but '1.5'");
  EXPECT_EQ(message([&] { parameters.integer("a.c"); }),
            "'m/card.json': parameters.a.c is missing, expected an integer");
  EXPECT_THAT(message([&] { parameters.integers("a.list"); }), HasSubstr("an array of integers"));
  EXPECT_THAT(message([&] { parameters.integer("a.big"); }), HasSubstr("not an integer"));
  EXPECT_THAT(message([&] { parameters.text("a"); }), HasSubstr("not a string"));
  EXPECT_THAT(message([&] { parameters.flag("a.b"); }), HasSubstr("not true or false"));
}

TEST(ModelCardTest, UnknownFormatVersionIsRefusedFirst) {
  EXPECT_THAT(message_for(R"({"format_version": 2, "name": 5})"),
              HasSubstr("format_version: version 2 is not known, this Myna reads version 1"));
  EXPECT_THAT(message_for("{}"), HasSubstr("'format_version' is missing"));
  EXPECT_THAT(message_with("/format_version", "1"), HasSubstr("found string"));
  EXPECT_THAT(message_with("/format_version", -1), HasSubstr("found -1"));
}

TEST(ModelCardTest, PathsNeverLeaveThePackage) {
  for (const char* path : {"../x", "a/../../x", "a/..", ".."}) {
    EXPECT_THAT(message_with("/files/0/path", path),
                HasSubstr("files[0].path: '" + std::string(path) + "' leaves the package"));
  }
  EXPECT_THAT(message_with("/files/0/path", "/etc/passwd"), HasSubstr("is an absolute path"));
  for (const char* path : {"a//b", "./a", "a/", "a/./b"}) {
    EXPECT_THAT(message_with("/files/0/path", path), HasSubstr("empty component")) << path;
  }
  EXPECT_THAT(message_with("/files/0/path", ""), HasSubstr("is empty"));
  EXPECT_THAT(message_with("/files/0/path", "a\\b"), HasSubstr("backslash"));
  EXPECT_THAT(message_with("/files/0/path", std::string("a\0b", 3)), HasSubstr("control"));
  EXPECT_THAT(message_with("/files/0/path", "card.json"), HasSubstr("is the card itself"));
  EXPECT_THAT(message_with("/files/0/path", std::string(600, 'a')), HasSubstr("too long"));
  EXPECT_EQ(message_with("/files/0/path", "a/..b/c"), "no error");
}

TEST(ModelCardTest, ValuesOfTheWrongKindSayWhere) {
  EXPECT_THAT(message_with("/files/1/bytes", -5), HasSubstr("files[1].bytes: expected a whole"));
  EXPECT_THAT(message_with("/files/1/bytes", 1e30), HasSubstr("files[1].bytes"));
  EXPECT_THAT(message_with("/files/1/bytes", uint64_t{1} << 60), HasSubstr("is more than"));
  EXPECT_THAT(message_with("/files/1/sha256", std::string(64, 'A')),
              HasSubstr("files[1].sha256: expected 64 lower-case hexadecimal digits"));
  EXPECT_THAT(message_with("/files/1/sha256", "abc"), HasSubstr("64"));
  EXPECT_THAT(message_with("/files", 3), HasSubstr("files: expected array, found number"));
  EXPECT_THAT(message_with("/sources/0/registry", "web"), HasSubstr("'pypi' or 'npm'"));
  EXPECT_THAT(message_with("/sources/0/licence", ""), HasSubstr("sources[0].licence: is empty"));
  EXPECT_THAT(message_with("/licence", "free; really"), HasSubstr("SPDX"));
  EXPECT_THAT(message_with("/name", "Kokoro/82m"), HasSubstr("cannot name a package"));
  EXPECT_THAT(message_with("/parameters", json::array()), HasSubstr("parameters: expected object"));
  EXPECT_THAT(message_with("/tensors/bert_encoder.weight/dtype", "F80"),
              HasSubstr("tensors['bert_encoder.weight'].dtype: unknown dtype 'F80'"));
  EXPECT_THAT(
      message_with("/tensors/bert_encoder.weight/shape", json::array({1ull << 40, 1ull << 40})),
      HasSubstr("overflows"));
}

TEST(ModelCardTest, RequiredMembers) {
  for (const char* key :
       {"name", "version", "architecture", "description", "licence", "sources", "files"}) {
    json card = sound_card();
    card.erase(key);
    EXPECT_THAT(message_for(card.dump()), HasSubstr("'" + std::string(key) + "' is missing"));
  }
  json card = sound_card();
  for (const char* key : {"attribution", "tensors", "parameters"}) card.erase(key);
  card["an_addition"] = {1, 2, 3};
  EXPECT_EQ(message_for(card.dump()), "no error");
}

TEST(ModelCardTest, RepeatedFilesAreRefused) {
  json card = sound_card();
  card["files"][1]["path"] = card["files"][0]["path"];
  EXPECT_THAT(message_for(card.dump()), HasSubstr("files[1]: 'studio.safetensors' comes twice"));
}

TEST(ModelCardTest, DocumentsThatAreNotSoundJson) {
  EXPECT_THAT(message_for(""), HasSubstr("not JSON at line 1"));
  EXPECT_THAT(message_for("{\n  \"name\": }"), HasSubstr("not JSON at line 2, column 11"));
  EXPECT_THAT(message_for("[1]"), HasSubstr("expected object, found array"));
  EXPECT_THAT(message_for("{\"name\": \"\xFF\"}"), HasSubstr("not UTF-8 at byte 10"));
  EXPECT_THAT(message_for(std::string("{}\0{", 4)), HasSubstr("a NUL at byte 2"));
  EXPECT_THAT(message_for(R"({"a":1,"a":2})"), HasSubstr("the key 'a' comes twice"));
  EXPECT_THAT(message_for(R"({"x":[{"a":1},{"a":1,"\u0061":2}]})"), HasSubstr("comes twice"));
  EXPECT_THAT(message_for(std::string(1'000'000, '[')), HasSubstr("nested deeper than 16 levels"));
  EXPECT_THAT(message_for(R"({"a":1e999})"), HasSubstr("out of range"));
  EXPECT_THAT(message_for(std::string((size_t{16} << 20) + 1, ' ')), HasSubstr("larger than"));
}

TEST(ModelCardTest, CutDocumentsAreRefused) {
  std::string text = documented_card();
  text.erase(text.find_last_of('}') + 1);
  ASSERT_EQ(message_for(text), "no error");
  for (size_t size = 0; size < text.size(); size += 7) {
    EXPECT_NE(message_for(text.substr(0, size)), "no error") << size;
  }
}

TEST(ModelCardTest, PackageNames) {
  for (const char* name : {"kokoro-82m", "lexicon-en", "a", "2.0_b"}) {
    EXPECT_TRUE(is_valid_package_name(name)) << name;
  }
  for (const char* name : {"", ".", "..", ".part", "-x", "a/b", "a\\b", "A", "a b", "ä"}) {
    EXPECT_FALSE(is_valid_package_name(name)) << name;
  }
  EXPECT_FALSE(is_valid_package_name(std::string(65, 'a')));
}

}  // namespace
}  // namespace myna
