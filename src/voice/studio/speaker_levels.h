// How loud each of Kokoro's speakers is, for output whose gain has to be chosen before it is heard.
#pragma once

#include <optional>
#include <string_view>

namespace myna::voice::studio {

// Integrated loudness of running speech as the model makes it, in LUFS; nothing for a speaker that
// was not measured. `id` as in the model package: "af_heart".
std::optional<float> speaker_loudness_lufs(std::string_view id);

}  // namespace myna::voice::studio
