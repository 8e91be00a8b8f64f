// What the text front end hands to a voice: plain structs, no behaviour. Every phoneme and word
// keeps its byte range in the text that the caller gave, so that captions, highlighting and error
// messages speak of that text and not of its normalised form.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace myna::text {

// Half-open byte range in the source text. Never splits a UTF-8 sequence.
struct SourceSpan {
  size_t begin = 0;
  size_t end = 0;
  bool operator==(const SourceSpan&) const = default;
};

// What separates an utterance from the one after it; the renderer maps it to a pause in ms.
enum class Break : uint8_t {
  kNone,       // the same clause goes on: it was cut for length only
  kClause,     // comma, semicolon, colon, dash
  kSentence,   // . ? ! …
  kParagraph,  // blank line, list item, table row
  kHeading,    // after a heading
};

enum class Emphasis : uint8_t { kNone, kReduced, kModerate, kStrong };

// How a stretch is said, relative to its speaker and style. The identity is {}.
struct Prosody {
  float rate = 1.0f;             // factor on the speaking rate, 0.25 to 4
  float pitch_semitones = 0.0f;  // added to the pitch, -24 to 24
  float pitch_range = 1.0f;      // factor on the pitch's excursions around its mean, 0 to 4
  float volume_db = 0.0f;        // -60 to 24; kSilentVolume_db is not heard at all
  Emphasis emphasis = Emphasis::kNone;

  static constexpr float kSilentVolume_db = -200.0f;
  bool operator==(const Prosody&) const = default;
};

// Who speaks an utterance and how. One for the whole utterance: a change starts a new one.
struct Delivery {
  std::string voice;          // as --voice takes it: a name or a blend; empty: the narration's own
  std::string style;          // a name in the style table; empty: none
  float style_degree = 1.0f;  // 0.01 to 2: how much of the style
  std::string role;           // the speaker's name in a dialogue script, for captions; may be empty

  bool operator==(const Delivery&) const = default;
};

// Dialogue: what kind of turn an utterance begins, and how the turn that it ends was left. The
// renderer makes the gap between two turns of these and of break_after.
enum class TurnStart : uint8_t {
  kNone,         // the turn goes on, or the text is no dialogue
  kTurn,         // a new speaker takes the floor
  kBackchannel,  // a short reaction ("Mm-hm.", "Right!", "Oh, really?"): the whole turn is this one
                 // utterance, and it may begin a little before the other speaker's end
};
enum class TurnEnd : uint8_t {
  kNone,         // the turn goes on, or the text is no dialogue
  kStatement,    // a period, or nothing
  kQuestion,     // ?
  kExclamation,  // !
  kInterrupted,  // — or a hyphen: the next speaker cuts in
  kTrailingOff,  // …
};

// A place that the caller wants to hear of: SSML's <mark>.
struct Bookmark {
  std::string name;
  SourceSpan source;
  size_t first_phoneme = 0;  // into Utterance::phonemes; their number when it stands at the end
};

// One spoken word. "3,497" in the source gives six words that share one source span.
struct Word {
  std::string text;          // as spoken, normalised: "three", "Smith"
  SourceSpan source;         // the source token that it comes from
  size_t first_phoneme = 0;  // into Utterance::phonemes
  size_t phoneme_count = 0;
};

// One symbol of the voice's phoneme alphabet: an IPA letter, a stress mark, a space between words
// or a punctuation mark that the voice reads as prosody (docs/models/studio.md lists the 114).
struct Phoneme {
  char32_t symbol = 0;
  SourceSpan source;     // of its word; of the mark itself for punctuation
  int32_t word = -1;     // index into Utterance::words, -1 between words
  uint16_t prosody = 0;  // index into Utterance::prosodies
};

// A piece that is synthesised in one go: at most FrontEndOptions::max_phonemes symbols. It may have
// no phonemes: then it plays audio_file, or without one it is a pause (pause_after_ms) and
// whatever bookmarks stand in it.
struct Utterance {
  std::vector<Phoneme> phonemes;
  std::vector<Word> words;
  SourceSpan source;
  Break break_after = Break::kSentence;
  std::optional<double> pause_after_ms;  // asked for in so many words: takes break_after's place
  Delivery delivery;
  TurnStart turn_start = TurnStart::kNone;
  TurnEnd turn_end = TurnEnd::kNone;   // with break_after kParagraph
  std::vector<Prosody> prosodies;      // what Phoneme::prosody points to; empty: all neutral
  std::vector<float> pitch_semitones;  // of each phoneme, added to its prosody: a pitch contour;
                                       // empty: none
  std::vector<Bookmark> bookmarks;     // in order
  std::string audio_file;              // a recording to be played here; then there are no phonemes

  // The symbols alone, as UTF-8.
  std::string phoneme_text() const;
  // The normalised words with their punctuation, as a person would read them.
  std::string normalized_text() const;
};

enum class Severity : uint8_t { kWarning, kError };

// Something about the text that its author may want to know. Never thrown.
struct Diagnostic {
  Severity severity = Severity::kWarning;
  SourceSpan source;
  size_t line = 1;    // from 1
  size_t column = 1;  // from 1, in code points
  std::string message;
};

struct SpokenText {
  std::vector<Utterance> utterances;  // in reading order; empty when nothing can be spoken
  std::vector<Diagnostic> diagnostics;
};

}  // namespace myna::text
