// The instruction sets that the CPU backend has code for, found at run time.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

namespace myna::backend::cpu {

// In order of preference: a machine that has a later one is faster with it.
enum class Isa : uint8_t {
  kPortable,    // no vector instructions beyond the compiler's baseline
  kAvx2,        // AVX2 + FMA
  kAvxVnni,     // kAvx2 + VEX-coded VNNI (Alder Lake, Zen 5)
  kAvx512,      // AVX-512 F, BW, DQ, VL
  kAvx512Vnni,  // kAvx512 + VNNI (Cascade Lake, Ice Lake)
  kAvx512Bf16,  // kAvx512Vnni + BF16 (Cooper Lake, Sapphire Rapids, Zen 4)
  kAmx,         // kAvx512Bf16 + AMX tiles for int8 and bf16 (Sapphire Rapids and later)
};

// "portable", "avx2", "avxvnni", "avx512", "avx512vnni", "avx512bf16", "amx".
std::string_view isa_name(Isa isa);
std::optional<Isa> parse_isa(std::string_view name);

// Those that this machine (and its operating system's register saving) supports, worst first; the
// first call asks the kernel for the use of AMX's tiles, which it grants a process on request;
// kPortable is always in it.
std::vector<Isa> supported_isas();

// The one to use: `wanted` when not empty, else $MYNA_ISA when set, else the best supported.
// Throws Error kInvalidArgument for an unknown name or one that this machine lacks.
Isa choose_isa(std::string_view wanted);

// Whether int8 products run as dot products of four (VNNI) on it.
constexpr bool has_int8_dot(Isa isa) { return isa == Isa::kAvxVnni || isa >= Isa::kAvx512Vnni; }
constexpr bool has_avx512(Isa isa) { return isa >= Isa::kAvx512; }

}  // namespace myna::backend::cpu
