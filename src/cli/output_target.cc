#include "cli/output_target.h"

#include <system_error>

#include "base/error.h"
#include "cli/console.h"

namespace myna::cli {
namespace {

namespace fs = std::filesystem;

// An existing file is never overwritten by a name that nobody chose.
fs::path free_name(const std::string& stem) {
  std::error_code error;
  fs::path name = stem + ".wav";
  for (int i = 2; fs::exists(name, error); ++i) name = stem + "-" + std::to_string(i) + ".wav";
  return name;
}

}  // namespace

OutputTarget resolve_output(const std::string& option, const fs::path& input_file) {
  if (option == "-") {
    if (stdout_is_terminal()) {
      throw Error(ErrorCode::kInvalidArgument, "raw audio would be written to the terminal",
                  "pipe it to a player (| aplay -f S16_LE -r 24000) or name a file after -o");
    }
    return {audio::AudioFormat::kRawPcm16, {}};
  }
  if (!option.empty()) return {audio::require_audio_format(option), option};
  const std::string stem = input_file.stem().string();
  return {audio::AudioFormat::kWav, free_name(stem.empty() ? "speech" : stem)};
}

}  // namespace myna::cli
