// XML as SSML and PLS use it, parsed by expat with limits that keep time and memory bounded: no
// document type, no entities but the five and numbers, UTF-8.
#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "text/split/diagnostics.h"
#include "text/spoken_text.h"

namespace myna::text {

inline constexpr size_t kMaxXmlDepth = 256;
inline constexpr size_t kMaxXmlAttributeBytes = size_t{1} << 16;

struct XmlAttribute {
  std::string_view name;  // with its prefix: "xml:lang"
  std::string_view value;
};

class XmlHandler {
 public:
  virtual ~XmlHandler() = default;
  // `name` has its prefix; `tag` is the start tag in the source. Views are valid during the call.
  virtual void start_element(std::string_view name, std::span<const XmlAttribute> attributes,
                             SourceSpan tag) = 0;
  // `tag` is empty behind an empty-element tag.
  virtual void end_element(std::string_view name, SourceSpan tag) = 0;
  // Character data: source[span] as it stands, unless `replaced`: then it is written in another way
  // (an entity), and `text` is what it means.
  virtual void text(std::string_view text, SourceSpan span, bool replaced) = 0;
};

enum class XmlResult { kComplete, kFaulty };

// Calls the handler for everything up to the end or to the first fault, which becomes an error in
// `diagnostics` with its place, its likely cause and what to write instead. Elements that are open
// at the fault are not closed. Source: at most FrontEnd::kMaxTextBytes.
XmlResult parse_xml(std::string_view source, XmlHandler& handler, DiagnosticList& diagnostics);

// Where the value of an attribute stands in a start tag, without its quotes; the whole tag when the
// attribute is not found.
SourceSpan attribute_value_span(std::string_view source, SourceSpan tag, std::string_view name);

}  // namespace myna::text
