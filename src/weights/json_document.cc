#include "weights/json_document.h"

#include <algorithm>
#include <set>

#include "base/error.h"
#include "base/utf8.h"

namespace myna {
namespace {

constexpr const char* kDamagedHint = "the file is damaged or was not made for this version";

// A first pass for what the JSON library accepts and a careful reader must not: deep nesting, and
// keys that come twice (the library would keep the last without a word). Events instead of the
// library's parser callback, which copies every value and takes five times as long.
class StructureGuard : public nlohmann::json_sax<nlohmann::json> {
 public:
  StructureGuard(std::string_view text, const std::string& document)
      : text_(text), document_(document) {}

  bool start_object(size_t) override { return open(); }
  bool start_array(size_t) override { return open(); }
  bool end_object() override { return close(); }
  bool end_array() override { return close(); }
  bool key(string_t& key) override {
    if (!open_.back().insert(key).second) {
      fail("the key " + quote_untrusted(key) + " comes twice");
    }
    return true;
  }
  bool parse_error(size_t position, const std::string&,
                   const nlohmann::json::exception& error) override {
    const LineColumn where =
        line_column_at(text_, std::min(position == 0 ? 0 : position - 1, text_.size()));
    const bool out_of_range = dynamic_cast<const nlohmann::json::out_of_range*>(&error) != nullptr;
    fail(std::string(out_of_range ? "a number is out of range" : "not JSON") + " at line " +
         std::to_string(where.line) + ", column " + std::to_string(where.column));
  }

  bool null() override { return true; }
  bool boolean(bool) override { return true; }
  bool number_integer(number_integer_t) override { return true; }
  bool number_unsigned(number_unsigned_t) override { return true; }
  bool number_float(number_float_t, const string_t&) override { return true; }
  bool string(string_t&) override { return true; }
  bool binary(binary_t&) override { return true; }

 private:
  [[noreturn]] void fail(const std::string& problem) const {
    throw Error(ErrorCode::kCorruptData, document_ + ": " + problem, kDamagedHint);
  }
  bool open() {
    if (open_.size() >= kMaxJsonDepth) {
      fail("nested deeper than " + std::to_string(kMaxJsonDepth) + " levels");
    }
    open_.emplace_back();
    return true;
  }
  bool close() {
    open_.pop_back();
    return true;
  }

  std::string_view text_;
  const std::string& document_;
  std::vector<std::set<std::string>> open_;  // the keys of each open object; empty for arrays
};

}  // namespace

std::string quote_untrusted(std::string_view text) {
  constexpr size_t kMaxShownBytes = 120;
  std::string shown = "'";
  size_t offset = 0;
  while (offset < text.size() && shown.size() < kMaxShownBytes) {
    const DecodedCodePoint decoded = decode_utf8(text, offset);
    const char32_t c = decoded.code_point;
    append_utf8(shown, c < 0x20 || (c >= 0x7F && c < 0xA0) ? kReplacementCharacter : c);
    offset += decoded.byte_count;
  }
  if (offset < text.size()) shown += "...";
  return shown + "'";
}

nlohmann::json parse_json_document(std::string_view text, std::string_view document) {
  const std::string name(document);
  if (text.size() > kMaxJsonBytes) {
    throw Error(ErrorCode::kCorruptData,
                name + ": larger than " + std::to_string(kMaxJsonBytes) + " bytes", kDamagedHint);
  }
  if (const auto offset = find_invalid_utf8(text)) {
    throw Error(ErrorCode::kCorruptData, name + ": not UTF-8 at byte " + std::to_string(*offset),
                kDamagedHint);
  }
  // The library takes a NUL for the end of the text.
  if (const size_t offset = text.find('\0'); offset != std::string_view::npos) {
    throw Error(ErrorCode::kCorruptData, name + ": a NUL at byte " + std::to_string(offset),
                kDamagedHint);
  }
  StructureGuard guard(text, name);
  nlohmann::json::sax_parse(text.begin(), text.end(), &guard);
  return nlohmann::json::parse(text.begin(), text.end());
}

void JsonValue::fail(const std::string& problem) const {
  throw Error(ErrorCode::kCorruptData,
              document_ + ": " + (path_.empty() ? problem : path_ + ": " + problem), kDamagedHint);
}

void JsonValue::fail_type(std::string_view expected) const {
  fail("expected " + std::string(expected) + ", found " + value_->type_name());
}

std::optional<JsonValue> JsonValue::find(std::string_view key) const {
  if (!value_->is_object()) fail_type("object");
  const auto it = value_->find(key);
  if (it == value_->end()) return std::nullopt;
  return JsonValue(*it, document_,
                   path_.empty() ? std::string(key) : path_ + "." + std::string(key));
}

JsonValue JsonValue::member(std::string_view key) const {
  std::optional<JsonValue> found = find(key);
  if (!found) fail("'" + std::string(key) + "' is missing");
  return *std::move(found);
}

std::vector<std::pair<std::string, JsonValue>> JsonValue::members() const {
  if (!value_->is_object()) fail_type("object");
  std::vector<std::pair<std::string, JsonValue>> members;
  for (const auto& [key, value] : value_->items()) {
    members.emplace_back(key,
                         JsonValue(value, document_, path_ + "[" + quote_untrusted(key) + "]"));
  }
  return members;
}

std::vector<JsonValue> JsonValue::elements() const {
  if (!value_->is_array()) fail_type("array");
  std::vector<JsonValue> elements;
  for (size_t i = 0; i < value_->size(); ++i) {
    elements.push_back(JsonValue((*value_)[i], document_, path_ + "[" + std::to_string(i) + "]"));
  }
  return elements;
}

std::string JsonValue::text() const {
  if (!value_->is_string()) fail_type("string");
  return value_->get<std::string>();
}

std::string JsonValue::non_empty_text() const {
  std::string value = text();
  if (value.empty()) fail("is empty");
  return value;
}

std::string JsonValue::sha256() const {
  std::string value = text();
  const bool digits = std::all_of(value.begin(), value.end(), [](char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f');
  });
  if (value.size() != 64 || !digits) {
    fail("expected 64 lower-case hexadecimal digits, found " + quote_untrusted(value));
  }
  return value;
}

std::string JsonValue::spdx() const {
  std::string value = non_empty_text();
  const bool plain = std::all_of(value.begin(), value.end(), [](char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
           std::string_view("-.+() ").find(c) != std::string_view::npos;
  });
  if (!plain) fail("expected an SPDX licence expression, found " + quote_untrusted(value));
  return value;
}

uint64_t JsonValue::whole_number(uint64_t maximum) const {
  if (!value_->is_number_unsigned()) {
    fail("expected a whole number that is not negative, found " +
         (value_->is_number() ? value_->dump() : std::string(value_->type_name())));
  }
  const auto number = value_->get<uint64_t>();
  if (number > maximum) {
    fail(std::to_string(number) + " is more than " + std::to_string(maximum));
  }
  return number;
}

}  // namespace myna
