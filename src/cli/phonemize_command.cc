// myna phonemize: one sentence a line in, one phoneme string a line out, nothing else on standard
// output.
#include <CLI/CLI.hpp>
#include <iostream>
#include <memory>
#include <optional>
#include <sstream>

#include "cli/commands.h"
#include "cli/console.h"
#include "cli/engine.h"
#include "cli/input_text.h"

namespace myna::cli {
namespace {

constexpr const char* kExamples =
    "Each line of the input gives exactly one line of output; an empty line an empty one.\n\n"
    "Examples:\n"
    "  myna phonemize \"Dr. Smith paid \\$5.\"\n"
    "  myna phonemize --accent gb < sentences.txt > phonemes.txt\n"
    "  myna phonemize --voice george sentences.txt\n\n";

struct PhonemizeOptions {
  std::optional<std::string> text;
  bool literal_text = false;
  std::string accent;
  std::string voice;
};

text::Dialect choose_dialect(const PhonemizeOptions& options) {
  if (!options.voice.empty()) {
    const std::unique_ptr<voice::Voice> voice = voice::open_voice();
    return dialect_of(voice::parse_speaker_blend(options.voice, voice->speakers()), *voice);
  }
  return options.accent == "gb" ? text::Dialect::kBritish : text::Dialect::kAmerican;
}

// Line by line, each answered at once when the writer waits for it.
void phonemize_stream(std::istream& in, const text::FrontEnd& front_end, text::Dialect dialect) {
  constexpr size_t kFlushBytes = 1 << 16;
  std::string line;
  std::string out;
  while (std::getline(in, line)) {
    if (!line.empty() && line.back() == '\r') line.pop_back();
    out += front_end.phonemize(line, dialect) + "\n";
    if (out.size() >= kFlushBytes || in.rdbuf()->in_avail() <= 0) {
      write_stdout(out);
      out.clear();
    }
  }
  write_stdout(out);
}

void phonemize(const PhonemizeOptions& options) {
  const std::unique_ptr<text::FrontEnd> front_end = open_front_end();
  const text::Dialect dialect = choose_dialect(options);
  const bool from_stdin = !options.literal_text && (!options.text || *options.text == "-");
  if (from_stdin) {
    std::ios::sync_with_stdio(false);
    phonemize_stream(std::cin, *front_end, dialect);
    return;
  }
  const InputText input =
      read_input_text(options.text, options.literal_text ? InputKind::kText : InputKind::kGuess);
  std::istringstream lines(input.text);
  phonemize_stream(lines, *front_end, dialect);
}

}  // namespace

void add_phonemize_command(CLI::App& program, ExitCode&) {
  auto options = std::make_shared<PhonemizeOptions>();
  CLI::App* command =
      program.add_subcommand("phonemize", "Turn sentences into phonemes, one line each");
  command->footer(std::string(kExamples) + kExitCodeHelp);
  command->add_option("TEXT", options->text,
                      "A sentence, the name of a text file, or - for standard input (the default)");
  command->add_flag("--text", options->literal_text, "TEXT is text, even if a file has that name");
  CLI::Option* accent = command->add_option("--accent", options->accent, "us or gb")
                            ->check(CLI::IsMember({"us", "gb"}));
  command->add_option("-v,--voice", options->voice, "The accent of this voice")->excludes(accent);
  command->callback([options] { phonemize(*options); });
}

}  // namespace myna::cli
