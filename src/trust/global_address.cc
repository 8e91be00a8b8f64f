#include "trust/global_address.h"

#include <netinet/in.h>

#include <algorithm>
#include <cstring>
#include <initializer_list>

namespace myna::trust {
namespace {

struct Ipv4Block {
  Ipv4Address first;
  int prefix_bits;
};

struct Ipv6Block {
  Ipv6Address first;
  int prefix_bits;
};

// Special-purpose blocks that are not globally reachable, multicast and what is reserved.
constexpr Ipv4Block kSpecialIpv4[] = {
    {{0, 0, 0, 0}, 8},        // this network
    {{10, 0, 0, 0}, 8},       // private
    {{100, 64, 0, 0}, 10},    // carrier-grade NAT; holds a metadata service too
    {{127, 0, 0, 0}, 8},      // loopback
    {{169, 254, 0, 0}, 16},   // link-local: metadata services
    {{172, 16, 0, 0}, 12},    // private
    {{192, 0, 0, 0}, 24},     // protocol assignments
    {{192, 0, 2, 0}, 24},     // documentation
    {{192, 31, 196, 0}, 24},  // AS112
    {{192, 52, 193, 0}, 24},  // AMT
    {{192, 88, 99, 0}, 24},   // 6to4 relays, deprecated
    {{192, 168, 0, 0}, 16},   // private
    {{192, 175, 48, 0}, 24},  // AS112
    {{198, 18, 0, 0}, 15},    // benchmarks
    {{198, 51, 100, 0}, 24},  // documentation
    {{203, 0, 113, 0}, 24},   // documentation
    {{224, 0, 0, 0}, 4},      // multicast
    {{240, 0, 0, 0}, 4},      // reserved, and broadcast
};

// Within 2000::/3, which is all that is given out.
constexpr Ipv6Block kSpecialIpv6[] = {
    {{0x20, 0x01, 0x00, 0x00}, 23},              // protocol assignments, Teredo, ORCHID
    {{0x20, 0x01, 0x0D, 0xB8}, 32},              // documentation
    {{0x26, 0x20, 0x00, 0x4F, 0x80, 0x00}, 48},  // AS112
    {{0x3F, 0xFF}, 20},                          // documentation
};

bool in_block(std::span<const uint8_t> address, std::span<const uint8_t> first, int prefix_bits) {
  size_t byte = 0;
  for (; prefix_bits >= 8; prefix_bits -= 8, ++byte) {
    if (address[byte] != first[byte]) return false;
  }
  const int mask = 0xFF00 >> prefix_bits & 0xFF;
  return prefix_bits == 0 || (address[byte] & mask) == (first[byte] & mask);
}

bool starts_with(const Ipv6Address& address, std::initializer_list<uint8_t> prefix) {
  return std::equal(prefix.begin(), prefix.end(), address.begin());
}

Ipv4Address embedded(const Ipv6Address& address, size_t offset) {
  return {address[offset], address[offset + 1], address[offset + 2], address[offset + 3]};
}

}  // namespace

bool is_global(const Ipv4Address& address) {
  return std::none_of(std::begin(kSpecialIpv4), std::end(kSpecialIpv4), [&](const auto& block) {
    return in_block(address, block.first, block.prefix_bits);
  });
}

bool is_global(const Ipv6Address& address) {
  if (starts_with(address, {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF})) {
    return is_global(embedded(address, 12));
  }
  if (starts_with(address, {0x00, 0x64, 0xFF, 0x9B, 0, 0, 0, 0, 0, 0, 0, 0})) {
    return is_global(embedded(address, 12));
  }
  if ((address[0] & 0xE0) != 0x20) return false;
  if (starts_with(address, {0x20, 0x02})) return is_global(embedded(address, 2));
  return std::none_of(std::begin(kSpecialIpv6), std::end(kSpecialIpv6), [&](const auto& block) {
    return in_block(address, block.first, block.prefix_bits);
  });
}

bool is_global(const sockaddr& address) {
  if (address.sa_family == AF_INET) {
    sockaddr_in ipv4{};
    std::memcpy(&ipv4, &address, sizeof ipv4);
    Ipv4Address bytes{};
    std::memcpy(bytes.data(), &ipv4.sin_addr, bytes.size());
    return is_global(bytes);
  }
  if (address.sa_family == AF_INET6) {
    sockaddr_in6 ipv6{};
    std::memcpy(&ipv6, &address, sizeof ipv6);
    Ipv6Address bytes{};
    std::memcpy(bytes.data(), &ipv6.sin6_addr, bytes.size());
    return is_global(bytes);
  }
  return false;
}

}  // namespace myna::trust
