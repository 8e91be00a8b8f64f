// What is done with emoji.
#pragma once

#include <cstdint>

namespace myna::text {

enum class EmojiReading : uint8_t {
  kSkip,  // silent
  kName,  // by their names in Unicode: "grinning face", "flag of Japan"
};

}  // namespace myna::text
