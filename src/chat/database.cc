#include "chat/database.h"

#include <fcntl.h>
#include <unistd.h>

#include "base/error.h"

namespace myna::chat {
namespace {

constexpr int kPatience_ms = 5000;

}  // namespace

void throw_sqlite(sqlite3* database, int result) {
  const std::string why = database != nullptr ? sqlite3_errmsg(database) : sqlite3_errstr(result);
  switch (result & 0xFF) {
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
      throw Error(ErrorCode::kUnavailable, "the chat history is in use by another program: " + why,
                  "close the other one, or wait until it has written, and try again");
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
      throw Error(ErrorCode::kCorruptData, "the chat history is damaged: " + why,
                  "start again: it is set aside then, and the last backup is taken");
    case SQLITE_FULL:
      throw Error(ErrorCode::kIo, "the disk of the chat history is full", "free some space");
    case SQLITE_NOMEM:
      throw std::bad_alloc();
    case SQLITE_MISUSE:
    case SQLITE_ERROR:
    case SQLITE_CONSTRAINT:
      throw Error(ErrorCode::kInternal, "SQLite: " + why, "this is a bug in Myna");
    default:
      throw Error(ErrorCode::kIo, "the chat history cannot be read or written: " + why);
  }
}

Statement::Statement(sqlite3* database, std::string_view sql) : database_(database) {
  sqlite3_stmt* statement = nullptr;
  const int result =
      sqlite3_prepare_v2(database, sql.data(), static_cast<int>(sql.size()), &statement, nullptr);
  statement_.reset(statement);
  if (result != SQLITE_OK) throw_sqlite(database, result);
}

Statement& Statement::bind(int parameter, int64_t value) {
  sqlite3_bind_int64(statement_.get(), parameter, value);
  return *this;
}

Statement& Statement::bind(int parameter, std::string_view value) {
  // A null pointer would be NULL, not the empty text.
  sqlite3_bind_text64(statement_.get(), parameter, value.empty() ? "" : value.data(), value.size(),
                      SQLITE_TRANSIENT, SQLITE_UTF8);
  return *this;
}

bool Statement::step() {
  const int result = sqlite3_step(statement_.get());
  if (result == SQLITE_ROW) return true;
  if (result != SQLITE_DONE) throw_sqlite(database_, result);
  return false;
}

std::string Statement::text(int column) const {
  const auto* bytes = reinterpret_cast<const char*>(sqlite3_column_text(statement_.get(), column));
  if (bytes == nullptr) return {};
  return std::string(bytes, static_cast<size_t>(sqlite3_column_bytes(statement_.get(), column)));
}

Database::Database(const std::filesystem::path& path) {
  if (path != ":memory:") {
    const int fd = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (fd < 0) throw errno_error("cannot open '" + path.string() + "'", errno);
    ::close(fd);
  }
  sqlite3* handle = nullptr;
  const int result = sqlite3_open_v2(path.c_str(), &handle,
                                     SQLITE_OPEN_READWRITE | SQLITE_OPEN_FULLMUTEX, nullptr);
  handle_.reset(handle);
  if (result != SQLITE_OK) throw_sqlite(handle, result);
  sqlite3_busy_timeout(handle, kPatience_ms);
  execute("PRAGMA foreign_keys = ON; PRAGMA synchronous = NORMAL;");
}

void Database::execute(const char* sql) {
  const int result = sqlite3_exec(handle_.get(), sql, nullptr, nullptr, nullptr);
  if (result != SQLITE_OK) throw_sqlite(handle_.get(), result);
}

void Database::back_up(const std::filesystem::path& path) const {
  std::filesystem::path part = path;
  part += ".part-" + std::to_string(::getpid());
  std::error_code code;
  std::filesystem::remove(part, code);
  {
    Database copy(part);
    sqlite3_backup* backup = sqlite3_backup_init(copy.handle(), "main", handle_.get(), "main");
    if (backup == nullptr) throw_sqlite(copy.handle(), sqlite3_errcode(copy.handle()));
    sqlite3_backup_step(backup, -1);
    const int result = sqlite3_backup_finish(backup);
    if (result != SQLITE_OK) {
      std::filesystem::remove(part, code);
      throw_sqlite(copy.handle(), result);
    }
  }
  std::filesystem::rename(part, path, code);
  if (code) throw Error(ErrorCode::kIo, "cannot write '" + path.string() + "': " + code.message());
}

Transaction::Transaction(Database& database) : database_(database) {
  database_.execute("BEGIN IMMEDIATE");
}

Transaction::~Transaction() {
  if (open_) sqlite3_exec(database_.handle(), "ROLLBACK", nullptr, nullptr, nullptr);
}

void Transaction::commit() {
  database_.execute("COMMIT");
  open_ = false;
}

}  // namespace myna::chat
