// Model cards and the catalogue from arbitrary text: either an Error kCorruptData, or a card whose
// paths stay inside the package and whose parameters can be asked for anything.
#include <cstdint>
#include <filesystem>
#include <string_view>

#include "base/error.h"
#include "fuzz_check.h"
#include "weights/catalog.h"
#include "weights/model_card.h"

namespace {

using namespace myna;

template <typename Action>
void expect_only_corrupt_data(const Action& action) {
  try {
    action();
  } catch (const Error& error) {
    FUZZ_CHECK(error.code() == ErrorCode::kCorruptData);
  }
}

void check_paths(const ModelCard& card) {
  const std::filesystem::path root = "/models/package";
  for (const PackageFile& file : card.files) {
    const auto relative = (root / file.path).lexically_normal().lexically_relative(root);
    FUZZ_CHECK(!relative.empty() && *relative.begin() != ".." && relative != ".");
  }
}

void ask_parameters(const ModelParameters& parameters, std::string_view path) {
  expect_only_corrupt_data([&] { parameters.integer(path); });
  expect_only_corrupt_data([&] { parameters.number(path); });
  expect_only_corrupt_data([&] { parameters.flag(path); });
  expect_only_corrupt_data([&] { parameters.text(path); });
  expect_only_corrupt_data([&] { parameters.integers(path); });
  expect_only_corrupt_data([&] { parameters.numbers(path); });
  expect_only_corrupt_data([&] { parameters.texts(path); });
  expect_only_corrupt_data([&] { parameters.integer_map(path); });
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  expect_only_corrupt_data([&] {
    const ModelCard card = parse_model_card(text, "fuzz");
    check_paths(card);
    FUZZ_CHECK(is_valid_package_name(card.name));
    card.total_bytes();
    for (const char* path : {"", ".", "a", "a.b", "plbert.hidden_size", "vocabulary", "rates"}) {
      ask_parameters(card.parameters, path);
    }
    card.parameters.to_json();
  });
  expect_only_corrupt_data([&] {
    for (const CatalogPackage& package : parse_catalog(text, "fuzz")) {
      FUZZ_CHECK(is_valid_package_name(package.name));
    }
  });
  return 0;
}
