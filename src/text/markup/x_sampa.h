// X-SAMPA (J. C. Wells 1995) as IPA.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace myna::text {

// One IPA code point and where it is written.
struct PhoneticSymbol {
  char32_t symbol = 0;
  uint32_t begin = 0;  // byte range in the notation
  uint32_t end = 0;
};

// The offset of the first character that is no X-SAMPA, or nothing when all of `notation` has been
// appended to `out`. Diacritics without an English use are left out.
std::optional<size_t> x_sampa_to_ipa(std::string_view notation, std::vector<PhoneticSymbol>& out);

}  // namespace myna::text
