// Opening the history's file: its tables, its daily backup, and what happens when it is damaged.
// Private to src/chat.
#pragma once

#include <filesystem>
#include <functional>
#include <string>

#include "chat/database.h"

namespace myna::chat {

// Throws Error kCorruptData when it is damaged, kUnavailable when a newer Myna has written it.
Database open_history_file(const std::filesystem::path& path);

// As History::open() does.
Database open_or_replace_history_file(const std::filesystem::path& path,
                                      const std::function<void(const std::string&)>& notice);

}  // namespace myna::chat
