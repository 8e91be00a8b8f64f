// Models in Hugging Face's layout: config.json and model.safetensors of LlamaForCausalLM (dense) or
// Glm4MoeForCausalLM (with experts).
#pragma once

#include <filesystem>

#include "train/core/parameters.h"
#include "train/lm/model.h"

namespace myna::train {

// Throws Error kNotFound, or kCorruptData for a model of another architecture.
LmSizes read_lm_config(const std::filesystem::path& directory);

// Weights by name; F32, BF16 or F16. A dense feed-forward goes into the shared expert where the
// model has experts and the file has none (upcycling): routers and routed experts stay as they are.
// Throws Error kCorruptData with the name of what is missing or of another shape.
void load_lm_weights(const std::filesystem::path& directory, const Parameters& parameters,
                     const LmSizes& sizes);

// Throws Error kInvalidArgument when no layout has such a model.
void save_lm(const std::filesystem::path& directory, const Parameters& parameters,
             const LmSizes& sizes);

}  // namespace myna::train
