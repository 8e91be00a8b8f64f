// A progress line on standard error, for long work and only on a terminal.
#pragma once

#include <chrono>
#include <string>
#include <string_view>

namespace myna::cli {

class ProgressBar {
 public:
  ProgressBar();
  ~ProgressBar();  // removes the line
  ProgressBar(const ProgressBar&) = delete;
  ProgressBar& operator=(const ProgressBar&) = delete;

  // fraction 0 to 1; `label` stands behind the bar. Shows nothing in the first second, so that
  // short work stays quiet, and redraws at most ten times a second.
  void update(double fraction, std::string_view label);
  void clear();

  // Time to go after `elapsed_s` for `fraction` of the work: "ETA 1:07"; empty when unknown.
  static std::string eta(double elapsed_s, double fraction);

 private:
  bool enabled_;
  bool shown_ = false;
  std::chrono::steady_clock::time_point start_;
  std::chrono::steady_clock::time_point last_draw_;
};

}  // namespace myna::cli
