#include "text/markup/ssml_tag.h"

#include <algorithm>
#include <utility>

#include "text/markup/delivery_names.h"

namespace myna::text {

const XmlAttribute* SsmlTag::find(std::string_view attribute) const {
  const auto found = std::find_if(attributes_.begin(), attributes_.end(),
                                  [&](const auto& a) { return a.name == attribute; });
  return found == attributes_.end() ? nullptr : &*found;
}

std::string_view SsmlTag::value_of(std::string_view attribute) const {
  const XmlAttribute* const found = find(attribute);
  return found == nullptr ? std::string_view() : found->value;
}

SourceSpan SsmlTag::span_of(std::string_view attribute) const {
  return attribute_value_span(source_, span_, attribute);
}

std::optional<double> SsmlTag::duration_of(std::string_view attribute) {
  const std::string_view value = value_of(attribute);
  const auto duration_ms = parse_time_ms(value);
  if (!duration_ms) {
    error(span_of(attribute),
          "the time " + shown(value) +
              " is not understood; write seconds or milliseconds such as 1.5s or 300ms");
    return std::nullopt;
  }
  if (*duration_ms < 0) {
    error(span_of(attribute), "the time " + shown(value) + " is negative; it is passed over");
    return std::nullopt;
  }
  return duration_ms;
}

void SsmlTag::warn(SourceSpan span, std::string message) {
  diagnostics_.warn(span, std::move(message));
}

void SsmlTag::error(SourceSpan span, std::string message) {
  diagnostics_.error(span, std::move(message));
}

void SsmlTag::problem(SourceSpan span, std::string message) {
  if (strictness_ == Strictness::kStrict) {
    error(span, std::move(message));
  } else {
    warn(span, std::move(message));
  }
}

void SsmlTag::report(std::string_view attribute, const std::optional<ValueProblem>& found) {
  if (!found) return;
  if (found->severity == Severity::kError) {
    error(span_of(attribute), found->message);
  } else {
    warn(span_of(attribute), found->message);
  }
}

void SsmlTag::know_attributes(std::string_view element,
                              std::initializer_list<std::string_view> known) {
  for (const XmlAttribute& attribute : attributes_) {
    if (attribute.name.starts_with("xml:") || attribute.name.starts_with("xmlns") ||
        std::find(known.begin(), known.end(), attribute.name) != known.end()) {
      continue;
    }
    problem(span_of(attribute.name),
            "<" + std::string(element) + "> has no attribute " + shown(attribute.name) +
                did_you_mean(attribute.name, {known.begin(), known.size()}));
  }
}

}  // namespace myna::text
