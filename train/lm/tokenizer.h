// Byte-level byte-pair encoding (Sennrich et al., arXiv 1508.07909; byte level as in GPT-2): the
// trainer, and encoding and decoding. Any bytes can be encoded, and decoding gives them back.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "train/lm/pretokenizer.h"

namespace myna::train {

using Token = int32_t;

class Tokenizer {
 public:
  struct Merge {
    Token left, right;  // the merged token is the next id
  };

  // Ids: the special tokens, the 256 bytes in GPT-2's order, then a token a merge.
  Tokenizer(std::vector<std::string> special, std::vector<Merge> merges, Digits digits);
  // A Hugging Face tokenizer.json of a byte-level BPE, whatever its ids. Throws Error kCorruptData
  // for what is none, or would not give back what it encodes.
  static Tokenizer load(const std::filesystem::path& path);
  // The same of its content; `name` stands for the file in messages.
  static Tokenizer parse(std::string_view json, const std::string& name);
  // As tokenizer.json; Hugging Face's tokenizers read it and encode alike.
  void save(const std::filesystem::path& path) const;

  size_t size() const { return bytes_of_.size(); }
  // Throws Error kInvalidArgument for a name that is no special token.
  Token special(std::string_view name) const;
  const std::vector<std::pair<std::string, Token>>& specials() const { return specials_; }

  // Special tokens in the text are text. Safe from many threads.
  std::vector<Token> encode(std::string_view text) const;
  // Special tokens give nothing. Throws Error kInvalidArgument for an id that is not there.
  std::string decode(std::span<const Token> tokens) const;
  const std::string& bytes_of(Token token) const {
    return bytes_of_.at(static_cast<size_t>(token));
  }

 private:
  Tokenizer() = default;
  struct Rank {
    uint32_t rank;
    Token merged;
  };
  void encode_piece(std::string_view piece, std::vector<Token>& out) const;

  Digits digits_ = Digits::kTogether;
  std::vector<std::pair<std::string, Token>> specials_;
  std::vector<std::string> bytes_of_;  // empty for special tokens
  std::vector<Token> byte_token_;      // [256]
  std::vector<Merge> merges_;
  std::unordered_map<uint64_t, Rank> ranks_;  // left << 32 | right
};

struct TokenizerTraining {
  size_t vocabulary = 4096;  // special tokens and bytes included
  uint64_t min_frequency = 2;
  std::vector<std::string> special = {"<|endoftext|>"};
  Digits digits = Digits::kTogether;
};

// Counts pieces of text, then merges the most frequent pair again and again; of equally frequent
// ones the one with the smaller ids, as Hugging Face's trainer does.
class TokenizerTrainer {
 public:
  explicit TokenizerTrainer(TokenizerTraining settings) : settings_(std::move(settings)) {}
  void add(std::string_view text);
  // Throws Error kInvalidArgument when the vocabulary has no room for bytes and special tokens.
  Tokenizer train() const;

 private:
  TokenizerTraining settings_;
  std::unordered_map<std::string, uint64_t> counts_;
};

}  // namespace myna::train
