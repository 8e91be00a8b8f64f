// The tag in work: its attributes, where they stand in the source, and what is said about them.
#pragma once

#include <initializer_list>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "text/front_end.h"
#include "text/markup/ssml_values.h"
#include "text/markup/xml_parser.h"
#include "text/split/diagnostics.h"

namespace myna::text {

class SsmlTag {
 public:
  SsmlTag(std::string_view source, Strictness strictness, DiagnosticList& diagnostics)
      : source_(source), strictness_(strictness), diagnostics_(diagnostics) {}

  // Another one. `attributes` must live as long as they are asked for.
  void take(SourceSpan span, std::span<const XmlAttribute> attributes) {
    span_ = span;
    attributes_ = attributes;
  }

  SourceSpan span() const { return span_; }
  bool has_no_attributes() const { return attributes_.empty(); }
  bool has(std::string_view attribute) const { return find(attribute) != nullptr; }
  std::string_view value_of(std::string_view attribute) const;  // empty if it is not there
  SourceSpan span_of(std::string_view attribute) const;         // of its value
  // A time that is no pause at all, or shorter than none, is an error and gives nothing.
  std::optional<double> duration_of(std::string_view attribute);

  void warn(SourceSpan span, std::string message);
  void warn(std::string message) { warn(span_, std::move(message)); }
  void error(SourceSpan span, std::string message);
  void error(std::string message) { error(span_, std::move(message)); }
  // What is refused under --strict, and read through otherwise.
  void problem(SourceSpan span, std::string message);
  void problem(std::string message) { problem(span_, std::move(message)); }
  void report(std::string_view attribute, const std::optional<ValueProblem>& found);
  // Others are a problem.
  void know_attributes(std::string_view element, std::initializer_list<std::string_view> known);

 private:
  const XmlAttribute* find(std::string_view attribute) const;

  std::string_view source_;
  Strictness strictness_;
  DiagnosticList& diagnostics_;
  SourceSpan span_;
  std::span<const XmlAttribute> attributes_;
};

}  // namespace myna::text
