#include "train/lm/corpus.h"

#include <cstdio>
#include <memory>
#include <nlohmann/json.hpp>

#include "base/error.h"
#include "base/file.h"
#include "train/core/draw.h"
#include "train/lm/token_shards.h"

namespace myna::train {
namespace {

using Json = nlohmann::json;

[[noreturn]] void corrupt(const std::filesystem::path& file, size_t line, const std::string& what) {
  throw Error(
      ErrorCode::kCorruptData, file.string() + ", line " + std::to_string(line) + ": " + what,
      "a line is {\"text\": ...}, {\"messages\": [{\"role\", \"content\"}, ...]} or either of "
      "messages and prompt with chosen and rejected");
}

CorpusDocument parse_line(const std::filesystem::path& file, size_t number, std::string_view line) {
  const Json json = Json::parse(line, nullptr, false);
  CorpusDocument document;
  try {
    if (json.contains("chosen") || json.contains("rejected")) {
      document.answers = {json.at("chosen").get<std::string>(),
                          json.at("rejected").get<std::string>()};
      if (document.answers->chosen == document.answers->rejected) {
        corrupt(file, number, "chosen and rejected are the same");
      }
      if (json.contains("prompt")) {
        document.messages.push_back({"user", json.at("prompt").get<std::string>()});
      }
    }
    if (json.contains("messages")) {
      for (const Json& message : json.at("messages")) {
        document.messages.push_back(
            {message.at("role").get<std::string>(), message.at("content").get<std::string>()});
        const std::string& role = document.messages.back().role;
        if (role != "system" && role != "user" && role != "assistant") {
          corrupt(file, number, "the role '" + role + "' is not known");
        }
      }
    } else if (!document.answers) {
      document.text = json.at("text").get<std::string>();
    }
    if (document.answers && document.messages.empty()) {
      corrupt(file, number, "two answers need a prompt or messages");
    }
  } catch (const Json::exception&) {
    corrupt(file, number, json.is_discarded() ? "it is not JSON" : "fields are missing");
  }
  return document;
}

// Lines of a file or of what xz makes of it, without holding all of it.
void for_each_line(const std::filesystem::path& file,
                   const std::function<void(std::string_view)>& take) {
  if (!std::filesystem::exists(file)) {
    throw Error(ErrorCode::kNotFound, "there is no file " + file.string());
  }
  std::FILE* stream = nullptr;
  const bool packed = file.extension() == ".xz";
  if (packed) {
    std::string quoted;
    for (const char c : std::filesystem::absolute(file).string()) {
      if (c == '\'') {
        quoted += "'\\''";
      } else {
        quoted += c;
      }
    }
    stream = popen(("xz -dc -- '" + quoted + "'").c_str(), "r");
  } else {
    stream = std::fopen(file.c_str(), "r");
  }
  if (stream == nullptr) throw Error(ErrorCode::kIo, "cannot read " + file.string());
  char* line = nullptr;
  size_t capacity = 0;
  int status = 0;
  const auto close = [&] {
    std::free(line);
    status = packed ? pclose(stream) : std::fclose(stream);
  };
  try {
    for (ssize_t size = 0; (size = getline(&line, &capacity, stream)) > 0;) {
      take({line, static_cast<size_t>(size)});
    }
  } catch (...) {
    close();
    throw;
  }
  close();
  if (status != 0) throw Error(ErrorCode::kIo, "reading " + file.string() + " did not end well");
}

struct Encoded {
  std::vector<Token> tokens;
  std::vector<uint8_t> learned;

  void add(const std::vector<Token>& more, bool learn) {
    tokens.insert(tokens.end(), more.begin(), more.end());
    learned.insert(learned.end(), more.size(), learn ? 1 : 0);
  }
};

void add_message(Encoded& encoded, const CorpusDocument::Message& message,
                 const Tokenizer& tokenizer, bool learn) {
  const Token begin = tokenizer.special("<|im_start|>"), end = tokenizer.special("<|im_end|>");
  encoded.add({begin}, false);
  encoded.add(tokenizer.encode(message.role + "\n"), false);
  encoded.add(tokenizer.encode(message.content), learn);
  encoded.add({end}, learn);
  encoded.add(tokenizer.encode("\n"), false);
}

Encoded encode_answer(const CorpusDocument& document, const std::string& answer,
                      const Tokenizer& tokenizer) {
  Encoded encoded;
  for (const auto& message : document.messages) add_message(encoded, message, tokenizer, false);
  add_message(encoded, {"assistant", answer}, tokenizer, true);
  return encoded;
}

Encoded encode(const CorpusDocument& document, const Tokenizer& tokenizer) {
  Encoded encoded;
  if (document.messages.empty()) {
    const Token end = tokenizer.special("<|endoftext|>");
    encoded.add({end}, false);
    encoded.add(tokenizer.encode(document.text), true);
    encoded.add({end}, true);
    return encoded;
  }
  for (const CorpusDocument::Message& message : document.messages) {
    add_message(encoded, message, tokenizer, message.role == "assistant");
  }
  return encoded;
}

uint64_t hash_of_document(const CorpusDocument& document) {
  std::string all = document.text;
  for (const auto& message : document.messages) all += message.content;
  return hash_of(all);
}

}  // namespace

void read_corpus(const std::filesystem::path& file,
                 const std::function<void(const CorpusDocument&)>& take) {
  const std::filesystem::path plain = file.extension() == ".xz" ? file.stem() : file;
  if (plain.extension() == ".jsonl") {
    size_t number = 0;
    for_each_line(file, [&](std::string_view line) {
      ++number;
      if (line.find_first_not_of(" \r\n\t") == std::string_view::npos) return;
      take(parse_line(file, number, line));
    });
    return;
  }
  CorpusDocument document;
  for_each_line(file, [&](std::string_view line) { document.text += line; });
  if (!document.text.empty()) take(document);
}

CorpusCounts write_token_corpus(const std::vector<std::filesystem::path>& files,
                                const Tokenizer& tokenizer, const std::filesystem::path& directory,
                                double validation_share) {
  TokenShardWriter writer(directory, static_cast<int64_t>(tokenizer.size()));
  CorpusCounts counts;
  std::string sources;
  for (const std::filesystem::path& file : files) {
    const size_t before = counts.tokens;
    read_corpus(file, [&](const CorpusDocument& document) {
      const bool kept_apart = Draw(hash_of_document(document)).uniform() < validation_share;
      const std::string split = kept_apart ? "validation" : "train";
      const auto count = [&](const Encoded& encoded) {
        counts.tokens += encoded.tokens.size();
        for (const uint8_t learn : encoded.learned) counts.learned += learn;
        return TokenDocument{encoded.tokens, encoded.learned};
      };
      if (document.answers) {
        const Encoded chosen = encode_answer(document, document.answers->chosen, tokenizer);
        const Encoded rejected = encode_answer(document, document.answers->rejected, tokenizer);
        writer.add_pair(split, count(chosen), count(rejected));
      } else {
        const Encoded encoded = encode(document, tokenizer);
        count(encoded);
        writer.add(split, encoded.tokens, encoded.learned);
      }
      ++counts.documents;
      if (kept_apart) ++counts.validation_documents;
    });
    sources += file.filename().string() + "\t" + std::to_string(counts.tokens - before) + "\n";
  }
  tokenizer.save(directory / "tokenizer.json");
  writer.finish(sources);
  return counts;
}

}  // namespace myna::train
