// How many requests go to a device together.
#pragma once

#include <cstddef>
#include <span>

#include "voice/voice.h"

namespace myna::voice {

struct BatchLimits {
  size_t items;
  size_t phonemes;  // of all items; one that has more goes alone
};

// work(first, count) for runs of requests that go together, in order. One without phonemes is no
// item of a batch and comes alone.
template <typename Work>
void for_each_batch(std::span<const SynthesisRequest> requests, const BatchLimits& limits,
                    const Work& work) {
  for (size_t begin = 0, end = 0; begin < requests.size(); begin = end) {
    size_t phonemes = requests[begin].phonemes.size();
    end = begin + 1;
    while (phonemes > 0 && end < requests.size() && end - begin < limits.items &&
           !requests[end].phonemes.empty() &&
           phonemes + requests[end].phonemes.size() <= limits.phonemes) {
      phonemes += requests[end++].phonemes.size();
    }
    work(begin, end - begin);
  }
}

}  // namespace myna::voice
