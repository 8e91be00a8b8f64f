#include "chat/import_chats.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/error.h"

namespace myna::chat {
namespace {

using ::testing::HasSubstr;
using ::testing::SizeIs;

std::vector<ImportedChat> read(std::string_view json, std::vector<ImportProblem>* found = nullptr) {
  std::vector<ImportProblem> problems;
  std::vector<ImportedChat> chats = parse_exported_chats(json, problems);
  if (found != nullptr) *found = problems;
  return chats;
}

// The form of ChatGPT's conversations.json, with an edited question, a hidden system message and a
// tool's one.
constexpr const char* kChatGpt = R"([{
  "title": "Sky", "create_time": 1700000000.5, "update_time": 1700000100.0,
  "conversation_id": "c1", "current_node": "a2",
  "mapping": {
    "root": {"id": "root", "message": null, "parent": null, "children": ["sys"]},
    "sys": {"id": "sys", "message": {"author": {"role": "system"}, "content": {"content_type": "text", "parts": [""]}}, "parent": "root", "children": ["q1", "q2"]},
    "q1": {"id": "q1", "message": {"author": {"role": "user"}, "create_time": 1700000001, "content": {"content_type": "text", "parts": ["Why is the sky blue?"]}}, "parent": "sys", "children": ["t1"]},
    "t1": {"id": "t1", "message": {"author": {"role": "tool"}, "content": {"content_type": "text", "parts": ["{}"]}}, "parent": "q1", "children": ["a1"]},
    "a1": {"id": "a1", "message": {"author": {"role": "assistant"}, "metadata": {"model_slug": "gpt-4"}, "content": {"content_type": "text", "parts": ["Rayleigh."]}}, "parent": "t1", "children": []},
    "q2": {"id": "q2", "message": {"author": {"role": "user"}, "content": {"content_type": "multimodal_text", "parts": [{"asset_pointer": "x"}, "Why is this red?", {"text": "Briefly."}]}}, "parent": "sys", "children": ["a2"]},
    "a2": {"id": "a2", "message": {"author": {"role": "assistant"}, "content": {"content_type": "text", "parts": ["Dust."]}}, "parent": "q2", "children": []}
  }}])";

TEST(ImportChats, ReadsChatGpt) {
  const auto chats = read(kChatGpt);
  ASSERT_THAT(chats, SizeIs(1));
  const ImportedChat& chat = chats[0];
  EXPECT_EQ(chat.origin, "chatgpt:c1");
  EXPECT_EQ(chat.title, "Sky");
  EXPECT_EQ(chat.created_s, 1700000000);
  EXPECT_EQ(chat.head, "a2");
  ASSERT_THAT(chat.messages, SizeIs(4));
  EXPECT_EQ(chat.messages[1].parent, "q1");  // past the tool
  EXPECT_EQ(chat.messages[1].model, "gpt-4");
  EXPECT_EQ(chat.messages[2].text, "Why is this red?\n\nBriefly.");
  EXPECT_EQ(chat.messages[2].parent, "");

  History history = History::temporary();
  EXPECT_TRUE(history.import_chat(chat));
  EXPECT_FALSE(history.import_chat(chat));
  const ChatInfo stored = history.resolve_chat("sky");
  const auto messages = history.conversation(stored.id);
  ASSERT_THAT(messages, SizeIs(2));
  EXPECT_EQ(messages[1].text, "Dust.");
  EXPECT_EQ(stored.message_count, 4);
}

TEST(ImportChats, ReadsClaude) {
  const auto chats = read(R"([{
    "uuid": "u1", "name": "", "created_at": "2024-03-05T10:11:12.131415Z", "updated_at": "2024-03-05T11:00:00Z",
    "chat_messages": [
      {"uuid": "m1", "text": "old", "content": [{"type": "text", "text": "Hello"}, {"type": "tool_use"}], "sender": "human", "created_at": "2024-03-05T10:11:13Z"},
      {"uuid": "m2", "text": "Hi there", "content": [], "sender": "assistant"},
      {"uuid": "m3", "text": "", "sender": "human"},
      {"uuid": "m4", "text": "Other", "sender": "human", "parent_message_uuid": "m1"}]}])");
  ASSERT_THAT(chats, SizeIs(1));
  EXPECT_EQ(chats[0].title, "Untitled");
  EXPECT_EQ(chats[0].created_s, 1709633472);
  ASSERT_THAT(chats[0].messages, SizeIs(3));
  EXPECT_EQ(chats[0].messages[0].text, "Hello");
  EXPECT_EQ(chats[0].messages[1].parent, "m1");
  EXPECT_EQ(chats[0].messages[2].parent, "m1");
}

TEST(ImportChats, EndsOnCirclesAndDeepChats) {
  EXPECT_THAT(read(R"([{"mapping": {"a": {"parent": "b", "message": {}}, "b": {"parent": "a"}}}])"),
              SizeIs(0));
  std::string deep = R"([{"title": "deep", "mapping": {)";
  for (int i = 0; i < 20000; ++i) {
    deep +=
        (i > 0 ? "," : "") + std::string("\"") + std::to_string(i) + "\":{\"parent\":\"" +
        (i > 0 ? std::to_string(i - 1) : "") +
        R"(","message":{"author":{"role":"user"},"content":{"content_type":"text","parts":["x"]}}})";
  }
  const auto chats = read(deep + "}}]");
  ASSERT_THAT(chats, SizeIs(1));
  EXPECT_THAT(chats[0].messages, SizeIs(20000));
}

TEST(ImportChats, SaysWhatItLeavesOut) {
  std::vector<ImportProblem> problems;
  EXPECT_THAT(read(R"([{"x": 1}, 7, {"mapping": {}, "title": "E"}])", &problems), SizeIs(0));
  ASSERT_THAT(problems, SizeIs(3));
  EXPECT_EQ(problems[1].chat, 2u);
  EXPECT_THAT(problems[2].text, HasSubstr("'E' has no text"));
}

TEST(ImportChats, RefusesWhatIsNoExport) {
  const auto code = [](std::string_view json) {
    try {
      read(json);
    } catch (const Error& error) {
      return error.code();
    }
    return ErrorCode::kInternal;
  };
  EXPECT_EQ(code("PK\x03\x04..."), ErrorCode::kInvalidArgument);
  EXPECT_EQ(code(""), ErrorCode::kCorruptData);
  EXPECT_EQ(code("[{\"title\": \"cut"), ErrorCode::kCorruptData);
  EXPECT_EQ(code("{\"chats\": []}"), ErrorCode::kInvalidArgument);
  EXPECT_EQ(code("\"text\""), ErrorCode::kInvalidArgument);
  EXPECT_EQ(code(std::string(200000, '[')), ErrorCode::kCorruptData);
}

}  // namespace
}  // namespace myna::chat
