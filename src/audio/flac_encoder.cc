// FLAC by libsndfile, 16 bits.
#include <sndfile.h>

#include <exception>
#include <string>
#include <utility>
#include <vector>

#include "audio/format_encoders.h"
#include "base/error.h"

namespace myna::audio {
namespace {

struct SndfileCloser {
  void operator()(SNDFILE* file) const { sf_close(file); }
};

class FlacEncoder : public Encoder {
 public:
  FlacEncoder(std::unique_ptr<OutputFile> file, int sample_rate, const AudioTags& tags,
              const EncoderOptions& options)
      : file_(std::move(file)), converter_(options.dither) {
    SF_INFO info{};
    info.samplerate = sample_rate;
    info.channels = 1;
    info.format = SF_FORMAT_FLAC | SF_FORMAT_PCM_16;
    SF_VIRTUAL_IO callbacks{&file_length, &seek, &read, &write_bytes, &tell};
    handle_.reset(sf_open_virtual(&callbacks, SFM_WRITE, &info, this));
    check(handle_ != nullptr);
    set_tag(SF_STR_TITLE, tags.title);
    set_tag(SF_STR_ARTIST, tags.artist);
    set_tag(SF_STR_ALBUM, tags.album);
    set_tag(SF_STR_COMMENT, tags.comment);
    set_tag(SF_STR_SOFTWARE, tags.software);
  }

  ~FlacEncoder() override {
    // sf_close writes the header once more: into a file that nobody will see.
    handle_.reset();
  }

 private:
  void encode(std::span<const float> samples) override {
    integers_.resize(samples.size());
    converter_.convert(samples, integers_);
    const auto count = static_cast<sf_count_t>(integers_.size());
    check(sf_write_short(handle_.get(), integers_.data(), count) == count);
  }

  void complete() override {
    // Without a write, libsndfile would leave a FLAC file empty, which is no FLAC file.
    sf_command(handle_.get(), SFC_UPDATE_HEADER_NOW, nullptr, 0);
    const int error = sf_close(handle_.release());
    if (error_) std::rethrow_exception(std::exchange(error_, nullptr));
    if (error != SF_ERR_NO_ERROR) fail(sf_error_number(error));
    file_->commit();
  }

  void set_tag(int kind, const std::string& text) {
    if (!text.empty()) check(sf_set_string(handle_.get(), kind, text.c_str()) == SF_ERR_NO_ERROR);
  }

  void check(bool success) {
    if (error_) std::rethrow_exception(std::exchange(error_, nullptr));
    if (!success) fail(sf_strerror(handle_.get()));
  }

  [[noreturn]] void fail(const std::string& reason) {
    throw Error(ErrorCode::kIo, "cannot write '" + file_->path().string() + "': " + reason);
  }

  // libsndfile is C: an exception must not cross it. The first one is kept for check().
  template <typename Call>
  static sf_count_t guard(void* self, const Call& call) noexcept {
    auto* encoder = static_cast<FlacEncoder*>(self);
    try {
      return call(*encoder->file_);
    } catch (...) {
      if (!encoder->error_) encoder->error_ = std::current_exception();
      return -1;
    }
  }

  static sf_count_t file_length(void* self) {
    return guard(self, [](OutputFile& file) {
      const int64_t position = file.seek(0, SEEK_CUR);
      const int64_t length = file.seek(0, SEEK_END);
      file.seek(position, SEEK_SET);
      return length;
    });
  }
  static sf_count_t seek(sf_count_t offset, int from, void* self) {
    return guard(self, [&](OutputFile& file) { return file.seek(offset, from); });
  }
  static sf_count_t tell(void* self) {
    return guard(self, [](OutputFile& file) { return file.seek(0, SEEK_CUR); });
  }
  static sf_count_t read(void* data, sf_count_t count, void* self) {
    const std::span bytes(static_cast<std::byte*>(data), static_cast<size_t>(count));
    return guard(self, [&](OutputFile& file) { return static_cast<int64_t>(file.read(bytes)); });
  }
  static sf_count_t write_bytes(const void* data, sf_count_t count, void* self) {
    const std::span bytes(static_cast<const std::byte*>(data), static_cast<size_t>(count));
    const sf_count_t result = guard(self, [&](OutputFile& file) {
      file.write(bytes);
      return static_cast<int64_t>(bytes.size());
    });
    // libsndfile asks for a count, not for an error.
    return result < 0 ? 0 : result;
  }

  std::unique_ptr<OutputFile> file_;
  std::exception_ptr error_;
  std::unique_ptr<SNDFILE, SndfileCloser> handle_;
  Pcm16Converter converter_;
  std::vector<int16_t> integers_;
};

}  // namespace

std::unique_ptr<Encoder> make_flac_encoder(std::unique_ptr<OutputFile> file, int sample_rate,
                                           const AudioTags& tags, const EncoderOptions& options) {
  return std::make_unique<FlacEncoder>(std::move(file), sample_rate, tags, options);
}

}  // namespace myna::audio
