#include "text/normalize/unicode_names.h"

#include <unicode/locid.h>
#include <unicode/uchar.h>
#include <unicode/unistr.h>

#include <array>

#include "base/utf8.h"

namespace myna::text {
namespace {

constexpr char32_t kJoiner = 0x200D;
constexpr char32_t kEmojiVariation = 0xFE0F;
constexpr char32_t kKeycap = 0x20E3;
constexpr char32_t kFirstRegional = 0x1F1E6, kLastRegional = 0x1F1FF;
// No family needs more, and a hostile chain of joiners ends here.
constexpr size_t kMostParts = 10;

bool is_regional(char32_t c) { return c >= kFirstRegional && c <= kLastRegional; }
bool is_skin_tone(char32_t c) {
  return u_hasBinaryProperty(static_cast<UChar32>(c), UCHAR_EMOJI_MODIFIER);
}
// Tags spell the region behind a black flag: England, Scotland, Wales.
bool is_tag(char32_t c) { return c >= 0xE0020 && c <= 0xE007F; }

bool is_picture(char32_t c) {
  return c >= 0x80 && u_hasBinaryProperty(static_cast<UChar32>(c), UCHAR_EXTENDED_PICTOGRAPHIC);
}

// ICU's name of a country; empty for letters that are none.
std::string country_name(char32_t first, char32_t second) {
  const char letters[3] = {static_cast<char>('A' + (first - kFirstRegional)),
                           static_cast<char>('A' + (second - kFirstRegional)), 0};
  const icu::Locale locale("", letters);
  icu::UnicodeString name;
  locale.getDisplayCountry(icu::Locale::getEnglish(), name);
  std::string text;
  name.toUTF8String(text);
  return text;
}

// Names that people know better than Unicode's.
struct CommonName {
  char32_t symbol;
  std::string_view name;
};
constexpr CommonName kCommonNames[] = {
    {0x2764, "red heart"},     {0x1F44D, "thumbs up"},
    {0x1F44E, "thumbs down"},  {0x1F44F, "clapping hands"},
    {0x1F64F, "folded hands"}, {0x1F389, "party popper"},
    {0x1F4A9, "pile of poo"},  {0x263A, "smiling face"},
    {0x2639, "frowning face"}, {0x2600, "sun"},
    {0x26A1, "high voltage"},  {0x2705, "check mark"},
    {0x2714, "check mark"},    {0x274C, "cross mark"},
    {0x2B50, "star"},          {0x1F4AF, "hundred points"},
    {0x1F525, "fire"},         {0x1F308, "rainbow"},
    {0x2640, "woman"},         {0x2642, "man"},
};

std::string picture_name(char32_t c) {
  for (const CommonName& common : kCommonNames) {
    if (common.symbol == c) return std::string(common.name);
  }
  return unicode_name(c);
}

struct Reader {
  std::string_view source;
  size_t at;

  char32_t peek(size_t* length = nullptr) const {
    if (at >= source.size()) return 0;
    const DecodedCodePoint decoded = decode_utf8(source, at);
    if (length != nullptr) *length = decoded.byte_count;
    return decoded.code_point;
  }
  char32_t take() {
    size_t length = 1;
    const char32_t c = peek(&length);
    at += length;
    return c;
  }
  bool take_if(char32_t wanted) {
    if (peek() != wanted || at >= source.size()) return false;
    take();
    return true;
  }
};

enum class Want : uint8_t { kLength, kName };

EmojiMatch find_emoji(std::string_view source, size_t at, Want want) {
  Reader reader{source, at};
  const char32_t first = reader.take();
  EmojiMatch match;
  if (is_regional(first)) {
    const char32_t second = reader.peek();
    if (!is_regional(second)) return match;
    reader.take();
    match.byte_count = reader.at - at;
    if (want == Want::kName) match.name = "flag of " + country_name(first, second);
    return match;
  }
  if ((first >= U'0' && first <= U'9') || first == U'#' || first == U'*') {
    reader.take_if(kEmojiVariation);
    if (!reader.take_if(kKeycap)) return match;
    match.byte_count = reader.at - at;
    if (want == Want::kName) match.name = "keycap " + unicode_name(first);
    return match;
  }
  if (!is_picture(first)) return match;
  if (want == Want::kName) match.name = picture_name(first);
  for (size_t parts = 1; parts < kMostParts;) {
    if (reader.take_if(kEmojiVariation)) continue;
    if (is_skin_tone(reader.peek()) || is_tag(reader.peek())) {
      reader.take();
      continue;
    }
    // A joiner counts only with a picture behind it.
    Reader ahead = reader;
    if (!ahead.take_if(kJoiner) || !is_picture(ahead.peek())) break;
    const char32_t part = ahead.take();
    if (want == Want::kName) match.name += " " + picture_name(part);
    reader = ahead;
    ++parts;
  }
  match.byte_count = reader.at - at;
  return match;
}

}  // namespace

std::string unicode_name(char32_t code_point) {
  std::array<char, 128> buffer{};
  UErrorCode status = U_ZERO_ERROR;
  const int32_t length = u_charName(static_cast<UChar32>(code_point), U_EXTENDED_CHAR_NAME,
                                    buffer.data(), static_cast<int32_t>(buffer.size()), &status);
  if (U_FAILURE(status) || length <= 0 || buffer[0] == '<') return {};
  std::string name(buffer.data(), static_cast<size_t>(length));
  for (char& c : name) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c + 32);
    if (c == '-') c = ' ';
  }
  return name;
}

EmojiMatch emoji_at(std::string_view source, size_t at) {
  return find_emoji(source, at, Want::kName);
}

size_t emoji_length(std::string_view source, size_t at) {
  return find_emoji(source, at, Want::kLength).byte_count;
}

}  // namespace myna::text
