// AMX: int8 and bfloat16 products on tiles (amx_block.h), float as AVX-512 does it.
#include <immintrin.h>

#include "backend/cpu/amx_block.h"
#include "backend/cpu/micro_kernels.h"

#define MYNA_AMX __attribute__((target("amx-tile,amx-int8,amx-bf16")))

namespace myna::backend::cpu {
namespace {

// The intrinsics take tile numbers as literals: those of AmxTile.
static_assert(kLeftSums == 0 && kRightSums == 1 && kFullInput == 2 && kFullLeft == 3 &&
              kFullRight == 4 && kRestInput == 5 && kRestLeft == 6 && kRestRight == 7);

class AmxUnit {
 public:
  MYNA_AMX void configure(const TileConfiguration& configuration) {
    _tile_loadconfig(&configuration);
  }
  MYNA_AMX void store_sums(void* sums, size_t row_bytes) {
    auto* left = static_cast<char*>(sums);
    _tile_stored(0, left, row_bytes);
    _tile_stored(1, left + kTileRowBytes, row_bytes);
    // Tiles in use make every context switch of the thread save 8 KiB.
    _tile_release();
  }
};

class AmxInt8Unit : public AmxUnit {
 public:
  MYNA_AMX void full_step(const uint8_t* input, size_t row_bytes, const int8_t* weights) {
    _tile_loadd(2, input, row_bytes);
    _tile_loadd(3, weights, kPanelRowBytes);
    _tile_dpbusd(0, 2, 3);
    _tile_loadd(4, weights + kTileRowBytes, kPanelRowBytes);
    _tile_dpbusd(1, 2, 4);
  }
  MYNA_AMX void rest_step(const uint8_t* input, size_t row_bytes, const int8_t* weights) {
    _tile_loadd(5, input, row_bytes);
    _tile_loadd(6, weights, kPanelRowBytes);
    _tile_dpbusd(0, 5, 6);
    _tile_loadd(7, weights + kTileRowBytes, kPanelRowBytes);
    _tile_dpbusd(1, 5, 7);
  }
};

class AmxBfloat16Unit : public AmxUnit {
 public:
  MYNA_AMX void full_step(const uint16_t* input, size_t row_bytes, const uint16_t* weights) {
    _tile_loadd(2, input, row_bytes);
    _tile_loadd(3, weights, kPanelRowBytes);
    _tile_dpbf16ps(0, 2, 3);
    _tile_loadd(4, weights + kTileRowBytes / sizeof *weights, kPanelRowBytes);
    _tile_dpbf16ps(1, 2, 4);
  }
  MYNA_AMX void rest_step(const uint16_t* input, size_t row_bytes, const uint16_t* weights) {
    _tile_loadd(5, input, row_bytes);
    _tile_loadd(6, weights, kPanelRowBytes);
    _tile_dpbf16ps(0, 5, 6);
    _tile_loadd(7, weights + kTileRowBytes / sizeof *weights, kPanelRowBytes);
    _tile_dpbf16ps(1, 5, 7);
  }
};

void amx_float(const FloatBlock& block, size_t rows, float* sums) {
  kAvx512Kernels.float_block(block, rows, sums);
}

void amx_bfloat16(const Bfloat16Block& block, size_t rows, float* sums) {
  AmxBfloat16Unit unit;
  amx_block(unit, block, rows, sums);
}

void amx_int8(const Int8Block& block, size_t rows, int32_t* sums) {
  AmxInt8Unit unit;
  amx_block(unit, block, rows, sums);
}

void amx_int16(const Int16Block& block, size_t rows, int32_t* sums) {
  kAvx512Kernels.int16_block(block, rows, sums);
}

}  // namespace

const MicroKernels kAmxKernels = {amx_float, amx_bfloat16, amx_int8, amx_int16};

}  // namespace myna::backend::cpu
