#include "weights/model_parameters.h"

#include <algorithm>
#include <limits>
#include <nlohmann/json.hpp>
#include <utility>

#include "base/error.h"
#include "weights/json_document.h"

namespace myna {
namespace {

// Null when there is no such value. Path components are keys of objects.
const nlohmann::json* find_path(const nlohmann::json& root, std::string_view path) {
  const nlohmann::json* value = &root;
  for (size_t begin = 0; begin <= path.size();) {
    const size_t end = std::min(path.find('.', begin), path.size());
    if (!value->is_object()) return nullptr;
    const auto it = value->find(path.substr(begin, end - begin));
    if (it == value->end()) return nullptr;
    value = &*it;
    begin = end + 1;
  }
  return value;
}

[[noreturn]] void fail_parameter(const std::string& card_name, std::string_view path,
                                 const std::string& problem) {
  throw Error(ErrorCode::kCorruptData,
              card_name + ": parameters." + std::string(path) + " " + problem,
              "the package does not match this version of Myna: install it again");
}

std::optional<int64_t> as_integer(const nlohmann::json& value) {
  if (!value.is_number_integer()) return std::nullopt;
  if (value.is_number_unsigned() &&
      value.get<uint64_t>() > uint64_t{std::numeric_limits<int64_t>::max()}) {
    return std::nullopt;
  }
  return value.get<int64_t>();
}

std::optional<double> as_number(const nlohmann::json& value) {
  if (!value.is_number()) return std::nullopt;
  return value.get<double>();
}

std::optional<std::string> as_text(const nlohmann::json& value) {
  if (!value.is_string()) return std::nullopt;
  return value.get<std::string>();
}

// All elements converted, or nothing when one is of another type.
template <typename T>
std::optional<std::vector<T>> as_list(const nlohmann::json& value,
                                      std::optional<T> (*convert)(const nlohmann::json&)) {
  if (!value.is_array()) return std::nullopt;
  std::vector<T> list;
  for (const nlohmann::json& element : value) {
    std::optional<T> converted = convert(element);
    if (!converted) return std::nullopt;
    list.push_back(*std::move(converted));
  }
  return list;
}

// The same of an object's members.
template <typename T>
std::optional<std::map<std::string, T>> as_map(const nlohmann::json& value,
                                               std::optional<T> (*convert)(const nlohmann::json&)) {
  if (!value.is_object()) return std::nullopt;
  std::map<std::string, T> map;
  for (const auto& [key, member] : value.items()) {
    std::optional<T> converted = convert(member);
    if (!converted) return std::nullopt;
    map.emplace(key, *std::move(converted));
  }
  return map;
}

}  // namespace

ModelParameters::ModelParameters() : ModelParameters(nlohmann::json::object(), "card.json") {}

ModelParameters::ModelParameters(nlohmann::json object, std::string card_name)
    : object_(std::make_shared<const nlohmann::json>(std::move(object))),
      card_name_(std::move(card_name)) {}

template <typename T>
T ModelParameters::converted(std::string_view path, std::string_view expected,
                             std::optional<T> (*convert)(const nlohmann::json&)) const {
  const nlohmann::json* value = find_path(*object_, path);
  if (value == nullptr) {
    fail_parameter(card_name_, path, "is missing, expected " + std::string(expected));
  }
  std::optional<T> result = convert(*value);
  if (!result) {
    fail_parameter(card_name_, path,
                   "is not " + std::string(expected) + " but " + quote_untrusted(value->dump()));
  }
  return *std::move(result);
}

bool ModelParameters::has(std::string_view path) const {
  return find_path(*object_, path) != nullptr;
}

int64_t ModelParameters::integer(std::string_view path) const {
  return converted<int64_t>(path, "an integer", as_integer);
}

double ModelParameters::number(std::string_view path) const {
  return converted<double>(path, "a number", as_number);
}

bool ModelParameters::flag(std::string_view path) const {
  return converted<bool>(path, "true or false",
                         [](const nlohmann::json& value) -> std::optional<bool> {
                           if (!value.is_boolean()) return std::nullopt;
                           return value.get<bool>();
                         });
}

std::string ModelParameters::text(std::string_view path) const {
  return converted<std::string>(path, "a string", as_text);
}

std::vector<int64_t> ModelParameters::integers(std::string_view path) const {
  return converted<std::vector<int64_t>>(
      path, "an array of integers",
      [](const nlohmann::json& value) { return as_list<int64_t>(value, as_integer); });
}

std::vector<double> ModelParameters::numbers(std::string_view path) const {
  return converted<std::vector<double>>(
      path, "an array of numbers",
      [](const nlohmann::json& value) { return as_list<double>(value, as_number); });
}

std::vector<std::string> ModelParameters::texts(std::string_view path) const {
  return converted<std::vector<std::string>>(
      path, "an array of strings",
      [](const nlohmann::json& value) { return as_list<std::string>(value, as_text); });
}

std::map<std::string, int64_t> ModelParameters::integer_map(std::string_view path) const {
  return converted<std::map<std::string, int64_t>>(
      path, "an object of integers",
      [](const nlohmann::json& value) { return as_map<int64_t>(value, as_integer); });
}

std::map<std::string, double> ModelParameters::number_map(std::string_view path) const {
  return converted<std::map<std::string, double>>(
      path, "an object of numbers",
      [](const nlohmann::json& value) { return as_map<double>(value, as_number); });
}

std::string ModelParameters::to_json() const { return object_->dump(2); }

}  // namespace myna
