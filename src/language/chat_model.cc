#include "language/chat_model.h"

#include "base/error.h"

namespace myna::language {
namespace {

void require(bool sound, const char* what) {
  if (!sound) throw Error(ErrorCode::kInvalidArgument, what);
}

}  // namespace

std::string_view role_name(Role role) {
  switch (role) {
    case Role::kSystem:
      return "system";
    case Role::kUser:
      return "user";
    case Role::kAssistant:
      return "assistant";
  }
  return "user";
}

// Written so that a NaN is refused too.
void check_sampling(const Sampling& sampling) {
  require(sampling.temperature >= 0 && sampling.temperature <= 5,
          "the temperature has to be between 0 and 5");
  require(sampling.top_k >= 0, "top-k cannot be negative");
  require(sampling.top_p > 0 && sampling.top_p <= 1, "top-p has to be above 0 and at most 1");
  require(sampling.min_p >= 0 && sampling.min_p <= 1, "min-p has to be between 0 and 1");
  require(sampling.repeat_penalty >= 0.5f && sampling.repeat_penalty <= 5,
          "the repeat penalty has to be between 0.5 and 5");
  require(sampling.repeat_window >= 0 && sampling.repeat_window <= 1 << 16,
          "the repeat window has to be between 0 and 65536 tokens");
}

}  // namespace myna::language
