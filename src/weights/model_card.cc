#include "weights/model_card.h"

#include <algorithm>
#include <limits>
#include <set>
#include <utility>

#include "base/error.h"
#include "weights/json_document.h"

namespace myna {
namespace {

constexpr size_t kMaxPackageNameBytes = 64;
constexpr size_t kMaxPathBytes = 512;
// A tebibyte a file: sums over a card cannot overflow.
constexpr uint64_t kMaxFileBytes = uint64_t{1} << 40;

// Why `path` may not be in a card; empty when it may.
std::string path_problem(std::string_view path) {
  if (path.empty()) return "is empty";
  if (path.size() > kMaxPathBytes) return "is too long";
  if (path.front() == '/') return "is an absolute path";
  for (const char c : path) {
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7F || c == '\\') {
      return "has a control character or a backslash";
    }
  }
  for (size_t begin = 0; begin <= path.size();) {
    const size_t end = std::min(path.find('/', begin), path.size());
    const std::string_view component = path.substr(begin, end - begin);
    if (component == "..") return "leaves the package directory";
    if (component.empty() || component == ".") return "has an empty component";
    begin = end + 1;
  }
  return path == "card.json" ? "is the card itself" : "";
}

PackageFile read_file_entry(const JsonValue& value) {
  PackageFile file;
  const JsonValue path = value.member("path");
  file.path = path.text();
  if (const std::string problem = path_problem(file.path); !problem.empty()) {
    path.fail(quote_untrusted(file.path) + " " + problem);
  }
  file.bytes = value.member("bytes").whole_number(kMaxFileBytes);
  file.sha256 = value.member("sha256").sha256();
  return file;
}

std::vector<PackageFile> read_files(const JsonValue& value) {
  std::vector<PackageFile> files;
  std::set<std::string> seen;
  for (const JsonValue& entry : value.elements()) {
    files.push_back(read_file_entry(entry));
    if (!seen.insert(files.back().path).second) {
      entry.fail(quote_untrusted(files.back().path) + " comes twice");
    }
  }
  return files;
}

TensorSummary read_tensor_summary(const JsonValue& value) {
  TensorSummary summary;
  const JsonValue name = value.member("dtype");
  const std::optional<DType> dtype = parse_dtype(name.text());
  if (!dtype) name.fail("unknown dtype " + quote_untrusted(name.text()));
  summary.dtype = *dtype;
  const JsonValue dims = value.member("shape");
  std::vector<size_t> numbers;
  for (const JsonValue& dim : dims.elements()) {
    numbers.push_back(dim.whole_number(std::numeric_limits<size_t>::max()));
  }
  const std::optional<Shape> shape = Shape::from_dims(numbers);
  if (!shape) dims.fail("too many dimensions, or their product overflows");
  summary.shape = *shape;
  return summary;
}

}  // namespace

bool is_valid_package_name(std::string_view name) {
  const auto is_letter_or_digit = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
  };
  return !name.empty() && name.size() <= kMaxPackageNameBytes && is_letter_or_digit(name.front()) &&
         std::all_of(name.begin(), name.end(), [&](char c) {
           return is_letter_or_digit(c) || c == '.' || c == '_' || c == '-';
         });
}

uint64_t ModelCard::total_bytes() const {
  uint64_t total = 0;
  for (const PackageFile& file : files) total += file.bytes;
  return total;
}

ModelCard parse_model_card(std::string_view json, std::string_view card_name) {
  const nlohmann::json document = parse_json_document(json, card_name);
  const JsonValue root(document, std::string(card_name));

  // First of all: the rest means what this version says.
  const JsonValue format = root.member("format_version");
  if (const uint64_t version = format.whole_number(std::numeric_limits<uint64_t>::max());
      version != ModelCard::kFormatVersion) {
    format.fail("version " + std::to_string(version) + " is not known, this Myna reads version " +
                std::to_string(ModelCard::kFormatVersion));
  }
  ModelCard card;
  const JsonValue name = root.member("name");
  card.name = name.text();
  if (!is_valid_package_name(card.name)) {
    name.fail(quote_untrusted(card.name) + " cannot name a package");
  }
  card.version = root.member("version").non_empty_text();
  card.architecture = root.member("architecture").non_empty_text();
  card.description = root.member("description").text();
  card.licence = root.member("licence").spdx();
  if (const auto attribution = root.find("attribution")) card.attribution = attribution->text();
  for (const JsonValue& source : root.member("sources").elements()) {
    card.sources.push_back(read_package_source(source));
  }
  card.files = read_files(root.member("files"));
  if (const auto tensors = root.find("tensors")) {
    for (const auto& [tensor, value] : tensors->members()) {
      card.tensors.emplace(tensor, read_tensor_summary(value));
    }
  }
  if (const auto parameters = root.find("parameters")) {
    if (!parameters->json().is_object()) parameters->fail_type("object");
    card.parameters = ModelParameters(parameters->json(), std::string(card_name));
  }
  return card;
}

}  // namespace myna
