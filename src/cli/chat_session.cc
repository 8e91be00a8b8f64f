#include "cli/chat_session.h"

#include <fmt/format.h>

#include <charconv>
#include <ctime>

#include "base/error.h"
#include "base/file.h"
#include "base/plain_text.h"
#include "chat/export_chats.h"
#include "cli/console.h"

namespace myna::cli {
namespace {

using language::Role;

constexpr const char* kHelp =
    "  /regenerate        another answer to the last question\n"
    "  /edit [N] TEXT     the Nth question from the end (1: the last) in other words\n"
    "  /branch [TITLE]    go on in a new chat with the same beginning\n"
    "  /show              this conversation        /stats   the last answer in figures\n"
    "  /new               a new chat               /persona [TEXT]   who answers\n"
    "  /memory            what is remembered: /memory add TEXT, /memory N TEXT, /memory delete N\n"
    "  /list, /search WORDS, /resume N, /rename TITLE, /delete [N], /export FILE.md|FILE.json\n"
    "  /quit              Ctrl-C stops an answer\n";

std::string date_of(int64_t seconds) {
  const auto time = static_cast<std::time_t>(seconds);
  std::tm parts{};
  localtime_r(&time, &parts);
  char text[32];
  std::strftime(text, sizeof text, "%Y-%m-%d %H:%M", &parts);
  return text;
}

// A number at the start of `text`, which is then taken off it.
std::optional<int64_t> take_number(std::string_view& text) {
  int64_t number = 0;
  const auto result = std::from_chars(text.data(), text.data() + text.size(), number);
  const auto used = static_cast<size_t>(result.ptr - text.data());
  if (result.ec != std::errc() || number < 1) return std::nullopt;
  if (used < text.size() && text[used] != ' ') return std::nullopt;
  text = trimmed(text.substr(used));
  return number;
}

}  // namespace

std::string chat_table(std::span<const chat::ChatInfo> chats) {
  std::string table;
  for (const chat::ChatInfo& chat : chats) {
    table += fmt::format("{:>5}  {}  {}  ({} messages)\n", chat.id, date_of(chat.updated_s),
                         without_controls(chat.title), chat.message_count);
  }
  return table.empty() ? "there is no chat yet\n" : table;
}

std::string memory_table(const chat::History& history) {
  std::string table;
  for (const chat::MemoryNote& note : history.memory()) {
    table += fmt::format("{:>5}  {}\n", note.id, without_controls(note.text));
  }
  return table.empty() ? "nothing is remembered; /memory add TEXT adds a note\n" : table;
}

void export_chat(const chat::History& history, const chat::ChatInfo& chat,
                 const std::string& path) {
  const bool json = path.ends_with(".json");
  const std::string text = json ? chat::chats_as_json(history, std::span(&chat, 1))
                                : chat::chat_as_markdown(history, chat);
  if (path == "-") {
    write_stdout(text);
  } else {
    write_file_atomically(path, text);
  }
}

std::string describe_statistics(const language::AnswerStatistics& statistics) {
  const double rate =
      statistics.answer_s > 0 ? (statistics.answer_tokens - 1) / statistics.answer_s : 0;
  return fmt::format(
      "{} tokens, {:.0f} a second; {:.2f} s until the first; {} of {} prompt tokens reused",
      statistics.answer_tokens, rate, statistics.prompt_s, statistics.reused_tokens,
      statistics.prompt_tokens);
}

void ChatSession::run() {
  while (const auto line = terminal_.read_line("> ")) {
    try {
      if (handle(*line) == Next::kQuit) return;
    } catch (const Error& error) {
      // A terminal that is gone ends the chat; everything else ends one question.
      if (error.code() == ErrorCode::kIo && stdout_reader_is_gone()) throw;
      print_error(error);
    }
  }
  if (!terminal_.ended()) write_stdout("\n");
}

template <typename Work>
void ChatSession::answer(Work&& work) {
  terminal_.begin_answer();
  if (speech_ != nullptr) speech_->begin(terminal_.stop());
  chat::Listener listener;
  listener.cancel = &terminal_.stop();
  listener.notice = [](std::string_view text) { print_note(text); };
  listener.text = [this](std::string_view text) {
    terminal_.show(text);
    if (speech_ != nullptr) speech_->say(text);
  };
  try {
    const language::Answer answer = work(listener);
    last_ = answer.statistics;
    write_stdout(answer.end == language::AnswerEnd::kCancelled    ? " [stopped]\n"
                 : answer.end == language::AnswerEnd::kTokenLimit ? " [...]\n"
                 : answer.end == language::AnswerEnd::kContextFull
                     ? " [the model's context is full]\n"
                     : "\n");
  } catch (...) {
    write_stdout("\n");
    if (speech_ != nullptr) speech_->finish();
    throw;
  }
  if (speech_ != nullptr) speech_->finish();
}

ChatSession::Next ChatSession::handle(const std::string& line) {
  const std::string_view text = trimmed(line);
  if (text.empty()) return Next::kGoOn;
  if (text.starts_with('/')) {
    const size_t blank = text.find(' ');
    const std::string_view rest =
        blank == std::string_view::npos ? "" : trimmed(text.substr(blank));
    return command(text.substr(1, blank == std::string_view::npos ? blank : blank - 1), rest);
  }
  answer([&](const chat::Listener& listener) { return conversation_->ask(text, listener); });
  return Next::kGoOn;
}

ChatSession::Next ChatSession::command(std::string_view name, std::string_view rest) {
  const auto current = [&] {
    if (conversation_->chat() == 0)
      throw Error(ErrorCode::kInvalidArgument, "nothing was said yet");
    return *history_.find_chat(conversation_->chat());
  };
  if (name == "quit" || name == "exit" || name == "q") return Next::kQuit;
  if (name == "help") {
    write_stdout(kHelp);
  } else if (name == "regenerate") {
    answer([&](const chat::Listener& listener) { return conversation_->regenerate(listener); });
  } else if (name == "edit") {
    edit(rest);
  } else if (name == "branch") {
    const std::string title = rest.empty() ? current().title + " (branch)" : std::string(rest);
    say_line(fmt::format("this is chat {} now", conversation_->branch(title)));
  } else if (name == "show") {
    show_conversation();
  } else if (name == "stats") {
    say_line(describe_statistics(last_));
  } else if (name == "new") {
    switch_to(0);
  } else if (name == "persona") {
    if (!rest.empty()) conversation_->set_system(std::string(rest));
    say_line(conversation_->options().system);
  } else if (name == "memory") {
    memory(rest);
  } else if (name == "list" || name == "search") {
    show_list(name == "list" ? "" : rest);
  } else if (name == "resume") {
    switch_to(history_.resolve_chat(rest).id);
    show_conversation();
  } else if (name == "rename") {
    if (rest.empty()) throw Error(ErrorCode::kInvalidArgument, "give the new title: /rename TITLE");
    history_.rename_chat(current().id, rest);
  } else if (name == "delete") {
    remove(rest);
  } else if (name == "export") {
    if (rest.empty()) throw Error(ErrorCode::kInvalidArgument, "give a file: /export chat.md");
    export_chat(history_, current(), std::string(rest));
    if (rest != "-") say_line("written to " + std::string(rest));
  } else {
    throw Error(ErrorCode::kInvalidArgument, "there is no command /" + std::string(name),
                "/help shows what there is");
  }
  return Next::kGoOn;
}

void ChatSession::show_conversation() {
  for (const chat::StoredMessage& message : conversation_->messages()) {
    terminal_.show((message.role == Role::kUser ? "> " : "") + message.text +
                   (message.cut_short ? " [stopped]\n" : "\n"));
  }
}

void ChatSession::show_list(std::string_view words) {
  constexpr size_t kMost = 30;
  if (words.empty()) {
    write_stdout(chat_table(history_.list_chats(kMost)));
    return;
  }
  const std::vector<chat::SearchHit> hits = history_.search(words, kMost);
  if (hits.empty()) say_line("nothing was found");
  for (const chat::SearchHit& hit : hits) {
    terminal_.show(fmt::format("{:>5}  {}: {}\n", hit.chat.id, hit.chat.title, hit.excerpt));
  }
}

void ChatSession::switch_to(int64_t chat) {
  chat::ConversationOptions options = conversation_->options();
  if (chat != 0) {
    const std::string system = history_.find_chat(chat)->system;
    if (!system.empty()) options.system = system;
  }
  *conversation_ = chat::Conversation(model_, history_, std::move(options), chat);
}

void ChatSession::edit(std::string_view rest) {
  const auto number = take_number(rest);
  if (rest.empty()) {
    throw Error(ErrorCode::kInvalidArgument, "give the new question: /edit TEXT, or /edit 2 TEXT");
  }
  answer([&](const chat::Listener& listener) {
    return conversation_->edit(static_cast<size_t>(number.value_or(1)), rest, listener);
  });
}

void ChatSession::memory(std::string_view rest) {
  const auto after = [&](std::string_view word) -> std::optional<std::string_view> {
    if (rest != word && !rest.starts_with(std::string(word) + " ")) return std::nullopt;
    return trimmed(rest.substr(word.size()));
  };
  const auto require = [](bool sound) {
    if (!sound) {
      throw Error(ErrorCode::kInvalidArgument, "this is no way to change the memory",
                  "/memory add TEXT, /memory 2 NEW TEXT, /memory delete 2");
    }
  };
  if (const auto text = after("add")) {
    require(!text->empty());
    history_.add_memory(*text);
  } else if (auto number_text = after("delete")) {
    const auto number = take_number(*number_text);
    require(number.has_value() && number_text->empty());
    history_.delete_memory(*number);
  } else if (!rest.empty()) {
    const auto number = take_number(rest);
    require(number.has_value() && !rest.empty());
    history_.change_memory(*number, rest);
  }
  write_stdout(memory_table(history_));
}

void ChatSession::remove(std::string_view what) {
  const int64_t chat = what.empty() ? conversation_->chat() : history_.resolve_chat(what).id;
  if (chat == 0) throw Error(ErrorCode::kInvalidArgument, "nothing was said yet");
  const std::string title = history_.find_chat(chat)->title;
  history_.delete_chat(chat);
  if (chat == conversation_->chat()) switch_to(0);
  say_line("deleted: " + title);
}

}  // namespace myna::cli
