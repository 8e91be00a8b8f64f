#include "chat/export_chats.h"

#include <ctime>
#include <nlohmann/json.hpp>

#include "chat/exported_form.h"

namespace myna::chat {
namespace {

using Json = nlohmann::ordered_json;

std::string date_of(int64_t seconds) {
  const auto time = static_cast<std::time_t>(seconds);
  std::tm parts{};
  gmtime_r(&time, &parts);
  char text[32];
  std::strftime(text, sizeof text, "%Y-%m-%d %H:%M UTC", &parts);
  return text;
}

}  // namespace

std::string chat_as_markdown(const History& history, const ChatInfo& chat) {
  std::string text = "# " + chat.title + "\n\n" + date_of(chat.created_s) + "\n";
  for (const StoredMessage& message : history.conversation(chat.id)) {
    const bool user = message.role == language::Role::kUser;
    text += user ? "\n## You\n\n" : "\n## Myna\n\n";
    text += message.text;
    if (!message.text.ends_with('\n')) text += '\n';
    if (message.cut_short) text += "\n*(stopped here)*\n";
  }
  return text;
}

std::string chats_as_json(const History& history, std::span<const ChatInfo> chats) {
  Json list = Json::array();
  for (const ChatInfo& chat : chats) {
    Json messages = Json::array();
    for (const StoredMessage& message : history.all_messages(chat.id)) {
      Json item = {{"id", std::to_string(message.id)},
                   {"parent", message.parent != 0 ? std::to_string(message.parent) : ""},
                   {"role", language::role_name(message.role)},
                   {"text", message.text},
                   {"created_s", message.created_s}};
      if (!message.model.empty()) item["model"] = message.model;
      if (message.cut_short) item["cut_short"] = true;
      messages.push_back(std::move(item));
    }
    Json item = {{"title", chat.title},
                 {"created_s", chat.created_s},
                 {"updated_s", chat.updated_s},
                 {"head", std::to_string(chat.head)}};
    if (!chat.system.empty()) item["system"] = chat.system;
    if (!chat.origin.empty()) item["origin"] = chat.origin;
    item["messages"] = std::move(messages);
    list.push_back(std::move(item));
  }
  const Json document = {{"format", kExportFormat}, {"version", 1}, {"chats", std::move(list)}};
  return document.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

}  // namespace myna::chat
