#include "backend/cpu/isa.h"

#include <cpuid.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <array>
#include <cstdlib>
#include <string>
#include <utility>

#include "base/error.h"

namespace myna::backend::cpu {
namespace {

constexpr std::array<std::pair<Isa, std::string_view>, 7> kNames = {{
    {Isa::kPortable, "portable"},
    {Isa::kAvx2, "avx2"},
    {Isa::kAvxVnni, "avxvnni"},
    {Isa::kAvx512, "avx512"},
    {Isa::kAvx512Vnni, "avx512vnni"},
    {Isa::kAvx512Bf16, "avx512bf16"},
    {Isa::kAmx, "amx"},
}};

// Not every supported compiler's __builtin_cpu_supports knows these: CPUID leaf 7.1, EAX.
bool has_leaf_7_1(unsigned bit) {
  unsigned eax = 0, ebx = 0, ecx = 0, edx = 0;
  return __get_cpuid_count(7, 1, &eax, &ebx, &ecx, &edx) != 0 && (eax >> bit & 1) != 0;
}
constexpr unsigned kAvxVnniBit = 4, kAvx512Bf16Bit = 5;

// CPUID leaf 7.0, EDX: 22 AMX-BF16, 24 AMX-TILE, 25 AMX-INT8. Linux (5.16 and later) makes room for
// the 8 KiB of tiles only in a process that asks (arch_prctl(2)); older kernels and those without
// AMX refuse.
bool may_use_amx() {
  static const bool kGranted = [] {
    unsigned eax = 0, ebx = 0, ecx = 0, edx = 0;
    constexpr unsigned kNeeded = 1u << 22 | 1u << 24 | 1u << 25;
    if (__get_cpuid_count(7, 0, &eax, &ebx, &ecx, &edx) == 0 || (edx & kNeeded) != kNeeded) {
      return false;
    }
    constexpr int kRequestPermission = 0x1023;  // ARCH_REQ_XCOMP_PERM
    constexpr int kTileData = 18;               // XFEATURE_XTILEDATA
    return syscall(SYS_arch_prctl, kRequestPermission, kTileData) == 0;
  }();
  return kGranted;
}

bool supports(Isa isa) {
  const bool avx2 = __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma");
  const bool avx512 = avx2 && __builtin_cpu_supports("avx512f") &&
                      __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512dq") &&
                      __builtin_cpu_supports("avx512vl");
  switch (isa) {
    case Isa::kPortable:
      return true;
    case Isa::kAvx2:
      return avx2;
    case Isa::kAvxVnni:
      return avx2 && has_leaf_7_1(kAvxVnniBit);
    case Isa::kAvx512:
      return avx512;
    case Isa::kAvx512Vnni:
      return avx512 && __builtin_cpu_supports("avx512vnni");
    case Isa::kAvx512Bf16:
      return supports(Isa::kAvx512Vnni) && has_leaf_7_1(kAvx512Bf16Bit);
    case Isa::kAmx:
      return supports(Isa::kAvx512Bf16) && may_use_amx();
  }
  return false;
}

}  // namespace

std::string_view isa_name(Isa isa) { return kNames[static_cast<size_t>(isa)].second; }

std::optional<Isa> parse_isa(std::string_view name) {
  for (const auto& [isa, isa_text] : kNames) {
    if (isa_text == name) return isa;
  }
  return std::nullopt;
}

std::vector<Isa> supported_isas() {
  std::vector<Isa> found;
  for (const auto& [isa, name] : kNames) {
    if (supports(isa)) found.push_back(isa);
  }
  return found;
}

Isa choose_isa(std::string_view wanted) {
  const char* environment = std::getenv("MYNA_ISA");
  std::string name(wanted);
  if (name.empty() && environment != nullptr) name = environment;
  if (name.empty()) return supported_isas().back();

  std::string available;
  for (Isa isa : supported_isas()) available += " " + std::string(isa_name(isa));
  const std::optional<Isa> isa = parse_isa(name);
  if (!isa || !supports(*isa)) {
    throw Error(ErrorCode::kInvalidArgument,
                isa ? "this machine has no '" + name + "' instructions"
                    : "unknown instruction set '" + name + "'",
                "MYNA_ISA may be one of:" + available);
  }
  return *isa;
}

}  // namespace myna::backend::cpu
