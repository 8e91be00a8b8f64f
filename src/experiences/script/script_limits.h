// What a script may hold, whichever form it is read from.
#pragma once

#include <cstddef>
#include <vector>

#include "experiences/script/show_script.h"

namespace myna::script {

inline constexpr size_t kMaxScriptBytes = size_t{16} << 20;
inline constexpr size_t kMaxScriptLines = 5000;
inline constexpr size_t kMaxLineBytes = 8000;
inline constexpr int kMaxPause_ms = 60'000;

// Of a voice that has one: 0.25 to 4.
constexpr bool is_speed(double speed) { return speed >= 0.25 && speed <= 4; }

// Speakers without an entry, empty or overlong lines, pauses and styles out of range, references
// that lead outside of their source.
std::vector<ScriptProblem> check_limits(const ShowScript& script);

}  // namespace myna::script
