// The hyper-parameters of a model card, with typed access.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace myna {

// The hyper-parameters of a card, read by dotted path: parameters.integer("plbert.hidden_size").
// A missing or mistyped value throws Error kCorruptData that names the card, the path and what was
// expected. Immutable; cheap to copy.
class ModelParameters {
 public:
  ModelParameters();
  ModelParameters(nlohmann::json object, std::string card_name);

  bool has(std::string_view path) const;
  int64_t integer(std::string_view path) const;
  double number(std::string_view path) const;
  bool flag(std::string_view path) const;
  std::string text(std::string_view path) const;
  std::vector<int64_t> integers(std::string_view path) const;
  std::vector<double> numbers(std::string_view path) const;
  std::vector<std::string> texts(std::string_view path) const;
  // An object of integers, such as a vocabulary.
  std::map<std::string, int64_t> integer_map(std::string_view path) const;
  // An object of numbers.
  std::map<std::string, double> number_map(std::string_view path) const;
  // The whole object as indented JSON, for people and for what the accessors do not cover.
  std::string to_json() const;

 private:
  template <typename T>
  T converted(std::string_view path, std::string_view expected,
              std::optional<T> (*convert)(const nlohmann::json&)) const;

  std::shared_ptr<const nlohmann::json> object_;
  std::string card_name_;
};

}  // namespace myna
