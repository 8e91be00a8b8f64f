// What a page says of itself: <title>, <meta>, <link rel=canonical>, <html lang>. Private to
// src/experiences/intake.
#pragma once

#include "experiences/intake/article.h"
#include "experiences/intake/html_nodes.h"

namespace myna::intake {

void read_metadata(const GumboNode* root, Article& article);

}  // namespace myna::intake
