#include "cli/model_pull.h"

#include <fmt/format.h>

#include <array>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <optional>
#include <system_error>

#include "cli/child_process.h"
#include "cli/console.h"
#include "cli/interrupt.h"
#include "cli/progress_bar.h"
#include "weights/catalog.h"

namespace myna::cli {
namespace {

// "corrupt_data" in the script's events is "corrupt data" of error_code_name.
ErrorCode code_from_event(std::string name) {
  for (char& c : name) {
    if (c == '_') c = ' ';
  }
  constexpr std::array kCodes = {ErrorCode::kInvalidArgument, ErrorCode::kNotFound,
                                 ErrorCode::kCorruptData,     ErrorCode::kIo,
                                 ErrorCode::kUnavailable,     ErrorCode::kResourceExhausted,
                                 ErrorCode::kCancelled,       ErrorCode::kInternal};
  for (ErrorCode code : kCodes) {
    if (error_code_name(code) == name) return code;
  }
  return ErrorCode::kInternal;
}

// What tools/models/README.md says about the events.
class PullEvents {
 public:
  void handle(std::string_view line) {
    const nlohmann::json event = nlohmann::json::parse(line, nullptr, false);
    if (!event.is_object()) return;
    const std::string kind = event.value("event", "");
    const std::string package = event.value("package", "");
    if (kind == "download") {
      const double done = event.value("done_bytes", 0.0);
      const double total = event.value("total_bytes", 0.0);
      bar_.update(total > 0 ? done / total : 0,
                  fmt::format("{}: {} of {}", package, format_bytes(done), format_bytes(total)));
      return;
    }
    bar_.clear();
    if (kind == "waiting") {
      print_note("waiting for another pull to end");
    } else if (kind == "start") {
      print_note(fmt::format("{}: downloading {}", package,
                             format_bytes(event.value("total_bytes", 0.0))));
    } else if (kind == "convert") {
      print_note(package + ": converting");
    } else if (kind == "installed") {
      print_note(fmt::format("{}: installed in {}", package,
                             format_duration(event.value("seconds", 0.0))));
    } else if (kind == "up_to_date") {
      print_note(package + ": is installed");
    } else if (kind == "error") {
      error_.emplace(code_from_event(event.value("code", "internal")),
                     event.value("message", "the script failed"), event.value("hint", ""));
    }
  }
  const std::optional<Error>& error() const { return error_; }

 private:
  ProgressBar bar_;
  std::optional<Error> error_;
};

}  // namespace

void pull_models(const std::vector<std::string>& names) {
  const std::filesystem::path script = share_directory() / "tools/models/fetch_models.py";
  if (std::error_code error; !std::filesystem::exists(script, error)) {
    throw Error(ErrorCode::kUnavailable, "there is no '" + script.string() + "'",
                "set MYNA_SHARE to the directory that has Myna's tools/models");
  }
  std::vector<std::string> arguments = {"python3", script.string(), "--json", "pull"};
  arguments.insert(arguments.end(), names.begin(), names.end());
  const InterruptGuard guard;
  PullEvents events;
  const int status = run_child(
      arguments, [&](std::string_view line) { events.handle(line); }, InterruptGuard::cancel());
  if (InterruptGuard::cancel() || status == 130) {
    throw Error(ErrorCode::kCancelled, "interrupted: nothing was half installed",
                "run it again to go on");
  }
  if (events.error()) throw *events.error();
  if (status != 0) {
    throw Error(ErrorCode::kUnavailable,
                "fetch_models.py ended with status " + std::to_string(status),
                "its message stands above");
  }
}

}  // namespace myna::cli
