// UTF-8 decoding of arbitrary bytes, held against ICU, which follows the same rule for ill-formed
// sequences: one replacement character for each maximal subpart.
#include <unicode/ustring.h>

#include <algorithm>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/utf8.h"
#include "fuzz_check.h"

namespace {

using namespace myna;

struct IcuText {
  std::u32string code_points;
  int32_t substitutions = 0;
};

IcuText decode_with_icu(std::string_view text) {
  IcuText result;
  UErrorCode status = U_ZERO_ERROR;
  std::vector<UChar> utf16(text.size() + 1);
  int32_t utf16_length = 0;
  u_strFromUTF8WithSub(utf16.data(), static_cast<int32_t>(utf16.size()), &utf16_length, text.data(),
                       static_cast<int32_t>(text.size()), 0xFFFD, &result.substitutions, &status);
  std::vector<UChar32> utf32(text.size() + 1);
  int32_t utf32_length = 0;
  u_strToUTF32(utf32.data(), static_cast<int32_t>(utf32.size()), &utf32_length, utf16.data(),
               utf16_length, &status);
  FUZZ_CHECK(U_SUCCESS(status));
  result.code_points.assign(utf32.begin(), utf32.begin() + utf32_length);
  return result;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const IcuText expected = decode_with_icu(text);
  const std::u32string decoded = to_utf32(text);
  FUZZ_CHECK(decoded == expected.code_points);

  const auto invalid = find_invalid_utf8(text);
  FUZZ_CHECK(invalid.has_value() == (expected.substitutions > 0));
  if (invalid) {
    FUZZ_CHECK(*invalid < size);
    FUZZ_CHECK(!find_invalid_utf8(text.substr(0, *invalid)));
    FUZZ_CHECK(!decode_utf8(text, *invalid).valid);
  }
  const std::string encoded = to_utf8(decoded);
  FUZZ_CHECK(!find_invalid_utf8(encoded));
  FUZZ_CHECK(invalid.has_value() || encoded == text);

  for (size_t offset = 0; offset < size;) {
    const DecodedCodePoint one = decode_utf8(text, offset);
    FUZZ_CHECK(one.byte_count >= 1 && one.byte_count <= 4 && offset + one.byte_count <= size);
    offset += one.byte_count;
  }
  const LineColumn end = line_column_at(text, size);
  FUZZ_CHECK(end.line == 1 + static_cast<size_t>(std::count(text.begin(), text.end(), '\n')));
  FUZZ_CHECK(end.column >= 1);
  return 0;
}
