// MP3 by LAME, variable bit rate. The file is: ID3v2 tag, the Xing/LAME frame (duration, seek table
// and the delay and padding that make playback gapless; known only at the end, so that it is
// written over its place holder), audio frames.
#include <lame/lame.h>

#include <algorithm>
#include <array>
#include <cstdarg>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "audio/format_encoders.h"
#include "audio/id3_tag.h"
#include "audio/resampler.h"
#include "base/error.h"

namespace myna::audio {
namespace {

constexpr std::array<int, 9> kMpegRates = {8000,  11025, 12000, 16000, 22050,
                                           24000, 32000, 44100, 48000};
// LAME's V scale, 0 best. V2 is transparent for speech: about 70 kbit/s at 24 kHz mono.
constexpr float kVbrQuality = 2.0f;
// LAME's -q: for VBR it trades speed against the search for smaller files. 5 makes the same size as
// 2 here, in two thirds of the time.
constexpr int kSearchEffort = 5;

int mpeg_rate_for(int sample_rate) {
  const auto rate = std::lower_bound(kMpegRates.begin(), kMpegRates.end(), sample_rate);
  return rate == kMpegRates.end() ? kMpegRates.back() : *rate;
}

struct LameCloser {
  void operator()(lame_global_flags* lame) const { lame_close(lame); }
};

void discard_message(const char*, va_list) {}

class Mp3Encoder : public Encoder {
 public:
  Mp3Encoder(std::unique_ptr<OutputFile> file, int sample_rate, const AudioTags& tags)
      : file_(std::move(file)), lame_(lame_init()) {
    if (lame_ == nullptr) fail("LAME does not start");
    const int rate = mpeg_rate_for(sample_rate);
    if (rate != sample_rate) resampler_.emplace(sample_rate, rate);
    lame_set_errorf(lame_.get(), discard_message);
    lame_set_debugf(lame_.get(), discard_message);
    lame_set_msgf(lame_.get(), discard_message);
    lame_set_num_channels(lame_.get(), 1);
    lame_set_mode(lame_.get(), MONO);
    lame_set_in_samplerate(lame_.get(), rate);
    lame_set_out_samplerate(lame_.get(), rate);
    lame_set_VBR(lame_.get(), vbr_default);
    lame_set_VBR_quality(lame_.get(), kVbrQuality);
    lame_set_quality(lame_.get(), kSearchEffort);
    lame_set_bWriteVbrTag(lame_.get(), 1);
    // We write the tag ourselves: LAME's has no chapters.
    lame_set_write_id3tag_automatic(lame_.get(), 0);
    if (lame_init_params(lame_.get()) < 0) fail("LAME refuses the settings");
    write_id3_tag(tags);
  }

 private:
  void encode(std::span<const float> samples) override {
    if (resampler_) {
      resampled_.clear();
      resampler_->process(samples, resampled_);
      encode_at_mpeg_rate(resampled_);
    } else {
      encode_at_mpeg_rate(samples);
    }
  }

  void complete() override {
    if (resampler_) {
      resampled_.clear();
      resampler_->flush(resampled_);
      encode_at_mpeg_rate(resampled_);
    }
    bytes_.resize(std::max<size_t>(bytes_.size(), 7200));
    write_encoded(lame_encode_flush(lame_.get(), bytes_.data(), static_cast<int>(bytes_.size())));

    const size_t size = lame_get_lametag_frame(lame_.get(), nullptr, 0);
    std::vector<unsigned char> frame(size);
    if (size > 0 && lame_get_lametag_frame(lame_.get(), frame.data(), size) == size) {
      file_->write_at(tag_size_, std::as_bytes(std::span(frame)));
    }
    file_->commit();
  }

  void encode_at_mpeg_rate(std::span<const float> samples) {
    if (samples.empty()) return;
    // The worst case that lame.h names.
    bytes_.resize(samples.size() * 5 / 4 + 7200);
    write_encoded(lame_encode_buffer_ieee_float(lame_.get(), samples.data(), samples.data(),
                                                static_cast<int>(samples.size()), bytes_.data(),
                                                static_cast<int>(bytes_.size())));
  }

  void write_encoded(int result) {
    if (result < 0) fail("LAME reports error " + std::to_string(result));
    file_->write(std::as_bytes(std::span(bytes_).first(static_cast<size_t>(result))));
  }

  void write_id3_tag(const AudioTags& tags) {
    const std::string tag = render_id3_tag(tags);
    file_->write(std::as_bytes(std::span(tag.data(), tag.size())));
    tag_size_ = static_cast<int64_t>(tag.size());
  }

  [[noreturn]] void fail(const std::string& reason) {
    throw Error(ErrorCode::kInternal, "cannot write '" + file_->path().string() + "': " + reason);
  }

  std::unique_ptr<OutputFile> file_;
  std::unique_ptr<lame_global_flags, LameCloser> lame_;
  std::optional<Resampler> resampler_;
  std::vector<float> resampled_;
  std::vector<unsigned char> bytes_;
  int64_t tag_size_ = 0;
};

}  // namespace

std::unique_ptr<Encoder> make_mp3_encoder(std::unique_ptr<OutputFile> file, int sample_rate,
                                          const AudioTags& tags) {
  return std::make_unique<Mp3Encoder>(std::move(file), sample_rate, tags);
}

}  // namespace myna::audio
