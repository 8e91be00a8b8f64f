#include "text/normalize/months.h"

namespace myna::text {
namespace {

struct Month {
  std::string_view name, lower, short_form, other_short;
};
constexpr Month kMonths[12] = {
    {"January", "january", "jan", ""},
    {"February", "february", "feb", ""},
    {"March", "march", "mar", ""},
    {"April", "april", "apr", ""},
    {"May", "may", "may", ""},
    {"June", "june", "jun", ""},
    {"July", "july", "jul", ""},
    {"August", "august", "aug", ""},
    {"September", "september", "sep", "sept"},
    {"October", "october", "oct", ""},
    {"November", "november", "nov", ""},
    {"December", "december", "dec", ""},
};

}  // namespace

std::optional<MonthMatch> month_at(const Tokens& tokens, size_t at) {
  if (!tokens.is_word(at)) return std::nullopt;
  const std::string_view word = tokens.text(at);
  if (word.size() < 3 || word.size() > 9) return std::nullopt;
  // Most words are none: their first letter tells.
  if (std::string_view("jfmasond").find(static_cast<char>(word[0] | 0x20)) ==
      std::string_view::npos) {
    return std::nullopt;
  }
  for (const Month& month : kMonths) {
    if (equals_ignoring_case(word, month.lower)) {
      return MonthMatch{month.name, 1, month.lower == "may" || month.lower == "march"};
    }
    if (equals_ignoring_case(word, month.short_form) ||
        equals_ignoring_case(word, month.other_short)) {
      const bool period = tokens.attached_symbol(at + 1, U'.');
      return MonthMatch{month.name, period ? size_t{2} : size_t{1},
                        month.short_form == "mar" || month.short_form == "jun"};
    }
  }
  return std::nullopt;
}

std::string_view month_name(int number) { return kMonths[number - 1].name; }

}  // namespace myna::text
