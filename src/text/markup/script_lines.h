// The lines of a dialogue script: what is a speaker's name, what a header, what a comment.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "text/spoken_text.h"

namespace myna::text {

// One line without its end; `next` is where the line behind it begins.
struct ScriptLine {
  size_t begin = 0;
  size_t end = 0;
  size_t next = 0;
  std::string_view in(std::string_view source) const { return source.substr(begin, end - begin); }
};
ScriptLine script_line_at(std::string_view source, size_t at);
bool is_blank_line(std::string_view line);
// "# ..." and "// ...".
bool is_comment_line(std::string_view line);

// "Anna: text", "ANNA (whispering): text", "[anna] text", "**Anna:** text". Offsets are into the
// source.
struct TurnLabel {
  SourceSpan name;
  SourceSpan style;  // in brackets behind the name; empty: none
  size_t text_begin = 0;
  bool bracketed = false;
};
std::optional<TurnLabel> parse_turn_label(std::string_view source, const ScriptLine& line);

// Names are the same whatever their case and inner blanks: "Dr.  Who" is "DR. WHO".
std::string speaker_key(std::string_view name);

// Whether a label that no header lists may be a speaker: "Anna", "Host 2", "DR. WHO", but not
// "Note" and not "The reason is this".
bool is_name_like(std::string_view name);

struct CastMember {
  std::string name;
  std::string voice;  // empty: not said
  std::string style;
  SourceSpan source;  // the line
  SourceSpan voice_source;
  SourceSpan style_source;
};

// Between "---" lines at the beginning: "cast:" and a line for each speaker, "Anna: heart,
// cheerful".
struct ScriptHeader {
  bool found = false;
  bool has_cast = false;
  bool closed = false;
  SourceSpan source;
  size_t text_begin = 0;  // behind it
  std::vector<CastMember> cast;
  std::vector<SourceSpan> faults;  // lines that say nothing that is understood
};
ScriptHeader read_script_header(std::string_view source);

}  // namespace myna::text
