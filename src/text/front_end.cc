#include "text/front_end.h"

#include <algorithm>

#include "base/error.h"
#include "base/utf8.h"
#include "text/block_speaker.h"
#include "text/g2p/lexicon.h"
#include "text/g2p/pronouncer.h"
#include "text/markup/direction.h"
#include "text/markup/script_reader.h"
#include "text/markup/ssml_elements.h"
#include "text/markup/ssml_reader.h"
#include "text/split/diagnostics.h"
#include "text/split/markdown_reader.h"
#include "text/split/plain_reader.h"

namespace myna::text {
namespace {

void check_size(std::string_view source) {
  if (source.size() <= FrontEnd::kMaxTextBytes) return;
  throw Error(ErrorCode::kResourceExhausted,
              "the text has " + std::to_string(source.size()) + " bytes, the limit is " +
                  std::to_string(FrontEnd::kMaxTextBytes),
              "split it into parts");
}

void read_blocks(std::string_view source, const FrontEndOptions& options,
                 DiagnosticList& diagnostics, const BlockSink& sink) {
  const TextFormat format =
      options.format == TextFormat::kAuto ? detect_format(source) : options.format;
  switch (format) {
    case TextFormat::kSsml:
      return read_ssml(source, options, diagnostics, sink);
    case TextFormat::kScript:
      return read_script(source, options, diagnostics, sink);
    case TextFormat::kMarkdown: {
      DirectionReader direction(source, options, diagnostics, Stars::kOrdinary, sink);
      return read_markdown(source, diagnostics, [&](const Block& block) { direction.add(block); });
    }
    default: {
      DirectionReader direction(source, options, diagnostics, Stars::kEmphasis, sink);
      return read_plain(source, diagnostics, [&](const Block& block) { direction.add(block); });
    }
  }
}

}  // namespace

TextFormat detect_format(std::string_view source) {
  if (looks_like_ssml(source)) return TextFormat::kSsml;
  if (looks_like_script(source)) return TextFormat::kScript;
  return looks_like_markdown(source) ? TextFormat::kMarkdown : TextFormat::kPlain;
}

std::vector<Diagnostic> check_markup(std::string_view source, const FrontEndOptions& options) {
  check_size(source);
  DiagnosticList diagnostics(source);
  read_blocks(source, options, diagnostics, [](const Block&) {});
  return diagnostics.take();
}
struct FrontEnd::Implementation {
  Lexicon lexicon;
  PronunciationModels models;
};

FrontEnd::FrontEnd(const std::filesystem::path& lexicon_directory)
    : FrontEnd(lexicon_directory, lexicon_directory.parent_path() / "pronunciation-en") {}

FrontEnd::FrontEnd(const std::filesystem::path& lexicon_directory,
                   const std::filesystem::path& pronunciation_directory)
    : implementation_(std::make_unique<const Implementation>(
          Implementation{Lexicon::open(lexicon_directory / "lexicon.bin"),
                         PronunciationModels::open(pronunciation_directory)})) {}

FrontEnd::~FrontEnd() = default;
FrontEnd::FrontEnd(FrontEnd&&) noexcept = default;

std::vector<Diagnostic> FrontEnd::process_each(std::string_view source,
                                               const FrontEndOptions& options,
                                               const std::function<void(Utterance&&)>& sink) const {
  check_size(source);
  if (options.strictness == Strictness::kStrict) {
    std::vector<Diagnostic> found = check_markup(source, options);
    const bool refused = std::any_of(found.begin(), found.end(), [](const Diagnostic& diagnostic) {
      return diagnostic.severity == Severity::kError;
    });
    if (refused) return found;
  }
  DiagnosticList diagnostics(source);
  bool spoken = false;
  BlockSpeaker speaker(implementation_->lexicon, implementation_->models, options, diagnostics,
                       [&](Utterance&& utterance) {
                         spoken = true;
                         sink(std::move(utterance));
                       });
  read_blocks(source, options, diagnostics, [&](const Block& block) { speaker.add_block(block); });
  speaker.finish();
  const bool whole = options.spoken_range.begin == 0 && options.spoken_range.end >= source.size();
  if (!spoken && whole && !diagnostics.has_error() &&
      source.find_first_not_of(" \t\r\n") != std::string_view::npos) {
    diagnostics.warn({0, source.size()}, "the text has nothing that can be spoken");
  }
  return diagnostics.take();
}

SpokenText FrontEnd::process(std::string_view source, const FrontEndOptions& options) const {
  SpokenText result;
  result.diagnostics = process_each(source, options, [&](Utterance&& utterance) {
    result.utterances.push_back(std::move(utterance));
  });
  return result;
}

std::string FrontEnd::phonemize(std::string_view line, Dialect dialect) const {
  FrontEndOptions options;
  options.dialect = dialect;
  options.format = TextFormat::kPlain;
  options.target_phonemes = options.max_phonemes = line.size() * 64 + 64;
  std::string phonemes;
  process_each(line, options, [&](Utterance&& utterance) {
    if (!phonemes.empty()) phonemes += ' ';
    phonemes += utterance.phoneme_text();
  });
  return phonemes;
}

std::string FrontEnd::read_unknown_word(std::string_view word, Dialect dialect) const {
  PhonemeString phonemes;
  Pronouncer(implementation_->lexicon, implementation_->models, dialect)
      .pronounce_unknown(word, phonemes);
  return to_utf8(std::u32string(phonemes.begin(), phonemes.end()));
}

}  // namespace myna::text
