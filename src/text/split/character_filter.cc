#include "text/split/character_filter.h"

#include <unicode/uchar.h>
#include <unicode/unorm2.h>
#include <unicode/uscript.h>

#include <algorithm>
#include <iterator>
#include <string>

#include "base/utf8.h"
#include "text/normalize/unicode_names.h"

namespace myna::text {
namespace {

struct Replacement {
  char32_t from;
  std::string_view to;
};

// Sorted by code point. An empty replacement drops the character silently.
constexpr Replacement kReplacements[] = {
    {U'\u00A0', " "},  {U'\u00AB', "“"},  {U'\u00AD', ""},   {U'\u00B4', "'"},  {U'\u00B7', ""},
    {U'\u00B8', ""},   {U'\u00BB', "”"},  {U'\u02B9', "'"},  {U'\u02BB', "'"},  {U'\u02BC', "'"},
    {U'\u02BE', "'"},  {U'\u02BF', "'"},  {U'\u02C8', "'"},  {U'\u037E', ";"},  {U'\u2010', "-"},
    {U'\u2011', "-"},  {U'\u2012', "–"},  {U'\u2015', "—"},  {U'\u2016', ""},   {U'\u2018', "'"},
    {U'\u2019', "'"},  {U'\u201A', "'"},  {U'\u201B', "'"},  {U'\u201C', "“"},  {U'\u201D', "”"},
    {U'\u201E', "“"},  {U'\u201F', "“"},  {U'\u2020', ""},   {U'\u2021', ""},   {U'\u2022', ""},
    {U'\u2023', ""},   {U'\u2024', "."},  {U'\u2025', "…"},  {U'\u2027', ""},   {U'\u2028', " "},
    {U'\u2029', " "},  {U'\u2032', "'"},  {U'\u2033', "\""}, {U'\u2035', "'"},  {U'\u2036', "\""},
    {U'\u2039', "'"},  {U'\u203A', "'"},  {U'\u203C', "!!"}, {U'\u203D', "?!"}, {U'\u2043', "-"},
    {U'\u2044', "/"},  {U'\u2047', "??"}, {U'\u2048', "?!"}, {U'\u2049', "!?"}, {U'\u2103', "°C"},
    {U'\u2109', "°F"}, {U'\u2215', "/"},  {U'\u2E3A', "—"},  {U'\u2E3B', "—"},  {U'\u3001', ","},
    {U'\u3002', "."},  {U'\u3008', "“"},  {U'\u3009', "”"},  {U'\u300A', "“"},  {U'\u300B', "”"},
    {U'\u300C', "“"},  {U'\u300D', "”"},
};

// Below stand signs such as ™ and ‼, which have other readings.
constexpr char32_t kFirstEmoji = U'\u2190';

// Symbols that normalize/ has a reading for, or that are marks.
// clang-format off
constexpr std::u32string_view kReadableSymbols =
    U"¡¢£¥§©®°±²³µ¶¹º¼½¾¿×÷–—…"
    U"‰⁰⁴⁵⁶⁷⁸⁹₀₁₂₃₄₅₆₇₈₉₡₦₩₪₫€"
    U"₱₲₴₹₺₽₿№℗™℧Ω⅐⅑⅒⅓⅔⅕⅖⅗⅘⅙⅚⅛"
    U"⅜⅝⅞←→−√∞≈≠≤≥"
    U"¬⁺⁻₮₵₸₾฿৳∀∂∃∅∇∈∉∏∑∛∝∠∥∧∨∩∪∫≅≡⊂⊆⊥⋅⇒⇔♭♮♯";
// clang-format on

std::string_view dropped_kind(char32_t c) {
  if (u_isalpha(static_cast<UChar32>(c))) return "a letter that an English voice cannot read";
  return "a symbol without a reading";
}

bool is_silent_ornament(char32_t c) {
  const auto code = static_cast<UChar32>(c);
  if (u_hasBinaryProperty(code, UCHAR_EMOJI)) return true;
  if (u_hasBinaryProperty(code, UCHAR_DEFAULT_IGNORABLE_CODE_POINT)) return true;
  if (u_hasBinaryProperty(code, UCHAR_BIDI_CONTROL)) return true;
  if (u_hasBinaryProperty(code, UCHAR_EXTENDED_PICTOGRAPHIC)) return true;
  // Arrows to dingbats, but not the mathematical operators, which mean something.
  if (c >= 0x2190 && c <= 0x2BFF) return c < 0x2200 || c > 0x22FF;
  return c >= 0xE0000;  // tags, private use
}

bool is_readable_letter(char32_t c) {
  UErrorCode status = U_ZERO_ERROR;
  const UScriptCode script = uscript_getScript(static_cast<UChar32>(c), &status);
  return script == USCRIPT_LATIN || script == USCRIPT_GREEK || script == USCRIPT_CYRILLIC;
}

// Full-width, mathematical, circled and ligature forms: the compatibility decomposition, when all
// of it is ASCII. Empty otherwise.
std::string plain_form(char32_t c) {
  UErrorCode status = U_ZERO_ERROR;
  const UNormalizer2* const nfkc = unorm2_getNFKCInstance(&status);
  if (U_FAILURE(status)) return {};
  UChar buffer[32];
  const int32_t length =
      unorm2_getDecomposition(nfkc, static_cast<UChar32>(c), buffer, std::size(buffer), &status);
  if (U_FAILURE(status) || length <= 0) return {};
  std::string plain;
  for (int32_t i = 0; i < length; ++i) {
    if (buffer[i] < 0x20 || buffer[i] > 0x7E) return {};
    plain.push_back(static_cast<char>(buffer[i]));
  }
  return plain;
}

// Embeddings, overrides and isolates show a text in another order than it is read in; the marks
// that only lend a direction to their neighbours are harmless.
bool is_bidi_reordering(char32_t c) {
  return (c >= 0x202A && c <= 0x202E) || (c >= 0x2066 && c <= 0x2069);
}

enum class Verdict { kKeep, kReplace, kDropSilently, kDropWithWarning };

Verdict judge(char32_t c, std::string& replacement) {
  const auto* found = std::lower_bound(
      std::begin(kReplacements), std::end(kReplacements), c,
      [](const Replacement& r, char32_t code_point) { return r.from < code_point; });
  if (found != std::end(kReplacements) && found->from == c) {
    replacement = found->to;
    return replacement.empty() ? Verdict::kDropSilently : Verdict::kReplace;
  }
  if (kReadableSymbols.find(c) != std::u32string_view::npos) return Verdict::kKeep;
  const auto code = static_cast<UChar32>(c);
  if (u_isUWhiteSpace(code)) {
    replacement = " ";
    return Verdict::kReplace;
  }
  const int8_t type = u_charType(code);
  if (type == U_DECIMAL_DIGIT_NUMBER) {
    replacement = static_cast<char>('0' + u_charDigitValue(code));
    return Verdict::kReplace;
  }
  if (u_isalpha(code)) {
    // Styled letters first: they count as Latin or Common, but only their plain form has a reading.
    if (replacement = plain_form(c); !replacement.empty()) return Verdict::kReplace;
    return is_readable_letter(c) ? Verdict::kKeep : Verdict::kDropWithWarning;
  }
  if (type == U_NON_SPACING_MARK || type == U_ENCLOSING_MARK || type == U_COMBINING_SPACING_MARK) {
    // Accents on Latin letters are folded later; here they must not cut the word.
    return c >= 0x300 && c <= 0x36F ? Verdict::kKeep : Verdict::kDropSilently;
  }
  if (is_silent_ornament(c)) return Verdict::kDropSilently;
  if (replacement = plain_form(c); !replacement.empty()) return Verdict::kReplace;
  return Verdict::kDropWithWarning;
}

// True when a dropped character must leave a space, so that its neighbours do not become one word.
bool separates_words(char32_t c) {
  const auto code = static_cast<UChar32>(c);
  const int8_t type = u_charType(code);
  return type != U_FORMAT_CHAR && type != U_NON_SPACING_MARK && type != U_ENCLOSING_MARK &&
         type != U_COMBINING_SPACING_MARK &&
         !u_hasBinaryProperty(code, UCHAR_DEFAULT_IGNORABLE_CODE_POINT);
}

void append_one(char32_t c, std::string_view verbatim, SourceSpan span, MappedText& out,
                DiagnosticList& diagnostics) {
  if (is_bidi_reordering(c)) {
    diagnostics.warn_skipped(span, "a bidirectional control, which shows text in another order", c);
    return;
  }
  std::string replacement;
  switch (judge(c, replacement)) {
    case Verdict::kKeep:
      if (verbatim.empty()) {
        append_utf8(replacement, c);
        out.append_replacement(replacement, span);
      } else {
        out.append_verbatim(verbatim, span.begin);
      }
      return;
    case Verdict::kReplace:
      out.append_replacement(replacement, span);
      return;
    case Verdict::kDropWithWarning:
      diagnostics.warn_skipped(span, dropped_kind(c), c);
      [[fallthrough]];
    case Verdict::kDropSilently:
      if (separates_words(c) && !out.empty() && out.text().back() != ' ') {
        out.append_replacement(" ", {span.begin, span.begin});
      }
      return;
  }
}

bool is_plain_ascii(char c) { return c >= 0x20 && c < 0x7F && c != '`'; }
bool is_ascii_space(char c) {
  return c == '\t' || c == '\n' || c == '\r' || c == '\v' || c == '\f';
}

}  // namespace

void append_filtered(std::string_view source, size_t begin, size_t end, MappedText& out,
                     DiagnosticList& diagnostics) {
  for (size_t at = begin; at < end;) {
    size_t run_end = at;
    while (run_end < end && is_plain_ascii(source[run_end])) ++run_end;
    if (run_end > at) {
      out.append_verbatim(source.substr(at, run_end - at), at);
      at = run_end;
      continue;
    }
    if (is_ascii_space(source[at])) {
      // One byte for one byte: as good as verbatim, and it keeps the piece list short.
      out.append_verbatim(" ", at);
      ++at;
      continue;
    }
    if (source[at] == '`') {
      out.append_verbatim("'", at);
      ++at;
      continue;
    }
    const DecodedCodePoint decoded = decode_utf8(source.substr(0, end), at);
    const SourceSpan span{at, at + decoded.byte_count};
    // Emoji stay, as words of their own: the normaliser says or skips them.
    const bool may_be_emoji =
        decoded.valid && decoded.code_point >= kFirstEmoji &&
        kReadableSymbols.find(decoded.code_point) == std::u32string_view::npos;
    const size_t emoji = may_be_emoji ? emoji_length(source.substr(0, end), at) : 0;
    if (emoji != 0) {
      if (!out.empty() && out.text().back() != ' ') out.append_replacement(" ", {at, at});
      out.append_verbatim(source.substr(at, emoji), at);
      at += emoji;
      if (at < end) out.append_replacement(" ", {at, at});
      continue;
    }
    if (!decoded.valid) {
      diagnostics.warn_skipped(span, "a byte that is not UTF-8",
                               DiagnosticList::kByteBase + static_cast<unsigned char>(source[at]));
    } else if (decoded.code_point < 0x20 ||
               (decoded.code_point >= 0x7F && decoded.code_point < 0xA0)) {
      diagnostics.warn_skipped(span, "a control character", decoded.code_point);
    } else {
      append_one(decoded.code_point, source.substr(at, decoded.byte_count), span, out, diagnostics);
    }
    at = span.end;
  }
}

void append_filtered_entity(char32_t code_point, SourceSpan source, MappedText& out,
                            DiagnosticList& diagnostics) {
  if (code_point < 0x20 || (code_point >= 0x7F && code_point < 0xA0)) {
    out.append_replacement(" ", source);
  } else if (code_point < 0x7F) {
    const char ascii = static_cast<char>(code_point);
    out.append_replacement({&ascii, 1}, source);
  } else {
    append_one(code_point, {}, source, out, diagnostics);
  }
}

}  // namespace myna::text
