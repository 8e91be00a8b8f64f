#include "experiences/script/script_json.h"

#include <nlohmann/json.hpp>

#include "base/error.h"
#include "experiences/script/script_limits.h"

namespace myna::script {
namespace {

using nlohmann::json;
using nlohmann::ordered_json;

[[noreturn]] void fail(const std::string& what) {
  throw Error(ErrorCode::kCorruptData, "the script is not understood: " + what,
              "docs/formats/show-script.md describes it");
}

ordered_json describe(const ScriptLine& line) {
  ordered_json result = {{"speaker", line.speaker}, {"text", line.text}};
  if (!line.style.empty()) result["style"] = line.style;
  if (!line.style.empty() && line.style_degree != 1.0) result["style_degree"] = line.style_degree;
  if (line.pause_ms != 0) result["pause_ms"] = line.pause_ms;
  if (!line.references.empty()) {
    result["references"] = ordered_json::array();
    for (const SourceReference& reference : line.references) {
      result["references"].push_back(
          {{"source", reference.source}, {"begin", reference.begin}, {"end", reference.end}});
    }
  }
  return result;
}

ScriptLine read_line(const json& object) {
  ScriptLine line;
  line.speaker = object.at("speaker").get<std::string>();
  line.text = object.at("text").get<std::string>();
  line.style = object.value("style", "");
  line.style_degree = object.value("style_degree", 1.0);
  line.pause_ms = object.value("pause_ms", 0);
  for (const json& reference : object.value("references", json::array())) {
    line.references.push_back({reference.at("source").get<std::string>(),
                               reference.at("begin").get<size_t>(),
                               reference.at("end").get<size_t>()});
  }
  return line;
}

}  // namespace

std::string to_json(const ShowScript& script) {
  ordered_json root = {{"version", 1},
                       {"title", script.title},
                       {"date", script.date},
                       {"language", script.language}};
  root["speakers"] = ordered_json::array();
  for (const ScriptSpeaker& speaker : script.speakers) {
    root["speakers"].push_back({{"name", speaker.name}, {"voice", speaker.voice}});
    if (speaker.speed != 0) root["speakers"].back()["speed"] = speaker.speed;
  }
  root["segments"] = ordered_json::array();
  for (const ScriptSegment& segment : script.segments) {
    ordered_json described = {{"kind", segment_kind_name(segment.kind)}, {"title", segment.title}};
    if (!segment.why.empty()) described["why"] = segment.why;
    if (!segment.sources.empty()) described["sources"] = segment.sources;
    described["lines"] = ordered_json::array();
    for (const ScriptLine& line : segment.lines) described["lines"].push_back(describe(line));
    root["segments"].push_back(std::move(described));
  }
  root["sources"] = ordered_json::array();
  for (const ScriptSource& source : script.sources) {
    root["sources"].push_back({{"id", source.id},
                               {"publisher", source.publisher},
                               {"title", source.title},
                               {"url", source.url},
                               {"text", source.text}});
  }
  if (!script.problems.empty()) root["problems"] = script.problems;
  return root.dump(2, ' ', false, json::error_handler_t::replace) + "\n";
}

ShowScript from_json(std::string_view text) {
  if (text.size() > kMaxScriptBytes) fail("it is longer than 16 MiB");
  const json root = json::parse(
      text, [](int depth, json::parse_event_t, json&) { return depth <= 16; }, false);
  if (!root.is_object()) fail("it is no JSON object");
  ShowScript script;
  try {
    if (root.value("version", 1) != 1) fail("its version is not 1");
    script.title = root.at("title").get<std::string>();
    script.date = root.value("date", "");
    script.language = root.value("language", "en");
    for (const json& speaker : root.at("speakers")) {
      script.speakers.push_back({speaker.at("name").get<std::string>(), speaker.value("voice", ""),
                                 speaker.value("speed", 0.0)});
    }
    for (const json& object : root.at("segments")) {
      ScriptSegment segment;
      const auto kind = object.at("kind").get<std::string>();
      if (!parse_segment_kind(kind, segment.kind))
        fail("there is no segment of the kind '" + kind.substr(0, 40) + "'");
      segment.title = object.value("title", "");
      segment.why = object.value("why", "");
      segment.sources = object.value("sources", std::vector<std::string>());
      for (const json& line : object.at("lines")) segment.lines.push_back(read_line(line));
      script.segments.push_back(std::move(segment));
    }
    for (const json& source : root.value("sources", json::array())) {
      script.sources.push_back({source.at("id").get<std::string>(), source.value("publisher", ""),
                                source.value("title", ""), source.value("url", ""),
                                source.value("text", "")});
    }
    script.problems = root.value("problems", std::vector<std::string>());
  } catch (const json::exception& error) {
    fail(error.what());
  }
  if (const std::vector<ScriptProblem> problems = check_limits(script); !problems.empty()) {
    fail(problems.front().message);
  }
  return script;
}

}  // namespace myna::script
