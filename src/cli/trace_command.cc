// myna trace: what happens to a text on its way to sound.
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>

#include "base/clock.h"
#include "base/utf8.h"
#include "cli/commands.h"
#include "cli/console.h"
#include "cli/engine.h"
#include "cli/input_text.h"
#include "cli/timing_report.h"
#include "voice/narrator.h"

namespace myna::cli {
namespace {

using Json = nlohmann::ordered_json;

constexpr const char* kExamples =
    "Durations are in frames of 25 ms; | stands for the padding around a piece.\n\n"
    "Examples:\n"
    "  myna trace \"Dr. Smith paid $5.\"\n"
    "  myna trace article.md --no-audio --json\n\n";

struct TraceOptions {
  EngineOptions engine;
  std::optional<std::string> text;
  bool literal_text = false;
  bool json = false;
  bool no_audio = false;
};

std::string_view break_name(text::Break kind) {
  switch (kind) {
    case text::Break::kNone:
      return "none";
    case text::Break::kClause:
      return "clause";
    case text::Break::kSentence:
      return "sentence";
    case text::Break::kParagraph:
      return "paragraph";
    case text::Break::kHeading:
      return "heading";
  }
  return "";
}

std::string_view turn_start_name(text::TurnStart start) {
  switch (start) {
    case text::TurnStart::kNone:
      return "";
    case text::TurnStart::kTurn:
      return "turn";
    case text::TurnStart::kBackchannel:
      return "backchannel";
  }
  return "";
}

std::string_view turn_end_name(text::TurnEnd end) {
  switch (end) {
    case text::TurnEnd::kNone:
      return "";
    case text::TurnEnd::kStatement:
      return "statement";
    case text::TurnEnd::kQuestion:
      return "question";
    case text::TurnEnd::kExclamation:
      return "exclamation";
    case text::TurnEnd::kInterrupted:
      return "interrupted";
    case text::TurnEnd::kTrailingOff:
      return "trailing off";
  }
  return "";
}

std::string_view emphasis_name(text::Emphasis emphasis) {
  switch (emphasis) {
    case text::Emphasis::kNone:
      return "none";
    case text::Emphasis::kReduced:
      return "reduced";
    case text::Emphasis::kModerate:
      return "moderate";
    case text::Emphasis::kStrong:
      return "strong";
  }
  return "";
}

// What differs from neutral.
Json describe_prosody(const text::Prosody& prosody) {
  const text::Prosody neutral;
  Json json = Json::object();
  if (prosody.rate != neutral.rate) json["rate"] = prosody.rate;
  if (prosody.pitch_semitones != neutral.pitch_semitones)
    json["pitch_semitones"] = prosody.pitch_semitones;
  if (prosody.pitch_range != neutral.pitch_range) json["pitch_range"] = prosody.pitch_range;
  if (prosody.volume_db != neutral.volume_db) json["volume_db"] = prosody.volume_db;
  if (prosody.emphasis != neutral.emphasis) json["emphasis"] = emphasis_name(prosody.emphasis);
  return json;
}

// What markup asks of a piece; nothing for plain text.
void describe_markup(const text::Utterance& utterance, Json& json) {
  const text::Delivery& delivery = utterance.delivery;
  if (delivery != text::Delivery{}) {
    Json& out = json["delivery"] = Json::object();
    if (!delivery.role.empty()) out["role"] = delivery.role;
    if (!delivery.voice.empty()) out["voice"] = delivery.voice;
    if (!delivery.style.empty()) {
      out["style"] = delivery.style;
      out["style_degree"] = delivery.style_degree;
    }
  }
  if (utterance.turn_start != text::TurnStart::kNone)
    json["turn_start"] = turn_start_name(utterance.turn_start);
  if (utterance.turn_end != text::TurnEnd::kNone)
    json["turn_end"] = turn_end_name(utterance.turn_end);
  if (utterance.pause_after_ms) json["pause_after_ms"] = *utterance.pause_after_ms;
  if (!utterance.audio_file.empty()) json["audio_file"] = utterance.audio_file;
  for (size_t at = 0; at < utterance.phonemes.size() && !utterance.prosodies.empty();) {
    const uint16_t index = utterance.phonemes[at].prosody;
    size_t end = at;
    while (end < utterance.phonemes.size() && utterance.phonemes[end].prosody == index) ++end;
    Json change = describe_prosody(utterance.prosodies[index]);
    if (!change.empty()) {
      change["phonemes"] = {at, end};
      change["source"] = {utterance.phonemes[at].source.begin,
                          utterance.phonemes[end - 1].source.end};
      json["prosody"].push_back(std::move(change));
    }
    at = end;
  }
  if (!utterance.pitch_semitones.empty()) json["contour_semitones"] = utterance.pitch_semitones;
  for (const text::Bookmark& mark : utterance.bookmarks) {
    json["bookmarks"].push_back({{"name", mark.name},
                                 {"first_phoneme", mark.first_phoneme},
                                 {"source", {mark.source.begin, mark.source.end}}});
  }
}

Json describe_text(const text::Utterance& utterance, const voice::PiecePhonemes& phonemes) {
  Json json;
  json["normalized"] = utterance.normalized_text();
  // As the voice gets them: the bench feeds its peer the same pieces.
  json["phonemes"] = to_utf8(phonemes.symbols);
  json["token_count"] = phonemes.symbols.size();
  json["break_after"] = break_name(utterance.break_after);
  json["source"] = {utterance.source.begin, utterance.source.end};
  describe_markup(utterance, json);
  json["words"] = Json::array();
  for (const text::Word& word : utterance.words) {
    std::string sounds;
    for (size_t i = 0; i < word.phoneme_count; ++i) {
      append_utf8(sounds, utterance.phonemes[word.first_phoneme + i].symbol);
    }
    json["words"].push_back({{"text", word.text},
                             {"phonemes", sounds},
                             {"source", {word.source.begin, word.source.end}}});
  }
  return json;
}

Json trace(Engine& engine, const InputText& input, bool with_audio) {
  Json report;
  const auto text_start = std::chrono::steady_clock::now();
  const text::SpokenText spoken = engine.front_end->process(input.text, engine.text_options);
  report["text_s"] = seconds_since(text_start);
  report["tier"] = engine.voice->tier();
  report["voice"] = engine.options.voice;
  report["speed"] = engine.options.speed;
  report["utterances"] = Json::array();
  report["diagnostics"] = Json::array();
  for (const text::Diagnostic& diagnostic : spoken.diagnostics) {
    report["diagnostics"].push_back(
        {{"severity", diagnostic.severity == text::Severity::kError ? "error" : "warning"},
         {"line", diagnostic.line},
         {"column", diagnostic.column},
         {"source", {diagnostic.source.begin, diagnostic.source.end}},
         {"message", diagnostic.message}});
  }
  if (!with_audio) {
    for (const text::Utterance& utterance : spoken.utterances) {
      const auto phonemes = voice::prepare_piece(utterance, *engine.voice);
      if (!phonemes.symbols.empty() || utterance.phonemes.empty()) {
        report["utterances"].push_back(describe_text(utterance, phonemes));
      }
    }
    return report;
  }
  Json stages = Json::array();
  voice::NarratorOptions options = narrator_options(engine);
  options.stage_observer = [&](const voice::StageReport& stage) {
    Json shape = Json::array();
    for (size_t extent : stage.shape) shape.push_back(extent);
    stages.push_back({{"name", stage.name}, {"shape", shape}, {"seconds", stage.seconds}});
  };
  options.piece_observer = [&](const voice::PieceReport& piece) {
    Json json = describe_text(piece.utterance, piece.phonemes);
    json["frames"] = piece.speech.frame_counts;
    json["start_s"] = piece.start_s;
    json["audio_s"] = static_cast<double>(piece.edges.keep.end - piece.edges.keep.begin) /
                      piece.speech.sample_rate;
    json["synthesis_s"] = piece.synthesis_s;
    json["stages"] = std::exchange(stages, Json::array());
    report["utterances"].push_back(std::move(json));
  };
  voice::Narrator narrator(*engine.voice, std::move(options), [](std::span<const float>) {});
  narrator.narrate(spoken);
  narrator.finish();
  report["audio_s"] = narrator.audio_s();
  return report;
}

std::string describe_shape(const Json& shape) {
  std::string text;
  for (const Json& extent : shape) text += (text.empty() ? "" : " x ") + extent.dump();
  return "[" + text + "]";
}

std::string durations_line(const Json& piece) {
  std::string line;
  const std::u32string symbols = to_utf32(piece["phonemes"].get<std::string>());
  const auto& frames = piece["frames"];
  for (size_t i = 0; i < frames.size(); ++i) {
    const bool padding = i == 0 || i + 1 == frames.size();
    const char32_t symbol = padding ? U'|' : symbols[i - 1];
    if (!line.empty()) line += ' ';
    append_utf8(line, symbol == U' ' ? U'_' : symbol);
    line += frames[i].dump();
  }
  return line;
}

// What markup asks of a piece, a line each.
std::string describe_piece_markup(const Json& piece) {
  std::string out;
  if (piece.contains("delivery")) {
    std::string line;
    for (const auto& [key, value] : piece["delivery"].items()) {
      line += fmt::format("{}{} {}", line.empty() ? "" : ", ", key,
                          value.is_string() ? value.get<std::string>() : value.dump());
    }
    out += fmt::format("delivery    {}\n", line);
  }
  if (piece.contains("turn_start") || piece.contains("turn_end")) {
    out += fmt::format("turn        begins: {}, ends: {}\n", piece.value("turn_start", "no"),
                       piece.value("turn_end", "no"));
  }
  for (const Json& change : piece.value("prosody", Json::array())) {
    std::string line;
    for (const auto& [key, value] : change.items()) {
      if (key == "phonemes" || key == "source") continue;
      line += fmt::format("{}{} {}", line.empty() ? "" : ", ", key,
                          value.is_string() ? value.get<std::string>() : value.dump());
    }
    out += fmt::format("prosody     phonemes {}-{}, bytes {}-{}: {}\n",
                       change["phonemes"][0].dump(), change["phonemes"][1].dump(),
                       change["source"][0].dump(), change["source"][1].dump(), line);
  }
  if (piece.contains("contour_semitones"))
    out += fmt::format("contour     {}\n", piece["contour_semitones"].dump());
  for (const Json& mark : piece.value("bookmarks", Json::array())) {
    out += fmt::format("mark        {} before phoneme {}, bytes {}-{}\n",
                       mark["name"].get<std::string>(), mark["first_phoneme"].dump(),
                       mark["source"][0].dump(), mark["source"][1].dump());
  }
  if (piece.contains("audio_file"))
    out += fmt::format("recording   {}\n", piece["audio_file"].get<std::string>());
  if (piece.contains("pause_after_ms"))
    out += fmt::format("pause       {} ms\n", piece["pause_after_ms"].dump());
  return out;
}

// The report for people.
std::string describe(const Json& report) {
  std::string out;
  for (const Json& diagnostic : report["diagnostics"]) {
    out += fmt::format("{:<12}{}:{}: {}\n", diagnostic["severity"].get<std::string>(),
                       diagnostic["line"].dump(), diagnostic["column"].dump(),
                       diagnostic["message"].get<std::string>());
  }
  out += fmt::format("front end   {:.2f} ms\n", report["text_s"].get<double>() * 1000);
  size_t number = 0;
  for (const Json& piece : report["utterances"]) {
    out += fmt::format("\npiece {}     bytes {}-{}, then {}\n", ++number, piece["source"][0].dump(),
                       piece["source"][1].dump(), piece["break_after"].get<std::string>());
    out += fmt::format("text        {}\n", piece["normalized"].get<std::string>());
    out += fmt::format("phonemes    {}  ({})\n", piece["phonemes"].get<std::string>(),
                       piece["token_count"].dump());
    for (const Json& word : piece["words"]) {
      out += fmt::format("  {:>6}-{:<6} {:<24}{}\n", word["source"][0].dump(),
                         word["source"][1].dump(), word["text"].get<std::string>(),
                         word["phonemes"].get<std::string>());
    }
    out += describe_piece_markup(piece);
    if (!piece.contains("frames")) continue;
    out += fmt::format("durations   {}\n", durations_line(piece));
    const double audio_s = piece["audio_s"].get<double>();
    const double synthesis_s = piece["synthesis_s"].get<double>();
    out += fmt::format("audio       {:.2f} s in {:.1f} ms ({:.1f} x real time)\n", audio_s,
                       synthesis_s * 1000, audio_s / synthesis_s);
    for (const Json& stage : piece["stages"]) {
      out += fmt::format("  {:<28}{:<22}{:8.2f} ms\n", stage["name"].get<std::string>(),
                         describe_shape(stage["shape"]), stage["seconds"].get<double>() * 1000);
    }
  }
  return out;
}

void run_trace(const TraceOptions& options) {
  const InputText input =
      read_input_text(options.text, options.literal_text ? InputKind::kText : InputKind::kGuess);
  Engine engine = open_engine(options.engine);
  engine.text_options.lexicon = open_lexicon(options.engine.text, input);
  const Json report = trace(engine, input, !options.no_audio);
  if (report["utterances"].empty() && !options.json) {
    throw Error(ErrorCode::kInvalidArgument, "there is nothing to speak in the text");
  }
  write_stdout(options.json ? json_line(report) : describe(report));
}

}  // namespace

void add_trace_command(CLI::App& program, ExitCode&) {
  auto options = std::make_shared<TraceOptions>();
  CLI::App* command = program.add_subcommand("trace", "Show what happens to a text, step by step");
  command->footer(std::string(kExamples) + kExitCodeHelp);
  command->add_option("TEXT", options->text,
                      "A text, the name of a text file, or - for standard input");
  command->add_flag("--text", options->literal_text, "TEXT is text, even if a file has that name");
  command->add_flag("--no-audio", options->no_audio, "Stop before the voice");
  command->add_flag("--json", options->json, "Print one JSON object");
  add_engine_options(*command, options->engine);
  command->callback([options] { run_trace(*options); });
}

}  // namespace myna::cli
