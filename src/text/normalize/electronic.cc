// E-mail addresses, URLs, file names, handles and hashtags.
#include "text/normalize/number_literal.h"
#include "text/normalize/symbol_names.h"

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

constexpr std::string_view kDomains[] = {"com", "org",  "net", "edu", "gov", "mil", "int", "io",
                                         "ai",  "co",   "uk",  "de",  "fr",  "it",  "es",  "eu",
                                         "us",  "ca",   "au",  "jp",  "cn",  "in",  "ru",  "ch",
                                         "nl",  "info", "dev", "app", "tv",  "me"};

bool is_domain(std::string_view word) {
  for (const std::string_view domain : kDomains) {
    if (equals_ignoring_case(word, domain)) return true;
  }
  return false;
}

std::string_view symbol_word(char32_t symbol) {
  switch (symbol) {
    case U'.':
      return "dot";
    case U'@':
      return "at";
    case U'/':
      return "slash";
    case U':':
      return "colon";
    case U'-':
      return "dash";
    case U'_':
      return "underscore";
    case U'?':
      return "question mark";
    case U'=':
      return "equals";
    case U'&':
      return "ampersand";
    case U'#':
      return "hash";
    case U'%':
      return "percent";
    case U'+':
      return "plus";
    case U'~':
      return "tilde";
    case U'$':
      return "dollar";
    case U'*':
      return "star";
    case U'\\':
      return "backslash";
    case U'²':
      return "two";
    case U'³':
      return "three";
    default:
      return symbol_name(symbol);
  }
}

void speak_run(const Tokens& tokens, size_t begin, size_t end, SpeechBuilder& speech) {
  for (size_t i = begin; i < end; ++i) {
    set_source(tokens, i, i + 1, speech);
    const std::string_view text = tokens.text(i);
    if (tokens.is_number(i)) {
      NumberWords words;
      append_digits(text, words);
      for (const auto word : words) speech.word(word);
    } else if (tokens.is_word(i)) {
      const bool letters = text.size() == 1 || equals_ignoring_case(text, "www") ||
                           equals_ignoring_case(text, "http") ||
                           equals_ignoring_case(text, "https") ||
                           equals_ignoring_case(text, "ftp") ||
                           (text.size() == 2 && i > begin && tokens.is_symbol(i - 1, U'.'));
      speech.word(text, letters ? Reading::kLetters : Reading::kAuto);
    } else {
      speech.words(symbol_word(tokens.at(i).symbol));
    }
  }
}

bool is_extension(std::string_view word) {
  static constexpr std::string_view kExtensions[] = {
      "pdf", "doc",  "docx", "txt", "md",   "html", "htm", "xml", "json", "csv",
      "xls", "xlsx", "png",  "jpg", "jpeg", "gif",  "svg", "mp3", "mp4",  "wav",
      "zip", "tar",  "gz",   "exe", "cpp",  "py",   "js",  "abc"};
  for (const std::string_view extension : kExtensions) {
    if (equals_ignoring_case(word, extension)) return true;
  }
  return false;
}

// name@host.tld, www.host.tld/path, https://..., host.com, file.pdf
size_t match_address(const Tokens& tokens, size_t at, SpeechBuilder& speech) {
  if (tokens.attached(at) &&
      std::u32string_view(U"([{<\"'“”=,;:—").find(tokens.at(at - 1).symbol) ==
          std::u32string_view::npos) {
    return 0;
  }
  if (!tokens.attached(at + 1)) return 0;
  const size_t end = chunk_end(tokens, at);
  if (end < at + 3) return 0;
  bool at_sign = false, scheme = false, known_domain = false;
  for (size_t i = at + 1; i + 1 < end; ++i) {
    const char32_t symbol = tokens.at(i).symbol;
    if (symbol == U'@' && i > at) at_sign = true;
    if (symbol == U':' && tokens.is_symbol(i + 1, U'/') && tokens.is_symbol(i + 2, U'/'))
      scheme = true;
    if (symbol == U'/' && !known_domain) break;
    if (symbol == U'.' && tokens.is_word(i + 1) && !at_sign) {
      const bool last = i + 2 == end || tokens.is_symbol(i + 2, U'/') ||
                        tokens.is_symbol(i + 2, U':') || tokens.is_symbol(i + 2, U'?') ||
                        tokens.is_symbol(i + 2, U'.');
      const std::string_view before = tokens.text(i - 1);
      // "end.In" is a missing space, not a domain of India.
      if (last && is_domain(tokens.text(i + 1)) && !is_capitalized(tokens.text(i + 1)) &&
          !before.empty() && (before.size() > 1 || i > at + 1)) {
        known_domain = true;
      }
      if (i + 2 == end && is_extension(tokens.text(i + 1))) known_domain = true;
    }
  }
  const bool www = tokens.is_word(at, "www") && tokens.is_symbol(at + 1, U'.');
  if (!at_sign && !scheme && !www && !known_domain) return 0;
  speak_run(tokens, at, end, speech);
  return end - at;
}

// @name, #topic
size_t match_handle(const Tokens& tokens, size_t at, SpeechBuilder& speech) {
  const bool handle = tokens.is_symbol(at, U'@');
  if (!handle && !tokens.is_symbol(at, U'#')) return 0;
  if (!tokens.attached(at + 1) || tokens.attached(at)) return 0;
  size_t end = at + 1;
  bool has_letter = false;
  while (tokens.attached(end) &&
         (tokens.is_word(end) || tokens.is_number(end) || tokens.is_symbol(end, U'_'))) {
    has_letter |= tokens.is_word(end);
    ++end;
  }
  if (!has_letter) return 0;
  speak(tokens, at, at + 1, handle ? "at" : "hashtag", speech);
  speak_run(tokens, at + 1, end, speech);
  return end - at;
}

constexpr RuleExample kAddressExamples[] = {
    {"a.bc@gmail.com", "a dot bc at gmail dot com"},
    {"see www.example.org/news.", "see www dot example dot org slash news"},
    {"https://example.com", "https colon slash slash example dot com"},
    {"amazon.com is", "amazon dot com is"},
    {"report.pdf", "report dot pdf"},
    {"the end.In time", "the end In time"},
};
constexpr RuleExample kHandleExamples[] = {{"@mypizza", "at mypizza"},
                                           {"#WorldCup2022", "hashtag WorldCup two zero two two"}};

constexpr Rule kWordRules[] = {{"address", match_address, kAddressExamples}};
constexpr Rule kSymbolRules[] = {{"handle", match_handle, kHandleExamples}};
constexpr RuleTable kTables[] = {{RuleTrigger::kWord, kWordRules},
                                 {RuleTrigger::kSymbol, kSymbolRules}};

}  // namespace

std::span<const RuleTable> electronic_rules() { return kTables; }

}  // namespace myna::text
