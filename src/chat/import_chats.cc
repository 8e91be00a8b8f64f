#include "chat/import_chats.h"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <ctime>
#include <map>
#include <nlohmann/json.hpp>
#include <set>

#include "base/error.h"
#include "chat/exported_form.h"

namespace myna::chat {
namespace {

using Json = nlohmann::json;
using language::Role;

constexpr size_t kMostTitleBytes = 400;

// The member as text; empty when it is absent or something else.
std::string text_of(const Json& object, const char* key) {
  if (!object.is_object()) return {};
  const auto member = object.find(key);
  return member != object.end() && member->is_string() ? member->get<std::string>() : "";
}

int64_t seconds_of(const Json& object, const char* key) {
  if (!object.is_object()) return 0;
  const auto member = object.find(key);
  if (member == object.end()) return 0;
  if (member->is_number()) {
    const double seconds = member->get<double>();
    return seconds > 0 && seconds < 1e11 ? static_cast<int64_t>(seconds) : 0;
  }
  // 2024-03-05T10:11:12.131415Z
  std::tm parts{};
  const std::string text = text_of(object, key);
  if (std::sscanf(text.c_str(), "%4d-%2d-%2dT%2d:%2d:%2d", &parts.tm_year, &parts.tm_mon,
                  &parts.tm_mday, &parts.tm_hour, &parts.tm_min, &parts.tm_sec) != 6) {
    return 0;
  }
  parts.tm_year -= 1900;
  parts.tm_mon -= 1;
  const bool sound = parts.tm_year >= 70 && parts.tm_year < 1100 && parts.tm_mon >= 0 &&
                     parts.tm_mon < 12 && parts.tm_mday >= 1 && parts.tm_mday <= 31;
  return sound ? std::max<int64_t>(0, timegm(&parts)) : 0;
}

std::string title_of(std::string title) {
  std::replace_if(
      title.begin(), title.end(), [](unsigned char c) { return c < 0x20; }, ' ');
  if (title.size() > kMostTitleBytes) {
    title.resize(kMostTitleBytes);
    while (!title.empty() && (title.back() & 0xC0) == 0x80) title.pop_back();
    if (!title.empty() && (title.back() & 0x80) != 0) title.pop_back();
  }
  return title.empty() ? "Untitled" : title;
}

// Text parts of a ChatGPT message, one under the other.
std::string chatgpt_text(const Json& message) {
  const auto content = message.find("content");
  if (content == message.end() || !content->is_object()) return {};
  const std::string type = text_of(*content, "content_type");
  if (type != "text" && type != "multimodal_text") return {};
  std::string text;
  const auto parts = content->find("parts");
  if (parts == content->end() || !parts->is_array()) return {};
  for (const Json& part : *parts) {
    const std::string piece = part.is_string() ? part.get<std::string>() : text_of(part, "text");
    if (piece.empty()) continue;
    text += (text.empty() ? "" : "\n\n") + piece;
  }
  return text;
}

// Nodes of ChatGPT's mapping that have something to show, parents first. `kept_parent` of a node is
// the nearest node above it that was kept.
class MappingReader {
 public:
  MappingReader(const Json& mapping, ImportedChat& chat) : mapping_(mapping), chat_(chat) {}

  void read() {
    for (const auto& [id, node] : mapping_.items()) {
      const std::string parent = text_of(node, "parent");
      if (parent.empty() || parent == id || !mapping_.contains(parent)) {
        roots_.push_back(id);
      } else {
        children_[parent].push_back(id);
      }
    }
    // Without recursion: a chat is as deep as it is long.
    std::vector<std::pair<std::string, std::string>> open;  // node, nearest kept node above
    for (auto root = roots_.rbegin(); root != roots_.rend(); ++root) open.emplace_back(*root, "");
    while (!open.empty()) {
      const auto [id, above] = std::move(open.back());
      open.pop_back();
      const std::string kept = take(id, above);
      nearest_[id] = kept;
      const std::vector<std::string>& below = children_[id];
      for (auto child = below.rbegin(); child != below.rend(); ++child) {
        open.emplace_back(*child, kept);
      }
    }
  }

  // The nearest kept node at or above this one.
  std::string nearest(const std::string& id) const {
    const auto found = nearest_.find(id);
    return found != nearest_.end() ? found->second : "";
  }

 private:
  std::string take(const std::string& id, const std::string& above) {
    const Json& node = mapping_.at(id);
    const auto message = node.is_object() ? node.find("message") : node.end();
    if (!node.is_object() || message == node.end() || !message->is_object()) return above;
    const auto author = message->find("author");
    const std::string role = author != message->end() ? text_of(*author, "role") : "";
    const std::string text = chatgpt_text(*message);
    if ((role != "user" && role != "assistant") || text.empty() || id.empty()) return above;
    const auto metadata = message->find("metadata");
    chat_.messages.push_back({id, above, role == "user" ? Role::kUser : Role::kAssistant, text,
                              seconds_of(*message, "create_time"),
                              metadata != message->end() ? text_of(*metadata, "model_slug") : "",
                              false});
    return id;
  }

  const Json& mapping_;
  ImportedChat& chat_;
  std::vector<std::string> roots_;
  std::map<std::string, std::vector<std::string>> children_;
  std::map<std::string, std::string> nearest_;
};

ImportedChat read_chatgpt(const Json& conversation) {
  ImportedChat chat;
  const std::string id = text_of(conversation, "conversation_id").empty()
                             ? text_of(conversation, "id")
                             : text_of(conversation, "conversation_id");
  if (!id.empty()) chat.origin = "chatgpt:" + id;
  chat.title = title_of(text_of(conversation, "title"));
  chat.created_s = seconds_of(conversation, "create_time");
  chat.updated_s = seconds_of(conversation, "update_time");
  MappingReader reader(conversation.at("mapping"), chat);
  reader.read();
  chat.head = reader.nearest(text_of(conversation, "current_node"));
  return chat;
}

std::string claude_text(const Json& message) {
  std::string text;
  const auto content = message.is_object() ? message.find("content") : message.end();
  if (message.is_object() && content != message.end() && content->is_array()) {
    for (const Json& part : *content) {
      if (text_of(part, "type") != "text") continue;
      const std::string piece = text_of(part, "text");
      if (!piece.empty()) text += (text.empty() ? "" : "\n\n") + piece;
    }
  }
  return text.empty() ? text_of(message, "text") : text;
}

ImportedChat read_claude(const Json& conversation) {
  ImportedChat chat;
  const std::string id = text_of(conversation, "uuid");
  if (!id.empty()) chat.origin = "claude:" + id;
  chat.title = title_of(text_of(conversation, "name"));
  chat.created_s = seconds_of(conversation, "created_at");
  chat.updated_s = seconds_of(conversation, "updated_at");
  std::set<std::string> keys;
  std::string last;
  for (const Json& message : conversation.at("chat_messages")) {
    const std::string sender = text_of(message, "sender");
    const std::string text = claude_text(message);
    if ((sender != "human" && sender != "assistant") || text.empty()) continue;
    // Newer exports say what a message answers; older ones are a list.
    std::string parent = text_of(message, "parent_message_uuid");
    if (!keys.contains(parent)) parent = last;
    std::string key = text_of(message, "uuid");
    for (size_t number = chat.messages.size(); key.empty() || !keys.insert(key).second; ++number) {
      key = "#" + std::to_string(number);
    }
    chat.messages.push_back({key, parent, sender == "human" ? Role::kUser : Role::kAssistant, text,
                             seconds_of(message, "created_at"), "", false});
    last = key;
  }
  chat.head = last;
  return chat;
}

ImportedChat read_own(const Json& conversation) {
  ImportedChat chat;
  chat.origin = text_of(conversation, "origin");
  chat.title = title_of(text_of(conversation, "title"));
  chat.system = text_of(conversation, "system");
  chat.created_s = seconds_of(conversation, "created_s");
  chat.updated_s = seconds_of(conversation, "updated_s");
  chat.head = text_of(conversation, "head");
  std::set<std::string> keys;
  for (const Json& message : conversation.at("messages")) {
    const std::string role = text_of(message, "role");
    const std::string key = text_of(message, "id");
    const bool known = role == "user" || role == "assistant";
    if (!known || key.empty() || !keys.insert(key).second) continue;
    std::string parent = text_of(message, "parent");
    if (parent == key || !keys.contains(parent)) parent.clear();
    chat.messages.push_back({key, parent, role == "user" ? Role::kUser : Role::kAssistant,
                             text_of(message, "text"), seconds_of(message, "created_s"),
                             text_of(message, "model"),
                             message.value("cut_short", Json()) == true});
  }
  return chat;
}

bool has_list(const Json& object, const char* key) {
  return object.is_object() && object.contains(key) && object[key].is_array();
}

bool has_object(const Json& object, const char* key) {
  return object.is_object() && object.contains(key) && object[key].is_object();
}

}  // namespace

std::vector<ImportedChat> parse_exported_chats(std::string_view json,
                                               std::vector<ImportProblem>& problems) {
  if (json.starts_with("PK\x03\x04")) {
    throw Error(ErrorCode::kInvalidArgument, "this is a zip archive",
                "unpack it and give the conversations.json in it");
  }
  Json document;
  try {
    document = Json::parse(json);
  } catch (const Json::parse_error& error) {
    throw Error(ErrorCode::kCorruptData, std::string("this is no JSON: ") + error.what());
  }
  const bool own = text_of(document, "format") == kExportFormat && has_list(document, "chats");
  if (!own && !document.is_array()) {
    throw Error(ErrorCode::kInvalidArgument, "this is no export of chats",
                "give the conversations.json of ChatGPT or Claude, or an export of Myna");
  }
  const Json& list = own ? document["chats"] : document;
  std::vector<ImportedChat> chats;
  size_t number = 0;
  for (const Json& conversation : list) {
    ++number;
    ImportedChat chat;
    if (own && has_list(conversation, "messages")) {
      chat = read_own(conversation);
    } else if (!own && has_object(conversation, "mapping")) {
      chat = read_chatgpt(conversation);
    } else if (!own && has_list(conversation, "chat_messages")) {
      chat = read_claude(conversation);
    } else {
      problems.push_back({number, "it is of no form that Myna knows"});
      continue;
    }
    if (chat.messages.empty()) {
      problems.push_back({number, "'" + chat.title + "' has no text"});
      continue;
    }
    chat.updated_s = std::max(chat.updated_s, chat.created_s);
    chats.push_back(std::move(chat));
  }
  return chats;
}

}  // namespace myna::chat
