// myna styles: the speaking styles there are, and what each is made of.
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <cmath>
#include <memory>
#include <nlohmann/json.hpp>

#include "cli/commands.h"
#include "cli/console.h"
#include "cli/timing_report.h"
#include "voice/styles/style_table.h"

namespace myna::cli {
namespace {

constexpr const char* kExamples =
    "A style is a recipe of rate, pitch, pauses and timbre; it is no recorded emotion. Copy one "
    "to\n"
    "$MYNA_HOME/styles.json, or to a file for --styles, to change it: docs/styles.md.\n\n"
    "Examples:\n"
    "  myna styles\n"
    "  myna styles --json\n"
    "  myna styles --styles my-styles.json\n"
    "  myna say \"It works!\" --style cheerful --style-degree 1.3 -o works.mp3\n\n";

// As written in the file: 1.05, not 1.0499999523.
double shown(float value) { return std::round(static_cast<double>(value) * 1e4) / 1e4; }

// What a style has, without what it leaves alone.
nlohmann::ordered_json describe(const voice::StyleRecipe& style) {
  const voice::StyleRecipe neutral;
  nlohmann::ordered_json json;
  json["name"] = style.name;
  json["aliases"] = style.aliases;
  json["description"] = style.description;
  json["origin"] = style.origin;
  nlohmann::ordered_json& recipe = json["recipe"] = nlohmann::ordered_json::object();
  for (const voice::StyleNumber& number : voice::style_numbers()) {
    if (style.*number.member != neutral.*number.member) {
      recipe[std::string(number.key)] = shown(style.*number.member);
    }
  }
  const auto add_mix = [&](const char* key, const voice::StyleMix& mix) {
    if (mix.share == 0) return;
    recipe[key] = {{"female", mix.female}, {"male", mix.male}, {"share", shown(mix.share)}};
  };
  add_mix("timbre_mix", style.timbre_mix);
  add_mix("prosody_mix", style.prosody_mix);
  return json;
}

void print_styles(const voice::StyleTable& table, bool as_json) {
  if (as_json) {
    nlohmann::ordered_json json = nlohmann::ordered_json::array();
    for (const voice::StyleRecipe& style : table.styles()) json.push_back(describe(style));
    write_stdout(json_line(json));
    return;
  }
  std::string text = fmt::format("{:<18}{:>6}{:>8}{:>7}{:>8}{:>8}  {}\n", "NAME", "RATE", "PITCH",
                                 "RANGE", "PAUSES", "EFFORT", "DESCRIPTION");
  for (const voice::StyleRecipe& style : table.styles()) {
    text += fmt::format("{:<18}{:>6.2f}{:>+5.1f} st{:>7.2f}{:>8.2f}{:>+5.0f} dB  {}\n", style.name,
                        style.rate, style.pitch_semitones, style.pitch_range, style.pause_length,
                        style.effort_db, style.description);
  }
  write_stdout(text);
}

}  // namespace

void add_styles_command(CLI::App& program, ExitCode&) {
  struct Options {
    std::string file;
    bool json = false;
  };
  auto options = std::make_shared<Options>();
  CLI::App* command = program.add_subcommand("styles", "List the speaking styles");
  command->footer(std::string(kExamples) + kExitCodeHelp);
  command->add_flag("--json", options->json, "Print a JSON array");
  command->add_option("--styles", options->file, "A file with more styles");
  command->callback(
      [options] { print_styles(voice::StyleTable::load(options->file), options->json); });
}

}  // namespace myna::cli
