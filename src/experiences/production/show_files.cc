#include "experiences/production/show_files.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>

#include "base/plain_text.h"
#include "voice/transcript.h"

namespace myna::production {
namespace {

struct Caption {
  double start_s = 0;
  double end_s = 0;
  std::string speaker;
  std::string text;
};

// The captions of each line, from the words of its text.
std::vector<Caption> captions_of(const script::ShowScript& script, const ShowMix& mix,
                                 std::span<const SpokenLine> spoken) {
  std::vector<Caption> captions;
  for (size_t number = 0; number < mix.lines.size(); ++number) {
    const MixedLine& placed = mix.lines[number];
    const script::ScriptLine& line = script.segments[placed.segment].lines[placed.line];
    const std::vector<voice::TranscriptWord> words =
        voice::transcript_words(line.text, spoken[number].words);
    for (const voice::Cue& cue : voice::make_cues(words)) {
      Caption caption;
      caption.speaker = line.speaker;
      caption.start_s = placed.start_s + words[cue.first].start_s;
      caption.end_s = std::min(placed.end_s, placed.start_s + words[cue.last - 1].end_s);
      for (size_t i = cue.first; i < cue.last; ++i) {
        if (i > cue.first && words[i].space_before) caption.text += ' ';
        caption.text += words[i].before + words[i].text + words[i].after;
      }
      // Cues are in order and do not overlap, whatever the words' times say.
      if (!captions.empty()) caption.start_s = std::max(caption.start_s, captions.back().end_s);
      caption.end_s = std::max(caption.end_s, caption.start_s + 0.05);
      captions.push_back(std::move(caption));
    }
  }
  return captions;
}

std::string time_text(double seconds, char decimal) {
  const auto ms = std::llround(seconds * 1000);
  return fmt::format("{:02}:{:02}:{:02}{}{:03}", ms / 3'600'000, ms / 60'000 % 60, ms / 1000 % 60,
                     decimal, ms % 1000);
}

std::string clock_text(double seconds) {
  const auto whole = static_cast<long>(seconds);
  return fmt::format("{}:{:02}", whole / 60, whole % 60);
}

std::string escaped_markdown(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (std::string_view("\\`*_{}[]<>#|~").find(c) != std::string_view::npos) out += '\\';
    out += c;
  }
  return out;
}

bool is_link(const std::string& url) {
  return url.starts_with("https://") || url.starts_with("http://");
}

// Two lines at most of about the same length.
std::string broken(const std::string& text, const char* line_end) {
  if (text.size() <= 42) return text;
  size_t best = std::string::npos;
  for (size_t at = text.find(' '); at != std::string::npos; at = text.find(' ', at + 1)) {
    const auto distance = [&](size_t place) {
      return place > text.size() / 2 ? place - text.size() / 2 : text.size() / 2 - place;
    };
    if (best == std::string::npos || distance(at) < distance(best)) best = at;
  }
  return best == std::string::npos ? text : text.substr(0, best) + line_end + text.substr(best + 1);
}

std::vector<const script::ScriptSource*> sources_of(const script::ShowScript& script,
                                                    const script::ScriptSegment& segment) {
  std::vector<const script::ScriptSource*> sources;
  for (const std::string& id : segment.sources) {
    if (const script::ScriptSource* source = script.source(id)) sources.push_back(source);
  }
  return sources;
}

constexpr const char* kStyle =
    ":root{color-scheme:light "
    "dark;--ink:#1b2430;--paper:#fbfaf7;--soft:#5d6876;--line:#dcd8ce;--accent:#0b6e69}"
    "@media(prefers-color-scheme:dark){:root{--ink:#e8e6e0;--paper:#14181d;--soft:#9aa4b0;--line:#"
    "2c333b;--accent:#5cc8c1}}"
    "body{margin:0;background:var(--paper);color:var(--ink);font:17px/1.55 Georgia,'Times New "
    "Roman',serif}"
    "main{max-width:42rem;margin:0 auto;padding:2.5rem 1.25rem "
    "4rem}h1{font-size:1.9rem;line-height:1.2;margin:0 0 .3rem}"
    "h2{font-size:1.15rem;margin:0 0 .35rem}.meta,time,.why{color:var(--soft);font:14px/1.5 "
    "system-ui,sans-serif}"
    "section{border-top:1px solid var(--line);padding:1.1rem "
    "0}a{color:var(--accent)}ul{padding-left:1.1rem;margin:.5rem 0 0}"
    "p{margin:.5rem 0}.why{font-style:normal}";

}  // namespace

std::string render_vtt(const script::ShowScript& script, const ShowMix& mix,
                       std::span<const SpokenLine> spoken) {
  std::string out =
      "WEBVTT\n\nNOTE " + escaped_cue(script.title) + ". Synthetic voice, made by Myna.\n";
  for (const Caption& caption : captions_of(script, mix, spoken)) {
    out += fmt::format("\n{} --> {}\n<v {}>{}\n", time_text(caption.start_s, '.'),
                       time_text(caption.end_s, '.'), escaped_cue(caption.speaker),
                       broken(escaped_cue(caption.text), "\n"));
  }
  return out;
}

std::string render_srt(const script::ShowScript& script, const ShowMix& mix,
                       std::span<const SpokenLine> spoken) {
  std::string out;
  size_t number = 0;
  const bool dialogue = script.speakers.size() > 1;
  for (const Caption& caption : captions_of(script, mix, spoken)) {
    out += fmt::format("{}\n{} --> {}\n{}{}\n\n", ++number, time_text(caption.start_s, ','),
                       time_text(caption.end_s, ','), dialogue ? caption.speaker + ": " : "",
                       broken(caption.text, "\n"));
  }
  return out;
}

std::string render_chapters(const script::ShowScript& script, const ShowMix& mix) {
  using nlohmann::ordered_json;
  ordered_json chapters = ordered_json::array();
  for (const Chapter& chapter : mix.chapters) {
    ordered_json described = {{"startTime", std::round(chapter.start_s * 1000) / 1000},
                              {"title", chapter.title},
                              {"endTime", std::round(chapter.end_s * 1000) / 1000}};
    for (const script::ScriptSource* source :
         sources_of(script, script.segments[chapter.segment])) {
      if (is_link(source->url)) {
        described["url"] = source->url;
        break;
      }
    }
    chapters.push_back(std::move(described));
  }
  return ordered_json{{"version", "1.2.0"}, {"title", script.title}, {"chapters", chapters}}.dump(
             2, ' ', false, nlohmann::json::error_handler_t::replace) +
         "\n";
}

std::string render_notes_html(const script::ShowScript& script, const ShowMix& mix,
                              const std::string& voice) {
  std::string out = fmt::format(
      "<!DOCTYPE html>\n<html lang=\"{}\">\n<head>\n<meta charset=\"utf-8\">\n"
      "<meta name=\"viewport\" content=\"width=device-width, "
      "initial-scale=1\">\n<title>{}</title>\n<style>{}</style>\n</head>\n<body>\n<main>\n"
      "<h1>{}</h1>\n<p class=\"meta\">Read by a synthetic voice ({}), made by Myna on this "
      "machine. Sentences are shortened from the sources "
      "that are linked below; nothing was added to them.</p>\n",
      escaped_markup(script.language), escaped_markup(script.title), kStyle,
      escaped_markup(script.title), escaped_markup(voice));
  for (const Chapter& chapter : mix.chapters) {
    const script::ScriptSegment& segment = script.segments[chapter.segment];
    out += fmt::format("<section>\n<h2>{} <time>{}</time></h2>\n", escaped_markup(segment.title),
                       clock_text(chapter.start_s));
    std::string spoken;
    for (const script::ScriptLine& line : segment.lines)
      spoken += (spoken.empty() ? "" : " ") + line.text;
    out += "<p>" + escaped_markup(spoken) + "</p>\n";
    if (!segment.why.empty())
      out += "<p class=\"why\">Why this: " + escaped_markup(segment.why) + "</p>\n";
    const auto sources = sources_of(script, segment);
    if (!sources.empty()) {
      out += "<ul>\n";
      for (const script::ScriptSource* source : sources) {
        const std::string label =
            escaped_markup(source->publisher) + ": " + escaped_markup(source->title);
        out += is_link(source->url)
                   ? "<li><a rel=\"noopener nofollow\" href=\"" + escaped_markup(source->url) +
                         "\">" + label + "</a></li>\n"
                   : "<li>" + label + "</li>\n";
      }
      out += "</ul>\n";
    }
    out += "</section>\n";
  }
  if (!script.problems.empty()) {
    out += "<section>\n<h2>Sources that failed</h2>\n<ul>\n";
    for (const std::string& problem : script.problems)
      out += "<li>" + escaped_markup(problem) + "</li>\n";
    out += "</ul>\n</section>\n";
  }
  return out + "</main>\n</body>\n</html>\n";
}

std::string render_notes_markdown(const script::ShowScript& script, const ShowMix& mix,
                                  const std::string& voice) {
  std::string out = "# " + escaped_markdown(script.title) + "\n\nRead by a synthetic voice (" +
                    escaped_markdown(voice) + "), made by Myna on this machine.\n";
  for (const Chapter& chapter : mix.chapters) {
    const script::ScriptSegment& segment = script.segments[chapter.segment];
    out +=
        fmt::format("\n## {} {}\n\n", clock_text(chapter.start_s), escaped_markdown(segment.title));
    if (!segment.why.empty()) out += "Why this: " + escaped_markdown(segment.why) + "\n\n";
    for (const script::ScriptSource* source : sources_of(script, segment)) {
      const std::string label = escaped_markdown(source->publisher + ": " + source->title);
      out +=
          is_link(source->url) ? "- [" + label + "](<" + source->url + ">)\n" : "- " + label + "\n";
    }
  }
  if (!script.problems.empty()) {
    out += "\n## Sources that failed\n\n";
    for (const std::string& problem : script.problems)
      out += "- " + escaped_markdown(problem) + "\n";
  }
  return out;
}

}  // namespace myna::production
