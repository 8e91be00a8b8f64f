// Source, STFT and spectral head of the CPU backend: the transforms are small matrix products, run
// by the same inner kernels as the convolutions.
#pragma once

#include "backend/cpu/convolution.h"

namespace myna::backend::cpu {

void run_sine_source(const Context& context, const ops::SineSourceSpec& spec,
                     const ops::SourceVariation& variation, std::span<const float> f0_hz,
                     std::span<float> samples, ops::Arena& arena);
void run_stft(const Context& context, std::span<const float> samples, size_t fft_size, size_t hop,
              ops::Rows y);
void run_inverse_stft_head(const Context& context, ops::ConstRows x, size_t fft_size, size_t hop,
                           std::span<float> samples, ops::Arena& arena);

}  // namespace myna::backend::cpu
