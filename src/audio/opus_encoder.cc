// Ogg Opus by libopusenc, which resamples to 48 kHz and keeps the exact length (pre-skip and the
// last page's position, RFC 7845).
#include <opusenc.h>

#include <array>
#include <cmath>
#include <cstdio>
#include <exception>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "audio/format_encoders.h"
#include "audio/resampler.h"
#include "base/error.h"

namespace myna::audio {
namespace {

constexpr int kOpusRate = 48000;
// With the CELT layer alone (OPUS_SIGNAL_MUSIC). What the SILK layer of the voice mode does is
// audible in the level: 0.3 LU less, since it cuts low frequencies (six voices, README.md).
constexpr int kBitRate = 64000;

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
    if (sample_rate != kOpusRate) resampler_.emplace(sample_rate, kOpusRate);
    add_comment("TITLE", tags.title);
    add_comment("ARTIST", tags.artist);
    add_comment("ALBUM", tags.album);
    add_comment("COMMENT", tags.comment);
    add_comment("ENCODER", tags.software);
    add_chapters(tags.chapters);
    if (!tags.cover_png.empty()) {
      constexpr int kFrontCover = 3;
      check(ope_comments_add_picture_from_memory(comments_.get(), tags.cover_png.data(),
                                                 tags.cover_png.size(), kFrontCover, ""));
    }
    const OpusEncCallbacks callbacks{&write_bytes, &close_nothing};
    int error = OPE_OK;
    encoder_.reset(
        ope_encoder_create_callbacks(&callbacks, this, comments_.get(), kOpusRate, 1, 0, &error));
    if (encoder_ == nullptr) fail(error);
    check(ope_encoder_ctl(encoder_.get(), OPUS_SET_BITRATE(kBitRate)));
    check(ope_encoder_ctl(encoder_.get(), OPUS_SET_SIGNAL(OPUS_SIGNAL_MUSIC)));
    check(ope_encoder_flush_header(encoder_.get()));
  }

 private:
  void encode(std::span<const float> samples) override {
    if (resampler_) {
      resampled_.clear();
      resampler_->process(samples, resampled_);
      encode_at_opus_rate(resampled_);
    } else {
      encode_at_opus_rate(samples);
    }
  }

  void complete() override {
    if (resampler_) {
      resampled_.clear();
      resampler_->flush(resampled_);
      encode_at_opus_rate(resampled_);
    }
    if (!any_samples_) encode_at_opus_rate(std::array{0.0f});
    check(ope_encoder_drain(encoder_.get()));
    file_->commit();
  }

  void encode_at_opus_rate(std::span<const float> samples) {
    if (samples.empty()) return;
    any_samples_ = true;
    check(
        ope_encoder_write_float(encoder_.get(), samples.data(), static_cast<int>(samples.size())));
  }

  // The comments that players of Vorbis and Opus understand as chapters.
  void add_chapters(const std::vector<AudioChapter>& chapters) {
    for (size_t i = 0; i < chapters.size(); ++i) {
      const auto ms = std::llround(chapters[i].start_s * 1000);
      std::array<char, 32> name{};
      std::array<char, 32> time{};
      std::snprintf(name.data(), name.size(), "CHAPTER%03zu", i + 1);
      std::snprintf(time.data(), time.size(), "%02lld:%02lld:%02lld.%03lld", ms / 3'600'000,
                    ms / 60'000 % 60, ms / 1000 % 60, ms % 1000);
      add_comment(name.data(), time.data());
      add_comment((std::string(name.data()) + "NAME").c_str(), chapters[i].title);
    }
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
  std::optional<Resampler> resampler_;
  std::vector<float> resampled_;
  bool any_samples_ = false;
  std::unique_ptr<OggOpusComments, CommentsDestroyer> comments_;
  std::unique_ptr<OggOpusEnc, OpusDestroyer> encoder_;
};

}  // namespace

std::unique_ptr<Encoder> make_opus_encoder(std::unique_ptr<OutputFile> file, int sample_rate,
                                           const AudioTags& tags) {
  return std::make_unique<OpusEncoder>(std::move(file), sample_rate, tags);
}

}  // namespace myna::audio
