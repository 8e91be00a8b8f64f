#include "weights/catalog.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>

#include "base/error.h"
#include "base/file.h"

namespace myna {
namespace {

namespace fs = std::filesystem;
using ::testing::HasSubstr;

const std::string kSha(64, '0');

std::string catalog_of(const std::string& packages) { return R"({"packages":[)" + packages + "]}"; }

std::string package(const std::string& name, const std::string& registry = "pypi") {
  return R"({"name":")" + name +
         R"(","version":"1.0","description":"d","licence":"MIT","download_bytes":12,)"
         R"("converter":"c.py","sources":[{"registry":")" +
         registry + R"(","package":"p","version":"1","file":"p.whl","bytes":12,"licence":"MIT",)" +
         R"("sha256":")" + kSha + R"("}]})";
}

std::string message_for(const std::string& json) {
  try {
    parse_catalog(json, "catalog.json");
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::kCorruptData);
    return error.message();
  }
  return "no error";
}

TEST(CatalogTest, ReadsPackagesInOrder) {
  const auto packages = parse_catalog(catalog_of(package("b") + "," + package("a", "npm")), "c");
  ASSERT_EQ(packages.size(), 2u);
  EXPECT_EQ(packages[0].name, "b");
  EXPECT_EQ(packages[0].converter, "c.py");
  EXPECT_EQ(packages[1].sources.at(0).registry, "npm");
  EXPECT_EQ(packages[1].sources.at(0).bytes, 12u);
  EXPECT_EQ(packages[1].sources.at(0).sha256, kSha);
}

TEST(CatalogTest, ErrorsSayWhere) {
  EXPECT_EQ(message_for(catalog_of(package("a") + "," + package("b", "ftp"))),
            "catalog.json: packages[1].sources[0].registry: expected 'pypi' or 'npm', found 'ftp'");
  EXPECT_THAT(message_for(catalog_of(package("a") + "," + package("a"))),
              HasSubstr("packages[1]: 'a' comes twice"));
  EXPECT_THAT(message_for(catalog_of(package("../a"))), HasSubstr("cannot name a package"));
  EXPECT_THAT(message_for("{}"), HasSubstr("'packages' is missing"));
}

TEST(CatalogTest, TheShippedCatalogueIsSound) {
  const auto packages = read_catalog(fs::path(MYNA_SOURCE_DIR) / "tools/models/catalog.json");
  EXPECT_FALSE(packages.empty());
  for (const CatalogPackage& entry : packages) {
    uint64_t bytes = 0;
    for (const CatalogSource& source : entry.sources) bytes += source.bytes;
    EXPECT_EQ(bytes, entry.download_bytes) << entry.name;
  }
}

TEST(CatalogTest, TheEnvironmentMovesIt) {
  EXPECT_EQ(catalog_path(), fs::path(MYNA_SOURCE_DIR) / "tools/models/catalog.json");
  ::setenv("MYNA_SHARE", "/nonexistent/share", 1);
  try {
    read_catalog();
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::kNotFound);
    EXPECT_THAT(error.message(), HasSubstr("/nonexistent/share/tools/models/catalog.json"));
  }
  ::unsetenv("MYNA_SHARE");
}

}  // namespace
}  // namespace myna
