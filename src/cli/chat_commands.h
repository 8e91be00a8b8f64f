// The subcommands of language models and chats, as commands.h has those of the voice.
#pragma once

#include "cli/exit_codes.h"

namespace CLI {
class App;
}

namespace myna::cli {

void add_chat_command(CLI::App& program, ExitCode& exit_code);
void add_history_command(CLI::App& program, ExitCode& exit_code);
void add_eval_command(CLI::App& program, ExitCode& exit_code);
void add_bench_chat_command(CLI::App& group);  // `myna bench chat`

}  // namespace myna::cli
