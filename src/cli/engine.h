// The object graph behind the subcommands that speak: text front end and voice, from options.
#pragma once

#include <memory>
#include <string>

#include "cli/text_options.h"
#include "text/front_end.h"
#include "voice/narrator.h"
#include "voice/registry.h"
#include "voice/styles/style_table.h"
#include "voice/voice.h"

namespace CLI {
class App;
}

namespace myna::cli {

inline constexpr const char* kDefaultVoice = "heart";

// As given on the command line.
struct EngineOptions {
  std::string voice = kDefaultVoice;
  std::string tier = "auto";
  std::string precision = "auto";
  std::string device = "auto";
  TextOptions text;
  unsigned threads = 0;
  float speed = 1.0f;
  uint64_t seed = 0;
  std::string style;  // empty: neutral
  float style_degree = 1.0f;
  std::string styles_file;  // styles beside those that ship with Myna; may be empty
};

// --voice --tier --precision --device --threads --speed --seed --style --style-degree --styles,
// each with its check, and those of add_text_options().
void add_engine_options(CLI::App& command, EngineOptions& options);

struct Engine {
  std::unique_ptr<voice::Voice> voice;
  std::unique_ptr<text::FrontEnd> front_end;
  voice::SpeakerBlend speaker;
  std::unique_ptr<const voice::StyleTable> styles;
  MarkupNames markup;  // what text_options point to
  text::FrontEndOptions text_options;
  EngineOptions options;
  unsigned threads = 1;  // resolved
  double load_s = 0;
};

// Throws what open_voice, parse_speaker_blend, StyleTable and FrontEnd throw.
Engine open_engine(const EngineOptions& options);

// What the options say of how the engine's voice narrates; the engine outlives them.
voice::NarratorOptions narrator_options(const Engine& engine);

std::unique_ptr<text::FrontEnd> open_front_end();

// Which English a blend speaks: that of most of its weight.
text::Dialect dialect_of(const voice::SpeakerBlend& blend, const voice::Voice& voice);

}  // namespace myna::cli
