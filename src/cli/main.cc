// `myna`: builds the command line, runs one subcommand, turns errors into messages and exit codes.
#include <CLI/CLI.hpp>
#include <exception>
#include <new>

#include "cli/commands.h"
#include "cli/console.h"
#include "cli/exit_codes.h"

namespace myna::cli {
namespace {

constexpr const char* kExamples =
    "Examples:\n"
    "  myna say \"Hello there.\" -o hello.mp3\n"
    "  myna say article.md -o article.mp3 --transcript article.vtt --voice emma\n"
    "  cat notes.txt | myna say - -o - | aplay -f S16_LE -r 24000\n"
    "  myna voices\n"
    "  myna models pull kokoro-82m lexicon-en\n\n"
    "`myna COMMAND --help` describes a command.\n\n";

ExitCode report(const Error& error) {
  // A reader that had enough (`| head`) is no failure to talk about.
  if (error.code() == ErrorCode::kIo && stdout_reader_is_gone()) return ExitCode::kBrokenPipe;
  print_error(error);
  return exit_code_for(error.code());
}

ExitCode run(int argc, char** argv) {
  CLI::App program("Myna reads text aloud, on your own machine.", "myna");
  ExitCode exit_code = ExitCode::kOk;
  program.require_subcommand(1);
  program.footer(std::string(kExamples) + kExitCodeHelp);
  add_say_command(program, exit_code);
  add_voices_command(program, exit_code);
  add_models_command(program, exit_code);
  add_trace_command(program, exit_code);
  add_phonemize_command(program, exit_code);
  add_bench_command(program, exit_code);
  add_version_command(program, exit_code);
  add_completions_command(program, exit_code);
  try {
    if (argc <= 1) {
      write_stdout(program.help());
      return ExitCode::kUsage;
    }
    program.parse(argc, argv);
    return exit_code;
  } catch (const CLI::CallForHelp&) {
    const CLI::App* command = &program;
    while (!command->get_subcommands().empty()) command = command->get_subcommands().front();
    write_stdout(command->help("", CLI::AppFormatMode::Normal));
    return ExitCode::kOk;
  } catch (const CLI::ParseError& error) {
    print_error(Error(ErrorCode::kInvalidArgument, error.what(), "see `myna --help`"));
    return ExitCode::kUsage;
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
