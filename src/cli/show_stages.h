// The stages of a show on one progress line, and their times for the report.
#pragma once

#include <chrono>
#include <cmath>
#include <nlohmann/json.hpp>
#include <string>

#include "base/clock.h"
#include "cli/console.h"
#include "cli/progress_bar.h"

namespace myna::cli {

class ShowStages {
 public:
  explicit ShowStages(bool quiet) : quiet_(quiet) {}
  void begin(const std::string& name) {
    end();
    name_ = name;
    start_ = std::chrono::steady_clock::now();
  }
  void update(double fraction, const std::string& label) {
    if (!quiet_) bar_.update(fraction, label);
  }
  void end() {
    if (!name_.empty())
      times_[name_] = std::round(1000 * (times_.value(name_, 0.0) + seconds_since(start_))) / 1000;
    name_.clear();
    bar_.clear();
  }
  const nlohmann::ordered_json& times() const { return times_; }

 private:
  bool quiet_;
  ProgressBar bar_;
  std::string name_;
  std::chrono::steady_clock::time_point start_;
  nlohmann::ordered_json times_ = nlohmann::ordered_json::object();
};

}  // namespace myna::cli
