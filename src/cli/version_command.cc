// myna version: what was built, from what, and what this machine can do.
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <memory>
#include <nlohmann/json.hpp>
#include <thread>

#include "backend/cpu/isa.h"
#include "cli/commands.h"
#include "cli/console.h"
#include "cli/timing_report.h"
#include "git_revision.h"  // made by the build

namespace myna::cli {
namespace {

#if defined(__clang__)
constexpr const char* kCompiler = "clang " __clang_version__;
#else
constexpr const char* kCompiler = "gcc " __VERSION__;
#endif

void version(bool as_json) {
  using backend::cpu::isa_name;
  std::vector<std::string> supported;
  for (backend::cpu::Isa isa : backend::cpu::supported_isas())
    supported.emplace_back(isa_name(isa));
  const std::string chosen(isa_name(backend::cpu::choose_isa("")));
  const unsigned cores = std::thread::hardware_concurrency();
  if (as_json) {
    nlohmann::ordered_json json;
    json["version"] = MYNA_VERSION;
    json["git"] = MYNA_GIT_REVISION;
    json["compiler"] = kCompiler;
    json["isa"] = chosen;
    json["supported_isas"] = supported;
    json["cores"] = cores;
    write_stdout(json_line(json));
    return;
  }
  std::string others;
  for (const std::string& name : supported) others += (others.empty() ? "" : ", ") + name;
  write_stdout(fmt::format("myna {} ({}, {})\ninstruction set {} (this machine has {}), {} cores\n",
                           MYNA_VERSION, MYNA_GIT_REVISION, kCompiler, chosen, others, cores));
}

}  // namespace

void add_version_command(CLI::App& program, ExitCode&) {
  auto as_json = std::make_shared<bool>(false);
  CLI::App* command = program.add_subcommand("version", "Show the version and the machine");
  command->footer(std::string("Examples:\n  myna version\n  myna version --json\n\n") +
                  kExitCodeHelp);
  command->add_flag("--json", *as_json, "Print one JSON object");
  command->callback([as_json] { version(*as_json); });
}

}  // namespace myna::cli
