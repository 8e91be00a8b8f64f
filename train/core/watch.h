// Whether the other processes of a run still live. Each gives a sign of life twice a second through
// the store; rank 0 looks at all of them, names the one that is silent, and everybody reads that.
#pragma once

#include <memory>
#include <string>

#include "train/core/torch.h"

namespace c10d {
class Store;
}

namespace myna::train {

// Thread-safe. All of its waiting is on a thread of its own, and bounded.
class Watch {
 public:
  struct Limits {
    double silence_s = 30;  // without a sign of life a process counts as dead
    double doubt_s = 3;     // the same once an exchange has failed
  };

  // Where a process puts its sign of life: all have done so once before any is watched.
  static std::string pulse_key(int rank);

  // `store`: a connection that only the watch uses. The keeper of the store is rank 0, or the
  // launcher.
  Watch(c10::intrusive_ptr<c10d::Store> store, int rank, int processes, bool store_is_launchers,
        Limits limits);
  // Says that this process leaves of its own accord, and waits a little for the others to have read
  // what it keeps for them. `failure`: how it ended, when that ends the run of all, as "with an
  // error".
  void leave(const std::string& failure);
  ~Watch();
  Watch(const Watch&) = delete;
  Watch& operator=(const Watch&) = delete;

  // What has ended the run: "rank 2 has died or hangs: …"; empty while all is well. Cheap.
  std::string verdict() const;
  // After an exchange that failed: waits for the verdict, a few seconds at most.
  std::string find_out();

 private:
  struct State;
  std::shared_ptr<State> state_;
};

}  // namespace myna::train
