// The ID3v2.3 tag in front of an MP3: texts, comment, chapters, picture. By TagLib.
#pragma once

#include <string>

#include "audio/encoder.h"

namespace myna::audio {

// The bytes of the tag; empty when the tags are.
std::string render_id3_tag(const AudioTags& tags);

}  // namespace myna::audio
