// E-mail addresses, URLs, paths, file names, handles and hashtags.
#include "text/normalize/electronic.h"

#include "text/normalize/abbreviation_table.h"
#include "text/normalize/number_literal.h"
#include "text/normalize/symbol_names.h"
#include "text/normalize/word_list.h"

namespace myna::text {
namespace {

// Longer runs without a space are no address; the limit keeps the search linear.
constexpr size_t kMaxAddressTokens = 400;

// The end of the run of tokens without white space, without closing punctuation.
size_t chunk_end(const Tokens& tokens, size_t at) {
  size_t end = at + 1;
  while (tokens.attached(end) && end < at + kMaxAddressTokens) ++end;
  static constexpr std::u32string_view kTrailing = U".,;:!?)]}\"'”…>";
  while (end > at + 1 && tokens.at(end - 1).kind == TokenKind::kSymbol &&
         kTrailing.find(tokens.at(end - 1).symbol) != std::u32string_view::npos) {
    --end;
  }
  return end;
}

// Behind a period in lower case these make an address of what stands before.
constexpr std::string_view kDomains[] = {
    "com", "org", "net",  "edu",  "gov",  "mil",  "int",    "io",    "ai",   "co",
    "uk",  "de",  "fr",   "it",   "es",   "eu",   "us",     "ca",    "au",   "jp",
    "cn",  "in",  "ru",   "ch",   "nl",   "se",   "no",     "dk",    "fi",   "pl",
    "br",  "mx",  "nz",   "ie",   "kr",   "sg",   "za",     "at",    "be",   "pt",
    "gr",  "tr",  "info", "biz",  "dev",  "app",  "tv",     "me",    "fm",   "ly",
    "gg",  "xyz", "tech", "shop", "blog", "news", "online", "store", "site", "museum"};
// Of these a sentence may start without its space: "the end.in time".
constexpr std::string_view kWordDomains[] = {
    "in",   "it",   "us",   "me",   "no",    "at",     "be",   "co",  "es", "de", "info", "app",
    "tech", "shop", "news", "site", "store", "online", "blog", "int", "ai", "ca", "ly"};

constexpr std::string_view kExtensions[] = {
    "pdf",  "doc",  "docx",  "txt",  "md",   "html", "htm", "xml", "json", "csv",  "xls",
    "xlsx", "ppt",  "pptx",  "odt",  "rtf",  "epub", "png", "jpg", "jpeg", "gif",  "svg",
    "bmp",  "webp", "tiff",  "ico",  "wav",  "flac", "ogg", "mov", "avi",  "mkv",  "webm",
    "zip",  "tar",  "gz",    "rar",  "exe",  "dll",  "iso", "dmg", "apk",  "jar",  "deb",
    "cpp",  "cc",   "py",    "js",   "ts",   "css",  "php", "rb",  "rs",   "java", "sh",
    "yml",  "yaml", "toml",  "ini",  "cfg",  "conf", "log", "bak", "sql",  "tsv",  "ttf",
    "srt",  "vtt",  "ipynb", "ssml", "wasm", "onnx", "tmp", "dat", "bin",  "mp"};

// Parts of an address that are named letter by letter.
constexpr std::string_view kSpelledParts[] = {"www", "http", "https", "ftp", "sftp", "ssh"};

struct Named {
  char32_t symbol;
  std::string_view spoken;
};
constexpr Named kSpelledSymbols[] = {
    {U'.', "dot"},
    {U'@', "at"},
    {U'/', "slash"},
    {U':', "colon"},
    {U'-', "dash"},
    {U'_', "underscore"},
    {U'?', "question mark"},
    {U'=', "equals"},
    {U'&', "ampersand"},
    {U'#', "hash"},
    {U'%', "percent"},
    {U'+', "plus"},
    {U'~', "tilde"},
    {U'$', "dollar"},
    {U'*', "star"},
    {U'\\', "backslash"},
    {U'²', "two"},
    {U'³', "three"},
    {U'!', "exclamation mark"},
    {U',', "comma"},
    {U';', "semicolon"},
    {U'\'', "apostrophe"},
    {U'"', "quote"},
    {U'(', "open parenthesis"},
    {U')', "close parenthesis"},
    {U'[', "open bracket"},
    {U']', "close bracket"},
    {U'{', "open brace"},
    {U'}', "close brace"},
    {U'<', "less than"},
    {U'>', "greater than"},
    {U'|', "vertical bar"},
    {U'^', "caret"},
    {U'`', "backquote"},
    {U'“', "quote"},
    {U'”', "quote"},
    {U'–', "dash"},
    {U'—', "dash"},
    {U'…', "dot dot dot"},
};

// 6000 in rtx-6000 is a number, 123 in /123 a row of digits.
bool is_round(std::string_view digits) {
  return digits.size() >= 4 && digits.size() <= 6 && digits[0] != '0' && digits.ends_with("000");
}

void speak_number_part(const Tokens& tokens, size_t at, SpeechBuilder& speech) {
  NumberWords words;
  if (is_round(tokens.text(at))) {
    append_cardinal(tokens.text(at), tokens.dialect(), words);
  } else {
    append_digits(tokens.text(at), words);
  }
  speak(tokens, at, at + 1, words, speech);
}

bool may_follow(const Tokens& tokens, size_t at) {
  return !tokens.attached(at) ||
         std::u32string_view(U"([{<\"'“”=,;:—").find(tokens.at(at - 1).symbol) !=
             std::u32string_view::npos;
}

// What the run [at, end) shows of an address.
struct AddressSigns {
  bool at_sign = false, scheme = false, domain = false, file = false, slash = false;
};

AddressSigns signs_of(const Tokens& tokens, size_t at, size_t end) {
  AddressSigns signs;
  for (size_t i = at + 1; i + 1 < end; ++i) {
    const char32_t symbol = tokens.at(i).symbol;
    signs.slash |= symbol == U'/';
    if (symbol == U'@') signs.at_sign = true;
    if (symbol == U':' && tokens.is_symbol(i + 1, U'/') && tokens.is_symbol(i + 2, U'/'))
      signs.scheme = true;
    if (symbol != U'.' || !tokens.is_word(i + 1)) continue;
    const std::string_view name = tokens.text(i + 1);
    const bool last = i + 2 == end || tokens.is_symbol(i + 2, U'/') ||
                      tokens.is_symbol(i + 2, U':') || tokens.is_symbol(i + 2, U'?') ||
                      tokens.is_symbol(i + 2, U'.') || tokens.is_symbol(i + 2, U'-');
    const std::string_view before = tokens.text(i - 1);
    // "end.In" is a missing space, not a domain of India.
    if (last && !signs.slash && (before.size() > 1 || i > at + 1) && !is_capitalized(name) &&
        is_in_list(name, kDomains) &&
        !(tokens.is_number(i - 1) && is_in_list(name, kWordDomains))) {
      signs.domain = true;
    }
    const bool ends_here = i + 2 == end || (i + 3 == end && tokens.is_number(i + 2));
    if (ends_here && is_in_list(name, kExtensions)) signs.file = true;
  }
  return signs;
}

// name@host.tld, www.host.tld/path, https://..., host.com, file.pdf, docs/file.md
size_t match_address(const Tokens& tokens, size_t at, SpeechBuilder& speech) {
  if (!tokens.attached(at + 1) || !may_follow(tokens, at)) return 0;
  const size_t end = chunk_end(tokens, at);
  if (end < at + 3) return 0;
  const AddressSigns signs = signs_of(tokens, at, end);
  const bool www = tokens.is_word(at, "www") && tokens.is_symbol(at + 1, U'.');
  if (!signs.at_sign && !signs.scheme && !www && !signs.domain && !signs.file) return 0;
  // 5.4@3 and 1:2//3 are no addresses.
  if (tokens.is_number(at) && !signs.domain && !signs.file) return 0;
  speak_electronic(tokens, at, end, speech);
  return end - at;
}

// /usr/local/bin, ~/notes, ./run.sh
size_t match_path(const Tokens& tokens, size_t at, SpeechBuilder& speech) {
  const bool root = tokens.is_symbol(at, U'/') || tokens.is_symbol(at, U'\\');
  const bool home = (tokens.is_symbol(at, U'~') || tokens.is_symbol(at, U'.')) &&
                    tokens.attached_symbol(at + 1, U'/');
  if ((!root && !home) || !tokens.attached(at + 1) || !may_follow(tokens, at)) return 0;
  const size_t end = chunk_end(tokens, at);
  size_t slashes = 0;
  bool letters = false;
  for (size_t i = at; i < end; ++i) {
    slashes += tokens.is_symbol(i, U'/') || tokens.is_symbol(i, U'\\');
    letters |= tokens.is_word(i);
  }
  if (!letters || slashes < (home ? 1u : 2u)) return 0;
  speak_electronic(tokens, at, end, speech);
  return end - at;
}

// C:\Users\me
size_t match_drive(const Tokens& tokens, size_t at, SpeechBuilder& speech) {
  if (tokens.text(at).size() != 1 || !tokens.attached_symbol(at + 1, U':') ||
      !tokens.attached_symbol(at + 2, U'\\')) {
    return 0;
  }
  const size_t end = chunk_end(tokens, at);
  speak_electronic(tokens, at, end, speech);
  return end - at;
}

// @name, #topic, #WorldCup2022
size_t match_handle(const Tokens& tokens, size_t at, SpeechBuilder& speech) {
  const bool handle = tokens.is_symbol(at, U'@');
  if (!handle && !tokens.is_symbol(at, U'#')) return 0;
  if (!tokens.attached(at + 1) || !may_follow(tokens, at)) return 0;
  size_t end = at + 1;
  bool has_letter = false;
  while (tokens.attached(end) && end < at + kMaxAddressTokens &&
         (tokens.is_word(end) || tokens.is_number(end) || tokens.is_symbol(end, U'_'))) {
    has_letter |= tokens.is_word(end);
    ++end;
  }
  if (!has_letter) return 0;
  speak(tokens, at, at + 1, handle ? "at" : "hashtag", speech);
  for (size_t i = at + 1; i < end; ++i) {
    // A topic is words: its underscores part them, and four digits are mostly a year.
    if (!handle && tokens.is_symbol(i, U'_')) continue;
    if (!handle && tokens.is_number(i) && tokens.text(i).size() <= 4) {
      NumberWords words;
      append_year(tokens.text(i), tokens.dialect(), words);
      speak(tokens, i, i + 1, words, speech);
    } else {
      speak_electronic(tokens, i, i + 1, speech);
    }
  }
  return end - at;
}

// "a dot b at example dot com": an address that is written as it is spoken. Its "a" is the letter,
// not the article.
size_t match_spoken_address(const Tokens& tokens, size_t at, SpeechBuilder& speech) {
  if (tokens.text(at) != "a" || !tokens.is_word(at + 1) || tokens.attached(at + 1)) return 0;
  static constexpr std::string_view kNext[] = {"dot", "at",    "dash",  "underscore", "hyphen",
                                               "one", "two",   "three", "four",       "five",
                                               "six", "seven", "eight", "nine",       "zero"};
  constexpr size_t kFarthest = 24;
  if (!is_in_list(tokens.text(at + 1), kNext)) return 0;
  bool at_sign = tokens.is_word(at + 1, "at");
  for (size_t i = at + 2; i < at + kFarthest && tokens.is_word(i); ++i) {
    at_sign |= tokens.is_word(i, "at");
    if (at_sign && tokens.is_word(i, "dot") && tokens.is_word(i + 1) &&
        (is_in_list(tokens.text(i + 1), kDomains) || is_all_upper(tokens.text(i + 1)))) {
      set_source(tokens, at, at + 1, speech);
      speech.word(tokens.text(at), Reading::kLetters);
      return 1;
    }
  }
  return 0;
}

constexpr RuleExample kAddressExamples[] = {
    {"a.bc@gmail.com", "a dot bc at gmail dot com"},
    {"see www.example.org/news.", "see www dot example dot org slash news"},
    {"https://example.com", "https colon slash slash example dot com"},
    {"https://example.com/rtx-6000/12",
     "https colon slash slash example dot com slash rtx dash six thousand slash one two"},
    {"amazon.com is", "amazon dot com is"},
    {"9gag.com", "nine gag dot com"},
    {"report.pdf", "report dot pdf"},
    {"src/main.cpp", "src slash main dot cpp"},
    {"the end.In time", "the end In time"},
};
constexpr RuleExample kPathExamples[] = {
    {"in /usr/local/bin", "in slash usr slash local slash bin"}, {"~/notes", "tilde slash notes"}};
constexpr RuleExample kDriveExamples[] = {{"C:\\Users", "C colon backslash Users"}};
constexpr RuleExample kHandleExamples[] = {{"@mypizza", "at mypizza"},
                                           {"@user12", "at user one two"},
                                           {"#WorldCup2022", "hashtag WorldCup twenty twenty two"}};
constexpr RuleExample kSpokenExamples[] = {{"a at example dot com", "a at example dot com"},
                                           {"a dot com company", "a dot com company"}};

constexpr Rule kWordRules[] = {{"spoken_address", match_spoken_address, kSpokenExamples},
                               {"drive_path", match_drive, kDriveExamples},
                               {"address", match_address, kAddressExamples}};
constexpr Rule kNumberRules[] = {{"address", match_address, {}}};
constexpr Rule kSymbolRules[] = {{"path", match_path, kPathExamples},
                                 {"handle", match_handle, kHandleExamples}};
constexpr RuleTable kTables[] = {{RuleTrigger::kWord, kWordRules},
                                 {RuleTrigger::kNumber, kNumberRules},
                                 {RuleTrigger::kSymbol, kSymbolRules}};

}  // namespace

std::string_view spelled_symbol(char32_t symbol) {
  for (const Named& named : kSpelledSymbols) {
    if (named.symbol == symbol) return named.spoken;
  }
  return symbol_name(symbol);
}

void speak_electronic(const Tokens& tokens, size_t begin, size_t end, SpeechBuilder& speech) {
  for (size_t i = begin; i < end; ++i) {
    set_source(tokens, i, i + 1, speech);
    const std::string_view text = tokens.text(i);
    if (tokens.is_number(i)) {
      speak_number_part(tokens, i, speech);
    } else if (tokens.is_word(i)) {
      const bool country = text.size() == 2 && i > begin && tokens.is_symbol(i - 1, U'.');
      const bool letters = text.size() == 1 || country || is_in_list(text, kSpelledParts);
      speech.word(text, letters || is_small_initialism(text) ? Reading::kLetters : Reading::kAuto);
    } else {
      speech.words(spelled_symbol(tokens.at(i).symbol));
    }
  }
}

std::span<const RuleTable> electronic_rules() { return kTables; }

}  // namespace myna::text
