// A GGUF file as a model of llama.cpp. Private to language/llama.
#pragma once

#include <filesystem>
#include <optional>
#include <string>

#include "language/llama/llama_library.h"

namespace myna::language {

struct LoadedModel {
  LlamaModelHandle model;
  std::string name;  // "SmolLM2 135M Instruct (llama 135M Q4_1)"
};

// memory_bytes as in LlamaOptions. Throws what LlamaChatModel::open() throws for a file.
LoadedModel load_llama_model(const std::filesystem::path& path,
                             std::optional<uint64_t> memory_bytes = {});

// 0: one a processor.
int resolve_threads(int threads);

}  // namespace myna::language
