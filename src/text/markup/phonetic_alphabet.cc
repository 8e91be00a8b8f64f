#include "text/markup/phonetic_alphabet.h"

#include <algorithm>
#include <iterator>
#include <vector>

#include "base/utf8.h"
#include "text/markup/x_sampa.h"
#include "text/normalize/token.h"

namespace myna::text {
namespace {

// Code points that stand for one of the voice's symbols, or for nothing.
struct Letter {
  char32_t ipa;
  std::u16string_view voice;
};

// What the voice lacks, and other spellings. The rest of kVoiceLetters stands for itself.
constexpr Letter kLetters[] = {
    {U'r', u"ɹ"},
    {U'g', u"ɡ"},
    {U'ɫ', u"l"},
    {U'ɬ', u"l"},
    {U'ɭ', u"l"},
    {U'ʟ', u"l"},
    {U'ɮ', u"l"},
    {U'ʍ', u"w"},
    {U'ħ', u"h"},
    {U'ɦ', u"h"},
    {U'ʜ', u"h"},
    {U'ɱ', u"m"},
    {U'ⱱ', u"v"},
    {U'ɺ', u"ɾ"},
    {U'ʙ', u"b"},
    {U'ɓ', u"b"},
    {U'ʀ', u"ʁ"},
    {U'ɢ', u"ɡ"},
    {U'ʛ', u"ɡ"},
    {U'ɠ', u"ɡ"},
    {U'ɗ', u"d"},
    {U'ʄ', u"ɟ"},
    {U'ʑ', u"ʒ"},
    {U'ʐ', u"ʒ"},
    {U'ʕ', u"ʔ"},
    {U'ʢ', u"ʔ"},
    {U'ʡ', u"ʔ"},
    {U'ɧ', u"ʃ"},
    {U'ʘ', u"p"},
    {U'ǀ', u"t"},
    {U'ǃ', u"t"},
    {U'ǂ', u"t"},
    {U'ǁ', u"k"},
    {U'ɘ', u"ə"},
    {U'ɵ', u"ə"},
    {U'ɞ', u"ɜ"},
    {U'ɶ', u"œ"},
    {U'ʏ', u"y"},
    {U'ʉ', u"u"},
    {U'ɩ', u"ɪ"},
    {U'ɷ', u"ʊ"},
    {U'ı', u"ɪ"},
    {U'ʆ', u"ʃ"},
    {U'ʓ', u"ʒ"},
    {U'ƞ', u"n"},
    {U'ə', u"ə"},
    {U'ɚ', u"əɹ"},
    {U'ɝ', u"ɜɹ"},
    {U'ã', u"ɑ\u0303"},
    {U'õ', u"ɔ\u0303"},
    {U'ẽ', u"ɛ\u0303"},
    {U'ñ', u"ɲ"},
    // Stress, length.
    {U'\'', u"ˈ"},
    {U'ʹ', u"ˈ"},
    {U'′', u"ˈ"},
    {U'’', u"ˈ"},
    {U',', u"ˌ"},
    {U':', u"ː"},
};

// The formatter does not agree with itself on such a string.
// clang-format off
constexpr std::u16string_view kVoiceLetters =
    u"AIOQWYTabcdefhijklmnopqstuvwxyz"
    u"ɑɐɒæβɔɕçɖðʤəɛɜɟɡɥɨɪʝɯɰŋɳɲɴøɸθœɹɾɻʁɽʂʃʈʧʊʋʌɣɤχʎʒʔᵊᵻʣʥʦʨꭧˈˌː";
// clang-format on

// Syllable dots, ties, groups, linking, tone letters and arrows, invisible characters.
constexpr std::u32string_view kPassedOver =
    U".|‖‿⁀͜͡-–()ˑ˥˦˧˨˩ꜛꜜ↗↘↑↓\u200B\u200C\u200D\u2060\uFEFFʰʱʲʷˠˤⁿˡʼᵝᶣ˔˕˖˗ᵐᵑˣᶿ";

bool is_combining(char32_t c) { return c >= 0x300 && c <= 0x36F; }

// The voice's spelling of one code point; nothing when it is no phonetic symbol.
std::optional<std::u16string> letter_of(char32_t c) {
  const auto* found = std::find_if(std::begin(kLetters), std::end(kLetters),
                                   [&](const Letter& letter) { return letter.ipa == c; });
  if (found != std::end(kLetters)) return std::u16string(found->voice);
  if (c <= 0xFFFF && kVoiceLetters.find(static_cast<char16_t>(c)) != std::u16string_view::npos)
    return std::u16string(1, static_cast<char16_t>(c));
  return std::nullopt;
}

struct Sequence {
  std::u16string_view ipa;
  std::u16string_view american;
  std::u16string_view british;
};

// Longer ones before their beginnings. Both dictionaries write diphthongs and affricates with one
// letter; American vowels have no length, British ones no r behind them and TRAP as a.
constexpr Sequence kSequences[] = {
    {u"tʃ", u"ʧ", u"ʧ"},     {u"dʒ", u"ʤ", u"ʤ"},     {u"eɪə", u"Aə", u"Aə"},
    {u"aɪə", u"Iə", u"Iə"},  {u"aʊə", u"Wə", u"Wə"},  {u"eɪ", u"A", u"A"},
    {u"ɛɪ", u"A", u"A"},     {u"ei", u"A", u"A"},     {u"ej", u"A", u"A"},
    {u"aɪ", u"I", u"I"},     {u"ɑɪ", u"I", u"I"},     {u"ai", u"I", u"I"},
    {u"aj", u"I", u"I"},     {u"aʊ", u"W", u"W"},     {u"ɑʊ", u"W", u"W"},
    {u"æʊ", u"W", u"W"},     {u"au", u"W", u"W"},     {u"aw", u"W", u"W"},
    {u"ɔɪ", u"Y", u"Y"},     {u"oɪ", u"Y", u"Y"},     {u"ɔi", u"Y", u"Y"},
    {u"oi", u"Y", u"Y"},     {u"ɔj", u"Y", u"Y"},     {u"oʊ", u"O", u"Q"},
    {u"əʊ", u"O", u"Q"},     {u"ou", u"O", u"Q"},     {u"əu", u"O", u"Q"},
    {u"ow", u"O", u"Q"},     {u"O", u"O", u"Q"},      {u"Q", u"O", u"Q"},
    {u"ɛəɹ", u"ɛɹ", u"ɛːɹ"}, {u"eəɹ", u"ɛɹ", u"ɛːɹ"}, {u"ɛə", u"ɛɹ", u"ɛː"},
    {u"eə", u"ɛɹ", u"ɛː"},   {u"ɪəɹ", u"ɪɹ", u"ɪəɹ"}, {u"ʊəɹ", u"ʊɹ", u"ʊəɹ"},
    {u"eː", u"A", u"ɛː"},    {u"ɛː", u"ɛ", u"ɛː"},    {u"e", u"ɛ", u"ɛ"},
    {u"ɜːɹ", u"ɜɹ", u"ɜːɹ"}, {u"ɜː", u"ɜɹ", u"ɜː"},   {u"əːɹ", u"ɜɹ", u"ɜːɹ"},
    {u"əː", u"ɜɹ", u"ɜː"},   {u"ɒː", u"ɔ", u"ɔː"},    {u"ɒ", u"ɑ", u"ɒ"},
    {u"aː", u"ɑ", u"ɑː"},    {u"a", u"æ", u"a"},      {u"æː", u"æ", u"a"},
    {u"æ", u"æ", u"a"},      {u"oːɹ", u"ɔɹ", u"ɔːɹ"}, {u"oɹ", u"ɔɹ", u"ɔːɹ"},
    {u"oː", u"O", u"ɔː"},    {u"o", u"O", u"Q"},      {u"ɔː", u"ɔ", u"ɔː"},
    {u"ɔɹ", u"ɔɹ", u"ɔːɹ"},  {u"ɔ", u"ɔ", u"ɒ"},      {u"ɑ\u0303", u"ɑ\u0303", u"ɑ\u0303"},
    {u"ɑɹ", u"ɑɹ", u"ɑːɹ"},  {u"ɜɹ", u"ɜɹ", u"ɜːɹ"},  {u"ː", u"", u"ː"},
};

constexpr std::u16string_view kVowels = u"AIOQWYaeiouyæɑɐɒɔəɛɜɪʊʌᵻɨøœɯɤ";

bool is_vowel(char16_t symbol) { return kVowels.find(symbol) != std::u16string_view::npos; }

// IPA marks stress before the syllable, the voice before the vowel.
PhonemeString with_stress_at_vowels(PhonemeView phonemes) {
  PhonemeString out;
  char16_t pending = 0;
  for (const char16_t symbol : phonemes) {
    if (is_stress_mark(symbol)) {
      // Of "ˈˌ" the stronger stays.
      if (pending != kPrimaryStress) pending = symbol;
      continue;
    }
    if (symbol == u' ') pending = 0;
    if (pending != 0 && is_vowel(symbol)) {
      out.push_back(pending);
      pending = 0;
    }
    out.push_back(symbol);
  }
  return out;
}

// A syllable alone is written without its stress, and needs it unless its vowel is weak.
void stress_lone_syllables(PhonemeString& phonemes) {
  for (size_t begin = 0; begin < phonemes.size();) {
    const size_t end = std::min(phonemes.find(u' ', begin), phonemes.size());
    size_t vowels = 0, first_vowel = 0;
    bool stressed = false;
    for (size_t i = begin; i < end; ++i) {
      if (is_stress_mark(phonemes[i])) stressed = true;
      if (is_vowel(phonemes[i]) && vowels++ == 0) first_vowel = i;
    }
    const bool add = !stressed && vowels == 1 &&
                     std::u16string_view(u"əɐᵻ").find(phonemes[first_vowel]) == PhonemeView::npos;
    if (add) phonemes.insert(first_vowel, 1, kPrimaryStress);
    begin = end + 1 + (add ? 1 : 0);
  }
}

std::string quoted(std::string_view piece) { return "'" + to_utf8(to_utf32(piece)) + "'"; }

// IPA symbols to the voice's letters, before any dialect is considered.
std::optional<PhoneticError> to_letters(std::string_view notation,
                                        const std::vector<PhoneticSymbol>& symbols,
                                        std::string_view alphabet_name, PhonemeString& letters) {
  for (const PhoneticSymbol& symbol : symbols) {
    const char32_t c = symbol.symbol;
    if (c == U' ' || c == U'\t' || c == U'\n' || c == U'\r' || c == U'\u00A0') {
      if (!letters.empty() && letters.back() != u' ') letters.push_back(u' ');
    } else if (c == 0x329 || c == 0x30D) {  // syllabic: bottle is bɒtl̩
      if (!letters.empty() && !is_vowel(letters.back())) letters.insert(letters.size() - 1, u"ᵊ");
    } else if (c == U'˞') {
      letters += u'ɹ';
    } else if (c == 0x303) {
      if (!letters.empty() && is_vowel(letters.back())) letters.push_back(0x303);
    } else if (is_combining(c) || kPassedOver.find(c) != std::u32string_view::npos) {
      continue;
    } else if (const auto letter = letter_of(c)) {
      letters += *letter;
    } else {
      return PhoneticError{symbol.begin, symbol.end,
                           quoted(notation.substr(symbol.begin, symbol.end - symbol.begin)) +
                               " is no " + std::string(alphabet_name) + " symbol"};
    }
  }
  while (!letters.empty() && letters.back() == u' ') letters.pop_back();
  return std::nullopt;
}

PhonemeString to_dialect(PhonemeView letters, Dialect dialect) {
  PhonemeString out;
  for (size_t at = 0; at < letters.size();) {
    const auto rest = letters.substr(at);
    const auto* found =
        std::find_if(std::begin(kSequences), std::end(kSequences),
                     [&](const Sequence& sequence) { return rest.starts_with(sequence.ipa); });
    if (found == std::end(kSequences)) {
      out.push_back(letters[at++]);
    } else {
      out += dialect == Dialect::kBritish ? found->british : found->american;
      at += found->ipa.size();
    }
  }
  return out;
}

bool has_sound(PhonemeView letters) {
  return std::any_of(letters.begin(), letters.end(),
                     [](char16_t c) { return !is_stress_mark(c) && c != u'ː' && c != u' '; });
}

}  // namespace

std::optional<PhoneticAlphabet> parse_alphabet_name(std::string_view name) {
  if (equals_ignoring_case(name, "ipa")) return PhoneticAlphabet::kIpa;
  if (equals_ignoring_case(name, "x-sampa") || equals_ignoring_case(name, "xsampa"))
    return PhoneticAlphabet::kXSampa;
  if (equals_ignoring_case(name, "x-myna")) return PhoneticAlphabet::kMyna;
  return std::nullopt;
}

std::optional<PhoneticError> parse_phonemes(std::string_view notation, PhoneticAlphabet alphabet,
                                            Dialect dialect, PhonemeString& out) {
  size_t begin = notation.find_first_not_of(" \t\r\n");
  if (begin == std::string_view::npos)
    return PhoneticError{0, notation.size(), "there are no phonemes"};
  size_t end = notation.find_last_not_of(" \t\r\n") + 1;
  std::vector<PhoneticSymbol> symbols;
  if (alphabet == PhoneticAlphabet::kXSampa) {
    if (const auto bad = x_sampa_to_ipa(notation.substr(begin, end - begin), symbols)) {
      const size_t at = begin + *bad;
      const size_t size = decode_utf8(notation, at).byte_count;
      return PhoneticError{at, at + size,
                           quoted(notation.substr(at, size)) + " is no X-SAMPA symbol"};
    }
    for (PhoneticSymbol& symbol : symbols) {
      symbol.begin += static_cast<uint32_t>(begin);
      symbol.end += static_cast<uint32_t>(begin);
    }
  } else {
    const bool slashes = notation[begin] == '/' && notation[end - 1] == '/';
    const bool brackets = notation[begin] == '[' && notation[end - 1] == ']';
    if ((slashes || brackets) && end - begin >= 2) {
      ++begin;
      --end;
    }
    for (size_t at = begin; at < end;) {
      const DecodedCodePoint decoded = decode_utf8(notation.substr(0, end), at);
      symbols.push_back({decoded.code_point, static_cast<uint32_t>(at),
                         static_cast<uint32_t>(at + decoded.byte_count)});
      at += decoded.byte_count;
    }
  }

  PhonemeString letters;
  const char* const name = alphabet == PhoneticAlphabet::kIpa      ? "IPA"
                           : alphabet == PhoneticAlphabet::kXSampa ? "X-SAMPA"
                                                                   : "x-myna";
  if (auto error = to_letters(notation, symbols, name, letters)) return error;
  if (!has_sound(letters)) return PhoneticError{0, notation.size(), "there are no phonemes"};
  if (alphabet == PhoneticAlphabet::kMyna) {
    out += letters;
    return std::nullopt;
  }
  PhonemeString phonemes = with_stress_at_vowels(to_dialect(letters, dialect));
  stress_lone_syllables(phonemes);
  out += phonemes;
  return std::nullopt;
}

}  // namespace myna::text
