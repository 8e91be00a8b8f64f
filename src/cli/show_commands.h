// The subcommands that make whole shows, as commands.h has those of the voice.
#pragma once

#include "cli/exit_codes.h"

namespace CLI {
class App;
}

namespace myna::cli {

void add_daily_command(CLI::App& program, ExitCode& exit_code);
void add_podcast_command(CLI::App& program, ExitCode& exit_code);

}  // namespace myna::cli
