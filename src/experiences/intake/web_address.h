// Addresses in documents: made absolute, and brought to one form in which the same page is the same
// text.
#pragma once

#include <string>
#include <string_view>

namespace myna::intake {

// RFC 3986, 5.2: `reference` as it is meant in a document at `base`. Without a base, or where base
// is no http(s) address, the reference itself. White space around and inside is taken off.
std::string resolve_address(std::string_view base, std::string_view reference);

// For comparison only: without scheme, "www.", fragment, tracking parameters (utm_*, fbclid, ...),
// a port that goes without saying, "index.html" and the slash at the end; host in lower case, the
// parameters in order.
std::string canonical_address(std::string_view address);

// "news.example.org" of "https://News.example.org:8080/x"; empty for what is no web address.
std::string host_of(std::string_view address);
// The part of a host that one publisher has: "example.co.uk" of "news.example.co.uk". Without the
// list of public suffixes: two labels, three behind a short second-level one.
std::string origin_of(std::string_view address);

bool is_web_address(std::string_view text);

}  // namespace myna::intake
