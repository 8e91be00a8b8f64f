// SQLite with errors as Error and statements that end themselves. Private to src/chat.
#pragma once

#include <sqlite3.h>

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>

namespace myna::chat {

struct SqliteDeleter {
  void operator()(sqlite3* database) const { sqlite3_close_v2(database); }
  void operator()(sqlite3_stmt* statement) const { sqlite3_finalize(statement); }
};

// Throws Error for a result of SQLite: kUnavailable when another program holds the file,
// kCorruptData when it is damaged or no database, kIo for what the system refuses.
[[noreturn]] void throw_sqlite(sqlite3* database, int result);

// One run of a statement. Parameters are numbered from 1, columns from 0. Not thread-safe.
class Statement {
 public:
  Statement(sqlite3* database, std::string_view sql);

  Statement& bind(int parameter, int64_t value);
  Statement& bind(int parameter, std::string_view value);

  // False: no more rows. Throws what throw_sqlite() throws.
  bool step();
  void run() {
    while (step()) {
    }
  }

  int64_t integer(int column) const { return sqlite3_column_int64(statement_.get(), column); }
  std::string text(int column) const;

 private:
  sqlite3* database_;
  std::unique_ptr<sqlite3_stmt, SqliteDeleter> statement_;
};

// Move-only; one thread at a time.
class Database {
 public:
  // ":memory:" is one that goes with the object. A new file can be read by its owner only. Waits
  // up to five seconds for another program's write. Throws what throw_sqlite() throws.
  explicit Database(const std::filesystem::path& path);

  sqlite3* handle() const { return handle_.get(); }
  // Several statements without parameters or rows.
  void execute(const char* sql);
  int64_t last_insert_id() const { return sqlite3_last_insert_rowid(handle_.get()); }

  // A whole copy at `path`, which is replaced in one step.
  void back_up(const std::filesystem::path& path) const;

 private:
  std::unique_ptr<sqlite3, SqliteDeleter> handle_;
};

// Everything between is there completely or not at all; destroyed without commit() it is not.
class Transaction {
 public:
  explicit Transaction(Database& database);
  ~Transaction();
  Transaction(const Transaction&) = delete;
  Transaction& operator=(const Transaction&) = delete;
  void commit();

 private:
  Database& database_;
  bool open_ = true;
};

}  // namespace myna::chat
