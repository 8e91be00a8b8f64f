#include "text/normalize/say_as.h"

#include <algorithm>
#include <array>

#include "text/normalize/normalizer.h"
#include "text/normalize/say_as_readers.h"

namespace myna::text {
namespace {

struct NamedKind {
  std::string_view name;
  SayAsKind kind;
};

constexpr NamedKind kNames[] = {
    {"text", SayAsKind::kText},
    {"interjection", SayAsKind::kText},
    {"cardinal", SayAsKind::kCardinal},
    {"number", SayAsKind::kCardinal},
    {"vxml:number", SayAsKind::kCardinal},
    {"ordinal", SayAsKind::kOrdinal},
    {"digits", SayAsKind::kDigits},
    {"number_digit", SayAsKind::kDigits},
    {"vxml:digits", SayAsKind::kDigits},
    {"fraction", SayAsKind::kFraction},
    {"characters", SayAsKind::kCharacters},
    {"spell-out", SayAsKind::kCharacters},
    {"verbatim", SayAsKind::kCharacters},
    {"glyphs", SayAsKind::kCharacters},
    {"letters", SayAsKind::kCharacters},
    {"acronym", SayAsKind::kAcronym},
    {"date", SayAsKind::kDate},
    {"vxml:date", SayAsKind::kDate},
    {"time", SayAsKind::kTime},
    {"vxml:time", SayAsKind::kTime},
    {"duration", SayAsKind::kDuration},
    {"telephone", SayAsKind::kTelephone},
    {"phone", SayAsKind::kTelephone},
    {"vxml:phone", SayAsKind::kTelephone},
    {"currency", SayAsKind::kCurrency},
    {"vxml:currency", SayAsKind::kCurrency},
    {"unit", SayAsKind::kUnit},
    {"measure", SayAsKind::kUnit},
    {"address", SayAsKind::kAddress},
    {"name", SayAsKind::kName},
    {"expletive", SayAsKind::kExpletive},
    {"bleep", SayAsKind::kExpletive},
    {"net:email", SayAsKind::kEmail},
    {"net:uri", SayAsKind::kUri},
    {"vxml:boolean", SayAsKind::kBoolean},
};

struct KindEntry {
  SayAsKind kind;
  SayAsReader read;          // nullptr: as if nothing had been said
  std::string_view noun;     // for "... cannot be read as ..."
  std::string_view formats;  // parted by spaces
};

constexpr KindEntry kKinds[] = {
    {SayAsKind::kText, nullptr, "text", ""},
    {SayAsKind::kCardinal, read_as_cardinal, "a number", ""},
    {SayAsKind::kOrdinal, read_as_ordinal, "an ordinal number", ""},
    {SayAsKind::kDigits, read_as_digits, "digits", ""},
    {SayAsKind::kFraction, read_as_fraction, "a fraction", ""},
    {SayAsKind::kCharacters, read_as_characters, "characters", "characters glyphs"},
    {SayAsKind::kAcronym, read_as_acronym, "an acronym", ""},
    {SayAsKind::kDate, read_as_date, "a date", "mdy dmy ymd ydm md dm my ym d m y"},
    {SayAsKind::kTime, read_as_time, "a time of day", "hms12 hms24 hms hm h"},
    {SayAsKind::kDuration, read_as_duration, "a duration", "hms hm ms h m s"},
    {SayAsKind::kTelephone, read_as_telephone, "a telephone number", ""},
    {SayAsKind::kCurrency, read_as_currency, "an amount of money", ""},
    {SayAsKind::kUnit, read_as_unit, "a number with a unit", ""},
    {SayAsKind::kAddress, read_as_address, "an address", ""},
    {SayAsKind::kName, read_as_name, "a name", ""},
    {SayAsKind::kExpletive, read_as_expletive, "an expletive", ""},
    {SayAsKind::kEmail, read_as_electronic, "an e-mail address", ""},
    {SayAsKind::kUri, read_as_electronic, "a web address", ""},
    {SayAsKind::kBoolean, read_as_boolean, "true or false", ""},
};

const KindEntry& entry_of(SayAsKind kind) {
  return *std::find_if(std::begin(kKinds), std::end(kKinds),
                       [&](const KindEntry& entry) { return entry.kind == kind; });
}

// Long stretches are not repeated in a message.
std::string quoted(std::string_view text) {
  constexpr size_t kMostBytes = 40;
  if (text.size() <= kMostBytes) return "'" + std::string(text) + "'";
  size_t cut = kMostBytes;
  while (cut > 0 && (static_cast<unsigned char>(text[cut]) & 0xC0) == 0x80) --cut;
  return "'" + std::string(text.substr(0, cut)) + "…'";
}

}  // namespace

std::optional<SayAsKind> parse_say_as(std::string_view interpret_as) {
  for (const NamedKind& entry : kNames) {
    if (equals_ignoring_case(interpret_as, entry.name)) return entry.kind;
  }
  return std::nullopt;
}

std::span<const std::string_view> say_as_names() {
  static const auto kList = [] {
    std::array<std::string_view, std::size(kNames)> names;
    std::transform(std::begin(kNames), std::end(kNames), names.begin(),
                   [](const NamedKind& entry) { return entry.name; });
    return names;
  }();
  return kList;
}

bool say_as_knows_format(SayAsKind kind, std::string_view format) {
  std::string_view formats = entry_of(kind).formats;
  if (format.empty()) return true;
  while (!formats.empty()) {
    const size_t space = std::min(formats.find(' '), formats.size());
    if (formats.substr(0, space) == format) return true;
    formats.remove_prefix(std::min(space + 1, formats.size()));
  }
  return false;
}

std::optional<std::string> read_as(std::string_view text, uint32_t begin, uint32_t end,
                                   const SayAs& say_as, Dialect dialect, SpeechBuilder& speech) {
  std::vector<Token> token_list;
  tokenize(text, begin, end, token_list);
  const Tokens tokens(text, token_list, {}, dialect);
  if (tokens.size() == 0) return std::nullopt;
  const KindEntry& entry = entry_of(say_as.kind);
  const std::string_view format =
      say_as_knows_format(say_as.kind, say_as.format) ? std::string_view(say_as.format) : "";
  const size_t before = speech.items().size();
  if (entry.read != nullptr) {
    if (entry.read(tokens, format, speech)) return std::nullopt;
    speech.items().resize(before);
  }
  read_tokens(tokens, speech);
  if (entry.read == nullptr) return std::nullopt;
  return quoted(text.substr(begin, end - begin)) + " cannot be read as " + std::string(entry.noun);
}

}  // namespace myna::text
