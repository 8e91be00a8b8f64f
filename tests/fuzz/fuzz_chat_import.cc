// Exported chats, the events of an endpoint and the text of an answer: any bytes give a result or
// an Error, parents come before their children, and what was read can be stored and exported again.
#include <set>
#include <string_view>

#include "base/error.h"
#include "base/utf8.h"
#include "chat/export_chats.h"
#include "chat/import_chats.h"
#include "fuzz_check.h"
#include "language/answer_text.h"
#include "language/remote/event_stream.h"

namespace {

void check_import(std::string_view bytes) {
  std::vector<myna::chat::ImportProblem> problems;
  std::vector<myna::chat::ImportedChat> chats;
  try {
    chats = myna::chat::parse_exported_chats(bytes, problems);
  } catch (const myna::Error& error) {
    FUZZ_CHECK(error.code() == myna::ErrorCode::kCorruptData ||
               error.code() == myna::ErrorCode::kInvalidArgument);
    return;
  }
  for (const myna::chat::ImportedChat& chat : chats) {
    FUZZ_CHECK(!chat.messages.empty());
    std::set<std::string> keys = {""};
    for (const auto& message : chat.messages) {
      FUZZ_CHECK(keys.contains(message.parent));
      FUZZ_CHECK(keys.insert(message.key).second);
    }
  }
  if (chats.empty()) return;
  static myna::chat::History history = myna::chat::History::temporary();
  for (const myna::chat::ImportedChat& chat : chats) history.import_chat(chat);
  for (const myna::chat::ChatInfo& chat : history.list_chats(SIZE_MAX)) {
    const std::string json = myna::chat::chats_as_json(history, std::span(&chat, 1));
    problems.clear();
    FUZZ_CHECK(myna::chat::parse_exported_chats(json, problems).size() == 1);
    myna::chat::chat_as_markdown(history, chat);
    history.delete_chat(chat.id);
  }
}

void check_streams(std::string_view bytes) {
  myna::language::EventStream whole, pieces;
  std::vector<std::string> one = whole.append(bytes), many;
  for (const char& byte : bytes) {
    for (std::string& event : pieces.append({&byte, 1})) many.push_back(std::move(event));
  }
  FUZZ_CHECK(one == many);
  myna::language::AnswerText text({"END", std::string(bytes.substr(0, 2))});
  std::string shown;
  for (size_t at = 0; at < bytes.size() && !text.stopped(); at += 3) {
    shown += text.append(bytes.substr(at, 3));
  }
  if (!text.stopped()) shown += text.finish();
  FUZZ_CHECK(!myna::find_invalid_utf8(shown));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  check_import(bytes);
  check_streams(bytes);
  return 0;
}
