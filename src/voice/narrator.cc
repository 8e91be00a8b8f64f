#include "voice/narrator.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <set>
#include <utility>

#include "base/clock.h"
#include "base/error.h"
#include "voice/recording.h"
#include "voice/speech_shaping.h"

namespace myna::voice {
namespace {

constexpr double kFade_ms = 8;             // inside the margins of piece_edges.h
constexpr double kMinWordSilence_ms = 60;  // shorter ones are the closures of p, t, k
// An utterance that is mostly whispered says little about its speaker's loudness.
constexpr float kWhispered = 0.3f;
// Places for the roles of a dialogue, in the order in which they first speak.
constexpr std::array<float, 5> kPans = {-0.4f, 0.4f, 0.0f, -0.7f, 0.7f};
// An overlap covers at most this share of either sound.
constexpr double kMaxOverlapShare = 0.6;
// Held back beyond the overlap: the margins around a sound.
constexpr double kOverlapMargin_ms = kLeadMargin_ms + kTailMargin_ms;

size_t phoneme_count(const text::SpokenText& spoken) {
  size_t count = 0;
  for (const text::Utterance& utterance : spoken.utterances) count += utterance.phonemes.size();
  return count;
}

size_t held_samples(const TurnGaps& turns, int sample_rate) {
  if (!(turns.overlap_ms > 0)) return 0;
  return audio::samples_for_ms(turns.overlap_ms + kOverlapMargin_ms, sample_rate);
}

std::span<float> kept_samples(Speech& speech, const PieceEdges& edges) {
  return std::span(speech.samples).subspan(edges.keep.begin, edges.keep.end - edges.keep.begin);
}

}  // namespace

uint64_t piece_seed(uint64_t seed, uint64_t piece) {
  uint64_t z = seed + (piece + 1) * 0x9E3779B97F4A7C15;
  z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
  z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
  return z ^ (z >> 31);
}

Narrator::Narrator(Voice& voice, NarratorOptions options, Sink sink)
    : voice_(voice),
      options_(std::move(options)),
      resolver_(voice, options_.styles, {options_.speaker, options_.style, options_.style_degree}),
      levels_(voice.sample_rate(), options_.leveling_s),
      time_line_(options_.layout, held_samples(options_.turns, voice.sample_rate()),
                 std::move(sink)) {
  if (!(options_.speed >= 0.25f && options_.speed <= 4.0f)) {
    throw Error(ErrorCode::kInvalidArgument, "speed is outside 0.25 to 4");
  }
}

double Narrator::audio_s() const {
  return static_cast<double>(time_line_.length()) / voice_.sample_rate();
}

bool Narrator::cancelled() const {
  return options_.cancel != nullptr && options_.cancel->load(std::memory_order_relaxed);
}

std::vector<text::Diagnostic> Narrator::check(const text::SpokenText& spoken) const {
  std::vector<text::Diagnostic> found = resolver_.check(spoken);
  std::set<std::string> files;
  for (const text::Utterance& utterance : spoken.utterances) {
    if (utterance.audio_file.empty() || !files.insert(utterance.audio_file).second) continue;
    try {
      load_recording(utterance.audio_file, voice_.sample_rate());
    } catch (const Error& error) {
      text::Diagnostic diagnostic;
      diagnostic.source = utterance.source;
      diagnostic.message = error.what();
      found.push_back(std::move(diagnostic));
    }
  }
  return found;
}

NarrationStatus Narrator::narrate(const text::SpokenText& spoken, size_t source_offset) {
  try {
    return narrate_pieces(spoken, source_offset);
  } catch (const Error& error) {
    // The piece in work is given up; what was rendered ends with the piece before it.
    if (error.code() != ErrorCode::kCancelled || !cancelled()) throw;
    ahead_.clear();
    return NarrationStatus::kCancelled;
  }
}

NarrationStatus Narrator::narrate_pieces(const text::SpokenText& spoken, size_t source_offset) {
  NarrationProgress progress;
  progress.phoneme_count = phoneme_count(spoken);
  if (needs_levels(spoken)) measure_voices(spoken);
  for (size_t i = 0; i < spoken.utterances.size(); ++i) {
    if (cancelled()) {
      ahead_.clear();
      return NarrationStatus::kCancelled;
    }
    const text::Utterance& utterance = spoken.utterances[i];
    render(spoken, i, source_offset);
    progress.phonemes_done += utterance.phonemes.size();
    progress.audio_s = audio_s();
    if (options_.progress) options_.progress(progress);
  }
  utterance_count_ += spoken.utterances.size();
  return NarrationStatus::kComplete;
}

bool Narrator::needs_levels(const text::SpokenText& spoken) {
  for (const text::Utterance& utterance : spoken.utterances) {
    if (!utterance.audio_file.empty() || resolver_.resolve(utterance.delivery).voice != 0) {
      leveling_ = true;
    }
  }
  return leveling_;
}

// Makes the first pieces of each voice that is not known yet, in the order of the text, until each
// is measured. Whispered ones count only where a voice does nothing else.
void Narrator::measure_voices(const text::SpokenText& spoken) {
  for (const bool whispered : {false, true}) {
    std::set<size_t> measured;
    for (size_t i = 0; i < spoken.utterances.size() && !cancelled(); ++i) {
      const text::Utterance& utterance = spoken.utterances[i];
      const ResolvedDelivery& delivery = resolver_.resolve(utterance.delivery);
      if (utterance.phonemes.empty() || levels_.has_gain(delivery.voice) ||
          levels_.settled(delivery.voice) || (delivery.style.whisper > kWhispered) != whispered ||
          ahead_.contains(i)) {
        continue;
      }
      Piece piece = make_piece(utterance, utterance_count_ + i);
      levels_.hear(delivery.voice, piece.speech.samples);
      ahead_.emplace(i, std::move(piece));
      measured.insert(delivery.voice);
    }
    // A whispering voice that was heard aloud has its measure.
    if (!whispered) {
      for (size_t voice : measured) levels_.gain_db(voice);
    }
  }
}

Narrator::Piece Narrator::plan(const text::Utterance& utterance) {
  Piece piece;
  piece.phonemes = prepare_piece(utterance, voice_);
  if (!piece.phonemes.symbols.empty()) {
    piece.controls =
        plan_piece(utterance, piece.phonemes, resolver_.resolve(utterance.delivery).style);
  }
  return piece;
}

SynthesisRequest Narrator::request_for(const text::Utterance& utterance, const Piece& piece,
                                       uint64_t seed_index) {
  const ResolvedDelivery& delivery = resolver_.resolve(utterance.delivery);
  SynthesisRequest request;
  request.phonemes = piece.phonemes.symbols;
  request.speaker = delivery.speaker;
  request.prosody_speaker = delivery.prosody_speaker;
  request.phoneme_controls = piece.controls.phonemes;
  request.control = piece.controls.utterance;
  request.speed = options_.speed;
  request.seed = piece_seed(options_.seed, seed_index);
  request.cancel = options_.cancel;
  request.observer = options_.stage_observer;
  return request;
}

void Narrator::keep_speech(Speech speech, Piece& piece) {
  piece.speech = std::move(speech);
  if (piece.speech.frame_counts.size() != piece.phonemes.symbols.size() + 2) {
    throw Error(ErrorCode::kInternal, "the voice gave durations for another phoneme string");
  }
  stretch_pauses(static_cast<double>(piece.controls.pause_length), piece.phonemes.symbols,
                 piece.speech);
}

Narrator::Piece Narrator::make_piece(const text::Utterance& utterance, uint64_t seed_index) {
  Piece piece = plan(utterance);
  if (piece.phonemes.symbols.empty()) return piece;
  const SynthesisRequest request = request_for(utterance, piece, seed_index);
  const auto started = std::chrono::steady_clock::now();
  Speech speech = voice_.synthesize(request);
  piece.synthesis_s = seconds_since(started);
  keep_speech(std::move(speech), piece);
  return piece;
}

// The piece at `index` and those after it, together.
void Narrator::make_pieces(const text::SpokenText& spoken, size_t index, size_t most) {
  std::vector<size_t> indices;
  std::vector<Piece> pieces;
  std::vector<SynthesisRequest> requests;
  size_t phonemes = 0;
  for (size_t i = index; i < spoken.utterances.size() && requests.size() < most; ++i) {
    const text::Utterance& utterance = spoken.utterances[i];
    if (!utterance.audio_file.empty() || ahead_.contains(i)) continue;
    Piece piece = plan(utterance);
    if (piece.phonemes.symbols.empty()) continue;
    requests.push_back(request_for(utterance, piece, utterance_count_ + i));
    phonemes += piece.phonemes.symbols.size();
    indices.push_back(i);
    pieces.push_back(std::move(piece));
  }
  if (requests.empty()) return;
  const auto started = std::chrono::steady_clock::now();
  std::vector<Speech> speech = voice_.synthesize_batch(requests);
  const double synthesis_s = seconds_since(started);
  for (size_t i = 0; i < pieces.size(); ++i) {
    Piece& piece = pieces[i];
    // Its share of the whole: pieces of a batch have no time of their own.
    piece.synthesis_s = synthesis_s * static_cast<double>(piece.phonemes.symbols.size()) /
                        static_cast<double>(phonemes);
    keep_speech(std::move(speech[i]), piece);
    ahead_.emplace(indices[i], std::move(piece));
  }
}

void Narrator::render(const text::SpokenText& spoken, size_t index, size_t source_offset) {
  const text::Utterance& utterance = spoken.utterances[index];
  if (!utterance.audio_file.empty()) return render_recording(utterance, source_offset);
  // The first sound is waited for, and observers expect one piece at a time.
  const size_t most = options_.stage_observer ? 1 : voice_.preferred_batch_items();
  if (options_.together && sounded_ && !ahead_.contains(index) && ahead_.size() + 1 < most) {
    make_pieces(spoken, index, most - ahead_.size());
  }
  const auto made = ahead_.find(index);
  Piece piece = made != ahead_.end() ? std::move(made->second)
                                     : make_piece(utterance, utterance_count_ + index);
  if (made != ahead_.end()) ahead_.erase(made);
  skipped_phoneme_count_ += piece.phonemes.skipped_count;
  render_speech(utterance, std::move(piece), source_offset);
}

void Narrator::render_speech(const text::Utterance& utterance, Piece piece, size_t source_offset) {
  const ResolvedDelivery& delivery = resolver_.resolve(utterance.delivery);
  Speech& speech = piece.speech;
  const int rate = voice_.sample_rate();
  const PieceEdges edges = find_piece_edges(speech.samples, rate);
  const bool silent = edges.sound.begin == edges.sound.end;
  if (piece.phonemes.symbols.empty() || silent) {
    // Nothing to hear, but its words and marks stay accounted for, at this point of the time line.
    add_words(utterance, std::vector<audio::SampleRange>(utterance.words.size()), {},
              time_line_.length(), source_offset);
    for (const text::Bookmark& bookmark : utterance.bookmarks) {
      add_bookmark(bookmark, time_line_.length(), source_offset);
    }
    if (!piece.phonemes.symbols.empty()) ++piece_count_;
    leave_open(utterance);
    return;
  }
  if (!leveling_) levels_.hear(delivery.voice, speech.samples);
  const double level_db = levels_.gain_db(delivery.voice);
  const size_t overlap = open_gap(utterance.turn_start, edges.sound.begin - edges.keep.begin,
                                  edges.keep.end - edges.keep.begin);
  const size_t begin = time_line_.length() - overlap;
  if (options_.piece_observer) {
    options_.piece_observer({utterance, piece.phonemes, piece.controls, speech, edges,
                             static_cast<double>(begin) / rate, piece.synthesis_s});
  }
  const auto silences = find_silences(speech.samples, rate, kMinWordSilence_ms);
  add_words(utterance, locate_words(utterance, piece.phonemes, speech, silences), edges, begin,
            source_offset);
  for (const text::Bookmark& bookmark : utterance.bookmarks) {
    const size_t sample = locate_phoneme(utterance, piece.phonemes, speech, bookmark.first_phoneme);
    const size_t inside = std::clamp(sample, edges.keep.begin, edges.keep.end) - edges.keep.begin;
    add_bookmark(bookmark, begin + inside, source_offset);
  }

  // The edges were found before, so that what is said at no volume takes its time too.
  shape_volume(piece.controls.volumes_db, speech);
  const std::span<float> kept = kept_samples(speech, edges);
  if (level_db != 0) audio::apply_gain_db(kept, level_db);
  const size_t fade = audio::samples_for_ms(kFade_ms, rate);
  audio::fade_in(kept, fade);
  audio::fade_out(kept, fade);
  time_line_.append(kept, pan_of(utterance.delivery.role), overlap);
  sounded_ = true;
  last_sound_samples_ = kept.size();
  tail_silence_ = edges.keep.end - edges.sound.end;
  open_end_ = {};
  open_end_.pause_length = static_cast<double>(delivery.style.pause_length / delivery.style.rate);
  leave_open(utterance);
  ++piece_count_;
}

void Narrator::render_recording(const text::Utterance& utterance, size_t source_offset) {
  std::vector<float> samples;
  try {
    samples = load_recording(utterance.audio_file, voice_.sample_rate());
  } catch (const Error&) {
    // check() has said so; the text goes on without it.
  }
  if (!samples.empty()) {
    open_gap(utterance.turn_start, 0, samples.size());
    audio::apply_gain_db(samples, levels_.recording_gain_db(samples));
    const size_t fade = audio::samples_for_ms(kFade_ms, voice_.sample_rate());
    audio::fade_in(samples, fade);
    audio::fade_out(samples, fade);
  }
  for (const text::Bookmark& bookmark : utterance.bookmarks) {
    add_bookmark(bookmark, time_line_.length(), source_offset);
  }
  if (!samples.empty()) {
    time_line_.append(samples);
    sounded_ = true;
    last_sound_samples_ = samples.size();
    tail_silence_ = 0;
    open_end_ = {};
  }
  leave_open(utterance);
}

size_t Narrator::open_gap(text::TurnStart next, size_t lead_silence, size_t length) {
  if (!sounded_) {
    // Nothing to pause after; but a silence that the text begins with is meant.
    if (open_end_.explicit_ms) emit_pause(*open_end_.explicit_ms, 0, true);
    return 0;
  }
  const Gap gap = gap_before(next, open_end_, options_.pauses, options_.turns);
  const size_t kept_silence = tail_silence_ + lead_silence;
  if (gap.overlap_ms > 0) {
    const auto longest = static_cast<size_t>(
        kMaxOverlapShare * static_cast<double>(std::min(last_sound_samples_, length)));
    const size_t overlap = audio::samples_for_ms(gap.overlap_ms, voice_.sample_rate());
    return std::min({overlap + kept_silence, longest, time_line_.held_frames()});
  }
  emit_pause(gap.silence_ms, kept_silence, gap.at_any_speed);
  return 0;
}

// Adds what an utterance leaves open to what is open already: utterances without sound add up.
void Narrator::leave_open(const text::Utterance& utterance) {
  open_end_.kind = std::max(open_end_.kind, utterance.break_after);
  if (utterance.turn_end != text::TurnEnd::kNone) {
    open_end_.turn_end = utterance.turn_end;
    open_end_.backchannel = utterance.turn_start == text::TurnStart::kBackchannel;
  }
  if (utterance.pause_after_ms) {
    open_end_.explicit_ms = open_end_.explicit_ms.value_or(0) + *utterance.pause_after_ms;
  }
}

void Narrator::emit_pause(double pause_ms, size_t kept_silence, bool at_any_speed) {
  const double speed = at_any_speed ? 1.0 : static_cast<double>(options_.speed);
  const size_t wanted = audio::samples_for_ms(pause_ms / speed, voice_.sample_rate());
  if (wanted > kept_silence) time_line_.append_silence(wanted - kept_silence);
}

float Narrator::pan_of(const std::string& role) {
  if (options_.layout == ChannelLayout::kMono || role.empty()) return 0.0f;
  const auto known = std::find(roles_.begin(), roles_.end(), role);
  const auto index = static_cast<size_t>(known - roles_.begin());
  if (known == roles_.end()) roles_.push_back(role);
  return kPans[index % kPans.size()];
}

void Narrator::add_words(const text::Utterance& utterance,
                         std::span<const audio::SampleRange> ranges, const PieceEdges& edges,
                         size_t begin, size_t source_offset) {
  const double rate = voice_.sample_rate();
  const auto on_time_line = [&](size_t sample) {
    const size_t inside = std::clamp(sample, edges.keep.begin, edges.keep.end) - edges.keep.begin;
    return static_cast<double>(begin + inside) / rate;
  };
  for (size_t i = 0; i < ranges.size(); ++i) {
    const text::Word& word = utterance.words[i];
    words_.push_back({word.text,
                      {word.source.begin + source_offset, word.source.end + source_offset},
                      on_time_line(ranges[i].begin),
                      on_time_line(ranges[i].end),
                      utterance.delivery.role});
  }
}

void Narrator::add_bookmark(const text::Bookmark& bookmark, size_t sample, size_t source_offset) {
  bookmarks_.push_back(
      {bookmark.name,
       {bookmark.source.begin + source_offset, bookmark.source.end + source_offset},
       static_cast<double>(sample) / voice_.sample_rate()});
  if (options_.bookmark_observer) options_.bookmark_observer(bookmarks_.back());
}

void Narrator::finish() {
  if (sounded_) {
    emit_pause(options_.pauses.end_ms, tail_silence_, false);
    if (open_end_.explicit_ms) emit_pause(*open_end_.explicit_ms, 0, true);
  }
  time_line_.flush();
}

}  // namespace myna::voice
