// A show before it is sound: who says what, in which order, and where it comes from.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace myna::script {

enum class SegmentKind : uint8_t {
  kOpening,  // disclosure, greeting, date
  kHeadlines,
  kLead,
  kItem,
  kWeather,
  kCloser,  // a lighter story
  kRecap,
  kSignOff,
  kTalk,  // a part of a conversation
};
std::string_view segment_kind_name(SegmentKind kind);  // "opening", "headlines", ...
// Returns false for an unknown name.
bool parse_segment_kind(std::string_view name, SegmentKind& kind);

// Bytes [begin, end) of the text of a source.
struct SourceReference {
  std::string source;  // id
  size_t begin = 0;
  size_t end = 0;
  bool operator==(const SourceReference&) const = default;
};

struct ScriptLine {
  std::string speaker;
  std::string text;   // one line, with direction as docs/formats/direction.md has it
  std::string style;  // empty: none
  double style_degree = 1.0;
  int pause_ms = 0;  // after the line, beside the pause that its last sentence has
  // Empty: the show's own words (greetings, "from the Courier").
  std::vector<SourceReference> references;
  bool operator==(const ScriptLine&) const = default;
};

struct ScriptSegment {
  SegmentKind kind = SegmentKind::kItem;
  std::string title;
  std::string why;                   // why it was chosen; may be empty
  std::vector<std::string> sources;  // ids
  std::vector<ScriptLine> lines;
  bool operator==(const ScriptSegment&) const = default;
};

struct ScriptSpeaker {
  std::string name;
  std::string voice;  // a voice or blend; empty: the default
  double speed = 0;   // factor on the voice's own rate, 0.25 to 4; 0: what the pace needs
  bool operator==(const ScriptSpeaker&) const = default;
};

struct ScriptSource {
  std::string id;
  std::string publisher;
  std::string title;
  std::string url;
  std::string text;  // what the references point into; empty where it is not at hand
  bool operator==(const ScriptSource&) const = default;
};

struct ShowScript {
  std::string title;
  std::string date;  // "2026-11-26"
  std::string language = "en";
  std::vector<ScriptSpeaker> speakers;
  std::vector<ScriptSegment> segments;
  std::vector<ScriptSource> sources;
  std::vector<std::string> problems;  // sources that failed and the like, for the notes
  bool operator==(const ShowScript&) const = default;

  const ScriptSource* source(std::string_view id) const;      // nullptr when it is not there
  const ScriptSpeaker* speaker(std::string_view name) const;  // the same
  size_t line_count() const;
  size_t word_count() const;
};

// Words as a reader counts them: what stands between blanks.
size_t count_words(std::string_view text);

struct ScriptProblem {
  size_t line = 1;  // of the document, from 1; 0: of the whole
  std::string message;
};

}  // namespace myna::script
