#include "text/normalize/normalizer.h"

#include <array>

#include "text/normalize/number_literal.h"

namespace myna::text {
namespace {

// The order matters: what is more specific comes first.
constexpr std::array kFiles = {
    idiom_rules,          electronic_rules, telephone_rules, identifier_rules,   address_rules,
    numbered_thing_rules, verse_rules,      date_rules,      numeric_date_rules, time_rules,
    money_rules,          angle_rules,      unit_rules,      chemistry_rules,    math_rules,
    range_rules,          year_rules,       fraction_rules,  number_rules,       roman_rules,
    abbreviation_rules,   symbol_rules};

using RuleList = std::vector<RuleFunction>;

// The rules of each trigger in one list, built once.
const std::array<RuleList, 3>& rules_by_trigger() {
  static const std::array<RuleList, 3> kLists = [] {
    std::array<RuleList, 3> built;
    for (const RuleTable& table : all_rule_tables()) {
      for (const Rule& rule : table.rules)
        built[static_cast<size_t>(table.trigger)].push_back(rule.match);
    }
    return built;
  }();
  return kLists;
}

RuleTrigger trigger_of(const Token& token) {
  switch (token.kind) {
    case TokenKind::kNumber:
      return RuleTrigger::kNumber;
    case TokenKind::kWord:
      return RuleTrigger::kWord;
    case TokenKind::kSymbol:
      break;
  }
  return RuleTrigger::kSymbol;
}

bool ends_with_terminal_mark(const std::vector<SpeechItem>& items) {
  for (size_t i = items.size(); i > 0; --i) {
    switch (items[i - 1].mark) {
      case U'.':
      case U'!':
      case U'?':
      case U'…':
        return true;
      case U'”':
      case U'“':
      case U')':
        continue;  // he said "yes." Then
      default:
        return false;
    }
  }
  return false;
}

// Closing marks never have a space before them, whatever the source says.
bool is_closing_mark(char32_t mark) {
  return std::u32string_view(U".,;:!?…)”").find(mark) != std::u32string_view::npos;
}

// The 's behind what a rule has read: 9/11's, the U.K.'s. Returns the tokens taken.
size_t read_possessive(const Tokens& tokens, size_t at, size_t first_new, SpeechBuilder& speech) {
  if (!tokens.attached_symbol(at, U'\'') || !tokens.attached(at + 1) ||
      !tokens.is_word(at + 1, "s"))
    return 0;
  if (speech.items().size() <= first_new || !speech.items().back().is_word()) return 0;
  const SpeechItem last = speech.items().back();
  speech.items().pop_back();
  speech.set_source(last.begin, tokens.at(at + 1).end);
  speech.own_word(std::string(last.word) + "'s");
  return 2;
}

void read_plain_word(const Tokens& tokens, size_t at, SpeechBuilder& speech) {
  const std::string_view word = tokens.text(at);
  set_source(tokens, at, at + 1, speech);
  const bool hyphenated = tokens.attached(at) && tokens.is_symbol(at - 1, U'-') && at > 1 &&
                          tokens.attached(at - 1) && tokens.is_word(at - 2);
  // Only words that stand as written make a compound: SentencePhonemes looks it up in the text.
  if (hyphenated && !speech.items().empty() &&
      speech.items().back().word.data() == tokens.text(at - 2).data()) {
    speech.compound(word);
  } else if (word.size() == 1 && tokens.attached(at) && tokens.is_number(at - 1)) {
    speech.word(word, Reading::kLetters);  // 5G, 16c
  } else {
    speech.word(word);
  }
}

}  // namespace

std::vector<RuleTable> all_rule_tables() {
  std::vector<RuleTable> tables;
  for (const auto file : kFiles) {
    const auto of_file = file();
    tables.insert(tables.end(), of_file.begin(), of_file.end());
  }
  return tables;
}

void mark_sentence_end(const Tokens& tokens, size_t at, SpeechBuilder& speech) {
  auto& items = speech.items();
  if (items.empty() || !tokens.sentence_may_start(at) || !ends_with_terminal_mark(items)) return;
  // “Why?” she asked: the quotation's mark does not end the sentence around it.
  const bool goes_on = (items.back().mark == U'”' || items.back().mark == U')') &&
                       tokens.is_word(at) && !is_capitalized(tokens.text(at));
  items.back().sentence_end = !goes_on;
}

size_t read_token(const Tokens& tokens, size_t at, SpeechBuilder& speech) {
  const auto& rules = rules_by_trigger();
  auto& items = speech.items();
  const size_t first_new = items.size();
  size_t taken = 0;
  for (const RuleFunction match : rules[static_cast<size_t>(trigger_of(tokens.at(at)))]) {
    taken = match(tokens, at, speech);
    if (taken != 0) break;
  }
  if (taken != 0) taken += read_possessive(tokens, at + taken, first_new, speech);
  if (taken == 0) {
    if (tokens.is_word(at)) read_plain_word(tokens, at, speech);
    taken = 1;  // a symbol without a reading is silent
  }
  if (items.size() > first_new) {
    SpeechItem& first = items[first_new];
    if (!first.is_word() && is_closing_mark(first.mark)) first.space_before = false;
    if (first.is_word() && !tokens.at(at).space_before && first_new > 0 &&
        !items[first_new - 1].is_word() && !is_closing_mark(items[first_new - 1].mark)) {
      first.space_before = false;  // behind an opening mark or a dash
    }
  }
  return taken;
}

void read_tokens(const Tokens& tokens, SpeechBuilder& speech) {
  for (size_t at = 0; at < tokens.size();) {
    mark_sentence_end(tokens, at, speech);
    at += read_token(tokens, at, speech);
  }
}

void Normalizer::read_plainly(std::string_view text, uint32_t begin, uint32_t end,
                              std::span<const uint32_t> sentence_starts, Dialect dialect) {
  tokenize(text, begin, end, tokens_);
  read_tokens(Tokens(text, tokens_, sentence_starts, dialect, emoji_), speech_);
}

const SpeechBuilder& Normalizer::normalize(std::string_view text,
                                           std::span<const uint32_t> sentence_starts,
                                           Dialect dialect,
                                           std::span<const SayAsStretch> stretches) {
  speech_.clear();
  problems_.clear();
  uint32_t at = 0;
  for (const SayAsStretch& stretch : stretches) {
    read_plainly(text, at, stretch.begin, sentence_starts, dialect);
    tokenize(text, stretch.begin, stretch.end, tokens_);
    mark_sentence_end(Tokens(text, tokens_, sentence_starts, dialect), 0, speech_);
    if (auto problem =
            read_as(text, stretch.begin, stretch.end, stretch.say_as, dialect, speech_)) {
      problems_.push_back({stretch.begin, stretch.end, std::move(*problem)});
    }
    at = stretch.end;
  }
  read_plainly(text, at, static_cast<uint32_t>(text.size()), sentence_starts, dialect);
  if (!speech_.items().empty()) speech_.items().back().sentence_end = true;
  return speech_;
}

}  // namespace myna::text
