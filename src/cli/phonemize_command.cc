// myna phonemize: one sentence a line in, one phoneme string a line out, nothing else on standard
// output.
#include <CLI/CLI.hpp>
#include <iostream>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <sstream>

#include "base/utf8.h"
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
  bool json = false;
  bool no_lexicon = false;
};

text::Dialect choose_dialect(const PhonemizeOptions& options) {
  if (!options.voice.empty()) {
    const std::unique_ptr<voice::Voice> voice = voice::open_voice();
    return dialect_of(voice::parse_speaker_blend(options.voice, voice->speakers()), *voice);
  }
  return options.accent == "gb" ? text::Dialect::kBritish : text::Dialect::kAmerican;
}

std::string phonemize_line(const std::string& line, const text::FrontEnd& front_end,
                           text::Dialect dialect) {
  return front_end.phonemize(line, dialect);
}

// {"items": [{"text": "read", "phonemes": "ɹˈɛd", "source": [2, 6]}, {"mark": "."}]}
std::string phonemize_as_json(const std::string& line, const text::FrontEnd& front_end,
                              text::Dialect dialect) {
  text::FrontEndOptions options;
  options.dialect = dialect;
  options.format = text::TextFormat::kPlain;
  nlohmann::ordered_json items = nlohmann::ordered_json::array();
  for (const text::Utterance& utterance : front_end.process(line, options).utterances) {
    for (size_t at = 0; at < utterance.phonemes.size();) {
      const text::Phoneme& phoneme = utterance.phonemes[at];
      if (phoneme.word < 0) {
        if (phoneme.symbol != U' ') items.push_back({{"mark", to_utf8({&phoneme.symbol, 1})}});
        ++at;
        continue;
      }
      const text::Word& word = utterance.words[static_cast<size_t>(phoneme.word)];
      std::string sounds;
      for (size_t i = 0; i < word.phoneme_count; ++i)
        append_utf8(sounds, utterance.phonemes[word.first_phoneme + i].symbol);
      items.push_back({{"text", word.text},
                       {"phonemes", sounds},
                       {"source", {word.source.begin, word.source.end}}});
      at = word.first_phoneme + std::max<size_t>(word.phoneme_count, 1);
    }
  }
  return nlohmann::ordered_json{{"items", items}}.dump(
      -1, ' ', false, nlohmann::ordered_json::error_handler_t::replace);
}

// One word a line as the spelling model alone reads it: what tools/eval measures it by.
std::string read_without_lexicon(const std::string& word, const text::FrontEnd& front_end,
                                 text::Dialect dialect) {
  return front_end.read_unknown_word(word, dialect);
}

// Line by line, each answered at once when the writer waits for it.
void phonemize_stream(std::istream& in, const PhonemizeOptions& options,
                      const text::FrontEnd& front_end, text::Dialect dialect) {
  const auto answer = options.no_lexicon ? read_without_lexicon
                      : options.json     ? phonemize_as_json
                                         : phonemize_line;
  constexpr size_t kFlushBytes = 1 << 16;
  std::string line;
  std::string out;
  while (std::getline(in, line)) {
    if (!line.empty() && line.back() == '\r') line.pop_back();
    out += answer(line, front_end, dialect) + "\n";
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
    phonemize_stream(std::cin, options, *front_end, dialect);
    return;
  }
  const InputText input =
      read_input_text(options.text, options.literal_text ? InputKind::kText : InputKind::kGuess);
  std::istringstream lines(input.text);
  phonemize_stream(lines, options, *front_end, dialect);
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
  CLI::Option* json = command->add_flag(
      "--json", options->json, "A JSON object a line: each word, its phonemes and its byte range");
  command
      ->add_flag("--no-lexicon", options->no_lexicon,
                 "Take each line as one word that the dictionary does not have")
      ->excludes(json);
  command->callback([options] { phonemize(*options); });
}

}  // namespace myna::cli
