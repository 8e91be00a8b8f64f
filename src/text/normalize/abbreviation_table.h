// The abbreviations and where they are one. To add one: a line in abbreviation_table.cc.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

namespace myna::text {

enum class Period : uint8_t {
  kRequired,  // only with its period: "No. 5"
  kOptional,  // "Mr Smith" too
};
enum class Context : uint8_t {
  kAnywhere,
  kBeforeName,     // a capitalised word follows
  kBeforeNumber,   // a number follows
  kAfterName,      // a capitalised word stands before
  kAfterComma,     // a capitalised word and a comma stand before: Boston, Mass.
  kAfterNumber,    // a number stands before
  kBeforeNumeral,  // a number or a Roman numeral in capitals follows
  kBeforeYear,     // four digits follow
  kAfterOrdinal,   // 21st stands before
  kBeforeAngle,    // degrees follow, or a number with a point
};

struct Abbreviation {
  std::string_view written;  // compared without regard to case, except single capitals
  std::string_view spoken;
  Period period;
  Context context = Context::kAnywhere;
  bool may_end_sentence = false;
};

// Those that start with the first letter of `word`, in the order of the table: the first whose
// context fits wins.
std::span<const Abbreviation> abbreviations_like(std::string_view word);

// Initialisms in small letters that would be read as words otherwise: api, otp.
bool is_small_initialism(std::string_view word);

}  // namespace myna::text
