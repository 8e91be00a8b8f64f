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

}  // namespace

NarrationResult run_narration(Engine& engine, std::string_view source,
                              const NarrationCallbacks& callbacks, KeepWords keep_words,
                              const std::atomic<bool>* cancel,
                              std::chrono::steady_clock::time_point start) {
  NarrationResult result;
  text::SourceSpan chunk;
  voice::NarratorOptions options;
  options.speaker = engine.speaker;
  options.speed = engine.options.speed;
  options.seed = engine.options.seed;
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
    place_diagnostics(spoken.diagnostics, chunk, lines_before);
    if (callbacks.diagnostics) callbacks.diagnostics(spoken.diagnostics);
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
  result.skipped_phoneme_count = narrator.skipped_phoneme_count();
  return result;
}

}  // namespace myna::cli
