// What the text front end is told on the command line: format, strictness, lexicons, recordings,
// and the names of the voices and styles that markup may use.
#pragma once

#include <filesystem>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "cli/input_text.h"
#include "text/front_end.h"
#include "text/markup/user_lexicon_files.h"
#include "voice/styles/style_table.h"
#include "voice/voice.h"

namespace CLI {
class App;
}

namespace myna::cli {

struct TextOptions {
  std::string format = "auto";  // ssml, script, md, plain, auto
  bool strict = false;
  bool emoji = false;           // read by name
  std::string lexicon;          // a file beside the usual ones; may be empty
  std::string audio_directory;  // empty: no recordings are played
};

// --format --strict --emoji --lexicon --audio-dir, each with its check.
void add_text_options(CLI::App& command, TextOptions& options);

// What FrontEndOptions point to: it outlives them. Moving keeps it where it is.
struct MarkupNames {
  std::vector<std::string> styles;
  std::vector<text::VoiceName> voices;
  std::vector<std::string> cast;
};
MarkupNames markup_names(std::span<const voice::Speaker> speakers, const voice::StyleTable& styles);

// Sets what `options` and `names` say. Throws Error kNotFound for a directory that is not there.
void set_text_options(const TextOptions& options, const MarkupNames& names,
                      text::FrontEndOptions& front_end);

// The user's lexicon ($MYNA_HOME/lexicon.txt, .pls), the project's (lexicon.txt, .pls beside the
// text) and --lexicon, later ones first asked. Their problems are printed, or put into
// `problems`; null when there is none. Throws Error kNotFound for a --lexicon that is not there.
std::shared_ptr<const text::UserLexicon> open_lexicon(
    const TextOptions& options, const InputText& input,
    std::vector<text::UserLexiconFiles::FileDiagnostics>* problems = nullptr);

}  // namespace myna::cli
