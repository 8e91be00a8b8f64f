#include "cli/show_run.h"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cmath>
#include <ctime>
#include <map>
#include <nlohmann/json.hpp>
#include <span>

#include "audio/encoder.h"
#include "audio/loudness.h"
#include "base/clock.h"
#include "base/error.h"
#include "base/file.h"
#include "base/paths.h"
#include "base/sha256.h"
#include "cli/console.h"
#include "cli/interrupt.h"
#include "cli/progress_bar.h"
#include "experiences/production/cover_art.h"
#include "experiences/production/podcast_feed.h"
#include "experiences/production/show_files.h"
#include "experiences/script/script_json.h"
#include "experiences/script/script_text.h"
#include "trust/helper_process.h"
#include "voice/speech_output.h"
#include "weights/model_package.h"

namespace myna::cli {
namespace {

// The card has the hashes of all files.
std::string card_hash(const std::string& package) {
  const std::string card = read_file(ModelPackage::open(package).directory() / "card.json");
  return sha256_hex(std::as_bytes(std::span(card.data(), card.size())));
}

production::Speakers speakers_of(const Engine& engine) {
  production::Speakers speakers;
  speakers.voice = engine.voice.get();
  speakers.front_end = engine.front_end.get();
  speakers.text_options = engine.text_options;
  speakers.styles = engine.styles.get();
  speakers.default_voice = engine.options.voice;
  speakers.seed = engine.options.seed;
  speakers.model = card_hash(engine.voice->tier() == "flash" ? "myna-voice-1" : "kokoro-82m");
  return speakers;
}

production::MixOptions mix_options(const Engine& engine, const ShowRunOptions& options) {
  production::MixOptions mix;
  mix.sample_rate = engine.voice->sample_rate();
  mix.music = options.music;
  return mix;
}

// What pauses between segments take of a length that is missed; they stay from half to one and a
// half of what they are.
double stretch_s(const script::ShowScript& script, double duration_s, double target_s) {
  if (target_s <= 0) return 0;
  const double room_s = 0.35 * static_cast<double>(script.segments.size());
  return std::clamp(target_s - duration_s, -0.5 * room_s, room_s);
}

// "bella, michael": every voice that speaks.
std::string voices_of(const script::ShowScript& script, const std::string& default_voice) {
  std::string names;
  for (const script::ScriptSpeaker& speaker : script.speakers) {
    const std::string& voice = speaker.voice.empty() ? default_voice : speaker.voice;
    if (names.find(voice) == std::string::npos) names += (names.empty() ? "" : ", ") + voice;
  }
  return names.empty() ? default_voice : names;
}

// The bytes of a PNG; without the program that draws it there is none, and the show goes on.
std::string cover_picture(script::ShowScript& script) {
  try {
    trust::HelperLimits limits;
    limits.timeout_s = 20;
    limits.output_bytes = size_t{4} << 20;
    const trust::HelperResult result = trust::run_helper(
        {"rsvg-convert", "--format", "png"}, production::render_cover_svg(script), limits);
    if (result.exit_status == 0 && result.output.starts_with("\x89PNG")) return result.output;
    script.problems.push_back("no cover picture: rsvg-convert ends with status " +
                              std::to_string(result.exit_status));
  } catch (const Error& error) {
    script.problems.push_back("no cover picture: " + error.message() +
                              " (apt-get install librsvg2-bin)");
  }
  return {};
}

std::string summary_of(const script::ShowScript& script) {
  std::string summary;
  for (const script::ScriptSegment& segment : script.segments) {
    const bool own = segment.kind == script::SegmentKind::kOpening ||
                     segment.kind == script::SegmentKind::kRecap ||
                     segment.kind == script::SegmentKind::kSignOff ||
                     segment.kind == script::SegmentKind::kHeadlines;
    if (own || segment.title.empty()) continue;
    summary += (summary.empty() ? "" : " · ") + segment.title;
  }
  return summary + (summary.empty() ? "" : ". ") +
         "Synthetic voices, made by Myna; the notes link every source.";
}

production::Episode episode_of(const script::ShowScript& script, double duration_s,
                               const std::filesystem::path& output) {
  const auto beside = [&](const char* extension, const char* type) {
    std::filesystem::path path = output;
    path.replace_extension(extension);
    return std::filesystem::exists(path) ? production::EpisodeFile{path.filename().string(), type}
                                         : production::EpisodeFile{};
  };
  production::Episode episode;
  episode.guid = production::uuid_of(script::to_json(script));
  episode.title = script.title;
  episode.summary = summary_of(script);
  episode.published_s = static_cast<int64_t>(std::time(nullptr));
  episode.duration_s = duration_s;
  episode.audio_bytes = std::filesystem::file_size(output);
  const std::string extension = output.extension().string();
  episode.audio = {output.filename().string(), extension == ".mp3"    ? "audio/mpeg"
                                               : extension == ".opus" ? "audio/ogg"
                                               : extension == ".flac" ? "audio/flac"
                                                                      : "audio/wav"};
  episode.vtt = beside(".vtt", "text/vtt");
  episode.srt = beside(".srt", "application/x-subrip");
  episode.chapters = beside(".chapters.json", "application/json+chapters");
  episode.notes = beside(".notes.html", "text/html");
  episode.cover = beside(".cover.png", "image/png");
  for (const script::ScriptSpeaker& speaker : script.speakers) {
    std::string name = speaker.name;
    if (!name.empty())
      name[0] = static_cast<char>(std::toupper(static_cast<unsigned char>(name[0])));
    episode.hosts.push_back(name + " (synthetic voice)");
  }
  return episode;
}

std::filesystem::path directory_of(const std::filesystem::path& path) {
  return std::filesystem::weakly_canonical(path.parent_path().empty() ? "." : path.parent_path());
}

}  // namespace

void add_pace_options(CLI::App& command, PaceOptions& options) {
  command
      .add_option("--pace", options.words_per_minute,
                  "Words a minute, whatever the voice; --speed instead is a factor on the voice's "
                  "own rate")
      ->check(CLI::Range(production::kMinPace_wpm, production::kMaxPace_wpm))
      ->capture_default_str();
}

void read_pace(const CLI::App& command, const EngineOptions& engine, PaceOptions& options) {
  if (command.count("--speed") > 0) options.fixed_speed = engine.speed;
  options.given = command.count("--speed") + command.count("--pace") > 0;
  if (command.count("--speed") > 0 && command.count("--pace") > 0)
    throw Error(ErrorCode::kInvalidArgument, "--pace and --speed exclude each other");
}

void add_play_options(CLI::App& command, bool& play, std::string& player) {
  command.add_flag("--play", play, "Play the show while it is made, and make the files as well");
  command.add_option(
      "--player", player,
      "A command that plays signed 16-bit mono PCM at 24 kHz from its standard input");
}

ShowPlayed hear_to_the_end(ShowPlayer& player, const std::string& output, bool quiet) {
  if (!quiet) print_note(output + " is complete; Ctrl-C stops the playing");
  ShowPlayed played = player.wait();
  if (!played.problem.empty()) print_warning(played.problem);
  return played;
}

void check_publication(const Publication& publication, const std::filesystem::path& output) {
  if (publication.feed.empty()) {
    if (!publication.base_url.empty())
      throw Error(ErrorCode::kInvalidArgument, "--base-url is for --feed, which is not given");
    return;
  }
  production::PodcastFeed feed;
  feed.base_url = publication.base_url;
  production::render_podcast_feed(feed, {});  // refuses what is no address
  if (directory_of(publication.feed) != directory_of(output)) {
    throw Error(ErrorCode::kInvalidArgument, "the feed and the show lie in different directories",
                "put '" + publication.feed + "' beside the show");
  }
}

size_t write_feed(const Publication& publication) {
  const std::filesystem::path path(publication.feed);
  std::vector<production::Episode> episodes;
  for (const auto& entry : std::filesystem::directory_iterator(directory_of(path))) {
    if (!entry.is_regular_file() || !entry.path().string().ends_with(".episode.json")) continue;
    try {
      production::Episode episode =
          production::episode_from_json(read_file(entry.path(), size_t{1} << 20));
      const std::filesystem::path audio = entry.path().parent_path() / episode.audio.name;
      if (!std::filesystem::is_regular_file(audio)) continue;
      episode.audio_bytes = std::filesystem::file_size(audio);
      episodes.push_back(std::move(episode));
    } catch (const Error& error) {
      print_warning(entry.path().string() + ": " + error.message() +
                    "; it is left out of the feed");
    }
  }
  production::PodcastFeed feed;
  if (!publication.show_name.empty()) feed.title = publication.show_name;
  feed.base_url = publication.base_url;
  feed.category = publication.category;
  feed.feed_name = path.filename().string();
  feed.now_s = static_cast<int64_t>(std::time(nullptr));
  write_file_atomically(path, production::render_podcast_feed(feed, episodes));
  return episodes.size();
}

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

void correct_pace(const script::ShowScript& script, const ShowLength& length, script::Pace& pace,
                  double& music_s) {
  size_t bytes = 0;
  double pauses_s = 0;
  for (const script::ScriptSegment& segment : script.segments) {
    for (const script::ScriptLine& line : segment.lines) {
      bytes += line.text.size();
      pauses_s += line.pause_ms / 1000.0 + pace.sentence_gap_s;
    }
  }
  pace.seconds_per_byte = length.speech_s / static_cast<double>(std::max<size_t>(1, bytes));
  music_s = length.duration_s - length.speech_s - pauses_s;
}

ShowRun::ShowRun(Engine& engine, const ShowRunOptions& options)
    : engine_(engine),
      options_(options),
      studio_(speakers_of(engine),
              options.use_cache ? data_directory() / "cache" / "lines" : std::filesystem::path()),
      pace_(production::pace_rules(studio_, options.pace.words_per_minute,
                                   &InterruptGuard::cancel())) {}

void ShowRun::set_speeds(script::ShowScript& script) {
  for (script::ScriptSpeaker& speaker : script.speakers) {
    if (options_.pace.given) speaker.speed = 0;
    if (options_.pace.fixed_speed) speaker.speed = *options_.pace.fixed_speed;
  }
  pace_.set_speeds(script);
}

ShowLength ShowRun::foretell(const script::ShowScript& script) const {
  ShowLength length;
  std::vector<size_t> samples;
  for (const double line_s : pace_.line_lengths_s(script)) {
    length.speech_s += line_s;
    samples.push_back(static_cast<size_t>(line_s * studio_.sample_rate()));
  }
  length.duration_s = production::mix_duration_s(script, samples, mix_options(engine_, options_));
  return length;
}

void ShowRun::learn(const script::ShowScript& script, const SpokenShow& show) {
  const double foretold_s = foretell(script).speech_s;
  if (foretold_s > 0) pace_.correct(show.speech_s / foretold_s);
}

SpokenShow ShowRun::speak(const script::ShowScript& script, const Progress& progress,
                          const std::atomic<bool>& cancel, ShowPlayer* player) {
  if (player != nullptr) {
    production::MixOptions options = mix_options(engine_, options_);
    const double foretold_s = foretell(script).duration_s;
    options.stretch_s = stretch_s(script, foretold_s, options_.target_s);
    player->begin(script, options, foretold_s);
  }
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
      const script::ScriptSpeaker* speaker = script.speaker(line.speaker);
      const bool paced = speaker != nullptr && speaker->speed != 0;
      show.lines.push_back(studio_.speak(line, speaker == nullptr ? "" : speaker->voice,
                                         paced ? static_cast<float>(speaker->speed) : 1.0f,
                                         &cancel));
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
    if (player != nullptr) player->add_segment(std::span(show.lines).last(segment.lines.size()));
  }
  if (player != nullptr) player->end();
  return show;
}

ShowLength ShowRun::length(const script::ShowScript& script, const SpokenShow& show) const {
  std::vector<size_t> samples;
  for (const production::SpokenLine& line : show.lines) samples.push_back(line.samples.size());
  return {show.speech_s,
          production::mix_duration_s(script, samples, mix_options(engine_, options_))};
}

std::vector<SpeakerFigures> ShowRun::speaker_figures(const script::ShowScript& script,
                                                     const SpokenShow& show) {
  std::map<std::string, SpeakerFigures> figures;
  size_t number = 0;
  for (const script::ScriptSegment& segment : script.segments) {
    for (const script::ScriptLine& line : segment.lines) {
      const script::ScriptSpeaker* speaker = script.speaker(line.speaker);
      SpeakerFigures& one = figures[line.speaker];
      if (speaker != nullptr) one.voice = speaker->voice;
      if (speaker != nullptr) one.speed = speaker->speed;
      one.lines += 1;
      one.words += script::count_words(line.text);
      one.phonemes += studio_.phonemes(line, one.voice);
      one.speech_s +=
          static_cast<double>(show.lines[number++].samples.size()) / studio_.sample_rate();
    }
  }
  std::vector<SpeakerFigures> all;
  for (auto& [name, one] : figures) {
    one.name = name;
    all.push_back(std::move(one));
  }
  return all;
}

ShowFiles ShowRun::write(script::ShowScript& script, const SpokenShow& show,
                         const std::filesystem::path& output, const Publication& publication) {
  production::MixOptions options = mix_options(engine_, options_);
  options.stretch_s = stretch_s(script, length(script, show).duration_s, options_.target_s);
  const production::ShowMix mix = production::mix_show(script, show.lines, options);
  const audio::AudioFormat format = audio::require_audio_format(output);
  const std::string voice = voices_of(script, engine_.options.voice);
  const std::string cover = cover_picture(script);
  audio::AudioTags tags;
  tags.title = script.title;
  tags.artist = "Myna, voice " + voice;
  tags.comment = audio::synthetic_voice_comment(voice);
  tags.software = "Myna";
  for (const production::Chapter& chapter : mix.chapters)
    tags.chapters.push_back({chapter.title, chapter.start_s, chapter.end_s});
  tags.cover_png = cover;
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
  if (!cover.empty()) beside(".cover.png", cover);
  if (!publication.feed.empty()) {
    beside(".episode.json", production::episode_to_json(
                                episode_of(script, mix.duration_s(options.sample_rate), output)));
    write_feed(publication);
    files.names.push_back(publication.feed);
  }
  studio_.prune();
  files.duration_s = mix.duration_s(options.sample_rate);
  // Words a minute while somebody speaks, gaps between lines included, music and breaks not.
  const double spoken_s =
      mix.speech_s + production::line_gaps_s(script, options.line_gap_s, options.turn_gap_s);
  files.words_per_minute =
      spoken_s > 0 ? static_cast<double>(script.word_count()) * 60 / spoken_s : 0;
  files.speakers = speaker_figures(script, show);
  if (mix.bed_rms_dbfs > -200) files.bed_below_speech_db = mix.speech_rms_dbfs - mix.bed_rms_dbfs;
  return files;
}

nlohmann::ordered_json show_report(const ShowFigures& figures, const script::ShowScript& script,
                                   const SpokenShow& show, const ShowFiles& files,
                                   const nlohmann::ordered_json& stages_s) {
  nlohmann::ordered_json report;
  report["output"] = figures.output;
  report["files"] = files.names;
  report["title"] = script.title;
  report["duration_s"] = std::round(files.duration_s * 100) / 100;
  if (figures.asked_s) report["asked_s"] = *figures.asked_s;
  report["wall_s"] = std::round(figures.wall_s * 100) / 100;
  report["stages_s"] = stages_s;
  report["lines"] = script.line_count();
  report["lines_from_cache"] = show.from_cache;
  report["words_per_minute"] = std::round(files.words_per_minute);
  report["bed_below_speech_db"] = std::round(files.bed_below_speech_db * 10) / 10;
  report["speakers"] = nlohmann::ordered_json::array();
  for (const SpeakerFigures& one : files.speakers) {
    report["speakers"].push_back({{"name", one.name},
                                  {"voice", one.voice},
                                  {"speed", one.speed},
                                  {"lines", one.lines},
                                  {"words", one.words},
                                  {"phonemes", one.phonemes},
                                  {"speech_s", std::round(one.speech_s * 100) / 100}});
  }
  report["short_of_material"] = figures.short_of_material;
  if (figures.played) {
    report["played"] = {{"first_sound_s", std::round(figures.played->first_sound_s * 1000) / 1000},
                        {"starved_s", std::round(figures.played->starved_s * 1000) / 1000},
                        {"problem", figures.played->problem}};
  }
  return report;
}

}  // namespace myna::cli
