#include "train/core/checkpoint.h"

#include <cstring>
#include <nlohmann/json.hpp>

#include "base/error.h"
#include "base/file.h"
#include "base/sha256.h"
#include "weights/safetensors.h"

namespace myna::train {
namespace {

constexpr size_t kKept = 2;

NamedTensor view_of(const std::string& name, const Tensor& tensor) {
  std::vector<size_t> dims;
  for (const int64_t size : tensor.sizes()) dims.push_back(static_cast<size_t>(size));
  const Shape shape{std::span<const size_t>(dims)};
  const auto count = static_cast<size_t>(tensor.numel());
  if (tensor.scalar_type() == at::kLong) {
    return {name, TensorView::of<int64_t>({tensor.data_ptr<int64_t>(), count}, shape)};
  }
  return {name, TensorView::of<float>({tensor.data_ptr<float>(), count}, shape)};
}

// Rows from `begin` on of a tensor that has `whole` of them in the file.
void read_into(const SafetensorsFile& file, const std::string& name, Tensor target, int64_t begin,
               int64_t whole) {
  std::vector<int64_t> sizes = target.sizes().vec();
  const int64_t count = sizes[0];
  sizes[0] = whole;
  const std::vector<size_t> dims(sizes.begin(), sizes.end());
  const auto values = file.values<float>(name, Shape{std::span<const size_t>(dims)});
  at::NoGradGuard no_grad;
  target.copy_(
      at::from_blob(const_cast<float*>(values.data()), sizes, at::kFloat).narrow(0, begin, count));
}

// [{file, sha256, step}], newest first; empty when there is none.
nlohmann::json read_latest(const std::filesystem::path& directory) {
  const std::filesystem::path path = directory / "latest.json";
  if (!std::filesystem::exists(path)) return nlohmann::json::array();
  const auto entries = nlohmann::json::parse(read_file(path, 1 << 20), nullptr, false);
  if (!entries.is_array()) {
    throw Error(ErrorCode::kCorruptData, path.string() + " is not a list of checkpoints",
                "remove it to begin anew");
  }
  return entries;
}

CheckpointInfo info_of(const SafetensorsFile& file, const std::filesystem::path& path) {
  const auto step = file.metadata().find("step");
  const auto settings = file.metadata().find("settings");
  if (step == file.metadata().end() || settings == file.metadata().end()) {
    throw Error(ErrorCode::kCorruptData, path.string() + " is no checkpoint");
  }
  return {std::stoll(step->second), settings->second, path};
}

// Whether the file is the one that was written.
bool is_sound(const std::filesystem::path& path, const nlohmann::json& entry,
              std::vector<std::string>& problems) {
  try {
    if (sha256_file_hex(path) == entry.value("sha256", "")) return true;
    problems.push_back(path.string() + ": the hash is not the recorded one");
  } catch (const Error& error) {
    problems.push_back(error.what());
  }
  return false;
}

// A parameter that the file's model did not have yet, and that does nothing as long as it is zero.
bool is_new(const SafetensorsFile& file, const Parameter& parameter) {
  return !file.find("value." + parameter.name) &&
         parameter.value.count_nonzero().item<int64_t>() == 0;
}

// It is what was written: another model is an error, not a reason to go back.
CheckpointInfo load(const std::filesystem::path& path, Parameters& parameters, Optimizer& optimizer,
                    std::vector<std::string>& problems) {
  const SafetensorsFile file = SafetensorsFile::open(path);
  for (size_t i = 0; i < parameters.all().size(); ++i) {
    const Parameter& parameter = parameters.all()[i];
    OptimizerState& state = optimizer.states()[i];
    if (is_new(file, parameter)) {
      problems.push_back(path.string() + " has no '" + parameter.name + "': it begins at zero");
      continue;
    }
    const Rows own = optimizer.shares().own(i);
    const auto read = [&](const char* what, const Tensor& target) {
      read_into(file, what + parameter.name, target, own.begin, parameter.whole);
    };
    read_into(file, "value." + parameter.name, parameter.value, parameter.begin, parameter.whole);
    read("ema.", state.ema);
    read("mean.", state.mean);
    if (state.square.defined()) read("square.", state.square);
  }
  return info_of(file, path);
}

}  // namespace

void save_tensors(const std::filesystem::path& path,
                  const std::vector<std::pair<std::string, Tensor>>& tensors,
                  const std::map<std::string, std::string>& metadata) {
  std::vector<Tensor> kept;
  std::vector<NamedTensor> views;
  for (const auto& [name, tensor] : tensors) {
    kept.push_back(tensor.detach().to(at::kCPU).contiguous());
    if (kept.back().scalar_type() != at::kLong) kept.back() = kept.back().to(at::kFloat);
    views.push_back(view_of(name, kept.back()));
  }
  write_safetensors(path, views, metadata);
}

void save_checkpoint(const std::filesystem::path& directory, const Parameters& parameters,
                     const Optimizer& optimizer, const CheckpointInfo& info) {
  const Shares& shares = optimizer.shares();
  std::vector<std::pair<std::string, Tensor>> tensors;
  bool first = true;
  for (size_t i = 0; i < parameters.all().size(); ++i) {
    const Parameter& parameter = parameters.all()[i];
    const OptimizerState& state = optimizer.states()[i];
    const auto add = [&](const char* what, const Tensor& own) {
      const Tensor whole = shares.whole(i, own);
      first = whole.defined();
      if (first) tensors.emplace_back(what + parameter.name, whole);
    };
    add("value.", shares.own_rows(i, parameter.value.detach()));
    add("ema.", state.ema);
    add("mean.", state.mean);
    if (state.square.defined()) add("square.", state.square);
  }
  if (!first) return;
  const std::string name = "step-" + std::to_string(info.step) + ".safetensors";
  save_tensors(directory / name, tensors,
               {{"step", std::to_string(info.step)}, {"settings", info.settings}});
  nlohmann::json entries = nlohmann::json::array();
  entries.push_back(
      {{"file", name}, {"sha256", sha256_file_hex(directory / name)}, {"step", info.step}});
  std::vector<std::string> removed;
  for (const auto& entry : read_latest(directory)) {
    const std::string old = entry.value("file", "");
    if (old == name) continue;
    if (entries.size() < kKept) {
      entries.push_back(entry);
    } else {
      removed.push_back(old);
    }
  }
  write_file_atomically(directory / "latest.json", entries.dump(1) + "\n");
  for (const std::string& old : removed) {
    std::error_code ignored;
    std::filesystem::remove(directory / old, ignored);
  }
}

std::optional<CheckpointInfo> load_checkpoint(const std::filesystem::path& directory,
                                              Parameters& parameters, Optimizer& optimizer,
                                              std::vector<std::string>& problems) {
  const nlohmann::json entries = read_latest(directory);
  for (const auto& entry : entries) {
    const std::filesystem::path path = directory / entry.value("file", "?");
    if (is_sound(path, entry, problems)) return load(path, parameters, optimizer, problems);
  }
  if (entries.empty()) return std::nullopt;
  throw Error(ErrorCode::kCorruptData, "no sound checkpoint in '" + directory.string() + "'",
              problems.empty() ? "" : problems.front());
}

std::optional<CheckpointInfo> load_checkpoint_of(int64_t step,
                                                 const std::filesystem::path& directory,
                                                 Parameters& parameters, Optimizer& optimizer,
                                                 std::vector<std::string>& problems) {
  for (const auto& entry : read_latest(directory)) {
    const std::filesystem::path path = directory / entry.value("file", "?");
    if (entry.value("step", int64_t{-1}) != step) continue;
    if (is_sound(path, entry, problems)) return load(path, parameters, optimizer, problems);
  }
  return std::nullopt;
}

CheckpointInfo load_weights(const std::filesystem::path& file_path, Parameters& parameters,
                            bool ema) {
  const SafetensorsFile file = SafetensorsFile::open(file_path);
  for (const Parameter& parameter : parameters.all()) {
    if (is_new(file, parameter)) continue;
    read_into(file, (ema ? "ema." : "value.") + parameter.name, parameter.value, parameter.begin,
              parameter.whole);
  }
  return info_of(file, file_path);
}

}  // namespace myna::train
