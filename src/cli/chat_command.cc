// myna chat: talk with a language model, in a terminal, once, or in a pipe.
#include <fmt/format.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <memory>
#include <nlohmann/json.hpp>

#include "base/file.h"
#include "base/plain_text.h"
#include "chat/conversation.h"
#include "cli/chat_commands.h"
#include "cli/chat_model_options.h"
#include "cli/chat_session.h"
#include "cli/console.h"
#include "cli/interrupt.h"
#include "cli/timing_report.h"

namespace myna::cli {
namespace {

constexpr const char* kExamples =
    "Without TEXT, in a terminal, it is a conversation: /help there shows its commands. With TEXT "
    "it\n"
    "answers once; - stands for standard input, and so does a pipe without TEXT. Chats are kept "
    "in\n"
    "$MYNA_HOME/chat (`myna history`), and nothing leaves the machine unless --endpoint is "
    "given.\n\n"
    "Examples:\n"
    "  myna chat\n"
    "  myna chat \"Why is the sky blue?\"\n"
    "  myna chat \"Summarise this:\" - < notes.txt\n"
    "  myna chat --voice emma\n"
    "  myna chat --resume last \"And at night?\"\n"
    "  myna chat --model my-model.gguf --json-schema answer.json --temporary \"...\"\n"
    "  myna chat --endpoint http://127.0.0.1:8080/v1\n\n";

constexpr size_t kMostInputBytes = size_t{64} << 20;

struct ChatOptions {
  ChatModelOptions model;
  AnswerOptions answer;
  EngineOptions engine;
  std::vector<std::string> text;
  std::string system;
  std::string persona_file;
  std::string resume;
  std::string voice;
  std::string player;
  bool temporary = false;
  bool without_memory = false;
  bool lines = false;
  bool json = false;
  bool statistics = false;
};

chat::History open_history(const ChatOptions& options) {
  if (options.temporary) return chat::History::temporary();
  return chat::History::open(chat::History::default_path(), print_warning);
}

chat::ConversationOptions conversation_options(const ChatOptions& options,
                                               const chat::History& history, int64_t resumed) {
  chat::ConversationOptions result;
  if (resumed != 0) {
    const std::string system = history.find_chat(resumed)->system;
    if (!system.empty()) result.system = system;
  }
  if (!options.system.empty()) result.system = options.system;
  if (!options.persona_file.empty()) {
    result.system = trimmed(read_file(options.persona_file, size_t{1} << 20));
  }
  result.with_memory = !options.without_memory && !options.temporary;
  result.sampling = options.answer.sampling;
  result.max_tokens = options.answer.max_tokens;
  result.stop = options.answer.stop;
  result.form = answer_form(options.answer);
  return result;
}

std::string one_question(const ChatOptions& options) {
  std::string question;
  for (const std::string& part : options.text) {
    if (!question.empty()) question += "\n\n";
    question +=
        part == "-" ? read_descriptor(STDIN_FILENO, "standard input", kMostInputBytes) : part;
  }
  if (options.text.empty()) {
    question = read_descriptor(STDIN_FILENO, "standard input", kMostInputBytes);
  }
  question = trimmed(question);
  if (question.empty()) throw Error(ErrorCode::kInvalidArgument, "there is no question");
  return question;
}

void report(const language::Answer& answer, const chat::Conversation& conversation,
            const std::string& model) {
  nlohmann::ordered_json json = {{"answer", answer.text},
                                 {"cancelled", answer.end == language::AnswerEnd::kCancelled},
                                 {"cut", answer.end == language::AnswerEnd::kTokenLimit ||
                                             answer.end == language::AnswerEnd::kContextFull},
                                 {"chat", conversation.chat()},
                                 {"model", model},
                                 {"prompt_tokens", answer.statistics.prompt_tokens},
                                 {"reused_tokens", answer.statistics.reused_tokens},
                                 {"answer_tokens", answer.statistics.answer_tokens},
                                 {"first_token_s", answer.statistics.prompt_s},
                                 {"answer_s", answer.statistics.answer_s}};
  write_stdout(json_line(json));
}

// One question, its answer on standard output as it comes.
ExitCode answer_once(const ChatOptions& options, chat::Conversation& conversation,
                     const std::string& question, AnswerSpeech* speech, const std::string& model) {
  const InterruptGuard guard;
  chat::Listener listener;
  listener.cancel = &InterruptGuard::cancel();
  listener.notice = print_note;
  const bool terminal = stdout_is_terminal();
  std::string last = "\n";
  listener.text = [&](std::string_view text) {
    last = text;
    if (!options.json) write_stdout(terminal ? without_controls(text) : std::string(text));
    if (speech != nullptr) speech->say(text);
  };
  if (speech != nullptr) speech->begin(InterruptGuard::cancel());
  const language::Answer answer = conversation.ask(question, listener);
  if (options.json) {
    report(answer, conversation, model);
  } else if (!last.ends_with('\n')) {
    write_stdout("\n");
  }
  if (speech != nullptr) speech->finish();
  if (options.statistics) print_note(describe_statistics(answer.statistics));
  return answer.end == language::AnswerEnd::kCancelled ? ExitCode::kCancelled : ExitCode::kOk;
}

ExitCode chat(const ChatOptions& options) {
  if (options.temporary && !options.resume.empty()) {
    throw Error(ErrorCode::kInvalidArgument, "a temporary chat cannot be one that is kept");
  }
  const bool interactive = options.text.empty() && !options.lines && stdin_is_terminal();
  // What is cheap to find wrong comes before the model is loaded.
  chat::History history = open_history(options);
  const int64_t resumed = options.resume.empty() ? 0 : history.resolve_chat(options.resume).id;
  const chat::ConversationOptions wanted = conversation_options(options, history, resumed);
  const std::string question = interactive || options.lines ? "" : one_question(options);
  const std::unique_ptr<language::ChatModel> model = open_chat_model(options.model);
  std::unique_ptr<AnswerSpeech> speech;
  if (!options.voice.empty()) {
    EngineOptions engine = options.engine;
    engine.voice = options.voice;
    speech = std::make_unique<AnswerSpeech>(engine, options.player);
  }
  chat::Conversation conversation(*model, history, wanted, resumed);
  if (!interactive && !options.lines) {
    return answer_once(options, conversation, question, speech.get(), model->name());
  }
  if (options.lines) {
    std::string all = read_descriptor(STDIN_FILENO, "standard input", kMostInputBytes);
    for (size_t at = 0; at < all.size();) {
      const size_t end = std::min(all.find('\n', at), all.size());
      const std::string line(trimmed(std::string_view(all).substr(at, end - at)));
      at = end + 1;
      if (line.empty()) continue;
      const ExitCode code = answer_once(options, conversation, line, speech.get(), model->name());
      if (code != ExitCode::kOk) return code;
    }
    return ExitCode::kOk;
  }
  write_stdout(fmt::format("{}{}\n/help shows the commands, /quit ends.\n", model->name(),
                           options.temporary ? "; nothing of this chat is kept" : ""));
  ChatTerminal terminal;
  ChatSession session(*model, history, conversation, terminal, speech.get());
  session.run();
  return ExitCode::kOk;
}

}  // namespace

void add_chat_command(CLI::App& program, ExitCode& exit_code) {
  auto options = std::make_shared<ChatOptions>();
  CLI::App* command = program.add_subcommand("chat", "Talk with a language model on this machine");
  command->footer(std::string(kExamples) + kExitCodeHelp);
  command->add_option("TEXT", options->text, "The question; - is standard input");
  add_chat_model_options(*command, options->model);
  add_answer_options(*command, options->answer);
  CLI::Option* system =
      command->add_option("--system", options->system, "Who answers, and how: the system text");
  command->add_option("--persona", options->persona_file, "The same from a file")->excludes(system);
  command->add_option("--resume", options->resume, "Go on with a chat: its number, title, or last");
  command->add_flag("--temporary", options->temporary,
                    "Keep nothing, and know nothing of the memory");
  command->add_flag("--no-memory", options->without_memory,
                    "Without the notes of `myna history memory`");
  command->add_flag("--lines", options->lines,
                    "Each line of standard input is a question of one chat");
  command->add_option("-v,--voice", options->voice,
                      "Speak the answers with this voice while they come");
  command->add_option(
      "--player", options->player,
      "A command that plays signed 16-bit mono PCM at 24 kHz from its standard input");
  command->add_flag("--json", options->json,
                    "Print the answer and its figures as JSON, when complete");
  command->add_flag("--stats", options->statistics, "Say how fast it was");
  command->callback([options, &exit_code] { exit_code = chat(*options); });
}

}  // namespace myna::cli
