// myna daily: the user's feeds to a finished news show.
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <memory>
#include <nlohmann/json.hpp>

#include "audio/audio_format.h"
#include "base/error.h"
#include "base/file.h"
#include "base/paths.h"
#include "cli/console.h"
#include "cli/daily_schedule.h"
#include "cli/engine.h"
#include "cli/interrupt.h"
#include "cli/show_commands.h"
#include "cli/show_making.h"
#include "cli/show_rewriting.h"
#include "cli/show_run.h"
#include "cli/show_stages.h"
#include "cli/timing_report.h"
#include "experiences/daily/daily_show.h"
#include "experiences/daily/gather.h"
#include "experiences/daily/phrases.h"
#include "experiences/daily/weather.h"
#include "experiences/editing/story_clusters.h"
#include "experiences/intake/feed_dates.h"
#include "trust/safe_fetcher.h"

namespace myna::cli {
namespace {

constexpr const char* kExamples =
    "Feeds are addresses, feed files, OPML lists and directories of feed files.\n"
    "Beside show.mp3 lie show.vtt, .srt, .chapters.json, .notes.html, .notes.md and the script.\n\n"
    "Examples:\n"
    "  myna daily --feeds my-feeds.opml --minutes 5 -o daily.mp3\n"
    "  myna daily --feeds https://example.org/feed.xml --interests interests.txt -o daily.mp3\n"
    "  myna daily --feeds my-feeds.opml --script-only -o daily.script.txt\n"
    "  myna daily --from-script daily.script.txt -o daily.mp3\n"
    "  myna daily --feeds my-feeds.opml --schedule 06:30 -o daily.mp3\n\n";

constexpr size_t kMostPages = 30;  // articles fetched for one show

struct DailyCommandOptions {
  EngineOptions engine;
  ShowRequest show;
  RewritingOptions rewriting;
  std::vector<std::string> feeds;
  double minutes = 5;
  std::string interests_file;
  std::string weather;
  std::string place;
  std::string show_name = "My Daily";
  std::string from_script;
  std::string now;
  std::string schedule;
  std::string feed;
  std::string base_url;
  bool script_only = false;
  bool no_ledger = false;
  bool offline = false;
  bool allow_local = false;
};

int64_t now_of(const DailyCommandOptions& options) {
  if (options.now.empty()) {
    return std::chrono::duration_cast<std::chrono::seconds>(
               std::chrono::system_clock::now().time_since_epoch())
        .count();
  }
  const auto parsed = intake::parse_feed_date(options.now);
  if (!parsed)
    throw Error(ErrorCode::kInvalidArgument, "--now " + options.now + " is no date",
                "write for example 2026-11-26T07:00Z");
  return *parsed;
}

editing::Interests load_interests(const std::string& path) {
  if (path.empty()) return {};
  std::vector<editing::InterestsProblem> problems;
  editing::Interests interests =
      editing::parse_interests(read_file(path, size_t{1} << 20), problems);
  for (const editing::InterestsProblem& problem : problems) {
    print_warning(fmt::format("{}:{}: {}", path, problem.line, problem.message));
  }
  return interests;
}

// What the day offers, chosen but not yet cut to length.
struct Day {
  std::vector<editing::SourceText> sources;
  editing::Ranking ranking;
  editing::Ledger ledger;
  daily::DailyOptions options;
  size_t feed_count = 0;
};

std::filesystem::path ledger_path() { return data_directory() / "daily" / "ledger.json"; }

Day read_day(const DailyCommandOptions& options, int64_t now_s, ShowStages& stages) {
  if (options.feeds.empty()) {
    throw Error(ErrorCode::kInvalidArgument, "no feeds are given",
                "name them with --feeds, such as --feeds my-feeds.opml");
  }
  Day day;
  day.options.interests = load_interests(options.interests_file);
  trust::FetchOptions fetch;
  fetch.addresses =
      options.allow_local ? trust::AddressPolicy::kAnyAddress : trust::AddressPolicy::kGlobalOnly;
  fetch.cancel = &InterruptGuard::cancel();
  trust::SafeFetcher fetcher(fetch);
  trust::WebCache cache(data_directory() / "cache" / "web", options.offline ? nullptr : &fetcher);

  stages.begin("reading");
  daily::GatherOptions gather;
  gather.now_s = now_s;
  gather.cancel = &InterruptGuard::cancel();
  gather.progress = [&](size_t done, size_t count, const std::string& name) {
    stages.update(static_cast<double>(done) / static_cast<double>(std::max<size_t>(1, count)),
                  "reading " + name);
  };
  daily::Gathered gathered = daily::gather(options.feeds, cache, gather);
  day.sources = std::move(gathered.sources);
  day.feed_count = gathered.feed_count;
  day.options.problems = std::move(gathered.problems);

  stages.begin("choosing");
  editing::RankingOptions ranking;
  ranking.now_s = now_s;
  const auto rank = [&] {
    return editing::rank_stories(day.sources, editing::cluster_stories(day.sources),
                                 day.options.interests, ranking);
  };
  day.ranking = rank();
  if (!options.offline) {
    std::vector<size_t> order;
    for (const editing::RankedStory& story : day.ranking.stories)
      order.insert(order.end(), story.sources.begin(), story.sources.end());
    const std::vector<std::string> problems =
        daily::complete_articles(day.sources, order, kMostPages, cache, &InterruptGuard::cancel());
    day.options.problems.insert(day.options.problems.end(), problems.begin(), problems.end());
    day.ranking = rank();
  }
  if (!options.no_ledger) day.ledger = editing::Ledger::load(ledger_path());
  if (!options.weather.empty()) {
    try {
      const bool web = options.weather.starts_with("http");
      day.options.weather_text =
          web ? cache.get(options.weather).body : read_file(options.weather, size_t{1} << 20);
      day.options.weather =
          daily::weather_sentences(day.options.weather_text, daily::iso_date(now_s), options.place);
    } catch (const Error& error) {
      if (error.code() == ErrorCode::kCancelled) throw;
      day.options.problems.push_back("weather: " + error.message());
    }
  }
  day.options.minutes = options.minutes;
  day.options.now_s = now_s;
  day.options.show_name = options.show_name;
  day.options.voice = options.engine.voice;
  day.options.music_s = production::music_duration_s(!options.show.no_music);
  stages.end();
  return day;
}

nlohmann::ordered_json describe_plan(const daily::DailyPlan& plan, const Day& day) {
  nlohmann::ordered_json told = nlohmann::ordered_json::array();
  for (const daily::ToldItem& item : plan.told) {
    const editing::SourceText& source = day.sources[item.sources.front()];
    told.push_back({{"title", source.title},
                    {"publisher", source.publisher},
                    {"url", source.url},
                    {"section", item.section},
                    {"why", item.why},
                    {"sources", item.sources.size()}});
  }
  nlohmann::ordered_json left_out = nlohmann::ordered_json::array();
  for (const editing::LeftOutStory& story : plan.left_out) {
    if (left_out.size() >= 200) break;
    left_out.push_back({{"title", day.sources[story.source].title}, {"why", story.why}});
  }
  return {{"told", told}, {"left_out", left_out}};
}

ExitCode make_daily(const DailyCommandOptions& options, const CLI::App& command) {
  if (options.from_script.empty() == options.feeds.empty() && !options.from_script.empty()) {
    throw Error(ErrorCode::kInvalidArgument, "--feeds and --from-script exclude each other");
  }
  if (!options.schedule.empty()) {
    if (options.show.output.empty())
      throw Error(ErrorCode::kInvalidArgument, "--schedule needs -o, the file of the show");
    write_stdout(describe_schedule(options.schedule, everyday_command(command)));
    return ExitCode::kOk;
  }
  std::string output =
      options.show.output.empty() && !options.script_only ? "daily.mp3" : options.show.output;
  if (const size_t at = output.find("{date}"); at != std::string::npos)
    output.replace(at, 6, daily::iso_date(now_of(options)));
  if (!options.script_only) audio::require_audio_format(output);
  const Publication publication{options.feed, options.base_url, options.show_name, "News"};
  check_publication(publication, output);
  const InterruptGuard guard;
  ShowStages stages(options.show.quiet || options.show.json);

  std::optional<Day> day;
  daily::DailyPlan plan;
  std::unique_ptr<ShowRewriter> rewriter;
  if (options.from_script.empty()) {
    day = read_day(options, now_of(options), stages);
    stages.begin("planning");
    rewriter = open_rewriter(options.rewriting, InterruptGuard::cancel(), [&](size_t asked) {
      stages.update(0.5, fmt::format("rewording, {} sentences", asked));
    });
    if (rewriter) day->options.rewriter = rewriter->rewriter.get();
    plan = daily::plan_daily(day->sources, day->ranking, day->ledger, day->options);
  } else {
    plan.script = read_script(options.from_script);
  }
  stages.end();
  if (InterruptGuard::cancel().load()) throw Error(ErrorCode::kCancelled, "stopped while planning");
  if (rewriter && !rewriter->rewriter->problem().empty())
    plan.script.problems.push_back("language model: " + rewriter->rewriter->problem());
  if (day) day->options.problems = plan.script.problems;
  if (options.script_only) {
    write_script(plan.script, output);
    if (options.show.json && rewriter && !output.empty() && output != "-")
      write_stdout(
          json_line(nlohmann::ordered_json::object({{"rewording", rewriting_report(*rewriter)}})));
    return ExitCode::kOk;
  }

  stages.begin("loading the voice");
  Engine engine = open_engine(options.engine);
  ShowRequest request = options.show;
  request.output = output;
  if (day) request.asked_s = options.minutes * 60;
  request.publication = publication;
  const PlannedShow planned{
      plan.script, plan.short_of_material, [&](const ShowLength& length) {
        correct_pace(plan.script, length, day->options.pace, day->options.music_s);
        plan = daily::plan_daily(day->sources, day->ranking, day->ledger, day->options);
      }};
  MadeShow made = make_show(engine, request, planned, stages, [&] {
    if (!day || options.no_ledger) return;
    for (const daily::ToldItem& item : plan.told)
      day->ledger.add(day->sources, item.sources, day->options.now_s);
    day->ledger.save(ledger_path(), day->options.now_s);
  });
  if (day) {
    made.report["feeds"] = day->feed_count;
    made.report["items"] = day->sources.size();
    made.report.update(describe_plan(plan, *day));
  }
  const std::string more = fmt::format(", {} stories, {:.0f} words a minute", plan.told.size(),
                                       made.files.words_per_minute);
  conclude_show(request, std::move(made), planned, rewriter.get(), more);
  return ExitCode::kOk;
}

}  // namespace

void add_daily_command(CLI::App& program, ExitCode& exit_code) {
  CLI::App* command = program.add_subcommand("daily", "Make a news show of your feeds");
  auto options = std::make_shared<DailyCommandOptions>();
  command->footer(kExamples);
  command->add_option("--feeds", options->feeds, "Addresses, feed files, OPML lists, directories");
  command->add_option("--minutes", options->minutes, "Length of the show")
      ->check(CLI::Range(daily::kMinMinutes, daily::kMaxMinutes))
      ->capture_default_str();
  command
      ->add_option("--interests", options->interests_file, "What you want to hear: docs/daily.md")
      ->check(CLI::ExistingFile);
  command->add_option("--weather", options->weather,
                      "A forecast as Open-Meteo gives it: a file, or its address");
  command->add_option("--place", options->place, "Where that weather is");
  command->add_option("--name", options->show_name, "The name of the show")->capture_default_str();
  command->add_option("-o,--output", options->show.output,
                      "Audio file, {date} in it is the day; with --script-only .json or .txt");
  add_engine_options(*command, options->engine);
  add_pace_options(*command, options->show.pace);
  add_play_options(*command, options->show.play, options->show.player);
  command->add_flag("--script-only", options->script_only, "Write the script, and speak nothing");
  command
      ->add_option("--from-script", options->from_script,
                   "Speak a script that was written, and perhaps edited")
      ->check(CLI::ExistingFile);
  command->add_option("--feed", options->feed,
                      "Add the show to this podcast feed, a file beside it: docs/podcast-feed.md");
  command->add_option("--base-url", options->base_url,
                      "The address under which the directory of the feed is served");
  add_rewriting_options(*command, options->rewriting);
  command->add_flag("--no-music", options->show.no_music, "Speech alone");
  command->add_flag("--no-ledger", options->no_ledger,
                    "Do not look at what was told before, and do not note what is told");
  command->add_flag("--no-cache", options->show.no_cache, "Speak all lines anew");
  command->add_flag("--offline", options->offline,
                    "Fetch nothing: files, and copies of earlier days");
  command->add_flag("--allow-local", options->allow_local,
                    "Permit addresses of this machine and network");
  command->add_option("--now", options->now, "Make the show for this time, as 2026-11-26T07:00Z");
  command->add_option("--schedule", options->schedule,
                      "Print a systemd timer and a cron line for this time of day");
  command->add_flag("--json", options->show.json, "Print a report on standard output");
  command->add_flag("-q,--quiet", options->show.quiet, "Only warnings and errors");
  command->callback([options, command, &exit_code] {
    read_pace(*command, options->engine, options->show.pace);
    exit_code = make_daily(*options, *command);
  });
}

}  // namespace myna::cli
