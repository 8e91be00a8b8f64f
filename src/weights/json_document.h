// Strict reading of the JSON documents of this module (cards and the catalogue): parsing with
// limits, and access to members with errors that say where in the document they are. Private to
// src/weights.
#pragma once

#include <cstddef>
#include <cstdint>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace myna {

inline constexpr size_t kMaxJsonBytes = size_t{16} << 20;
inline constexpr size_t kMaxJsonDepth = 16;

// Text from a file, fit for a message: in single quotes, control characters replaced, long texts
// cut.
std::string quote_untrusted(std::string_view text);

// Throws Error kCorruptData for text above kMaxJsonBytes, nesting above kMaxJsonDepth, invalid
// UTF-8, a repeated key or a syntax error; `document` stands for the text in messages.
nlohmann::json parse_json_document(std::string_view text, std::string_view document);

// A value of a document and the path to it. Points into the document: it must outlive this.
class JsonValue {
 public:
  JsonValue(const nlohmann::json& root, std::string document)
      : value_(&root), document_(std::move(document)) {}

  // Members of an object; member() throws when it is missing.
  JsonValue member(std::string_view key) const;
  std::optional<JsonValue> find(std::string_view key) const;
  std::vector<std::pair<std::string, JsonValue>> members() const;
  // Elements of an array.
  std::vector<JsonValue> elements() const;

  std::string text() const;
  std::string non_empty_text() const;
  // 64 lower-case hexadecimal digits.
  std::string sha256() const;
  // Letters, digits and the marks of an SPDX licence expression.
  std::string spdx() const;
  uint64_t whole_number(uint64_t maximum) const;

  const nlohmann::json& json() const { return *value_; }
  // Throws Error kCorruptData: "<document>: <path>: <problem>".
  [[noreturn]] void fail(const std::string& problem) const;
  // "expected <what>, found <the value's type>".
  [[noreturn]] void fail_type(std::string_view expected) const;

 private:
  JsonValue(const nlohmann::json& value, std::string document, std::string path)
      : value_(&value), document_(std::move(document)), path_(std::move(path)) {}

  const nlohmann::json* value_;
  std::string document_;
  std::string path_;  // "files[2].sha256", empty for the whole document
};

}  // namespace myna
