#include "cli/narration_run.h"

#include <algorithm>

#include "cli/console.h"
#include "cli/text_chunks.h"

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

}  // namespace

NarrationResult run_narration(Engine& engine, std::string_view source,
                              const NarrationCallbacks& callbacks, KeepWords keep_words,
                              const std::atomic<bool>* cancel,
                              std::chrono::steady_clock::time_point start,
                              const NarrationLayout& layout) {
  NarrationResult result;
  text::SourceSpan chunk;
  voice::NarratorOptions options;
  options.speaker = engine.speaker;
  options.speed = engine.options.speed;
  options.seed = engine.options.seed;
  options.styles = engine.styles.get();
  options.style = engine.options.style;
  options.style_degree = engine.options.style_degree;
  options.layout = layout.channels;
  options.turns.overlap_ms = layout.overlap_ms;
  options.leveling_s = layout.leveling_s;
  options.cancel = cancel;
  options.piece_observer = [&](const voice::PieceReport& piece) {
    result.synthesis_s += piece.synthesis_s;
    result.phoneme_count += piece.phonemes.symbols.size();
    ++result.utterance_count;
  };
  options.progress = [&](const voice::NarrationProgress& progress) {
    if (!callbacks.progress) return;
    const double in_chunk = static_cast<double>(progress.phonemes_done) /
                            static_cast<double>(std::max<size_t>(1, progress.phoneme_count));
    const double done =
        static_cast<double>(chunk.begin) + in_chunk * static_cast<double>(chunk.end - chunk.begin);
    callbacks.progress(done / static_cast<double>(source.size()), progress.audio_s);
  };
  voice::Narrator narrator(*engine.voice, std::move(options), [&](std::span<const float> samples) {
    if (result.first_audio_s == 0) result.first_audio_s = seconds_since(start);
    callbacks.sink(samples);
  });

  size_t lines_before = 0;
  text::FrontEndOptions text_options = engine.text_options;
  // A part of the text is not looked at on its own: it might look like something else.
  if (text_options.format == text::TextFormat::kAuto)
    text_options.format = text::detect_format(source);

  // Diagnostics of the part that begins at chunk.begin.
  const auto report = [&](std::vector<text::Diagnostic> found) {
    const bool refused =
        text_options.strictness == text::Strictness::kStrict &&
        std::any_of(found.begin(), found.end(), [](const text::Diagnostic& diagnostic) {
          return diagnostic.severity == text::Severity::kError;
        });
    place_diagnostics(found, chunk, lines_before);
    if (callbacks.diagnostics) callbacks.diagnostics(found);
    if (refused) {
      throw Error(ErrorCode::kInvalidArgument, "the text has errors, and --strict refuses it",
                  "`myna lint` shows them with their places");
    }
  };
  const auto narrate = [&](const text::SpokenText& spoken, std::string_view part) {
    std::vector<text::Diagnostic> missing = narrator.check(spoken);
    locate(missing, part);
    place_diagnostics(missing, chunk, lines_before);
    if (callbacks.diagnostics) callbacks.diagnostics(missing);
    refuse_errors(missing);
    const voice::NarrationStatus status = narrator.narrate(spoken, chunk.begin);
    std::vector<voice::WordTiming> words = narrator.take_words();
    result.word_count += words.size();
    if (keep_words == KeepWords::kYes) {
      std::move(words.begin(), words.end(), std::back_inserter(result.words));
    }
    result.cancelled = status == voice::NarrationStatus::kCancelled;
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
      lines_before += static_cast<size_t>(std::count(part.begin(), part.end(), '\n'));
    }
  } else {
    narrate_whole(engine, source, text_options, result, report, narrate, chunk);
  }
  narrator.finish();
  result.audio_s = narrator.audio_s();
  result.bookmarks = narrator.bookmarks();
  result.skipped_phoneme_count = narrator.skipped_phoneme_count();
  return result;
}

}  // namespace myna::cli
