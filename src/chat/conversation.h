// One chat between a person and a model: what is asked is stored before it is answered, what was
// answered as far as it came, and what no longer fits into the model's context is summarised.
#pragma once

#include <atomic>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "chat/history.h"
#include "language/chat_model.h"

namespace myna::chat {

// As the default model was taught to be addressed: other words make it worse.
inline constexpr std::string_view kDefaultPersona = "You are a helpful AI assistant named Myna.";

struct ConversationOptions {
  std::string system{kDefaultPersona};
  bool with_memory = true;  // the person's notes go into the system text
  language::Sampling sampling;
  language::AnswerForm form;
  std::vector<std::string> stop;
  int max_tokens = 0;  // of an answer; 0: as long as there is room
};

struct Listener {
  std::function<void(std::string_view)> text;    // pieces of the answer
  std::function<void(std::string_view)> notice;  // a sentence about what happens; may be empty
  const std::atomic<bool>* cancel = nullptr;
};

// Not thread-safe; model and history outlive it.
class Conversation {
 public:
  // `chat` is one of the history's, or 0: it is created with the first question.
  Conversation(language::ChatModel& model, History& history, ConversationOptions options,
               int64_t chat = 0);

  // What they throw leaves the question in the history, and the answer as far as it came:
  // regenerate() takes it up again. Beyond what ChatModel::answer() throws: kResourceExhausted for
  // a question that does not fit by itself.
  language::Answer ask(std::string_view question, const Listener& listener);
  // Another answer to the last question; the old one stays in the history. Throws Error
  // kInvalidArgument when nothing was asked.
  language::Answer regenerate(const Listener& listener);
  // Asks the question `back` questions ago (1: the last) in other words; what followed it stays in
  // the history. Throws Error kInvalidArgument when there are fewer.
  language::Answer edit(size_t back, std::string_view question, const Listener& listener);
  // Goes on in a new chat with the same beginning.
  int64_t branch(std::string_view title);

  int64_t chat() const { return chat_; }
  std::vector<StoredMessage> messages() const;
  // What the model gets now.
  std::vector<language::Message> context() const;
  const ConversationOptions& options() const { return options_; }
  void set_system(std::string system) { options_.system = std::move(system); }

 private:
  language::Answer answer(const Listener& listener);
  void make_room(const Listener& listener);
  std::string summarise(const std::string& before, std::string_view turns,
                        const Listener& listener);
  bool fits(const std::vector<language::Message>& messages) const;

  language::ChatModel* model_;
  History* history_;
  ConversationOptions options_;
  int64_t chat_;
};

// The beginning of a question, for a list of chats.
std::string title_of_question(std::string_view question);

}  // namespace myna::chat
