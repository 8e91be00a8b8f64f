// Reading test sets: one JSON object a line. Private to src/evaluation.
#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <string_view>

#include "base/error.h"
#include "evaluation/text_measures.h"

namespace myna::evaluation {

// Calls `read` with each line's object; what it throws about the JSON names the line, as
// Error kCorruptData.
template <typename Read>
void each_json_line(std::string_view json_lines, const Read& read) {
  size_t number = 0;
  for (const std::string_view line : split(json_lines, "\n")) {
    ++number;
    if (is_blank(line)) continue;
    try {
      read(nlohmann::json::parse(line));
    } catch (const nlohmann::json::exception& error) {
      throw Error(ErrorCode::kCorruptData,
                  "line " + std::to_string(number) + " of the test set: " + error.what());
    }
  }
}

}  // namespace myna::evaluation
