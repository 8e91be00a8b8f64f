// The text front end: source text in, SpokenText out. SSML, dialogue scripts, Markdown or plain
// text is read, normalised (numbers, dates, money, ...), cut into utterances and turned into
// phonemes.
#pragma once

#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "text/normalize/emoji_reading.h"
#include "text/spoken_text.h"

namespace myna::text {

enum class Dialect : uint8_t { kAmerican, kBritish };
enum class TextFormat : uint8_t {
  kAuto,      // what detect_format() says
  kPlain,     // with direction in brackets: docs/formats/direction.md
  kMarkdown,  // the same in Markdown
  kSsml,      // docs/formats/ssml.md
  kScript,    // a dialogue: docs/formats/dialogue-script.md
};
enum class Strictness : uint8_t {
  kLenient,  // errors in the markup are reported, and what can be read is read
  kStrict,   // unknown elements are errors too, and a text with an error is not read at all
};
enum class VoiceGender : uint8_t { kUnknown, kFemale, kMale };

// A voice that markup may name.
struct VoiceName {
  std::string name;
  Dialect dialect = Dialect::kAmerican;
  VoiceGender gender = VoiceGender::kUnknown;
  float pitch_hz = 0;  // its mean, for pitches given in Hz; 0: 200 for women, 120 for men, else 160
};

class UserLexicon;

struct FrontEndOptions {
  Dialect dialect = Dialect::kAmerican;
  TextFormat format = TextFormat::kAuto;
  Strictness strictness = Strictness::kLenient;
  EmojiReading emoji = EmojiReading::kSkip;
  // Utterances are packed from whole sentences up to target_phonemes; a longer sentence is cut at
  // clauses, and only a clause above max_phonemes between words. Long pieces rush, short ones lose
  // their prosody: 100-250 is the range in which Kokoro reads well.
  size_t target_phonemes = 200;
  size_t max_phonemes = 250;
  // The first utterance has this many phonemes at most, so that audio starts early, and the next
  // ones grow to target_phonemes as split/piece_growth.h says; 0 = as others.
  size_t first_target_phonemes = 0;
  // Phonemes of the same narration that were spoken before this text: growth goes on from there.
  size_t phonemes_before = 0;

  // Only what begins in here is spoken, and only its diagnostics are new; the text around it is
  // read for what it says about it: markup, sentences, words that go together. For a text that is
  // spoken while it grows (split/text_stream.h).
  SourceSpan spoken_range = {0, static_cast<size_t>(-1)};

  // What markup may ask for. The spans outlive the call.
  std::span<const std::string> styles;    // names of styles; empty: any name is passed on
  std::span<const VoiceName> voices;      // names and ids; empty: any name is passed on
  std::span<const std::string> cast;      // voices for speakers that have none, in this order
  std::filesystem::path audio_directory;  // recordings lie here or below; empty: there are none
  std::shared_ptr<const UserLexicon> lexicon;  // markup/user_lexicon.h; may be null
  double max_pause_ms = 60'000;                // a longer silence is shortened, with a warning
};

// How kAuto reads a text: SSML when it begins with <speak>, a dialogue script when it has a header
// that casts it or turns in the same few names, Markdown when it has its marks, otherwise plain.
TextFormat detect_format(std::string_view source);

// The diagnostics of the markup alone, as process() would give them: without a dictionary, at a
// fraction of the time.
std::vector<Diagnostic> check_markup(std::string_view source, const FrontEndOptions& options = {});

// Immutable after construction; all methods may be called from many threads.
class FrontEnd {
 public:
  // lexicon_directory: the installed `lexicon-en` model package (docs/formats/lexicon.md);
  // pronunciation_directory: the installed `pronunciation-en` (docs/models/pronunciation.md). Both
  // are memory-mapped. Throws Error kUnavailable when one is not installed, kCorruptData when it is
  // damaged.
  FrontEnd(const std::filesystem::path& lexicon_directory,
           const std::filesystem::path& pronunciation_directory);
  // The packages lie side by side, as they are installed.
  explicit FrontEnd(const std::filesystem::path& lexicon_directory);
  ~FrontEnd();
  FrontEnd(FrontEnd&&) noexcept;

  // Never throws for what the text says: invalid UTF-8, control characters and symbols without a
  // reading are skipped with a diagnostic, markup that cannot be obeyed gives one. Of SSML that is
  // not well-formed the part before the fault is spoken. With Strictness::kStrict an error leaves
  // nothing to be spoken. Time and memory grow linearly with the text.
  // Throws Error kResourceExhausted above kMaxTextBytes.
  SpokenText process(std::string_view source, const FrontEndOptions& options = {}) const;

  // The same, one utterance at a time in reading order: the first comes early and a long text never
  // lies in memory as phonemes at once. Returns the diagnostics of the whole text. What the sink
  // throws passes through.
  std::vector<Diagnostic> process_each(std::string_view source, const FrontEndOptions& options,
                                       const std::function<void(Utterance&&)>& sink) const;

  // One line of text as one phoneme string, for tools and tests: process() without cutting.
  std::string phonemize(std::string_view line, Dialect dialect) const;
  // One word as if no dictionary knew it, for the evaluation of what reads unknown words.
  std::string read_unknown_word(std::string_view word, Dialect dialect) const;

  static constexpr size_t kMaxTextBytes = size_t{64} << 20;

 private:
  struct Implementation;
  std::unique_ptr<const Implementation> implementation_;
};

}  // namespace myna::text
