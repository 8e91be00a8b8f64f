#include "cli/timing_report.h"

#include <sys/resource.h>

#include <cmath>
#include <nlohmann/json.hpp>

namespace myna::cli {
namespace {

double rounded(double seconds) { return std::round(seconds * 1e4) / 1e4; }

}  // namespace

uint64_t peak_rss_bytes() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  return static_cast<uint64_t>(usage.ru_maxrss) * 1024;  // Linux counts in kB
}

nlohmann::ordered_json timing_report(const Engine& engine, const NarrationResult& result,
                                     double wall_s) {
  nlohmann::ordered_json json;
  json["x_realtime"] = rounded(wall_s > 0 ? result.audio_s / wall_s : 0);
  json["audio_s"] = rounded(result.audio_s);
  json["wall_s"] = rounded(wall_s);
  json["first_audio_s"] = rounded(result.first_audio_s);
  json["peak_rss_bytes"] = peak_rss_bytes();
  json["load_s"] = rounded(engine.load_s);
  json["text_s"] = rounded(result.text_s);
  json["synthesis_s"] = rounded(result.synthesis_s);
  json["tier"] = engine.voice->tier();
  json["voice"] = engine.options.voice;
  json["precision"] = engine.options.precision;
  json["speed"] = engine.options.speed;
  json["seed"] = engine.options.seed;
  json["threads"] = engine.threads;
  json["sample_rate"] = engine.voice->sample_rate();
  json["utterances"] = result.utterance_count;
  json["phonemes"] = result.phoneme_count;
  json["word_count"] = result.word_count;
  if (!engine.options.style.empty()) {
    json["style"] = engine.options.style;
    json["style_degree"] = engine.options.style_degree;
  }
  json["skipped_phonemes"] = result.skipped_phoneme_count;
  json["cancelled"] = result.cancelled;
  return json;
}

std::string json_line(const nlohmann::ordered_json& json) {
  return json.dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace) + "\n";
}

}  // namespace myna::cli
