#include "language/llama/model_loading.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <thread>

#include "base/error.h"
#include "language/llama/model_file.h"

namespace myna::language {
namespace {

LlamaModelHandle load_model(const std::filesystem::path& path) {
  llama_model_params parameters = llama_model_default_params();
  parameters.n_gpu_layers = 0;
  const LlamaComplaints complaints;
  LlamaModelHandle model(llama_model_load_from_file(path.c_str(), parameters));
  if (!model) {
    throw Error(ErrorCode::kCorruptData,
                "'" + path.string() +
                    "' is no usable model: " + complaints.first("llama.cpp cannot load it"),
                "models are GGUF files of an architecture that llama.cpp knows");
  }
  if (llama_model_has_encoder(model.get()) || !llama_model_has_decoder(model.get())) {
    throw Error(ErrorCode::kCorruptData, "'" + path.string() + "' is no model that writes text");
  }
  return model;
}

std::string describe(const ModelFile& file, const llama_model* model) {
  std::array<char, 128> text{};
  llama_model_desc(model, text.data(), text.size());
  return fmt::format("{} ({})", file.name, text.data());
}

}  // namespace

LoadedModel load_llama_model(const std::filesystem::path& path,
                             std::optional<uint64_t> memory_bytes) {
  const ModelFile file = inspect_model_file(path, memory_bytes.value_or(available_memory_bytes()));
  start_llama();
  LoadedModel loaded;
  loaded.model = load_model(path);
  loaded.name = describe(file, loaded.model.get());
  return loaded;
}

int resolve_threads(int threads) {
  if (threads > 0) return threads;
  return static_cast<int>(std::max(1u, std::thread::hardware_concurrency()));
}

}  // namespace myna::language
