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

// How fast a speaker reads by himself: seconds of a phoneme of an utterance in running speech at
// speed 1, marks and spaces counted, as the model of that tier ("studio", "flash") makes it;
// nothing for a speaker that was not measured.
std::optional<float> speaker_phoneme_s(std::string_view id, std::string_view tier);
// Of a blend, the weighted mean; nothing when one of its speakers was not measured.
std::optional<float> blend_phoneme_s(const SpeakerBlend& blend, const Voice& voice);

}  // namespace myna::voice
