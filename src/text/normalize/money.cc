// Money: $5 · $3.50 · £1.2bn · €20 million · US$76.3 trillion · $20/month · 50¢ · USD 20 · 20 EUR
#include "text/normalize/number_literal.h"

namespace myna::text {
namespace {

struct Currency {
  std::string_view one, many, cent, cents;
};
constexpr Currency kDollar = {"dollar", "dollars", "cent", "cents"};
constexpr Currency kPound = {"pound", "pounds", "penny", "pence"};
constexpr Currency kEuro = {"euro", "euros", "cent", "cents"};
constexpr Currency kYen = {"yen", "yen", "", ""};
constexpr Currency kRupee = {"rupee", "rupees", "paisa", "paise"};

struct SymbolEntry {
  char32_t symbol;
  Currency currency;
};
constexpr SymbolEntry kSymbols[] = {
    {U'$', kDollar},
    {U'£', kPound},
    {U'€', kEuro},
    {U'¥', kYen},
    {U'₹', kRupee},
    {U'₨', kRupee},
    {U'₩', {"won", "won", "", ""}},
    {U'₽', {"ruble", "rubles", "kopek", "kopeks"}},
    {U'₿', {"bitcoin", "bitcoins", "", ""}},
    {U'₪', {"shekel", "shekels", "agora", "agorot"}},
    {U'₫', {"dong", "dong", "", ""}},
    {U'₱', {"peso", "pesos", "centavo", "centavos"}},
    {U'₴', {"hryvnia", "hryvnias", "", ""}},
    {U'₺', {"lira", "lira", "", ""}},
    {U'₦', {"naira", "naira", "kobo", "kobo"}},
    {U'₡', {"colon", "colons", "", ""}},
    {U'₲', {"guarani", "guaranis", "", ""}},
};

struct CodeEntry {
  std::string_view code, prefix;  // the country before the currency's name
  Currency currency;
};
constexpr CodeEntry kCodes[] = {
    {"USD", "US", kDollar},
    {"EUR", "", kEuro},
    {"GBP", "", kPound},
    {"JPY", "", kYen},
    {"CAD", "Canadian", kDollar},
    {"AUD", "Australian", kDollar},
    {"NZD", "New Zealand", kDollar},
    {"HKD", "Hong Kong", kDollar},
    {"SGD", "Singapore", kDollar},
    {"CHF", "Swiss", {"franc", "francs", "centime", "centimes"}},
    {"CNY", "", {"yuan", "yuan", "", ""}},
    {"RMB", "", {"yuan", "yuan", "", ""}},
    {"INR", "Indian", kRupee},
    {"KRW", "", {"won", "won", "", ""}},
    {"SEK", "Swedish", {"krona", "kronor", "", ""}},
    {"NOK", "Norwegian", {"krone", "kroner", "", ""}},
    {"DKK", "Danish", {"krone", "kroner", "", ""}},
    {"PLN", "", {"zloty", "zlotys", "", ""}},
    {"BTC", "", {"bitcoin", "bitcoins", "", ""}},
};
// What stands before "$": US$5, A$20.
struct PrefixEntry {
  std::string_view written, spoken;
};
constexpr PrefixEntry kPrefixes[] = {
    {"US", "US"},       {"A", "Australian"},   {"AU", "Australian"}, {"C", "Canadian"},
    {"CA", "Canadian"}, {"NZ", "New Zealand"}, {"HK", "Hong Kong"},  {"S", "Singapore"}};

const Currency* currency_at(const Tokens& tokens, size_t at) {
  for (const SymbolEntry& entry : kSymbols) {
    if (tokens.is_symbol(at, entry.symbol)) return &entry.currency;
  }
  return nullptr;
}

const CodeEntry* code_at(const Tokens& tokens, size_t at) {
  if (!tokens.is_word(at) || tokens.text(at).size() != 3) return nullptr;
  for (const CodeEntry& entry : kCodes) {
    if (entry.code == tokens.text(at)) return &entry;
  }
  return nullptr;
}

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
  if (!magnitude.empty()) {
    append_number(*number, tokens.dialect(), words);
    words.push_back(magnitude);
    name(false);
    return number->count + 1;
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
      {"mo", "month"},    {"month", "month"},   {"yr", "year"},    {"year", "year"},
      {"wk", "week"},     {"week", "week"},     {"d", "day"},      {"day", "day"},
      {"hr", "hour"},     {"h", "hour"},        {"hour", "hour"},  {"min", "minute"},
      {"kg", "kilogram"}, {"lb", "pound"},      {"gal", "gallon"}, {"bbl", "barrel"},
      {"oz", "ounce"},    {"person", "person"}, {"night", "night"}};
  if (!tokens.attached_symbol(at, U'/') || !tokens.attached(at + 1)) return 0;
  for (const Period& period : kPeriods) {
    if (!tokens.is_word(at + 1, period.written)) continue;
    words.push_back("per");
    words.push_back(period.spoken);
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
  if (!determined || !tokens.is_word(after) || tokens.attached(after)) return false;
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

// $5, and - behind a range's first amount - "$250-$300"
size_t match_symbol_first(const Tokens& tokens, size_t at, SpeechBuilder& speech) {
  const Currency* currency = currency_at(tokens, at);
  if (currency == nullptr) return 0;
  const size_t count = take_amount(tokens, at, at + 1, *currency, {}, speech);
  if (count == 0) return 0;
  const size_t dash = at + count;
  if (is_range_dash(tokens, dash) && tokens.attached(dash) &&
      currency_at(tokens, dash + 1) != nullptr) {
    speak(tokens, dash, dash + 1, "to", speech);
    return count + 1;
  }
  return count;
}

// US$5, A$5 · USD 5
size_t match_word_first(const Tokens& tokens, size_t at, SpeechBuilder& speech) {
  if (tokens.attached_symbol(at + 1, U'$') && tokens.attached(at + 2)) {
    for (const PrefixEntry& prefix : kPrefixes) {
      if (tokens.text(at) == prefix.written) {
        return take_amount(tokens, at, at + 2, kDollar, prefix.spoken, speech);
      }
    }
    return 0;
  }
  const CodeEntry* code = code_at(tokens, at);
  if (code == nullptr || !tokens.is_number(at + 1)) return 0;
  return take_amount(tokens, at, at + 1, code->currency, code->prefix, speech);
}

// 20€, 50¢, 99p, 20 EUR, 20 million USD
size_t match_number_first(const Tokens& tokens, size_t at, SpeechBuilder& speech) {
  const auto number = parse_number(tokens, at);
  if (!number) return 0;
  const size_t after = at + number->count;
  NumberWords words;
  if (tokens.attached_symbol(after, U'¢') ||
      (tokens.attached_symbol(after, U'c') && tokens.ends_before(after + 1))) {
    append_number(*number, tokens.dialect(), words);
    words.push_back(number->is_one() ? "cent" : "cents");
    speak(tokens, at, after + 1, words, speech);
    return number->count + 1;
  }
  const std::string_view magnitude = magnitude_at(tokens, after, MagnitudeContext::kPlain);
  const size_t unit = after + (magnitude.empty() ? 0 : 1);
  const Currency* currency = currency_at(tokens, unit);
  if (currency != nullptr && tokens.is_symbol(unit, U'$') && tokens.attached(unit + 1))
    currency = nullptr;
  if (currency != nullptr && !tokens.attached(unit) && tokens.attached(unit + 1))
    currency = nullptr;
  const CodeEntry* code = code_at(tokens, unit);
  if (currency == nullptr && code == nullptr) return 0;
  const Currency& chosen = currency != nullptr ? *currency : code->currency;
  const size_t used = append_amount(
      tokens, at, chosen, code != nullptr ? code->prefix : std::string_view{}, false, words);
  if (used != unit - at) return 0;
  speak(tokens, at, unit + 1, words, speech);
  return unit + 1 - at;
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
    {"$5-10 million", "five to ten million dollars"},
    {"$250-$300", "two hundred fifty dollars to three hundred dollars"},
    {"$1,234", "one thousand two hundred thirty four dollars"},
};
constexpr RuleExample kWordFirstExamples[] = {
    {"US$76.3 trillion", "seventy six point three trillion US dollars"},
    {"USD 20", "twenty US dollars"}};
constexpr RuleExample kNumberFirstExamples[] = {
    {"20 EUR", "twenty euros"}, {"20€", "twenty euros"}, {"50¢", "fifty cents"}};

constexpr Rule kSymbolRules[] = {{"currency_symbol", match_symbol_first, kSymbolFirstExamples}};
constexpr Rule kWordRules[] = {{"currency_code", match_word_first, kWordFirstExamples}};
constexpr Rule kNumberRules[] = {
    {"amount_before_currency", match_number_first, kNumberFirstExamples}};
constexpr RuleTable kTables[] = {{RuleTrigger::kSymbol, kSymbolRules},
                                 {RuleTrigger::kWord, kWordRules},
                                 {RuleTrigger::kNumber, kNumberRules}};

}  // namespace

std::span<const RuleTable> money_rules() { return kTables; }

}  // namespace myna::text
