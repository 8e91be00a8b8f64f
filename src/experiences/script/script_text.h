// The form of a script that people edit: docs/formats/show-script.md.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "experiences/script/show_script.h"

namespace myna::script {

// Without the texts of the sources.
std::string to_text(const ShowScript& script);

// What is not understood is reported with its line and left out.
ShowScript from_text(std::string_view text, std::vector<ScriptProblem>& problems);

}  // namespace myna::script
