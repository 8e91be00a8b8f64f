#include "base/paths.h"

#include <cstdlib>

#include "base/error.h"

namespace myna {

std::filesystem::path data_directory() {
  const auto from_environment = [](const char* name) -> std::filesystem::path {
    const char* value = std::getenv(name);
    return value == nullptr ? "" : value;
  };
  if (auto home = from_environment("MYNA_HOME"); !home.empty()) return home;
  if (auto xdg = from_environment("XDG_DATA_HOME"); !xdg.empty()) return xdg / "myna";
  if (auto user = from_environment("HOME"); !user.empty()) return user / ".local/share/myna";
  throw Error(ErrorCode::kUnavailable, "no data directory", "set MYNA_HOME to a directory");
}

std::filesystem::path models_directory() { return data_directory() / "models"; }

}  // namespace myna
