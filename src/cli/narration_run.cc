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
  for (const text::SourceSpan& next : split_into_chunks(source)) {
    chunk = next;
    const std::string_view part = source.substr(chunk.begin, chunk.end - chunk.begin);
    const auto text_start = std::chrono::steady_clock::now();
    text::SpokenText spoken = engine.front_end->process(part, text_options);
    text_options.first_target_phonemes = 0;  // only the start of the text is the start
    result.text_s += seconds_since(text_start);
    std::vector<text::Diagnostic> missing = narrator.check(spoken);
    locate(missing, part);
    place_diagnostics(spoken.diagnostics, chunk, lines_before);
    place_diagnostics(missing, chunk, lines_before);
    if (callbacks.diagnostics) {
      callbacks.diagnostics(spoken.diagnostics);
      callbacks.diagnostics(missing);
    }
    refuse_errors(missing);
    lines_before += static_cast<size_t>(std::count(part.begin(), part.end(), '\n'));
    const voice::NarrationStatus status = narrator.narrate(spoken, chunk.begin);
    std::vector<voice::WordTiming> words = narrator.take_words();
    result.word_count += words.size();
    if (keep_words == KeepWords::kYes) {
      std::move(words.begin(), words.end(), std::back_inserter(result.words));
    }
    if (status == voice::NarrationStatus::kCancelled) {
      result.cancelled = true;
      break;
    }
  }
  narrator.finish();
  result.audio_s = narrator.audio_s();
  result.bookmarks = narrator.bookmarks();
  result.skipped_phoneme_count = narrator.skipped_phoneme_count();
  return result;
}

}  // namespace myna::cli
