// Where Myna keeps what belongs to a person: $MYNA_HOME, otherwise $XDG_DATA_HOME/myna, otherwise
// ~/.local/share/myna. Model packages lie in <data>/models/<name>/.
#pragma once

#include <filesystem>

namespace myna {

// Throws Error kUnavailable when neither MYNA_HOME, XDG_DATA_HOME nor HOME is set.
std::filesystem::path data_directory();
std::filesystem::path models_directory();

}  // namespace myna
