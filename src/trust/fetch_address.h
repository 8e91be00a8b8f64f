// Where a request of the safe fetcher goes: the parts of its address, and the network addresses
// that were checked. Private to src/trust.
#pragma once

#include <string>
#include <string_view>

#include "trust/safe_fetcher.h"

namespace myna::trust {

struct FetchAddress {
  std::string url;  // normalised, without fragment
  std::string scheme;
  std::string host;  // without brackets
  std::string port;
};

// Throws Error kInvalidArgument for what is no http or https address, and for one with a name and
// password in it.
FetchAddress parse_fetch_address(std::string_view url);

// The network addresses of the host as CURLOPT_RESOLVE takes them: "host:port:address,address".
// Throws Error kIo when the name has none; kInvalidArgument when one of them is not global and the
// policy asks for it: a name that has both kinds is a trick.
std::string resolve_checked(const FetchAddress& address, AddressPolicy policy);

}  // namespace myna::trust
