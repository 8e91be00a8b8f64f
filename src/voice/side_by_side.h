// Utterances of a batch side by side, one a thread: no thread waits for another within an
// utterance, which is worth more than sharing its loops.
#pragma once

#include <atomic>
#include <cstddef>
#include <functional>
#include <span>

#include "voice/voice.h"

namespace myna::voice {

// Calls work(request, lane, stop) for every request, the longest first, so that the lanes end
// together; a lane has one at a time. When one throws, `stop` is set, what is left is not begun,
// and the first exception comes out here.
using LaneWork = std::function<void(size_t request, size_t lane, const std::atomic<bool>& stop)>;
void run_side_by_side(std::span<const SynthesisRequest> requests, size_t lanes,
                      const LaneWork& work);

}  // namespace myna::voice
