// The JSON object that `myna say --json` and `myna bench --json` print: the same keys in both.
#pragma once

#include <cstdint>
#include <nlohmann/json_fwd.hpp>

#include "cli/engine.h"
#include "cli/narration_run.h"

namespace myna::cli {

// Highest resident memory of this process so far.
uint64_t peak_rss_bytes();

// Keys: audio_s, wall_s, x_realtime (audio_s / wall_s), first_audio_s, peak_rss_bytes, load_s,
// text_s, synthesis_s, tier, voice, precision, speed, seed, threads, sample_rate, utterances,
// phonemes, word_count, skipped_phonemes, cancelled. Described in docs/cli.md.
nlohmann::ordered_json timing_report(const Engine& engine, const NarrationResult& result,
                                     double wall_s);

// As one line; ill-formed UTF-8 in strings becomes U+FFFD.
std::string json_line(const nlohmann::ordered_json& json);

}  // namespace myna::cli
