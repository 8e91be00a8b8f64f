// myna models: list, pull, verify and remove model packages.
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <map>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>

#include "base/paths.h"
#include "base/text_distance.h"
#include "cli/commands.h"
#include "cli/console.h"
#include "cli/model_pull.h"
#include "cli/progress_bar.h"
#include "cli/timing_report.h"
#include "weights/catalog.h"
#include "weights/model_package.h"

namespace myna::cli {
namespace {

constexpr const char* kExamples =
    "Packages lie in $MYNA_HOME/models (default ~/.local/share/myna/models).\n\n"
    "Examples:\n"
    "  myna models list\n"
    "  myna models pull kokoro-82m lexicon-en\n"
    "  myna models verify\n"
    "  myna models remove whisper-base\n\n";

struct ModelRow {
  std::string name;
  std::string version;
  std::string status;  // installed, damaged, not installed
  std::string problem;
  uint64_t bytes = 0;  // on disk, or to download
  std::string licence;
  std::string description;
};

std::vector<ModelRow> collect_rows() {
  std::map<std::string, ModelRow> rows;
  for (const CatalogPackage& package : read_catalog()) {
    rows[package.name] = {
        package.name,       "", "not installed", "", package.download_bytes, package.licence,
        package.description};
  }
  for (const InstalledPackage& package : list_installed_packages()) {
    ModelRow& row = rows[package.name];
    row.name = package.name;
    row.status = package.problem.empty() ? "installed" : "damaged";
    row.problem = package.problem;
    if (package.card) {
      row.version = package.card->version;
      row.bytes = package.card->total_bytes();
      row.licence = package.card->licence;
      row.description = package.card->description;
    }
  }
  std::vector<ModelRow> result;
  for (auto& [name, row] : rows) result.push_back(std::move(row));
  return result;
}

void list_models(bool as_json) {
  const std::vector<ModelRow> rows = collect_rows();
  if (as_json) {
    nlohmann::ordered_json json = nlohmann::ordered_json::array();
    for (const ModelRow& row : rows) {
      json.push_back({{"name", row.name},
                      {"status", row.status},
                      {"version", row.version},
                      {"bytes", row.bytes},
                      {"licence", row.licence},
                      {"description", row.description},
                      {"problem", row.problem}});
    }
    write_stdout(json_line(json));
    return;
  }
  size_t width = 4;
  for (const ModelRow& row : rows) width = std::max(width, row.name.size());
  std::string table = fmt::format("{:<{}}  {:<9}{:<15}{:>9}  {:<22}{}\n", "NAME", width, "VERSION",
                                  "STATUS", "SIZE", "LICENCE", "WHAT IT IS");
  for (const ModelRow& row : rows) {
    table += fmt::format("{:<{}}  {:<9}{:<15}{:>9}  {:<22}{}\n", row.name, width, row.version,
                         row.status, format_bytes(static_cast<double>(row.bytes)), row.licence,
                         row.problem.empty() ? row.description : row.problem);
  }
  write_stdout(table + "in " + models_directory().string() + "\n");
}

std::vector<std::string> installed_names() {
  std::vector<std::string> names;
  for (const InstalledPackage& package : list_installed_packages()) names.push_back(package.name);
  return names;
}

// A misspelt name gets the names there are; an open() error would only say how to install it.
void require_known(const std::string& name) {
  std::vector<std::string> known = installed_names();
  for (const CatalogPackage& package : read_catalog()) known.push_back(package.name);
  if (std::find(known.begin(), known.end(), name) != known.end()) return;
  std::string hint;
  for (const std::string& close : closest_names(name, known)) {
    if (hint.find("'" + close + "'") != std::string::npos) continue;
    hint += (hint.empty() ? "did you mean '" : " or '") + close + "'";
  }
  throw Error(ErrorCode::kNotFound, "no model package is called '" + name + "'",
              hint.empty() ? "`myna models list` shows them" : hint + "?");
}

void verify_models(std::vector<std::string> names) {
  if (names.empty()) names = installed_names();
  if (names.empty()) {
    throw Error(ErrorCode::kUnavailable, "no model package is installed",
                "myna models pull kokoro-82m lexicon-en");
  }
  std::optional<Error> damage;
  for (const std::string& name : names) {
    require_known(name);
    std::vector<std::string> problems;
    try {
      const ModelPackage package = ModelPackage::open(name);
      const auto total = static_cast<double>(std::max<uint64_t>(1, package.card().total_bytes()));
      ProgressBar bar;
      for (const FileCheck& check : package.verify(
               [&](uint64_t done) { bar.update(static_cast<double>(done) / total, name); })) {
        if (!check.problem.empty()) problems.push_back(check.path + ": " + check.problem);
      }
    } catch (const Error& error) {
      if (error.code() != ErrorCode::kCorruptData) throw;
      problems.push_back(error.message());
    }
    std::string line = name + (problems.empty() ? ": ok\n" : ": damaged\n");
    for (const std::string& problem : problems) line.append("  ").append(problem).append("\n");
    write_stdout(line);
    if (!problems.empty() && !damage) {
      damage.emplace(ErrorCode::kCorruptData, "model package '" + name + "' is damaged",
                     fmt::format("myna models remove {0} && myna models pull {0}", name));
    }
  }
  if (damage) throw *damage;
}

void remove_models(const std::vector<std::string>& names) {
  for (const std::string& name : names) {
    require_known(name);
    const RemovedPackage removed = remove_package(name);
    std::string line = fmt::format("{}: removed, {} freed\n", name,
                                   format_bytes(static_cast<double>(removed.bytes_freed)));
    for (const auto& kept : removed.kept) line += "  kept " + kept.string() + "\n";
    write_stdout(line);
  }
}

}  // namespace

void add_models_command(CLI::App& program, ExitCode&) {
  CLI::App* group = program.add_subcommand("models", "Install, check and remove model packages");
  group->require_subcommand(1);
  const auto add = [group](const std::string& name, const std::string& description) {
    CLI::App* command = group->add_subcommand(name, description);
    command->footer(std::string(kExamples) + kExitCodeHelp);
    return command;
  };
  group->footer(std::string(kExamples) + kExitCodeHelp);

  auto as_json = std::make_shared<bool>(false);
  CLI::App* list = add("list", "Show what there is and what is installed");
  list->add_flag("--json", *as_json, "Print a JSON array");
  list->callback([as_json] { list_models(*as_json); });

  auto names = std::make_shared<std::vector<std::string>>();
  CLI::App* pull = add("pull", "Download, check and convert packages");
  pull->add_option("NAME", *names, "Packages")->required();
  pull->callback([names] {
    for (const std::string& name : *names) require_known(name);
    pull_models(*names);
  });
  CLI::App* verify = add("verify", "Hash every file of packages (default: of all installed)");
  verify->add_option("NAME", *names, "Packages");
  verify->callback([names] { verify_models(*names); });
  CLI::App* remove = add("remove", "Delete installed packages");
  remove->add_option("NAME", *names, "Packages")->required();
  remove->callback([names] { remove_models(*names); });
}

}  // namespace myna::cli
