#include "train/lm/exchange.h"

#include <nlohmann/json.hpp>

#include "base/error.h"
#include "base/file.h"
#include "train/core/checkpoint.h"
#include "train/core/weight_file.h"
#include "weights/safetensors.h"

namespace myna::train {
namespace {

using Json = nlohmann::json;

// gate_proj above up_proj, as the model keeps them.
Tensor read_gate_up(const SafetensorsFile& file, const std::string& name) {
  return at::cat(
      {read_tensor(file, name + "gate_proj.weight"), read_tensor(file, name + "up_proj.weight")});
}

bool is_dense(const LmSizes& sizes) {
  return sizes.mixture.experts == 0 || sizes.leading_dense >= sizes.layers;
}

}  // namespace

LmSizes read_lm_config(const std::filesystem::path& directory) {
  const Json json = Json::parse(read_file(directory / "config.json", 1 << 20), nullptr, false);
  const auto fail = [&](const std::string& why) {
    throw Error(ErrorCode::kCorruptData, (directory / "config.json").string() + ": " + why);
  };
  if (!json.is_object()) fail("it is no JSON object");
  const std::string architecture =
      json.value("architectures", Json::array({""})).at(0).get<std::string>();
  if (architecture != "LlamaForCausalLM" && architecture != "Glm4MoeForCausalLM") {
    fail("'" + architecture + "' is neither LlamaForCausalLM nor Glm4MoeForCausalLM");
  }
  try {
    LmSizes sizes;
    sizes.vocabulary = json.at("vocab_size");
    sizes.layers = json.at("num_hidden_layers");
    sizes.width = json.at("hidden_size");
    sizes.heads = json.at("num_attention_heads");
    sizes.kv_heads = json.value("num_key_value_heads", sizes.heads);
    sizes.head_size = sizes.width / sizes.heads;
    if (json.contains("head_dim") && json["head_dim"].is_number()) {
      sizes.head_size = json["head_dim"];
    }
    sizes.feed_forward = json.at("intermediate_size");
    const Json rope = json.value("rope_parameters", Json::object());
    sizes.rope_base = json.value("rope_theta", rope.value("rope_theta", 10000.0));
    sizes.norm_epsilon = json.value("rms_norm_eps", 1e-6);
    sizes.tied = json.value("tie_word_embeddings", false);
    if (architecture == "Glm4MoeForCausalLM") {
      if (json.value("partial_rotary_factor", rope.value("partial_rotary_factor", 0.5)) != 1.0) {
        fail("a part of each head only is rotated");
      }
      sizes.qk_norm = json.value("use_qk_norm", false);
      sizes.leading_dense = json.value("first_k_dense_replace", int64_t{1});
      sizes.mixture.experts = json.at("n_routed_experts");
      sizes.mixture.top_k = json.at("num_experts_per_tok");
      sizes.mixture.expert_width = json.at("moe_intermediate_size");
      sizes.mixture.shared_width =
          sizes.mixture.expert_width * json.value("n_shared_experts", int64_t{1});
      sizes.mixture.normalize = json.value("norm_topk_prob", true);
      sizes.mixture.scale = json.value("routed_scaling_factor", 1.0);
    }
    return sizes;
  } catch (const Json::exception& error) {
    fail(error.what());
  }
  throw Error(ErrorCode::kInternal, "not reached");
}

void load_lm_weights(const std::filesystem::path& directory, const Parameters& parameters,
                     const LmSizes& sizes) {
  const auto file = SafetensorsFile::open(directory / "model.safetensors");
  const auto same = [&](const std::string& name) {
    put_tensor(parameters, name, read_tensor(file, name));
  };
  same("model.embed_tokens.weight");
  same("model.norm.weight");
  if (!sizes.tied) same("lm_head.weight");
  for (int64_t i = 0; i < sizes.layers; ++i) {
    const std::string name = "model.layers." + std::to_string(i) + ".";
    for (const char* part :
         {"input_layernorm.weight", "post_attention_layernorm.weight", "self_attn.q_proj.weight",
          "self_attn.k_proj.weight", "self_attn.v_proj.weight", "self_attn.o_proj.weight"}) {
      same(name + part);
    }
    if (sizes.qk_norm) {
      same(name + "self_attn.q_norm.weight");
      same(name + "self_attn.k_norm.weight");
    }
    const std::string mlp = name + "mlp.";
    if (!sizes.has_experts(i)) {
      put_tensor(parameters, mlp + "gate_up_proj.weight", read_gate_up(file, mlp));
      same(mlp + "down_proj.weight");
    } else if (!file.find(mlp + "gate.weight")) {
      put_tensor(parameters, mlp + "shared_experts.gate_up_proj.weight", read_gate_up(file, mlp));
      put_tensor(parameters, mlp + "shared_experts.down_proj.weight",
                 read_tensor(file, mlp + "down_proj.weight"));
    } else {
      same(mlp + "gate.weight");
      same(mlp + "gate.e_score_correction_bias");
      std::vector<Tensor> gate_up, down;
      for (int64_t e = 0; e < sizes.mixture.experts; ++e) {
        const std::string expert = mlp + "experts." + std::to_string(e) + ".";
        gate_up.push_back(read_gate_up(file, expert));
        down.push_back(read_tensor(file, expert + "down_proj.weight"));
      }
      put_tensor(parameters, mlp + "experts.gate_up_proj", at::stack(gate_up));
      put_tensor(parameters, mlp + "experts.down_proj", at::stack(down));
      if (sizes.mixture.shared_width > 0) {
        put_tensor(parameters, mlp + "shared_experts.gate_up_proj.weight",
                   read_gate_up(file, mlp + "shared_experts."));
        put_tensor(parameters, mlp + "shared_experts.down_proj.weight",
                   read_tensor(file, mlp + "shared_experts.down_proj.weight"));
      }
    }
  }
}

void save_lm(const std::filesystem::path& directory, const Parameters& parameters,
             const LmSizes& sizes) {
  const MixtureSizes& mixture = sizes.mixture;
  Json json = {{"vocab_size", sizes.vocabulary},
               {"num_hidden_layers", sizes.layers},
               {"hidden_size", sizes.width},
               {"num_attention_heads", sizes.heads},
               {"num_key_value_heads", sizes.kv_heads},
               {"head_dim", sizes.head_size},
               {"intermediate_size", sizes.feed_forward},
               {"rms_norm_eps", sizes.norm_epsilon},
               {"rope_theta", sizes.rope_base},
               {"tie_word_embeddings", sizes.tied},
               {"max_position_embeddings", 8192},
               {"attention_bias", false},
               {"hidden_act", "silu"},
               {"torch_dtype", "float32"}};
  if (is_dense(sizes)) {
    if (sizes.qk_norm) {
      throw Error(ErrorCode::kInvalidArgument, "Llama's layout has no norms of queries and keys");
    }
    json["architectures"] = {"LlamaForCausalLM"};
    json["model_type"] = "llama";
  } else {
    if (mixture.gate != Gate::kSigmoid || mixture.shared_width == 0 ||
        mixture.shared_width % mixture.expert_width != 0) {
      throw Error(
          ErrorCode::kInvalidArgument,
          "Glm4Moe's layout needs a sigmoid gate and a shared expert as wide as a number of "
          "experts");
    }
    json["architectures"] = {"Glm4MoeForCausalLM"};
    json["model_type"] = "glm4_moe";
    json["partial_rotary_factor"] = 1.0;
    json["use_qk_norm"] = sizes.qk_norm;
    json["first_k_dense_replace"] = sizes.leading_dense;
    json["n_routed_experts"] = mixture.experts;
    json["n_shared_experts"] = mixture.shared_width / mixture.expert_width;
    json["num_experts_per_tok"] = mixture.top_k;
    json["moe_intermediate_size"] = mixture.expert_width;
    json["norm_topk_prob"] = mixture.normalize;
    json["routed_scaling_factor"] = mixture.scale;
    json["n_group"] = json["topk_group"] = 1;
  }
  std::vector<std::pair<std::string, Tensor>> tensors;
  const auto add_gate_up = [&](const std::string& name, const Tensor& both) {
    const int64_t width = both.size(0) / 2;
    tensors.emplace_back(name + "gate_proj.weight", both.narrow(0, 0, width));
    tensors.emplace_back(name + "up_proj.weight", both.narrow(0, width, width));
  };
  for (const Parameter& parameter : parameters.all()) {
    const Tensor value = parameter.value.detach();
    if (parameter.is_part()) {
      throw Error(ErrorCode::kInvalidArgument,
                  "'" + parameter.name + "' is here in part: export a checkpoint, which is whole");
    }
    const size_t gate_up = parameter.name.find("gate_up_proj");
    const size_t stacked = parameter.name.find("experts.gate_up_proj");
    const size_t down = parameter.name.find("experts.down_proj");
    if (value.dim() == 3 && stacked != std::string::npos) {
      for (int64_t e = 0; e < value.size(0); ++e) {
        add_gate_up(parameter.name.substr(0, stacked) + "experts." + std::to_string(e) + ".",
                    value[e]);
      }
    } else if (value.dim() == 3 && down != std::string::npos) {
      for (int64_t e = 0; e < value.size(0); ++e) {
        tensors.emplace_back(
            parameter.name.substr(0, down) + "experts." + std::to_string(e) + ".down_proj.weight",
            value[e]);
      }
    } else if (gate_up != std::string::npos) {
      add_gate_up(parameter.name.substr(0, gate_up), value);
    } else {
      tensors.emplace_back(parameter.name, value);
    }
  }
  std::filesystem::create_directories(directory);
  save_tensors(directory / "model.safetensors", tensors, {{"format", "pt"}});
  write_file_atomically(directory / "config.json", json.dump(1) + "\n");
}

}  // namespace myna::train
