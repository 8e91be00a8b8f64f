#include "chat/history_file.h"

#include <chrono>
#include <ctime>

#include "base/error.h"

namespace myna::chat {
namespace {

constexpr int64_t kVersion = 1;

constexpr const char* kTables = R"(
CREATE TABLE chats(
  id INTEGER PRIMARY KEY AUTOINCREMENT, title TEXT NOT NULL, system TEXT NOT NULL,
  created_s INTEGER NOT NULL, updated_s INTEGER NOT NULL, head INTEGER NOT NULL DEFAULT 0,
  origin TEXT NOT NULL DEFAULT '');
CREATE UNIQUE INDEX chats_origin ON chats(origin) WHERE origin <> '';
CREATE INDEX chats_updated ON chats(updated_s);
CREATE TABLE messages(
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  chat INTEGER NOT NULL REFERENCES chats(id) ON DELETE CASCADE,
  parent INTEGER NOT NULL, role INTEGER NOT NULL, text TEXT NOT NULL, created_s INTEGER NOT NULL,
  model TEXT NOT NULL, cut_short INTEGER NOT NULL);
CREATE INDEX messages_chat ON messages(chat);
CREATE TABLE summaries(
  message INTEGER PRIMARY KEY REFERENCES messages(id) ON DELETE CASCADE, text TEXT NOT NULL);
CREATE TABLE memory(id INTEGER PRIMARY KEY, text TEXT NOT NULL);
CREATE VIRTUAL TABLE message_words USING fts5(text, content='messages', content_rowid='id');
CREATE TRIGGER messages_added AFTER INSERT ON messages BEGIN
  INSERT INTO message_words(rowid, text) VALUES (new.id, new.text);
END;
CREATE TRIGGER messages_deleted AFTER DELETE ON messages BEGIN
  INSERT INTO message_words(message_words, rowid, text) VALUES ('delete', old.id, old.text);
END;
)";

int64_t single_integer(const Database& database, const char* sql) {
  Statement statement(database.handle(), sql);
  return statement.step() ? statement.integer(0) : 0;
}

void require_sound(const Database& database) {
  Statement check(database.handle(), "PRAGMA quick_check(1)");
  const std::string found = check.step() ? check.text(0) : "no answer";
  if (found != "ok") {
    throw Error(ErrorCode::kCorruptData, "the chat history is damaged: " + found);
  }
}

std::filesystem::path with_suffix(const std::filesystem::path& path, const std::string& suffix) {
  std::filesystem::path other = path;
  other += suffix;
  return other;
}

std::string time_stamp() {
  const std::time_t now = std::time(nullptr);
  std::tm parts{};
  gmtime_r(&now, &parts);
  char text[32];
  std::strftime(text, sizeof text, "%Y%m%d-%H%M%S", &parts);
  return text;
}

void back_up_daily(const Database& database, const std::filesystem::path& backup) {
  std::error_code code;
  const auto written = std::filesystem::last_write_time(backup, code);
  const bool fresh =
      !code && std::filesystem::file_time_type::clock::now() - written < std::chrono::hours(24);
  if (fresh || single_integer(database, "SELECT count(*) FROM messages") == 0) return;
  database.back_up(backup);
}

}  // namespace

Database open_history_file(const std::filesystem::path& path) {
  Database database(path);
  require_sound(database);
  if (path != ":memory:") database.execute("PRAGMA journal_mode = WAL");
  const int64_t version = single_integer(database, "PRAGMA user_version");
  if (version > kVersion) {
    throw Error(ErrorCode::kUnavailable, "'" + path.string() + "' was written by a newer Myna",
                "use that one");
  }
  if (version == 0) {
    Transaction transaction(database);
    // Another program may have been first.
    if (single_integer(database, "PRAGMA user_version") == 0) {
      database.execute(kTables);
      database.execute("PRAGMA user_version = 1");
    }
    transaction.commit();
  }
  return database;
}

Database open_or_replace_history_file(const std::filesystem::path& path,
                                      const std::function<void(const std::string&)>& notice) {
  std::error_code code;
  if (std::filesystem::create_directories(path.parent_path(), code)) {
    std::filesystem::permissions(path.parent_path(), std::filesystem::perms::owner_all, code);
  }
  const std::filesystem::path backup = with_suffix(path, ".backup");
  try {
    Database database = open_history_file(path);
    back_up_daily(database, backup);
    return database;
  } catch (const Error& error) {
    if (error.code() != ErrorCode::kCorruptData) throw;
  }
  const std::filesystem::path aside = with_suffix(path, ".damaged-" + time_stamp());
  std::filesystem::rename(path, aside, code);
  if (code)
    throw Error(ErrorCode::kIo, "cannot set '" + path.string() + "' aside: " + code.message());
  for (const char* suffix : {"-wal", "-shm"}) {
    std::filesystem::rename(with_suffix(path, suffix), with_suffix(aside, suffix), code);
  }
  std::string said = "the chat history was damaged and is kept as '" + aside.string() + "'";
  if (std::filesystem::exists(backup, code)) {
    try {
      open_history_file(backup);
      std::filesystem::copy_file(backup, path, code);
      if (code) throw Error(ErrorCode::kIo, "cannot take the backup: " + code.message());
      Database database = open_history_file(path);
      notice(said + "; the backup of its last sound day took its place");
      return database;
    } catch (const Error&) {
      std::filesystem::rename(path, with_suffix(aside, "-backup"), code);
    }
  }
  notice(said + "; there was no sound backup, so that a new one begins");
  return open_history_file(path);
}

}  // namespace myna::chat
