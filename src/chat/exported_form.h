// What the JSON of an export says that it is. Private to src/chat.
#pragma once

namespace myna::chat {

inline constexpr const char* kExportFormat = "myna-chats";

}  // namespace myna::chat
