// Collects diagnostics while a text is read and gives them line and column at the end.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "text/spoken_text.h"

namespace myna::text {

class DiagnosticList {
 public:
  // A text of nothing but unreadable symbols would otherwise give more diagnostics than text.
  // Errors have as many places again, so that warnings do not crowd them out.
  static constexpr size_t kMaxCount = 1000;

  explicit DiagnosticList(std::string_view source) : source_(source) {}

  void warn(SourceSpan span, std::string message);
  // What its author must mend: it was not obeyed.
  void error(SourceSpan span, std::string message);
  bool has_error() const { return error_count_ > 0; }
  // "skipped 3 characters that have no reading: U+4E2D ...": calls for neighbouring ranges (nothing
  // but white space between them) are joined to one diagnostic. `kind` is a static string. A byte
  // that is no character is given as kByteBase + byte.
  static constexpr char32_t kByteBase = 0x110000;
  void warn_skipped(SourceSpan span, std::string_view kind, char32_t code_point);

  // In source order, with line and column. Linear in the source.
  std::vector<Diagnostic> take();

 private:
  struct Skipped {
    SourceSpan span;
    std::string_view kind;
    char32_t first = 0;
    size_t count = 0;
  };
  void flush_skipped();
  void add(Severity severity, SourceSpan span, std::string message);

  std::string_view source_;
  std::vector<Diagnostic> list_;
  Skipped skipped_;
  SourceSpan overflow_;
  size_t overflow_count_ = 0;
  size_t error_count_ = 0;
};

}  // namespace myna::text
