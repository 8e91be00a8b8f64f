#include "cli/console.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <unistd.h>

#include <algorithm>
#include <cmath>
#include <csignal>
#include <cstdio>

#include "base/file.h"

namespace myna::cli {
namespace {

const std::chrono::steady_clock::time_point kProcessStart = std::chrono::steady_clock::now();

// A message may quote a file name or a text: its control characters must not reach a terminal.
std::string printable(std::string_view text) {
  std::string result(text);
  for (char& c : result) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte < 0x20 || byte == 0x7F) c = '?';
  }
  return result;
}

void print_line(std::string_view prefix, std::string_view message) {
  const std::string line = std::string(prefix) + printable(message) + "\n";
  std::fwrite(line.data(), 1, line.size(), stderr);
}

}  // namespace

void prepare_standard_streams() {
  for (int fd = 0; fd <= 2; ++fd) {
    // The lowest free number is taken, which is fd itself.
    if (::fcntl(fd, F_GETFD) < 0) (void)::open("/dev/null", O_RDWR);
  }
  std::signal(SIGPIPE, SIG_IGN);
}

void print_error(const Error& error) {
  print_line("myna: error: ", error.message());
  if (!error.hint().empty()) print_line("  hint: ", error.hint());
}
void print_warning(std::string_view message) { print_line("myna: warning: ", message); }
void print_note(std::string_view message) { print_line("myna: ", message); }

void DiagnosticPrinter::print(std::span<const text::Diagnostic> diagnostics) {
  for (const text::Diagnostic& diagnostic : diagnostics) {
    if (++count_ > kMaxShown) continue;
    const bool is_error = diagnostic.severity == text::Severity::kError;
    print_line("myna: ",
               fmt::format("{}: {}:{}:{}: {}", is_error ? "error" : "warning", source_name_,
                           diagnostic.line, diagnostic.column, diagnostic.message));
  }
}

DiagnosticPrinter::~DiagnosticPrinter() {
  if (count_ > kMaxShown) {
    print_note("... and " + std::to_string(count_ - kMaxShown) + " more like these");
  }
}

void write_stdout(std::string_view text) {
  write_all(STDOUT_FILENO, std::as_bytes(std::span(text)), "standard output");
}

bool stdout_reader_is_gone() {
  pollfd descriptor{STDOUT_FILENO, POLLOUT, 0};
  return ::poll(&descriptor, 1, 0) > 0 && (descriptor.revents & (POLLERR | POLLHUP)) != 0;
}

bool stdout_is_terminal() { return ::isatty(STDOUT_FILENO) == 1; }
bool stderr_is_terminal() { return ::isatty(STDERR_FILENO) == 1; }
bool stdin_is_terminal() { return ::isatty(STDIN_FILENO) == 1; }

std::string format_duration(double seconds) {
  if (!(seconds >= 0) || seconds > 1e9) return "?";
  if (seconds < 60) return fmt::format("{:.1f} s", seconds);
  const auto whole = static_cast<long>(std::lround(seconds));
  if (whole < 3600) return fmt::format("{}:{:02}", whole / 60, whole % 60);
  return fmt::format("{}:{:02}:{:02}", whole / 3600, whole / 60 % 60, whole % 60);
}

std::string format_bytes(double bytes) {
  const char* const units[] = {"B", "kB", "MB", "GB", "TB"};
  size_t unit = 0;
  while (bytes >= 1000 && unit + 1 < std::size(units)) {
    bytes /= 1000;
    ++unit;
  }
  return unit == 0 ? fmt::format("{:.0f} B", bytes) : fmt::format("{:.1f} {}", bytes, units[unit]);
}

std::chrono::steady_clock::time_point process_start() { return kProcessStart; }

}  // namespace myna::cli
