// myna bench say: one warm, timed narration for the bench (bench/), as one JSON object.
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <array>
#include <cmath>
#include <ctime>
#include <memory>
#include <nlohmann/json.hpp>
#include <vector>

#include "base/clock.h"
#include "cli/chat_commands.h"
#include "cli/commands.h"
#include "cli/console.h"
#include "cli/engine.h"
#include "cli/input_text.h"
#include "cli/narration_run.h"
#include "cli/timing_report.h"

namespace myna::cli {
namespace {

constexpr const char* kExamples =
    "The text is narrated once to warm up and then --repeat times; the run with the median time "
    "is\n"
    "reported, audio is not encoded, and first_audio_s counts from the start of the run.\n\n"
    "Examples:\n"
    "  myna bench say --file paragraph.txt --tier studio --voice heart --threads 2 --json\n"
    "  myna bench say --file paragraph.txt --precision int8 --repeat 5\n\n";

struct BenchOptions {
  EngineOptions engine;
  std::string file;
  unsigned repeat = 1;
  bool live = false;
  bool json = false;
};

// Audio that left the narrator together: when, after the start, and how much.
struct Delivered {
  double ready_s;
  double audio_s;
};

struct Run {
  NarrationResult result;
  double wall_s = 0;
  double cpu_s = 0;  // of all threads
  std::vector<Delivered> pieces;
};

Run timed_run(Engine& engine, const std::string& text, bool live) {
  const auto start = std::chrono::steady_clock::now();
  const std::clock_t cpu_start = std::clock();
  NarrationCallbacks callbacks;
  Run run;
  // A piece comes in several calls (pause, speech), but within a moment.
  constexpr double kMoment_s = 2e-3;
  callbacks.sink = [&](std::span<const float> samples) {
    const double now = seconds_since(start);
    const double audio_s = static_cast<double>(samples.size()) / engine.voice->sample_rate();
    if (run.pieces.empty() || now - run.pieces.back().ready_s > kMoment_s) {
      run.pieces.push_back({now, audio_s});
    } else {
      run.pieces.back().audio_s += audio_s;
    }
  };
  std::string read;
  run.result = live ? run_live_narration(engine, live_text(text), read, callbacks, KeepWords::kNo,
                                         nullptr, start)
                    : run_narration(engine, text, callbacks, KeepWords::kNo, nullptr, start);
  run.wall_s = seconds_since(start);
  run.cpu_s = static_cast<double>(std::clock() - cpu_start) / CLOCKS_PER_SEC;
  return run;
}

double rounded(double seconds) { return std::round(seconds * 1e4) / 1e4; }

// How a listener in real time fares who hears each run from its first sample on.
nlohmann::ordered_json describe_stream(std::span<const Run> runs) {
  constexpr std::array kEdges_s = {0.0, 0.25, 0.5, 1.0, 2.0, 5.0, 10.0, 30.0};
  std::array<size_t, kEdges_s.size() + 1> counts{};
  std::vector<double> first_s;
  double worst_factor = 0, least_lead_s = 1e9, starved_s = 0;
  for (const Run& run : runs) {
    first_s.push_back(run.result.first_audio_s);
    double late_s = 0;  // by which the listener is behind
    for (size_t i = 1; i < run.result.pieces.size(); ++i) {
      const PieceTiming& piece = run.result.pieces[i];
      const double lead_s = run.result.first_audio_s + late_s + piece.start_s - piece.ready_s;
      if (lead_s < 0) late_s -= lead_s;
      least_lead_s = std::min(least_lead_s, lead_s);
      worst_factor = std::max(worst_factor, piece.synthesis_s / std::max(piece.audio_s, 1e-3));
      ++counts[static_cast<size_t>(std::upper_bound(kEdges_s.begin(), kEdges_s.end(), lead_s) -
                                   kEdges_s.begin())];
    }
    starved_s = std::max(starved_s, late_s);
  }
  std::sort(first_s.begin(), first_s.end());
  nlohmann::ordered_json json;
  json["first_audio_s"] = {{"least", rounded(first_s.front())},
                           {"median", rounded(first_s[first_s.size() / 2])},
                           {"most", rounded(first_s.back())}};
  json["worst_piece_real_time_factor"] = rounded(worst_factor);
  json["least_lead_s"] = least_lead_s < 1e9 ? rounded(least_lead_s) : 0;
  json["starved_s"] = rounded(starved_s);
  json["lead_histogram"] = nlohmann::ordered_json::array();
  for (size_t i = 0; i < counts.size(); ++i) {
    nlohmann::ordered_json bin;
    bin["from_s"] = i == 0 ? nlohmann::ordered_json() : nlohmann::ordered_json(kEdges_s[i - 1]);
    bin["pieces"] = counts[i];
    json["lead_histogram"].push_back(bin);
  }
  json["piece_audio_s"] = nlohmann::ordered_json::array();
  for (const PieceTiming& piece : runs.front().result.pieces) {
    json["piece_audio_s"].push_back(rounded(piece.audio_s));
  }
  return json;
}

void bench(const BenchOptions& options) {
  const InputText input = read_input_text(options.file, InputKind::kFile);
  Engine engine = open_engine(options.engine);
  const Run warm_up = timed_run(engine, input.text, options.live);
  if (warm_up.result.audio_s == 0) {
    throw Error(ErrorCode::kInvalidArgument, "there is nothing to speak in " + input.name);
  }
  std::vector<Run> runs;
  for (unsigned i = 0; i < options.repeat; ++i)
    runs.push_back(timed_run(engine, input.text, options.live));
  std::sort(runs.begin(), runs.end(),
            [](const Run& a, const Run& b) { return a.wall_s < b.wall_s; });
  const Run& median = runs[(runs.size() - 1) / 2];
  if (!options.json) {
    write_stdout(fmt::format(
        "{:.2f} x real time: {:.2f} s of audio in {:.3f} s, first audio after "
        "{:.3f} s, peak memory {}\n",
        median.result.audio_s / median.wall_s, median.result.audio_s, median.wall_s,
        median.result.first_audio_s, format_bytes(static_cast<double>(peak_rss_bytes()))));
    return;
  }
  nlohmann::ordered_json json = timing_report(engine, median.result, median.wall_s);
  json["cpu_s"] = median.cpu_s;
  json["warm_up_s"] = warm_up.wall_s;
  json["runs_wall_s"] = nlohmann::ordered_json::array();
  for (const Run& run : runs) json["runs_wall_s"].push_back(run.wall_s);
  json["pieces"] = nlohmann::ordered_json::array();
  for (const Delivered& piece : median.pieces) {
    json["pieces"].push_back({{"ready_s", piece.ready_s}, {"audio_s", piece.audio_s}});
  }
  json["file"] = options.file;
  json["live"] = options.live;
  if (options.live) json["stream"] = describe_stream(runs);
  write_stdout(json_line(json));
}

}  // namespace

void add_bench_command(CLI::App& program, ExitCode&) {
  CLI::App* group = program.add_subcommand("bench", "Measure the speed of this machine");
  group->require_subcommand(1);
  group->footer(std::string(kExamples) + kExitCodeHelp);
  auto options = std::make_shared<BenchOptions>();
  CLI::App* command = group->add_subcommand("say", "Time the narration of a text file");
  command->footer(std::string(kExamples) + kExitCodeHelp);
  command->add_option("--file", options->file, "Text to narrate, or - for standard input")
      ->required();
  add_engine_options(*command, options->engine);
  command->add_option("--repeat", options->repeat, "Timed runs")
      ->check(CLI::Range(1u, 1000u))
      ->capture_default_str();
  command->add_flag("--live", options->live,
                    "As for a pipe: short pieces first, and what a listener in real time meets");
  command->add_flag("--json", options->json, "Print one JSON object");
  command->callback([options] { bench(*options); });
  add_bench_batch_command(*group);
  add_bench_voices_command(*group);
  add_bench_chat_command(*group);
}

}  // namespace myna::cli
