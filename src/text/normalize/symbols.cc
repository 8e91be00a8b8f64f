// Punctuation as prosody marks, and the symbols that have a name: & % + = @ # ° × © …
#include "text/normalize/number_literal.h"
#include "text/normalize/symbol_names.h"
#include "text/normalize/unicode_names.h"

namespace myna::text {
namespace {

// . ! ? , ; : … and their repetitions: "..." is an ellipsis, "!!!" one mark.
size_t match_mark(const Tokens& tokens, size_t at, SpeechBuilder& speech) {
  const char32_t symbol = tokens.at(at).symbol;
  static constexpr std::u32string_view kMarks = U".!?,;:…";
  if (kMarks.find(symbol) == std::u32string_view::npos) return 0;
  size_t end = at + 1;
  while (tokens.attached_symbol(end, symbol)) ++end;
  set_source(tokens, at, end, speech);
  if (symbol == U'.' && end == at + 1 && tokens.attached(at) && tokens.attached(end) &&
      tokens.is_word(end) && !is_capitalized(tokens.text(end)) &&
      tokens.at(at - 1).kind != TokenKind::kSymbol) {
    speech.word("dot");  // error.h, "amazon.co"; behind a missing space stands a capital
    return 1;
  }
  if (symbol == U'.' && end == at + 1 && !tokens.attached(at) && tokens.attached(end) &&
      tokens.is_word(end) &&
      (!is_capitalized(tokens.text(end)) || is_all_upper(tokens.text(end)))) {
    speech.word("dot");  // .com, .NET
    return 1;
  }
  speech.mark(symbol == U'.' && end > at + 1 ? U'…' : symbol);
  return end - at;
}

// Straight quotes get their side, brackets become round.
size_t match_bracket(const Tokens& tokens, size_t at, SpeechBuilder& speech) {
  const Token& token = tokens.at(at);
  size_t end = at + 1;
  char32_t mark = 0;
  switch (token.symbol) {
    case U'"': {
      const bool opens = (token.space_before || tokens.at(at - 1).symbol == U'(' ||
                          tokens.at(at - 1).symbol == U'—' || tokens.at(at - 1).symbol == U'[') &&
                         tokens.attached(at + 1);
      mark = opens ? U'“' : U'”';
      break;
    }
    case U'\'':
      // ``quoted'' and ''quoted''
      if (!tokens.attached_symbol(at + 1, U'\'')) return 0;
      end = at + 2;
      mark = token.space_before ? U'“' : U'”';
      break;
    case U'“':
      mark = U'“';
      break;
    case U'”':
      mark = U'”';
      break;
    case U'(':
    case U'[':
    case U'{':
      mark = U'(';
      break;
    case U')':
    case U']':
    case U'}':
      mark = U')';
      break;
    default:
      return 0;
  }
  set_source(tokens, at, end, speech);
  speech.mark(mark, token.space_before);
  return end - at;
}

// — and what stands for it: " - ", "--", " – ".
size_t match_dash(const Tokens& tokens, size_t at, SpeechBuilder& speech) {
  const Token& token = tokens.at(at);
  if (token.symbol != U'-' && token.symbol != U'–' && token.symbol != U'—') return 0;
  size_t end = at + 1;
  while (tokens.attached_symbol(end, token.symbol)) ++end;
  const bool alone = !tokens.attached(at) && !tokens.attached(end);
  const bool inside = at > 0 && tokens.exists(end);
  const bool is_dash = token.symbol == U'—' || end > at + 1 || alone;
  if (is_dash && inside) {
    set_source(tokens, at, end, speech);
    speech.mark(U'—', token.space_before);
  }
  return end - at;  // a hyphen: the words around it are joined by the normaliser
}

struct Named {
  char32_t symbol;
  std::string_view spoken;
};

// Read wherever they stand.
constexpr Named kAlways[] = {
    {U'&', "and"},
    {U'%', "percent"},
    {U'=', "equals"},
    {U'°', "degrees"},
    {U'º', "degrees"},
    {U'×', "times"},
    {U'÷', "divided by"},
    {U'±', "plus or minus"},
    {U'≈', "approximately"},
    {U'≠', "is not equal to"},
    {U'≤', "is less than or equal to"},
    {U'≥', "is greater than or equal to"},
    {U'∞', "infinity"},
    {U'√', "the square root of"},
    {U'§', "section"},
    {U'¶', "paragraph"},
    {U'©', "copyright"},
    {U'€', "euros"},
    {U'£', "pounds"},
    {U'¥', "yen"},
    {U'$', "dollar"},
    {U'¢', "cents"},
    {U'₹', "rupees"},
    {U'№', "number"},
    {U'‰', "per mille"},
    {U'µ', "micro"},
    {U'Ω', "ohms"},
    {U'\u2126', "ohms"},
    {U'∛', "the cube root of"},
    {U'∑', "the sum of"},
    {U'∏', "the product of"},
    {U'∫', "the integral of"},
    {U'∂', "partial"},
    {U'∇', "del"},
    {U'∈', "in"},
    {U'∉', "not in"},
    {U'⊂', "is a subset of"},
    {U'⊆', "is a subset of"},
    {U'∪', "union"},
    {U'∩', "intersection"},
    {U'∀', "for all"},
    {U'∃', "there exists"},
    {U'∅', "the empty set"},
    {U'¬', "not"},
    {U'∧', "and"},
    {U'∨', "or"},
    {U'⇒', "implies"},
    {U'⇔', "if and only if"},
    {U'∝', "is proportional to"},
    {U'≡', "is equivalent to"},
    {U'≅', "is congruent to"},
    {U'∠', "angle"},
    {U'⊥', "is perpendicular to"},
    {U'∥', "is parallel to"},
    {U'℃', "degrees Celsius"},
    {U'℉', "degrees Fahrenheit"},
    {U'℅', "care of"},
    {U'℞', "prescription"},
    {U'⁺', "plus"},
    {U'⁻', "minus"},
    {U'₿', "bitcoin"},
    {U'℗', "published"},
    {U'−', "minus"},
    {U'⁰', "zero"},
    {U'¹', "one"},
    {U'⁴', "four"},
    {U'⁵', "five"},
    {U'⁶', "six"},
    {U'⁷', "seven"},
    {U'⁸', "eight"},
    {U'⁹', "nine"},
    {U'₀', "zero"},
    {U'₁', "one"},
    {U'₂', "two"},
    {U'₃', "three"},
    {U'₄', "four"},
    {U'₅', "five"},
    {U'₆', "six"},
    {U'₇', "seven"},
    {U'₈', "eight"},
    {U'₉', "nine"},
};

size_t match_named(const Tokens& tokens, size_t at, SpeechBuilder& speech) {
  const std::string_view name = symbol_name(tokens.at(at).symbol);
  if (name.empty()) return 0;
  speak(tokens, at, at + 1, name, speech);
  return 1;
}

// Symbols whose name depends on their neighbours; alone they are silent.
size_t match_in_context(const Tokens& tokens, size_t at, SpeechBuilder& speech) {
  const bool left = tokens.attached(at), right = tokens.attached(at + 1);
  const bool number_right =
      tokens.is_number(at + 1) || (tokens.is_symbol(at + 1, U'.') && tokens.is_number(at + 2));
  const bool variable_right = left == right && tokens.is_word(at + 1) &&
                              tokens.text(at + 1).size() == 1 && tokens.ends_before(at + 2) &&
                              at > 0 && tokens.text(at - 1).size() == 1;
  // A variable on the left is compared: "if x > 3".
  const bool compares =
      !left && at > 0 && tokens.is_word(at - 1) && tokens.text(at - 1).size() == 1;
  const bool ion = tokens.attached_symbol(at + 1, U'⁺') || tokens.attached_symbol(at + 1, U'⁻');
  const auto say = [&](std::string_view spoken) {
    speak(tokens, at, at + 1, spoken, speech);
    return size_t{1};
  };
  switch (tokens.at(at).symbol) {
    case U'+':
      return say("plus");
    case U'/':
      if (at > 0 && tokens.exists(at + 1)) return say("slash");
      return 0;
    case U'@':
      return say("at");
    case U'#':
      if (left && (!right || tokens.at(at + 1).kind == TokenKind::kSymbol) &&
          (tokens.text(at - 1) == "C" || tokens.text(at - 1) == "F"))
        return say("sharp");
      if (number_right && right) return say("number");
      return left || right ? say("hash") : 0;
    case U'<':
      return number_right || variable_right ? say(compares ? "is less than" : "less than") : 0;
    case U'>':
      if ((!number_right && !variable_right) || at == 0) return 0;
      return say(compares ? "is greater than" : "greater than");
    case U'~':
      return number_right ? say("about") : 0;
    case U'*':
      return left && right && (tokens.is_number(at - 1) || number_right) ? say("times") : 0;
    // Fe³⁺ is an ion.
    case U'²':
      return say(left && !ion ? "squared" : "two");
    case U'³':
      return say(left && !ion ? "cubed" : "three");
    default:
      return 0;
  }
}

// C♯, B♭: the accidental of a note.
size_t match_accidental(const Tokens& tokens, size_t at, SpeechBuilder& speech) {
  if (!tokens.attached(at) || !tokens.is_word(at - 1) || tokens.text(at - 1).size() != 1) return 0;
  std::string_view spoken;
  switch (tokens.at(at).symbol) {
    case U'♯':
      spoken = "sharp";
      break;
    case U'♭':
      spoken = "flat";
      break;
    case U'♮':
      spoken = "natural";
      break;
    default:
      return 0;
  }
  speak(tokens, at, at + 1, spoken, speech);
  return 1;
}

// <cough/>, <pitch=-.3>, </p>: the brackets of a tag are silent, what is in it is read.
size_t match_tag_bracket(const Tokens& tokens, size_t at, SpeechBuilder&) {
  constexpr size_t kLongest = 40;
  if (tokens.is_symbol(at, U'<')) {
    const size_t name = tokens.attached_symbol(at + 1, U'/') ? at + 2 : at + 1;
    if (!tokens.attached(name) || !tokens.is_word(name)) return 0;
    for (size_t i = name + 1; i < at + kLongest && tokens.exists(i); ++i) {
      if (tokens.is_symbol(i, U'<')) return 0;
      if (tokens.is_symbol(i, U'>')) return 1;
    }
    return 0;
  }
  if (!tokens.is_symbol(at, U'>') || !tokens.attached(at)) return 0;
  for (size_t i = at; i > 0 && i + kLongest > at; --i) {
    if (tokens.is_symbol(i - 1, U'>')) return 0;
    if (!tokens.is_symbol(i - 1, U'<')) continue;
    const size_t name = tokens.attached_symbol(i, U'/') ? i + 1 : i;
    return tokens.attached(name) && tokens.is_word(name) ? 1 : 0;
  }
  return 0;
}

// 😀: by name where that is asked for, silent otherwise.
size_t match_emoji(const Tokens& tokens, size_t at, SpeechBuilder& speech) {
  if (tokens.at(at).symbol < 0x200D) return 0;
  const size_t length = emoji_length(tokens.whole_text(), tokens.at(at).begin);
  if (length == 0) return 0;
  const size_t last = tokens.at(at).begin + length;
  size_t end = at + 1;
  while (tokens.exists(end) && tokens.at(end).end <= last) ++end;
  if (tokens.emoji() == EmojiReading::kName) {
    set_source(tokens, at, end, speech);
    speech.own_words(emoji_at(tokens.whole_text(), tokens.at(at).begin).name);
  }
  return end - at;
}

constexpr RuleExample kEmojiExamples[] = {{"Great 😀 now", "Great now"}};
constexpr RuleExample kTagExamples[] = {
    {"<pitch=5>3 cats</pitch>", "pitch equals five three cats slash pitch"},
    {"5 > 3", "five greater than three"}};
constexpr RuleExample kAccidentalExamples[] = {{"in C♯ minor", "in C sharp minor"},
                                               {"B♭ major", "B flat major"}};
constexpr RuleExample kMarkExamples[] = {{"Wait... what?!", "Wait what"},
                                         {"1!!!!", "one"},
                                         {"error.h", "error dot h"},
                                         {"the .NET way", "the dot NET way"},
                                         {"here.There", "here There"}};
constexpr RuleExample kBracketExamples[] = {
    {"(12 species) and \"more\"", "twelve species and more"}};
constexpr RuleExample kDashExamples[] = {{"one -- two - three", "one two three"},
                                         {"- item", "item"}};
constexpr RuleExample kNamedExamples[] = {
    {"R&D", "R and D"}, {"5% or %", "five percent or percent"}, {"x = y", "x equals y"}};
constexpr RuleExample kContextExamples[] = {{"#1 fan", "number one fan"},
                                            {"update/upgrade", "update slash upgrade"},
                                            {"C++ < 5", "C plus plus less than five"},
                                            {"in C# now", "in C sharp now"},
                                            {"C#, F# and", "C sharp F sharp and"},
                                            {"a<b", "a less than b"},
                                            {"if x > 3", "if x is greater than three"},
                                            {"Fe³⁺", "Fe three plus"},
                                            {"x²", "x squared"}};

constexpr Rule kRules[] = {{"tag_bracket", match_tag_bracket, kTagExamples},
                           {"mark", match_mark, kMarkExamples},
                           {"bracket", match_bracket, kBracketExamples},
                           {"dash", match_dash, kDashExamples},
                           {"accidental", match_accidental, kAccidentalExamples},
                           {"emoji", match_emoji, kEmojiExamples},
                           {"named_symbol", match_named, kNamedExamples},
                           {"symbol_in_context", match_in_context, kContextExamples}};
constexpr RuleTable kTables[] = {{RuleTrigger::kSymbol, kRules}};

}  // namespace

std::string_view symbol_name(char32_t symbol) {
  for (const Named& named : kAlways) {
    if (named.symbol == symbol) return named.spoken;
  }
  return {};
}

std::span<const RuleTable> symbol_rules() { return kTables; }

}  // namespace myna::text
