#include "weights/model_package.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <cstdlib>
#include <nlohmann/json.hpp>

#include "base/error.h"
#include "base/file.h"
#include "base/sha256.h"

namespace myna {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

// A temporary MYNA_HOME with helpers that install packages into it.
class ModelPackageTest : public ::testing::Test {
 protected:
  void SetUp() override {
    home_ = fs::path(::testing::TempDir()) /
            (std::string("myna_package_") +
             ::testing::UnitTest::GetInstance()->current_test_info()->name());
    fs::remove_all(home_);
    fs::create_directories(home_ / "models");
    ::setenv("MYNA_HOME", home_.c_str(), 1);
  }
  void TearDown() override {
    ::unsetenv("MYNA_HOME");
    fs::remove_all(home_);
  }

  fs::path directory(const std::string& name) const { return home_ / "models" / name; }

  // Writes files and a card that describes them.
  json install(const std::string& name, const std::map<std::string, std::string>& contents) const {
    json card = {{"format_version", 1},      {"name", name},          {"version", "1"},
                 {"architecture", "test"},   {"description", ""},     {"licence", "MIT"},
                 {"sources", json::array()}, {"files", json::array()}};
    for (const auto& [path, content] : contents) {
      const fs::path full = directory(name) / path;
      fs::create_directories(full.parent_path());
      write_file_atomically(full, content);
      card["files"].push_back({{"path", path},
                               {"bytes", content.size()},
                               {"sha256", sha256_hex(std::as_bytes(std::span(content)))}});
    }
    write_card(name, card);
    return card;
  }
  void write_card(const std::string& name, const json& card) const {
    fs::create_directories(directory(name));
    write_file_atomically(directory(name) / "card.json", card.dump(2));
  }
  static std::string safetensors_content(const fs::path& scratch) {
    const std::vector<float> values{1, 2, 3, 4};
    const TensorView view = TensorView::of(std::span(values), {2, 2});
    write_safetensors(scratch, std::vector<NamedTensor>{{"w", view}});
    std::string content = read_file(scratch);
    fs::remove(scratch);
    return content;
  }

  fs::path home_;
};

Error error_of(const std::function<void()>& action) {
  try {
    action();
  } catch (const Error& error) {
    return error;
  }
  ADD_FAILURE() << "no error";
  return Error(ErrorCode::kInternal, "no error");
}

std::vector<std::string> problems(const ModelPackage& package) {
  std::vector<std::string> found;
  for (const FileCheck& check : package.verify()) {
    if (!check.problem.empty()) found.push_back(check.path + " " + check.problem);
  }
  return found;
}

TEST_F(ModelPackageTest, OpensAndVerifiesASoundPackage) {
  const std::string tensors = safetensors_content(home_ / "t");
  json card = install("voice", {{"model.safetensors", tensors}, {"data/words.bin", "words"}});
  card["tensors"] = {{"w", {{"dtype", "F32"}, {"shape", {2, 2}}}}};
  write_card("voice", card);

  const ModelPackage package = ModelPackage::open("voice");
  EXPECT_EQ(package.name(), "voice");
  EXPECT_EQ(read_file(package.file("data/words.bin")), "words");
  EXPECT_THAT(package.open_safetensors().values<float>("w", {2, 2}), ElementsAre(1, 2, 3, 4));
  std::vector<uint64_t> progress;
  const auto checks = package.verify([&](uint64_t bytes) { progress.push_back(bytes); });
  EXPECT_EQ(checks.size(), 2u);
  EXPECT_THAT(problems(package), IsEmpty());
  EXPECT_THAT(progress, ElementsAre(5, 5 + tensors.size()));
}

TEST_F(ModelPackageTest, AMissingPackageSaysHowToInstallIt) {
  const Error error = error_of([] { ModelPackage::open("kokoro-82m"); });
  EXPECT_EQ(error.code(), ErrorCode::kUnavailable);
  EXPECT_EQ(error.message(), "the model package 'kokoro-82m' is not installed");
  EXPECT_EQ(error.hint(), "run: myna models pull kokoro-82m");
}

TEST_F(ModelPackageTest, NamesThatAreNoNames) {
  for (const char* name : {"", "..", "../x", "a/b", "/etc", "A", ".part-1"}) {
    EXPECT_EQ(error_of([&] { ModelPackage::open(name); }).code(), ErrorCode::kInvalidArgument);
    EXPECT_EQ(error_of([&] { remove_package(name); }).code(), ErrorCode::kInvalidArgument);
  }
}

TEST_F(ModelPackageTest, DamageIsFoundOnOpening) {
  install("voice", {{"a.bin", "12345"}});
  write_file_atomically(directory("voice") / "a.bin", "123");
  Error error = error_of([] { ModelPackage::open("voice"); });
  EXPECT_EQ(error.code(), ErrorCode::kCorruptData);
  EXPECT_THAT(error.message(), HasSubstr("a.bin' has 3 bytes, 5 were expected"));
  EXPECT_THAT(error.hint(), HasSubstr("myna models remove voice && myna models pull voice"));

  fs::remove(directory("voice") / "a.bin");
  EXPECT_THAT(error_of([] { ModelPackage::open("voice"); }).message(), HasSubstr("is missing"));
  fs::create_directory(directory("voice") / "a.bin");
  EXPECT_THAT(error_of([] { ModelPackage::open("voice"); }).message(),
              HasSubstr("is not a regular file"));
}

TEST_F(ModelPackageTest, ADirectoryWithoutACardIsDamaged) {
  fs::create_directories(directory("voice"));
  const Error error = error_of([] { ModelPackage::open("voice"); });
  EXPECT_EQ(error.code(), ErrorCode::kCorruptData);
  EXPECT_THAT(error.message(), HasSubstr("has no card.json"));
  ASSERT_EQ(::mkfifo((directory("voice") / "card.json").c_str(), 0600), 0);
  EXPECT_THAT(error_of([] { ModelPackage::open("voice"); }).message(),
              HasSubstr("has no card.json"))
      << "a pipe is not waited for";
}

TEST_F(ModelPackageTest, ACardOfAnotherPackageIsDamage) {
  install("voice", {{"a", "1"}});
  fs::rename(directory("voice"), directory("other"));
  EXPECT_THAT(error_of([] { ModelPackage::open("other"); }).message(),
              HasSubstr("is the card of 'voice'"));
}

TEST_F(ModelPackageTest, LinksOutOfThePackageAreRefused) {
  install("voice", {{"a.bin", "12345"}, {"b.bin", "12345"}});
  write_file_atomically(home_ / "outside", "12345");
  fs::remove(directory("voice") / "b.bin");
  fs::create_symlink("a.bin", directory("voice") / "b.bin");
  EXPECT_NO_THROW(ModelPackage::open("voice")) << "a link that stays inside";
  fs::remove(directory("voice") / "b.bin");
  fs::create_symlink(home_ / "outside", directory("voice") / "b.bin");
  EXPECT_THAT(error_of([] { ModelPackage::open("voice"); }).message(),
              HasSubstr("is a link out of the package directory"));
}

TEST_F(ModelPackageTest, APackageDirectoryMayBeALink) {
  install("voice", {{"a.bin", "12345"}});
  fs::rename(directory("voice"), home_ / "elsewhere");
  fs::create_directory_symlink(home_ / "elsewhere", directory("voice"));
  EXPECT_THAT(problems(ModelPackage::open("voice")), IsEmpty());
  remove_package("voice");
  EXPECT_TRUE(fs::exists(home_ / "elsewhere/a.bin")) << "only the link goes";
  EXPECT_FALSE(fs::exists(fs::symlink_status(directory("voice"))));
}

TEST_F(ModelPackageTest, VerifyFindsAChangedByte) {
  install("voice", {{"a.bin", "12345"}, {"b.bin", "12345"}});
  const ModelPackage package = ModelPackage::open("voice");
  write_file_atomically(directory("voice") / "b.bin", "12346");
  EXPECT_THAT(problems(package), ElementsAre("b.bin has another SHA-256 than the card"));
  fs::remove(directory("voice") / "a.bin");
  EXPECT_EQ(problems(package).size(), 2u) << "one damaged file does not hide the next";
}

TEST_F(ModelPackageTest, VerifyComparesTensorsWithTheCard) {
  json card = install("voice", {{"model.safetensors", safetensors_content(home_ / "t")}});
  card["tensors"] = {{"w", {{"dtype", "F32"}, {"shape", {4}}}}};
  write_card("voice", card);
  EXPECT_THAT(problems(ModelPackage::open("voice")),
              ElementsAre(HasSubstr("'w' is F32 [2, 2], expected F32 [4]")));
  card["tensors"] = {{"v", {{"dtype", "F32"}, {"shape", {4}}}}};
  write_card("voice", card);
  EXPECT_THAT(problems(ModelPackage::open("voice")),
              ElementsAre(HasSubstr("has the tensor 'w', which the card does not list")));
  card["tensors"] = {{"w", {{"dtype", "F32"}, {"shape", {2, 2}}}},
                     {"x", {{"dtype", "F32"}, {"shape", {1}}}}};
  write_card("voice", card);
  EXPECT_THAT(problems(ModelPackage::open("voice")),
              ElementsAre("card.json lists the tensor 'x', which no file has"));
}

TEST_F(ModelPackageTest, AFileThatTheCardDoesNotList) {
  install("voice", {{"a.bin", "12345"}});
  const ModelPackage package = ModelPackage::open("voice");
  EXPECT_THAT(error_of([&] { package.file("model.safetensors"); }).message(),
              HasSubstr("has no file 'model.safetensors'"));
}

TEST_F(ModelPackageTest, ListsSoundAndDamagedPackages) {
  EXPECT_THAT(list_installed_packages(), IsEmpty());
  install("voice", {{"a.bin", "12345"}});
  install("chat", {{"a.bin", "1"}});
  write_file_atomically(directory("chat") / "card.json", "{");
  fs::create_directories(directory(".part-7"));
  write_file_atomically(home_ / "models/notes.txt", "");
  const auto packages = list_installed_packages();
  ASSERT_EQ(packages.size(), 2u);
  EXPECT_EQ(packages[0].name, "chat");
  EXPECT_FALSE(packages[0].card);
  EXPECT_THAT(packages[0].problem, HasSubstr("not JSON"));
  EXPECT_EQ(packages[1].name, "voice");
  ASSERT_TRUE(packages[1].card);
  EXPECT_EQ(packages[1].card->total_bytes(), 5u);
  fs::remove_all(home_);
  EXPECT_THAT(list_installed_packages(), IsEmpty());
}

TEST_F(ModelPackageTest, RemoveLeavesNothing) {
  install("voice", {{"a.bin", "12345"}, {"deep/er/b.bin", "123"}});
  const uintmax_t card_bytes = fs::file_size(directory("voice") / "card.json");
  const RemovedPackage removed = remove_package("voice");
  EXPECT_EQ(removed.bytes_freed, 8 + card_bytes);
  EXPECT_THAT(removed.kept, IsEmpty());
  EXPECT_FALSE(fs::exists(directory("voice")));
  EXPECT_EQ(error_of([] { remove_package("voice"); }).code(), ErrorCode::kUnavailable);
}

TEST_F(ModelPackageTest, RemoveKeepsWhatTheCardDoesNotList) {
  install("voice", {{"a.bin", "12345"}, {"deep/b.bin", "123"}});
  write_file_atomically(directory("voice") / "deep/mine.txt", "mine");
  EXPECT_THAT(remove_package("voice").kept, ElementsAre("deep/mine.txt"));
  EXPECT_EQ(read_file(directory("voice") / "deep/mine.txt"), "mine");
  EXPECT_FALSE(fs::exists(directory("voice") / "a.bin"));
}

TEST_F(ModelPackageTest, RemoveRepairsAHalfRemovedPackage) {
  install("voice", {{"a.bin", "12345"}, {"deep/b.bin", "123"}});
  fs::remove_all(directory("voice") / "deep");
  EXPECT_THAT(remove_package("voice").kept, IsEmpty());
  EXPECT_FALSE(fs::exists(directory("voice")));
}

TEST_F(ModelPackageTest, RemoveNeverFollowsLinksOut) {
  install("voice", {{"sub/a.bin", "12345"}, {"b.bin", "1"}});
  fs::create_directories(home_ / "documents");
  write_file_atomically(home_ / "documents/a.bin", "precious");
  write_file_atomically(home_ / "b.bin", "precious");
  fs::remove_all(directory("voice") / "sub");
  fs::create_directory_symlink(home_ / "documents", directory("voice") / "sub");
  fs::remove(directory("voice") / "b.bin");
  fs::create_symlink(home_ / "b.bin", directory("voice") / "b.bin");
  EXPECT_THAT(remove_package("voice").kept, ElementsAre("sub"));
  EXPECT_EQ(read_file(home_ / "documents/a.bin"), "precious");
  EXPECT_EQ(read_file(home_ / "b.bin"), "precious") << "the link goes, not what it points to";
}

TEST_F(ModelPackageTest, RemoveRefusesACardThatPointsOutside) {
  json card = install("voice", {{"a.bin", "12345"}});
  write_file_atomically(home_ / "precious", "precious");
  card["files"][0]["path"] = "../../precious";
  write_card("voice", card);
  EXPECT_EQ(error_of([] { remove_package("voice"); }).code(), ErrorCode::kCorruptData);
  EXPECT_EQ(read_file(home_ / "precious"), "precious");
}

}  // namespace
}  // namespace myna
