// Training text as tokens: files of documents one after another, mapped into memory.
//
// A corpus is a directory with manifest.jsonl, a line {"file", "sha256", "tokens"} a shard, and
// tokenizer.json. A shard is a safetensors file (metadata: format "myna-tokens-1", vocabulary,
// split, sources) of
//   tokens     I32 [N]
//   learned    U8 [N]    1: a token that the model is to predict, 0: context only (a prompt)
//   documents  I64 [D + 1]  where each begins, and N
// With metadata kind "pairs" documents come in twos: an answer that was preferred to the next one.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <span>
#include <string>
#include <vector>

#include "weights/safetensors.h"

namespace myna::train {

struct TokenDocument {
  std::span<const int32_t> tokens;
  std::span<const uint8_t> learned;
};

// Whatever the bytes are: documents lie inside of the file and tokens in the vocabulary, or Error
// kCorruptData is thrown. Views live as long as the file.
struct TokenShard {
  int64_t vocabulary = 0;
  std::string split;  // "train" or "validation"
  bool pairs = false;
  std::vector<TokenDocument> documents;
};
TokenShard parse_token_shard(const SafetensorsFile& file);

// Writes a corpus: shards of about `shard_tokens`, then the manifest.
class TokenShardWriter {
 public:
  TokenShardWriter(std::filesystem::path directory, int64_t vocabulary,
                   size_t shard_tokens = size_t{1} << 22);
  void add(const std::string& split, std::span<const int32_t> tokens,
           std::span<const uint8_t> learned);
  // Throws Error kInvalidArgument when there were plain documents before; so does add() after it.
  void add_pair(const std::string& split, const TokenDocument& chosen,
                const TokenDocument& rejected);
  void finish(const std::string& sources);

 private:
  struct Open {
    std::vector<int32_t> tokens;
    std::vector<uint8_t> learned;
    std::vector<int64_t> documents{0};
  };
  void put(const std::string& split, const TokenDocument& document);
  void flush_full(const std::string& split);
  void flush(const std::string& split);
  void set_kind(const char* kind);

  std::filesystem::path directory_;
  int64_t vocabulary_;
  size_t shard_tokens_;
  std::string manifest_, kind_;
  std::map<std::string, Open> open_;
  int shards_ = 0;
};

// Immutable after construction; safe from many threads.
class TokenShards {
 public:
  // Every shard of the manifest whose hash is right; the others are left out and counted. Throws
  // Error kNotFound without a manifest, kCorruptData when nothing usable is left; a shard
  // of another vocabulary or kind than the first is left out, too.
  explicit TokenShards(const std::filesystem::path& directory);

  int64_t vocabulary() const { return vocabulary_; }
  const std::vector<TokenDocument>& training() const { return training_; }
  const std::vector<TokenDocument>& validation() const { return validation_; }
  const std::vector<std::string>& skipped() const { return skipped_; }
  size_t shard_count() const { return files_.size(); }
  bool pairs() const { return pairs_; }

 private:
  std::vector<SafetensorsFile> files_;
  std::vector<TokenDocument> training_, validation_;
  std::vector<std::string> skipped_;
  int64_t vocabulary_ = 0;
  bool pairs_ = false;
};

}  // namespace myna::train
