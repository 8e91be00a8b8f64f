// A whole GGUF model of a hundred kilobytes for tests: random weights from a fixed seed, a token a
// byte, ChatML. It writes nonsense, always the same.
#pragma once

#include <gguf.h>

#include <cmath>
#include <filesystem>
#include <random>
#include <string>
#include <vector>

#include "base/utf8.h"

namespace myna::language::testing {

struct TinyGguf {
  std::string architecture = "llama";
  std::string chat_template =
      "{% for message in messages %}{{ '<|im_start|>' + message['role'] + '\\n' + "
      "message['content'] + "
      "'<|im_end|>' + '\\n' }}{% endfor %}{% if add_generation_prompt %}"
      "{{ '<|im_start|>assistant\\n' }}{% endif %}";
  int context_tokens = 512;
};

// GPT-2's letters for bytes: printable ones stand for themselves, the others follow from U+0100.
inline std::vector<std::string> byte_letters() {
  std::vector<std::string> letters(256);
  char32_t next = 0x100;
  for (char32_t byte = 0; byte < 256; ++byte) {
    const bool plain =
        (byte >= 0x21 && byte <= 0x7E) || (byte >= 0xA1 && byte <= 0xAC) || byte >= 0xAE;
    append_utf8(letters[byte], plain ? byte : next++);
  }
  return letters;
}

inline void write_tiny_gguf(const std::filesystem::path& path, const TinyGguf& options = {}) {
  constexpr int kWidth = 32, kInner = 64, kLayers = 2, kHeads = 4, kKeyHeads = 2;
  std::vector<std::string> tokens = byte_letters();
  std::vector<int32_t> types(tokens.size(), 1);
  for (const char* control : {"<|endoftext|>", "<|im_start|>", "<|im_end|>"}) {
    tokens.emplace_back(control);
    types.push_back(3);
  }
  const auto vocabulary = static_cast<int64_t>(tokens.size());
  std::vector<const char*> names;
  for (const std::string& token : tokens) names.push_back(token.c_str());
  const char* merge = "t h";

  gguf_context* file = gguf_init_empty();
  const std::string arch = options.architecture;
  const auto number = [&](const std::string& key, int value) {
    gguf_set_val_u32(file, (arch + key).c_str(), static_cast<uint32_t>(value));
  };
  gguf_set_val_str(file, "general.architecture", arch.c_str());
  gguf_set_val_str(file, "general.name", "Tiny");
  number(".context_length", options.context_tokens);
  number(".embedding_length", kWidth);
  number(".block_count", kLayers);
  number(".feed_forward_length", kInner);
  number(".attention.head_count", kHeads);
  number(".attention.head_count_kv", kKeyHeads);
  number(".rope.dimension_count", kWidth / kHeads);
  gguf_set_val_f32(file, (arch + ".attention.layer_norm_rms_epsilon").c_str(), 1e-5f);
  gguf_set_val_str(file, "tokenizer.ggml.model", "gpt2");
  gguf_set_val_str(file, "tokenizer.ggml.pre", "gpt-2");
  gguf_set_arr_str(file, "tokenizer.ggml.tokens", names.data(), names.size());
  gguf_set_arr_data(file, "tokenizer.ggml.token_type", GGUF_TYPE_INT32, types.data(), types.size());
  gguf_set_arr_str(file, "tokenizer.ggml.merges", &merge, 1);
  gguf_set_val_u32(file, "tokenizer.ggml.bos_token_id", 257);
  gguf_set_val_u32(file, "tokenizer.ggml.eos_token_id", 258);
  gguf_set_val_bool(file, "tokenizer.ggml.add_bos_token", false);
  if (!options.chat_template.empty()) {
    gguf_set_val_str(file, "tokenizer.chat_template", options.chat_template.c_str());
  }

  ggml_context* tensors = ggml_init({size_t{4} << 20, nullptr, false});
  std::mt19937 random(7);
  const auto add = [&](const std::string& name, std::vector<int64_t> shape) {
    ggml_tensor* tensor = shape.size() == 1
                              ? ggml_new_tensor_1d(tensors, GGML_TYPE_F32, shape[0])
                              : ggml_new_tensor_2d(tensors, GGML_TYPE_F32, shape[0], shape[1]);
    ggml_set_name(tensor, name.c_str());
    auto* values = static_cast<float*>(tensor->data);
    const float scale = 4.0f / std::sqrt(static_cast<float>(shape[0]));
    for (int64_t i = 0; i < ggml_nelements(tensor); ++i) {
      // Not std::normal_distribution, which differs between libraries.
      const float uniform = static_cast<float>(random()) / 4294967296.0f - 0.5f;
      const int64_t row = i / shape[0];
      // Letters only: what it writes is text, and it ends where a grammar or a limit says.
      const bool silent = name == "output.weight" && (row < 0x20 || row > 0x7E);
      values[i] = shape.size() == 1 ? 1.0f : silent ? 0.0f : scale * uniform;
    }
    gguf_add_tensor(file, tensor);
  };
  constexpr int kKeys = kWidth / kHeads * kKeyHeads;
  add("token_embd.weight", {kWidth, vocabulary});
  add("output_norm.weight", {kWidth});
  add("output.weight", {kWidth, vocabulary});
  for (int layer = 0; layer < kLayers; ++layer) {
    const std::string block = "blk." + std::to_string(layer) + ".";
    add(block + "attn_norm.weight", {kWidth});
    add(block + "attn_q.weight", {kWidth, kWidth});
    add(block + "attn_k.weight", {kWidth, kKeys});
    add(block + "attn_v.weight", {kWidth, kKeys});
    add(block + "attn_output.weight", {kWidth, kWidth});
    add(block + "ffn_norm.weight", {kWidth});
    add(block + "ffn_gate.weight", {kWidth, kInner});
    add(block + "ffn_up.weight", {kWidth, kInner});
    add(block + "ffn_down.weight", {kInner, kWidth});
  }
  gguf_write_to_file(file, path.c_str(), false);
  ggml_free(tensors);
  gguf_free(file);
}

}  // namespace myna::language::testing
