#include "audio/audio_format.h"

#include <array>
#include <cctype>
#include <string>

#include "base/error.h"

namespace myna::audio {
namespace {

struct Extension {
  std::string_view name;
  AudioFormat format;
};

constexpr std::array<Extension, 5> kExtensions{{
    {".wav", AudioFormat::kWav},
    {".flac", AudioFormat::kFlac},
    {".mp3", AudioFormat::kMp3},
    {".opus", AudioFormat::kOpus},
    {".ogg", AudioFormat::kOpus},
}};

}  // namespace

std::string_view audio_format_name(AudioFormat format) {
  switch (format) {
    case AudioFormat::kWav:
      return "WAV";
    case AudioFormat::kFlac:
      return "FLAC";
    case AudioFormat::kMp3:
      return "MP3";
    case AudioFormat::kOpus:
      return "Opus";
    case AudioFormat::kRawPcm16:
      return "raw PCM";
  }
  return "unknown";
}

std::optional<AudioFormat> audio_format_for_path(const std::filesystem::path& path) {
  std::string extension = path.extension().string();
  for (char& c : extension) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  for (const Extension& known : kExtensions) {
    if (extension == known.name) return known.format;
  }
  return std::nullopt;
}

std::string_view supported_audio_extensions() { return ".wav, .flac, .mp3, .opus, .ogg"; }

AudioFormat require_audio_format(const std::filesystem::path& path) {
  if (const auto format = audio_format_for_path(path)) return *format;
  const std::string extension = path.extension().string();
  const std::string hint =
      "use a name that ends in one of " + std::string(supported_audio_extensions());
  if (extension.empty()) {
    throw Error(ErrorCode::kInvalidArgument,
                "'" + path.string() + "' has no extension that names an audio format", hint);
  }
  throw Error(
      ErrorCode::kInvalidArgument,
      "'" + extension + "' of '" + path.string() + "' is not an audio format that Myna writes",
      hint);
}

bool is_lossy(AudioFormat format) {
  return format == AudioFormat::kMp3 || format == AudioFormat::kOpus;
}

}  // namespace myna::audio
