#include "experiences/script/script_limits.h"

#include <set>
#include <string>

namespace myna::script {
namespace {

// Line breaks would end a line of the text form.
bool is_one_line(std::string_view text) {
  for (const char c : text) {
    if (static_cast<unsigned char>(c) < 0x20) return false;
  }
  return true;
}

std::string check_line(const ShowScript& script, const ScriptLine& line,
                       const std::set<std::string>& speakers) {
  if (!speakers.contains(line.speaker))
    return "there is no speaker '" + line.speaker.substr(0, 60) + "'";
  if (line.text.find_first_not_of(' ') == std::string::npos)
    return "a line of " + line.speaker + " says nothing";
  if (line.text.size() > kMaxLineBytes)
    return "a line is longer than " + std::to_string(kMaxLineBytes) + " bytes";
  if (!is_one_line(line.text)) return "a line has a line break or a control character in it";
  if (line.pause_ms < 0 || line.pause_ms > kMaxPause_ms) return "a pause is not from 0 to 60000 ms";
  if (!(line.style_degree >= 0.01 && line.style_degree <= 2))
    return "the degree of a style is not from 0.01 to 2";
  for (const SourceReference& reference : line.references) {
    const ScriptSource* source = script.source(reference.source);
    if (source == nullptr) return "there is no source '" + reference.source.substr(0, 60) + "'";
    if (reference.begin > reference.end ||
        (!source->text.empty() && reference.end > source->text.size())) {
      return "a reference leads outside of the source '" + reference.source + "'";
    }
  }
  return {};
}

}  // namespace

std::vector<ScriptProblem> check_limits(const ShowScript& script) {
  std::vector<ScriptProblem> problems;
  std::set<std::string> speakers;
  for (const ScriptSpeaker& speaker : script.speakers) {
    speakers.insert(speaker.name);
    if (speaker.speed != 0 && !is_speed(speaker.speed)) {
      problems.push_back(
          {0, "the speed of '" + speaker.name.substr(0, 60) + "' is not from 0.25 to 4"});
    }
  }
  if (script.line_count() > kMaxScriptLines) {
    problems.push_back({0, "it has more than " + std::to_string(kMaxScriptLines) + " lines"});
    return problems;
  }
  for (const ScriptSegment& segment : script.segments) {
    for (const ScriptLine& line : segment.lines) {
      if (std::string problem = check_line(script, line, speakers); !problem.empty()) {
        problems.push_back({0, std::move(problem)});
      }
    }
  }
  return problems;
}

}  // namespace myna::script
