#include "text/split/diagnostics.h"

#include <algorithm>
#include <cstdio>

#include "base/utf8.h"

namespace myna::text {
namespace {

std::string describe(char32_t code_point) {
  char number[16];
  if (code_point >= DiagnosticList::kByteBase) {
    std::snprintf(number, sizeof number, "0x%02X",
                  static_cast<unsigned>(code_point - DiagnosticList::kByteBase));
    return number;
  }
  std::snprintf(number, sizeof number, "U+%04X", static_cast<unsigned>(code_point));
  if (code_point < 0xA0) return number;
  std::string quoted = "'";
  append_utf8(quoted, code_point);
  return quoted + "' (" + number + ")";
}

}  // namespace

void DiagnosticList::add(Severity severity, SourceSpan span, std::string message) {
  const bool is_error = severity == Severity::kError;
  error_count_ += is_error;
  if (is_error ? error_count_ > kMaxCount : list_.size() >= kMaxCount) {
    if (overflow_count_ == 0) overflow_ = span;
    overflow_.begin = std::min(overflow_.begin, span.begin);
    overflow_.end = std::max(overflow_.end, span.end);
    ++overflow_count_;
    return;
  }
  list_.push_back({severity, span, 1, 1, std::move(message)});
}

void DiagnosticList::flush_skipped() {
  if (skipped_.count == 0) return;
  std::string message = "skipped ";
  if (skipped_.count == 1) {
    message += std::string(skipped_.kind) + " " + describe(skipped_.first);
  } else {
    message += std::to_string(skipped_.count) + " characters from " + describe(skipped_.first) +
               " on: " + std::string(skipped_.kind);
  }
  const SourceSpan span = skipped_.span;
  skipped_ = {};
  add(Severity::kWarning, span, std::move(message));
}

void DiagnosticList::warn(SourceSpan span, std::string message) {
  flush_skipped();
  add(Severity::kWarning, span, std::move(message));
}

void DiagnosticList::error(SourceSpan span, std::string message) {
  flush_skipped();
  add(Severity::kError, span, std::move(message));
}

void DiagnosticList::warn_skipped(SourceSpan span, std::string_view kind, char32_t code_point) {
  if (skipped_.count != 0 && skipped_.kind == kind && span.begin >= skipped_.span.end) {
    const auto between = source_.substr(skipped_.span.end, span.begin - skipped_.span.end);
    // A long gap is not searched: the cost stays linear.
    if (between.size() <= 16 && between.find_first_not_of(" \t\r\n") == std::string_view::npos) {
      skipped_.span.end = span.end;
      ++skipped_.count;
      return;
    }
  }
  flush_skipped();
  skipped_ = {span, kind, code_point, 1};
}

std::vector<Diagnostic> DiagnosticList::take() {
  flush_skipped();
  if (overflow_count_ != 0) {
    list_.push_back({Severity::kWarning, overflow_, 1, 1,
                     std::to_string(overflow_count_) + " further warnings about this range"});
  }
  std::stable_sort(list_.begin(), list_.end(), [](const Diagnostic& a, const Diagnostic& b) {
    return a.source.begin < b.source.begin;
  });
  size_t at = 0, line = 1, column = 1;
  for (Diagnostic& diagnostic : list_) {
    for (; at < diagnostic.source.begin; ++at) {
      if (source_[at] == '\n') {
        ++line;
        column = 1;
      } else if ((static_cast<unsigned char>(source_[at]) & 0xC0) != 0x80) {
        ++column;
      }
    }
    diagnostic.line = line;
    diagnostic.column = column;
  }
  return std::move(list_);
}

}  // namespace myna::text
