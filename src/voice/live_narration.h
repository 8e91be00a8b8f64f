// When to speak what of a text that is still being written: as little as a clause while somebody
// waits, whole sentences and more while there is audio to hear, and complete words when the writer
// pauses. Knows no clock and no files: the caller gives both.
#pragma once

#include <atomic>
#include <functional>

#include "text/split/text_stream.h"
#include "voice/narrator.h"

namespace myna::voice {

inline constexpr double kDefaultFlushAfter_s = 0.5;

struct LiveSource {
  // Appends what has come to the stream, and waits for that up to timeout_s (0: not at all);
  // finishes the stream when nothing will come. May return early.
  std::function<void(text::TextStream& stream, double timeout_s)> read;
  // Speaks a part.
  std::function<NarrationStatus(const text::TextStream::Part&)> narrate;
  // Audio that the listener has not heard yet.
  std::function<double()> lead_s;
  // Any clock.
  std::function<double()> now_s;
  double flush_after_s = kDefaultFlushAfter_s;  // a pause of input that ends what is there
  const std::atomic<bool>* cancel = nullptr;
};

// Until the stream is done or cancelled. Throws what the callbacks throw.
NarrationStatus narrate_live(text::TextStream& stream, const LiveSource& source);

}  // namespace myna::voice
