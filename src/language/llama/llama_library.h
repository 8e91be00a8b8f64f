// llama.cpp as a library of this process: started once, silent, its complaints kept so that an
// Error can carry them; and handles of its C objects. Private to language/llama.
#pragma once

#include <llama.h>

#include <memory>
#include <string>

namespace myna::language {

struct LlamaDeleter {
  void operator()(llama_model* model) const { llama_model_free(model); }
  void operator()(llama_context* context) const { llama_free(context); }
  void operator()(llama_sampler* sampler) const { llama_sampler_free(sampler); }
  void operator()(gguf_context* file) const { gguf_free(file); }
};
using LlamaModelHandle = std::unique_ptr<llama_model, LlamaDeleter>;
using LlamaContextHandle = std::unique_ptr<llama_context, LlamaDeleter>;
using LlamaSamplerHandle = std::unique_ptr<llama_sampler, LlamaDeleter>;
using GgufHandle = std::unique_ptr<gguf_context, LlamaDeleter>;

// Loads the CPU backend that suits this machine; the second call does nothing. Throws Error
// kUnavailable when there is none. Thread-safe.
void start_llama();

// Collects what llama.cpp complains about on this thread while it lives.
class LlamaComplaints {
 public:
  LlamaComplaints();
  ~LlamaComplaints();
  LlamaComplaints(const LlamaComplaints&) = delete;
  LlamaComplaints& operator=(const LlamaComplaints&) = delete;

  // The first complaint without the function's name, or `otherwise`.
  std::string first(std::string otherwise) const;

  void add(std::string_view text) { text_ += text; }

 private:
  std::string text_;
  LlamaComplaints* outer_;
};

}  // namespace myna::language
