// The text front end: source text in, SpokenText out. Markdown or plain text is read, normalised
// (numbers, dates, money, ...), cut into utterances and turned into phonemes.
#pragma once

#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "text/spoken_text.h"

namespace myna::text {

enum class Dialect : uint8_t { kAmerican, kBritish };
enum class TextFormat : uint8_t {
  kAuto,  // Markdown when the text has its marks, otherwise plain
  kPlain,
  kMarkdown,
};

struct FrontEndOptions {
  Dialect dialect = Dialect::kAmerican;
  TextFormat format = TextFormat::kAuto;
  // Utterances are packed from whole sentences up to target_phonemes; a longer sentence is cut at
  // clauses, and only a clause above max_phonemes between words. Long pieces rush, short ones lose
  // their prosody: 100-250 is the range in which Kokoro reads well.
  size_t target_phonemes = 200;
  size_t max_phonemes = 250;
  // The first utterance is kept to about this many phonemes so that audio starts early; 0 = as
  // others.
  size_t first_target_phonemes = 0;
};

// Immutable after construction; all methods may be called from many threads.
class FrontEnd {
 public:
  // lexicon_directory: the installed `lexicon-en` model package (docs/formats/lexicon.md),
  // memory-mapped. Throws Error kUnavailable when it is not installed, kCorruptData when it is
  // damaged.
  explicit FrontEnd(const std::filesystem::path& lexicon_directory);
  ~FrontEnd();
  FrontEnd(FrontEnd&&) noexcept;

  // Never throws for what the text says: invalid UTF-8, control characters and symbols without a
  // reading are skipped with a diagnostic. Time and memory grow linearly with the text.
  // Throws Error kResourceExhausted above kMaxTextBytes.
  SpokenText process(std::string_view source, const FrontEndOptions& options = {}) const;

  // The same, one utterance at a time in reading order: the first comes early and a long text never
  // lies in memory as phonemes at once. Returns the diagnostics of the whole text. What the sink
  // throws passes through.
  std::vector<Diagnostic> process_each(std::string_view source, const FrontEndOptions& options,
                                       const std::function<void(Utterance&&)>& sink) const;

  // One line of text as one phoneme string, for tools and tests: process() without cutting.
  std::string phonemize(std::string_view line, Dialect dialect) const;

  static constexpr size_t kMaxTextBytes = size_t{64} << 20;

 private:
  struct Implementation;
  std::unique_ptr<const Implementation> implementation_;
};

}  // namespace myna::text
