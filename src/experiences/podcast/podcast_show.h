// The script of a conversation about a document: two hosts, a segment for each part of it, as long
// as it was asked to be, with no language model. What is said of the subject are the document's
// sentences, shortened; questions are made of the words of their answers.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "experiences/editing/grounding.h"
#include "experiences/podcast/outline.h"
#include "experiences/script/pace.h"
#include "experiences/script/show_script.h"

namespace myna::podcast {

enum class TalkFormat : uint8_t {
  kDeepDive,   // one explains, one asks; they change places with the segments
  kBrief,      // the main points, in turns
  kDebate,     // one for what the document claims, one for what it holds against it
  kInterview,  // a host asks a guest who has read it
};
std::string_view talk_format_name(TalkFormat format);  // "deep-dive", ...
std::optional<TalkFormat> parse_talk_format(std::string_view name);
double default_minutes(TalkFormat format);
// Parts that a show of that length has.
size_t part_count_for(TalkFormat format, double minutes);

struct Host {
  std::string name;   // as it is said: "Bella"
  std::string voice;  // a voice or blend
};

struct PodcastOptions {
  TalkFormat format = TalkFormat::kDeepDive;
  double minutes = 6;
  std::array<Host, 2> hosts;  // the first one explains first
  std::string date;           // "2026-11-26"
  script::Pace pace;
  double music_s = 8;  // of sound without speech
  editing::Rewriter* rewriter = nullptr;
  std::vector<std::string> problems;  // for the notes
};

struct SectionCoverage {
  std::string title;
  size_t sentences = 0;  // of the document
  size_t told = 0;
};

struct PodcastPlan {
  script::ShowScript script;
  std::vector<SectionCoverage> coverage;  // in the order of the document
  double estimated_s = 0;
  bool short_of_material = false;
};

inline constexpr double kMinPodcastMinutes = 1;
inline constexpr double kMaxPodcastMinutes = 60;

// An outline without sections, or with nothing that can be told, gives a script without segments.
PodcastPlan plan_podcast(const Outline& outline, const SentenceTagger& tagger,
                         const PodcastOptions& options);

}  // namespace myna::podcast
