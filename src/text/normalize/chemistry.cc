// Chemical formulas: H2O · CO₂ · NaCl · C6H12O6 · Ca(OH)2 · Na+ - element by element, letter by
// letter.
#include "text/normalize/number_literal.h"
#include "text/normalize/word_list.h"

namespace myna::text {
namespace {

// The symbols of two letters; those of one letter are below.
constexpr std::string_view kElements =
    " He Li Be Ne Na Mg Al Si Cl Ar Ca Sc Ti Cr Mn Fe Co Ni Cu Zn Ga Ge As Se Br Kr Rb Sr Zr Nb Mo"
    " Tc Ru Rh Pd Ag Cd In Sn Sb Te Xe Cs Ba La Ce Pr Nd Pm Sm Eu Gd Tb Dy Ho Er Tm Yb Lu Hf Ta Re"
    " Os Ir Pt Au Hg Tl Pb Bi Po At Rn Fr Ra Ac Th Pa Np Pu Am Cm ";
constexpr std::string_view kLetterElements = "HBCNOFPSKVYIWU";

// Formulas without digits that are no words.
constexpr std::string_view kKnown[] = {"NaCl", "NaOH", "HCl",  "KCl",  "KOH",  "HF",  "HBr",
                                       "LiCl", "NaF",  "NaBr", "NaI",  "KI",   "KBr", "ZnO",
                                       "MgO",  "CaO",  "CuO",  "FeO",  "FeS",  "ZnS", "GaN",
                                       "GaAs", "SiC",  "HCN",  "AgCl", "AgBr", "TiN", "LiF"};

// The number of element symbols that `word` is made of; 0 when it is made of anything else.
size_t element_count(std::string_view word) {
  size_t count = 0;
  for (size_t at = 0; at < word.size(); ++count) {
    const bool two = at + 1 < word.size() && word[at + 1] >= 'a' && word[at + 1] <= 'z';
    if (two) {
      const std::string symbol = " " + std::string(word.substr(at, 2)) + " ";
      if (kElements.find(symbol) == std::string_view::npos) return 0;
      at += 2;
    } else {
      if (kLetterElements.find(word[at]) == std::string_view::npos) return 0;
      ++at;
    }
  }
  return count;
}

bool is_subscript(const Tokens& tokens, size_t at) {
  return tokens.exists(at) && tokens.at(at).symbol >= U'₀' && tokens.at(at).symbol <= U'₉';
}

size_t match_formula(const Tokens& tokens, size_t at, SpeechBuilder& speech) {
  if (tokens.attached(at) && !tokens.is_symbol(at - 1, U'(') && !tokens.is_number(at - 1) &&
      !tokens.is_symbol(at - 1, U'/') && !tokens.is_symbol(at - 1, U'-')) {
    return 0;
  }
  // Words of the text: without a digit or a bracket behind them, only two capitals make a formula.
  const std::string_view first = tokens.text(at);
  if (!is_capitalized(first)) return 0;
  const bool two_capitals =
      first.size() > 1 && first.find_first_of("ABCDEFGHIJKLMNOPQRSTUVWXYZ", 1) < first.size();
  if (!two_capitals && !tokens.attached(at + 1)) return 0;
  constexpr size_t kLongest = 24;
  size_t end = at, words = 0, numbers = 0, elements = 0, brackets = 0;
  bool lower = false, subscript = false;
  while (end < at + kLongest && (end == at || tokens.attached(end))) {
    if (tokens.is_word(end)) {
      const size_t count = element_count(tokens.text(end));
      if (count == 0) return 0;
      elements += count;
      ++words;
      lower |= !is_all_upper(tokens.text(end));
    } else if (tokens.is_number(end)) {
      if (tokens.text(end).size() > 3) return 0;
      ++numbers;
    } else if (is_subscript(tokens, end)) {
      ++numbers;
      subscript = true;
    } else if (tokens.is_symbol(end, U'(') && tokens.is_word(end + 1) && tokens.attached(end + 1)) {
      ++brackets;
    } else if (tokens.is_symbol(end, U')') && brackets > 0) {
      --brackets;
    } else {
      break;
    }
    ++end;
  }
  if (!tokens.ends_before(end) || brackets > 0) {
    if (!tokens.attached_symbol(end, U'+') && !tokens.attached_symbol(end, U'-')) return 0;
  }
  bool known = false;
  for (const std::string_view formula : kKnown) known |= words == 1 && tokens.text(at) == formula;
  // "Co2" and "In3" are formulas only with more to tell: two elements, or a real subscript. B2B and
  // F16 sound the same either way.
  const bool formula = known || subscript || (numbers > 0 && words > 1) ||
                       (numbers > 0 && elements > 1 && (!lower || elements > 1));
  if (!formula) return 0;
  for (size_t i = at; i < end; ++i) {
    set_source(tokens, i, i + 1, speech);
    if (tokens.is_word(i)) {
      speech.word(tokens.text(i), Reading::kLetters);
    } else if (tokens.is_number(i)) {
      NumberWords number;
      append_cardinal(tokens.text(i), tokens.dialect(), number);
      for (const auto word : number) speech.word(word);
    } else if (is_subscript(tokens, i)) {
      const char digit = static_cast<char>('0' + (tokens.at(i).symbol - U'₀'));
      NumberWords number;
      append_digits(std::string_view(&digit, 1), number);
      speech.word(number[0]);
    }
  }
  return end - at;
}

constexpr RuleExample kExamples[] = {{"H2O is", "H two O is"}, {"CO₂ levels", "CO two levels"},
                                     {"NaCl", "NaCl"},         {"Fe2O3", "Fe two O three"},
                                     {"Ca(OH)2", "Ca OH two"}, {"In 3 steps", "In three steps"},
                                     {"No. 5", "number five"}};
constexpr Rule kRules[] = {{"formula", match_formula, kExamples}};
constexpr RuleTable kTables[] = {{RuleTrigger::kWord, kRules}};

}  // namespace

std::span<const RuleTable> chemistry_rules() { return kTables; }

}  // namespace myna::text
