// The elements of SSML 1.1 and of Microsoft's extensions: their names, prefixes and what they are.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "text/markup/xml_parser.h"

namespace myna::text {

enum class SsmlElementKind : uint8_t {
  kUnknown,
  kSpeak,
  kParagraph,
  kSentence,
  kToken,
  kBreak,
  kEmphasis,
  kProsody,
  kSayAs,
  kPhoneme,
  kSub,
  kLang,
  kVoice,
  kMark,
  kAudio,
  kExpressAs,
  kSilence,
  kSilent,       // content that is not for the ear: desc, metadata
  kWithout,      // known, has no effect and no content that is spoken: meta, lexicon
  kReadThrough,  // known elsewhere; here its content is read, with a warning
};

// Of a name with its usual prefix, such as "mstts:express-as".
SsmlElementKind ssml_element_kind(std::string_view name);
std::vector<std::string> ssml_element_names();

// The text begins with <speak>, behind white space, comments and an XML declaration.
bool looks_like_ssml(std::string_view source);

// xmlns:anything="…/mstts" works as well as the usual prefix.
class SsmlPrefixes {
 public:
  void learn(std::span<const XmlAttribute> attributes);
  // With the usual prefix in place of the document's.
  std::string local_name(std::string_view name) const;

 private:
  void remember(std::string_view prefix, std::string_view meaning);

  std::vector<std::pair<std::string, std::string>> prefixes_;
};

}  // namespace myna::text
