#include "chat/history.h"

#include <algorithm>
#include <ctime>
#include <map>

#include "base/error.h"
#include "base/paths.h"
#include "chat/database.h"
#include "chat/history_file.h"

namespace myna::chat {
namespace {

constexpr std::string_view kChatColumns =
    "SELECT id, title, system, created_s, updated_s, head, origin, "
    "(SELECT count(*) FROM messages WHERE chat = chats.id) FROM chats ";
constexpr std::string_view kMessageColumns =
    "SELECT id, parent, role, text, created_s, model, cut_short FROM messages ";

std::string sql(std::string_view columns, const char* rest) { return std::string(columns) + rest; }

ChatInfo read_chat(const Statement& row) {
  ChatInfo chat;
  chat.id = row.integer(0);
  chat.title = row.text(1);
  chat.system = row.text(2);
  chat.created_s = row.integer(3);
  chat.updated_s = row.integer(4);
  chat.head = row.integer(5);
  chat.origin = row.text(6);
  chat.message_count = row.integer(7);
  return chat;
}

StoredMessage read_message(const Statement& row) {
  StoredMessage message;
  message.id = row.integer(0);
  message.parent = row.integer(1);
  message.role = row.integer(2) == 2   ? language::Role::kAssistant
                 : row.integer(2) == 0 ? language::Role::kSystem
                                       : language::Role::kUser;
  message.text = row.text(3);
  message.created_s = row.integer(4);
  message.model = row.text(5);
  message.cut_short = row.integer(6) != 0;
  return message;
}

int64_t now_s() { return static_cast<int64_t>(std::time(nullptr)); }

Error no_chat(const std::string& what) {
  return Error(ErrorCode::kNotFound, "there is no chat '" + what + "'",
               "`myna history list` shows what there is");
}

// Every word as it is, quoted, and as a beginning.
std::string full_text_query(std::string_view words) {
  std::string query;
  size_t at = 0;
  while (at < words.size()) {
    const size_t begin = words.find_first_not_of(" \t\n", at);
    if (begin == std::string_view::npos) break;
    const size_t end = std::min(words.size(), words.find_first_of(" \t\n", begin));
    query += '"';
    for (const char c : words.substr(begin, end - begin)) {
      if (c == '"') query += '"';
      if (c != '\0') query += c;
    }
    query += "\"* ";
    at = end;
  }
  return query;
}

std::string like_pattern(std::string_view text, bool anywhere) {
  std::string pattern = anywhere ? "%" : "";
  for (const char c : text) {
    if (c == '%' || c == '_' || c == '\\') pattern += '\\';
    pattern += c;
  }
  return pattern + "%";
}

std::string one_line(std::string text) {
  std::replace_if(
      text.begin(), text.end(), [](char c) { return c == '\n' || c == '\r' || c == '\t'; }, ' ');
  return text;
}

}  // namespace

struct History::State {
  explicit State(Database opened) : database(std::move(opened)) {}

  Statement prepare(std::string_view text) const { return {database.handle(), text}; }
  int64_t insert_message(int64_t chat, const StoredMessage& message) {
    prepare(
        "INSERT INTO messages(chat, parent, role, text, created_s, model, cut_short) "
        "VALUES (?, ?, ?, ?, ?, ?, ?)")
        .bind(1, chat)
        .bind(2, message.parent)
        .bind(3, static_cast<int64_t>(message.role))
        .bind(4, message.text)
        .bind(5, message.created_s != 0 ? message.created_s : now_s())
        .bind(6, message.model)
        .bind(7, int64_t{message.cut_short})
        .run();
    return database.last_insert_id();
  }
  void change_one(Statement statement, const std::string& what) const {
    statement.run();
    if (sqlite3_changes(database.handle()) == 0) throw no_chat(what);
  }

  Database database;
};

History::History(std::unique_ptr<State> state) : state_(std::move(state)) {}
History::~History() = default;
History::History(History&&) noexcept = default;
History& History::operator=(History&&) noexcept = default;

std::filesystem::path History::default_path() {
  return data_directory() / "chat" / "history.sqlite";
}

History History::open(const std::filesystem::path& path,
                      const std::function<void(const std::string&)>& notice) {
  return History(std::make_unique<State>(open_or_replace_history_file(path, notice)));
}

History History::temporary() {
  return History(std::make_unique<State>(open_history_file(":memory:")));
}

int64_t History::create_chat(std::string_view title, std::string_view system) {
  state_->prepare("INSERT INTO chats(title, system, created_s, updated_s) VALUES (?, ?, ?, ?)")
      .bind(1, title)
      .bind(2, system)
      .bind(3, now_s())
      .bind(4, now_s())
      .run();
  return state_->database.last_insert_id();
}

std::optional<ChatInfo> History::find_chat(int64_t id) const {
  Statement row = state_->prepare(sql(kChatColumns, "WHERE id = ?"));
  row.bind(1, id);
  if (!row.step()) return std::nullopt;
  return read_chat(row);
}

std::vector<ChatInfo> History::list_chats(size_t limit) const {
  Statement row = state_->prepare(
      sql(kChatColumns, "WHERE head <> 0 ORDER BY updated_s DESC, id DESC LIMIT ?"));
  row.bind(1, static_cast<int64_t>(std::min<size_t>(limit, 1 << 30)));
  std::vector<ChatInfo> chats;
  while (row.step()) chats.push_back(read_chat(row));
  return chats;
}

ChatInfo History::resolve_chat(std::string_view what) const {
  if (what == "last") {
    const std::vector<ChatInfo> latest = list_chats(1);
    if (latest.empty()) throw Error(ErrorCode::kNotFound, "there is no chat yet");
    return latest.front();
  }
  if (!what.empty() && what.size() < 18 &&
      what.find_first_not_of("0123456789") == std::string_view::npos) {
    if (const auto chat = find_chat(std::stoll(std::string(what)))) return *chat;
  }
  Statement row = state_->prepare(
      sql(kChatColumns,
          "WHERE head <> 0 AND title LIKE ? ESCAPE '\\' ORDER BY updated_s DESC LIMIT 5"));
  row.bind(1, like_pattern(what, false));
  std::vector<ChatInfo> found;
  while (row.step()) found.push_back(read_chat(row));
  if (found.empty() || what.empty()) throw no_chat(std::string(what));
  if (found.size() > 1) {
    std::string names;
    for (const ChatInfo& chat : found) {
      names += (names.empty() ? "" : ", ") + std::to_string(chat.id) + " '" + chat.title + "'";
    }
    throw Error(ErrorCode::kInvalidArgument, "several chats begin with '" + std::string(what) + "'",
                "give the number: " + names);
  }
  return found.front();
}

std::vector<SearchHit> History::search(std::string_view words, size_t limit) const {
  const std::string query = full_text_query(words);
  std::vector<SearchHit> hits;
  if (query.empty()) return hits;
  std::map<int64_t, bool> seen;
  const auto take = [&](int64_t chat, int64_t message, std::string excerpt) {
    if (hits.size() >= limit || seen.contains(chat)) return;
    seen[chat] = true;
    if (auto info = find_chat(chat)) {
      hits.push_back({std::move(*info), message, one_line(std::move(excerpt))});
    }
  };
  Statement titles = state_->prepare(
      "SELECT id, title FROM chats WHERE head <> 0 AND title LIKE ? "
      "ESCAPE '\\' ORDER BY updated_s DESC");
  titles.bind(1, like_pattern(words, true));
  while (titles.step()) take(titles.integer(0), 0, titles.text(1));
  Statement row = state_->prepare(
      "SELECT m.chat, m.id, snippet(message_words, 0, '', '', '…', 16) FROM message_words "
      "JOIN messages m ON m.id = message_words.rowid JOIN chats c ON c.id = m.chat "
      "WHERE message_words MATCH ? ORDER BY c.updated_s DESC, m.id DESC LIMIT 1000");
  row.bind(1, query);
  while (row.step()) take(row.integer(0), row.integer(1), row.text(2));
  return hits;
}

void History::rename_chat(int64_t id, std::string_view title) {
  Statement statement = state_->prepare("UPDATE chats SET title = ? WHERE id = ?");
  statement.bind(1, title).bind(2, id);
  state_->change_one(std::move(statement), std::to_string(id));
}

void History::delete_chat(int64_t id) {
  Statement statement = state_->prepare("DELETE FROM chats WHERE id = ?");
  statement.bind(1, id);
  state_->change_one(std::move(statement), std::to_string(id));
}

int64_t History::add_message(int64_t chat, const StoredMessage& message) {
  Transaction transaction(state_->database);
  const int64_t id = state_->insert_message(chat, message);
  state_->prepare("UPDATE chats SET head = ?, updated_s = ? WHERE id = ?")
      .bind(1, id)
      .bind(2, now_s())
      .bind(3, chat)
      .run();
  transaction.commit();
  return id;
}

void History::set_head(int64_t chat, int64_t message) {
  Statement statement = state_->prepare("UPDATE chats SET head = ? WHERE id = ?");
  statement.bind(1, message).bind(2, chat);
  state_->change_one(std::move(statement), std::to_string(chat));
}

std::vector<StoredMessage> History::all_messages(int64_t chat) const {
  Statement row = state_->prepare(sql(kMessageColumns, "WHERE chat = ? ORDER BY id"));
  row.bind(1, chat);
  std::vector<StoredMessage> messages;
  while (row.step()) messages.push_back(read_message(row));
  return messages;
}

std::vector<StoredMessage> History::conversation(int64_t chat) const {
  const auto info = find_chat(chat);
  if (!info) throw no_chat(std::to_string(chat));
  std::vector<StoredMessage> all = all_messages(chat);
  std::map<int64_t, size_t> places;
  for (size_t i = 0; i < all.size(); ++i) places[all[i].id] = i;
  std::vector<StoredMessage> path;
  int64_t id = info->head;
  // Parents have smaller ids, so that this ends whatever the file says.
  for (auto at = places.find(id); at != places.end(); at = places.find(id)) {
    path.push_back(all[at->second]);
    if (path.back().parent >= id) break;
    id = path.back().parent;
  }
  std::reverse(path.begin(), path.end());
  return path;
}

int64_t History::branch_chat(int64_t chat, int64_t message, std::string_view title) {
  std::vector<StoredMessage> path = conversation(chat);
  const auto last = std::find_if(path.begin(), path.end(),
                                 [&](const StoredMessage& m) { return m.id == message; });
  if (last == path.end()) throw Error(ErrorCode::kNotFound, "that message is not in the chat");
  path.erase(last + 1, path.end());
  const std::optional<Summary> summary = find_summary(path);
  const std::string system = find_chat(chat)->system;
  Transaction transaction(state_->database);
  const int64_t branch = create_chat(title, system);
  int64_t parent = 0;
  for (StoredMessage& copy : path) {
    const int64_t original = copy.id;
    copy.parent = parent;
    parent = state_->insert_message(branch, copy);
    if (summary && summary->until == original) put_summary(parent, summary->text);
  }
  set_head(branch, parent);
  transaction.commit();
  return branch;
}

void History::put_summary(int64_t message, std::string_view text) {
  state_->prepare("INSERT OR REPLACE INTO summaries(message, text) VALUES (?, ?)")
      .bind(1, message)
      .bind(2, text)
      .run();
}

std::optional<Summary> History::find_summary(const std::vector<StoredMessage>& messages) const {
  for (auto message = messages.rbegin(); message != messages.rend(); ++message) {
    Statement row = state_->prepare("SELECT text FROM summaries WHERE message = ?");
    row.bind(1, message->id);
    if (row.step()) return Summary{message->id, row.text(0)};
  }
  return std::nullopt;
}

bool History::import_chat(const ImportedChat& chat) {
  if (chat.messages.empty()) return false;
  Transaction transaction(state_->database);
  if (!chat.origin.empty()) {
    Statement there = state_->prepare("SELECT 1 FROM chats WHERE origin = ?");
    there.bind(1, chat.origin);
    if (there.step()) return false;
  }
  state_
      ->prepare(
          "INSERT INTO chats(title, system, created_s, updated_s, origin) VALUES (?, ?, ?, ?, ?)")
      .bind(1, chat.title)
      .bind(2, chat.system)
      .bind(3, chat.created_s)
      .bind(4, chat.updated_s)
      .bind(5, chat.origin)
      .run();
  const int64_t id = state_->database.last_insert_id();
  std::map<std::string, int64_t> ids;
  int64_t head = 0;
  for (const ImportedMessage& message : chat.messages) {
    StoredMessage stored{
        0, 0, message.role, message.text, message.created_s, message.model, message.cut_short};
    if (stored.created_s == 0) stored.created_s = chat.created_s;
    const auto parent = ids.find(message.parent);
    if (parent != ids.end()) stored.parent = parent->second;
    head = ids[message.key] = state_->insert_message(id, stored);
  }
  if (const auto at = ids.find(chat.head); at != ids.end()) head = at->second;
  set_head(id, head);
  transaction.commit();
  return true;
}

std::vector<MemoryNote> History::memory() const {
  Statement row = state_->prepare("SELECT id, text FROM memory ORDER BY id");
  std::vector<MemoryNote> notes;
  while (row.step()) notes.push_back({row.integer(0), row.text(1)});
  return notes;
}

int64_t History::add_memory(std::string_view text) {
  state_->prepare("INSERT INTO memory(text) VALUES (?)").bind(1, text).run();
  return state_->database.last_insert_id();
}

void History::change_memory(int64_t id, std::string_view text) {
  state_->prepare("UPDATE memory SET text = ? WHERE id = ?").bind(1, text).bind(2, id).run();
  if (sqlite3_changes(state_->database.handle()) == 0) {
    throw Error(ErrorCode::kNotFound, "there is no note " + std::to_string(id));
  }
}

void History::delete_memory(int64_t id) {
  state_->prepare("DELETE FROM memory WHERE id = ?").bind(1, id).run();
  if (sqlite3_changes(state_->database.handle()) == 0) {
    throw Error(ErrorCode::kNotFound, "there is no note " + std::to_string(id));
  }
}

}  // namespace myna::chat
