// myna history: the chats that are kept, and what is remembered.
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <memory>

#include "base/file.h"
#include "chat/export_chats.h"
#include "chat/import_chats.h"
#include "cli/chat_commands.h"
#include "cli/chat_session.h"
#include "cli/console.h"

namespace myna::cli {
namespace {

constexpr const char* kExamples =
    "CHAT is a number, the beginning of a title, or last. The file is "
    "$MYNA_HOME/chat/history.sqlite.\n\n"
    "Examples:\n"
    "  myna history list\n"
    "  myna history search \"whale\"\n"
    "  myna history export last -o whales.md\n"
    "  myna history export -o everything.json\n"
    "  myna history import conversations.json      (of ChatGPT's or Claude's export, or Myna's)\n"
    "  myna history memory add \"My sister is called Ada.\"\n\n";

constexpr size_t kMostImportBytes = size_t{1} << 30;
constexpr size_t kMostProblemsShown = 10;

struct HistoryOptions {
  std::string chat;
  std::string text;
  std::string file;
  size_t limit = 30;
  int64_t note = 0;
};

chat::History open_history() {
  return chat::History::open(chat::History::default_path(), print_warning);
}

void search(const HistoryOptions& options) {
  const std::vector<chat::SearchHit> hits = open_history().search(options.text, options.limit);
  if (hits.empty()) print_note("nothing was found");
  for (const chat::SearchHit& hit : hits) {
    write_stdout(
        without_controls(fmt::format("{:>5}  {}: {}\n", hit.chat.id, hit.chat.title, hit.excerpt)));
  }
}

void export_chats(const HistoryOptions& options) {
  const chat::History history = open_history();
  const std::string file = options.file.empty() ? "-" : options.file;
  if (!options.chat.empty()) {
    export_chat(history, history.resolve_chat(options.chat), file);
    return;
  }
  if (file != "-" && !file.ends_with(".json")) {
    throw Error(ErrorCode::kInvalidArgument, "all chats together are exported as JSON",
                "name a file that ends in .json, or one chat");
  }
  const std::string text = chat::chats_as_json(history, history.list_chats(SIZE_MAX));
  if (file == "-") {
    write_stdout(text);
  } else {
    write_file_atomically(file, text);
  }
}

void import_chats(const HistoryOptions& options) {
  const std::string text = read_file(options.file, kMostImportBytes);
  std::vector<chat::ImportProblem> problems;
  const std::vector<chat::ImportedChat> chats = chat::parse_exported_chats(text, problems);
  chat::History history = open_history();
  size_t added = 0;
  for (const chat::ImportedChat& chat : chats) added += history.import_chat(chat) ? 1 : 0;
  for (size_t i = 0; i < std::min(problems.size(), kMostProblemsShown); ++i) {
    print_warning(fmt::format("chat {} is left out: {}", problems[i].chat, problems[i].text));
  }
  if (problems.size() > kMostProblemsShown) {
    print_warning(fmt::format("{} more are left out", problems.size() - kMostProblemsShown));
  }
  write_stdout(fmt::format("{} chats imported, {} were there already, {} left out\n", added,
                           chats.size() - added, problems.size()));
}

}  // namespace

void add_history_command(CLI::App& program, ExitCode&) {
  auto options = std::make_shared<HistoryOptions>();
  CLI::App* group =
      program.add_subcommand("history", "Chats that were kept: list, search, export, import");
  group->require_subcommand(1);
  group->footer(std::string(kExamples) + kExitCodeHelp);
  const auto add = [&](const char* name, const char* what) {
    return group->add_subcommand(name, what);
  };
  const auto chat_argument = [&](CLI::App* command) {
    return command->add_option("CHAT", options->chat,
                               "A number, the beginning of a title, or last");
  };

  CLI::App* command = add("list", "The latest chats");
  command->add_option("--limit", options->limit, "How many")->capture_default_str();
  command->callback(
      [options] { write_stdout(chat_table(open_history().list_chats(options->limit))); });

  command = add("search", "Chats with all these words");
  command->add_option("WORDS", options->text, "Words, or their beginnings")->required();
  command->add_option("--limit", options->limit, "How many")->capture_default_str();
  command->callback([options] { search(*options); });

  command = add("show", "A conversation, as Markdown");
  chat_argument(command)->required();
  command->callback([options] {
    const chat::History history = open_history();
    const std::string text = chat::chat_as_markdown(history, history.resolve_chat(options->chat));
    write_stdout(stdout_is_terminal() ? without_controls(text) : text);
  });

  command = add("rename", "Give a chat another title");
  chat_argument(command)->required();
  command->add_option("TITLE", options->text, "The new title")->required();
  command->callback([options] {
    chat::History history = open_history();
    history.rename_chat(history.resolve_chat(options->chat).id, options->text);
  });

  command = add("delete", "Delete a chat for good");
  chat_argument(command)->required();
  command->callback([options] {
    chat::History history = open_history();
    const chat::ChatInfo chat = history.resolve_chat(options->chat);
    history.delete_chat(chat.id);
    write_stdout(without_controls("deleted: " + chat.title) + "\n");
  });

  command = add("export", "One chat as Markdown or JSON, or all as JSON");
  chat_argument(command);
  command->add_option("-o,--output", options->file, ".md or .json; standard output without it");
  command->callback([options] { export_chats(*options); });

  command = add("import", "Take in the conversations.json of ChatGPT or Claude, or Myna's export");
  command->add_option("FILE", options->file, "The JSON file")->required();
  command->callback([options] { import_chats(*options); });

  command = add("memory", "What every new chat is told about you");
  command->require_subcommand(0, 1);
  command->callback([command] {
    if (command->get_subcommands().empty()) write_stdout(memory_table(open_history()));
  });
  CLI::App* part = command->add_subcommand("add", "Add a note");
  part->add_option("TEXT", options->text, "The note")->required();
  part->callback([options] { open_history().add_memory(options->text); });
  part = command->add_subcommand("change", "Write a note anew");
  part->add_option("NUMBER", options->note, "Which")->required();
  part->add_option("TEXT", options->text, "The note")->required();
  part->callback([options] { open_history().change_memory(options->note, options->text); });
  part = command->add_subcommand("delete", "Forget a note");
  part->add_option("NUMBER", options->note, "Which")->required();
  part->callback([options] { open_history().delete_memory(options->note); });
}

}  // namespace myna::cli
