// The bytes in front of a WAV file's samples: 16-bit PCM, mono.
//
//   RIFF <size> WAVE | JUNK (28 bytes) | fmt (16 bytes) | LIST INFO (tags) | data <size>
//
// From 4 GiB on, where RIFF's 32-bit sizes end, RIFF becomes RF64 and the JUNK chunk becomes ds64
// with the true sizes (EBU Tech 3306, "on the fly"): the header keeps its length, so that it can be
// written first and again at the end. libsndfile's own RF64 mode leaves ordinary files with the
// extensible format tag, which Python's wave module and others refuse; hence this header.
#pragma once

#include <cstdint>
#include <string>

#include "audio/encoder.h"

namespace myna::audio {

// sample_count: samples in the file, of 2 bytes each. The length depends on the tags alone.
std::string wav_header(uint64_t sample_count, int sample_rate, const AudioTags& tags);

}  // namespace myna::audio
