#include "weights/safetensors_header.h"

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>
#include <optional>
#include <unordered_set>
#include <utility>

#include "base/error.h"
#include "base/utf8.h"
#include "weights/json_document.h"

namespace myna {
namespace {

// The header's grammar has three levels: the object, a tensor's object (or the metadata), and a
// tensor's two arrays. Every event is checked against the level it comes on, so that deeper
// nesting fails at its first bracket, whatever its depth.
class HeaderHandler : public nlohmann::json_sax<nlohmann::json> {
 public:
  explicit HeaderHandler(const std::string& file_name) : file_name_(file_name) {}

  SafetensorsHeader take() { return std::move(header_); }

  bool start_object(size_t) override {
    switch (level_) {
      case Level::kDocument:
        level_ = Level::kHeader;
        return true;
      case Level::kHeader:
        if (key_ == kSafetensorsMetadataKey) {
          level_ = Level::kMetadata;
        } else {
          level_ = Level::kTensor;
          tensor_ = PartialTensor{};
          tensor_.name = key_;
        }
        return true;
      default:
        unexpected("an object");
    }
  }

  bool end_object() override {
    if (level_ == Level::kTensor) add_tensor();
    level_ = level_ == Level::kHeader ? Level::kDocument : Level::kHeader;
    return true;
  }

  bool key(string_t& key) override {
    if (level_ == Level::kHeader) {
      if (!names_.insert(key).second) fail("the tensor " + quote_untrusted(key) + " comes twice");
      if (key.empty()) fail("a tensor without a name");
    } else if (level_ == Level::kMetadata) {
      if (header_.metadata.contains(key)) {
        fail("the metadata key " + quote_untrusted(key) + " comes twice");
      }
    } else {
      const bool repeated = (key == "dtype" && tensor_.dtype) ||
                            (key == "shape" && tensor_.shape) ||
                            (key == "data_offsets" && tensor_.offsets);
      if (repeated) fail_tensor("'" + key + "' comes twice");
      if (key != "dtype" && key != "shape" && key != "data_offsets") {
        fail_tensor("the key " + quote_untrusted(key) + " is not part of the format");
      }
    }
    key_ = key;
    return true;
  }

  bool start_array(size_t) override {
    if (level_ != Level::kTensor || key_ == "dtype") unexpected("an array");
    level_ = Level::kArray;
    numbers_.clear();
    return true;
  }

  bool end_array() override {
    level_ = Level::kTensor;
    if (key_ == "shape") {
      set_shape();
    } else if (numbers_.size() != 2) {
      fail_tensor("data_offsets has " + std::to_string(numbers_.size()) +
                  " numbers, 2 were expected");
    } else {
      tensor_.offsets = {numbers_[0], numbers_[1]};
    }
    return true;
  }

  bool string(string_t& text) override {
    if (level_ == Level::kMetadata) {
      header_.metadata.emplace(key_, text);
    } else if (level_ == Level::kTensor && key_ == "dtype") {
      tensor_.dtype = parse_dtype(text);
      if (!tensor_.dtype) {
        fail_tensor("the dtype " + quote_untrusted(text) +
                    " is not one of F32, F16, BF16, I8, U8, I32, I64, F64");
      }
    } else {
      unexpected("a string");
    }
    return true;
  }

  bool number_unsigned(number_unsigned_t number) override {
    if (level_ != Level::kArray) unexpected("a number");
    // One more than can be right is enough to report; the rest need not be kept.
    if (numbers_.size() <= Shape::kMaxRank) numbers_.push_back(number);
    return true;
  }

  bool number_integer(number_integer_t number) override {
    if (level_ != Level::kArray) unexpected("a number");
    fail_tensor(key_ + " has the negative number " + std::to_string(number));
  }

  bool number_float(number_float_t, const string_t& text) override {
    if (level_ != Level::kArray) unexpected("a number");
    fail_tensor(key_ + " has " + quote_untrusted(text) +
                ", which is not a whole number below 2^64");
  }

  bool null() override { unexpected("null"); }
  bool boolean(bool) override { unexpected("true or false"); }
  bool binary(binary_t&) override { unexpected("binary data"); }

  bool parse_error(size_t position, const std::string&, const nlohmann::json::exception&) override {
    fail("the header is not JSON at its byte " + std::to_string(position == 0 ? 0 : position - 1));
  }

 private:
  enum class Level { kDocument, kHeader, kMetadata, kTensor, kArray };
  struct PartialTensor {
    std::string name;
    std::optional<DType> dtype;
    std::optional<Shape> shape;
    std::optional<std::pair<uint64_t, uint64_t>> offsets;
  };

  [[noreturn]] void fail(const std::string& problem) const {
    fail_safetensors(file_name_, problem);
  }
  [[noreturn]] void fail_tensor(const std::string& problem) const {
    fail("tensor " + quote_untrusted(tensor_.name) + ": " + problem);
  }
  [[noreturn]] void unexpected(const char* what) const {
    switch (level_) {
      case Level::kDocument:
        fail(std::string("the header is ") + what + ", not an object");
      case Level::kHeader:
        fail("tensor " + quote_untrusted(key_) + ": " + what + " where an object was expected");
      case Level::kMetadata:
        fail("the metadata " + quote_untrusted(key_) + " is " + what + ", not a string");
      case Level::kTensor:
        fail_tensor(key_ + " is " + what + (key_ == "dtype" ? ", not a string" : ", not an array"));
      case Level::kArray:
        fail_tensor(key_ + " has " + what + " where a whole number was expected");
    }
    throw Error(ErrorCode::kInternal, "unknown level of a safetensors header");
  }

  void set_shape() {
    if (numbers_.size() > Shape::kMaxRank) {
      fail_tensor("more than " + std::to_string(Shape::kMaxRank) + " dimensions");
    }
    std::array<size_t, Shape::kMaxRank> dims{};
    std::copy(numbers_.begin(), numbers_.end(), dims.begin());
    tensor_.shape = Shape::from_dims({dims.data(), numbers_.size()});
    if (!tensor_.shape) fail_tensor("the element count of its shape overflows");
  }

  void add_tensor() {
    if (!tensor_.dtype) fail_tensor("'dtype' is missing");
    if (!tensor_.shape) fail_tensor("'shape' is missing");
    if (!tensor_.offsets) fail_tensor("'data_offsets' is missing");
    const auto [begin, end] = *tensor_.offsets;
    if (begin > end) {
      fail_tensor("data_offsets begin at " + std::to_string(begin) + " and end before, at " +
                  std::to_string(end));
    }
    size_t bytes = 0;
    if (__builtin_mul_overflow(tensor_.shape->element_count(), dtype_size(*tensor_.dtype),
                               &bytes)) {
      fail_tensor("the size of " + tensor_.shape->to_string() + " overflows");
    }
    if (end - begin != bytes) {
      fail_tensor(std::string(dtype_name(*tensor_.dtype)) + " " + tensor_.shape->to_string() +
                  " takes " + std::to_string(bytes) + " bytes, but data_offsets [" +
                  std::to_string(begin) + ", " + std::to_string(end) + "] hold " +
                  std::to_string(end - begin));
    }
    header_.entries.push_back(
        {std::move(tensor_.name), *tensor_.dtype, *tensor_.shape, begin, end});
  }

  const std::string& file_name_;
  SafetensorsHeader header_;
  std::unordered_set<std::string> names_;
  Level level_ = Level::kDocument;
  std::string key_;
  PartialTensor tensor_;
  std::vector<uint64_t> numbers_;
};

}  // namespace

void fail_safetensors(const std::string& file_name, const std::string& problem) {
  throw Error(ErrorCode::kCorruptData, "'" + file_name + "': " + problem,
              "the file is damaged or not a safetensors file that Myna reads; install its model "
              "package again");
}

SafetensorsHeader parse_safetensors_header(std::string_view json, const std::string& file_name) {
  if (json.empty() || json.front() != '{') {
    fail_safetensors(file_name, "the header does not start with '{'");
  }
  if (const auto offset = find_invalid_utf8(json)) {
    fail_safetensors(file_name, "the header is not UTF-8 at its byte " + std::to_string(*offset));
  }
  // The JSON library takes a NUL for the end of the text and would not see what follows.
  if (const size_t offset = json.find('\0'); offset != std::string_view::npos) {
    fail_safetensors(file_name, "the header has a NUL at its byte " + std::to_string(offset));
  }
  HeaderHandler handler(file_name);
  nlohmann::json::sax_parse(json.begin(), json.end(), &handler);
  return handler.take();
}

}  // namespace myna
