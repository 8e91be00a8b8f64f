#include "cli/player_pipe.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <string_view>

#include "base/error.h"

namespace myna::cli {
namespace {

bool is_installed(const std::string& program) {
  const char* path = std::getenv("PATH");
  std::string_view rest = path != nullptr ? path : "/usr/bin:/bin";
  while (!rest.empty()) {
    const std::string_view directory = rest.substr(0, rest.find(':'));
    rest.remove_prefix(std::min(rest.size(), directory.size() + 1));
    if (::access((std::string(directory) + "/" + program).c_str(), X_OK) == 0) return true;
  }
  return false;
}

}  // namespace

std::string find_player(int rate) {
  if (is_installed("aplay")) return fmt::format("aplay -q -t raw -f S16_LE -c 1 -r {}", rate);
  if (is_installed("pw-cat")) {
    return fmt::format("pw-cat --playback --raw --format s16 --channels 1 --rate {} -", rate);
  }
  if (is_installed("paplay"))
    return fmt::format("paplay --raw --format=s16le --channels=1 --rate={}", rate);
  if (is_installed("ffplay")) {
    return fmt::format("ffplay -loglevel error -nodisp -autoexit -f s16le -ar {} -ac 1 -", rate);
  }
  return {};
}

std::string require_player(std::string player, int rate) {
  if (player.empty()) player = find_player(rate);
  if (player.empty()) {
    throw Error(ErrorCode::kUnavailable, "there is no program that plays sound",
                "install alsa-utils, or name one with --player");
  }
  return player;
}

PlayerPipe::PlayerPipe(const std::string& player) : pipe_(::popen(player.c_str(), "we")) {
  if (!pipe_) throw errno_error("cannot start '" + player + "'", errno);
}

}  // namespace myna::cli
