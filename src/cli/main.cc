// `myna`: builds the command line, runs one subcommand, turns errors into messages and exit codes.
#include <CLI/CLI.hpp>
#include <exception>
#include <new>
#include <string>
#include <vector>

#include "base/text_distance.h"
#include "cli/chat_commands.h"
#include "cli/commands.h"
#include "cli/console.h"
#include "cli/exit_codes.h"
#include "cli/show_commands.h"

namespace myna::cli {
namespace {

constexpr const char* kExamples =
    "Examples:\n"
    "  myna say \"Hello there.\" -o hello.mp3\n"
    "  myna say article.md -o article.mp3 --transcript article.vtt --voice emma\n"
    "  cat notes.txt | myna say - -o - | aplay -f S16_LE -r 24000\n"
    "  myna daily --feeds my-feeds.opml --minutes 5 -o daily.mp3\n"
    "  myna podcast paper.pdf --minutes 8 -o paper.mp3\n"
    "  myna chat --voice emma\n"
    "  myna voices\n"
    "  myna models pull kokoro-82m lexicon-en\n\n"
    "`myna COMMAND --help` describes a command.\n\n";

ExitCode report(const Error& error) {
  // A reader that had enough (`| head`) is no failure to talk about.
  if (error.code() == ErrorCode::kIo && stdout_reader_is_gone()) return ExitCode::kBrokenPipe;
  print_error(error);
  return exit_code_for(error.code());
}

void add_commands(CLI::App& program, ExitCode& exit_code) {
  add_say_command(program, exit_code);
  add_daily_command(program, exit_code);
  add_podcast_command(program, exit_code);
  add_chat_command(program, exit_code);
  add_history_command(program, exit_code);
  add_eval_command(program, exit_code);
  add_voices_command(program, exit_code);
  add_styles_command(program, exit_code);
  add_models_command(program, exit_code);
  add_lint_command(program, exit_code);
  add_trace_command(program, exit_code);
  add_phonemize_command(program, exit_code);
  add_bench_command(program, exit_code);
  add_version_command(program, exit_code);
  add_completions_command(program, exit_code);
}

// The innermost command that was understood, and the words that lead to it: "myna models".
struct ParsedCommand {
  const CLI::App* command;
  std::string parents;
  std::string name;
};

ParsedCommand parsed_command(const CLI::App& program) {
  ParsedCommand parsed{&program, "", program.get_name()};
  while (!parsed.command->get_subcommands().empty()) {
    parsed.parents = parsed.name;
    parsed.command = parsed.command->get_subcommands().front();
    parsed.name += " " + parsed.command->get_name();
  }
  return parsed;
}

// What CLI11 says about a wrong command line, with a better hint where one is known.
Error usage_error(const CLI::App& program, const CLI::ParseError& error) {
  const ParsedCommand parsed = parsed_command(program);
  const std::string help = "see `" + parsed.name + " --help`";
  const std::vector<std::string> extra = parsed.command->remaining();
  const auto children = parsed.command->get_subcommands([](const CLI::App*) { return true; });
  if (!children.empty() && !extra.empty() && !extra.front().starts_with("-")) {
    std::vector<std::string> names;
    for (const CLI::App* child : children) names.push_back(child->get_name());
    std::string hint;
    for (const std::string& close : closest_names(extra.front(), names, 1)) {
      hint = "did you mean `" + parsed.name + " " + close + "`?";
    }
    return Error(ErrorCode::kInvalidArgument,
                 "there is no command '" + parsed.name + " " + extra.front() + "'",
                 hint.empty() ? help : hint);
  }
  if (!extra.empty() && parsed.command->get_option_no_throw("TEXT") != nullptr &&
      !extra.front().starts_with("-")) {
    return Error(ErrorCode::kInvalidArgument, "the text is more than one argument",
                 "put it in quotation marks: " + parsed.name + " \"...\"");
  }
  return Error(ErrorCode::kInvalidArgument, error.what(), help);
}

ExitCode run(int argc, char** argv) {
  CLI::App program("Myna reads text aloud, on your own machine.", "myna");
  ExitCode exit_code = ExitCode::kOk;
  program.require_subcommand(1);
  program.footer(std::string(kExamples) + kExitCodeHelp);
  add_commands(program, exit_code);
  if (argc <= 1) {
    write_stdout(program.help());
    return ExitCode::kUsage;
  }
  try {
    program.parse(argc, argv);
    return exit_code;
  } catch (const CLI::CallForHelp&) {
    const ParsedCommand parsed = parsed_command(program);
    write_stdout(parsed.command->help(parsed.parents));
    return ExitCode::kOk;
  } catch (const CLI::ParseError& error) {
    throw usage_error(program, error);
  }
}

ExitCode run_and_report(int argc, char** argv) {
  try {
    return run(argc, argv);
  } catch (const Error& error) {
    return report(error);
  } catch (const std::bad_alloc&) {
    print_error(Error(ErrorCode::kResourceExhausted, "out of memory",
                      "close other programs, or give a shorter text"));
    return ExitCode::kLimit;
  } catch (const std::exception& error) {
    print_error(Error(ErrorCode::kInternal, error.what(), "this is a bug in Myna"));
    return ExitCode::kInternal;
  }
}

}  // namespace
}  // namespace myna::cli

int main(int argc, char** argv) {
  myna::cli::prepare_standard_streams();
  return static_cast<int>(myna::cli::run_and_report(argc, argv));
}
