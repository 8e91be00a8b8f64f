#include "voice/live_narration.h"

#include <algorithm>

namespace myna::voice {
namespace {

using Place = text::TextStream::Place;

// With less to hear than this a clause is spoken as soon as it is there; a sentence, and then
// several of them, are waited for while there is more.
constexpr double kShort_s = 1.5;
constexpr double kLong_s = 6;
constexpr size_t kClausePhonemes = 8;
constexpr size_t kSentencePhonemes = 30;
constexpr size_t kPiecePhonemes = 120;
// What a pause of the writer leaves waits until the listener has heard nearly everything.
constexpr double kDry_s = 0.3;
constexpr double kLongestWait_s = 1;
constexpr double kShortestWait_s = 0.002;

text::TextStream::Wish wish_for(double lead_s) {
  if (lead_s < kShort_s) return {Place::kClause, kClausePhonemes, 0};
  return {Place::kSentence, lead_s < kLong_s ? kSentencePhonemes : kPiecePhonemes, 0};
}

size_t phonemes_of(const text::SpokenText& spoken) {
  size_t count = 0;
  for (const text::Utterance& utterance : spoken.utterances) count += utterance.phonemes.size();
  return count;
}

}  // namespace

NarrationStatus narrate_live(text::TextStream& stream, const LiveSource& source) {
  size_t arrived = 0, spoken_end = 0;
  size_t phonemes = 0;  // since the listener last had to wait for the writer
  double last_input_s = source.now_s();
  bool waited = false;
  const auto speak = [&](const text::TextStream::Wish& wish, NarrationStatus& status) {
    const text::TextStream::Part part = stream.take(wish);
    if (part.source_end == spoken_end) return false;
    spoken_end = part.source_end;
    phonemes += phonemes_of(part.spoken);
    status = source.narrate(part);
    waited = false;
    return true;
  };
  for (;;) {
    if (source.cancel != nullptr && source.cancel->load(std::memory_order_relaxed)) {
      return NarrationStatus::kCancelled;
    }
    source.read(stream, 0);
    if (stream.source().size() != arrived) {
      arrived = stream.source().size();
      last_input_s = source.now_s();
    }
    const double lead_s = source.lead_s();
    if (waited && lead_s <= 0) phonemes = 0;
    text::TextStream::Wish wish = wish_for(lead_s);
    wish.phonemes_before = phonemes;
    NarrationStatus status = NarrationStatus::kComplete;
    if (speak(wish, status)) {
      if (status == NarrationStatus::kCancelled) return status;
      continue;
    }
    if (stream.done()) return NarrationStatus::kComplete;

    const double quiet_s = source.now_s() - last_input_s;
    const bool paused = quiet_s >= source.flush_after_s;
    if (paused && lead_s < kDry_s) {
      const bool any = speak({Place::kClause, 0, phonemes}, status) ||
                       speak({Place::kWord, 0, phonemes}, status);
      if (status == NarrationStatus::kCancelled) return status;
      if (any) continue;
    }
    double wait_s = kLongestWait_s;
    if (!paused) wait_s = source.flush_after_s - quiet_s;
    for (const double level : {kDry_s, kShort_s, kLong_s}) {
      if (lead_s >= level) wait_s = std::min(wait_s, lead_s - level);
    }
    waited = true;
    source.read(stream, std::max(wait_s, kShortestWait_s));
  }
}

}  // namespace myna::voice
