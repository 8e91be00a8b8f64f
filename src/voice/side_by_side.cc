#include "voice/side_by_side.h"

#include <algorithm>
#include <exception>
#include <numeric>
#include <thread>
#include <vector>

namespace myna::voice {

void run_side_by_side(std::span<const SynthesisRequest> requests, size_t lanes,
                      const LaneWork& work) {
  std::vector<size_t> order(requests.size());
  std::iota(order.begin(), order.end(), size_t{0});
  std::stable_sort(order.begin(), order.end(), [&](size_t a, size_t b) {
    return requests[a].phonemes.size() > requests[b].phonemes.size();
  });
  std::atomic<size_t> next{0};
  std::atomic<bool> stop{false};
  std::exception_ptr error;  // of the lane that sets `stop`
  const auto run_lane = [&](size_t lane) {
    for (size_t i = next++; i < order.size() && !stop; i = next++) {
      try {
        work(order[i], lane, stop);
      } catch (...) {
        if (!stop.exchange(true)) error = std::current_exception();
      }
    }
  };
  std::vector<std::jthread> threads;
  for (size_t lane = 1; lane < std::min(lanes, requests.size()); ++lane) {
    threads.emplace_back(run_lane, lane);
  }
  run_lane(0);
  threads.clear();
  if (error) std::rethrow_exception(error);
}

}  // namespace myna::voice
