// What goes with a show's sound: captions, chapters, notes. Times are those of the mix.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "experiences/production/line_studio.h"
#include "experiences/production/show_mix.h"
#include "experiences/script/show_script.h"

namespace myna::production {

// Captions of at most two lines of 42 characters, speakers as <v> (VTT) or in front (SRT).
std::string render_vtt(const script::ShowScript& script, const ShowMix& mix,
                       std::span<const SpokenLine> spoken);
std::string render_srt(const script::ShowScript& script, const ShowMix& mix,
                       std::span<const SpokenLine> spoken);

// Podcasting 2.0 JSON chapters, version 1.2.0.
std::string render_chapters(const script::ShowScript& script, const ShowMix& mix);

// Every segment with its time, why it was chosen, and links to its sources; then what failed. Text
// of sources is escaped; links are http and https alone. HTML is a whole page without scripts.
std::string render_notes_html(const script::ShowScript& script, const ShowMix& mix,
                              const std::string& voice);
std::string render_notes_markdown(const script::ShowScript& script, const ShowMix& mix,
                                  const std::string& voice);

}  // namespace myna::production
