// The narrator: renders spoken text with a voice, piece by piece, into one continuous stream of
// audio with natural joins, and says when each word is heard. It obeys what spoken_text.h asks for:
// voices and styles, prosody, pauses, recordings, bookmarks, and the turns of a dialogue.
//
//   Narrator narrator(voice, options, [&](std::span<const float> samples) { ... });
//   narrator.narrate(front_end.process(source));
//   narrator.finish();
//   narrator.words();  // timings on `source`
//
// One piece of audio is held in memory at a time, or as many as the voice likes to make together;
// where voices have to be levelled to each other, some pieces of each are made ahead. A narrator
// belongs to one thread at a time; the callbacks run on that thread and may throw, which ends the
// narration.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "text/spoken_text.h"
#include "voice/delivery.h"
#include "voice/piece_controls.h"
#include "voice/piece_edges.h"
#include "voice/piece_phonemes.h"
#include "voice/time_line.h"
#include "voice/turn_gaps.h"
#include "voice/voice.h"
#include "voice/voice_levels.h"
#include "voice/word_timing.h"

namespace myna::voice {

struct NarrationProgress {
  size_t phonemes_done = 0;
  size_t phoneme_count = 0;  // of the text given to this narrate() call
  double audio_s = 0;        // rendered since construction
};

// One synthesised piece, before trimming. References are valid during the call only.
struct PieceReport {
  const text::Utterance& utterance;
  const PiecePhonemes& phonemes;
  const PieceControls& controls;
  const Speech& speech;
  const PieceEdges& edges;
  double start_s;      // of edges.keep in the narration
  double synthesis_s;  // time that the voice took
};

// A mark of the text that was reached.
struct BookmarkTiming {
  std::string name;
  text::SourceSpan source;
  double time_s = 0;
};

struct NarratorOptions {
  SpeakerBlend speaker;
  float speed = 1.0f;                  // 0.25 to 4; pauses are divided by it too
  uint64_t seed = 0;                   // utterance n is synthesised with piece_seed(seed, n)
  const StyleTable* styles = nullptr;  // outlives the narrator; without one no style is known
  std::string style;                   // of utterances that name none; empty: neutral
  float style_degree = 1.0f;
  PauseTable pauses;
  TurnGaps turns;
  // Stereo puts the roles of a dialogue at places between the loudspeakers.
  ChannelLayout layout = ChannelLayout::kMono;
  // Audio of each voice that is looked at to level the voices of one narration.
  double leveling_s = 30;
  // After the first sound, pieces are synthesised together where the voice prefers that: sooner
  // done, the same audio. Off for who listens at once, so that no piece waits for later ones.
  bool together = true;
  // Answered within 50 ms, also while a piece is made: that one is given up, so that what was
  // rendered always ends at the end of a piece.
  const std::atomic<bool>* cancel = nullptr;
  std::function<void(const NarrationProgress&)> progress;        // after each piece
  std::function<void(const PieceReport&)> piece_observer;        // before its audio is rendered
  std::function<void(const BookmarkTiming&)> bookmark_observer;  // before the audio after it
  StageObserver stage_observer;                                  // passed on to the voice
};

// Independent seeds for the pieces of one narration (SplitMix64).
uint64_t piece_seed(uint64_t seed, uint64_t piece);

enum class NarrationStatus : uint8_t { kComplete, kCancelled };

class Narrator {
 public:
  // Receives the audio in order, in runs of any length, at voice.sample_rate(), interleaved when
  // the layout is stereo. Never empty runs.
  using Sink = TimeLine::Sink;

  // `voice` outlives the narrator. Throws Error kInvalidArgument for a speed out of range or an
  // unknown style.
  Narrator(Voice& voice, NarratorOptions options, Sink sink);

  // Voices and styles that the text asks for and that are not there, and recordings that cannot be
  // read: to be shown before narrate(), which uses the narration's own voice, no style, and
  // silence.
  std::vector<text::Diagnostic> check(const text::SpokenText& spoken) const;

  // Renders the utterances in order. May be called again with the text that follows, whose source
  // spans are then moved by source_offset. Throws what the voice and the callbacks throw; an
  // utterance with more phonemes than the voice takes is kInvalidArgument.
  NarrationStatus narrate(const text::SpokenText& spoken, size_t source_offset = 0);

  // Ends the audio with a short silence; call it once, also after a cancelled narrate().
  void finish();

  const std::vector<WordTiming>& words() const { return words_; }
  // The words since the last call, for who keeps them elsewhere.
  std::vector<WordTiming> take_words() { return std::exchange(words_, {}); }
  const std::vector<BookmarkTiming>& bookmarks() const { return bookmarks_; }
  double audio_s() const;
  size_t piece_count() const { return piece_count_; }
  // Phonemes left out because the voice does not have them, e.g. after a change of voice.
  size_t skipped_phoneme_count() const { return skipped_phoneme_count_; }

 private:
  struct Piece {
    PiecePhonemes phonemes;
    PieceControls controls;
    Speech speech;
    double synthesis_s = 0;
  };

  NarrationStatus narrate_pieces(const text::SpokenText& spoken, size_t source_offset);
  bool cancelled() const;
  bool needs_levels(const text::SpokenText& spoken);
  void measure_voices(const text::SpokenText& spoken);
  Piece plan(const text::Utterance& utterance);
  SynthesisRequest request_for(const text::Utterance& utterance, const Piece& piece,
                               uint64_t seed_index);
  static void keep_speech(Speech speech, Piece& piece);
  Piece make_piece(const text::Utterance& utterance, uint64_t seed_index);
  void make_pieces(const text::SpokenText& spoken, size_t index, size_t most);
  void render(const text::SpokenText& spoken, size_t index, size_t source_offset);
  void render_speech(const text::Utterance& utterance, Piece piece, size_t source_offset);
  void render_recording(const text::Utterance& utterance, size_t source_offset);
  // Leaves the silence that belongs in front of a sound of `length` samples that begins with
  // `lead_silence` of its own; returns how many of them lie over the end of what is there.
  size_t open_gap(text::TurnStart next, size_t lead_silence, size_t length);
  void leave_open(const text::Utterance& utterance);
  void emit_pause(double pause_ms, size_t kept_silence, bool at_any_speed);
  float pan_of(const std::string& role);
  void add_words(const text::Utterance& utterance, std::span<const audio::SampleRange> ranges,
                 const PieceEdges& edges, size_t begin, size_t source_offset);
  void add_bookmark(const text::Bookmark& bookmark, size_t sample, size_t source_offset);

  Voice& voice_;
  NarratorOptions options_;
  DeliveryResolver resolver_;
  VoiceLevels levels_;
  TimeLine time_line_;
  std::vector<WordTiming> words_;
  std::vector<BookmarkTiming> bookmarks_;
  std::map<size_t, Piece> ahead_;   // made before their turn, by index in the text
  std::vector<std::string> roles_;  // in order of appearance
  size_t utterance_count_ = 0;      // of earlier narrate() calls
  size_t piece_count_ = 0;
  size_t skipped_phoneme_count_ = 0;
  bool leveling_ = false;
  bool sounded_ = false;           // whether there is anything on the time line to pause after
  size_t tail_silence_ = 0;        // samples after the last sound that are on the time line already
  size_t last_sound_samples_ = 0;  // length of the last piece, which bounds an overlap
  OpenEnd open_end_;
};

}  // namespace myna::voice
