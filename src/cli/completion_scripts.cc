#include "cli/completion_scripts.h"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <vector>

namespace myna::cli {
namespace {

struct Option {
  std::vector<std::string> names;  // "-o", "--output"
  std::string description;
  std::vector<std::string> choices;  // of its value; empty: any
  bool takes_value = false;
};

struct Command {
  std::string path;  // "say", "models pull"; "" for the program
  std::string name;  // last word of path
  std::string parent;
  std::string description;
  std::vector<Option> options;
  std::vector<std::string> subcommands;
  std::vector<std::string> subcommand_descriptions;
};

// CLI11 keeps the choices of IsMember only as its type name: "TEXT:{md,plain,auto}".
std::vector<std::string> choices_of(const CLI::Option& option) {
  const std::string type = option.get_type_name();
  const size_t begin = type.find('{');
  const size_t end = type.find('}', begin == std::string::npos ? 0 : begin);
  if (begin == std::string::npos || end == std::string::npos) return {};
  return CLI::detail::split(type.substr(begin + 1, end - begin - 1), ',');
}

Option describe(const CLI::Option& option) {
  Option result;
  for (const std::string& name : option.get_snames()) result.names.push_back("-" + name);
  for (const std::string& name : option.get_lnames()) result.names.push_back("--" + name);
  result.description = option.get_description();
  result.takes_value = option.get_items_expected_max() > 0;
  result.choices = choices_of(option);
  return result;
}

void collect(const CLI::App& app, const std::string& path, const std::string& parent,
             std::vector<Command>& commands) {
  Command command;
  command.path = path;
  command.parent = parent;
  command.name = path.empty() ? "" : app.get_name();
  command.description = app.get_description();
  for (const CLI::Option* option : app.get_options()) {
    if (!option->get_positional()) command.options.push_back(describe(*option));
  }
  const auto children = app.get_subcommands([](const CLI::App*) { return true; });
  for (const CLI::App* child : children) {
    command.subcommands.push_back(child->get_name());
    command.subcommand_descriptions.push_back(child->get_description());
  }
  commands.push_back(std::move(command));
  for (const CLI::App* child : children) {
    collect(*child, path.empty() ? child->get_name() : path + " " + child->get_name(), path,
            commands);
  }
}

std::vector<Command> collect(const CLI::App& program) {
  std::vector<Command> commands;
  collect(program, "", "", commands);
  return commands;
}

std::string joined(const std::vector<std::string>& words, const std::string& separator = " ") {
  std::string text;
  for (const std::string& word : words) text += (text.empty() ? "" : separator) + word;
  return text;
}

// Inside single quotes of all three shells; fish also reads backslashes there.
std::string shell_quoted(const std::string& text) {
  std::string result = "'";
  for (char c : text) {
    if (c == '\'' || c == '\\' || c == '\n') continue;  // only descriptions have them
    result += c;
  }
  return result + "'";
}

// For _arguments of zsh, where brackets and colons have a meaning.
std::string zsh_text(const std::string& text) {
  std::string result;
  for (char c : text) {
    if (c == '[' || c == ']' || c == ':') result += '\\';
    if (c != '\'' && c != '\n' && c != '\\') result += c;
  }
  return result;
}

}  // namespace

std::string bash_completion(const CLI::App& program) {
  const std::vector<Command> commands = collect(program);
  std::string out =
      "# bash completion for myna; load it with: source <(myna completions bash)\n"
      "_myna() {\n"
      "  local current=\"${COMP_WORDS[COMP_CWORD]}\" previous=\"${COMP_WORDS[COMP_CWORD-1]}\"\n"
      "  local path=\"\" word i\n"
      "  for ((i = 1; i < COMP_CWORD; i++)); do\n"
      "    word=\"${COMP_WORDS[i]}\"\n"
      "    case \"$path $word\" in\n";
  for (const Command& command : commands) {
    if (command.path.empty()) continue;
    out += fmt::format("      {}) path={} ;;\n", shell_quoted(command.parent + " " + command.name),
                       shell_quoted(command.path));
  }
  out += "    esac\n  done\n  case \"$path $previous\" in\n";
  for (const Command& command : commands) {
    for (const Option& option : command.options) {
      if (option.choices.empty()) continue;
      for (const std::string& name : option.names) {
        out += fmt::format("    {}) COMPREPLY=($(compgen -W '{}' -- \"$current\")); return ;;\n",
                           shell_quoted(command.path + " " + name), joined(option.choices));
      }
    }
  }
  out += "  esac\n  case \"$path\" in\n";
  for (const Command& command : commands) {
    std::vector<std::string> words = command.subcommands;
    for (const Option& option : command.options) {
      words.insert(words.end(), option.names.begin(), option.names.end());
    }
    out += fmt::format("    {}) words='{}' ;;\n", shell_quoted(command.path), joined(words));
  }
  // A word that starts with "-" is an option; subcommands come where there are some.
  out +=
      "  esac\n"
      "  COMPREPLY=($(compgen -W \"$words\" -- \"$current\"))\n"
      "  if [[ ${#COMPREPLY[@]} -eq 0 ]]; then\n"
      "    COMPREPLY=($(compgen -f -- \"$current\"))\n"
      "  fi\n"
      "}\n"
      "complete -o filenames -F _myna myna\n";
  const std::string declaration = "  local path=\"\" word i\n";
  out.replace(out.find(declaration), declaration.size(), "  local path=\"\" word words=\"\" i\n");
  return out;
}

std::string zsh_completion(const CLI::App& program) {
  std::string out =
      "#compdef myna\n"
      "# zsh completion for myna; load it with: source <(myna completions zsh)\n";
  const std::vector<Command> commands = collect(program);
  for (const Command& command : commands) {
    std::string function = "_myna";
    for (char c : command.path.empty() ? "" : " " + command.path) function += c == ' ' ? '_' : c;
    out += function + "() {\n  local curcontext=\"$curcontext\" state\n  _arguments -C";
    for (const Option& option : command.options) {
      std::string value;
      if (option.takes_value) {
        value =
            option.choices.empty() ? ":value:_files" : ":value:(" + joined(option.choices) + ")";
      }
      for (const std::string& name : option.names) {
        out += fmt::format(" \\\n    '{}[{}]{}'", name, zsh_text(option.description), value);
      }
    }
    if (command.subcommands.empty()) {
      out += " \\\n    '*:file:_files'\n}\n";
      continue;
    }
    out += " \\\n    '1:command:->command' \\\n    '*::argument:->argument'\n  case $state in\n";
    out += "    command)\n      local -a choices=(\n";
    for (size_t i = 0; i < command.subcommands.size(); ++i) {
      out += fmt::format("        '{}:{}'\n", command.subcommands[i],
                         zsh_text(command.subcommand_descriptions[i]));
    }
    out += "      )\n      _describe command choices ;;\n    argument)\n      case $words[1] in\n";
    for (const std::string& name : command.subcommands) {
      out += fmt::format("        {}) {}_{} ;;\n", name, function, name);
    }
    out += "      esac ;;\n  esac\n}\n";
  }
  return out + "compdef _myna myna\n";
}

std::string fish_completion(const CLI::App& program) {
  const std::vector<Command> commands = collect(program);
  std::string out =
      "# fish completion for myna; load it with: myna completions fish | source\n"
      "complete -c myna -e\n";
  for (const Command& command : commands) {
    // A command is in use when each word of its path was typed and none of its subcommands.
    std::string condition = "__fish_use_subcommand";
    if (!command.path.empty()) {
      condition.clear();
      for (const std::string& word : CLI::detail::split(command.path, ' ')) {
        condition += (condition.empty() ? "" : "; and ") + ("__fish_seen_subcommand_from " + word);
      }
      if (!command.subcommands.empty()) {
        condition += "; and not __fish_seen_subcommand_from " + joined(command.subcommands);
      }
    }
    const std::string head = "complete -c myna -n " + shell_quoted(condition);
    for (size_t i = 0; i < command.subcommands.size(); ++i) {
      out += fmt::format("{} -f -a {} -d {}\n", head, command.subcommands[i],
                         shell_quoted(command.subcommand_descriptions[i]));
    }
    for (const Option& option : command.options) {
      out += head;
      for (const std::string& name : option.names) {
        out += name.starts_with("--") ? " -l " + name.substr(2) : " -s " + name.substr(1);
      }
      if (option.takes_value) {
        out += option.choices.empty() ? " -r" : " -x -a " + shell_quoted(joined(option.choices));
      }
      out += " -d " + shell_quoted(option.description) + "\n";
    }
  }
  return out;
}

}  // namespace myna::cli
