#include "text/markup/x_sampa.h"

#include <algorithm>
#include <iterator>

namespace myna::text {
namespace {

struct Sign {
  std::string_view written;
  std::u32string_view ipa;  // empty: passed over
};

// Longer signs stand before their beginnings.
constexpr Sign kSigns[] = {
    {"G\\_<", U"ʛ"},  {"J\\_<", U"ʄ"}, {"|\\|\\", U"ǁ"}, {"b_<", U"ɓ"},     {"d_<", U"ɗ"},
    {"g_<", U"ɠ"},    {"r\\`", U"ɻ"},  {"@`", U"ɚ"},     {"@\\", U"ɘ"},     {"3`", U"ɝ"},
    {"3\\", U"ɞ"},    {"d`", U"ɖ"},    {"G\\", U"ɢ"},    {"H\\", U"ʜ"},     {"h\\", U"ɦ"},
    {"I\\", U"ᵻ"},    {"J\\", U"ɟ"},   {"j\\", U"ʝ"},    {"K\\", U"ɮ"},     {"L\\", U"ʟ"},
    {"l`", U"ɭ"},     {"l\\", U"ɺ"},   {"M\\", U"ɰ"},    {"N\\", U"ɴ"},     {"n`", U"ɳ"},
    {"O\\", U"ʘ"},    {"p\\", U"ɸ"},   {"R\\", U"ʀ"},    {"r\\", U"ɹ"},     {"r`", U"ɽ"},
    {"s`", U"ʂ"},     {"s\\", U"ɕ"},   {"t`", U"ʈ"},     {"U\\", U"ʊ"},     {"v\\", U"ʋ"},
    {"X\\", U"ħ"},    {"x\\", U"ɧ"},   {"z`", U"ʐ"},     {"z\\", U"ʑ"},     {"?\\", U"ʕ"},
    {"<\\", U"ʢ"},    {">\\", U"ʡ"},   {"!\\", U"ǃ"},    {"|\\", U"ǀ"},     {"=\\", U"ǂ"},
    {"-\\", U""},     {":\\", U""},    {"B\\", U"ʙ"},    {"_=", U"\u0329"}, {"_~", U"\u0303"},
    {"A", U"ɑ"},      {"{", U"æ"},     {"6", U"ɐ"},      {"Q", U"ɒ"},       {"E", U"ɛ"},
    {"@", U"ə"},      {"3", U"ɜ"},     {"I", U"ɪ"},      {"O", U"ɔ"},       {"2", U"ø"},
    {"9", U"œ"},      {"&", U"ɶ"},     {"U", U"ʊ"},      {"}", U"ʉ"},       {"V", U"ʌ"},
    {"Y", U"ʏ"},      {"1", U"ɨ"},     {"M", U"ɯ"},      {"7", U"ɤ"},       {"8", U"ɵ"},
    {"B", U"β"},      {"C", U"ç"},     {"D", U"ð"},      {"F", U"ɱ"},       {"G", U"ɣ"},
    {"H", U"ɥ"},      {"J", U"ɲ"},     {"K", U"ɬ"},      {"L", U"ʎ"},       {"N", U"ŋ"},
    {"P", U"ʋ"},      {"R", U"ʁ"},     {"4", U"ɾ"},      {"5", U"ɫ"},       {"S", U"ʃ"},
    {"T", U"θ"},      {"W", U"ʍ"},     {"X", U"χ"},      {"Z", U"ʒ"},       {"?", U"ʔ"},
    {"\"", U"ˈ"},     {"%", U"ˌ"},     {":", U"ː"},      {"`", U"˞"},       {"=", U"\u0329"},
    {"~", U"\u0303"}, {"'", U""},      {".", U""},       {"-", U""},        {"|", U""},
    {"^", U""},       {"!", U""},      {" ", U" "},      {"g", U"ɡ"},
};

bool is_plain_letter(char c) {
  return c >= 'a' && c <= 'z';  // a b c d e f h i j k l m n o p q r s t u v w x y z
}

}  // namespace

std::optional<size_t> x_sampa_to_ipa(std::string_view notation, std::vector<PhoneticSymbol>& out) {
  for (size_t at = 0; at < notation.size();) {
    const auto begin = static_cast<uint32_t>(at);
    const std::string_view rest = notation.substr(at);
    const auto* sign = std::find_if(std::begin(kSigns), std::end(kSigns), [&](const Sign& entry) {
      return rest.starts_with(entry.written);
    });
    if (sign != std::end(kSigns)) {
      at += sign->written.size();
      for (const char32_t symbol : sign->ipa)
        out.push_back({symbol, begin, static_cast<uint32_t>(at)});
    } else if (is_plain_letter(rest[0])) {
      ++at;
      out.push_back({static_cast<char32_t>(rest[0]), begin, begin + 1});
    } else if (rest[0] == '_' && rest.size() > 1) {
      // A tie when an affricate's second half follows (t_S), otherwise a diacritic: _h, _?\, _T.
      const bool tie = std::string_view("SZsz").find(rest[1]) != std::string_view::npos;
      at += tie ? 1 : rest.size() > 2 && rest[2] == '\\' ? 3 : 2;
    } else {
      return at;
    }
  }
  return std::nullopt;
}

}  // namespace myna::text
