// Ogg Opus by libopusenc, which resamples to 48 kHz and keeps the exact length (pre-skip and the
// last page's position, RFC 7845).
#include <opusenc.h>

#include <exception>
#include <string>
#include <utility>

#include "audio/format_encoders.h"
#include "base/error.h"

namespace myna::audio {
namespace {

// Fullband mono speech is transparent from about 40 kbit/s up.
constexpr int kBitRate = 48000;

struct CommentsDestroyer {
  void operator()(OggOpusComments* comments) const { ope_comments_destroy(comments); }
};
struct OpusDestroyer {
  void operator()(OggOpusEnc* encoder) const { ope_encoder_destroy(encoder); }
};

class OpusEncoder : public Encoder {
 public:
  OpusEncoder(std::unique_ptr<OutputFile> file, int sample_rate, const AudioTags& tags)
      : file_(std::move(file)), comments_(ope_comments_create()) {
    if (comments_ == nullptr) fail(OPE_ALLOC_FAIL);
    add_comment("TITLE", tags.title);
    add_comment("ARTIST", tags.artist);
    add_comment("ALBUM", tags.album);
    add_comment("COMMENT", tags.comment);
    add_comment("ENCODER", tags.software);
    const OpusEncCallbacks callbacks{&write_bytes, &close_nothing};
    int error = OPE_OK;
    encoder_.reset(
        ope_encoder_create_callbacks(&callbacks, this, comments_.get(), sample_rate, 1, 0, &error));
    if (encoder_ == nullptr) fail(error);
    check(ope_encoder_ctl(encoder_.get(), OPUS_SET_BITRATE(kBitRate)));
    check(ope_encoder_ctl(encoder_.get(), OPUS_SET_SIGNAL(OPUS_SIGNAL_VOICE)));
    check(ope_encoder_flush_header(encoder_.get()));
  }

 private:
  void encode(std::span<const float> samples) override {
    check(
        ope_encoder_write_float(encoder_.get(), samples.data(), static_cast<int>(samples.size())));
  }

  void complete() override {
    check(ope_encoder_drain(encoder_.get()));
    file_->commit();
  }

  void add_comment(const char* name, const std::string& text) {
    if (!text.empty()) check(ope_comments_add(comments_.get(), name, text.c_str()));
  }

  void check(int result) {
    if (error_) std::rethrow_exception(std::exchange(error_, nullptr));
    if (result != OPE_OK) fail(result);
  }

  [[noreturn]] void fail(int result) {
    throw Error(ErrorCode::kInternal,
                "cannot write '" + file_->path().string() + "': " + ope_strerror(result));
  }

  // libopusenc is C: an exception must not cross it. The first one is kept for check().
  static int write_bytes(void* self, const unsigned char* data, opus_int32 count) noexcept {
    auto* encoder = static_cast<OpusEncoder*>(self);
    try {
      encoder->file_->write(std::as_bytes(std::span(data, static_cast<size_t>(count))));
      return 0;
    } catch (...) {
      if (!encoder->error_) encoder->error_ = std::current_exception();
      return 1;
    }
  }
  static int close_nothing(void*) noexcept { return 0; }

  std::unique_ptr<OutputFile> file_;
  std::exception_ptr error_;
  std::unique_ptr<OggOpusComments, CommentsDestroyer> comments_;
  std::unique_ptr<OggOpusEnc, OpusDestroyer> encoder_;
};

}  // namespace

std::unique_ptr<Encoder> make_opus_encoder(std::unique_ptr<OutputFile> file, int sample_rate,
                                           const AudioTags& tags) {
  return std::make_unique<OpusEncoder>(std::move(file), sample_rate, tags);
}

}  // namespace myna::audio
