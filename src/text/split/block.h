// A block: a paragraph, heading, list item or table row. Utterances never cross one.
#pragma once

#include <functional>

#include "text/split/mapped_text.h"
#include "text/spoken_text.h"

namespace myna::text {

enum class BlockKind : uint8_t { kParagraph, kHeading, kListItem, kTableRow };

struct Block {
  BlockKind kind = BlockKind::kParagraph;
  MappedText text;  // filtered, on one line
};

// Readers hand over one block at a time, so that a long text never lies in memory twice. The block
// is valid during the call.
using BlockSink = std::function<void(const Block&)>;

}  // namespace myna::text
