// myna bench batch: many sentences one by one against the same in batches, for the bench (bench/).
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <chrono>
#include <cmath>
#include <memory>
#include <nlohmann/json.hpp>
#include <sstream>

#include "base/clock.h"
#include "cli/commands.h"
#include "cli/console.h"
#include "cli/engine.h"
#include "cli/input_text.h"
#include "cli/timing_report.h"
#include "voice/piece_phonemes.h"

namespace myna::cli {
namespace {

constexpr const char* kExamples =
    "Each line of the file is read on its own. A part of --lines lines is rendered one by one, "
    "then\n"
    "as one batch, then the next part, so that both see the same machine; the times are those of\n"
    "the voice, without the text front end.\n\n"
    "Examples:\n"
    "  myna bench batch --file sentences.txt --threads 2 --json\n"
    "  myna bench batch --file sentences.txt --lines 32 --precision fp32\n\n";

struct BatchOptions {
  EngineOptions engine;
  std::string file;
  size_t lines = 64;
  bool json = false;
};

std::vector<voice::SynthesisRequest> requests_of(Engine& engine, const std::string& line) {
  std::vector<voice::SynthesisRequest> requests;
  const text::SpokenText spoken = engine.front_end->process(line, engine.text_options);
  for (const text::Utterance& utterance : spoken.utterances) {
    voice::SynthesisRequest request;
    request.phonemes = voice::prepare_piece(utterance, *engine.voice).symbols;
    request.speaker = engine.speaker;
    request.speed = engine.options.speed;
    request.seed = engine.options.seed;
    if (!request.phonemes.empty()) requests.push_back(std::move(request));
  }
  return requests;
}

struct BatchTimes {
  double one_by_one_s = 0;
  double batched_s = 0;
  double audio_s = 0;
  size_t utterances = 0;
  size_t phonemes = 0;
  float largest_difference = 0;
  std::vector<double> ratios;  // of each part
};

// One part of the text both ways.
void measure(Engine& engine, const std::vector<voice::SynthesisRequest>& requests,
             BatchTimes& times) {
  const auto start = std::chrono::steady_clock::now();
  std::vector<voice::Speech> alone;
  for (const auto& request : requests) alone.push_back(engine.voice->synthesize(request));
  const double one_by_one_s = seconds_since(start);
  const auto batch_start = std::chrono::steady_clock::now();
  const std::vector<voice::Speech> batch = engine.voice->synthesize_batch(requests);
  const double batched_s = seconds_since(batch_start);
  times.one_by_one_s += one_by_one_s;
  times.batched_s += batched_s;
  times.ratios.push_back(one_by_one_s / batched_s);
  for (size_t i = 0; i < requests.size(); ++i) {
    times.phonemes += requests[i].phonemes.size();
    times.audio_s += static_cast<double>(alone[i].samples.size()) / alone[i].sample_rate;
    if (batch[i].samples.size() != alone[i].samples.size()) {
      throw Error(ErrorCode::kInternal, "a batch gave other durations than its utterances alone");
    }
    for (size_t n = 0; n < alone[i].samples.size(); ++n) {
      times.largest_difference =
          std::max(times.largest_difference, std::abs(batch[i].samples[n] - alone[i].samples[n]));
    }
  }
  times.utterances += requests.size();
}

void bench(const BatchOptions& options) {
  const InputText input = read_input_text(options.file, InputKind::kFile);
  Engine engine = open_engine(options.engine);
  std::istringstream stream(input.text);
  std::vector<voice::SynthesisRequest> part;
  BatchTimes times;
  size_t lines = 0;
  bool warm = false;
  const auto flush = [&] {
    if (part.empty()) return;
    if (!warm) {
      BatchTimes ignored;
      measure(engine, {part.begin(), part.begin() + std::min<ptrdiff_t>(4, std::ssize(part))},
              ignored);
      warm = true;
    }
    measure(engine, part, times);
    part.clear();
  };
  for (std::string line; std::getline(stream, line);) {
    std::vector<voice::SynthesisRequest> requests = requests_of(engine, line);
    if (requests.empty()) continue;
    std::move(requests.begin(), requests.end(), std::back_inserter(part));
    if (++lines % options.lines == 0) flush();
  }
  flush();
  if (times.utterances == 0) {
    throw Error(ErrorCode::kInvalidArgument, "there is nothing to speak in " + input.name);
  }
  std::sort(times.ratios.begin(), times.ratios.end());
  const double median_ratio = times.ratios[times.ratios.size() / 2];
  const double ratio = times.one_by_one_s / times.batched_s;
  if (!options.json) {
    write_stdout(fmt::format(
        "{} lines, {:.1f} s of audio: one by one {:.2f} x real time, in batches of {} lines {:.2f} "
        "x ({:.2f} times as fast), peak memory {}\n",
        lines, times.audio_s, times.audio_s / times.one_by_one_s, options.lines,
        times.audio_s / times.batched_s, ratio,
        format_bytes(static_cast<double>(peak_rss_bytes()))));
    return;
  }
  nlohmann::ordered_json json;
  json["lines"] = lines;
  json["lines_a_batch"] = options.lines;
  json["utterances"] = times.utterances;
  json["phonemes"] = times.phonemes;
  json["audio_s"] = times.audio_s;
  json["one_by_one"] = {{"wall_s", times.one_by_one_s},
                        {"x_realtime", times.audio_s / times.one_by_one_s}};
  json["batched"] = {{"wall_s", times.batched_s}, {"x_realtime", times.audio_s / times.batched_s}};
  json["ratio"] = ratio;
  json["median_ratio"] = median_ratio;
  json["largest_difference"] = times.largest_difference;
  json["peak_rss_bytes"] = peak_rss_bytes();
  json["tier"] = engine.voice->tier();
  json["voice"] = engine.options.voice;
  json["precision"] = engine.options.precision;
  json["threads"] = engine.threads;
  json["file"] = options.file;
  write_stdout(json_line(json));
}

}  // namespace

void add_bench_batch_command(CLI::App& group) {
  auto options = std::make_shared<BatchOptions>();
  CLI::App* command =
      group.add_subcommand("batch", "Time many sentences one by one and in batches");
  command->footer(std::string(kExamples) + kExitCodeHelp);
  command->add_option("--file", options->file, "Text, a sentence a line, or - for standard input")
      ->required();
  add_engine_options(*command, options->engine);
  command->add_option("--lines", options->lines, "Lines a batch")
      ->check(CLI::Range(size_t{1}, size_t{10000}))
      ->capture_default_str();
  command->add_flag("--json", options->json, "Print one JSON object");
  command->callback([options] { bench(*options); });
}

}  // namespace myna::cli
