// Bytes of a document to UTF-8: by its byte order mark, what the server said, what the document
// says of itself, and when all that is wrong, what the bytes look like.
#pragma once

#include <string>
#include <string_view>

namespace myna::intake {

struct DecodedText {
  std::string text;      // well-formed UTF-8, without byte order mark or NUL
  std::string encoding;  // "utf-8", "windows-1252", ...
};

// content_type: the HTTP header, may be empty. Reads the XML declaration and <meta charset> too.
// Never fails: bytes without meaning become U+FFFD.
DecodedText decode_document(std::string_view bytes, std::string_view content_type);

}  // namespace myna::intake
