#include "voice/narrator.h"

#include <algorithm>
#include <chrono>
#include <utility>

#include "base/error.h"

namespace myna::voice {
namespace {

constexpr double kFade_ms = 8;             // inside the margins of piece_edges.h
constexpr double kMinWordSilence_ms = 60;  // shorter ones are the closures of p, t, k

}  // namespace

double PauseTable::pause_ms(text::Break kind) const {
  switch (kind) {
    case text::Break::kNone:
      return none_ms;
    case text::Break::kClause:
      return clause_ms;
    case text::Break::kSentence:
      return sentence_ms;
    case text::Break::kParagraph:
      return paragraph_ms;
    case text::Break::kHeading:
      return heading_ms;
  }
  return sentence_ms;
}

uint64_t piece_seed(uint64_t seed, uint64_t piece) {
  uint64_t z = seed + (piece + 1) * 0x9E3779B97F4A7C15;
  z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
  z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
  return z ^ (z >> 31);
}

Narrator::Narrator(Voice& voice, NarratorOptions options, Sink sink)
    : voice_(voice), options_(std::move(options)), sink_(std::move(sink)) {
  if (!(options_.speed >= 0.25f && options_.speed <= 4.0f)) {
    throw Error(ErrorCode::kInvalidArgument, "speed is outside 0.25 to 4");
  }
}

double Narrator::audio_s() const {
  return static_cast<double>(sample_count_) / voice_.sample_rate();
}

NarrationStatus Narrator::narrate(const text::SpokenText& spoken, size_t source_offset) {
  NarrationProgress progress;
  for (const text::Utterance& utterance : spoken.utterances) {
    progress.phoneme_count += utterance.phonemes.size();
  }
  for (const text::Utterance& utterance : spoken.utterances) {
    if (options_.cancel != nullptr && options_.cancel->load(std::memory_order_relaxed)) {
      return NarrationStatus::kCancelled;
    }
    render(utterance, source_offset);
    progress.phonemes_done += utterance.phonemes.size();
    progress.audio_s = audio_s();
    if (options_.progress) options_.progress(progress);
  }
  return NarrationStatus::kComplete;
}

void Narrator::render(const text::Utterance& utterance, size_t source_offset) {
  const PiecePhonemes phonemes = prepare_piece(utterance, voice_);
  skipped_phoneme_count_ += phonemes.skipped_count;
  if (phonemes.symbols.empty()) {
    // Nothing to hear, but its words stay accounted for, at this point of the time line.
    add_words(utterance, std::vector<audio::SampleRange>(utterance.words.size()), {},
              source_offset);
    pending_break_ = std::max(pending_break_, utterance.break_after);
    return;
  }
  SynthesisRequest request;
  request.phonemes = phonemes.symbols;
  request.speaker = options_.speaker;
  request.speed = options_.speed;
  request.seed = piece_seed(options_.seed, piece_count_);
  request.observer = options_.stage_observer;
  const auto started = std::chrono::steady_clock::now();
  Speech speech = voice_.synthesize(request);
  const std::chrono::duration<double> elapsed = std::chrono::steady_clock::now() - started;
  if (speech.frame_counts.size() != phonemes.symbols.size() + 2) {
    throw Error(ErrorCode::kInternal, "the voice gave durations for another phoneme string");
  }
  const int rate = voice_.sample_rate();
  const PieceEdges edges = find_piece_edges(speech.samples, rate);
  const bool silent = edges.sound.begin == edges.sound.end;
  if (piece_count_ > 0 && !silent) {
    emit_pause(options_.pauses.pause_ms(pending_break_),
               tail_silence_ + edges.sound.begin - edges.keep.begin);
  }
  if (options_.piece_observer) {
    options_.piece_observer({utterance, phonemes, speech, edges, audio_s(), elapsed.count()});
  }
  const auto silences = find_silences(speech.samples, rate, kMinWordSilence_ms);
  add_words(utterance, locate_words(utterance, phonemes, speech, silences), edges, source_offset);

  if (!silent) {
    const std::span<float> kept =
        std::span(speech.samples).subspan(edges.keep.begin, edges.keep.end - edges.keep.begin);
    const size_t fade = audio::samples_for_ms(kFade_ms, rate);
    audio::fade_in(kept, fade);
    audio::fade_out(kept, fade);
    emit(kept);
    tail_silence_ = edges.keep.end - edges.sound.end;
    pending_break_ = utterance.break_after;
  } else {
    pending_break_ = std::max(pending_break_, utterance.break_after);
  }
  ++piece_count_;
}

void Narrator::add_words(const text::Utterance& utterance,
                         std::span<const audio::SampleRange> ranges, const PieceEdges& edges,
                         size_t source_offset) {
  const double rate = voice_.sample_rate();
  const auto on_time_line = [&](size_t sample) {
    const size_t inside = std::clamp(sample, edges.keep.begin, edges.keep.end) - edges.keep.begin;
    return static_cast<double>(sample_count_ + inside) / rate;
  };
  for (size_t i = 0; i < ranges.size(); ++i) {
    const text::Word& word = utterance.words[i];
    words_.push_back({word.text,
                      {word.source.begin + source_offset, word.source.end + source_offset},
                      on_time_line(ranges[i].begin),
                      on_time_line(ranges[i].end)});
  }
}

void Narrator::emit_pause(double pause_ms, size_t kept_silence) {
  const size_t wanted =
      audio::samples_for_ms(pause_ms / static_cast<double>(options_.speed), voice_.sample_rate());
  if (wanted <= kept_silence) return;
  emit(std::vector<float>(wanted - kept_silence, 0.0f));
}

void Narrator::emit(std::span<const float> samples) {
  if (samples.empty()) return;
  sink_(samples);
  sample_count_ += samples.size();
}

void Narrator::finish() {
  if (sample_count_ > 0) emit_pause(options_.pauses.end_ms, tail_silence_);
}

}  // namespace myna::voice
