// W3C Pronunciation Lexicon Specification 1.0.
#include <algorithm>
#include <optional>

#include "base/plain_text.h"
#include "base/utf8.h"
#include "text/markup/phonetic_alphabet.h"
#include "text/markup/user_lexicon.h"
#include "text/markup/xml_parser.h"
#include "text/normalize/token.h"
#include "text/split/diagnostics.h"

namespace myna::text {
namespace {

constexpr size_t kMaxTextBytes = 4096;  // of a grapheme, phoneme or alias

std::string shown(std::string_view text) {
  return "'" + to_utf8(to_utf32(text.substr(0, std::min<size_t>(text.size(), 60)))) + "'";
}

class Reader final : public XmlHandler {
 public:
  Reader(std::string_view content, DiagnosticList& diagnostics,
         std::vector<LexiconDefinition>& definitions)
      : content_(content), diagnostics_(diagnostics), definitions_(definitions) {}

  void start_element(std::string_view name, std::span<const XmlAttribute> attributes,
                     SourceSpan tag) override {
    // Any prefix that the file has declared will do.
    const std::string_view local = name.substr(name.find(':') + 1);
    if (depth_++ == 0) {
      if (local != "lexicon")
        diagnostics_.error(tag, "the root element is <" + std::string(name) + ">, not <lexicon>");
      read_language(attributes, tag, root_is_english_);
      if (const auto alphabet = value_of(attributes, "alphabet"))
        alphabet_ = read_alphabet(*alphabet, tag, "alphabet");
      return;
    }
    collecting_ = nullptr;
    if (local == "lexeme") {
      lexeme_ = {};
      lexeme_.tag = tag;
      lexeme_.is_english = root_is_english_;
      read_language(attributes, tag, lexeme_.is_english);
      if (value_of(attributes, "role") && !warned_role_) {
        warned_role_ = true;
        diagnostics_.warn(attribute_value_span(content_, tag, "role"),
                          "roles are not looked at: the last entry of a word counts");
      }
    } else if (local == "grapheme") {
      lexeme_.graphemes.emplace_back();
      collecting_ = &lexeme_.graphemes.back();
    } else if (local == "phoneme" || local == "alias") {
      Pronunciation pronunciation;
      pronunciation.is_alias = local == "alias";
      pronunciation.alphabet = alphabet_;
      pronunciation.tag = tag;
      if (const auto alphabet = value_of(attributes, "alphabet"))
        pronunciation.alphabet = read_alphabet(*alphabet, tag, "alphabet");
      pronunciation.preferred = value_of(attributes, "prefer").value_or("") == "true";
      lexeme_.pronunciations.push_back(std::move(pronunciation));
      collecting_ = &lexeme_.pronunciations.back().text;
    } else if (local != "example" && local != "meta" && local != "metadata") {
      diagnostics_.warn(tag, "<" + std::string(name) + "> is not known and is passed over");
    }
    if (collecting_ != nullptr) collected_begin_ = tag.end;
  }

  void end_element(std::string_view name, SourceSpan tag) override {
    --depth_;
    const std::string_view local = name.substr(name.find(':') + 1);
    if (collecting_ != nullptr && (local == "phoneme" || local == "alias"))
      lexeme_.pronunciations.back().content = {collected_begin_, tag.begin};
    collecting_ = nullptr;
    if (local == "lexeme") finish_lexeme();
  }

  void text(std::string_view text, SourceSpan, bool) override {
    if (collecting_ != nullptr && collecting_->size() < kMaxTextBytes) collecting_->append(text);
  }

 private:
  struct Pronunciation {
    std::string text;
    std::optional<PhoneticAlphabet> alphabet;
    SourceSpan tag;
    SourceSpan content;
    bool is_alias = false;
    bool preferred = false;
  };
  struct Lexeme {
    SourceSpan tag;
    std::vector<std::string> graphemes;
    std::vector<Pronunciation> pronunciations;
    bool is_english = true;
  };

  static std::optional<std::string_view> value_of(std::span<const XmlAttribute> attributes,
                                                  std::string_view name) {
    for (const XmlAttribute& attribute : attributes) {
      if (attribute.name == name) return attribute.value;
    }
    return std::nullopt;
  }

  void read_language(std::span<const XmlAttribute> attributes, SourceSpan tag, bool& is_english) {
    const auto language = value_of(attributes, "xml:lang");
    if (!language) return;
    const std::string primary = ascii_lower(language->substr(0, language->find_first_of("-_")));
    is_english = primary == "en";
    if (!is_english) {
      diagnostics_.warn(attribute_value_span(content_, tag, "xml:lang"),
                        "entries in " + shown(*language) + " are passed over; en is read");
    }
  }

  std::optional<PhoneticAlphabet> read_alphabet(std::string_view name, SourceSpan tag,
                                                std::string_view attribute) {
    const auto alphabet = parse_alphabet_name(name);
    if (!alphabet) {
      diagnostics_.error(
          attribute_value_span(content_, tag, attribute),
          "the alphabet " + shown(name) + " is not known; write ipa, x-sampa or x-myna");
    }
    return alphabet;
  }

  void finish_lexeme() {
    const Lexeme lexeme = std::move(lexeme_);
    lexeme_ = {};
    if (!lexeme.is_english) return;
    if (lexeme.graphemes.empty() || lexeme.pronunciations.empty()) {
      diagnostics_.error(lexeme.tag, lexeme.graphemes.empty()
                                         ? "a lexeme without a <grapheme>"
                                         : "a lexeme without a <phoneme> or an <alias>");
      return;
    }
    const auto preferred = std::find_if(lexeme.pronunciations.begin(), lexeme.pronunciations.end(),
                                        [](const Pronunciation& one) { return one.preferred; });
    const Pronunciation& said =
        preferred == lexeme.pronunciations.end() ? lexeme.pronunciations.front() : *preferred;
    LexiconDefinition definition;
    definition.source = lexeme.tag;
    if (said.is_alias) {
      definition.alias = said.text;
      if (definition.alias.find_first_not_of(" \t\r\n") == std::string::npos) {
        diagnostics_.error(said.tag, "the alias is empty");
        return;
      }
    } else {
      if (!said.alphabet) return;
      if (const auto bad =
              parse_phonemes(said.text, *said.alphabet, Dialect::kAmerican, definition.american)) {
        SourceSpan span = said.content;
        if (span.end - span.begin == said.text.size())
          span = {span.begin + bad->begin, span.begin + bad->end};
        diagnostics_.error(span, bad->message);
        return;
      }
      parse_phonemes(said.text, *said.alphabet, Dialect::kBritish, definition.british);
    }
    for (const std::string& grapheme : lexeme.graphemes) {
      definition.written = grapheme;
      definitions_.push_back(definition);
    }
  }

  std::string_view content_;
  DiagnosticList& diagnostics_;
  std::vector<LexiconDefinition>& definitions_;
  size_t depth_ = 0;
  // The specification asks for the attribute; ipa is what files without it mean.
  std::optional<PhoneticAlphabet> alphabet_ = PhoneticAlphabet::kIpa;
  bool root_is_english_ = true;
  bool warned_role_ = false;
  Lexeme lexeme_;
  std::string* collecting_ = nullptr;  // the text of the element in work
  size_t collected_begin_ = 0;
};

}  // namespace

std::vector<LexiconDefinition> read_pls_lexicon(std::string_view content,
                                                std::vector<Diagnostic>& diagnostics) {
  DiagnosticList found(content);
  std::vector<LexiconDefinition> definitions;
  Reader reader(content, found, definitions);
  parse_xml(content, reader, found);
  size_t at = 0, line = 1;
  for (LexiconDefinition& definition : definitions) {
    const size_t begin = definition.source.begin;
    line +=
        static_cast<size_t>(std::count(content.begin() + static_cast<std::ptrdiff_t>(at),
                                       content.begin() + static_cast<std::ptrdiff_t>(begin), '\n'));
    at = begin;
    definition.line = line;
  }
  for (Diagnostic& diagnostic : found.take()) diagnostics.push_back(std::move(diagnostic));
  return definitions;
}

}  // namespace myna::text
