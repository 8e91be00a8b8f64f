// What the elements of a page look like from their names and their text: the features of article
// extraction. Private to src/experiences/intake.
#pragma once

#include <string>
#include <string_view>

#include "experiences/intake/html_nodes.h"

namespace myna::intake {

struct TextShape {
  size_t text = 0;    // bytes of visible text
  size_t linked = 0;  // of these inside of links
  size_t commas = 0;
  size_t paragraphs = 0;  // <p> with 40 bytes or more
  double link_share() const {
    return text == 0 ? 0 : static_cast<double>(linked) / static_cast<double>(text);
  }
};

TextShape shape_of(const GumboNode* node, unsigned depth = 0);

// class, id, role, itemprop and data-* names of an element in lower case, separated by blanks.
std::string names_of(const GumboNode* node);

// -1: names of boilerplate ("related", "share", "sidebar"), 1: names of articles, 0: neither.
int name_hint(std::string_view names);
// Names that are never part of an article, wherever they stand.
bool is_boilerplate_name(std::string_view names);

}  // namespace myna::intake
