// A block: a paragraph, heading, list item or table row, with what its markup asks for. Utterances
// never cross one.
#pragma once

#include <functional>
#include <vector>

#include "text/markup/annotation.h"
#include "text/split/mapped_text.h"
#include "text/spoken_text.h"

namespace myna::text {

enum class BlockKind : uint8_t { kParagraph, kHeading, kListItem, kTableRow };

// Where the next block takes up: text of one paragraph that is too long for one block goes on.
enum class BlockEnd : uint8_t { kParagraph, kGoesOn };

struct Block {
  BlockKind kind = BlockKind::kParagraph;
  MappedText text;  // filtered, on one line
  // In order of `begin`; at the same place in the order in which they take effect. Empty for text
  // without markup.
  std::vector<Annotation> annotations;
  BlockEnd end = BlockEnd::kParagraph;
  // Dialogue: set in the first and the last block of a turn.
  TurnStart turn_start = TurnStart::kNone;
  TurnEnd turn_end = TurnEnd::kNone;

  void clear() {
    kind = BlockKind::kParagraph;
    text.clear();
    annotations.clear();
    end = BlockEnd::kParagraph;
    turn_start = TurnStart::kNone;
    turn_end = TurnEnd::kNone;
  }
  uint32_t size() const { return static_cast<uint32_t>(text.text().size()); }
};

// Readers hand over one block at a time, so that a long text never lies in memory twice. The block
// is valid during the call.
using BlockSink = std::function<void(const Block&)>;

}  // namespace myna::text
