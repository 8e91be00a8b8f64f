// The safetensors file format: named tensors in one memory-mapped file. Format and the rules that
// are enforced: docs/formats/safetensors.md.
#pragma once

#include <cstddef>
#include <filesystem>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/file.h"
#include "tensor/dtype.h"
#include "tensor/shape.h"
#include "tensor/tensor_view.h"

namespace myna {

// An open file. Everything about the layout is checked by open(), so that find() and require()
// give views that lie inside the file, do not overlap and are aligned for their dtype; tensor
// values are not looked at. Views live as long as this object (moving it keeps them valid).
// Immutable; safe to use from many threads.
class SafetensorsFile {
 public:
  // Throws Error kNotFound, kIo, or kCorruptData with the file, the tensor and the cause.
  static SafetensorsFile open(const std::filesystem::path& path);
  // The same over memory that outlives the object; `name` stands for the file in messages.
  static SafetensorsFile from_bytes(std::span<const std::byte> bytes, std::string name);

  // In the order of their data in the file.
  const std::vector<std::string>& names() const { return names_; }
  // The free-form "__metadata__" of the header; empty when there is none.
  const std::map<std::string, std::string>& metadata() const { return metadata_; }
  // As given to open().
  const std::string& file_name() const { return file_name_; }

  std::optional<TensorView> find(std::string_view name) const;
  // For what a model cannot do without. Throws Error kCorruptData that names the file and the
  // tensor, says what was expected, what was found and the likely cause.
  TensorView require(std::string_view name) const;
  TensorView require(std::string_view name, DType dtype, const Shape& shape) const;
  // The elements at once: file.values<float>("decoder.weight", {512, 128}).
  template <typename T>
  std::span<const T> values(std::string_view name, const Shape& shape) const {
    return require(name, kDTypeOf<T>, shape).template as<T>();
  }

  // Lets the kernel drop the pages of the map; they are read again from the file on use.
  void release_pages() const { map_.release_pages(); }

 private:
  SafetensorsFile() = default;
  void parse(std::span<const std::byte> bytes);

  MappedFile map_;
  std::string file_name_;
  std::vector<std::string> names_;
  std::map<std::string, TensorView, std::less<>> tensors_;
  std::map<std::string, std::string> metadata_;
};

struct NamedTensor {
  std::string name;
  TensorView tensor;
};

// Writes a file that appears under its name only when complete. Data starts 64-byte aligned, and
// so does every tensor whose size is a multiple of 64 bytes; the others follow in order of
// decreasing alignment (the format allows no padding between tensors). The same input gives the
// same bytes. Throws Error kInvalidArgument (empty, repeated or reserved name, name or metadata
// that is not UTF-8) or kIo.
void write_safetensors(const std::filesystem::path& path, std::span<const NamedTensor> tensors,
                       const std::map<std::string, std::string>& metadata = {});

}  // namespace myna
