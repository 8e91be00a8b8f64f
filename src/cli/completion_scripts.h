// Shell completion scripts, made from the command line's own description, so that they never
// miss an option.
#pragma once

#include <string>

namespace CLI {
class App;
}

namespace myna::cli {

// For `program` as the root of the subcommand tree. Option values complete to their choices where
// they have some, otherwise to file names.
std::string bash_completion(const CLI::App& program);
std::string zsh_completion(const CLI::App& program);
std::string fish_completion(const CLI::App& program);

}  // namespace myna::cli
