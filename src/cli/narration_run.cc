#include "cli/narration_run.h"

#include <algorithm>

#include "base/clock.h"
#include "cli/console.h"
#include "cli/text_chunks.h"
#include "voice/playout.h"

namespace myna::cli {
namespace {

// Spans and lines of a chunk become those of the whole text.
void place_diagnostics(std::vector<text::Diagnostic>& diagnostics, const text::SourceSpan& chunk,
                       size_t lines_before) {
  for (text::Diagnostic& diagnostic : diagnostics) {
    diagnostic.source.begin += chunk.begin;
    diagnostic.source.end += chunk.begin;
    diagnostic.line += lines_before;
  }
}

// Lines and columns in the chunk for what the narrator does not find.
void locate(std::vector<text::Diagnostic>& diagnostics, std::string_view chunk) {
  for (text::Diagnostic& diagnostic : diagnostics) {
    const std::string_view before = chunk.substr(0, diagnostic.source.begin);
    diagnostic.line = 1 + static_cast<size_t>(std::count(before.begin(), before.end(), '\n'));
    const std::string_view line = before.substr(before.rfind('\n') + 1);  // npos + 1 is 0
    diagnostic.column = 1 + static_cast<size_t>(std::count_if(line.begin(), line.end(), [](char c) {
                          return (c & 0xC0) != 0x80;
                        }));
  }
}

// The wrong person speaking a part is worse than nobody.
void refuse_errors(std::span<const text::Diagnostic> missing) {
  for (const text::Diagnostic& diagnostic : missing) {
    if (diagnostic.severity != text::Severity::kError) continue;
    throw Error(ErrorCode::kInvalidArgument, "the script casts a voice that there is not",
                "correct the line that is named above");
  }
}

// Plain text and Markdown are read in parts; a tag or a header means the whole text.
bool is_cut_blindly(text::TextFormat format) {
  return format == text::TextFormat::kPlain || format == text::TextFormat::kMarkdown;
}

// Ends the reading of a text whose narration was cancelled.
struct Cancelled {};

// Reads the whole text at once, and has it narrated in batches, so that the phonemes of a long one
// never lie in memory together. The diagnostics of a short text come before its first word.
template <typename Report, typename Narrate>
void narrate_whole(Engine& engine, std::string_view source, const text::FrontEndOptions& options,
                   NarrationResult& result, const Report& report, const Narrate& narrate,
                   text::SourceSpan& chunk) {
  constexpr size_t kBatchPhonemes = size_t{1} << 19;
  chunk = {0, source.size()};
  text::SpokenText batch;
  size_t phoneme_count = 0;
  auto text_start = std::chrono::steady_clock::now();
  try {
    auto diagnostics =
        engine.front_end->process_each(source, options, [&](text::Utterance&& utterance) {
          phoneme_count += utterance.phonemes.size();
          batch.utterances.push_back(std::move(utterance));
          if (phoneme_count < kBatchPhonemes) return;
          result.text_s += seconds_since(text_start);
          narrate(batch, source);
          if (result.cancelled) throw Cancelled();
          batch.utterances.clear();
          phoneme_count = 0;
          text_start = std::chrono::steady_clock::now();
        });
    result.text_s += seconds_since(text_start);
    report(std::move(diagnostics));
    narrate(batch, source);
  } catch (const Cancelled&) {
    result.cancelled = true;
  }
}

enum class Pieces : uint8_t { kTogether, kOneByOne };

// What both ways of narrating do with the narrator and the result.
class Session {
 public:
  Session(Engine& engine, const NarrationCallbacks& callbacks, KeepWords keep_words,
          const std::atomic<bool>* cancel, std::chrono::steady_clock::time_point start,
          const NarrationLayout& layout, Pieces pieces)
      : callbacks_(callbacks),
        keep_words_(keep_words),
        strict_(engine.text_options.strictness == text::Strictness::kStrict),
        narrator_(*engine.voice, observed_options(engine, cancel, start, layout, pieces),
                  [this, start](std::span<const float> samples) {
                    if (result.first_audio_s == 0) result.first_audio_s = seconds_since(start);
                    callbacks_.sink(samples);
                  }) {}
  Session(const Session&) = delete;
  Session& operator=(const Session&) = delete;

  NarrationResult result;
  text::SourceSpan chunk;   // the part of the text in work, which spans count from
  size_t lines_before = 0;  // the chunk
  size_t source_size = 0;   // as far as it is known

  // Diagnostics of the part that begins at chunk.begin.
  void report(std::vector<text::Diagnostic> found) {
    const bool refused =
        strict_ && std::any_of(found.begin(), found.end(), [](const text::Diagnostic& diagnostic) {
          return diagnostic.severity == text::Severity::kError;
        });
    place_diagnostics(found, chunk, lines_before);
    if (callbacks_.diagnostics) callbacks_.diagnostics(found);
    if (refused) {
      throw Error(ErrorCode::kInvalidArgument, "the text has errors, and --strict refuses it",
                  "`myna lint` shows them with their places");
    }
  }

  void narrate(const text::SpokenText& spoken, std::string_view part) {
    std::vector<text::Diagnostic> missing = narrator_.check(spoken);
    locate(missing, part);
    place_diagnostics(missing, chunk, lines_before);
    if (callbacks_.diagnostics) callbacks_.diagnostics(missing);
    refuse_errors(missing);
    const voice::NarrationStatus status = narrator_.narrate(spoken, chunk.begin);
    std::vector<voice::WordTiming> words = narrator_.take_words();
    result.word_count += words.size();
    if (keep_words_ == KeepWords::kYes) {
      std::move(words.begin(), words.end(), std::back_inserter(result.words));
    }
    result.cancelled = status == voice::NarrationStatus::kCancelled;
  }

  NarrationResult finish() {
    narrator_.finish();
    result.audio_s = narrator_.audio_s();
    result.bookmarks = narrator_.bookmarks();
    result.skipped_phoneme_count = narrator_.skipped_phoneme_count();
    return std::move(result);
  }

 private:
  voice::NarratorOptions observed_options(Engine& engine, const std::atomic<bool>* cancel,
                                          std::chrono::steady_clock::time_point start,
                                          const NarrationLayout& layout, Pieces pieces) {
    voice::NarratorOptions options = narrator_options(engine);
    options.together = pieces == Pieces::kTogether;
    options.layout = layout.channels;
    options.turns.overlap_ms = layout.overlap_ms;
    options.leveling_s = layout.leveling_s;
    options.cancel = cancel;
    options.piece_observer = [this, start](const voice::PieceReport& piece) {
      result.synthesis_s += piece.synthesis_s;
      result.phoneme_count += piece.phonemes.symbols.size();
      ++result.utterance_count;
      const auto kept = static_cast<double>(piece.edges.keep.end - piece.edges.keep.begin);
      result.pieces.push_back({seconds_since(start), piece.start_s, kept / piece.speech.sample_rate,
                               piece.synthesis_s});
    };
    options.progress = [this](const voice::NarrationProgress& progress) {
      if (!callbacks_.progress || source_size == 0) return;
      const double in_chunk = static_cast<double>(progress.phonemes_done) /
                              static_cast<double>(std::max<size_t>(1, progress.phoneme_count));
      const double done = static_cast<double>(chunk.begin) +
                          in_chunk * static_cast<double>(chunk.end - chunk.begin);
      callbacks_.progress(done / static_cast<double>(source_size), progress.audio_s);
    };
    return options;
  }

  const NarrationCallbacks& callbacks_;
  KeepWords keep_words_;
  bool strict_;
  voice::Narrator narrator_;
};

}  // namespace

NarrationResult run_narration(Engine& engine, std::string_view source,
                              const NarrationCallbacks& callbacks, KeepWords keep_words,
                              const std::atomic<bool>* cancel,
                              std::chrono::steady_clock::time_point start,
                              const NarrationLayout& layout) {
  Session session(engine, callbacks, keep_words, cancel, start, layout, Pieces::kTogether);
  NarrationResult& result = session.result;
  text::SourceSpan& chunk = session.chunk;
  session.source_size = source.size();
  text::FrontEndOptions text_options = engine.text_options;
  // A part of the text is not looked at on its own: it might look like something else.
  if (text_options.format == text::TextFormat::kAuto)
    text_options.format = text::detect_format(source);
  const auto report = [&](std::vector<text::Diagnostic> found) {
    session.report(std::move(found));
  };
  const auto narrate = [&](const text::SpokenText& spoken, std::string_view part) {
    session.narrate(spoken, part);
  };
  if (is_cut_blindly(text_options.format)) {
    for (const text::SourceSpan& next : split_into_chunks(source)) {
      chunk = next;
      const std::string_view part = source.substr(chunk.begin, chunk.end - chunk.begin);
      const auto text_start = std::chrono::steady_clock::now();
      text::SpokenText spoken = engine.front_end->process(part, text_options);
      text_options.first_target_phonemes = 0;  // only the start of the text is the start
      result.text_s += seconds_since(text_start);
      report(std::move(spoken.diagnostics));
      narrate(spoken, part);
      if (result.cancelled) break;
      session.lines_before += static_cast<size_t>(std::count(part.begin(), part.end(), '\n'));
    }
  } else {
    narrate_whole(engine, source, text_options, result, report, narrate, chunk);
  }
  return session.finish();
}

NarrationResult run_live_narration(Engine& engine, const LiveText& text, std::string& source,
                                   const NarrationCallbacks& callbacks, KeepWords keep_words,
                                   const std::atomic<bool>* cancel,
                                   std::chrono::steady_clock::time_point start,
                                   const NarrationLayout& layout) {
  voice::PlayClock clock;
  NarrationCallbacks timed = callbacks;
  const auto rate = static_cast<double>(engine.voice->sample_rate());
  timed.sink = [&](std::span<const float> samples) {
    clock.add(static_cast<double>(samples.size()) / rate, std::chrono::steady_clock::now());
    callbacks.sink(samples);
  };
  Session session(engine, timed, keep_words, cancel, start, layout, Pieces::kOneByOne);
  NarrationResult& result = session.result;
  text::FrontEndOptions text_options = engine.text_options;
  text_options.first_target_phonemes = kLiveFirstPhonemes;
  text::TextStream stream(*engine.front_end, text_options);

  size_t lines = 0, lines_end = 0;  // lines before lines_end
  voice::LiveSource live;
  live.read = text.read;
  live.flush_after_s = text.flush_after_s;
  live.cancel = cancel;
  live.now_s = [start] { return seconds_since(start); };
  live.lead_s = text.lead_s ? text.lead_s
                            : [&clock] { return clock.lead_s(std::chrono::steady_clock::now()); };
  live.narrate = [&](const text::TextStream::Part& part) {
    session.chunk = {part.source_offset, part.source_end};
    session.source_size = stream.source().size();
    // The stream has set the lines; the spans are the part's.
    std::vector<text::Diagnostic> found = part.spoken.diagnostics;
    session.lines_before = 0;
    session.report(std::move(found));
    const std::string_view passed =
        std::string_view(stream.source()).substr(lines_end, part.source_offset - lines_end);
    lines += static_cast<size_t>(std::count(passed.begin(), passed.end(), '\n'));
    lines_end = part.source_offset;
    if (!part.spoken.utterances.empty()) {
      session.lines_before = lines;
      session.narrate(part.spoken,
                      std::string_view(stream.source())
                          .substr(part.source_offset, part.source_end - part.source_offset));
    }
    return result.cancelled ? voice::NarrationStatus::kCancelled
                            : voice::NarrationStatus::kComplete;
  };
  if (voice::narrate_live(stream, live) == voice::NarrationStatus::kCancelled) {
    result.cancelled = true;
  }
  result.text_s = stream.reading_s();
  source = stream.source();
  return session.finish();
}

LiveText live_text(std::string_view text) {
  LiveText live;
  live.read = [text](text::TextStream& stream, double) {
    if (stream.source().empty()) stream.append(text);
    stream.finish();
  };
  return live;
}

}  // namespace myna::cli
