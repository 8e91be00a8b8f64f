// A text that comes in pieces, cut anywhere and taken with changing wishes: the stream always ends,
// hands out each byte once and in order, keeps every position in the text, and loses no word.
#include <algorithm>
#include <cstdint>
#include <string_view>
#include <vector>

#include "base/utf8.h"
#include "fuzz_check.h"
#include "text/front_end.h"
#include "text/split/text_stream.h"

namespace {

using namespace myna;
using namespace myna::text;

const FrontEnd& front_end() {
  static const FrontEnd instance(FUZZ_LEXICON_DIRECTORY);
  return instance;
}

class Listener {
 public:
  Listener(TextStream& stream, size_t size) : stream_(stream), accounted_(size, 0) {}

  // All that may be spoken now.
  void take(const TextStream::Wish& wish) {
    for (;;) {
      const size_t before = stream_.spoken_end();
      const TextStream::Part part = stream_.take(wish);
      FUZZ_CHECK(stream_.spoken_end() >= before);
      FUZZ_CHECK(stream_.spoken_end() <= stream_.source().size());
      if (stream_.spoken_end() == before && part.empty()) return;
      FUZZ_CHECK(stream_.spoken_end() > before);  // or it would go on for ever
      FUZZ_CHECK(part.source_end == stream_.spoken_end());
      FUZZ_CHECK(part.source_offset <= part.source_end);
      check(part);
    }
  }

  void check_nothing_lost() const {
    const std::string_view source = stream_.source();
    for (size_t i = 0; i < source.size(); ++i) {
      const bool letter =
          (source[i] >= 'a' && source[i] <= 'z') || (source[i] >= 'A' && source[i] <= 'Z');
      FUZZ_CHECK(!letter || accounted_[i]);
    }
  }

 private:
  void account(const SourceSpan& span, size_t offset) {
    FUZZ_CHECK(span.begin <= span.end && offset + span.end <= stream_.source().size());
    std::fill(accounted_.begin() + static_cast<ptrdiff_t>(offset + span.begin),
              accounted_.begin() + static_cast<ptrdiff_t>(offset + span.end), 1);
  }

  void check(const TextStream::Part& part) {
    for (const Utterance& utterance : part.spoken.utterances) {
      FUZZ_CHECK(!find_invalid_utf8(utterance.phoneme_text()));
      for (const Word& word : utterance.words) account(word.source, part.source_offset);
    }
    for (const Diagnostic& diagnostic : part.spoken.diagnostics) {
      account(diagnostic.source, part.source_offset);
      FUZZ_CHECK(diagnostic.line >= 1 && diagnostic.column >= 1);
    }
  }

  TextStream& stream_;
  std::vector<char> accounted_;
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size == 0) return 0;
  // The first byte says how it is cut and what is asked for; the rest is the text.
  const unsigned choice = data[0];
  const std::string_view source(reinterpret_cast<const char*>(data + 1), size - 1);
  constexpr TextStream::Place kPlaces[] = {TextStream::Place::kWord, TextStream::Place::kClause,
                                           TextStream::Place::kSentence};
  FrontEndOptions options;
  options.format = choice % 2 == 0 ? TextFormat::kPlain : TextFormat::kMarkdown;
  TextStream stream(front_end(), options);
  Listener listener(stream, source.size());
  unsigned state = choice;
  for (size_t at = 0; at < source.size();) {
    state = state * 1103515245u + 12345u;
    const size_t count = 1 + (state >> 16) % (choice < 128 ? 7 : 90);
    stream.append(source.substr(at, count));
    at = std::min(source.size(), at + count);
    if ((state >> 24) % 4 != 0) {
      listener.take({.place = kPlaces[(state >> 20) % 3], .min_phonemes = (state >> 8) % 40});
    }
  }
  stream.finish();
  listener.take({.place = TextStream::Place::kClause});
  FUZZ_CHECK(stream.done());
  // Direction in brackets is obeyed, not read; of Markdown a link's target is not.
  const bool has_direction = source.find('[') != std::string_view::npos;
  if (options.format == TextFormat::kPlain && !has_direction) listener.check_nothing_lost();
  return 0;
}
