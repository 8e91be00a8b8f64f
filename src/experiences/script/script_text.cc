#include "experiences/script/script_text.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "base/plain_text.h"
#include "base/utf8.h"
#include "experiences/script/script_limits.h"

namespace myna::script {
namespace {

std::vector<std::string> split(std::string_view text, std::string_view separator) {
  std::vector<std::string> parts;
  size_t at = 0;
  while (true) {
    const size_t end = text.find(separator, at);
    parts.emplace_back(trimmed(text.substr(at, end == std::string_view::npos ? end : end - at)));
    if (end == std::string_view::npos) return parts;
    at = end + separator.size();
  }
}

// What stands in a document of lines must be on one.
std::string one_line(std::string_view text) {
  std::string result(text);
  for (char& c : result) {
    if (static_cast<unsigned char>(c) < 0x20) c = ' ';
  }
  return std::string(trimmed(result));
}

std::string field(std::string_view text) {
  std::string result = one_line(text);
  std::replace(result.begin(), result.end(), '|', '/');
  return result;
}

template <typename Number>
bool parse_number(std::string_view text, Number& value) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  return error == std::errc() && end == text.data() + text.size() && !text.empty();
}

std::string notes_of(const ScriptLine& line) {
  std::string notes;
  for (const SourceReference& reference : line.references) {
    notes += fmt::format("{}{}:{}-{}", notes.empty() ? "" : ", ", reference.source, reference.begin,
                         reference.end);
  }
  if (line.pause_ms > 0)
    notes += fmt::format("{}pause {}", notes.empty() ? "" : ", ", line.pause_ms);
  return notes.empty() ? notes : " {" + notes + "}";
}

class TextReader {
 public:
  TextReader(ShowScript& script, std::vector<ScriptProblem>& problems)
      : script_(script), problems_(problems) {}

  void read(std::string_view text) {
    size_t at = 0;
    while (at < text.size()) {
      const size_t end = std::min(text.find('\n', at), text.size());
      ++number_;
      read_line(one_line(text.substr(at, end - at)));
      at = end + 1;
    }
    check_speakers();
  }

 private:
  void report(std::string message) { problems_.push_back({number_, std::move(message)}); }

  void read_line(const std::string& line) {
    if (line.empty() || line.starts_with("//")) return;
    if (line.starts_with("# ")) {
      script_.title = trimmed(line.substr(2));
    } else if (line.starts_with("== ")) {
      read_segment(line.substr(3));
    } else if (line.starts_with('@')) {
      read_setting(line.substr(1));
    } else {
      read_speech(line);
    }
  }

  void read_segment(std::string_view text) {
    const size_t colon = std::min(text.find(':'), text.size());
    ScriptSegment segment;
    const std::string kind(trimmed(text.substr(0, colon)));
    if (!parse_segment_kind(kind, segment.kind)) {
      report(
          "there is no segment of the kind '" + kind.substr(0, 40) +
          "'; there are opening, headlines, lead, item, weather, closer, recap, sign-off and talk");
    }
    if (colon < text.size()) segment.title = trimmed(text.substr(colon + 1));
    script_.segments.push_back(std::move(segment));
  }

  // "anchor: heart, speed 0.93"
  void read_speaker(const std::string& value) {
    const size_t colon = std::min(value.find(':'), value.size());
    ScriptSpeaker speaker;
    speaker.name = trimmed(value.substr(0, colon));
    std::string voice(colon < value.size() ? trimmed(value.substr(colon + 1)) : "");
    if (const size_t comma = voice.find(','); comma != std::string::npos) {
      const std::string_view note = trimmed(std::string_view(voice).substr(comma + 1));
      if (!note.starts_with("speed ") || !parse_number(trimmed(note.substr(6)), speaker.speed) ||
          !is_speed(speaker.speed)) {
        report("'" + std::string(note.substr(0, 40)) +
               "' is no speed; write \"@speaker anchor: heart, speed 0.93\", 0.25 to 4");
        speaker.speed = 0;
      }
      voice = trimmed(voice.substr(0, comma));
    }
    speaker.voice = voice;
    script_.speakers.push_back(std::move(speaker));
  }

  void read_setting(const std::string& text) {
    const size_t blank = std::min(text.find(' '), text.size());
    const std::string key = text.substr(0, blank);
    const std::string value(trimmed(std::string_view(text).substr(blank)));
    if (key == "date") {
      script_.date = value;
    } else if (key == "language") {
      if (!value.empty()) script_.language = value;
    } else if (key == "speaker") {
      read_speaker(value);
    } else if (key == "source") {
      std::vector<std::string> fields = split(value, "|");
      fields.resize(4);
      if (fields[0].empty())
        return report("a source needs a name, as in \"@source s1 | publisher | title | address\"");
      script_.sources.push_back({fields[0], fields[1], fields[2], fields[3], ""});
    } else if (key == "problem") {
      script_.problems.push_back(value);
    } else if (script_.segments.empty()) {
      report("'@" + key.substr(0, 40) +
             "' is not known here; there are date, language, speaker, source and problem");
    } else if (key == "why") {
      script_.segments.back().why = value;
    } else if (key == "from") {
      std::vector<std::string> names = split(value, " ");
      std::erase(names, "");
      script_.segments.back().sources = std::move(names);
    } else {
      report("'@" + key.substr(0, 40) + "' is not known in a segment; there are why and from");
    }
  }

  void read_speech(const std::string& line) {
    const size_t colon = line.find(':');
    if (colon == std::string::npos || colon == 0 || colon > 80) {
      return report("this is no line of speech; write \"speaker: what is said\"");
    }
    if (script_.segments.empty())
      return report("a line of speech stands before the first segment (\"== item: title\")");
    ScriptLine speech;
    std::string who(trimmed(line.substr(0, colon)));
    std::string text(trimmed(line.substr(colon + 1)));
    const size_t open = who.find('(');
    if (open != std::string::npos && who.ends_with(')')) {
      read_style(std::string_view(who).substr(open + 1, who.size() - open - 2), speech);
      who = trimmed(who.substr(0, open));
    }
    speech.speaker = who;
    while (text.ends_with('}') && text.rfind('{') != std::string::npos) {
      const size_t brace = text.rfind('{');
      for (const std::string& note :
           split(std::string_view(text).substr(brace + 1, text.size() - brace - 2), ",")) {
        if (!note.empty()) read_note(note, speech);
      }
      text = trimmed(text.substr(0, brace));
    }
    if (text.empty()) return report("this line says nothing");
    if (text.size() > kMaxLineBytes)
      return report("this line is longer than " + std::to_string(kMaxLineBytes) + " bytes");
    if (script_.line_count() >= kMaxScriptLines)
      return report("a script has at most " + std::to_string(kMaxScriptLines) + " lines");
    speech.text = std::move(text);
    lines_.push_back({number_, speech.speaker});
    script_.segments.back().lines.push_back(std::move(speech));
  }

  void read_style(std::string_view text, ScriptLine& speech) {
    const size_t blank = text.rfind(' ');
    double degree = 0;
    if (blank != std::string_view::npos && parse_number(text.substr(blank + 1), degree)) {
      if (!(degree >= 0.01 && degree <= 2))
        return report("the degree of a style is from 0.01 to 2");
      speech.style_degree = degree;
      text = text.substr(0, blank);
    }
    speech.style = trimmed(text);
  }

  void read_note(const std::string& note, ScriptLine& speech) {
    if (note.starts_with("pause ")) {
      int pause = 0;
      if (!parse_number(std::string_view(note).substr(6), pause) || pause < 0 ||
          pause > kMaxPause_ms) {
        return report("a pause is from 0 to 60000 ms");
      }
      speech.pause_ms = pause;
      return;
    }
    const size_t colon = note.rfind(':');
    const size_t dash = note.rfind('-');
    SourceReference reference;
    if (colon == std::string::npos || dash == std::string::npos || dash < colon ||
        !parse_number(std::string_view(note).substr(colon + 1, dash - colon - 1),
                      reference.begin) ||
        !parse_number(std::string_view(note).substr(dash + 1), reference.end) ||
        reference.begin > reference.end) {
      return report("'" + note.substr(0, 40) +
                    "' is neither a reference (s1:10-80) nor a pause (pause 700)");
    }
    reference.source = note.substr(0, colon);
    if (script_.source(reference.source) == nullptr) {
      return report("there is no source '" + reference.source.substr(0, 40) + "'");
    }
    speech.references.push_back(std::move(reference));
  }

  // A speaker who is not introduced gets the default voice.
  void check_speakers() {
    for (const auto& entry : lines_) {
      const size_t line = entry.first;
      const std::string& name = entry.second;
      const bool known =
          std::any_of(script_.speakers.begin(), script_.speakers.end(),
                      [&](const ScriptSpeaker& speaker) { return speaker.name == name; });
      if (known) continue;
      problems_.push_back({line, "the speaker '" + name.substr(0, 40) +
                                     "' is not introduced (\"@speaker " + name.substr(0, 40) +
                                     ": heart\")"});
      script_.speakers.push_back({name, ""});
    }
  }

  ShowScript& script_;
  std::vector<ScriptProblem>& problems_;
  std::vector<std::pair<size_t, std::string>> lines_;
  size_t number_ = 0;
};

}  // namespace

std::string to_text(const ShowScript& script) {
  std::string out = "# " + one_line(script.title) + "\n";
  if (!script.date.empty()) out += "@date " + one_line(script.date) + "\n";
  if (!script.language.empty()) out += "@language " + one_line(script.language) + "\n";
  for (const ScriptSpeaker& speaker : script.speakers) {
    out += "@speaker " + one_line(speaker.name) + ": " + one_line(speaker.voice);
    out += speaker.speed != 0 ? fmt::format(", speed {}\n", speaker.speed) : "\n";
  }
  for (const ScriptSource& source : script.sources) {
    out += fmt::format("@source {} | {} | {} | {}\n", field(source.id), field(source.publisher),
                       field(source.title), field(source.url));
  }
  for (const std::string& problem : script.problems) out += "@problem " + one_line(problem) + "\n";
  for (const ScriptSegment& segment : script.segments) {
    out += fmt::format("\n== {}: {}\n", segment_kind_name(segment.kind), one_line(segment.title));
    if (!segment.why.empty()) out += "@why " + one_line(segment.why) + "\n";
    if (!segment.sources.empty()) {
      out += "@from";
      for (const std::string& id : segment.sources) out += " " + field(id);
      out += "\n";
    }
    for (const ScriptLine& line : segment.lines) {
      out += line.speaker;
      if (!line.style.empty()) {
        const bool plain = line.style_degree == 1.0 && line.style.find(' ') == std::string::npos;
        out += plain ? fmt::format(" ({})", line.style)
                     : fmt::format(" ({} {})", line.style, line.style_degree);
      }
      out += ": " + one_line(line.text) + notes_of(line) + "\n";
    }
  }
  return out;
}

ShowScript from_text(std::string_view text, std::vector<ScriptProblem>& problems) {
  ShowScript script;
  if (text.size() > kMaxScriptBytes) {
    problems.push_back({0, "the script is longer than 16 MiB"});
    return script;
  }
  const std::string valid = find_invalid_utf8(text) ? to_utf8(to_utf32(text)) : std::string(text);
  TextReader(script, problems).read(valid);
  return script;
}

}  // namespace myna::script
