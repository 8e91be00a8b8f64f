// What `myna` says: errors, warnings and notes on standard error, results on standard output.
#pragma once

#include <chrono>
#include <span>
#include <string>
#include <string_view>

#include "base/error.h"
#include "text/spoken_text.h"

namespace myna::cli {

// Opens /dev/null in place of standard streams that the parent closed, so that no output file gets
// their numbers and receives messages; ignores SIGPIPE, so that a closed pipe is an Error.
void prepare_standard_streams();

// "myna: error: message" and, on a line of its own, the hint. Control characters are shown as "?".
void print_error(const Error& error);
void print_warning(std::string_view message);
void print_note(std::string_view message);

// Prints what the front end noticed, "warning: FILE:line:column: message", and stops after
// kMaxShown; its end says how many more there were.
class DiagnosticPrinter {
 public:
  explicit DiagnosticPrinter(std::string source_name) : source_name_(std::move(source_name)) {}
  ~DiagnosticPrinter();
  DiagnosticPrinter(const DiagnosticPrinter&) = delete;
  DiagnosticPrinter& operator=(const DiagnosticPrinter&) = delete;
  void print(std::span<const text::Diagnostic> diagnostics);

  static constexpr size_t kMaxShown = 10;

 private:
  std::string source_name_;
  size_t count_ = 0;
};

// Everything that scripts read. Throws Error kIo when it cannot be written: a full disk counts.
void write_stdout(std::string_view text);
// Whether the reading end of standard output has been closed.
bool stdout_reader_is_gone();

bool stdout_is_terminal();
bool stderr_is_terminal();
bool stdin_is_terminal();

std::string format_duration(double seconds);  // "12.3 s", "4:07", "1:02:09"
std::string format_bytes(double bytes);       // "512 B", "8.2 MB"

// When main() started: times that a person waits count from here.
std::chrono::steady_clock::time_point process_start();

}  // namespace myna::cli
