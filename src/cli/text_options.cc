#include "cli/text_options.h"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <array>
#include <system_error>

#include "base/error.h"
#include "base/paths.h"
#include "cli/console.h"

namespace myna::cli {
namespace {

namespace fs = std::filesystem;

// For speakers of a script that have no voice: unlike ones first.
constexpr std::array<const char*, 12> kCast = {"heart", "michael", "bella",    "fenrir",
                                               "emma",  "george",  "puck",     "nicole",
                                               "sarah", "eric",    "isabella", "lewis"};

text::TextFormat parse_format(const std::string& name) {
  if (name == "ssml") return text::TextFormat::kSsml;
  if (name == "script") return text::TextFormat::kScript;
  if (name == "md") return text::TextFormat::kMarkdown;
  if (name == "plain") return text::TextFormat::kPlain;
  return text::TextFormat::kAuto;
}

}  // namespace

void add_text_options(CLI::App& command, TextOptions& options) {
  command
      .add_option("--format", options.format,
                  "How to read the text: ssml, script, md, plain or auto")
      ->check(CLI::IsMember({"ssml", "script", "md", "plain", "auto"}))
      ->capture_default_str();
  command.add_flag("--strict", options.strict,
                   "Refuse a text whose markup has errors or unknown elements");
  command.add_flag("--emoji", options.emoji, "Read emoji by their names");
  command.add_option("--lexicon", options.lexicon,
                     "Your pronunciations: W3C PLS, or a word and what is said for it a line");
  command.add_option("--audio-dir", options.audio_directory,
                     "Where <audio> finds recordings; without it none is played");
}

MarkupNames markup_names(std::span<const voice::Speaker> speakers,
                         const voice::StyleTable& styles) {
  MarkupNames names;
  for (const voice::StyleRecipe& style : styles.styles()) {
    names.styles.push_back(style.name);
    names.styles.insert(names.styles.end(), style.aliases.begin(), style.aliases.end());
  }
  for (const voice::Speaker& speaker : speakers) {
    text::VoiceName voice;
    voice.dialect = speaker.accent == voice::Accent::kBritish ? text::Dialect::kBritish
                                                              : text::Dialect::kAmerican;
    voice.gender = speaker.gender == voice::Gender::kFemale ? text::VoiceGender::kFemale
                                                            : text::VoiceGender::kMale;
    for (const std::string& name : {speaker.name, speaker.id}) {
      voice.name = name;
      names.voices.push_back(voice);
    }
  }
  for (const char* const name : kCast) {
    if (std::any_of(speakers.begin(), speakers.end(),
                    [&](const voice::Speaker& speaker) { return speaker.name == name; })) {
      names.cast.emplace_back(name);
    }
  }
  return names;
}

void set_text_options(const TextOptions& options, const MarkupNames& names,
                      text::FrontEndOptions& front_end) {
  front_end.format = parse_format(options.format);
  front_end.strictness = options.strict ? text::Strictness::kStrict : text::Strictness::kLenient;
  front_end.emoji = options.emoji ? text::EmojiReading::kName : text::EmojiReading::kSkip;
  front_end.styles = names.styles;
  front_end.voices = names.voices;
  front_end.cast = names.cast;
  if (std::error_code error;
      !options.audio_directory.empty() && !fs::is_directory(options.audio_directory, error)) {
    throw Error(ErrorCode::kNotFound, "there is no directory '" + options.audio_directory + "'",
                "--audio-dir names the directory that recordings lie in");
  }
  front_end.audio_directory = options.audio_directory;
}

std::shared_ptr<const text::UserLexicon> open_lexicon(
    const TextOptions& options, const InputText& input,
    std::vector<text::UserLexiconFiles::FileDiagnostics>* problems) {
  std::vector<fs::path> files = text::UserLexiconFiles::usual_files(data_directory());
  if (!input.file.empty()) {
    for (fs::path& file : text::UserLexiconFiles::usual_files(input.file.parent_path())) {
      // A lexicon that is itself read aloud is no lexicon of the project.
      if (file != input.file) files.push_back(std::move(file));
    }
  }
  if (!options.lexicon.empty()) {
    if (std::error_code error; !fs::is_regular_file(options.lexicon, error)) {
      throw Error(ErrorCode::kNotFound, "there is no lexicon '" + options.lexicon + "'");
    }
    files.emplace_back(options.lexicon);
  }
  text::UserLexiconFiles lexicon(std::move(files));
  auto current = lexicon.current();
  if (problems != nullptr) {
    *problems = lexicon.diagnostics();
    return current;
  }
  for (const auto& [file, diagnostics] : lexicon.diagnostics()) {
    DiagnosticPrinter printer("'" + file.string() + "'");
    printer.print(diagnostics);
  }
  return current;
}

}  // namespace myna::cli
