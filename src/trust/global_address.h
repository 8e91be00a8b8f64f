// Which network addresses belong to the public internet: the IANA special-purpose registries
// (RFC 6890 and its updates) turned round. Everything else is refused to pages and feeds, since it
// is this machine, the user's own network, or a cloud's metadata service.
#pragma once

#include <array>
#include <cstdint>
#include <span>

struct sockaddr;

namespace myna::trust {

using Ipv4Address = std::array<uint8_t, 4>;
using Ipv6Address = std::array<uint8_t, 16>;

bool is_global(const Ipv4Address& address);
// Addresses that carry an IPv4 address (mapped, NAT64, 6to4) are judged by that one too; Teredo is
// never global.
bool is_global(const Ipv6Address& address);
// Families other than IPv4 and IPv6 are not global.
bool is_global(const sockaddr& address);

}  // namespace myna::trust
