#include "train/lm/token_shards.h"

#include <array>
#include <nlohmann/json.hpp>
#include <sstream>

#include "base/error.h"
#include "base/file.h"
#include "base/sha256.h"
#include "train/core/shard_file.h"

namespace myna::train {
namespace {

constexpr const char* kFormat = "myna-tokens-1";

}  // namespace

TokenShard parse_token_shard(const SafetensorsFile& safetensors) {
  const ShardFile file(safetensors, "myna-train tokens");
  if (file.metadata("format") != kFormat) file.corrupt("it is of another format");
  TokenShard shard;
  shard.split = file.metadata("split");
  const auto kind = safetensors.metadata().find("kind");
  shard.pairs = kind != safetensors.metadata().end() && kind->second == "pairs";
  const std::string vocabulary = file.metadata("vocabulary");
  shard.vocabulary = std::atoll(vocabulary.c_str());
  if (shard.vocabulary < 1 || shard.vocabulary > INT32_MAX) {
    file.corrupt("a vocabulary of '" + vocabulary + "'");
  }
  const auto tokens = file.whole<int32_t>("tokens");
  const auto learned = file.whole<uint8_t>("learned");
  const auto documents = file.whole<int64_t>("documents");
  if (learned.size() != tokens.size()) file.corrupt("tokens and learned differ in length");
  for (const int32_t token : tokens) {
    if (token < 0 || token >= shard.vocabulary) file.corrupt("no token " + std::to_string(token));
  }
  if (documents.empty() || documents.front() != 0 ||
      documents.back() != static_cast<int64_t>(tokens.size())) {
    file.corrupt("documents do not cover the tokens");
  }
  if (shard.pairs && documents.size() % 2 == 0) file.corrupt("a document has no partner");
  for (size_t i = 0; i + 1 < documents.size(); ++i) {
    if (documents[i + 1] <= documents[i] || documents[i + 1] > documents.back()) {
      file.corrupt("documents are not in order");
    }
    const auto begin = static_cast<size_t>(documents[i]);
    const auto count = static_cast<size_t>(documents[i + 1] - documents[i]);
    shard.documents.push_back({tokens.subspan(begin, count), learned.subspan(begin, count)});
  }
  return shard;
}

TokenShardWriter::TokenShardWriter(std::filesystem::path directory, int64_t vocabulary,
                                   size_t shard_tokens)
    : directory_(std::move(directory)), vocabulary_(vocabulary), shard_tokens_(shard_tokens) {
  std::filesystem::create_directories(directory_);
}

void TokenShardWriter::set_kind(const char* kind) {
  if (!kind_.empty() && kind_ != kind) {
    throw Error(ErrorCode::kInvalidArgument,
                "pairs of answers and plain documents cannot be in one corpus");
  }
  kind_ = kind;
}

void TokenShardWriter::add(const std::string& split, std::span<const int32_t> tokens,
                           std::span<const uint8_t> learned) {
  set_kind("documents");
  if (tokens.empty()) return;
  put(split, {tokens, learned});
  flush_full(split);
}

void TokenShardWriter::add_pair(const std::string& split, const TokenDocument& chosen,
                                const TokenDocument& rejected) {
  set_kind("pairs");
  put(split, chosen);
  put(split, rejected);
  flush_full(split);
}

void TokenShardWriter::put(const std::string& split, const TokenDocument& document) {
  Open& open = open_[split];
  open.tokens.insert(open.tokens.end(), document.tokens.begin(), document.tokens.end());
  open.learned.insert(open.learned.end(), document.learned.begin(), document.learned.end());
  open.documents.push_back(static_cast<int64_t>(open.tokens.size()));
}

void TokenShardWriter::flush_full(const std::string& split) {
  if (open_[split].tokens.size() >= shard_tokens_) flush(split);
}

void TokenShardWriter::flush(const std::string& split) {
  Open& open = open_[split];
  if (open.tokens.empty()) return;
  std::string name = std::to_string(shards_++);
  name = "shard-" + std::string(name.size() < 5 ? 5 - name.size() : 0, '0') + name + ".safetensors";
  const std::array<NamedTensor, 3> tensors = {
      NamedTensor{"tokens", TensorView::of<int32_t>(open.tokens, Shape{open.tokens.size()})},
      NamedTensor{"learned", TensorView::of<uint8_t>(open.learned, Shape{open.learned.size()})},
      NamedTensor{"documents",
                  TensorView::of<int64_t>(open.documents, Shape{open.documents.size()})}};
  write_safetensors(directory_ / name, tensors,
                    {{"format", kFormat},
                     {"kind", kind_},
                     {"split", split},
                     {"vocabulary", std::to_string(vocabulary_)}});
  manifest_ += nlohmann::json{{"file", name},
                              {"sha256", sha256_file_hex(directory_ / name)},
                              {"tokens", open.tokens.size()}}
                   .dump() +
               "\n";
  open = {};
}

void TokenShardWriter::finish(const std::string& sources) {
  for (const auto& [split, open] : open_) flush(split);
  write_file_atomically(directory_ / "sources.txt", sources);
  write_file_atomically(directory_ / "manifest.jsonl", manifest_);
}

TokenShards::TokenShards(const std::filesystem::path& directory) {
  std::istringstream lines(read_file(directory / "manifest.jsonl"));
  for (std::string line; std::getline(lines, line);) {
    if (line.empty()) continue;
    try {
      const auto entry = nlohmann::json::parse(line);
      const std::filesystem::path name = entry.at("file").get<std::string>();
      if (name.has_parent_path()) {
        throw Error(ErrorCode::kCorruptData, "a shard lies outside of its directory");
      }
      if (sha256_file_hex(directory / name) != entry.at("sha256").get<std::string>()) {
        throw Error(ErrorCode::kCorruptData, name.string() + ": the hash is not the recorded one");
      }
      SafetensorsFile file = SafetensorsFile::open(directory / name);
      const TokenShard shard = parse_token_shard(file);
      if (vocabulary_ != 0 && shard.vocabulary != vocabulary_) {
        throw Error(ErrorCode::kCorruptData, name.string() + " is of another tokenizer");
      }
      if (!files_.empty() && shard.pairs != pairs_) {
        throw Error(ErrorCode::kCorruptData, name.string() + " is of another kind");
      }
      vocabulary_ = shard.vocabulary;
      pairs_ = shard.pairs;
      auto& documents = shard.split == "validation" ? validation_ : training_;
      documents.insert(documents.end(), shard.documents.begin(), shard.documents.end());
      files_.push_back(std::move(file));
    } catch (const std::exception& error) {
      skipped_.emplace_back(error.what());
    }
  }
  if (training_.empty()) {
    throw Error(ErrorCode::kCorruptData, directory.string() + " has no usable training documents",
                skipped_.empty() ? "" : skipped_.front());
  }
}

}  // namespace myna::train
