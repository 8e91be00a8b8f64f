// The encoders behind make_file_encoder, one file a format. They are told clean samples: finite,
// within
// [-1, 1]; tags are clean UTF-8 without control characters.
#pragma once

#include <memory>

#include "audio/encoder.h"
#include "audio/output_file.h"

namespace myna::audio {

std::unique_ptr<Encoder> make_wav_encoder(std::unique_ptr<OutputFile> file, int sample_rate,
                                          const AudioTags& tags, const EncoderOptions& options);
std::unique_ptr<Encoder> make_raw_file_encoder(std::unique_ptr<OutputFile> file,
                                               const EncoderOptions& options);
std::unique_ptr<Encoder> make_flac_encoder(std::unique_ptr<OutputFile> file, int sample_rate,
                                           const AudioTags& tags, const EncoderOptions& options);
std::unique_ptr<Encoder> make_mp3_encoder(std::unique_ptr<OutputFile> file, int sample_rate,
                                          const AudioTags& tags);
std::unique_ptr<Encoder> make_opus_encoder(std::unique_ptr<OutputFile> file, int sample_rate,
                                           const AudioTags& tags);

}  // namespace myna::audio
