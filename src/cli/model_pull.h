// myna models pull: runs tools/models/fetch_models.py, which downloads, checks and converts, and
// shows its progress.
#pragma once

#include <string>
#include <vector>

#include "cli/exit_codes.h"

namespace myna::cli {

// Throws Error with the code that the script reports.
void pull_models(const std::vector<std::string>& names);

}  // namespace myna::cli
