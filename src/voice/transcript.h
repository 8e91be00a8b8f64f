// Transcripts of a narration on the words of its source text: WebVTT with a time stamp at each
// word, SubRip, and JSON. The JSON is described in docs/cli.md.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "voice/word_timing.h"

namespace myna::voice {

enum class TranscriptFormat : uint8_t { kVtt, kSrt, kJson };

// By extension, letter case ignored: .vtt .srt .json; nothing for every other name.
std::optional<TranscriptFormat> transcript_format_for_path(const std::filesystem::path& path);

// A word of the source as it is written there, with the marks around it that a reader expects.
// Several spoken words of one source token ("3,497") are one.
struct TranscriptWord {
  std::string text;    // as in the source: "3,497"; the spoken form when the source has none
  std::string spoken;  // "three thousand four hundred ninety seven"
  text::SourceSpan source;
  double start_s = 0;
  double end_s = 0;
  std::string before;        // opening marks: "(", a quotation mark
  std::string after;         // closing marks: ",", "."
  std::string role = {};     // who speaks in a dialogue
  bool space_before = true;  // false inside "well-known" and at a line's start
  bool ends_sentence = false;
  bool ends_paragraph = false;
};

// Words in reading order. `source` is the text that the spans point into; ill-formed UTF-8 in it
// becomes U+FFFD. Markdown marks between words are left out.
std::vector<TranscriptWord> transcript_words(std::string_view source,
                                             std::span<const WordTiming> timings);

// A caption: words [first, last) of the transcript.
struct Cue {
  size_t first;
  size_t last;
};

// A bookmark of the text, for the JSON form.
struct TranscriptMark {
  std::string name;
  text::SourceSpan source;
  double time_s = 0;
};

// Cues end with the speaker, with the sentence, and at a comma or a word in a sentence that is too
// long for one: at most about 84 characters (two lines of 42) and 7 seconds. A word longer than
// that has its own.
std::vector<Cue> make_cues(std::span<const TranscriptWord> words);

struct TranscriptInfo {
  std::string title;  // may be empty
  std::string voice;
  double audio_s = 0;
  std::vector<TranscriptMark> marks = {};
};

// The whole file, UTF-8 with "\n" line ends.
std::string render_transcript(TranscriptFormat format, std::span<const TranscriptWord> words,
                              const TranscriptInfo& info);

}  // namespace myna::voice
