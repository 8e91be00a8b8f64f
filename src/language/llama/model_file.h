// What can be known of a GGUF file before llama.cpp loads it, so that what is wrong with it is said
// in words of the user's world.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>

namespace myna::language {

struct ModelFile {
  std::string name;          // general.name, or the file's
  std::string architecture;  // "llama"
  uint64_t bytes = 0;
};

// Reads the metadata only. Throws Error kNotFound and kIo; kInvalidArgument for a directory;
// kCorruptData for what is no GGUF file, or for one that ends before its tensors do;
// kResourceExhausted for one that is larger than `memory_bytes`.
ModelFile inspect_model_file(const std::filesystem::path& path, uint64_t memory_bytes);

// What a program can have without others being swapped out; 0 when the system does not say.
uint64_t available_memory_bytes();

}  // namespace myna::language
