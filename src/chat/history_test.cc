#include "chat/history.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sqlite3.h>
#include <sys/stat.h>
#include <unistd.h>

#include <fstream>

#include "base/error.h"
#include "base/file.h"
#include "chat/export_chats.h"
#include "chat/import_chats.h"
#include "tests/support/temporary_directory.h"

namespace myna::chat {
namespace {

using language::Role;
using ::testing::HasSubstr;
using ::testing::SizeIs;

StoredMessage said(int64_t parent, Role role, std::string text) {
  StoredMessage message;
  message.parent = parent;
  message.role = role;
  message.text = std::move(text);
  return message;
}

int64_t add_chat(History& history, const std::string& title, const std::string& question,
                 const std::string& answer) {
  const int64_t chat = history.create_chat(title, "persona");
  const int64_t asked = history.add_message(chat, said(0, Role::kUser, question));
  history.add_message(chat, said(asked, Role::kAssistant, answer));
  return chat;
}

class HistoryFile : public ::testing::Test {
 protected:
  History open() {
    return History::open(directory_ / "history.sqlite",
                         [this](const std::string& text) { notices_.push_back(text); });
  }
  void damage(const std::string& name) {
    std::fstream file(directory_ / name, std::ios::in | std::ios::out | std::ios::binary);
    file.seekp(4000);
    file << std::string(9000, '\x5A');
  }

  const test_support::TemporaryDirectory own_;
  const std::filesystem::path& directory_ = own_.path();
  std::vector<std::string> notices_;
};

TEST_F(HistoryFile, KeepsWhatWasSaid) {
  int64_t chat = 0;
  {
    History history = open();
    chat = add_chat(history, "Whales", "Do whales sleep?", "With half of the brain.");
    history.add_memory("My sister is called Ada.");
  }
  History history = open();
  EXPECT_TRUE(notices_.empty());
  const std::vector<StoredMessage> messages = history.conversation(chat);
  ASSERT_THAT(messages, SizeIs(2));
  EXPECT_EQ(messages[0].text, "Do whales sleep?");
  EXPECT_EQ(messages[1].role, Role::kAssistant);
  EXPECT_EQ(history.memory().at(0).text, "My sister is called Ada.");
  EXPECT_EQ(history.find_chat(chat)->system, "persona");
  struct stat status {};
  ASSERT_EQ(::stat((directory_ / "history.sqlite").c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 0777, 0600u);
}

TEST(History, KeepsWhatWasReplaced) {
  History history = History::temporary();
  const int64_t chat = add_chat(history, "A", "one?", "first");
  const int64_t asked = history.conversation(chat)[0].id;
  history.set_head(chat, asked);
  history.add_message(chat, said(asked, Role::kAssistant, "second"));
  EXPECT_EQ(history.conversation(chat)[1].text, "second");
  EXPECT_THAT(history.all_messages(chat), SizeIs(3));
  const int64_t branch = history.branch_chat(chat, asked, "B");
  EXPECT_THAT(history.conversation(branch), SizeIs(1));
  EXPECT_THAT(history.conversation(chat), SizeIs(2));
}

TEST(History, FindsWordsAndTitles) {
  History history = History::temporary();
  add_chat(history, "The sea", "Do whales sleep?", "With half of the brain.");
  const int64_t second = add_chat(history, "Bread", "How is it baked?", "In an oven, slowly.");
  EXPECT_THAT(history.search("whale slee", 10), SizeIs(1));
  EXPECT_THAT(history.search("oven whales", 10), SizeIs(0));
  EXPECT_EQ(history.search("OVEN", 10).at(0).chat.id, second);
  EXPECT_THAT(history.search("oven", 10).at(0).excerpt, HasSubstr("oven"));
  EXPECT_EQ(history.search("brea", 10).at(0).chat.id, second);
  // Nothing that somebody types is FTS5's syntax.
  for (const char* text : {"\"", "a\" OR b", "NEAR(", "*", "col:x", "%", "AND", ""}) {
    EXPECT_NO_THROW(history.search(text, 10)) << text;
  }
  history.delete_chat(second);
  EXPECT_THAT(history.search("oven", 10), SizeIs(0));
  EXPECT_THROW(history.delete_chat(second), Error);
}

TEST(History, ResolvesNumbersTitlesAndLast) {
  History history = History::temporary();
  EXPECT_THROW(history.resolve_chat("last"), Error);
  const int64_t sea = add_chat(history, "The sea", "a", "b");
  const int64_t sky = add_chat(history, "The sky", "a", "b");
  history.create_chat("The empty one", "");
  EXPECT_EQ(history.resolve_chat("last").id, sky);
  EXPECT_EQ(history.resolve_chat(std::to_string(sea)).id, sea);
  EXPECT_EQ(history.resolve_chat("the SEA").id, sea);
  EXPECT_THROW(history.resolve_chat("the"), Error);
  EXPECT_THROW(history.resolve_chat("_he sea"), Error);
  EXPECT_THROW(history.resolve_chat("99999999999999999999"), Error);
  EXPECT_THAT(history.list_chats(10), SizeIs(2));
  history.rename_chat(sea, "Water");
  EXPECT_EQ(history.resolve_chat("water").id, sea);
}

TEST(History, ChangesTheMemory) {
  History history = History::temporary();
  const int64_t note = history.add_memory("a");
  history.change_memory(note, "b");
  EXPECT_EQ(history.memory().at(0).text, "b");
  history.delete_memory(note);
  EXPECT_TRUE(history.memory().empty());
  EXPECT_THROW(history.change_memory(note, "c"), Error);
  EXPECT_THROW(history.delete_memory(note), Error);
}

TEST_F(HistoryFile, TakesTheBackupWhenItIsDamaged) {
  {
    History history = open();
    add_chat(history, "Kept", "q", "a");
  }
  open();  // makes the backup
  ASSERT_TRUE(std::filesystem::exists(directory_ / "history.sqlite.backup"));
  damage("history.sqlite");
  History history = open();
  ASSERT_THAT(notices_, SizeIs(1));
  EXPECT_THAT(notices_[0], HasSubstr("damaged-"));
  EXPECT_THAT(notices_[0], HasSubstr("backup"));
  EXPECT_EQ(history.resolve_chat("kept").message_count, 2);
}

TEST_F(HistoryFile, BeginsAnewWhenTheBackupIsDamagedToo) {
  std::filesystem::create_directories(directory_);
  for (const char* name : {"history.sqlite", "history.sqlite.backup"}) {
    std::ofstream(directory_ / name) << std::string(10000, 'x');
  }
  History history = open();
  EXPECT_THAT(notices_, SizeIs(1));
  EXPECT_TRUE(history.list_chats(10).empty());
  add_chat(history, "New", "q", "a");
  // Both old files are still there.
  size_t aside = 0;
  for (const auto& entry : std::filesystem::directory_iterator(directory_)) {
    aside += entry.path().string().find("damaged-") != std::string::npos ? 1 : 0;
  }
  EXPECT_GE(aside, 1u);
}

TEST_F(HistoryFile, SaysWhenAnotherProgramHoldsIt) {
  History history = open();
  sqlite3* other = nullptr;
  ASSERT_EQ(sqlite3_open((directory_ / "history.sqlite").c_str(), &other), SQLITE_OK);
  sqlite3_exec(other, "BEGIN IMMEDIATE", nullptr, nullptr, nullptr);
  try {
    history.create_chat("x", "");
    ADD_FAILURE() << "it was written";
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::kUnavailable);
    EXPECT_THAT(error.message(), HasSubstr("another program"));
  }
  // Reading goes on meanwhile.
  EXPECT_TRUE(history.list_chats(10).empty());
  sqlite3_exec(other, "ROLLBACK", nullptr, nullptr, nullptr);
  sqlite3_close(other);
  EXPECT_GT(history.create_chat("x", ""), 0);
}

TEST_F(HistoryFile, LeavesANewerFileAlone) {
  open();
  sqlite3* other = nullptr;
  ASSERT_EQ(sqlite3_open((directory_ / "history.sqlite").c_str(), &other), SQLITE_OK);
  sqlite3_exec(other, "PRAGMA user_version = 99", nullptr, nullptr, nullptr);
  sqlite3_close(other);
  EXPECT_THROW(open(), Error);
  EXPECT_TRUE(notices_.empty());
}

TEST(ChatExport, ComesBackAsItWas) {
  History history = History::temporary();
  const int64_t chat = add_chat(history, "The sea", "Do whales\nsleep?", "Half.");
  const int64_t asked = history.conversation(chat)[0].id;
  history.set_head(chat, asked);
  history.add_message(chat, said(asked, Role::kAssistant, "Yes."));
  const ChatInfo info = *history.find_chat(chat);
  EXPECT_THAT(chat_as_markdown(history, info),
              HasSubstr("\n## You\n\nDo whales\nsleep?\n\n## Myna\n\nYes.\n"));
  const std::string json = chats_as_json(history, std::span(&info, 1));
  std::vector<ImportProblem> problems;
  const std::vector<ImportedChat> read = parse_exported_chats(json, problems);
  EXPECT_THAT(problems, SizeIs(0));
  ASSERT_THAT(read, SizeIs(1));
  History other = History::temporary();
  EXPECT_TRUE(other.import_chat(read[0]));
  const ChatInfo again = other.resolve_chat("the sea");
  EXPECT_EQ(chats_as_json(other, std::span(&again, 1)), json);
}

}  // namespace
}  // namespace myna::chat
