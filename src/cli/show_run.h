// From a script to the files of a show: spoken lines, mix, encoder, captions, notes. Shared by the
// commands that make shows.
#pragma once

#include <atomic>
#include <filesystem>
#include <functional>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <vector>

#include "cli/engine.h"
#include "cli/show_player.h"
#include "experiences/production/line_studio.h"
#include "experiences/production/show_mix.h"
#include "experiences/production/show_pace.h"
#include "experiences/script/pace.h"
#include "experiences/script/show_script.h"

namespace CLI {
class App;
}

namespace myna::cli {

// .json, or text with its problems printed as warnings. Throws Error when it cannot be read, or has
// nothing to say.
script::ShowScript read_script(const std::filesystem::path& path);
// By extension: .json, otherwise the text form; "-" is standard output.
void write_script(const script::ShowScript& script, const std::string& path);

// How fast a show is spoken: at a pace, or each voice at so many times its own rate.
struct PaceOptions {
  double words_per_minute = production::kShowPace_wpm;
  std::optional<double> fixed_speed;
  bool given = false;  // what a script says of its speakers' speeds does not count
};
// --pace, and --speed of the engine as the other way to say it; read_pace() is for the callback.
void add_pace_options(CLI::App& command, PaceOptions& options);
void read_pace(const CLI::App& command, const EngineOptions& engine, PaceOptions& options);

// --play and --player.
void add_play_options(CLI::App& command, bool& play, std::string& player);
// Waits for a listener once the files are there; what failed is a warning.
ShowPlayed hear_to_the_end(ShowPlayer& player, const std::string& output, bool quiet);

struct ShowRunOptions {
  bool music = true;
  bool use_cache = true;
  double target_s = 0;  // 0: as long as the script is; otherwise gaps are stretched towards it
  PaceOptions pace;
};

// How a show is published; without a feed only its files are written.
struct Publication {
  std::string feed;  // the file of the podcast feed, in the directory of the shows; may be empty
  std::string base_url;  // under which that directory is served
  std::string show_name;
  std::string category = "News";
};
// Throws Error kInvalidArgument for a feed without an address, or in another directory than output.
void check_publication(const Publication& publication, const std::filesystem::path& output);
// Writes publication.feed from the descriptions (.episode.json) in its directory; returns how many
// episodes it has. Those whose sound is gone are left out.
size_t write_feed(const Publication& publication);

struct SpokenShow {
  std::vector<production::SpokenLine> lines;
  size_t from_cache = 0;
  double speech_s = 0;
};

// How long a show is, spoken or not yet.
struct ShowLength {
  double speech_s = 0;
  double duration_s = 0;
};

// Pace and music as they are in a show of that length, for planning it anew.
void correct_pace(const script::ShowScript& script, const ShowLength& length, script::Pace& pace,
                  double& music_s);

// How somebody spoke; gaps are not counted.
struct SpeakerFigures {
  std::string name;
  std::string voice;
  double speed = 1;
  size_t lines = 0;
  size_t words = 0;
  size_t phonemes = 0;
  double speech_s = 0;
};

struct ShowFiles {
  std::vector<std::string> names;
  double duration_s = 0;
  double words_per_minute = 0;
  double bed_below_speech_db = 0;  // 0: no bed
  std::vector<SpeakerFigures> speakers;
};

class ShowRun {
 public:
  // The engine outlives it.
  ShowRun(Engine& engine, const ShowRunOptions& options);

  // fraction 0 to 1 of the lines, and a label with the time to go.
  using Progress = std::function<void(double fraction, const std::string& label)>;
  // Gives speakers their speeds, from the pace.
  void set_speeds(script::ShowScript& script);
  // Before it is spoken: within some per cent.
  ShowLength foretell(const script::ShowScript& script) const;
  // The player, when there is one, gets each segment when it is spoken. The script outlives both.
  SpokenShow speak(const script::ShowScript& script, const Progress& progress,
                   const std::atomic<bool>& cancel, ShowPlayer* player = nullptr);
  ShowLength length(const script::ShowScript& script, const SpokenShow& show) const;
  // What foretell() says next is corrected by what was spoken.
  void learn(const script::ShowScript& script, const SpokenShow& show);
  // Everything beside `output`: NAME.vtt, .srt, .chapters.json, .notes.html, .notes.md, .cover.png,
  // .script.json, .script.txt; with a feed also .episode.json and the feed. What the picture lacks
  // is a problem of the script.
  ShowFiles write(script::ShowScript& script, const SpokenShow& show,
                  const std::filesystem::path& output, const Publication& publication = {});

 private:
  std::vector<SpeakerFigures> speaker_figures(const script::ShowScript& script,
                                              const SpokenShow& show);

  Engine& engine_;
  ShowRunOptions options_;
  production::LineStudio studio_;
  production::ShowPace pace_;
};

// What --json says of any show. asked_s: nothing for a script that was given.
struct ShowFigures {
  std::string output;
  std::optional<double> asked_s;
  double wall_s = 0;
  bool short_of_material = false;
  std::optional<ShowPlayed> played;
};
nlohmann::ordered_json show_report(const ShowFigures& figures, const script::ShowScript& script,
                                   const SpokenShow& show, const ShowFiles& files,
                                   const nlohmann::ordered_json& stages_s);

}  // namespace myna::cli
