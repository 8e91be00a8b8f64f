// myna daily --schedule: the same command every morning, as systemd and cron have it.
#pragma once

#include <string>

namespace CLI {
class App;
}

namespace myna::cli {

// What was given of `command`, as a shell reads it, without what belongs to one run (--schedule,
// --now, --json, --play and the like). Paths of files that are there are made absolute.
std::string everyday_command(const CLI::App& command);

// A systemd service and timer, and a cron line, for `time_of_day` ("06:30"), which runs `command`.
// Throws Error kInvalidArgument for what is no time.
std::string describe_schedule(const std::string& time_of_day, const std::string& command);

}  // namespace myna::cli
