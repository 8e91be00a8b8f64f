// One narration from source text to a sink, with the times and counts that reports show. Shared by
// say, bench and voices --sample.
#pragma once

#include <atomic>
#include <chrono>
#include <functional>
#include <span>
#include <string_view>
#include <vector>

#include "cli/engine.h"
#include "text/split/text_stream.h"
#include "text/spoken_text.h"
#include "voice/live_narration.h"
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

// When a piece was there, and when a listener in real time had to have it.
struct PieceTiming {
  double ready_s = 0;  // from `start`
  double start_s = 0;  // on the narration's time line
  double audio_s = 0;
  double synthesis_s = 0;
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
  std::vector<PieceTiming> pieces;       // 32 bytes each
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

// What a text that is spoken while it comes is read from.
struct LiveText {
  // Appends what has come, and waits for it up to timeout_s; finishes the stream at its end.
  std::function<void(text::TextStream& stream, double timeout_s)> read;
  double flush_after_s = voice::kDefaultFlushAfter_s;
  // Audio that the listener has not heard yet; without it that of a listener in real time.
  std::function<double()> lead_s;
};

// The same for somebody who listens meanwhile: the first pieces are short (docs/decisions/0015),
// and the text may still be coming. `source` gets the text that was read.
NarrationResult run_live_narration(Engine& engine, const LiveText& text, std::string& source,
                                   const NarrationCallbacks& callbacks, KeepWords keep_words,
                                   const std::atomic<bool>* cancel,
                                   std::chrono::steady_clock::time_point start,
                                   const NarrationLayout& layout = {});

// A text that is there.
LiveText live_text(std::string_view text);

// The most of the first piece; what that costs is in docs/decisions/0015.
inline constexpr size_t kLiveFirstPhonemes = 40;

}  // namespace myna::cli
