#include "chat/conversation.h"

#include <algorithm>

#include "base/error.h"

namespace myna::chat {
namespace {

using language::Answer;
using language::AnswerRequest;
using language::Message;
using language::Role;

constexpr size_t kMostTitleBytes = 60;
// A summary of a chat that was never answered here (an import) costs a reading of all of it: more
// than so many parts are left out, the oldest first.
constexpr size_t kMostSummaries = 3;
constexpr const char* kSummaryHeading = "Earlier in this conversation:\n";

// Cut where no character is cut.
std::string_view shortened(std::string_view text, size_t bytes) {
  if (text.size() <= bytes) return text;
  while (bytes > 0 && (static_cast<unsigned char>(text[bytes]) & 0xC0) == 0x80) --bytes;
  return text.substr(0, bytes);
}

std::string as_lines(const StoredMessage& message, size_t most_bytes) {
  const std::string_view text = shortened(message.text, most_bytes);
  return std::string(message.role == Role::kUser ? "User: " : "Assistant: ") + std::string(text) +
         (text.size() < message.text.size() ? " ...\n" : "\n");
}

}  // namespace

std::string title_of_question(std::string_view question) {
  std::string title;
  for (const char c : question) {
    const bool blank = static_cast<unsigned char>(c) <= ' ';
    if (!blank) title += c;
    if (blank && !title.empty() && title.back() != ' ') title += ' ';
    if (title.size() > 4 * kMostTitleBytes) break;
  }
  while (title.ends_with(' ')) title.pop_back();
  if (title.size() > kMostTitleBytes) {
    title = shortened(title, kMostTitleBytes);
    const size_t blank = title.rfind(' ');
    if (blank != std::string::npos && blank > kMostTitleBytes / 2) title.resize(blank);
    title += "…";
  }
  return title.empty() ? "Untitled" : title;
}

Conversation::Conversation(language::ChatModel& model, History& history,
                           ConversationOptions options, int64_t chat)
    : model_(&model), history_(&history), options_(std::move(options)), chat_(chat) {}

std::vector<StoredMessage> Conversation::messages() const {
  return chat_ == 0 ? std::vector<StoredMessage>() : history_->conversation(chat_);
}

std::vector<Message> Conversation::context() const {
  const std::vector<StoredMessage> stored = messages();
  const std::optional<Summary> summary = history_->find_summary(stored);
  std::string system = options_.system;
  if (options_.with_memory) {
    const std::vector<MemoryNote> notes = history_->memory();
    if (!notes.empty()) system += "\n\nThe user wants you to remember:";
    for (const MemoryNote& note : notes) system += "\n- " + note.text;
  }
  if (summary) system += "\n\n" + std::string(kSummaryHeading) + summary->text;
  std::vector<Message> context;
  if (!system.empty()) context.push_back({Role::kSystem, system});
  bool covered = summary.has_value();
  for (const StoredMessage& message : stored) {
    if (covered) {
      covered = message.id != summary->until;
      continue;
    }
    // Templates want turns that alternate; a question that was never answered, or an import, may
    // not.
    if (!context.empty() && context.back().role == message.role) {
      context.back().text += "\n\n" + message.text;
    } else {
      context.push_back({message.role, message.text});
    }
  }
  return context;
}

bool Conversation::fits(const std::vector<Message>& messages) const {
  const int limit = model_->context_tokens();
  if (limit == 0) return true;
  const int reserve =
      options_.max_tokens > 0 ? std::min(options_.max_tokens, limit / 2) : limit / 4;
  return model_->count_tokens(messages) + reserve <= limit;
}

std::string Conversation::summarise(const std::string& before, std::string_view turns,
                                    const Listener& listener) {
  AnswerRequest request;
  std::string task =
      "Summarise the conversation below in at most eighty words. Keep names, numbers, wishes and "
      "what was agreed on. Write only the summary.\n\n";
  if (!before.empty()) task += std::string(kSummaryHeading) + before + "\n\n";
  request.messages = {{Role::kSystem, "You summarise conversations."},
                      {Role::kUser, task + std::string(turns)}};
  request.sampling.temperature = 0;
  request.max_tokens = std::clamp(model_->context_tokens() / 8, 32, 160);
  request.cancel = listener.cancel;
  const Answer answer = model_->answer(request, {});
  if (answer.end == language::AnswerEnd::kCancelled) {
    throw Error(ErrorCode::kCancelled, "stopped while old turns were summarised");
  }
  return answer.text;
}

// Keeps the latest turns that take half of the context at most and summarises those before them, in
// parts that fit.
void Conversation::make_room(const Listener& listener) {
  if (fits(context())) return;
  const std::vector<StoredMessage> stored = messages();
  const Error too_long(ErrorCode::kResourceExhausted,
                       "the question is longer than the model can read",
                       "shorten it, or choose a model with a longer context");
  if (!fits({{Role::kSystem, options_.system}, {Role::kUser, stored.back().text}})) throw too_long;
  const std::optional<Summary> old = history_->find_summary(stored);
  size_t first = 0;
  while (old && first < stored.size() && stored[first].id <= old->until) ++first;

  const int half = model_->context_tokens() / 2;
  size_t keep = stored.size() - 1;  // from here on; the question in any case
  std::vector<Message> kept = {{Role::kUser, stored.back().text}};
  while (keep > first) {
    kept.insert(kept.begin(), Message{stored[keep - 1].role, stored[keep - 1].text});
    if (model_->count_tokens(kept) > half) break;
    --keep;
  }
  // An answer without its question helps nobody.
  while (keep < stored.size() && stored[keep].role != Role::kUser) ++keep;
  if (keep == first) throw too_long;
  if (listener.notice) listener.notice("summarising earlier turns, which no longer fit");

  const auto part_bytes = static_cast<size_t>(half);  // a token has a byte or more
  std::vector<std::string> parts(1);
  for (size_t i = first; i < keep; ++i) {
    const std::string lines = as_lines(stored[i], part_bytes / 2);
    if (parts.back().size() + lines.size() > part_bytes * 2) parts.emplace_back();
    parts.back() += lines;
  }
  if (parts.size() > kMostSummaries) {
    parts.erase(parts.begin(), parts.end() - static_cast<ptrdiff_t>(kMostSummaries));
    if (listener.notice) listener.notice("the oldest turns are left out");
  }
  std::string summary = old ? old->text : "";
  for (const std::string& part : parts) summary = summarise(summary, part, listener);
  history_->put_summary(stored[keep - 1].id, summary);
  if (!fits(context())) throw too_long;
}

Answer Conversation::answer(const Listener& listener) {
  make_room(listener);
  AnswerRequest request;
  request.messages = context();
  request.sampling = options_.sampling;
  request.form = options_.form;
  request.stop = options_.stop;
  request.max_tokens = options_.max_tokens;
  request.cancel = listener.cancel;
  const std::vector<StoredMessage> stored = messages();
  StoredMessage reply{0, stored.back().id, Role::kAssistant, "", 0, model_->name(), true};
  Answer answer;
  try {
    answer = model_->answer(request, [&](std::string_view text) {
      reply.text += text;
      if (listener.text) listener.text(text);
    });
  } catch (...) {
    if (!reply.text.empty()) history_->add_message(chat_, reply);
    throw;
  }
  reply.text = answer.text;
  reply.cut_short = answer.end == language::AnswerEnd::kCancelled;
  if (!reply.text.empty()) history_->add_message(chat_, reply);
  return answer;
}

Answer Conversation::ask(std::string_view question, const Listener& listener) {
  if (chat_ == 0) chat_ = history_->create_chat(title_of_question(question), options_.system);
  const std::vector<StoredMessage> stored = messages();
  StoredMessage message;
  message.parent = stored.empty() ? 0 : stored.back().id;
  message.text = question;
  history_->add_message(chat_, message);
  return answer(listener);
}

Answer Conversation::regenerate(const Listener& listener) {
  const std::vector<StoredMessage> stored = messages();
  const auto last = std::find_if(stored.rbegin(), stored.rend(),
                                 [](const StoredMessage& m) { return m.role == Role::kUser; });
  if (last == stored.rend()) throw Error(ErrorCode::kInvalidArgument, "nothing was asked yet");
  history_->set_head(chat_, last->id);
  return answer(listener);
}

Answer Conversation::edit(size_t back, std::string_view question, const Listener& listener) {
  std::vector<StoredMessage> stored = messages();
  size_t seen = 0;
  const auto at = std::find_if(stored.rbegin(), stored.rend(), [&](const StoredMessage& m) {
    return m.role == Role::kUser && ++seen == back;
  });
  if (at == stored.rend()) {
    throw Error(ErrorCode::kInvalidArgument, "there are not so many questions");
  }
  StoredMessage message;
  message.parent = at->parent;
  message.text = question;
  history_->add_message(chat_, message);
  return answer(listener);
}

int64_t Conversation::branch(std::string_view title) {
  const std::vector<StoredMessage> stored = messages();
  if (stored.empty()) throw Error(ErrorCode::kInvalidArgument, "nothing was said yet");
  chat_ = history_->branch_chat(chat_, stored.back().id, title);
  return chat_;
}

}  // namespace myna::chat
