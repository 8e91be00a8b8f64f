// The currencies and how they are written. To add one: a line in currencies.cc.
#pragma once

#include <string_view>

#include "text/normalize/rule.h"

namespace myna::text {

struct Currency {
  std::string_view one, many;    // "dollar", "dollars"
  std::string_view cent, cents;  // empty: none in use
};

// A currency in the text: what it is, and the country that is said before its name.
struct CurrencyMatch {
  const Currency* currency = nullptr;  // nullptr: there is none
  std::string_view country;            // "Canadian"; may be empty
  size_t count = 0;                    // tokens
};

// $, £, €, ... at token `at`.
CurrencyMatch currency_symbol_at(const Tokens& tokens, size_t at);
// What stands before an amount: a symbol, US$, A$, R$, Rs., USD, kr.
CurrencyMatch currency_before_at(const Tokens& tokens, size_t at);
// What stands behind an amount: €, EUR, kr, zł.
CurrencyMatch currency_behind_at(const Tokens& tokens, size_t at);

}  // namespace myna::text
