// Money: $5 · $3.50 · £1.2bn · €20 million · US$76.3 trillion · $20/month · 50¢ · USD 20 · 20 EUR
#include "text/normalize/currencies.h"
#include "text/normalize/number_literal.h"
#include "text/normalize/word_list.h"

namespace myna::text {
namespace {

// The amount at `at` in words with its magnitude and the currency; the number of tokens taken.
// `prefix` is the country ("Canadian").
size_t append_amount(const Tokens& tokens, size_t at, const Currency& currency,
                     std::string_view prefix, bool singular, NumberWords& words) {
  auto number = parse_number(tokens, at);
  if (!number) return 0;
  const size_t after = at + number->count;
  std::string_view magnitude = magnitude_at(tokens, after, MagnitudeContext::kMoney);
  if (!magnitude.empty() && !tokens.ends_before(after + 1) && !tokens.is_symbol(after + 1, U'-') &&
      !tokens.is_symbol(after + 1, U'/') && !tokens.is_symbol(after + 1, U'–')) {
    magnitude = {};
  }
  const auto name = [&](bool one) {
    while (!prefix.empty()) {
      const size_t space = prefix.find(' ');
      words.push_back(prefix.substr(0, space));
      prefix = space == std::string_view::npos ? std::string_view{} : prefix.substr(space + 1);
    }
    words.push_back(one || singular ? currency.one : currency.many);
  };
  // a $10-million project
  size_t dash = 0;
  if (magnitude.empty() && tokens.attached_symbol(after, U'-') && tokens.attached(after + 1)) {
    magnitude = magnitude_at(tokens, after + 1, MagnitudeContext::kPlain);
    if (tokens.text(after + 1).size() < 4) magnitude = {};
    dash = magnitude.empty() ? 0 : 1;
  }
  if (!magnitude.empty()) {
    append_number(*number, tokens.dialect(), words);
    words.push_back(magnitude);
    name(false);
    return number->count + 1 + dash;
  }
  // $12 1/2
  if (number->is_whole() && tokens.is_number(after) && !tokens.attached(after) &&
      tokens.attached_symbol(after + 1, U'/') && tokens.attached(after + 2) &&
      tokens.is_number(after + 2) && tokens.ends_before(after + 3) &&
      number_value(tokens.text(after)) < number_value(tokens.text(after + 2)) &&
      number_value(tokens.text(after)) > 0) {
    append_cardinal(number->integer, tokens.dialect(), words);
    words.push_back("and");
    const bool several = number_value(tokens.text(after)) != 1;
    if (several) {
      append_cardinal(tokens.text(after), tokens.dialect(), words);
    } else {
      words.push_back(tokens.text(after + 2).starts_with("8") ? "an" : "a");
    }
    append_denominator(tokens.text(after + 2), tokens.dialect(), several, words);
    name(false);
    return number->count + 3;
  }
  // $20.50 and $20.5 have cents, $20.506 and $20.000 have not.
  std::string cents(number->fraction);
  while (cents.size() > 2 && cents.back() == '0') cents.pop_back();
  if (cents.size() == 1) cents += '0';
  const bool has_cents = cents.size() == 2 && cents != "00" && !currency.cent.empty();
  const bool is_zero = number->integer.empty() || number_value(number->integer) == 0;
  if (cents.size() > 2 || (cents.size() == 2 && cents != "00" && !has_cents)) {
    append_number(*number, tokens.dialect(), words);
    name(false);
    return number->count;
  }
  if (!is_zero || !has_cents) {
    append_cardinal(number->integer.empty() ? "0" : number->integer, tokens.dialect(), words);
    name(number_value(number->integer) == 1);
  }
  if (has_cents) {
    append_cardinal(cents, tokens.dialect(), words);
    words.push_back(cents == "01" ? currency.cent : currency.cents);
  }
  return number->count;
}

// /mo, /yr, per month
size_t append_per(const Tokens& tokens, size_t at, NumberWords& words) {
  struct Period {
    std::string_view written, spoken;
  };
  static constexpr Period kPeriods[] = {
      {"mo", "month"},    {"month", "month"},   {"yr", "year"},     {"year", "year"},
      {"wk", "week"},     {"week", "week"},     {"d", "day"},       {"day", "day"},
      {"hr", "hour"},     {"h", "hour"},        {"hour", "hour"},   {"min", "minute"},
      {"kg", "kilogram"}, {"lb", "pound"},      {"gal", "gallon"},  {"bbl", "barrel"},
      {"oz", "ounce"},    {"person", "person"}, {"night", "night"}, {"doz", "dozen"}};
  if (!tokens.attached_symbol(at, U'/') || !tokens.attached(at + 1)) return 0;
  for (const Period& period : kPeriods) {
    if (!tokens.is_word(at + 1, period.written)) continue;
    words.push_back("per");
    words.push_back(period.spoken);
    return 2;
  }
  // /m², /m2
  if (tokens.is_word(at + 1, "m") && tokens.attached(at + 2) &&
      (tokens.is_symbol(at + 2, U'²') || tokens.text(at + 2) == "2")) {
    words.insert(words.end(), {"per", "square", tokens.british() ? "metre" : "meter"});
    return 3;
  }
  if (tokens.is_word(at + 1, "sq") || tokens.is_word(at + 1, "square")) {
    const size_t unit = tokens.attached_symbol(at + 2, U'.') ? at + 3 : at + 2;
    for (const std::string_view foot : {"ft", "foot", "feet"}) {
      if (!tokens.is_word(unit, foot)) continue;
      words.insert(words.end(), {"per", "square", "foot"});
      return unit + 1 - at;
    }
  }
  struct Unit {
    std::string_view written, spoken;
  };
  static constexpr Unit kUnits[] = {{"kwh", "kilowatt hour"},
                                    {"mwh", "megawatt hour"},
                                    {"gb", "gigabyte"},
                                    {"mb", "megabyte"},
                                    {"tb", "terabyte"},
                                    {"sqft", "square foot"},
                                    {"g", "gram"},
                                    {"mg", "milligram"},
                                    {"l", "liter"},
                                    {"ml", "milliliter"},
                                    {"km", "kilometer"},
                                    {"mi", "mile"},
                                    {"m", "meter"},
                                    {"ft", "foot"},
                                    {"t", "ton"},
                                    {"ha", "hectare"},
                                    {"sec", "second"},
                                    {"s", "second"},
                                    {"ea", "each"},
                                    {"pp", "person"},
                                    {"mmbtu", "million B T U"}};
  for (const Unit& unit : kUnits) {
    if (!tokens.is_word(at + 1, unit.written)) continue;
    if (unit.written != "ea") words.push_back("per");
    for (size_t from = 0; from < unit.spoken.size();) {
      const size_t space = std::min(unit.spoken.find(' ', from), unit.spoken.size());
      words.push_back(unit.spoken.substr(from, space - from));
      from = space + 1;
    }
    return 2;
  }
  if (tokens.is_word(at + 1) && tokens.text(at + 1).size() > 2 &&
      !is_capitalized(tokens.text(at + 1))) {
    words.push_back("per");
    words.push_back(tokens.text(at + 1));  // $1.26/share
    return 2;
  }
  return 0;
}

// "a $20 bill", "a $5 million deal": a single dollar, since the amount describes a noun.
bool describes_a_noun(const Tokens& tokens, size_t at, size_t after) {
  bool determined = false;
  for (const std::string_view determiner :
       {"a", "an", "the", "this", "its", "their", "his", "her"}) {
    determined |= at > 0 && tokens.is_word(at - 1, determiner);
  }
  // a $100-a-day habit
  if (tokens.attached_symbol(after, U'-') && tokens.attached(after + 1) &&
      tokens.is_word(after + 1, "a")) {
    return true;
  }
  // WeWork's $47bn valuation
  determined |= at > 0 && tokens.is_word(at - 1) && tokens.text(at - 1).ends_with("'s");
  if (!tokens.is_word(after) || tokens.attached(after)) return false;
  // "£5 notes" need no determiner.
  static constexpr std::string_view kNouns[] = {"note", "notes", "bill", "bills", "coin", "coins"};
  if (is_in_list(tokens.text(after), kNouns)) return true;
  if (!determined) return false;
  static constexpr std::string_view kNoNouns[] = {
      "per",  "a",    "an",    "each", "in",    "on",   "for",  "to",    "and", "or",    "is",
      "was",  "are",  "were",  "has",  "had",   "have", "will", "would", "can", "could", "of",
      "from", "that", "which", "he",   "she",   "they", "it",   "we",    "i",   "you",   "with",
      "at",   "by",   "as",    "than", "went",  "goes", "came", "comes", "not", "but",   "if",
      "when", "into", "over",  "out",  "worth", "more", "less"};
  for (const std::string_view word : kNoNouns) {
    if (tokens.is_word(after, word)) return false;
  }
  return true;
}

size_t take_amount(const Tokens& tokens, size_t begin, size_t number, const Currency& currency,
                   std::string_view prefix, SpeechBuilder& speech) {
  NumberWords words;
  size_t count = append_amount(tokens, number, currency, prefix, false, words);
  if (count == 0) return 0;
  if (describes_a_noun(tokens, begin, number + count)) {
    words.clear();
    append_amount(tokens, number, currency, prefix, true, words);
  }
  // $5-10 million: one currency for both ends.
  if (is_range_dash(tokens, number + count) && tokens.attached(number + count) &&
      tokens.attached(number + count + 1) && tokens.is_number(number + count + 1)) {
    const auto low = parse_number(tokens, number);
    NumberWords high;
    const size_t high_count =
        append_amount(tokens, number + count + 1, currency, prefix, false, high);
    if (low && high_count != 0) {
      const std::string_view magnitude =
          magnitude_at(tokens, number + low->count, MagnitudeContext::kMoney);
      words.clear();
      append_number(*low, tokens.dialect(), words);
      if (!magnitude.empty()) words.push_back(magnitude);
      words.push_back("to");
      words.insert(words.end(), high.begin(), high.end());
      count += 1 + high_count;
    }
  }
  count += append_per(tokens, number + count, words);
  const size_t end = number + count;
  speak(tokens, begin, end, words, speech);
  return end - begin;
}

// "$250-$300": the dash behind the first amount.
size_t speak_dash_to_amount(const Tokens& tokens, size_t dash, SpeechBuilder& speech) {
  if (!is_range_dash(tokens, dash) || currency_symbol_at(tokens, dash + 1).currency == nullptr) {
    return 0;
  }
  speak(tokens, dash, dash + 1, "to", speech);
  return 1;
}

// $5, US$5, A$5, R$5, USD 5, Rs. 500
size_t match_currency_first(const Tokens& tokens, size_t at, SpeechBuilder& speech) {
  if (tokens.is_word(at) && !tokens.is_number(at + 1) && !tokens.attached_symbol(at + 1, U'$') &&
      !tokens.attached_symbol(at + 1, U'.')) {
    return 0;
  }
  const CurrencyMatch match = currency_before_at(tokens, at);
  if (match.currency == nullptr) return 0;
  const size_t number = at + match.count;
  // COP28 is a conference.
  if (tokens.text(at) == "COP" && tokens.attached(number) && tokens.text(number).size() <= 2)
    return 0;
  // A word before its number: "Fr. 5" and "kr 5", but not "DM." at the end of a sentence.
  if (tokens.is_word(at) && !tokens.is_number(number)) return 0;
  const size_t count = take_amount(tokens, at, number, *match.currency, match.country, speech);
  if (count == 0) return 0;
  return count + speak_dash_to_amount(tokens, at + count, speech);
}

// 50¢, 50p, 99c: minor units.
size_t match_minor(const Tokens& tokens, size_t at, SpeechBuilder& speech) {
  const auto number = parse_number(tokens, at);
  if (!number) return 0;
  const size_t after = at + number->count;
  NumberWords words;
  if (tokens.is_symbol(after, U'¢') && (tokens.attached(after) || tokens.ends_before(after + 1))) {
    append_number(*number, tokens.dialect(), words);
    words.push_back(number->is_one() ? "cent" : "cents");
  } else if (tokens.attached(after) && tokens.text(after) == "p" && tokens.ends_before(after + 1) &&
             (number->integer.size() <= 2 || !number->is_whole())) {  // 1080p is a picture
    append_number(*number, tokens.dialect(), words);
    words.push_back(number->is_one() ? "penny" : "pence");
  } else {
    return 0;
  }
  const size_t per = append_per(tokens, after + 1, words);
  speak(tokens, at, after + 1 + per, words, speech);
  return number->count + 1 + per;
}

// 20€, 20 EUR, 20 million USD, 100 kr
size_t match_number_first(const Tokens& tokens, size_t at, SpeechBuilder& speech) {
  const auto number = parse_number(tokens, at);
  if (!number) return 0;
  const size_t after = at + number->count;
  NumberWords words;
  const std::string_view magnitude = magnitude_at(tokens, after, MagnitudeContext::kPlain);
  const size_t unit = after + (magnitude.empty() ? 0 : 1);
  const CurrencyMatch match = currency_behind_at(tokens, unit);
  if (match.currency == nullptr) return 0;
  if (tokens.is_symbol(unit, U'$') && tokens.attached(unit + 1)) return 0;
  if (!tokens.is_word(unit) && !tokens.attached(unit) && tokens.attached(unit + 1) &&
      !tokens.is_symbol(unit + 1, U'/')) {
    return 0;
  }
  if (tokens.is_word(unit) && (tokens.is_number(unit + 1) || !tokens.ends_before(unit + 1)))
    return 0;
  const size_t used = append_amount(tokens, at, *match.currency, match.country, false, words);
  if (used != unit - at) return 0;
  const size_t per = append_per(tokens, unit + 1, words);
  speak(tokens, at, unit + 1 + per, words, speech);
  return unit + 1 + per - at;
}

// EUR/USD: a pair of the exchange market, by the names of its currencies.
size_t match_pair(const Tokens& tokens, size_t at, SpeechBuilder& speech) {
  if (tokens.text(at).size() != 3 || tokens.attached(at) || !tokens.attached_symbol(at + 1, U'/') ||
      !tokens.attached(at + 2) || tokens.text(at + 2).size() != 3 || !tokens.ends_before(at + 3) ||
      !is_all_upper(tokens.text(at)) || !is_all_upper(tokens.text(at + 2))) {
    return 0;
  }
  const CurrencyMatch first = currency_before_at(tokens, at);
  const CurrencyMatch second = currency_before_at(tokens, at + 2);
  if (first.currency == nullptr || second.currency == nullptr) return 0;
  const auto name = [&](size_t i, const CurrencyMatch& match) {
    set_source(tokens, i, i + 1, speech);
    if (!match.country.empty() && match.country != "US") speech.words(match.country);
    speech.words(match.currency->one);
  };
  name(at, first);
  name(at + 2, second);
  return 3;
}

// "us dollars" in lower case: the country.
size_t match_us(const Tokens& tokens, size_t at, SpeechBuilder& speech) {
  if (tokens.text(at) != "us" || tokens.attached(at + 1) ||
      !(tokens.is_word(at + 1, "dollar") || tokens.is_word(at + 1, "dollars"))) {
    return 0;
  }
  set_source(tokens, at, at + 1, speech);
  speech.word("US", Reading::kLetters);
  return 1;
}

constexpr RuleExample kSymbolFirstExamples[] = {
    {"$5", "five dollars"},
    {"$1", "one dollar"},
    {"$3.50", "three dollars fifty cents"},
    {"£1.2bn", "one point two billion pounds"},
    {"€20 million", "twenty million euros"},
    {"¥30 billion", "thirty billion yen"},
    {"$0.20", "twenty cents"},
    {"£2.01", "two pounds one penny"},
    {"$20.506", "twenty point five zero six dollars"},
    {"$20/mo", "twenty dollars per month"},
    {"$1.26/share", "one dollar twenty six cents per share"},
    {"the $1.5 trillion bill", "the one point five trillion dollar bill"},
    {"the $5 was", "the five dollars was"},
    {"a $5 million deal", "a five million dollar deal"},
    {"a $10-million project", "a ten million dollar project"},
    {"£5 notes", "five pound notes"},
    {"its rival's $47bn valuation", "its rival's forty seven billion dollar valuation"},
    {"$1MM", "one million dollars"},
    {"a $100-a-day habit", "a one hundred dollar a day habit"},
    {"$12 1/2", "twelve and a half dollars"},
    {"$0.12/kWh", "twelve cents per kilowatt hour"},
    {"$5-10 million", "five to ten million dollars"},
    {"$250-$300", "two hundred fifty dollars to three hundred dollars"},
    {"$1,234", "one thousand two hundred thirty four dollars"},
};
constexpr RuleExample kCodeExamples[] = {
    {"US$76.3 trillion", "seventy six point three trillion US dollars"},
    {"R$50", "fifty reais"},
    {"at COP28 in", "at COP twenty eight in"},
    {"Rs. 500 was", "five hundred rupees was"},
    {"CHF 5.50", "five Swiss francs fifty centimes"},
    {"USD 20", "twenty US dollars"}};
constexpr RuleExample kMinorExamples[] = {
    {"50¢", "fifty cents"},
    {"a 50p coin", "a fifty pence coin"},
    {"at 123.5p.", "at one hundred twenty three point five pence"}};
constexpr RuleExample kNumberFirstExamples[] = {{"20 EUR", "twenty euros"},
                                                {"20€", "twenty euros"},
                                                {"20 €/m²", "twenty euros per square meter"},
                                                {"100 kr", "one hundred kronor"}};
constexpr RuleExample kPairExamples[] = {{"EUR/USD rose", "euro dollar rose"},
                                         {"USD/CHF fell", "dollar Swiss franc fell"}};
constexpr RuleExample kUsExamples[] = {{"ten us dollars", "ten US dollars"},
                                       {"tell us", "tell us"}};

constexpr Rule kSymbolRules[] = {{"currency_symbol", match_currency_first, kSymbolFirstExamples}};
constexpr Rule kWordRules[] = {{"currency_pair", match_pair, kPairExamples},
                               {"currency_name", match_currency_first, kCodeExamples},
                               {"us_dollars", match_us, kUsExamples}};
constexpr Rule kNumberRules[] = {
    {"minor_unit", match_minor, kMinorExamples},
    {"amount_before_currency", match_number_first, kNumberFirstExamples}};
constexpr RuleTable kTables[] = {{RuleTrigger::kSymbol, kSymbolRules},
                                 {RuleTrigger::kWord, kWordRules},
                                 {RuleTrigger::kNumber, kNumberRules}};

}  // namespace

std::span<const RuleTable> money_rules() { return kTables; }

}  // namespace myna::text
