// myna completions: shell completion scripts.
#include <CLI/CLI.hpp>
#include <memory>

#include "cli/commands.h"
#include "cli/completion_scripts.h"
#include "cli/console.h"

namespace myna::cli {

void add_completions_command(CLI::App& program, ExitCode&) {
  auto shell = std::make_shared<std::string>();
  CLI::App* command = program.add_subcommand("completions", "Print a completion script");
  command->footer(
      std::string("Examples:\n"
                  "  source <(myna completions bash)\n"
                  "  source <(myna completions zsh)\n"
                  "  myna completions fish > ~/.config/fish/completions/myna.fish\n\n") +
      kExitCodeHelp);
  command->add_option("SHELL", *shell, "bash, zsh or fish")
      ->required()
      ->check(CLI::IsMember({"bash", "zsh", "fish"}));
  command->callback([shell, &program] {
    write_stdout(*shell == "bash"  ? bash_completion(program)
                 : *shell == "zsh" ? zsh_completion(program)
                                   : fish_completion(program));
  });
}

}  // namespace myna::cli
