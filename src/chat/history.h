// What was said: chats as trees of messages, so that an edited question or another answer does not
// destroy what it replaces; summaries of old turns; and the notes that a person wants remembered.
// One SQLite file in WAL mode, $MYNA_HOME/chat/history.sqlite; docs/chat.md describes it.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "language/chat_model.h"

namespace myna::chat {

// Times are seconds since 1970. Ids are positive; 0 is none.
struct ChatInfo {
  int64_t id = 0;
  std::string title;
  std::string system;  // the persona that it was begun with
  int64_t created_s = 0;
  int64_t updated_s = 0;
  int64_t head = 0;  // the message that the chat has come to
  int64_t message_count = 0;
  std::string origin;  // where it was imported from, "chatgpt:ID"; empty: begun here
};

struct StoredMessage {
  int64_t id = 0;
  int64_t parent = 0;
  language::Role role = language::Role::kUser;
  std::string text;
  int64_t created_s = 0;
  std::string model;       // that answered
  bool cut_short = false;  // the answer was stopped, or broke off
};

struct SearchHit {
  ChatInfo chat;
  int64_t message = 0;
  std::string excerpt;  // one line
};

struct Summary {
  int64_t until = 0;  // the last message that it covers
  std::string text;
};

struct MemoryNote {
  int64_t id = 0;
  std::string text;
};

// A chat from elsewhere. Parents come before their children; keys are unique in the chat.
struct ImportedMessage {
  std::string key, parent;
  language::Role role = language::Role::kUser;
  std::string text;
  int64_t created_s = 0;
  std::string model;
  bool cut_short = false;
};
struct ImportedChat {
  std::string origin;
  std::string title;
  std::string system;
  int64_t created_s = 0;
  int64_t updated_s = 0;
  std::vector<ImportedMessage> messages;
  std::string head;  // a key; empty: the last message
};

// Several programs may have the same file open; one object is for one thread at a time. Everything
// throws Error: kUnavailable when another program holds the file for more than five seconds,
// kCorruptData when it is damaged, kIo, kNotFound for an id that there is not.
class History {
 public:
  // Makes the file and its directory when they are not there. A damaged file is set aside as
  // NAME.damaged-TIME and the last backup, otherwise an empty history, takes its place; `notice`
  // is told so in a sentence. Makes a backup, NAME.backup, once a day.
  static History open(const std::filesystem::path& path,
                      const std::function<void(const std::string&)>& notice);
  // In memory, and gone with the object.
  static History temporary();
  static std::filesystem::path default_path();

  ~History();
  History(History&&) noexcept;
  History& operator=(History&&) noexcept;

  int64_t create_chat(std::string_view title, std::string_view system);
  // Nothing when there is none.
  std::optional<ChatInfo> find_chat(int64_t id) const;
  // The latest first. A chat without messages is not listed.
  std::vector<ChatInfo> list_chats(size_t limit) const;
  // By id, "last", or the beginning of a title in any case of letters. Throws Error kNotFound, and
  // kInvalidArgument when several titles begin so.
  ChatInfo resolve_chat(std::string_view what) const;
  // Messages with all these words (or beginnings of words), and titles with the whole; the latest
  // chats first, one hit a chat.
  std::vector<SearchHit> search(std::string_view words, size_t limit) const;
  void rename_chat(int64_t id, std::string_view title);
  void delete_chat(int64_t id);

  // Becomes the chat's head. `parent` is 0 for the first one.
  int64_t add_message(int64_t chat, const StoredMessage& message);
  void set_head(int64_t chat, int64_t message);
  // From the first message to the head.
  std::vector<StoredMessage> conversation(int64_t chat) const;
  std::vector<StoredMessage> all_messages(int64_t chat) const;
  // A new chat with a copy of the conversation up to `message`, and its summary.
  int64_t branch_chat(int64_t chat, int64_t message, std::string_view title);

  void put_summary(int64_t message, std::string_view text);
  // Of the last of these messages that has one.
  std::optional<Summary> find_summary(const std::vector<StoredMessage>& messages) const;

  // False, and nothing changed, when a chat of this origin is there.
  bool import_chat(const ImportedChat& chat);

  std::vector<MemoryNote> memory() const;
  int64_t add_memory(std::string_view text);
  void change_memory(int64_t id, std::string_view text);
  void delete_memory(int64_t id);

 private:
  struct State;
  explicit History(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace myna::chat
