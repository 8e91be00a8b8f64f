// Kokoro's English speakers, whose voices the Flash model has learnt too.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "voice/voice.h"

namespace myna::voice {

// From an id such as "af_heart": accent, gender, name. Throws Error kCorruptData for another form;
// `file_name` and `package` are for the message.
Speaker speaker_from_id(const std::string& id, const std::string& file_name,
                        const std::string& package);

// Integrated loudness of running speech as the model makes it, in LUFS, for output
// whose gain has to be chosen before it is heard; nothing for a speaker that
// was not measured. `id` as in the model package: "af_heart".
std::optional<float> speaker_loudness_lufs(std::string_view id);

}  // namespace myna::voice
