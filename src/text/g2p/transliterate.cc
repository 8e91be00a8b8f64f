#include "text/g2p/transliterate.h"

#include <unicode/uchar.h>
#include <unicode/unorm2.h>

#include <iterator>

#include "base/utf8.h"

namespace myna::text {
namespace {

struct Letter {
  char32_t letter;  // lower case
  std::string_view ascii;
};

constexpr Letter kLetters[] = {
    {U'ß', "ss"},
    {U'æ', "ae"},
    {U'ø', "o"},
    {U'œ', "oe"},
    {U'đ', "d"},
    {U'ð', "th"},
    {U'þ', "th"},
    {U'ł', "l"},
    {U'ı', "i"},
    {U'ŋ', "ng"},
    {U'ħ', "h"},
    {U'ə', "e"},
    {U'ŧ', "t"},
    {U'ĸ', "k"},
    {U'ſ', "s"},
    {U'ƒ', "f"},
    {U'ɛ', "e"},
    {U'ɔ', "o"},
    // Cyrillic
    {U'а', "a"},
    {U'б', "b"},
    {U'в', "v"},
    {U'г', "g"},
    {U'д', "d"},
    {U'е', "e"},
    {U'ё', "yo"},
    {U'ж', "zh"},
    {U'з', "z"},
    {U'и', "i"},
    {U'й', "y"},
    {U'к', "k"},
    {U'л', "l"},
    {U'м', "m"},
    {U'н', "n"},
    {U'о', "o"},
    {U'п', "p"},
    {U'р', "r"},
    {U'с', "s"},
    {U'т', "t"},
    {U'у', "u"},
    {U'ф', "f"},
    {U'х', "kh"},
    {U'ц', "ts"},
    {U'ч', "ch"},
    {U'ш', "sh"},
    {U'щ', "sh"},
    {U'ъ', ""},
    {U'ы', "y"},
    {U'ь', ""},
    {U'э', "e"},
    {U'ю', "yu"},
    {U'я', "ya"},
    {U'і', "i"},
    {U'ї', "yi"},
    {U'є', "ye"},
    {U'ґ', "g"},
    {U'ђ', "dj"},
    {U'ј', "y"},
    {U'љ', "ly"},
    {U'њ', "ny"},
    {U'ћ', "ch"},
    {U'џ', "dzh"},
    {U'ў', "w"},
    // Greek
    {U'α', "a"},
    {U'β', "v"},
    {U'γ', "g"},
    {U'δ', "d"},
    {U'ε', "e"},
    {U'ζ', "z"},
    {U'η', "i"},
    {U'θ', "th"},
    {U'ι', "i"},
    {U'κ', "k"},
    {U'λ', "l"},
    {U'μ', "m"},
    {U'ν', "n"},
    {U'ξ', "x"},
    {U'ο', "o"},
    {U'π', "p"},
    {U'ρ', "r"},
    {U'σ', "s"},
    {U'ς', "s"},
    {U'τ', "t"},
    {U'υ', "y"},
    {U'φ', "f"},
    {U'χ', "ch"},
    {U'ψ', "ps"},
    {U'ω', "o"},
};

constexpr std::string_view kGreekNames[] = {
    "alpha", "beta",   "gamma",   "delta", "epsilon", "zeta",    "eta",  "theta", "iota",
    "kappa", "lambda", "mu",      "nu",    "xi",      "omicron", "pi",   "rho",   "sigma",
    "sigma", "tau",    "upsilon", "phi",   "chi",     "psi",     "omega"};

void append_lower_letter(UChar32 lower, std::string& out) {
  if (lower >= 'a' && lower <= 'z') {
    out.push_back(static_cast<char>(lower));
    return;
  }
  for (const Letter& letter : kLetters) {
    if (static_cast<UChar32>(letter.letter) == lower) {
      out += letter.ascii;
      return;
    }
  }
}

}  // namespace

std::string to_ascii_letters(std::string_view word) {
  std::string ascii;
  UErrorCode status = U_ZERO_ERROR;
  const UNormalizer2* const nfd = unorm2_getNFDInstance(&status);
  for (size_t at = 0; at < word.size();) {
    if (static_cast<unsigned char>(word[at]) < 0x80) {
      ascii.push_back(word[at++]);
      continue;
    }
    const DecodedCodePoint decoded = decode_utf8(word, at);
    at += decoded.byte_count;
    const auto code = static_cast<UChar32>(decoded.code_point);
    const bool upper = u_isupper(code);
    UChar base[8];
    status = U_ZERO_ERROR;
    const int32_t length =
        U_SUCCESS(status) && nfd != nullptr
            ? unorm2_getDecomposition(nfd, u_tolower(code), base, std::size(base), &status)
            : -1;
    // The base letter comes first in a decomposition; what follows are marks.
    const size_t before = ascii.size();
    append_lower_letter(length > 0 && U_SUCCESS(status) ? base[0] : u_tolower(code), ascii);
    if (upper && ascii.size() > before) ascii[before] = static_cast<char>(ascii[before] - 32);
  }
  return ascii;
}

std::string_view greek_letter_name(std::string_view letter) {
  if (letter.empty()) return {};
  const DecodedCodePoint decoded = decode_utf8(letter, 0);
  if (decoded.byte_count != letter.size()) return {};
  const UChar32 lower = u_tolower(static_cast<UChar32>(decoded.code_point));
  if (lower < 0x3B1 || lower > 0x3C9) return {};
  return kGreekNames[lower - 0x3B1];
}

}  // namespace myna::text
