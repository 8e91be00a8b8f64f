// What the text front end hands to a voice: plain structs, no behaviour. Every phoneme and word
// keeps its byte range in the text that the caller gave, so that captions, highlighting and error
// messages speak of that text and not of its normalised form.
#pragma once

#include <cstddef>
#include <cstdint>
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
  SourceSpan source;  // of its word; of the mark itself for punctuation
  int32_t word = -1;  // index into Utterance::words, -1 between words
};

// A piece that is synthesised in one go: at most FrontEndOptions::max_phonemes symbols.
struct Utterance {
  std::vector<Phoneme> phonemes;
  std::vector<Word> words;
  SourceSpan source;
  Break break_after = Break::kSentence;

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
