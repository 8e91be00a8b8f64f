// Chats that other programs exported, and our own. Any bytes give a result or an Error.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "chat/history.h"

namespace myna::chat {

// What was left out, and why: for a person, by the number of the chat in the file from 1.
struct ImportProblem {
  size_t chat = 0;
  std::string text;
};

// `json` is the conversations.json of ChatGPT's or Claude's export, or what `myna history export
// --json` writes. Text is kept; pictures, tools and hidden system texts are not. Trees stay trees.
// Throws Error kInvalidArgument for a zip archive and for JSON that is none of these,
// kCorruptData with the position for what is no JSON.
std::vector<ImportedChat> parse_exported_chats(std::string_view json,
                                               std::vector<ImportProblem>& problems);

}  // namespace myna::chat
