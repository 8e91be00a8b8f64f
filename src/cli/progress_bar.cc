#include "cli/progress_bar.h"

#include <fmt/format.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <cmath>
#include <cstdio>

#include "base/clock.h"
#include "cli/console.h"

namespace myna::cli {
namespace {

constexpr double kQuiet_s = 1.0;
constexpr double kRedraw_s = 0.1;
constexpr size_t kBarWidth = 20;

size_t terminal_width() {
  winsize size{};
  return ::ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0 ? size.ws_col : 80;
}

}  // namespace

ProgressBar::ProgressBar()
    : enabled_(stderr_is_terminal()), start_(std::chrono::steady_clock::now()) {}

ProgressBar::~ProgressBar() { clear(); }

void ProgressBar::update(double fraction, std::string_view label) {
  if (!enabled_ || seconds_since(start_) < kQuiet_s) return;
  if (shown_ && seconds_since(last_draw_) < kRedraw_s) return;
  last_draw_ = std::chrono::steady_clock::now();
  shown_ = true;
  fraction = std::clamp(fraction, 0.0, 1.0);
  const auto filled = static_cast<size_t>(std::lround(fraction * kBarWidth));
  std::string line = fmt::format("[{:#<{}}{:-<{}}] {:3.0f} %  {}", "", filled, "",
                                 kBarWidth - filled, fraction * 100, label);
  // A line that wraps could not be drawn over.
  line.resize(std::min(line.size(), terminal_width() - 1));
  fmt::print(stderr, "\r\x1b[K{}", line);
  std::fflush(stderr);
}

void ProgressBar::clear() {
  if (!shown_) return;
  fmt::print(stderr, "\r\x1b[K");
  std::fflush(stderr);
  shown_ = false;
}

std::string ProgressBar::eta(double elapsed_s, double fraction) {
  if (!(fraction > 0)) return "";
  return "ETA " + format_duration(elapsed_s * (1 - fraction) / fraction);
}

}  // namespace myna::cli
