// myna lint: what is wrong with the markup of a text, without a sound.
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>

#include "base/error.h"
#include "base/utf8.h"
#include "cli/commands.h"
#include "cli/console.h"
#include "cli/input_text.h"
#include "cli/text_options.h"
#include "voice/registry.h"

namespace myna::cli {
namespace {

constexpr const char* kExamples =
    "Every finding is a line FILE:LINE:COLUMN: warning|error: MESSAGE, with the place below it.\n"
    "The exit code is 1 when there is an error, 0 otherwise.\n\n"
    "Examples:\n"
    "  myna lint talk.ssml\n"
    "  myna lint --strict --json talk.ssml\n"
    "  myna lint --format script interview.txt\n\n";

struct LintOptions {
  TextOptions text;
  std::optional<std::string> input;
  std::string styles_file;
  bool literal_text = false;
  bool json = false;
};

// The line of the text with a caret under the place; long lines are cut around it.
std::string excerpt(std::string_view text, const text::Diagnostic& diagnostic) {
  constexpr size_t kWidth = 78;
  const size_t at = std::min(diagnostic.source.begin, text.size());
  const size_t line_begin = at == 0 ? 0 : text.rfind('\n', at - 1) + 1;  // npos + 1 is 0
  const size_t line_end = std::min(text.find('\n', at), text.size());
  std::u32string before = to_utf32(text.substr(line_begin, at - line_begin));
  std::u32string behind = to_utf32(text.substr(at, std::min(line_end - at, 4 * kWidth)));
  if (before.size() > kWidth / 2) before = U"…" + before.substr(before.size() - kWidth / 2);
  std::u32string line = before + behind;
  if (line.size() > kWidth) line = line.substr(0, kWidth) + U"…";
  for (char32_t& c : line) {
    if (c < 0x20 || (c >= 0x7F && c < 0xA0) || (c >= 0x202A && c <= 0x202E) ||
        (c >= 0x2066 && c <= 0x2069)) {
      c = c == U'\t' ? U' ' : U'?';
    }
  }
  const size_t marked =
      to_utf32(text.substr(at, std::min(diagnostic.source.end, line_end) - std::min(at, line_end)))
          .size();
  const size_t room = line.size() > before.size() ? line.size() - before.size() : 1;
  return "  " + to_utf8(line) + "\n  " + std::string(before.size(), ' ') + "^" +
         std::string(std::clamp<size_t>(marked, 1, room) - 1, '~') + "\n";
}

std::string_view severity_name(text::Severity severity) {
  return severity == text::Severity::kError ? "error" : "warning";
}

using FileDiagnostics = text::UserLexiconFiles::FileDiagnostics;

size_t count_errors(std::span<const text::Diagnostic> found) {
  return static_cast<size_t>(std::ranges::count_if(found, [](const text::Diagnostic& diagnostic) {
    return diagnostic.severity == text::Severity::kError;
  }));
}

nlohmann::ordered_json to_json(const text::Diagnostic& diagnostic) {
  return {{"severity", severity_name(diagnostic.severity)},
          {"line", diagnostic.line},
          {"column", diagnostic.column},
          {"source", {diagnostic.source.begin, diagnostic.source.end}},
          {"message", diagnostic.message}};
}

// What is found in a lexicon names its file.
void print_json(const InputText& input, std::span<const text::Diagnostic> found,
                std::span<const FileDiagnostics> lexicons) {
  size_t errors = count_errors(found), all = found.size();
  for (const FileDiagnostics& lexicon : lexicons) {
    errors += count_errors(lexicon.diagnostics);
    all += lexicon.diagnostics.size();
  }
  nlohmann::ordered_json json;
  json["file"] = input.file.empty() ? input.name : input.file.string();
  json["errors"] = errors;
  json["warnings"] = all - errors;
  json["diagnostics"] = nlohmann::ordered_json::array();
  for (const FileDiagnostics& lexicon : lexicons) {
    for (const text::Diagnostic& diagnostic : lexicon.diagnostics) {
      json["diagnostics"].push_back(to_json(diagnostic));
      json["diagnostics"].back()["file"] = lexicon.file.string();
    }
  }
  for (const text::Diagnostic& diagnostic : found)
    json["diagnostics"].push_back(to_json(diagnostic));
  write_stdout(json.dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace) + "\n");
}

// The voices that there are; none when no model is installed: then every name passes.
std::vector<voice::Speaker> installed_speakers() {
  try {
    const std::unique_ptr<voice::Voice> voice = voice::open_voice();
    return {voice->speakers().begin(), voice->speakers().end()};
  } catch (const Error& error) {
    if (error.code() != ErrorCode::kUnavailable) throw;
    print_note("no voice is installed, so the names of voices are not checked");
    return {};
  }
}

ExitCode lint(const LintOptions& options) {
  const InputText input =
      read_input_text(options.input, options.literal_text ? InputKind::kText : InputKind::kGuess);
  const MarkupNames names =
      markup_names(installed_speakers(), voice::StyleTable::load(options.styles_file));
  text::FrontEndOptions front_end;
  set_text_options(options.text, names, front_end);
  std::vector<FileDiagnostics> lexicons;
  open_lexicon(options.text, input, &lexicons);
  const std::vector<text::Diagnostic> found = text::check_markup(input.text, front_end);
  size_t errors = count_errors(found);
  for (const FileDiagnostics& lexicon : lexicons) errors += count_errors(lexicon.diagnostics);
  if (options.json) {
    print_json(input, found, lexicons);
  } else {
    std::string out;
    const auto put = [&](const std::string& name, const text::Diagnostic& diagnostic) {
      out += fmt::format("{}:{}:{}: {}: {}\n", name, diagnostic.line, diagnostic.column,
                         severity_name(diagnostic.severity), diagnostic.message);
    };
    for (const FileDiagnostics& lexicon : lexicons) {
      for (const text::Diagnostic& diagnostic : lexicon.diagnostics)
        put(lexicon.file.string(), diagnostic);
    }
    const std::string name = input.file.empty() ? input.name : input.file.string();
    for (const text::Diagnostic& diagnostic : found) {
      put(name, diagnostic);
      out += excerpt(input.text, diagnostic);
    }
    write_stdout(out);
  }
  return errors > 0 ? ExitCode::kFindings : ExitCode::kOk;
}

}  // namespace

void add_lint_command(CLI::App& program, ExitCode& exit_code) {
  auto options = std::make_shared<LintOptions>();
  CLI::App* command =
      program.add_subcommand("lint", "Check the markup of a text without speaking it");
  command->footer(std::string(kExamples) + kExitCodeHelp);
  command->add_option("TEXT", options->input,
                      "A text, the name of a text file, or - for standard input");
  command->add_flag("--text", options->literal_text, "TEXT is text, even if a file has that name");
  command->add_flag("--json", options->json, "Print one JSON object");
  command->add_option("--styles", options->styles_file, "A file with more styles: docs/styles.md");
  add_text_options(*command, options->text);
  command->callback([options, &exit_code] { exit_code = lint(*options); });
}

}  // namespace myna::cli
