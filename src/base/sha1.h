// SHA-1 by OpenSSL's libcrypto: for UUIDs of version 5, and for nothing that must hold against an
// attacker.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

namespace myna {

std::array<uint8_t, 20> sha1(std::string_view bytes);

}  // namespace myna
