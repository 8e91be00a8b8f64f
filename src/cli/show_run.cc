#include "cli/show_run.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "audio/encoder.h"
#include "audio/loudness.h"
#include "base/error.h"
#include "base/file.h"
#include "base/paths.h"
#include "cli/console.h"
#include "cli/progress_bar.h"
#include "experiences/production/show_files.h"
#include "experiences/script/script_json.h"
#include "experiences/script/script_text.h"
#include "voice/speech_output.h"

namespace myna::cli {
namespace {

production::Speakers speakers_of(const Engine& engine) {
  production::Speakers speakers;
  speakers.voice = engine.voice.get();
  speakers.front_end = engine.front_end.get();
  speakers.text_options = engine.text_options;
  speakers.styles = engine.styles.get();
  speakers.default_voice = engine.options.voice;
  speakers.speed = engine.options.speed;
  speakers.seed = engine.options.seed;
  return speakers;
}

production::MixOptions mix_options(const Engine& engine, const ShowRunOptions& options) {
  production::MixOptions mix;
  mix.sample_rate = engine.voice->sample_rate();
  mix.music = options.music;
  return mix;
}

}  // namespace

script::ShowScript read_script(const std::filesystem::path& path) {
  const std::string text = read_file(path, size_t{64} << 20);
  script::ShowScript script;
  if (path.extension() == ".json") {
    script = script::from_json(text);
  } else {
    std::vector<script::ScriptProblem> problems;
    script = script::from_text(text, problems);
    for (const script::ScriptProblem& problem : problems) {
      const std::string line = problem.line > 0 ? fmt::format(":{}", problem.line) : "";
      print_warning(fmt::format("{}{}: {}", path.string(), line, problem.message));
    }
  }
  if (script.line_count() == 0) {
    throw Error(ErrorCode::kInvalidArgument, "there is nothing to say in '" + path.string() + "'");
  }
  return script;
}

void write_script(const script::ShowScript& script, const std::string& path) {
  const bool json = path.ends_with(".json");
  const std::string text = json ? script::to_json(script) : script::to_text(script);
  if (path == "-" || path.empty()) {
    write_stdout(text);
  } else {
    write_file_atomically(path, text);
  }
}

ShowRun::ShowRun(Engine& engine, const ShowRunOptions& options)
    : engine_(engine),
      options_(options),
      studio_(speakers_of(engine),
              options.use_cache ? data_directory() / "cache" / "lines" : std::filesystem::path()) {}

SpokenShow ShowRun::speak(const script::ShowScript& script, const Progress& progress,
                          const std::atomic<bool>& cancel) {
  SpokenShow show;
  size_t bytes = 0;
  size_t bytes_done = 0;
  for (const script::ScriptSegment& segment : script.segments) {
    for (const script::ScriptLine& line : segment.lines) bytes += line.text.size();
  }
  const auto start = std::chrono::steady_clock::now();
  for (const script::ScriptSegment& segment : script.segments) {
    for (const script::ScriptLine& line : segment.lines) {
      if (cancel.load())
        throw Error(ErrorCode::kCancelled, "stopped; the lines that were spoken are kept",
                    "the same command goes on from here");
      const auto speaker = std::find_if(script.speakers.begin(), script.speakers.end(),
                                        [&](const auto& one) { return one.name == line.speaker; });
      show.lines.push_back(
          studio_.speak(line, speaker == script.speakers.end() ? "" : speaker->voice, &cancel));
      show.from_cache += show.lines.back().from_cache ? 1 : 0;
      show.speech_s +=
          static_cast<double>(show.lines.back().samples.size()) / studio_.sample_rate();
      bytes_done += line.text.size();
      const double fraction =
          static_cast<double>(bytes_done) / static_cast<double>(std::max<size_t>(1, bytes));
      progress(fraction,
               fmt::format("speaking, {} of {} lines, {}", show.lines.size(), script.line_count(),
                           ProgressBar::eta(seconds_since(start), fraction)));
    }
  }
  return show;
}

double ShowRun::duration_s(const script::ShowScript& script, const SpokenShow& show) const {
  return production::mix_duration_s(script, show.lines, mix_options(engine_, options_));
}

ShowFiles ShowRun::write(const script::ShowScript& script, const SpokenShow& show,
                         const std::filesystem::path& output) {
  production::MixOptions options = mix_options(engine_, options_);
  if (options_.target_s > 0) {
    // Pauses between items stay from half to one and a half of what they are.
    const double room_s = 0.35 * static_cast<double>(script.segments.size());
    options.stretch_s =
        std::clamp(options_.target_s - duration_s(script, show), -0.5 * room_s, room_s);
  }
  const production::ShowMix mix = production::mix_show(script, show.lines, options);
  const audio::AudioFormat format = audio::require_audio_format(output);
  const std::string voice = engine_.options.voice;
  audio::AudioTags tags;
  tags.title = script.title;
  tags.artist = "Myna, voice " + voice;
  tags.comment = audio::synthetic_voice_comment(voice);
  tags.software = "Myna";
  voice::SpeechOutputOptions speech;
  speech.voice_rate = speech.output_rate = options.sample_rate;
  speech.true_peak_dbtp = audio::true_peak_ceiling_for(format);
  speech.whole_samples = mix.samples.size() + 1;
  voice::SpeechOutput file(audio::make_file_encoder(output, format, options.sample_rate, tags),
                           speech);
  file.write(mix.samples);
  file.finish();

  ShowFiles files;
  files.names.push_back(output.string());
  const auto beside = [&](const char* extension, const std::string& content) {
    std::filesystem::path path = output;
    path.replace_extension(extension);
    write_file_atomically(path, content);
    files.names.push_back(path.string());
  };
  beside(".vtt", production::render_vtt(script, mix, show.lines));
  beside(".srt", production::render_srt(script, mix, show.lines));
  beside(".chapters.json", production::render_chapters(script, mix));
  beside(".notes.html", production::render_notes_html(script, mix, voice));
  beside(".notes.md", production::render_notes_markdown(script, mix, voice));
  beside(".script.json", script::to_json(script));
  beside(".script.txt", script::to_text(script));
  studio_.prune();
  files.duration_s = mix.duration_s(options.sample_rate);
  // Words a minute while somebody speaks, gaps between lines included, music and breaks not.
  const double spoken_s = mix.speech_s + options.line_gap_s * static_cast<double>(mix.lines.size());
  files.words_per_minute =
      spoken_s > 0 ? static_cast<double>(script.word_count()) * 60 / spoken_s : 0;
  if (mix.bed_rms_dbfs > -200) files.bed_below_speech_db = mix.speech_rms_dbfs - mix.bed_rms_dbfs;
  return files;
}

}  // namespace myna::cli
