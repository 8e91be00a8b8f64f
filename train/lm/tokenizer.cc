#include "train/lm/tokenizer.h"

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>
#include <optional>
#include <queue>

#include "base/error.h"
#include "base/file.h"

namespace myna::train {
namespace {

using Json = nlohmann::json;

uint64_t key_of(Token left, Token right) {
  return static_cast<uint64_t>(static_cast<uint32_t>(left)) << 32 | static_cast<uint32_t>(right);
}

bool keeps_its_code(int byte) {
  return (byte >= 33 && byte <= 126) || (byte >= 161 && byte <= 172) || byte >= 174;
}

// GPT-2 writes each byte as a character that can be seen: most as themselves, the others from
// U+0100 on.
const std::array<char32_t, 256>& visible_characters() {
  static const std::array<char32_t, 256> table = [] {
    std::array<char32_t, 256> made{};
    char32_t next = 256;
    for (int byte = 0; byte < 256; ++byte) {
      made[static_cast<size_t>(byte)] = keeps_its_code(byte) ? static_cast<char32_t>(byte) : next++;
    }
    return made;
  }();
  return table;
}

// Bytes by the code of their character: the order of ids.
std::array<uint8_t, 256> bytes_in_order() {
  std::array<uint8_t, 256> order{};
  for (size_t i = 0; i < 256; ++i) order[i] = static_cast<uint8_t>(i);
  std::sort(order.begin(), order.end(),
            [](uint8_t a, uint8_t b) { return visible_characters()[a] < visible_characters()[b]; });
  return order;
}

std::string visible(std::string_view bytes) {
  std::string text;
  for (const char byte : bytes) {
    const char32_t c = visible_characters()[static_cast<uint8_t>(byte)];
    if (c < 0x80) {
      text += static_cast<char>(c);
    } else {  // at most U+0143
      text += static_cast<char>(0xC0 | c >> 6);
      text += static_cast<char>(0x80 | (c & 0x3F));
    }
  }
  return text;
}

// Nothing for a text that has other characters.
std::optional<std::string> from_visible(const std::string& text) {
  static const std::unordered_map<char32_t, char> table = [] {
    std::unordered_map<char32_t, char> made;
    for (int byte = 0; byte < 256; ++byte) {
      made[visible_characters()[static_cast<size_t>(byte)]] = static_cast<char>(byte);
    }
    return made;
  }();
  std::string bytes;
  for (size_t i = 0; i < text.size(); ++i) {
    auto c = static_cast<char32_t>(static_cast<uint8_t>(text[i]));
    if (c >= 0x80) {
      // Of two bytes, as far as the table goes.
      if (c < 0xC2 || c > 0xC5 || i + 1 == text.size()) return std::nullopt;
      c = (c & 0x1F) << 6 | (static_cast<char32_t>(text[++i]) & 0x3F);
    }
    const auto found = table.find(c);
    if (found == table.end()) return std::nullopt;
    bytes += found->second;
  }
  return bytes;
}

}  // namespace

Tokenizer::Tokenizer(std::vector<std::string> special, std::vector<Merge> merges, Digits digits)
    : digits_(digits), byte_token_(256), merges_(std::move(merges)) {
  for (std::string& name : special) {
    specials_.emplace_back(std::move(name), static_cast<Token>(bytes_of_.size()));
    bytes_of_.emplace_back();
  }
  for (const uint8_t byte : bytes_in_order()) {
    byte_token_[byte] = static_cast<Token>(bytes_of_.size());
    bytes_of_.emplace_back(1, static_cast<char>(byte));
  }
  for (size_t i = 0; i < merges_.size(); ++i) {
    const Merge& merge = merges_[i];
    ranks_.emplace(key_of(merge.left, merge.right),
                   Rank{static_cast<uint32_t>(i), static_cast<Token>(bytes_of_.size())});
    bytes_of_.push_back(bytes_of_.at(static_cast<size_t>(merge.left)) +
                        bytes_of_.at(static_cast<size_t>(merge.right)));
  }
}

Tokenizer Tokenizer::load(const std::filesystem::path& path) {
  return parse(read_file(path, size_t{64} << 20), path.string());
}

Tokenizer Tokenizer::parse(std::string_view text, const std::string& name) {
  const auto fail = [&](const std::string& why) {
    throw Error(ErrorCode::kCorruptData, name + ": " + why,
                "it takes a Hugging Face tokenizer.json of a byte-level BPE");
  };
  const Json json = Json::parse(text, nullptr, false);
  if (!json.is_object() || !json.contains("model") || !json["model"].contains("vocab") ||
      !json["model"].contains("merges") || !json["model"]["vocab"].is_object() ||
      !json["model"]["merges"].is_array()) {
    fail("there are no vocabulary and merges");
  }
  const auto id_of = [&](const Json& value) {
    if (!value.is_number_integer() || value < 0 || value >= (int64_t{1} << 22)) {
      fail("an id is " + value.dump());
    }
    return value.get<Token>();
  };
  try {
    Tokenizer tokenizer;
    const Json& vocabulary = json["model"]["vocab"];
    const Json added_tokens = json.value("added_tokens", Json::array());
    Token last = -1;
    for (const auto& [token, id] : vocabulary.items()) last = std::max(last, id_of(id));
    for (const Json& added : added_tokens) last = std::max(last, id_of(added.at("id")));
    tokenizer.bytes_of_.resize(static_cast<size_t>(last) + 1);
    std::vector<bool> taken(tokenizer.bytes_of_.size()), special(taken);
    for (const Json& added : added_tokens) {
      const Token id = id_of(added.at("id"));
      if (special[static_cast<size_t>(id)])
        fail("two added tokens have the id " + std::to_string(id));
      special[static_cast<size_t>(id)] = true;
      tokenizer.specials_.emplace_back(added.at("content").get<std::string>(), id);
    }
    for (const auto& [token, id_json] : vocabulary.items()) {
      const auto id = static_cast<size_t>(id_of(id_json));
      if (special[id]) continue;
      if (taken[id]) fail("two tokens have the id " + std::to_string(id));
      taken[id] = true;
      const auto bytes = from_visible(token);
      if (!bytes || bytes->empty())
        fail("'" + token + "' is not a token of a byte-level tokenizer");
      tokenizer.bytes_of_[id] = *bytes;
    }
    const auto plain_id = [&](const std::string& token) {
      const Token id = id_of(vocabulary.at(token));
      if (special[static_cast<size_t>(id)])
        fail("a merge makes use of the added token '" + token + "'");
      return id;
    };
    tokenizer.byte_token_.resize(256);
    for (int byte = 0; byte < 256; ++byte) {
      const std::string token = visible(std::string(1, static_cast<char>(byte)));
      // Some vocabularies lack bytes that no UTF-8 has.
      const bool known = vocabulary.contains(token) && !special[vocabulary[token].get<size_t>()];
      tokenizer.byte_token_[static_cast<size_t>(byte)] = known ? plain_id(token) : Token{-1};
    }
    for (const Json& merge : json["model"]["merges"]) {
      std::string left, right;
      if (merge.is_array()) {
        left = merge.at(0).get<std::string>();
        right = merge.at(1).get<std::string>();
      } else {
        const auto both = merge.get<std::string>();
        const size_t space = both.find(' ');
        if (space == std::string::npos) fail("the merge '" + both + "' is of one token");
        left = both.substr(0, space);
        right = both.substr(space + 1);
      }
      const Merge ids{plain_id(left), plain_id(right)};
      tokenizer.ranks_.emplace(
          key_of(ids.left, ids.right),
          Rank{static_cast<uint32_t>(tokenizer.merges_.size()), plain_id(left + right)});
      tokenizer.merges_.push_back(ids);
    }
    const std::string cuts = json.value("pre_tokenizer", Json()).dump();
    tokenizer.digits_ = cuts.find("\"individual_digits\":true") != std::string::npos
                            ? Digits::kSingle
                            : Digits::kTogether;
    return tokenizer;
  } catch (const Json::exception& error) {
    fail(error.what());
  }
  throw Error(ErrorCode::kInternal, "not reached");
}

void Tokenizer::save(const std::filesystem::path& path) const {
  Json vocabulary = Json::object();
  for (size_t id = 0; id < bytes_of_.size(); ++id) {
    if (!bytes_of_[id].empty()) vocabulary[visible(bytes_of_[id])] = id;
  }
  Json added = Json::array();
  for (const auto& [name, id] : specials_) {
    vocabulary[name] = id;
    added.push_back({{"id", id},
                     {"content", name},
                     {"single_word", false},
                     {"lstrip", false},
                     {"rstrip", false},
                     {"normalized", false},
                     {"special", true}});
  }
  Json merges = Json::array();
  for (const Merge& merge : merges_) {
    merges.push_back({visible(bytes_of(merge.left)), visible(bytes_of(merge.right))});
  }
  const Json byte_level = {{"type", "ByteLevel"},
                           {"add_prefix_space", false},
                           {"trim_offsets", true},
                           {"use_regex", true}};
  Json cuts = byte_level;
  if (digits_ == Digits::kSingle) {
    cuts = {{"type", "Sequence"},
            {"pretokenizers",
             Json::array({Json{{"type", "Digits"}, {"individual_digits", true}}, byte_level})}};
  }
  const Json json = {{"version", "1.0"},
                     {"truncation", nullptr},
                     {"padding", nullptr},
                     {"added_tokens", added},
                     {"normalizer", nullptr},
                     {"pre_tokenizer", cuts},
                     {"post_processor", nullptr},
                     {"decoder", byte_level},
                     {"model",
                      {{"type", "BPE"},
                       {"dropout", nullptr},
                       {"unk_token", nullptr},
                       {"continuing_subword_prefix", nullptr},
                       {"end_of_word_suffix", nullptr},
                       {"fuse_unk", false},
                       {"byte_fallback", false},
                       {"ignore_merges", false},
                       {"vocab", vocabulary},
                       {"merges", merges}}}};
  write_file_atomically(path, json.dump(1) + "\n");
}

Token Tokenizer::special(std::string_view name) const {
  for (const auto& [known, id] : specials_) {
    if (known == name) return id;
  }
  throw Error(ErrorCode::kInvalidArgument,
              "the tokenizer has no special token '" + std::string(name) + "'");
}

// Merges by rank, left to right among equals, in a linked list with a heap of candidates: time
// n log n, as a text without a space may be one piece.
void Tokenizer::encode_piece(std::string_view piece, std::vector<Token>& out) const {
  struct Node {
    Token token;
    int32_t previous, next;  // -1: none
  };
  struct Candidate {
    uint32_t rank;
    int32_t left;
    Token merged;
    Token left_token, right_token;  // as they were: later changes make it void
    bool operator>(const Candidate& other) const {
      return rank != other.rank ? rank > other.rank : left > other.left;
    }
  };
  std::vector<Node> nodes(piece.size());
  for (size_t i = 0; i < piece.size(); ++i) {
    const Token token = byte_token_[static_cast<uint8_t>(piece[i])];
    if (token < 0) {
      throw Error(ErrorCode::kInvalidArgument, "the tokenizer has no token for a byte of the text");
    }
    nodes[i] = {token, static_cast<int32_t>(i) - 1,
                i + 1 < piece.size() ? static_cast<int32_t>(i) + 1 : -1};
  }
  std::priority_queue<Candidate, std::vector<Candidate>, std::greater<>> candidates;
  const auto consider = [&](int32_t left) {
    if (left < 0 || nodes[static_cast<size_t>(left)].next < 0) return;
    const Node& node = nodes[static_cast<size_t>(left)];
    const Token right = nodes[static_cast<size_t>(node.next)].token;
    const auto found = ranks_.find(key_of(node.token, right));
    if (found == ranks_.end()) return;
    candidates.push({found->second.rank, left, found->second.merged, node.token, right});
  };
  for (size_t i = 0; i + 1 < nodes.size(); ++i) consider(static_cast<int32_t>(i));
  while (!candidates.empty()) {
    const Candidate best = candidates.top();
    candidates.pop();
    Node& left = nodes[static_cast<size_t>(best.left)];
    if (left.token != best.left_token || left.next < 0) continue;
    Node& right = nodes[static_cast<size_t>(left.next)];
    if (right.token != best.right_token) continue;
    left.token = best.merged;
    right.token = -1;
    left.next = right.next;
    if (left.next >= 0) nodes[static_cast<size_t>(left.next)].previous = best.left;
    consider(left.previous);
    consider(best.left);
  }
  for (int32_t at = 0; at >= 0; at = nodes[static_cast<size_t>(at)].next) {
    out.push_back(nodes[static_cast<size_t>(at)].token);
  }
}

std::vector<Token> Tokenizer::encode(std::string_view text) const {
  std::vector<Token> tokens;
  tokens.reserve(text.size() / 3);
  // Most pieces are words that came before.
  std::unordered_map<std::string_view, std::pair<uint32_t, uint32_t>> known;  // where in `tokens`
  pretokenize(text, digits_, [&](std::string_view piece) {
    const auto found = known.find(piece);
    if (found != known.end()) {
      const auto [begin, count] = found->second;
      for (uint32_t i = 0; i < count; ++i) tokens.push_back(tokens[begin + i]);
      return;
    }
    const size_t begin = tokens.size();
    encode_piece(piece, tokens);
    if (piece.size() < 64) {
      known.emplace(piece, std::pair(static_cast<uint32_t>(begin),
                                     static_cast<uint32_t>(tokens.size() - begin)));
    }
  });
  return tokens;
}

std::string Tokenizer::decode(std::span<const Token> tokens) const {
  std::string text;
  for (const Token token : tokens) {
    if (token < 0 || static_cast<size_t>(token) >= bytes_of_.size()) {
      throw Error(ErrorCode::kInvalidArgument, "there is no token " + std::to_string(token));
    }
    text += bytes_of(token);
  }
  return text;
}

void TokenizerTrainer::add(std::string_view text) {
  pretokenize(text, settings_.digits,
              [&](std::string_view piece) { ++counts_[std::string(piece)]; });
}

namespace {

// A distinct piece of text as tokens, and how often it came.
struct CountedPiece {
  std::vector<Token> tokens;
  int64_t count = 0;
};

class PairCounts {
 public:
  void change(Token left, Token right, int64_t by, size_t piece) {
    Entry& entry = entries_[key_of(left, right)];
    entry.count += by;
    if (by > 0) {
      if (entry.pieces.empty() || entry.pieces.back() != piece) entry.pieces.push_back(piece);
      touched_.push_back(key_of(left, right));
    }
  }
  // The changed pairs become candidates again.
  void flush() {
    std::sort(touched_.begin(), touched_.end());
    touched_.erase(std::unique(touched_.begin(), touched_.end()), touched_.end());
    for (const uint64_t key : touched_) queue_.push({entries_[key].count, key});
    touched_.clear();
  }
  // The most frequent pair with its pieces; nothing below `least`.
  bool take(int64_t least, uint64_t& key, std::vector<size_t>& pieces) {
    while (!queue_.empty()) {
      const Candidate best = queue_.top();
      queue_.pop();
      Entry& entry = entries_[best.key];
      if (entry.count != best.count) {
        if (entry.count > 0) queue_.push({entry.count, best.key});
        continue;
      }
      if (best.count < std::max<int64_t>(1, least)) return false;
      key = best.key;
      pieces = std::move(entry.pieces);
      entry.pieces.clear();
      entry.count = 0;
      std::sort(pieces.begin(), pieces.end());
      pieces.erase(std::unique(pieces.begin(), pieces.end()), pieces.end());
      return true;
    }
    return false;
  }

 private:
  struct Entry {
    int64_t count = 0;
    std::vector<size_t> pieces;  // where it may occur
  };
  struct Candidate {
    int64_t count;
    uint64_t key;
    bool operator<(const Candidate& other) const {
      return count != other.count ? count < other.count : key > other.key;
    }
  };
  std::unordered_map<uint64_t, Entry> entries_;
  std::vector<uint64_t> touched_;
  std::priority_queue<Candidate> queue_;
};

void merge_in(CountedPiece& piece, size_t index, Token left, Token right, Token merged,
              PairCounts& pairs) {
  std::vector<Token>& tokens = piece.tokens;
  size_t to = 0;
  for (size_t from = 0; from < tokens.size(); ++to) {
    if (from + 1 < tokens.size() && tokens[from] == left && tokens[from + 1] == right) {
      if (to > 0) {
        pairs.change(tokens[to - 1], left, -piece.count, index);
        pairs.change(tokens[to - 1], merged, piece.count, index);
      }
      if (from + 2 < tokens.size()) {
        pairs.change(right, tokens[from + 2], -piece.count, index);
        pairs.change(merged, tokens[from + 2], piece.count, index);
      }
      tokens[to] = merged;
      from += 2;
    } else {
      tokens[to] = tokens[from++];
    }
  }
  tokens.resize(to);
}

}  // namespace

Tokenizer TokenizerTrainer::train() const {
  const size_t fixed = settings_.special.size() + 256;
  if (settings_.vocabulary < fixed) {
    throw Error(ErrorCode::kInvalidArgument,
                "a vocabulary of " + std::to_string(settings_.vocabulary) +
                    " has no room for 256 bytes and " + std::to_string(settings_.special.size()) +
                    " special tokens");
  }
  std::array<Token, 256> byte_token{};
  const std::array<uint8_t, 256> order = bytes_in_order();
  for (size_t i = 0; i < 256; ++i) {
    byte_token[order[i]] = static_cast<Token>(settings_.special.size() + i);
  }
  std::vector<CountedPiece> pieces;
  PairCounts pairs;
  for (const auto& [text, count] : counts_) {
    CountedPiece piece;
    piece.count = static_cast<int64_t>(count);
    for (const char byte : text) piece.tokens.push_back(byte_token[static_cast<uint8_t>(byte)]);
    for (size_t i = 0; i + 1 < piece.tokens.size(); ++i) {
      pairs.change(piece.tokens[i], piece.tokens[i + 1], piece.count, pieces.size());
    }
    pieces.push_back(std::move(piece));
  }
  pairs.flush();
  std::vector<Tokenizer::Merge> merges;
  uint64_t key = 0;
  std::vector<size_t> where;
  while (fixed + merges.size() < settings_.vocabulary &&
         pairs.take(static_cast<int64_t>(settings_.min_frequency), key, where)) {
    const auto left = static_cast<Token>(key >> 32), right = static_cast<Token>(key & 0xFFFFFFFF);
    const auto merged = static_cast<Token>(fixed + merges.size());
    merges.push_back({left, right});
    for (const size_t index : where) merge_in(pieces[index], index, left, right, merged, pairs);
    pairs.flush();
  }
  return {settings_.special, std::move(merges), settings_.digits};
}

}  // namespace myna::train
