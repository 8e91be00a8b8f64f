// myna voices: the voices there are, and a sample of each.
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <filesystem>
#include <memory>
#include <nlohmann/json.hpp>
#include <system_error>

#include "audio/encoder.h"
#include "cli/commands.h"
#include "cli/console.h"
#include "cli/engine.h"
#include "cli/interrupt.h"
#include "cli/narration_run.h"
#include "cli/progress_bar.h"
#include "cli/timing_report.h"
#include "voice/speech_output.h"

namespace myna::cli {
namespace {

constexpr const char* kExamples =
    "Examples:\n"
    "  myna voices\n"
    "  myna voices --json\n"
    "  myna voices --sample samples/\n"
    "  myna voices --sample samples/ --voice emma --audio mp3\n\n";

struct VoicesOptions {
  EngineOptions engine;
  std::string sample_directory;
  std::string audio = "wav";
  bool one_voice = false;  // --voice was given
  bool json = false;
};

std::string_view accent_name(voice::Accent accent) {
  return accent == voice::Accent::kBritish ? "British" : "American";
}
std::string_view gender_name(voice::Gender gender) {
  return gender == voice::Gender::kFemale ? "female" : "male";
}

std::string capitalized(std::string name) {
  if (!name.empty() && name[0] >= 'a' && name[0] <= 'z') name[0] = static_cast<char>(name[0] - 32);
  return name;
}

std::string sample_text(const voice::Speaker& speaker) {
  return fmt::format(
      "Hello, I am {}. This is how I sound when I read a story: the fox crossed the river, looked "
      "back once, and was gone. Shall we begin?",
      capitalized(speaker.name));
}

// Until its weights pass their gate (docs/models/myna-voice-1.md).
bool is_experimental(const voice::Voice& voice) { return voice.tier() == "flash"; }

void print_voices(const voice::Voice& voice, bool as_json) {
  if (as_json) {
    nlohmann::ordered_json json = nlohmann::ordered_json::array();
    for (const voice::Speaker& speaker : voice.speakers()) {
      json.push_back({{"name", speaker.name},
                      {"id", speaker.id},
                      {"accent", accent_name(speaker.accent)},
                      {"gender", gender_name(speaker.gender)},
                      {"tier", voice.tier()},
                      {"experimental", is_experimental(voice)}});
    }
    write_stdout(json_line(json));
    return;
  }
  const std::string tier =
      std::string(voice.tier()) + (is_experimental(voice) ? " (experimental)" : "");
  std::string table =
      fmt::format("{:<12}{:<14}{:<10}{:<8}{}\n", "NAME", "ID", "ACCENT", "GENDER", "TIER");
  for (const voice::Speaker& speaker : voice.speakers()) {
    table += fmt::format("{:<12}{:<14}{:<10}{:<8}{}\n", speaker.name, speaker.id,
                         accent_name(speaker.accent), gender_name(speaker.gender), tier);
  }
  write_stdout(table);
}

void render_sample(Engine& engine, const std::string& name, const std::string& text,
                   const std::filesystem::path& path) {
  audio::AudioTags tags;
  tags.title = "Sample of " + name;
  tags.artist = "Myna, voice " + name;
  tags.comment = audio::synthetic_voice_comment(name);
  tags.software = "Myna";
  const int rate = engine.voice->sample_rate();
  const audio::AudioFormat format = audio::require_audio_format(path);
  voice::SpeechOutputOptions options;
  options.voice_rate = options.output_rate = rate;
  options.true_peak_dbtp = audio::true_peak_ceiling_for(format);
  voice::SpeechOutput output(audio::make_file_encoder(path, format, rate, tags), options);
  NarrationCallbacks callbacks;
  callbacks.sink = [&](std::span<const float> samples) { output.write(samples); };
  const NarrationResult result = run_narration(engine, text, callbacks, KeepWords::kNo,
                                               &InterruptGuard::cancel(), process_start());
  if (!result.cancelled) output.finish();
}

ExitCode render_samples(Engine& engine, const VoicesOptions& options) {
  const std::filesystem::path directory = options.sample_directory;
  std::error_code error;
  std::filesystem::create_directories(directory, error);
  if (error)
    throw errno_error("cannot make the directory '" + directory.string() + "'", error.value());
  struct Sample {
    std::string name;
    std::string text;
    voice::SpeakerBlend blend;
  };
  std::vector<Sample> samples;
  const auto speakers = engine.voice->speakers();
  if (options.one_voice) {
    const auto& parts = engine.speaker.parts;
    const bool blended = parts.size() > 1;
    const voice::Speaker& first = speakers[parts.front().speaker];
    samples.push_back(
        {blended ? options.engine.voice : first.id, sample_text(first), engine.speaker});
    if (blended) samples.back().text.replace(0, samples.back().text.find('.') + 2, "Hello. ");
  } else {
    for (size_t i = 0; i < speakers.size(); ++i) {
      samples.push_back({speakers[i].id, sample_text(speakers[i]), {{{i, 1.0f}}}});
    }
  }
  const InterruptGuard guard;
  ProgressBar bar;
  for (size_t i = 0; i < samples.size(); ++i) {
    if (InterruptGuard::cancel()) return ExitCode::kCancelled;
    bar.update(static_cast<double>(i) / static_cast<double>(samples.size()), samples[i].name);
    engine.speaker = samples[i].blend;
    engine.text_options.dialect = dialect_of(engine.speaker, *engine.voice);
    const std::filesystem::path path = directory / (samples[i].name + "." + options.audio);
    render_sample(engine, samples[i].name, samples[i].text, path);
    if (InterruptGuard::cancel()) return ExitCode::kCancelled;
    bar.clear();
    write_stdout(path.string() + "\n");
  }
  return ExitCode::kOk;
}

ExitCode voices(const VoicesOptions& options) {
  if (options.sample_directory.empty()) {
    voice::OpenVoiceOptions open;
    open.tier = voice::parse_tier(options.engine.tier);
    open.threads = 1;
    print_voices(*voice::open_voice(open), options.json);
    return ExitCode::kOk;
  }
  Engine engine = open_engine(options.engine);
  return render_samples(engine, options);
}

}  // namespace

void add_voices_command(CLI::App& program, ExitCode& exit_code) {
  auto options = std::make_shared<VoicesOptions>();
  CLI::App* command = program.add_subcommand("voices", "List the voices, or render samples");
  command->footer(std::string(kExamples) + kExitCodeHelp);
  command->add_flag("--json", options->json, "Print a JSON array");
  CLI::Option* sample = command->add_option("--sample", options->sample_directory,
                                            "Write a sample of each voice to this directory");
  command->add_option("--audio", options->audio, "Format of the samples")
      ->check(CLI::IsMember({"wav", "flac", "mp3", "opus"}))
      ->capture_default_str()
      ->needs(sample);
  add_engine_options(*command, options->engine);
  command->callback([options, command, &exit_code] {
    options->one_voice = command->get_option("--voice")->count() > 0;
    exit_code = voices(*options);
  });
}

}  // namespace myna::cli
