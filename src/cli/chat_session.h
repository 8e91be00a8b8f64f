// A chat in a terminal: questions, answers and the commands that begin with "/".
#pragma once

#include <string>
#include <string_view>

#include "chat/conversation.h"
#include "cli/chat_speech.h"
#include "cli/chat_terminal.h"

namespace myna::cli {

class ChatSession {
 public:
  // `speech` may be null. Everything outlives the session.
  ChatSession(language::ChatModel& model, chat::History& history, chat::Conversation& conversation,
              ChatTerminal& terminal, AnswerSpeech* speech)
      : model_(model),
        history_(history),
        conversation_(&conversation),
        terminal_(terminal),
        speech_(speech) {}

  // Until /quit, the end of input or SIGTERM. What goes wrong with one question is said, and the
  // chat goes on.
  void run();

 private:
  enum class Next : uint8_t { kGoOn, kQuit };
  Next handle(const std::string& line);
  Next command(std::string_view name, std::string_view rest);
  template <typename Work>
  void answer(Work&& work);
  void show_conversation();
  void show_list(std::string_view words);
  void switch_to(int64_t chat);
  void edit(std::string_view rest);
  void memory(std::string_view rest);
  void remove(std::string_view what);
  void say_line(std::string_view text) { terminal_.show(std::string(text) + "\n"); }

  language::ChatModel& model_;
  chat::History& history_;
  chat::Conversation* conversation_;
  ChatTerminal& terminal_;
  AnswerSpeech* speech_;
  language::AnswerStatistics last_;
};

// "  12  2026-11-27 10:11  Title  (8 messages)", a line a chat.
std::string chat_table(std::span<const chat::ChatInfo> chats);

// Notes as a numbered list, or a line that says how to add one.
std::string memory_table(const chat::History& history);

// Writes .json with everything or anything else as Markdown; "-" is standard output, as Markdown.
void export_chat(const chat::History& history, const chat::ChatInfo& chat, const std::string& path);

// "31 tokens in 0.41 s, 76 a second; 210 of 244 prompt tokens reused"
std::string describe_statistics(const language::AnswerStatistics& statistics);

}  // namespace myna::cli
