// A cover picture drawn by code: a square SVG of shapes that the title decides, with the title, the
// date and the word that the voice is synthetic.
#pragma once

#include <string>

#include "experiences/script/show_script.h"

namespace myna::production {

inline constexpr int kCoverPixels = 1400;  // the least that podcast directories take

// The same script gives the same picture.
std::string render_cover_svg(const script::ShowScript& script);

}  // namespace myna::production
