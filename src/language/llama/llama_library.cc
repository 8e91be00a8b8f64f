#include "language/llama/llama_library.h"

#include <dlfcn.h>

#include <filesystem>
#include <mutex>

#include "base/error.h"

namespace myna::language {
namespace {

constexpr const char* kNameLetters = "abcdefghijklmnopqrstuvwxyz0123456789_";

thread_local LlamaComplaints* current_complaints = nullptr;

void take_log(ggml_log_level level, const char* text, void*) {
  if (current_complaints == nullptr || level != GGML_LOG_LEVEL_ERROR) return;
  try {
    current_complaints->add(text);
  } catch (...) {  // a lost complaint is no reason to end in a C callback
  }
}

// The backends lie beside libllama.
std::filesystem::path library_directory() {
  Dl_info info{};
  if (dladdr(reinterpret_cast<const void*>(&llama_backend_init), &info) == 0) return {};
  return std::filesystem::path(info.dli_fname).parent_path();
}

}  // namespace

void start_llama() {
  static std::once_flag once;
  std::call_once(once, [] {
    llama_log_set(&take_log, nullptr);
    llama_backend_init();
    if (ggml_backend_dev_count() == 0) {
      ggml_backend_load_all_from_path(library_directory().c_str());
    }
    if (ggml_backend_dev_count() == 0) {
      throw Error(ErrorCode::kUnavailable,
                  "llama.cpp's CPU backends are not in '" + library_directory().string() + "'",
                  "run: make setup");
    }
  });
}

LlamaComplaints::LlamaComplaints() : outer_(current_complaints) { current_complaints = this; }
LlamaComplaints::~LlamaComplaints() { current_complaints = outer_; }

std::string LlamaComplaints::first(std::string otherwise) const {
  const size_t end = text_.find('\n');
  std::string line = text_.substr(0, end);
  // "llama_model_load: error loading model: unknown model architecture: 'x'"
  for (size_t colon = 0; (colon = line.find(": ")) != std::string::npos;) {
    const bool function = line.find_first_not_of(kNameLetters) == colon && colon > 0;
    if (!function && !line.starts_with("error loading model: ")) break;
    line.erase(0, colon + 2);
  }
  return line.empty() ? std::move(otherwise) : line;
}

}  // namespace myna::language
