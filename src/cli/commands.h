// The subcommands: one file each. Every function adds its subcommand to the program; its work runs
// as the subcommand's callback, throws Error for what goes wrong and sets `exit_code` for what ends
// well in another way (a cancelled narration that was kept).
#pragma once

#include "cli/exit_codes.h"

namespace CLI {
class App;
}

namespace myna::cli {

void add_say_command(CLI::App& program, ExitCode& exit_code);
void add_voices_command(CLI::App& program, ExitCode& exit_code);
void add_styles_command(CLI::App& program, ExitCode& exit_code);
void add_models_command(CLI::App& program, ExitCode& exit_code);
void add_lint_command(CLI::App& program, ExitCode& exit_code);
void add_trace_command(CLI::App& program, ExitCode& exit_code);
void add_phonemize_command(CLI::App& program, ExitCode& exit_code);
void add_bench_command(CLI::App& program, ExitCode& exit_code);
void add_bench_batch_command(CLI::App& group);   // `myna bench batch`
void add_bench_voices_command(CLI::App& group);  // `myna bench voices`
void add_version_command(CLI::App& program, ExitCode& exit_code);
void add_completions_command(CLI::App& program, ExitCode& exit_code);

}  // namespace myna::cli
