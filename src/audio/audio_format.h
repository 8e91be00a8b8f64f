// The audio formats that Myna writes, and how a file name chooses one.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

namespace myna::audio {

enum class AudioFormat : uint8_t {
  kWav,       // RIFF, 16-bit PCM (RF64 when it grows past 4 GiB)
  kFlac,      // 16-bit
  kMp3,       // LAME VBR
  kOpus,      // Ogg Opus, always 48 kHz inside
  kRawPcm16,  // headerless signed 16-bit little-endian mono: pipes
};

// "WAV", "FLAC", "MP3", "Opus", "raw PCM".
std::string_view audio_format_name(AudioFormat format);

// By extension, letter case ignored: .wav .flac .mp3 .opus .ogg; nothing for every other name.
// kRawPcm16 is never chosen by name.
std::optional<AudioFormat> audio_format_for_path(const std::filesystem::path& path);

// ".wav, .flac, .mp3, .opus, .ogg", for help texts and error hints.
std::string_view supported_audio_extensions();

// audio_format_for_path, or Error kInvalidArgument that names the extension and the supported ones.
AudioFormat require_audio_format(const std::filesystem::path& path);

// Decoders of MP3 and Opus overshoot the peaks of what was encoded.
bool is_lossy(AudioFormat format);

}  // namespace myna::audio
