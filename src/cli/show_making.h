// From a plan to its show, for the commands that make shows: spoken to its length, played
// meanwhile, written, and said to be done.
#pragma once

#include <functional>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>

#include "cli/engine.h"
#include "cli/show_rewriting.h"
#include "cli/show_run.h"
#include "cli/show_stages.h"
#include "experiences/script/show_script.h"

namespace myna::cli {

struct ShowRequest {
  // As options say it.
  std::string output;
  PaceOptions pace;
  bool no_music = false;
  bool no_cache = false;
  bool play = false;
  std::string player;
  bool json = false;
  bool quiet = false;
  // For the command to fill in.
  std::optional<double> asked_s = {};  // nothing for a script that was given: it is what it is
  Publication publication;
};

// The caller's plan. plan_anew, for a show that took `length`, changes both of the others.
struct PlannedShow {
  script::ShowScript& script;
  const bool& short_of_material;
  std::function<void(const ShowLength& length)> plan_anew;
};

struct MadeShow {
  ShowFiles files;
  double wall_s = 0;              // since the process began, without the wait for a listener
  nlohmann::ordered_json report;  // show_report(), for the caller to add to
};

// on_written is called when the files are there, before a listener is waited for. Throws what
// speaking, writing and the callbacks throw.
MadeShow make_show(Engine& engine, const ShowRequest& request, const PlannedShow& plan,
                   ShowStages& stages, const std::function<void()>& on_written = {});

// The report with --json, otherwise problems and one line, which ends with `more`. The rewriter may
// be null.
void conclude_show(const ShowRequest& request, MadeShow made, const PlannedShow& plan,
                   const ShowRewriter* rewriter, const std::string& more);

}  // namespace myna::cli
