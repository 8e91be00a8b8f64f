#include "cli/engine.h"

#include <CLI/CLI.hpp>
#include <thread>

#include "base/clock.h"
#include "cli/console.h"
#include "weights/model_package.h"

namespace myna::cli {
namespace {

constexpr std::string_view kLexiconPackage = "lexicon-en";

}  // namespace

void add_engine_options(CLI::App& command, EngineOptions& options) {
  command
      .add_option("-v,--voice", options.voice,
                  "A voice or a blend of voices: heart, bm_george, heart*0.6+bella*0.4")
      ->capture_default_str();
  command
      .add_option("--tier", options.tier,
                  "Voice engine: studio, flash (experimental) or auto, which is studio")
      ->check(CLI::IsMember({"studio", "flash", "auto"}))
      ->capture_default_str();
  command.add_option("--precision", options.precision, "Arithmetic: fp32, bf16, int8 or auto")
      ->check(CLI::IsMember({"fp32", "bf16", "int8", "auto"}))
      ->capture_default_str();
  command
      .add_option("--device", options.device,
                  "Where the voice runs: cpu, cuda, or auto for a GPU if it can be used")
      ->check(CLI::IsMember({"cpu", "cuda", "auto"}))
      ->capture_default_str();
  command.add_option("--threads", options.threads, "Threads; 0 is one a core")
      ->check(CLI::Range(0u, 256u))
      ->capture_default_str();
  command.add_option("--speed", options.speed, "Speaking rate, 0.25 to 4")
      ->check(CLI::Range(0.25, 4.0))
      ->capture_default_str();
  command.add_option("--style", options.style,
                     "A speaking style of `myna styles`, such as cheerful or newscast");
  command.add_option("--style-degree", options.style_degree, "How much of the style, 0.01 to 2")
      ->check(CLI::Range(voice::kMinStyleDegree, voice::kMaxStyleDegree))
      ->capture_default_str();
  command.add_option("--styles", options.styles_file, "A file with more styles: docs/styles.md");
  command.add_option("--seed", options.seed, "The same seed gives the same audio")
      ->capture_default_str();
  add_text_options(command, options.text);
}

text::Dialect dialect_of(const voice::SpeakerBlend& blend, const voice::Voice& voice) {
  float british = 0;
  for (const voice::SpeakerBlend::Part& part : blend.parts) {
    if (voice.speakers()[part.speaker].accent == voice::Accent::kBritish) british += part.weight;
  }
  return british > 0.5f ? text::Dialect::kBritish : text::Dialect::kAmerican;
}

voice::NarratorOptions narrator_options(const Engine& engine) {
  voice::NarratorOptions options;
  options.speaker = engine.speaker;
  options.speed = engine.options.speed;
  options.seed = engine.options.seed;
  options.styles = engine.styles.get();
  options.style = engine.options.style;
  options.style_degree = engine.options.style_degree;
  return options;
}

std::unique_ptr<text::FrontEnd> open_front_end() {
  return std::make_unique<text::FrontEnd>(ModelPackage::open(kLexiconPackage).directory());
}

Engine open_engine(const EngineOptions& options) {
  const auto start = std::chrono::steady_clock::now();
  Engine engine;
  engine.options = options;
  // Wrong names are cheap to find before models are loaded.
  voice::StyleTable styles = voice::StyleTable::load(options.styles_file);
  if (!options.style.empty()) styles.require(options.style);
  engine.threads =
      options.threads > 0 ? options.threads : std::max(1u, std::thread::hardware_concurrency());
  voice::OpenVoiceOptions voice_options;
  voice_options.tier = voice::parse_tier(options.tier);
  voice_options.precision = voice::parse_precision(options.precision);
  voice_options.device = voice::parse_device(options.device);
  voice_options.threads = engine.threads;
  engine.front_end = open_front_end();
  engine.voice = voice::open_voice(voice_options);
  engine.speaker = voice::parse_speaker_blend(options.voice, engine.voice->speakers());
  engine.styles = std::make_unique<const voice::StyleTable>(std::move(styles));
  engine.text_options.dialect = dialect_of(engine.speaker, *engine.voice);
  engine.markup = markup_names(engine.voice->speakers(), *engine.styles);
  set_text_options(options.text, engine.markup, engine.text_options);
  engine.load_s = seconds_since(start);
  return engine;
}

}  // namespace myna::cli
