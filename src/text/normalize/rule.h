// A rule of the normaliser: it looks at the tokens from one position on and either takes some of
// them, putting what is spoken into a SpeechBuilder, or leaves them to the next rule.
//
// To add one: write the match function in the file of its idea, add a line to that file's rule
// table with examples (they run as tests, see examples_test.cc), and for a new file list its table
// in normalizer.cc.
#pragma once

#include <span>
#include <string_view>
#include <vector>

#include "text/front_end.h"
#include "text/normalize/emoji_reading.h"
#include "text/normalize/speech.h"
#include "text/normalize/token.h"

namespace myna::text {

// The tokens of one stretch of text. Reading outside of it gives an empty symbol token, so that
// rules need no bounds checks.
class Tokens {
 public:
  Tokens(std::string_view text, std::span<const Token> tokens,
         std::span<const uint32_t> sentence_starts, Dialect dialect,
         EmojiReading emoji = EmojiReading::kSkip)
      : text_(text),
        tokens_(tokens),
        sentence_starts_(sentence_starts),
        dialect_(dialect),
        emoji_(emoji) {}

  size_t size() const { return tokens_.size(); }
  const Token& at(size_t i) const { return i < tokens_.size() ? tokens_[i] : kNone; }
  std::string_view text(size_t i) const {
    const Token& token = at(i);
    return text_.substr(token.begin, token.end - token.begin);
  }
  std::string_view text(size_t begin, size_t end) const {  // tokens [begin, end), end > begin
    return text_.substr(at(begin).begin, at(end - 1).end - at(begin).begin);
  }
  bool exists(size_t i) const { return i < tokens_.size(); }
  bool is_word(size_t i) const { return exists(i) && tokens_[i].kind == TokenKind::kWord; }
  bool is_number(size_t i) const { return exists(i) && tokens_[i].kind == TokenKind::kNumber; }
  bool is_symbol(size_t i, char32_t symbol) const {
    return exists(i) && tokens_[i].symbol == symbol;
  }
  bool is_word(size_t i, std::string_view lower) const {
    return is_word(i) && equals_ignoring_case(text(i), lower);
  }
  // Nothing stands between tokens i - 1 and i.
  bool attached(size_t i) const { return i > 0 && exists(i) && !tokens_[i].space_before; }
  bool attached_symbol(size_t i, char32_t symbol) const {
    return attached(i) && is_symbol(i, symbol);
  }
  // The end of the text, white space, or closing punctuation that is not followed by more of a
  // word.
  bool ends_before(size_t i) const;
  // A new sentence may start at token i (the end of the text counts).
  bool sentence_may_start(size_t i) const;

  // The same behind an abbreviation's period: also a bracket, a number and another abbreviation let
  // the sentence go on ("Apple Inc. (AAPL)", "4 p.m. ET").
  bool abbreviation_ends_sentence(size_t next) const;

  Dialect dialect() const { return dialect_; }
  bool british() const { return dialect_ == Dialect::kBritish; }
  EmojiReading emoji() const { return emoji_; }
  std::string_view whole_text() const { return text_; }

 private:
  static constexpr Token kNone{0, 0, TokenKind::kSymbol, true, 0};

  std::string_view text_;
  std::span<const Token> tokens_;
  std::span<const uint32_t> sentence_starts_;
  Dialect dialect_;
  EmojiReading emoji_;
};

// Takes tokens from `at` on; returns how many, 0 when the rule does not apply (then nothing may
// have been put into `speech`).
using RuleFunction = size_t (*)(const Tokens& tokens, size_t at, SpeechBuilder& speech);

struct RuleExample {
  std::string_view written;
  std::string_view spoken;  // normalized_text() without marks
  Dialect dialect = Dialect::kAmerican;
};

struct Rule {
  std::string_view name;
  RuleFunction match;
  std::span<const RuleExample> examples;
};

// What a rule table may start with; only the tables of a token's kind are asked.
enum class RuleTrigger : uint8_t { kNumber, kWord, kSymbol };

struct RuleTable {
  RuleTrigger trigger;
  std::span<const Rule> rules;
};

// One function a file, in the order in which normalizer.cc asks them.
std::span<const RuleTable> idiom_rules();
std::span<const RuleTable> electronic_rules();
std::span<const RuleTable> telephone_rules();
std::span<const RuleTable> identifier_rules();
std::span<const RuleTable> address_rules();
std::span<const RuleTable> numbered_thing_rules();
std::span<const RuleTable> verse_rules();
std::span<const RuleTable> date_rules();
std::span<const RuleTable> numeric_date_rules();
std::span<const RuleTable> time_rules();
std::span<const RuleTable> money_rules();
std::span<const RuleTable> angle_rules();
std::span<const RuleTable> unit_rules();
std::span<const RuleTable> chemistry_rules();
std::span<const RuleTable> math_rules();
std::span<const RuleTable> range_rules();
std::span<const RuleTable> year_rules();
std::span<const RuleTable> fraction_rules();
std::span<const RuleTable> number_rules();
std::span<const RuleTable> roman_rules();
std::span<const RuleTable> abbreviation_rules();
std::span<const RuleTable> symbol_rules();

}  // namespace myna::text
