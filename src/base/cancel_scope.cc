#include "base/cancel_scope.h"

#include <algorithm>

namespace myna {
namespace {

thread_local const CancelScope* innermost = nullptr;

}  // namespace

CancelScope::CancelScope(std::span<const std::atomic<bool>* const> flags)
    : flags_(flags), outer_(innermost) {
  innermost = this;
}

CancelScope::~CancelScope() { innermost = outer_; }

bool CancelScope::requested() const {
  return std::any_of(flags_.begin(), flags_.end(), [](const std::atomic<bool>* flag) {
    return flag->load(std::memory_order_relaxed);
  });
}

const CancelScope* CancelScope::current() { return innermost; }

}  // namespace myna
