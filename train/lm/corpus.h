// From files of text and dialogues to token shards.
//
//   .txt          the file is a document
//   .jsonl        a document a line: {"text": "..."}, or a dialogue as {"messages": [{"role":
//                 "system" | "user" | "assistant", "content": "..."}, ...]}, or two answers to it
//                 (or to {"prompt": "..."}) as {"messages": ..., "chosen": "...", "rejected":
//                 "..."}
//   either + .xz  the same, compressed (through xz)
//
// Of a dialogue only the assistant's words, and the end of its turn, are learnt; of two answers,
// only they. Its form is ChatML, "<|im_start|>role\ncontent<|im_end|>\n", with the tokenizer's
// special tokens.
#pragma once

#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "train/lm/tokenizer.h"

namespace myna::train {

struct CorpusDocument {
  struct Message {
    std::string role, content;
  };
  std::string text;               // plain, when there are no messages
  std::vector<Message> messages;  // a dialogue
  // Two answers to it, and the first is better.
  struct Answers {
    std::string chosen, rejected;
  };
  std::optional<Answers> answers;
};

// Calls `take` for each document, in the file's order. Throws Error kCorruptData with file and
// line, kNotFound.
void read_corpus(const std::filesystem::path& file,
                 const std::function<void(const CorpusDocument&)>& take);

struct CorpusCounts {
  size_t documents = 0, tokens = 0, learned = 0, validation_documents = 0;
};

// validation_share of the documents, chosen by a hash of their content, is kept apart; of
// pairs of answers the hash is the prompt's, so that those to one prompt stay together. A pair
// counts as one document. Throws Error kInvalidArgument for pairs among other documents.
CorpusCounts write_token_corpus(const std::vector<std::filesystem::path>& files,
                                const Tokenizer& tokenizer, const std::filesystem::path& directory,
                                double validation_share);

}  // namespace myna::train
