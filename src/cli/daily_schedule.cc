#include "cli/daily_schedule.h"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <cstdio>
#include <filesystem>
#include <set>

#include "base/error.h"

namespace myna::cli {
namespace {

std::string shell_quoted(const std::string& text) {
  const bool plain = !text.empty() && text.find_first_not_of(
                                          "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
                                          "0123456789-_./:=,") == std::string::npos;
  if (plain) return text;
  std::string quoted = "'";
  for (const char c : text) quoted += c == '\'' ? "'\\''" : std::string(1, c);
  return quoted + "'";
}

std::string replaced(const std::string& text, char what, const char* with) {
  std::string result;
  for (const char c : text) result += c == what ? with : std::string(1, c);
  return result;
}

// A timer starts in another directory.
std::string from_anywhere(const std::string& option, const std::string& value) {
  static const std::set<std::string> kPaths = {"feeds",  "interests", "weather",   "output", "feed",
                                               "styles", "lexicon",   "audio-dir", "model"};
  if (!kPaths.contains(option) || value.find("://") != std::string::npos) return value;
  const bool is_made = option == "output" || option == "feed";
  return is_made || std::filesystem::exists(value) ? std::filesystem::absolute(value).string()
                                                   : value;
}

}  // namespace

std::string everyday_command(const CLI::App& command) {
  static const std::set<std::string> kOfOneRun = {
      "schedule", "now", "json", "play", "player", "quiet", "help", "script-only", "from-script"};
  std::string line = shell_quoted(std::filesystem::read_symlink("/proc/self/exe").string()) + " " +
                     command.get_name();
  for (const CLI::Option* option : command.get_options()) {
    if (option->count() == 0 || option->get_lnames().empty()) continue;
    const std::string& name = option->get_lnames().front();
    if (kOfOneRun.contains(name)) continue;
    if (option->get_items_expected_max() == 0) {
      line += " --" + name;
      continue;
    }
    for (const std::string& value : option->results()) {
      line += " --" + name + " " + shell_quoted(from_anywhere(name, value));
    }
  }
  return line + " --quiet";
}

std::string describe_schedule(const std::string& time_of_day, const std::string& command) {
  int hour = -1, minute = -1;
  char rest = 0;
  if (std::sscanf(time_of_day.c_str(), "%d:%d%c", &hour, &minute, &rest) != 2 || hour < 0 ||
      hour > 23 || minute < 0 || minute > 59) {
    throw Error(ErrorCode::kInvalidArgument, "--schedule " + time_of_day + " is no time",
                "write for example 06:30");
  }
  return fmt::format(
      "# ~/.config/systemd/user/myna-daily.service\n[Unit]\nDescription=Myna Daily\n\n"
      "[Service]\nType=oneshot\nExecStart={0}\n\n"
      "# ~/.config/systemd/user/myna-daily.timer\n[Unit]\nDescription=Myna Daily every morning\n\n"
      "[Timer]\nOnCalendar=*-*-* {1:02}:{2:02}:00\nPersistent=true\n\n"
      "[Install]\nWantedBy=timers.target\n\n"
      "# then: systemctl --user enable --now myna-daily.timer\n\n"
      "# or, with cron:\n{2} {1} * * * {3}\n",
      // systemd and cron each have a meaning for the per cent sign.
      replaced(command, '%', "%%"), hour, minute, replaced(command, '%', "\\%"));
}

}  // namespace myna::cli
