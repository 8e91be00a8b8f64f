// The encoders behind make_file_encoder, one a library. They are told clean samples: finite, within
// [-1, 1]; tags are clean UTF-8 without control characters.
#pragma once

#include <memory>

#include "audio/encoder.h"
#include "audio/output_file.h"

namespace myna::audio {

// kWav or kFlac.
std::unique_ptr<Encoder> make_sndfile_encoder(std::unique_ptr<OutputFile> file, AudioFormat format,
                                              int sample_rate, const AudioTags& tags,
                                              const EncoderOptions& options);
std::unique_ptr<Encoder> make_mp3_encoder(std::unique_ptr<OutputFile> file, int sample_rate,
                                          const AudioTags& tags);
std::unique_ptr<Encoder> make_opus_encoder(std::unique_ptr<OutputFile> file, int sample_rate,
                                           const AudioTags& tags);

}  // namespace myna::audio
