// The reference backend: plain loops that say each formula of ops/backend.h as directly as they
// can, with sums in double. It is the oracle of every operation's test and slow on purpose.
#pragma once

#include <memory>

#include "ops/backend.h"

namespace myna::backend {

std::unique_ptr<ops::Backend> make_ref_backend();

}  // namespace myna::backend
