#include "text/markup/xml_parser.h"

#include <expat.h>

#include <algorithm>
#include <memory>
#include <vector>

#include "base/error.h"
#include "base/utf8.h"
#include "text/split/html_entities.h"

namespace myna::text {
namespace {

struct ParserDeleter {
  void operator()(XML_Parser parser) const { XML_ParserFree(parser); }
};

bool is_name_char(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == ':' ||
         c == '-' || c == '_' || c == '.' || static_cast<unsigned char>(c) >= 0x80;
}

std::string printable(std::string_view text) {
  constexpr size_t kMostBytes = 40;
  if (text.size() > kMostBytes) {
    size_t cut = kMostBytes;
    while (cut > 0 && (static_cast<unsigned char>(text[cut]) & 0xC0) == 0x80) --cut;
    return to_utf8(to_utf32(text.substr(0, cut))) + "…";
  }
  return to_utf8(to_utf32(text));
}

class Run {
 public:
  Run(std::string_view source, XmlHandler& handler, DiagnosticList& diagnostics)
      : source_(source), handler_(handler), diagnostics_(diagnostics) {}

  XmlResult parse() {
    // The text is UTF-8 by now, whatever its declaration says.
    parser_.reset(XML_ParserCreate("UTF-8"));
    if (!parser_) throw Error(ErrorCode::kResourceExhausted, "out of memory");
    XML_SetUserData(parser_.get(), this);
    XML_SetElementHandler(
        parser_.get(),
        [](void* self, const char* name, const char** attributes) {
          static_cast<Run*>(self)->start(name, attributes);
        },
        [](void* self, const char* name) { static_cast<Run*>(self)->end(name); });
    XML_SetCharacterDataHandler(parser_.get(), [](void* self, const char* text, int size) {
      static_cast<Run*>(self)->text({text, static_cast<size_t>(size)});
    });
    XML_SetStartDoctypeDeclHandler(
        parser_.get(), [](void* self, const char*, const char*, const char*, int) {
          static_cast<Run*>(self)->refuse("a document type (<!DOCTYPE ...>) is not allowed",
                                          "remove it");
        });
    XML_SetXmlDeclHandler(parser_.get(), [](void* self, const char*, const char* encoding, int) {
      static_cast<Run*>(self)->declaration(encoding);
    });
    // In one call: what expat keeps between calls it would read again each time.
    const auto status =
        XML_Parse(parser_.get(), source_.data(), static_cast<int>(source_.size()), XML_TRUE);
    if (failure_) std::rethrow_exception(failure_);
    if (stopped_) return XmlResult::kFaulty;
    if (status == XML_STATUS_OK) return XmlResult::kComplete;
    report(XML_GetErrorCode(parser_.get()));
    return XmlResult::kFaulty;
  }

 private:
  SourceSpan here() const {
    const XML_Index index = XML_GetCurrentByteIndex(parser_.get());
    const auto begin = std::min(source_.size(), static_cast<size_t>(std::max<XML_Index>(0, index)));
    const auto count = static_cast<size_t>(std::max(0, XML_GetCurrentByteCount(parser_.get())));
    return {begin, begin + std::min(count, source_.size() - begin)};
  }

  // Nothing may be thrown through expat's C frames: it is kept, and thrown at the end.
  template <typename Call>
  void guarded(Call call) {
    if (stopped_ || failure_) return;
    try {
      call();
    } catch (...) {
      failure_ = std::current_exception();
      XML_StopParser(parser_.get(), XML_FALSE);
    }
  }

  void refuse(const std::string& what, const std::string& advice) {
    guarded([&] {
      diagnostics_.error(here(), what + "; " + advice);
      stopped_ = true;
      XML_StopParser(parser_.get(), XML_FALSE);
    });
  }

  void declaration(const char* encoding) {
    if (encoding == nullptr) return;
    std::string name(encoding);
    for (char& c : name) {
      if (c >= 'A' && c <= 'Z') c = static_cast<char>(c + 32);
    }
    if (name != "utf-8" && name != "utf8" && name != "us-ascii") {
      guarded([&] {
        diagnostics_.warn(here(), "the declaration says '" + printable(encoding) +
                                      "', but the text is read as UTF-8");
      });
    }
  }

  void start(const char* name, const char** attributes) {
    const SourceSpan tag = here();
    if (open_.size() >= kMaxXmlDepth) {
      return refuse("more than " + std::to_string(kMaxXmlDepth) + " elements inside of each other",
                    "the rest of the text is not read");
    }
    guarded([&] {
      open_.push_back({name, tag});
      attributes_.clear();
      for (; *attributes != nullptr; attributes += 2) {
        const XmlAttribute attribute{attributes[0], attributes[1]};
        if (attribute.value.size() > kMaxXmlAttributeBytes) {
          diagnostics_.error(tag, "the attribute '" + printable(attribute.name) + "' has " +
                                      std::to_string(attribute.value.size()) +
                                      " bytes and is passed over; the limit is " +
                                      std::to_string(kMaxXmlAttributeBytes));
          continue;
        }
        attributes_.push_back(attribute);
      }
      handler_.start_element(name, attributes_, tag);
    });
  }

  void end(const char* name) {
    guarded([&] {
      SourceSpan tag = here();
      // An empty element ends with its start tag.
      if (!open_.empty() && tag.begin <= open_.back().tag.begin)
        tag = {open_.back().tag.end, open_.back().tag.end};
      if (!open_.empty()) open_.pop_back();
      handler_.end_element(name, tag);
    });
  }

  void text(std::string_view text) {
    guarded([&] {
      const SourceSpan span = here();
      const bool verbatim = source_.substr(span.begin, span.end - span.begin) == text;
      const bool line_end = !verbatim && text == "\n";
      if (verbatim) {
        handler_.text(text, span, false);
      } else {
        handler_.text(line_end ? " " : text, span, true);
      }
    });
  }

  // The name behind "<" or "</" at `at`.
  std::string_view name_at(size_t at) const {
    while (at < source_.size() && (source_[at] == '<' || source_[at] == '/')) ++at;
    size_t end = at;
    while (end < source_.size() && is_name_char(source_[end])) ++end;
    return source_.substr(at, end - at);
  }

  size_t line_of(size_t offset) const { return line_column_at(source_, offset).line; }

  std::string open_element() const {
    return "<" + printable(open_.back().name) + "> of line " +
           std::to_string(line_of(open_.back().tag.begin));
  }

  void report(XML_Error code) {
    SourceSpan span = here();
    if (span.begin == span.end && span.begin < source_.size())
      span.end = span.begin + decode_utf8(source_, span.begin).byte_count;
    diagnostics_.error(span, describe(code, span));
  }

  std::string describe(XML_Error code, SourceSpan span) const {
    const std::string_view rest = source_.substr(span.begin);
    switch (code) {
      case XML_ERROR_TAG_MISMATCH:
        return "</" + printable(name_at(span.begin)) + "> does not close " + open_element() +
               "; write </" + printable(open_.back().name) + "> first";
      case XML_ERROR_NO_ELEMENTS:
        if (!open_.empty()) return "the text ends inside of " + open_element() + "; close it";
        return "there is no element; SSML begins with <speak>";
      case XML_ERROR_UNCLOSED_TOKEN:
      case XML_ERROR_PARTIAL_CHAR:
        return "the text ends inside of a tag";
      case XML_ERROR_UNCLOSED_CDATA_SECTION:
        return "<![CDATA[ is not closed; write ]]>";
      case XML_ERROR_DUPLICATE_ATTRIBUTE:
        return "an attribute is given twice in one tag; keep one";
      case XML_ERROR_JUNK_AFTER_DOC_ELEMENT:
        return "nothing may stand behind the end of the document; put it before the last tag";
      case XML_ERROR_UNDEFINED_ENTITY:
        return undefined_entity(rest);
      case XML_ERROR_BAD_CHAR_REF:
        return "'" + printable(rest.substr(0, rest.find(';') + 1)) +
               "' is no character: surrogates and control characters have no place in XML";
      case XML_ERROR_MISPLACED_XML_PI:
        return "<?xml ...?> must be the very first thing in the text";
      case XML_ERROR_NO_MEMORY:
        return "out of memory";
      case XML_ERROR_SYNTAX:
      case XML_ERROR_INVALID_TOKEN:
        return invalid_token(span);
      default:
        return std::string("this is not well-formed: ") + XML_ErrorString(code);
    }
  }

  std::string undefined_entity(std::string_view rest) const {
    const std::string_view entity = rest.substr(0, rest.find(';') + 1);
    std::string message = "the entity '" + printable(entity) + "' is not known here";
    if (const auto code_point = decode_html_entity(entity)) {
      message += "; write &#" + std::to_string(static_cast<uint32_t>(*code_point)) + ";";
    }
    return message;
  }

  std::string invalid_token(SourceSpan span) const {
    // expat names the place where it gave up, which lies behind the "&" or "<" that began it.
    const size_t from = span.begin > 64 ? span.begin - 64 : 0;
    const std::string_view before = source_.substr(from, span.begin + 1 - from);
    const size_t start = before.find_last_of("&<>");
    const char c = span.begin < source_.size() ? source_[span.begin] : '\0';
    const auto byte = static_cast<unsigned char>(c);
    if (byte >= 0x80 && !decode_utf8(source_, span.begin).valid)
      return "a byte here is not UTF-8; save the text as UTF-8";
    if (byte < 0x20 && byte != '\t' && byte != '\n' && byte != '\r')
      return "control characters have no place in XML; remove it";
    if (start != std::string_view::npos && before[start] == '&')
      return "a bare & begins an entity; write &amp; for the sign";
    if (start != std::string_view::npos && before[start] == '<') {
      const char next = start + 1 < before.size() ? before[start + 1] : '\0';
      if (!is_name_char(next) && next != '/' && next != '!' && next != '?')
        return "a bare < begins a tag; write &lt; for the sign";
      return "this tag is not well-formed; attributes look like name=\"value\", with a space "
             "before "
             "each";
    }
    if (open_.empty()) return "text may not stand outside of the root element";
    return "this is not well-formed XML";
  }

  struct OpenElement {
    std::string name;
    SourceSpan tag;
  };

  std::string_view source_;
  XmlHandler& handler_;
  DiagnosticList& diagnostics_;
  std::unique_ptr<XML_ParserStruct, ParserDeleter> parser_;
  std::vector<OpenElement> open_;
  std::vector<XmlAttribute> attributes_;
  std::exception_ptr failure_;
  bool stopped_ = false;
};

}  // namespace

XmlResult parse_xml(std::string_view source, XmlHandler& handler, DiagnosticList& diagnostics) {
  return Run(source, handler, diagnostics).parse();
}

SourceSpan attribute_value_span(std::string_view source, SourceSpan tag, std::string_view name) {
  size_t at = tag.begin;
  while (at < tag.end && (source[at] == '<' || is_name_char(source[at]))) ++at;
  while (at < tag.end) {
    while (at < tag.end && !is_name_char(source[at])) ++at;
    const size_t name_begin = at;
    while (at < tag.end && is_name_char(source[at])) ++at;
    const std::string_view found = source.substr(name_begin, at - name_begin);
    const size_t open = source.find_first_of("\"'", at);
    if (open == std::string_view::npos || open >= tag.end) break;
    const size_t close = source.find(source[open], open + 1);
    if (close == std::string_view::npos || close >= tag.end) break;
    if (found == name) return {open + 1, close};
    at = close + 1;
  }
  return tag;
}

}  // namespace myna::text
