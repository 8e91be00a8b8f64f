#include "text/markup/ssml_elements.h"

#include <algorithm>
#include <iterator>

namespace myna::text {
namespace {

struct ElementName {
  std::string_view name;
  SsmlElementKind kind;
};

constexpr ElementName kElements[] = {
    {"speak", SsmlElementKind::kSpeak},
    {"p", SsmlElementKind::kParagraph},
    {"paragraph", SsmlElementKind::kParagraph},
    {"s", SsmlElementKind::kSentence},
    {"sentence", SsmlElementKind::kSentence},
    {"token", SsmlElementKind::kToken},
    {"w", SsmlElementKind::kToken},
    {"break", SsmlElementKind::kBreak},
    {"emphasis", SsmlElementKind::kEmphasis},
    {"prosody", SsmlElementKind::kProsody},
    {"say-as", SsmlElementKind::kSayAs},
    {"phoneme", SsmlElementKind::kPhoneme},
    {"sub", SsmlElementKind::kSub},
    {"lang", SsmlElementKind::kLang},
    {"voice", SsmlElementKind::kVoice},
    {"mark", SsmlElementKind::kMark},
    {"bookmark", SsmlElementKind::kMark},
    {"audio", SsmlElementKind::kAudio},
    {"desc", SsmlElementKind::kSilent},
    {"metadata", SsmlElementKind::kSilent},
    {"meta", SsmlElementKind::kWithout},
    {"lexicon", SsmlElementKind::kReadThrough},
    {"lookup", SsmlElementKind::kReadThrough},
    {"par", SsmlElementKind::kReadThrough},
    {"seq", SsmlElementKind::kReadThrough},
    {"media", SsmlElementKind::kReadThrough},
    {"mstts:express-as", SsmlElementKind::kExpressAs},
    {"mstts:silence", SsmlElementKind::kSilence},
    {"mstts:ttsbreak", SsmlElementKind::kBreak},
    {"mstts:backgroundaudio", SsmlElementKind::kReadThrough},
    {"mstts:viseme", SsmlElementKind::kReadThrough},
    {"mstts:audioduration", SsmlElementKind::kReadThrough},
    {"mstts:ttsembedding", SsmlElementKind::kReadThrough},
    {"mstts:voiceconversion", SsmlElementKind::kReadThrough},
    {"mstts:dialog", SsmlElementKind::kReadThrough},
    {"mstts:turn", SsmlElementKind::kReadThrough},
    {"mstts:embedding", SsmlElementKind::kReadThrough},
};

constexpr std::string_view kMsttsNamespaces[] = {"http://www.w3.org/2001/mstts",
                                                 "https://www.w3.org/2001/mstts"};
constexpr std::string_view kSsmlNamespace = "http://www.w3.org/2001/10/synthesis";

}  // namespace

SsmlElementKind ssml_element_kind(std::string_view name) {
  const auto* found = std::find_if(std::begin(kElements), std::end(kElements),
                                   [&](const ElementName& entry) { return entry.name == name; });
  return found == std::end(kElements) ? SsmlElementKind::kUnknown : found->kind;
}

std::vector<std::string> ssml_element_names() {
  std::vector<std::string> names;
  for (const ElementName& entry : kElements) names.emplace_back(entry.name);
  return names;
}

void SsmlPrefixes::learn(std::span<const XmlAttribute> attributes) {
  for (const XmlAttribute& attribute : attributes) {
    if (!attribute.name.starts_with("xmlns:")) continue;
    const std::string_view prefix = std::string_view(attribute.name).substr(6);
    if (std::find(std::begin(kMsttsNamespaces), std::end(kMsttsNamespaces), attribute.value) !=
        std::end(kMsttsNamespaces)) {
      remember(prefix, "mstts:");
    }
    if (attribute.value == kSsmlNamespace) remember(prefix, "");
  }
}

void SsmlPrefixes::remember(std::string_view prefix, std::string_view meaning) {
  constexpr size_t kMostPrefixes = 16;
  if (prefixes_.size() < kMostPrefixes) prefixes_.emplace_back(prefix, meaning);
}

std::string SsmlPrefixes::local_name(std::string_view name) const {
  const size_t colon = name.find(':');
  if (colon == std::string_view::npos) return std::string(name);
  for (const auto& [prefix, meaning] : prefixes_) {
    if (name.substr(0, colon) == prefix) return meaning + std::string(name.substr(colon + 1));
  }
  return std::string(name);
}

bool looks_like_ssml(std::string_view source) {
  if (source.starts_with("\xEF\xBB\xBF")) source.remove_prefix(3);
  // Declaration, comments, processing instructions, a document type.
  for (int steps = 0; steps < 64; ++steps) {
    const size_t begin = source.find_first_not_of(" \t\r\n");
    if (begin == std::string_view::npos) return false;
    source.remove_prefix(begin);
    if (source.starts_with("<speak") || source.starts_with("<ssml:speak")) return true;
    const std::string_view end = source.starts_with("<!--")        ? "-->"
                                 : source.starts_with("<?")        ? "?>"
                                 : source.starts_with("<!DOCTYPE") ? ">"
                                                                   : "";
    if (end.empty()) return false;
    // A document type may have declarations in brackets, with their own ends.
    const size_t bracket =
        end == ">" ? source.substr(0, source.find('>')).find('[') : std::string_view::npos;
    const size_t close =
        source.find(end, bracket == std::string_view::npos ? 2 : source.find(']', bracket));
    if (close == std::string_view::npos) return false;
    source.remove_prefix(close + end.size());
  }
  return false;
}

}  // namespace myna::text
