#include "text/normalize/currencies.h"

#include <span>

namespace myna::text {
namespace {

constexpr Currency kDollar = {"dollar", "dollars", "cent", "cents"};
constexpr Currency kPound = {"pound", "pounds", "penny", "pence"};
constexpr Currency kEuro = {"euro", "euros", "cent", "cents"};
constexpr Currency kYen = {"yen", "yen", "", ""};
constexpr Currency kYuan = {"yuan", "yuan", "", ""};
constexpr Currency kRupee = {"rupee", "rupees", "paisa", "paise"};
constexpr Currency kRuble = {"ruble", "rubles", "kopek", "kopeks"};
constexpr Currency kWon = {"won", "won", "", ""};
constexpr Currency kShekel = {"shekel", "shekels", "agora", "agorot"};
constexpr Currency kPeso = {"peso", "pesos", "centavo", "centavos"};
constexpr Currency kLira = {"lira", "lira", "kurus", "kurus"};
constexpr Currency kNaira = {"naira", "naira", "kobo", "kobo"};
constexpr Currency kReal = {"real", "reais", "centavo", "centavos"};
constexpr Currency kRinggit = {"ringgit", "ringgit", "sen", "sen"};
constexpr Currency kZloty = {"zloty", "zlotys", "grosz", "groszy"};
constexpr Currency kKorunaCzech = {"koruna", "korunas", "", ""};
constexpr Currency kKrona = {"krona", "kronor", "öre", "öre"};
constexpr Currency kKrone = {"krone", "kroner", "øre", "øre"};
constexpr Currency kFranc = {"franc", "francs", "centime", "centimes"};
constexpr Currency kBitcoin = {"bitcoin", "bitcoins", "", ""};
constexpr Currency kHryvnia = {"hryvnia", "hryvnias", "", ""};
constexpr Currency kDong = {"dong", "dong", "", ""};
constexpr Currency kBaht = {"baht", "baht", "satang", "satang"};
constexpr Currency kRand = {"rand", "rand", "cent", "cents"};
constexpr Currency kDirham = {"dirham", "dirhams", "", ""};
constexpr Currency kRiyal = {"riyal", "riyals", "", ""};
constexpr Currency kForint = {"forint", "forints", "", ""};
constexpr Currency kRupiah = {"rupiah", "rupiah", "", ""};
constexpr Currency kShilling = {"shilling", "shillings", "", ""};
constexpr Currency kDinar = {"dinar", "dinars", "", ""};
constexpr Currency kMark = {"mark", "marks", "pfennig", "pfennigs"};
constexpr Currency kEther = {"ether", "ether", "", ""};
constexpr Currency kColon = {"colon", "colons", "", ""};
constexpr Currency kGuarani = {"guarani", "guaranis", "", ""};
constexpr Currency kTenge = {"tenge", "tenge", "", ""};
constexpr Currency kLari = {"lari", "lari", "", ""};
constexpr Currency kTaka = {"taka", "taka", "", ""};
constexpr Currency kTugrik = {"tugrik", "tugriks", "", ""};
constexpr Currency kCedi = {"cedi", "cedis", "", ""};
constexpr Currency kLeu = {"leu", "lei", "", ""};
constexpr Currency kLev = {"lev", "leva", "", ""};

struct SymbolEntry {
  char32_t symbol;
  const Currency* currency;
};
constexpr SymbolEntry kSymbols[] = {
    {U'$', &kDollar}, {U'£', &kPound},   {U'€', &kEuro},    {U'¥', &kYen},       {U'₹', &kRupee},
    {U'₨', &kRupee},  {U'₩', &kWon},     {U'₽', &kRuble}, {U'₿', &kBitcoin}, {U'₪', &kShekel},
    {U'₫', &kDong},   {U'₱', &kPeso},    {U'₴', &kHryvnia}, {U'₺', &kLira},      {U'₦', &kNaira},
    {U'₡', &kColon},  {U'₲', &kGuarani}, {U'฿', &kBaht},    {U'₸', &kTenge},     {U'₾', &kLari},
    {U'৳', &kTaka},   {U'₮', &kTugrik},  {U'₵', &kCedi},
};

struct NameEntry {
  std::string_view written, country;
  const Currency* currency;
};
// ISO 4217 and other codes; before and behind an amount.
constexpr NameEntry kCodes[] = {
    {"USD", "US", &kDollar},
    {"EUR", "", &kEuro},
    {"GBP", "", &kPound},
    {"JPY", "", &kYen},
    {"CAD", "Canadian", &kDollar},
    {"AUD", "Australian", &kDollar},
    {"NZD", "New Zealand", &kDollar},
    {"HKD", "Hong Kong", &kDollar},
    {"SGD", "Singapore", &kDollar},
    {"TWD", "New Taiwan", &kDollar},
    {"CHF", "Swiss", &kFranc},
    {"CNY", "", &kYuan},
    {"RMB", "", &kYuan},
    {"INR", "Indian", &kRupee},
    {"PKR", "Pakistani", &kRupee},
    {"LKR", "Sri Lankan", &kRupee},
    {"KRW", "", &kWon},
    {"SEK", "Swedish", &kKrona},
    {"NOK", "Norwegian", &kKrone},
    {"DKK", "Danish", &kKrone},
    {"ISK", "Icelandic", &kKrona},
    {"PLN", "", &kZloty},
    {"CZK", "Czech", &kKorunaCzech},
    {"HUF", "", &kForint},
    {"RON", "", &kLeu},
    {"BGN", "", &kLev},
    {"RUB", "", &kRuble},
    {"UAH", "", &kHryvnia},
    {"TRY", "Turkish", &kLira},
    {"ILS", "", &kShekel},
    {"AED", "", &kDirham},
    {"SAR", "Saudi", &kRiyal},
    {"QAR", "Qatari", &kRiyal},
    {"KWD", "Kuwaiti", &kDinar},
    {"BRL", "Brazilian", &kReal},
    {"MXN", "Mexican", &kPeso},
    {"ARS", "Argentine", &kPeso},
    {"CLP", "Chilean", &kPeso},
    {"COP", "Colombian", &kPeso},
    {"PHP", "Philippine", &kPeso},
    {"ZAR", "", &kRand},
    {"NGN", "", &kNaira},
    {"KES", "Kenyan", &kShilling},
    {"EGP", "Egyptian", &kPound},
    {"THB", "", &kBaht},
    {"IDR", "", &kRupiah},
    {"MYR", "", &kRinggit},
    {"VND", "", &kDong},
    {"BTC", "", &kBitcoin},
    {"ETH", "", &kEther},
    {"DEM", "German", &kMark},
};
// Other names before an amount only, with or without a period: Rs 500, RM 20, DM 5.
constexpr NameEntry kBefore[] = {
    {"Rs", "", &kRupee}, {"RM", "", &kRinggit}, {"Rp", "", &kRupiah},
    {"DM", "", &kMark},  {"Fr", "", &kFranc},   {"KSh", "Kenyan", &kShilling},
    {"kr", "", &kKrona}, {"Kr", "", &kKrona},   {"SFr", "Swiss", &kFranc},
};
// And behind one only.
constexpr NameEntry kBehind[] = {
    {"kr", "", &kKrona},  {"zł", "", &kZloty}, {"Kč", "", &kKorunaCzech},
    {"Ft", "", &kForint}, {"lei", "", &kLeu},  {"DM", "", &kMark},
};
// What stands before "$": US$5, A$20. R$ is no dollar.
constexpr NameEntry kDollarPrefixes[] = {
    {"US", "US", &kDollar},          {"A", "Australian", &kDollar},  {"AU", "Australian", &kDollar},
    {"C", "Canadian", &kDollar},     {"CA", "Canadian", &kDollar},   {"CAN", "Canadian", &kDollar},
    {"NZ", "New Zealand", &kDollar}, {"HK", "Hong Kong", &kDollar},  {"S", "Singapore", &kDollar},
    {"SG", "Singapore", &kDollar},   {"NT", "New Taiwan", &kDollar}, {"J", "Jamaican", &kDollar},
    {"TT", "Trinidad", &kDollar},    {"Z", "Zimbabwean", &kDollar},  {"R", "", &kReal},
    {"MX", "Mexican", &kPeso},       {"Mex", "Mexican", &kPeso},     {"AR", "Argentine", &kPeso},
};

CurrencyMatch find(std::span<const NameEntry> entries, std::string_view written, size_t count) {
  for (const NameEntry& entry : entries) {
    if (entry.written == written) return {entry.currency, entry.country, count};
  }
  return {};
}

}  // namespace

CurrencyMatch currency_symbol_at(const Tokens& tokens, size_t at) {
  for (const SymbolEntry& entry : kSymbols) {
    if (tokens.is_symbol(at, entry.symbol)) return {entry.currency, {}, 1};
  }
  return {};
}

CurrencyMatch currency_before_at(const Tokens& tokens, size_t at) {
  if (!tokens.is_word(at)) return currency_symbol_at(tokens, at);
  const std::string_view word = tokens.text(at);
  if (word.size() > 3) return {};
  if (tokens.attached_symbol(at + 1, U'$')) return find(kDollarPrefixes, word, 2);
  if (const CurrencyMatch code = find(kCodes, word, 1); code.currency != nullptr) return code;
  return find(kBefore, word, tokens.attached_symbol(at + 1, U'.') ? 2 : 1);
}

CurrencyMatch currency_behind_at(const Tokens& tokens, size_t at) {
  if (!tokens.is_word(at)) return currency_symbol_at(tokens, at);
  const std::string_view word = tokens.text(at);
  if (word.size() > 3) return {};
  if (const CurrencyMatch code = find(kCodes, word, 1); code.currency != nullptr) return code;
  return find(kBehind, word, 1);
}

}  // namespace myna::text
