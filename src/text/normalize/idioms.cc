// Numbers with readings of their own: 24/7 · 9/11 · 401(k)
#include "text/normalize/number_literal.h"

namespace myna::text {
namespace {

// 24/7 and 9/11 have their own readings.
size_t match_idiom(const Tokens& tokens, size_t at, SpeechBuilder& speech) {
  struct Idiom {
    std::string_view left;
    char32_t symbol;
    std::string_view right, spoken;
  };
  static constexpr Idiom kIdioms[] = {
      {"24", U'/', "7", "twenty four seven"}, {"9", U'/', "11", "nine eleven"},
      {"50", U'/', "50", "fifty fifty"},      {"50", U'-', "50", "fifty fifty"},
      {"20", U'/', "20", "twenty twenty"},    {"20", U'-', "20", "twenty twenty"},
      {"7", U'/', "7", "seven seven"},        {"10", U'/', "10", "ten out of ten"},
      {"5", U'/', "5", "five out of five"},
  };
  for (const Idiom& idiom : kIdioms) {
    if (tokens.text(at) == idiom.left && tokens.attached_symbol(at + 1, idiom.symbol) &&
        tokens.attached(at + 2) && tokens.text(at + 2) == idiom.right &&
        (tokens.ends_before(at + 3) || tokens.attached_symbol(at + 3, U'\''))) {
      speak(tokens, at, at + 3, idiom.spoken, speech);
      return 3;
    }
  }
  return 0;
}

// 401(k) and 401k
size_t match_401k(const Tokens& tokens, size_t at, SpeechBuilder& speech) {
  if (tokens.text(at) != "401" && tokens.text(at) != "403") return 0;
  size_t end = at + 1;
  const bool bracket = tokens.attached_symbol(end, U'(');
  if (bracket) ++end;
  if (!tokens.attached(end) || !(tokens.is_word(end, "k") || tokens.is_word(end, "b"))) return 0;
  const std::string letter(tokens.text(end++));
  if (bracket && !tokens.attached_symbol(end++, U')')) return 0;
  speak(tokens, at, at + 1, tokens.text(at) == "401" ? "four oh one" : "four oh three", speech);
  set_source(tokens, at + 1, end, speech);
  speech.own_word(letter, Reading::kLetters);
  return end - at;
}

// 1080p, 720p: the lines of a picture, in pairs.
size_t match_video(const Tokens& tokens, size_t at, SpeechBuilder& speech) {
  struct Lines {
    std::string_view written, spoken;
  };
  static constexpr Lines kLines[] = {{"2160", "twenty one sixty"}, {"1440", "fourteen forty"},
                                     {"1080", "ten eighty"},       {"720", "seven twenty"},
                                     {"576", "five seventy six"},  {"480", "four eighty"},
                                     {"360", "three sixty"},       {"240", "two forty"}};
  const bool marked =
      tokens.attached(at + 1) && (tokens.text(at + 1) == "p" || tokens.text(at + 1) == "i");
  if (!marked || tokens.attached(at)) return 0;
  for (const Lines& lines : kLines) {
    if (tokens.text(at) != lines.written) continue;
    speak(tokens, at, at + 1, lines.spoken, speech);
    return 1;
  }
  return 0;
}

constexpr RuleExample kVideoExamples[] = {{"in 1080p", "in ten eighty p"}};
constexpr RuleExample kIdiomExamples[] = {{"open 24/7", "open twenty four seven"},
                                          {"9/11's dead", "nine eleven's dead"},
                                          {"the 7/7 attacks", "the seven seven attacks"}};
constexpr RuleExample k401kExamples[] = {{"a 401(k) plan", "a four oh one k plan"}};

constexpr Rule kRules[] = {{"idiom", match_idiom, kIdiomExamples},
                           {"video", match_video, kVideoExamples},
                           {"401k", match_401k, k401kExamples}};
constexpr RuleTable kTables[] = {{RuleTrigger::kNumber, kRules}};

}  // namespace

std::span<const RuleTable> idiom_rules() { return kTables; }

}  // namespace myna::text
