// myna say: text to an audio file or a pipe.
#include <fmt/format.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <cmath>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>

#include "audio/encoder.h"
#include "audio/loudness.h"
#include "base/clock.h"
#include "base/file.h"
#include "base/utf8.h"
#include "cli/commands.h"
#include "cli/console.h"
#include "cli/engine.h"
#include "cli/input_text.h"
#include "cli/interrupt.h"
#include "cli/narration_run.h"
#include "cli/output_target.h"
#include "cli/playout_encoder.h"
#include "cli/progress_bar.h"
#include "cli/timing_report.h"
#include "voice/speech_output.h"
#include "voice/transcript.h"

namespace myna::cli {
namespace {

constexpr const char* kExamples =
    "Without -o the audio goes to NAME.wav for NAME.md, otherwise to speech.wav, under a name\n"
    "that is still free. `-o -` writes signed 16-bit little-endian mono PCM to a pipe.\n\n"
    "Examples:\n"
    "  myna say \"Dr. Smith paid $5.\" -o smith.wav\n"
    "  myna say chapter.md -o chapter.mp3 --transcript chapter.vtt --title \"Chapter one\"\n"
    "  myna say \"It works!\" --style cheerful --style-degree 1.3\n"
    "  myna say talk.txt -o talk.mp3 --transcript talk.vtt --overlap 120\n"
    "  myna say - --voice \"heart*0.6+bella*0.4\" --speed 1.1 -o talk.opus < talk.txt\n"
    "  myna say hello -o - | aplay -q -f S16_LE -r 24000\n"
    "  llama-cli ... | myna say - -o - | aplay -q -f S16_LE -r 24000   (speaks as it is "
    "written)\n\n";

// About 15 characters are spoken a second.
constexpr double kBytesASecond = 15;
constexpr double kLong_s = 3600;
// Of each voice of a dialogue, before the first sound leaves: somebody waits.
constexpr double kLiveLeveling_s = 6;

struct SayOptions {
  EngineOptions engine;
  std::optional<std::string> text;
  bool literal_text = false;
  bool file = false;
  std::string output;
  std::string transcript;
  std::string title;
  std::string loudness = "-16";
  int rate = 0;
  double overlap_ms = 0;
  double flush_after_ms = voice::kDefaultFlushAfter_s * 1000;
  bool json = false;
  bool quiet = false;
};

std::optional<double> parse_loudness(const std::string& text) {
  if (text == "off") return std::nullopt;
  size_t used = 0;
  double lufs = 0;
  try {
    lufs = std::stod(text, &used);
  } catch (const std::exception&) {
    used = 0;
  }
  if (used != text.size() ||
      !(lufs >= audio::kMinLoudnessLufs && lufs <= audio::kMaxLoudnessLufs)) {
    throw Error(ErrorCode::kInvalidArgument, "--loudness " + text + " is not understood",
                "give LUFS from -70 to -5, such as -16, or off");
  }
  return lufs;
}

// The transcript's file is made before the work, so that an unwritable place is known at once.
struct TranscriptFile {
  voice::TranscriptFormat format;
  AtomicFile file;
};

std::unique_ptr<TranscriptFile> open_transcript(const std::string& path) {
  if (path.empty()) return nullptr;
  const auto format = voice::transcript_format_for_path(path);
  if (!format) {
    throw Error(ErrorCode::kInvalidArgument, "the transcript '" + path + "' has an unknown format",
                "use .vtt, .srt or .json");
  }
  return std::unique_ptr<TranscriptFile>(new TranscriptFile{*format, AtomicFile(path)});
}

std::string default_title(const InputText& input) {
  return input.file.empty() ? "" : input.file.stem().string();
}

audio::AudioTags make_tags(const SayOptions& options, const std::string& title) {
  audio::AudioTags tags;
  tags.title = title;
  tags.artist = "Myna, voice " + options.engine.voice;
  tags.comment = audio::synthetic_voice_comment(options.engine.voice);
  tags.software = "Myna";
  return tags;
}

struct Output {
  std::unique_ptr<voice::SpeechOutput> speech;
  const voice::Playout* playout = nullptr;  // of a pipe
  int rate = 0;
};

Output open_output(const SayOptions& options, const OutputTarget& target,
                   const audio::AudioTags& tags, const Engine& engine) {
  voice::SpeechOutputOptions speech;
  speech.voice_rate = engine.voice->sample_rate();
  speech.output_rate = options.rate > 0 ? options.rate : speech.voice_rate;
  speech.loudness_lufs = parse_loudness(options.loudness);
  speech.true_peak_dbtp = audio::true_peak_ceiling_for(target.format);
  Output output;
  output.rate = speech.output_rate;
  std::unique_ptr<audio::Encoder> encoder;
  if (target.path.empty()) {
    speech.delivery = voice::Delivery::kLive;
    speech.voice_lufs = voice::blend_loudness_lufs(engine.speaker, engine.voice->speakers());
    voice::PlayoutOptions playout;
    playout.sample_rate = speech.output_rate;
    playout.cancel = &InterruptGuard::cancel();
    auto pipe =
        std::make_unique<PlayoutEncoder>(audio::make_raw_encoder(1, "standard output"), playout);
    output.playout = &pipe->playout();
    encoder = std::move(pipe);
  } else {
    encoder = audio::make_file_encoder(target.path, target.format, speech.output_rate, tags);
  }
  output.speech = std::make_unique<voice::SpeechOutput>(std::move(encoder), speech);
  return output;
}

void write_transcript(TranscriptFile& transcript, const InputText& input,
                      const NarrationResult& result, const voice::TranscriptInfo& info) {
  const auto words = voice::transcript_words(input.text, result.words);
  transcript.file.write(voice::render_transcript(transcript.format, words, info));
  transcript.file.commit();
}

void require_speech(const NarrationResult& result, const InputText& input) {
  if (result.audio_s > 0) return;
  const bool blank = input.text.find_first_not_of(" \t\r\n") == std::string::npos;
  throw Error(ErrorCode::kInvalidArgument,
              blank ? "the text is empty" : "there is nothing to speak in the text",
              blank ? "" : "it has no letters or numbers that can be read");
}

// Standard input as it comes. What it is not is said at its first bytes.
LiveText live_standard_input(const SayOptions& options, const Output& output) {
  LiveText live;
  live.flush_after_s = options.flush_after_ms / 1000;
  live.lead_s = [&output] { return output.playout->lead_s(); };
  live.read = [](text::TextStream& stream, double timeout_s) {
    static LiveInput input(STDIN_FILENO);
    InputText more{{}, "standard input", {}};
    const bool first = stream.source().empty();
    const bool goes_on = input.read(more.text, timeout_s);
    if (first) require_text(more);
    stream.append(more.text);
    if (!goes_on) stream.finish();
  };
  return live;
}

// `comes` is a text that is spoken while it is read: then `input` gets it.
NarrationResult narrate(Engine& engine, InputText& input, const LiveText* comes,
                        KeepWords keep_words, const NarrationLayout& layout, const Output& output) {
  ProgressBar bar;
  DiagnosticPrinter diagnostics(input.name);
  const auto synthesis_start = std::chrono::steady_clock::now();
  NarrationCallbacks callbacks;
  callbacks.sink = [&](std::span<const float> samples) { output.speech->write(samples); };
  callbacks.progress = [&](double fraction, double audio_s) {
    const double elapsed_s = seconds_since(synthesis_start);
    bar.update(fraction,
               fmt::format("{} of audio, {:.1f} x real time, {}", format_duration(audio_s),
                           audio_s / elapsed_s, ProgressBar::eta(elapsed_s, fraction)));
  };
  callbacks.diagnostics = [&](std::span<const text::Diagnostic> found) {
    if (!found.empty()) bar.clear();
    diagnostics.print(found);
  };
  const std::atomic<bool>* cancel = &InterruptGuard::cancel();
  if (comes != nullptr) {
    return run_live_narration(engine, *comes, input.text, callbacks, keep_words, cancel,
                              process_start(), layout);
  }
  return run_narration(engine, input.text, callbacks, keep_words, cancel, process_start(), layout);
}

// What waited for the listener when he stopped it was not heard.
void keep_what_was_heard(NarrationResult& result, const Output& output) {
  result.audio_s = static_cast<double>(output.playout->written_samples()) / output.rate;
  std::erase_if(result.words,
                [&](const voice::WordTiming& word) { return word.start_s >= result.audio_s; });
  for (voice::WordTiming& word : result.words) word.end_s = std::min(word.end_s, result.audio_s);
  std::erase_if(result.bookmarks,
                [&](const voice::BookmarkTiming& mark) { return mark.time_s > result.audio_s; });
}

void note_long_text(const InputText& input, const EngineOptions& options) {
  const double audio_s =
      static_cast<double>(input.text.size()) / kBytesASecond / static_cast<double>(options.speed);
  if (audio_s < kLong_s) return;
  print_note(
      fmt::format("this is a long text: about {:.0f} hours of audio; "
                  "Ctrl-C stops and keeps what is done",
                  std::max(1.0, audio_s / 3600)));
}

double milliseconds_exact(double seconds) { return std::round(seconds * 1000) / 1000; }

nlohmann::ordered_json describe_words(std::span<const voice::WordTiming> words) {
  nlohmann::ordered_json json = nlohmann::ordered_json::array();
  for (const voice::WordTiming& word : words) {
    json.push_back({{"spoken", word.text},
                    {"start_s", milliseconds_exact(word.start_s)},
                    {"end_s", milliseconds_exact(word.end_s)},
                    {"source_begin", word.source.begin},
                    {"source_end", word.source.end}});
    if (!word.role.empty()) json.back()["role"] = word.role;
  }
  return json;
}

nlohmann::ordered_json describe_bookmarks(std::span<const voice::BookmarkTiming> bookmarks) {
  nlohmann::ordered_json json = nlohmann::ordered_json::array();
  for (const voice::BookmarkTiming& mark : bookmarks) {
    json.push_back({{"name", mark.name},
                    {"time_s", milliseconds_exact(mark.time_s)},
                    {"source_begin", mark.source.begin},
                    {"source_end", mark.source.end}});
  }
  return json;
}

void print_report(const SayOptions& options, const Engine& engine, const NarrationResult& result,
                  const OutputTarget& target, const audio::EncoderStatistics& statistics) {
  const double wall_s = seconds_since(process_start());
  const std::string name = target.path.empty() ? "standard output" : target.path.string();
  if (options.json) {
    nlohmann::ordered_json json = timing_report(engine, result, wall_s);
    json["output"] = name;
    json["format"] = audio::audio_format_name(target.format);
    json["clipped_samples"] = statistics.clipped_count;
    json["words"] = describe_words(result.words);
    json["bookmarks"] = describe_bookmarks(result.bookmarks);
    if (!options.transcript.empty()) json["transcript"] = options.transcript;
    const std::string line = json_line(json);
    // Standard output may carry the audio.
    if (target.path.empty()) {
      std::fwrite(line.data(), 1, line.size(), stderr);
    } else {
      write_stdout(line);
    }
  } else if (!options.quiet && !target.path.empty()) {
    print_note(fmt::format("{}{}: {} of audio in {} ({:.1f} x real time), peak memory {}",
                           result.cancelled ? "stopped early; " : "", name,
                           format_duration(result.audio_s), format_duration(wall_s),
                           result.audio_s / wall_s,
                           format_bytes(static_cast<double>(peak_rss_bytes()))));
  }
}

ExitCode say(const SayOptions& options) {
  if (options.literal_text && options.file) {
    throw Error(ErrorCode::kInvalidArgument, "--text and --file exclude each other");
  }
  parse_loudness(options.loudness);
  const InputKind kind = options.literal_text ? InputKind::kText
                         : options.file       ? InputKind::kFile
                                              : InputKind::kGuess;
  // A pipe to a pipe is spoken as it comes; everything else is there before it is spoken.
  const bool comes = options.output == "-" && is_standard_input(options.text, kind);
  InputText input =
      comes ? InputText{{}, "standard input", {}} : read_input_text(options.text, kind);
  const OutputTarget target = resolve_output(options.output, input.file);
  const bool live = target.path.empty();
  Engine engine = open_engine(options.engine);
  engine.text_options.lexicon = open_lexicon(options.engine.text, input);

  const InterruptGuard guard;
  const std::string title = options.title.empty() ? default_title(input) : options.title;
  const std::unique_ptr<TranscriptFile> transcript = open_transcript(options.transcript);
  const Output output = open_output(options, target, make_tags(options, title), engine);
  if (!options.quiet) note_long_text(input, options.engine);

  NarrationLayout layout;
  layout.overlap_ms = options.overlap_ms;
  if (live) layout.leveling_s = kLiveLeveling_s;
  const KeepWords keep_words = transcript || options.json ? KeepWords::kYes : KeepWords::kNo;
  const std::string whole = live && !comes ? input.text : "";
  const LiveText text = comes ? live_standard_input(options, output) : live_text(whole);
  NarrationResult result =
      narrate(engine, input, live ? &text : nullptr, keep_words, layout, output);
  // A cancel may fall into the last piece that waits.
  const bool stopped = result.cancelled || InterruptGuard::cancel().load();
  if (live) output.speech->finish();
  if (live && stopped) {
    result.cancelled = true;
    keep_what_was_heard(result, output);
  }
  if (result.cancelled && result.audio_s == 0) {
    throw Error(ErrorCode::kCancelled, "interrupted before anything was spoken");
  }
  require_speech(result, input);
  if (!live) output.speech->finish();
  if (transcript) {
    voice::TranscriptInfo info{title, options.engine.voice, result.audio_s};
    for (const voice::BookmarkTiming& mark : result.bookmarks) {
      info.marks.push_back({mark.name, mark.source, mark.time_s});
    }
    write_transcript(*transcript, input, result, info);
  }
  if (result.skipped_phoneme_count > 0) {
    print_warning(fmt::format("{} sounds that this voice does not have were left out",
                              result.skipped_phoneme_count));
  }
  print_report(options, engine, result, target, output.speech->statistics());
  return result.cancelled ? ExitCode::kCancelled : ExitCode::kOk;
}

}  // namespace

void add_say_command(CLI::App& program, ExitCode& exit_code) {
  auto options = std::make_shared<SayOptions>();
  CLI::App* command = program.add_subcommand("say", "Speak a text into a file or a pipe");
  command->footer(std::string(kExamples) + kExitCodeHelp);
  command->add_option("TEXT", options->text,
                      "The text, the name of a text or Markdown file, or - for standard input");
  command->add_flag("--text", options->literal_text, "TEXT is text, even if a file has that name");
  command->add_flag("--file", options->file, "TEXT is a file name");
  command->add_option("-o,--output", options->output,
                      "Audio file: " + std::string(audio::supported_audio_extensions()) +
                          "; - is raw PCM to a pipe");
  add_engine_options(*command, options->engine);
  command->add_option("--rate", options->rate, "Sample rate in Hz; the voice's own is 24000")
      ->check(CLI::Range(audio::kMinSampleRate, audio::kMaxSampleRate));
  command->add_option("--loudness", options->loudness, "Loudness in LUFS, or off")
      ->capture_default_str();
  command->add_option("--transcript", options->transcript,
                      "Write the words with their times: .vtt, .srt or .json");
  command->add_option("--title", options->title, "Title tag; the file name without it");
  command
      ->add_option("--overlap", options->overlap_ms,
                   "How many ms a short reaction in a dialogue lies over its predecessor")
      ->check(CLI::Range(0.0, 500.0))
      ->capture_default_str();
  command
      ->add_option(
          "--flush-after", options->flush_after_ms,
          "From a pipe into a pipe: a pause of the input, in ms, after which what has come "
          "is spoken without waiting for the end of its clause")
      ->check(CLI::Range(20.0, 600000.0))
      ->capture_default_str();
  command->add_flag("--json", options->json, "Print times and words on standard output");
  command->add_flag("-q,--quiet", options->quiet, "Only warnings and errors");
  command->callback([options, &exit_code] { exit_code = say(*options); });
}

}  // namespace myna::cli
