// The JSON form of a show's script: docs/formats/show-script.md.
#pragma once

#include <string>
#include <string_view>

#include "experiences/script/show_script.h"

namespace myna::script {

std::string to_json(const ShowScript& script);
// Throws Error kCorruptData that names what is missing or of the wrong type, or breaks a limit.
ShowScript from_json(std::string_view text);

}  // namespace myna::script
