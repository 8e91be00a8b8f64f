// The uncompressed formats: 16-bit little-endian samples, with a WAV header or with none.
#include <bit>
#include <string>
#include <utility>
#include <vector>

#include "audio/format_encoders.h"
#include "audio/wav_header.h"
#include "base/file.h"

namespace myna::audio {
namespace {

class SampleBytes {
 public:
  explicit SampleBytes(Dither dither) : converter_(dither) {}

  // Valid until the next call.
  std::span<const std::byte> convert(std::span<const float> samples) {
    integers_.resize(samples.size());
    converter_.convert(samples, integers_);
    if constexpr (std::endian::native == std::endian::big) {
      for (int16_t& sample : integers_) {
        const auto bits = static_cast<uint16_t>(sample);
        sample = static_cast<int16_t>(static_cast<uint16_t>(bits << 8 | bits >> 8));
      }
    }
    return std::as_bytes(std::span<const int16_t>(integers_));
  }

 private:
  Pcm16Converter converter_;
  std::vector<int16_t> integers_;
};

class WavEncoder : public Encoder {
 public:
  WavEncoder(std::unique_ptr<OutputFile> file, int sample_rate, AudioTags tags, Dither dither)
      : file_(std::move(file)),
        sample_rate_(sample_rate),
        tags_(std::move(tags)),
        sample_bytes_(dither) {
    const std::string header = wav_header(0, sample_rate_, tags_);
    file_->write(std::as_bytes(std::span(header)));
  }

 private:
  void encode(std::span<const float> samples) override {
    file_->write(sample_bytes_.convert(samples));
  }
  void complete() override {
    const std::string header = wav_header(statistics().sample_count, sample_rate_, tags_);
    file_->write_at(0, std::as_bytes(std::span(header)));
    file_->commit();
  }

  std::unique_ptr<OutputFile> file_;
  int sample_rate_;
  AudioTags tags_;
  SampleBytes sample_bytes_;
};

class RawFileEncoder : public Encoder {
 public:
  RawFileEncoder(std::unique_ptr<OutputFile> file, Dither dither)
      : file_(std::move(file)), sample_bytes_(dither) {}

 private:
  void encode(std::span<const float> samples) override {
    file_->write(sample_bytes_.convert(samples));
  }
  void complete() override { file_->commit(); }

  std::unique_ptr<OutputFile> file_;
  SampleBytes sample_bytes_;
};

class RawDescriptorEncoder : public Encoder {
 public:
  RawDescriptorEncoder(int descriptor, std::string name, Dither dither)
      : descriptor_(descriptor), name_(std::move(name)), sample_bytes_(dither) {}

 private:
  void encode(std::span<const float> samples) override {
    write_all(descriptor_, sample_bytes_.convert(samples), name_);
  }
  void complete() override {}

  int descriptor_;
  std::string name_;
  SampleBytes sample_bytes_;
};

}  // namespace

std::unique_ptr<Encoder> make_wav_encoder(std::unique_ptr<OutputFile> file, int sample_rate,
                                          const AudioTags& tags, const EncoderOptions& options) {
  return std::make_unique<WavEncoder>(std::move(file), sample_rate, tags, options.dither);
}

std::unique_ptr<Encoder> make_raw_file_encoder(std::unique_ptr<OutputFile> file,
                                               const EncoderOptions& options) {
  return std::make_unique<RawFileEncoder>(std::move(file), options.dither);
}

std::unique_ptr<Encoder> make_raw_encoder(int descriptor, std::string name,
                                          const EncoderOptions& options) {
  return std::make_unique<RawDescriptorEncoder>(descriptor, std::move(name), options.dither);
}

}  // namespace myna::audio
