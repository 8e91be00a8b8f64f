// The narrator: renders spoken text with a voice, piece by piece, into one continuous stream of
// audio with natural joins, and says when each word is heard.
//
//   Narrator narrator(voice, options, [&](std::span<const float> samples) { ... });
//   narrator.narrate(front_end.process(source));
//   narrator.finish();
//   narrator.words();  // timings on `source`
//
// One piece of audio is held in memory at a time. A narrator belongs to one thread at a time; the
// callbacks run on that thread and may throw, which ends the narration.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>
#include <utility>
#include <vector>

#include "text/spoken_text.h"
#include "voice/piece_edges.h"
#include "voice/piece_phonemes.h"
#include "voice/voice.h"
#include "voice/word_timing.h"

namespace myna::voice {

// Silence between the sound of one piece and the next, in ms at speed 1, by text::Break. Inside a
// piece Kokoro itself leaves 270-530 ms after a full stop and 0-140 ms after a comma; these values
// continue that. A pause is never shorter than the margins of piece_edges.h.
struct PauseTable {
  double none_ms = 65;
  double clause_ms = 160;
  double sentence_ms = 450;
  double paragraph_ms = 750;
  double heading_ms = 850;
  double end_ms = 200;  // after the last sound

  double pause_ms(text::Break kind) const;
};

struct NarrationProgress {
  size_t phonemes_done = 0;
  size_t phoneme_count = 0;  // of the text given to this narrate() call
  double audio_s = 0;        // rendered since construction
};

// One synthesised piece, before trimming. References are valid during the call only.
struct PieceReport {
  const text::Utterance& utterance;
  const PiecePhonemes& phonemes;
  const Speech& speech;
  const PieceEdges& edges;
  double start_s;      // of edges.keep in the narration
  double synthesis_s;  // time that the voice took
};

struct NarratorOptions {
  SpeakerBlend speaker;
  float speed = 1.0f;  // 0.25 to 4; pauses are divided by it too
  uint64_t seed = 0;   // piece n is synthesised with piece_seed(seed, n)
  PauseTable pauses;
  // Looked at between pieces, so that what was rendered always ends at the end of a piece.
  const std::atomic<bool>* cancel = nullptr;
  std::function<void(const NarrationProgress&)> progress;  // after each piece
  std::function<void(const PieceReport&)> piece_observer;  // before its audio is rendered
  StageObserver stage_observer;                            // passed on to the voice
};

// Independent seeds for the pieces of one narration (SplitMix64).
uint64_t piece_seed(uint64_t seed, uint64_t piece);

enum class NarrationStatus : uint8_t { kComplete, kCancelled };

class Narrator {
 public:
  // Receives the audio in order, in runs of any length, at voice.sample_rate(). Never empty runs.
  using Sink = std::function<void(std::span<const float>)>;

  // `voice` outlives the narrator.
  Narrator(Voice& voice, NarratorOptions options, Sink sink);

  // Renders the utterances in order. May be called again with the text that follows, whose source
  // spans are then moved by source_offset. Throws what the voice and the callbacks throw; an
  // utterance with more phonemes than the voice takes is kInvalidArgument.
  NarrationStatus narrate(const text::SpokenText& spoken, size_t source_offset = 0);

  // Ends the audio with a short silence; call it once, also after a cancelled narrate().
  void finish();

  const std::vector<WordTiming>& words() const { return words_; }
  // The words since the last call, for who keeps them elsewhere.
  std::vector<WordTiming> take_words() { return std::exchange(words_, {}); }
  double audio_s() const;
  size_t piece_count() const { return piece_count_; }
  // Phonemes left out because the voice does not have them, e.g. after a change of voice.
  size_t skipped_phoneme_count() const { return skipped_phoneme_count_; }

 private:
  void render(const text::Utterance& utterance, size_t source_offset);
  void emit_pause(double pause_ms, size_t kept_silence);
  void emit(std::span<const float> samples);
  void add_words(const text::Utterance& utterance, std::span<const audio::SampleRange> ranges,
                 const PieceEdges& edges, size_t source_offset);

  Voice& voice_;
  NarratorOptions options_;
  Sink sink_;
  std::vector<WordTiming> words_;
  size_t sample_count_ = 0;  // emitted so far
  size_t piece_count_ = 0;
  size_t skipped_phoneme_count_ = 0;
  size_t tail_silence_ = 0;  // samples after the last sound that were emitted already
  text::Break pending_break_ = text::Break::kNone;
};

}  // namespace myna::voice
