// Direction in plain text, Markdown and scripts: [pause 2s], [whisper]…[/], *emphasis*,
// [word](/ipa/). docs/formats/direction.md.
#pragma once

#include <string_view>

#include "text/front_end.h"
#include "text/markup/delivery_names.h"
#include "text/split/block.h"
#include "text/split/diagnostics.h"

namespace myna::text {

// Appends source[begin, end) to the block, filtered. [word](/ipa/) becomes the word with its
// phonemes; phonemes that cannot be read are an error, and the word is read.
void append_directed(std::string_view source, size_t begin, size_t end, Block& block,
                     DiagnosticList& diagnostics);

// The phonemes of [word](/ipa/), which stand in source[ipa]; nothing with an error.
std::optional<GivenPhonemes> parse_link_phonemes(std::string_view source, SourceSpan ipa,
                                                 DiagnosticList& diagnostics);

enum class Stars : uint8_t {
  kEmphasis,  // *so* and **so**
  kOrdinary,  // the reader has dealt with them: Markdown
};

// Obeys the brackets and stars of blocks and hands the blocks on without them. What a bracket opens
// ends with its paragraph at the latest. Brackets that hold anything else are ordinary text, and so
// are those behind a backslash.
//
// ProsodyChange annotations of the blocks carry emphasis alone; a DeliveryChange at their beginning
// is what styles are put on.
class DirectionReader {
 public:
  // Everything outlives the reader.
  DirectionReader(std::string_view source, const FrontEndOptions& options,
                  DiagnosticList& diagnostics, Stars stars, const BlockSink& sink);

  void add(const Block& block);

 private:
  struct Change;
  struct Open;
  class Scan;

  std::string_view source_;
  const FrontEndOptions& options_;
  DiagnosticList& diagnostics_;
  DeliveryNames names_;
  Stars stars_;
  const BlockSink& sink_;
};

}  // namespace myna::text
