// One narration from source text to a sink, with the times and counts that reports show. Shared by
// say, bench and voices --sample.
#pragma once

#include <atomic>
#include <functional>
#include <span>
#include <string_view>
#include <vector>

#include "cli/engine.h"
#include "text/spoken_text.h"
#include "voice/narrator.h"

namespace myna::cli {

struct NarrationCallbacks {
  voice::Narrator::Sink sink;
  // fraction of the text that is done, 0 to 1, and seconds of audio
  std::function<void(double fraction, double audio_s)> progress;
  // What was noticed about a chunk before it is spoken: by the front end, and voices, styles and
  // recordings that are not there. With lines and spans of the whole text.
  std::function<void(std::span<const text::Diagnostic>)> diagnostics;
};

// How a narration is laid out, beyond the engine.
struct NarrationLayout {
  voice::ChannelLayout channels = voice::ChannelLayout::kMono;
  double overlap_ms = 0;   // of short reactions in a dialogue
  double leveling_s = 30;  // audio of each voice that is made ahead to level voices
};

enum class KeepWords : uint8_t { kYes, kNo };  // memory: about 100 bytes a word

struct NarrationResult {
  double text_s = 0;         // time in the front end
  double synthesis_s = 0;    // time in the voice
  double first_audio_s = 0;  // from `start` to the first samples
  double audio_s = 0;
  size_t utterance_count = 0;
  size_t phoneme_count = 0;
  size_t word_count = 0;
  size_t skipped_phoneme_count = 0;
  bool cancelled = false;
  std::vector<voice::WordTiming> words;  // empty with KeepWords::kNo
  std::vector<voice::BookmarkTiming> bookmarks;
};

// `start` is what first_audio_s counts from. audio_s is 0 when the text has nothing to speak.
// Throws Error kInvalidArgument, before the audio of its chunk, when a dialogue casts a voice that
// is not there.
NarrationResult run_narration(Engine& engine, std::string_view source,
                              const NarrationCallbacks& callbacks, KeepWords keep_words,
                              const std::atomic<bool>* cancel,
                              std::chrono::steady_clock::time_point start,
                              const NarrationLayout& layout = {});

}  // namespace myna::cli
