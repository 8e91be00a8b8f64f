// The normaliser over arbitrary text, plain and with stretches of say-as: it never crashes, every
// range that it reports lies in the text and on the borders of characters, and every letter and
// digit is part of some word.
#include <algorithm>
#include <cstdint>
#include <string_view>
#include <vector>

#include "base/utf8.h"
#include "fuzz_check.h"
#include "text/normalize/normalizer.h"
#include "text/split/character_filter.h"
#include "text/split/sentence_breaker.h"

namespace {

using namespace myna;
using namespace myna::text;

bool is_boundary(std::string_view text, size_t at) {
  return at == text.size() || (static_cast<unsigned char>(text[at]) & 0xC0) != 0x80;
}

void check(const SpeechBuilder& speech, std::string_view text, bool complete) {
  std::vector<char> covered(text.size(), 0);
  for (const SpeechItem& item : speech.items()) {
    FUZZ_CHECK(item.begin <= item.end && item.end <= text.size());
    FUZZ_CHECK(is_boundary(text, item.begin) && is_boundary(text, item.end));
    FUZZ_CHECK(item.is_word() == !item.word.empty());
    if (!item.is_word()) continue;
    FUZZ_CHECK(!find_invalid_utf8(item.word));
    std::fill(covered.begin() + item.begin, covered.begin() + item.end, 1);
  }
  if (!speech.items().empty()) FUZZ_CHECK(speech.items().back().sentence_end);
  for (size_t i = 0; complete && i < text.size(); ++i) {
    const bool matters = (text[i] >= 'a' && text[i] <= 'z') || (text[i] >= 'A' && text[i] <= 'Z') ||
                         (text[i] >= '0' && text[i] <= '9');
    FUZZ_CHECK(!matters || covered[i]);
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size < 2) return 0;
  const uint8_t kind = data[0], place = data[1];
  const std::string_view source(reinterpret_cast<const char*>(data) + 2, size - 2);
  DiagnosticList diagnostics(source);
  MappedText filtered;
  append_filtered(source, 0, source.size(), filtered, diagnostics);
  const std::string& text = filtered.text();
  static SentenceBreaker breaker;  // opening one takes longer than the rest
  std::vector<uint32_t> starts;
  breaker.find(text, starts);

  const Dialect dialect = kind % 2 == 0 ? Dialect::kAmerican : Dialect::kBritish;
  Normalizer normalizer;
  normalizer.set_emoji(place % 2 == 0 ? EmojiReading::kSkip : EmojiReading::kName);
  check(normalizer.normalize(text, starts, dialect), text, true);

  // A stretch somewhere in the middle, of any kind and format.
  if (text.empty()) return 0;
  const auto names = say_as_names();
  static constexpr std::string_view kFormats[] = {"",      "mdy",   "dmy", "ymd", "md", "y",
                                                  "hms12", "hms24", "hms", "ms",  "h",  "nonsense"};
  SayAsStretch stretch;
  stretch.begin = static_cast<uint32_t>(text.size() * (place % 16) / 16);
  stretch.end =
      static_cast<uint32_t>(stretch.begin + (text.size() - stretch.begin) * (1 + place / 16) / 16);
  while (!is_boundary(text, stretch.begin)) --stretch.begin;
  while (!is_boundary(text, stretch.end)) ++stretch.end;
  if (stretch.begin == stretch.end) return 0;
  stretch.say_as.kind = *parse_say_as(names[kind % names.size()]);
  stretch.say_as.format = kFormats[(kind / 16) % std::size(kFormats)];
  const SayAsStretch stretches[] = {stretch};
  check(normalizer.normalize(text, starts, dialect, stretches), text, true);
  for (const SayAsProblem& problem : normalizer.problems()) {
    FUZZ_CHECK(problem.begin <= problem.end && problem.end <= text.size());
    FUZZ_CHECK(!find_invalid_utf8(problem.message));
  }
  return 0;
}
