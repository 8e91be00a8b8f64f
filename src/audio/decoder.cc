#include "audio/decoder.h"

#include <fcntl.h>
#include <sndfile.h>

#include <algorithm>
#include <cerrno>
#include <memory>
#include <string>

#include "base/error.h"
#include "base/file.h"

namespace myna::audio {
namespace {

struct SndfileCloser {
  void operator()(SNDFILE* file) const { sf_close(file); }
};

std::string tag(SNDFILE* file, int kind) {
  const char* text = sf_get_string(file, kind);
  return text == nullptr ? std::string() : std::string(text);
}

}  // namespace

DecodedAudio read_audio_file(const std::filesystem::path& path, size_t max_frames) {
  const std::string name = "'" + path.string() + "'";
  FileDescriptor descriptor(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!descriptor.valid()) throw errno_error("cannot open " + name, errno);
  SF_INFO info{};
  const std::unique_ptr<SNDFILE, SndfileCloser> file(
      sf_open_fd(descriptor.get(), SFM_READ, &info, SF_FALSE));
  if (file == nullptr) {
    throw Error(ErrorCode::kCorruptData,
                name + " is not an audio file that can be read: " + sf_strerror(nullptr));
  }
  DecodedAudio audio;
  audio.sample_rate = info.samplerate;
  audio.channel_count = info.channels;
  audio.tags = {.title = tag(file.get(), SF_STR_TITLE),
                .artist = tag(file.get(), SF_STR_ARTIST),
                .album = tag(file.get(), SF_STR_ALBUM),
                .comment = tag(file.get(), SF_STR_COMMENT),
                .software = tag(file.get(), SF_STR_SOFTWARE)};
  // The header's frame count may be a lie: the data decides, piece by piece.
  constexpr sf_count_t kPieceFrames = 1 << 14;
  const auto channels = static_cast<size_t>(info.channels);
  for (;;) {
    const size_t have = audio.samples.size();
    audio.samples.resize(have + static_cast<size_t>(kPieceFrames) * channels);
    const sf_count_t frames = std::max<sf_count_t>(
        0, sf_readf_float(file.get(), audio.samples.data() + have, kPieceFrames));
    audio.samples.resize(have + static_cast<size_t>(frames) * channels);
    if (frames == 0) break;
    if (audio.frame_count() > max_frames) {
      throw Error(ErrorCode::kResourceExhausted,
                  name + " has more than " + std::to_string(max_frames) + " samples");
    }
  }
  if (sf_error(file.get()) != SF_ERR_NO_ERROR) {
    throw Error(ErrorCode::kCorruptData, name + " is damaged: " + sf_strerror(file.get()));
  }
  return audio;
}

}  // namespace myna::audio
