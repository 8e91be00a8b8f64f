// The script of a news show of a given length, from source texts.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "experiences/editing/grounding.h"
#include "experiences/editing/interests.h"
#include "experiences/editing/ledger.h"
#include "experiences/editing/ranking.h"
#include "experiences/editing/source_text.h"
#include "experiences/script/pace.h"
#include "experiences/script/show_script.h"

namespace myna::daily {

struct DailyOptions {
  double minutes = 5;
  int64_t now_s = 0;
  std::string show_name = "My Daily";
  std::string voice;  // of the anchor
  editing::Interests interests;
  std::vector<std::string> weather;   // sentences; empty: no weather
  std::string weather_text;           // what they were made of
  std::vector<std::string> problems;  // for the notes
  script::Pace pace;
  double music_s = 8;  // of sound without speech
  int item_pause_ms = 750;
  editing::Rewriter* rewriter = nullptr;
};

struct ToldItem {
  std::vector<size_t> sources;
  std::string section;
  std::string why;
};

struct DailyPlan {
  script::ShowScript script;
  std::vector<ToldItem> told;  // lead first
  std::vector<editing::LeftOutStory> left_out;
  double estimated_s = 0;
  bool short_of_material = false;  // there was not enough to say
};

inline constexpr double kMinMinutes = 1;
inline constexpr double kMaxMinutes = 30;

// Stories in the order of the ranking, those that were told left out or told as updates. An empty
// day gives a short show that says so.
DailyPlan plan_daily(const std::vector<editing::SourceText>& sources,
                     const editing::Ranking& ranking, const editing::Ledger& ledger,
                     const DailyOptions& options);

}  // namespace myna::daily
