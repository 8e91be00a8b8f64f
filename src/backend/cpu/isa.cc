#include "backend/cpu/isa.h"

#include <cpuid.h>

#include <array>
#include <cstdlib>
#include <string>
#include <utility>

#include "base/error.h"

namespace myna::backend::cpu {
namespace {

constexpr std::array<std::pair<Isa, std::string_view>, 5> kNames = {{
    {Isa::kPortable, "portable"},
    {Isa::kAvx2, "avx2"},
    {Isa::kAvxVnni, "avxvnni"},
    {Isa::kAvx512, "avx512"},
    {Isa::kAvx512Vnni, "avx512vnni"},
}};

// __builtin_cpu_supports("avxvnni") is not in every supported compiler: CPUID leaf 7.1, EAX bit 4.
bool has_avx_vnni() {
  unsigned eax = 0, ebx = 0, ecx = 0, edx = 0;
  return __get_cpuid_count(7, 1, &eax, &ebx, &ecx, &edx) != 0 && (eax >> 4 & 1) != 0;
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
      return avx2 && has_avx_vnni();
    case Isa::kAvx512:
      return avx512;
    case Isa::kAvx512Vnni:
      return avx512 && __builtin_cpu_supports("avx512vnni");
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
