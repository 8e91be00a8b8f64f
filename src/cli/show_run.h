// From a script to the files of a show: spoken lines, mix, encoder, captions, notes. Shared by the
// commands that make shows.
#pragma once

#include <atomic>
#include <cmath>
#include <filesystem>
#include <functional>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <vector>

#include "cli/engine.h"
#include "experiences/production/line_studio.h"
#include "experiences/production/show_mix.h"
#include "experiences/script/pace.h"
#include "experiences/script/show_script.h"

namespace myna::cli {

// .json, or text with its problems printed as warnings. Throws Error when it cannot be read, or has
// nothing to say.
script::ShowScript read_script(const std::filesystem::path& path);
// By extension: .json, otherwise the text form; "-" is standard output.
void write_script(const script::ShowScript& script, const std::string& path);

struct ShowRunOptions {
  bool music = true;
  bool use_cache = true;
  double target_s = 0;  // 0: as long as the script is; otherwise gaps are stretched towards it
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

// Pace and music as they were in a show of duration_s, for planning it anew.
void correct_pace(const script::ShowScript& script, const SpokenShow& show, double duration_s,
                  script::Pace& pace, double& music_s);

struct ShowFiles {
  std::vector<std::string> names;
  double duration_s = 0;
  double words_per_minute = 0;
  double bed_below_speech_db = 0;  // 0: no bed
};

class ShowRun {
 public:
  // The engine outlives it.
  ShowRun(Engine& engine, const ShowRunOptions& options);

  // fraction 0 to 1 of the lines, and a label with the time to go.
  using Progress = std::function<void(double fraction, const std::string& label)>;
  SpokenShow speak(const script::ShowScript& script, const Progress& progress,
                   const std::atomic<bool>& cancel);
  double duration_s(const script::ShowScript& script, const SpokenShow& show) const;
  // Everything beside `output`: NAME.vtt, .srt, .chapters.json, .notes.html, .notes.md, .cover.png,
  // .script.json, .script.txt; with a feed also .episode.json and the feed. What the picture lacks
  // is a problem of the script.
  ShowFiles write(script::ShowScript& script, const SpokenShow& show,
                  const std::filesystem::path& output, const Publication& publication = {});

 private:
  Engine& engine_;
  ShowRunOptions options_;
  production::LineStudio studio_;
};

inline constexpr int kPlanRounds = 3;  // of planning anew with the pace that was measured
inline constexpr double kLengthTolerance = 0.03;  // of the length that was asked for

// Speaks plan.script; while it does not take target_s, replan(show, duration_s) makes the plan
// anew. Lines that stay are not spoken again. A plan that is short_of_material may be shorter.
template <typename Plan, typename Replan>
SpokenShow speak_to_length(ShowRun& run, Plan& plan, double target_s,
                           const ShowRun::Progress& progress, const std::atomic<bool>& cancel,
                           const Replan& replan) {
  for (int round = 0; round < kPlanRounds; ++round) {
    SpokenShow show = run.speak(plan.script, progress, cancel);
    const double duration_s = run.duration_s(plan.script, show);
    const bool fits = std::abs(duration_s - target_s) <= kLengthTolerance * target_s;
    if (fits || (plan.short_of_material && duration_s < target_s)) return show;
    replan(show, duration_s);
  }
  return run.speak(
      plan.script, [](double, const std::string&) {}, cancel);
}

// What --json says of any show. asked_s: nothing for a script that was given.
struct ShowFigures {
  std::string output;
  std::optional<double> asked_s;
  double wall_s = 0;
  bool short_of_material = false;
};
nlohmann::ordered_json show_report(const ShowFigures& figures, const script::ShowScript& script,
                                   const SpokenShow& show, const ShowFiles& files,
                                   const nlohmann::ordered_json& stages_s);

}  // namespace myna::cli
