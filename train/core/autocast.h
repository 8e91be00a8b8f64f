// Products in bfloat16 with weights kept in float, for as long as this lives; or, inside of it, in
// float again.
#pragma once

#include <ATen/autocast_mode.h>

#include "train/core/torch.h"

namespace myna::train {

// Whether products in bfloat16 are faster there than in float: not on a CPU without them.
inline bool has_fast_bfloat16(at::Device device) {
#if defined(__x86_64__)
  return !device.is_cpu() || __builtin_cpu_supports("avx512bf16");
#else
  return !device.is_cpu();
#endif
}

class Autocast {
 public:
  enum class Wanted : bool { kNo, kYes };

  Autocast(at::Device device, Wanted wanted)
      : type_(device.type()), before_(at::autocast::is_autocast_enabled(type_)) {
    at::autocast::set_autocast_dtype(type_, at::kBFloat16);
    at::autocast::set_autocast_enabled(type_, wanted == Wanted::kYes);
    at::autocast::increment_nesting();
  }
  ~Autocast() {
    if (at::autocast::decrement_nesting() == 0) at::autocast::clear_cache();
    at::autocast::set_autocast_enabled(type_, before_);
  }
  Autocast(const Autocast&) = delete;
  Autocast& operator=(const Autocast&) = delete;

 private:
  at::DeviceType type_;
  bool before_;
};

}  // namespace myna::train
