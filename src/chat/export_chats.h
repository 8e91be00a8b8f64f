// Chats for people and for other programs.
#pragma once

#include <span>
#include <string>

#include "chat/history.h"

namespace myna::chat {

// The conversation up to the chat's head, a heading a message.
std::string chat_as_markdown(const History& history, const ChatInfo& chat);

// Everything, with the answers and questions that were replaced: parse_exported_chats() reads it.
// Ids are texts; times are seconds since 1970.
std::string chats_as_json(const History& history, std::span<const ChatInfo> chats);

}  // namespace myna::chat
