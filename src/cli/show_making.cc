#include "cli/show_making.h"

#include <fmt/format.h>

#include <cmath>

#include "base/clock.h"
#include "cli/console.h"
#include "cli/interrupt.h"
#include "cli/show_player.h"
#include "cli/timing_report.h"

namespace myna::cli {
namespace {

constexpr int kPlanRounds = 3;  // of planning anew with the pace that was measured
// Of the length that was asked for: pauses between segments take the rest.
constexpr double kLengthTolerance = 0.03;
constexpr double kForetoldTolerance = 0.015;

// Speaks plan.script; while it would not take target_s, plans anew: by what is foretold before
// anything is spoken, and by what was spoken then, but for a show that somebody hears already.
// Lines that stay are not spoken again. A plan that is short of material may be shorter.
SpokenShow speak_to_length(ShowRun& run, const PlannedShow& plan, double target_s,
                           const ShowRun::Progress& progress, ShowPlayer* player) {
  const std::atomic<bool>& cancel = InterruptGuard::cancel();
  const auto fits = [&](const ShowLength& length, double tolerance) {
    return std::abs(length.duration_s - target_s) <= tolerance * target_s ||
           (plan.short_of_material && length.duration_s < target_s);
  };
  const auto settle = [&] {
    run.set_speeds(plan.script);
    for (int round = 0; round < kPlanRounds; ++round) {
      const ShowLength foretold = run.foretell(plan.script);
      if (fits(foretold, kForetoldTolerance)) return;
      plan.plan_anew(foretold);
      run.set_speeds(plan.script);
    }
  };
  settle();
  SpokenShow show = run.speak(plan.script, progress, cancel, player);
  for (int round = 0; round < kPlanRounds && player == nullptr; ++round) {
    const ShowLength length = run.length(plan.script, show);
    if (fits(length, kLengthTolerance)) break;
    run.learn(plan.script, show);
    plan.plan_anew(length);
    settle();
    show = run.speak(plan.script, progress, cancel);
  }
  return show;
}

}  // namespace

MadeShow make_show(Engine& engine, const ShowRequest& request, const PlannedShow& plan,
                   ShowStages& stages, const std::function<void()>& on_written) {
  ShowRunOptions options;
  options.music = !request.no_music;
  options.use_cache = !request.no_cache;
  options.pace = request.pace;
  if (request.asked_s && !plan.short_of_material) options.target_s = *request.asked_s;
  ShowRun run(engine, options);
  stages.begin("speaking");
  const auto progress = [&](double fraction, const std::string& label) {
    stages.update(fraction, label);
  };
  std::optional<ShowPlayer> player;
  if (request.play)
    player.emplace(request.player, engine.voice->sample_rate(), InterruptGuard::cancel());
  ShowPlayer* const listener = player ? &*player : nullptr;
  SpokenShow show;
  if (request.asked_s) {
    show = speak_to_length(run, plan, *request.asked_s, progress, listener);
  } else {
    run.set_speeds(plan.script);
    show = run.speak(plan.script, progress, InterruptGuard::cancel(), listener);
  }
  stages.begin("mixing");
  MadeShow made;
  made.files = run.write(plan.script, show, request.output, request.publication);
  stages.end();
  if (on_written) on_written();
  made.wall_s = seconds_since(process_start());
  ShowFigures figures{request.output, request.asked_s, made.wall_s, plan.short_of_material, {}};
  if (player)
    figures.played = hear_to_the_end(*player, request.output, request.quiet || request.json);
  made.report = show_report(figures, plan.script, show, made.files, stages.times());
  return made;
}

void conclude_show(const ShowRequest& request, MadeShow made, const PlannedShow& plan,
                   const ShowRewriter* rewriter, const std::string& more) {
  if (request.json) {
    if (rewriter != nullptr) made.report["rewording"] = rewriting_report(*rewriter);
    made.report["problems"] = plan.script.problems;
    write_stdout(made.report.dump(2, ' ', false, nlohmann::json::error_handler_t::replace) + "\n");
  } else if (!request.quiet) {
    for (const std::string& problem : plan.script.problems) print_warning(problem);
    if (plan.short_of_material && request.asked_s)
      print_note("there was less to tell than was asked for");
    print_note(fmt::format("{}: {} of show in {} ({:.1f} x real time){}", request.output,
                           format_duration(made.files.duration_s), format_duration(made.wall_s),
                           made.files.duration_s / made.wall_s, more));
  }
}

}  // namespace myna::cli
