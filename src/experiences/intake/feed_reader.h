// From a tree of markup to a feed. Private to src/experiences/intake.
#pragma once

#include <string_view>

#include "experiences/intake/feed.h"
#include "experiences/intake/markup_tree.h"

namespace myna::intake {

// base: the address of the document. kUnknown when the tree is of something else.
Feed read_feed_tree(const MarkupTree& tree, std::string_view base);

// `text` is a JSON Feed document in UTF-8; kUnknown when it is none.
Feed read_json_feed(std::string_view text, std::string_view base);

}  // namespace myna::intake
