// The language of an answer: by script where a script has one language here, otherwise by the
// words that every page of a language has.
#include <algorithm>
#include <array>
#include <map>
#include <string>

#include "base/plain_text.h"
#include "base/utf8.h"
#include "evaluation/instruction_checks.h"
#include "evaluation/text_measures.h"

namespace myna::evaluation {
namespace {

struct Script {
  char32_t first, last;
  const char* language;
};

constexpr std::array<Script, 14> kScripts = {{{0x0600, 0x06FF, "ar"},
                                              {0x0400, 0x04FF, "ru"},
                                              {0x0900, 0x097F, "hi"},
                                              {0x0980, 0x09FF, "bn"},
                                              {0x0A00, 0x0A7F, "pa"},
                                              {0x0A80, 0x0AFF, "gu"},
                                              {0x0B80, 0x0BFF, "ta"},
                                              {0x0C00, 0x0C7F, "te"},
                                              {0x0C80, 0x0CFF, "kn"},
                                              {0x0E00, 0x0E7F, "th"},
                                              {0xAC00, 0xD7AF, "ko"},
                                              {0x3040, 0x30FF, "ja"},
                                              {0x4E00, 0x9FFF, "zh"},
                                              {0x0370, 0x03FF, "el"}}};

struct CommonWords {
  const char* language;
  std::string_view words;  // between blanks
};

constexpr std::array<CommonWords, 9> kLatin = {
    {{"en",
      " the and of to is in that it you for with are this have be not on i a as an at or was by do "
      "me "},
     {"de", " der die das und ist nicht ein eine ich zu den mit auf für von sie es "},
     {"fr", " le la les et est une un des dans que pour pas je vous avec sur "},
     {"es", " el la los las y es una un que de en por para no con su "},
     {"it", " il la di che e un una per non sono con del è gli le "},
     {"pt", " o a os as e é uma um que não para com do da em "},
     {"fi", " ja on ei se että hän oli mutta kun niin myös ovat "},
     {"sw", " na ya wa kwa ni katika za la kuwa hii yake "},
     {"vi", " và là của có không một trong cho được người này "}}};

// Cyrillic, Devanagari and Arabic write several of the languages that are asked for.
std::string refine(const std::string& language, const std::string& text) {
  const auto has = [&](std::initializer_list<const char*> parts) {
    return std::any_of(parts.begin(), parts.end(),
                       [&](const char* part) { return text.find(part) != std::string::npos; });
  };
  if (language == "ru" && has({"ът ", " на ", " се "}) && !has({"ы", "э"})) return "bg";
  if (language == "hi" && has({"आहे", "आणि", "च्या"})) return "mr";
  if (language == "hi" && has({"छ ", "छ।", "हुन्छ", " र "})) return "ne";
  if (language == "ar" && has({"ٹ", "ڈ", "ڑ", "ے"})) return "ur";
  if (language == "ar" && has({"پ", "چ", "ژ", "گ", "ی"})) return "fa";
  return language;
}

std::string guess_latin(std::string_view text) {
  std::map<std::string, int> counts;
  std::string word;
  for (const char c : ascii_lower(text) + " ") {
    if (static_cast<unsigned char>(c) >= 0x80 || (c >= 'a' && c <= 'z')) {
      word += c;
      continue;
    }
    if (word.empty()) continue;
    for (const CommonWords& candidate : kLatin) {
      counts[candidate.language] +=
          candidate.words.find(" " + word + " ") != std::string_view::npos ? 1 : 0;
    }
    word.clear();
  }
  std::string best = "en";  // a few words without any of these: in doubt as the prompts are
  for (const auto& [language, count] : counts) {
    if (count > counts[best]) best = language;
  }
  return best;
}

}  // namespace

std::string guess_language(std::string_view text) {
  std::map<std::string, size_t> counts;
  size_t latin = 0;
  for (size_t at = 0; at < text.size();) {
    const DecodedCodePoint decoded = decode_utf8(text, at);
    at += decoded.byte_count;
    const char32_t c = decoded.code_point;
    if ((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= 0xC0 && c <= 0x24F)) ++latin;
    for (const Script& script : kScripts) {
      if (c >= script.first && c <= script.last) ++counts[script.language];
    }
  }
  const auto most =
      std::max_element(counts.begin(), counts.end(),
                       [](const auto& a, const auto& b) { return a.second < b.second; });
  if (most != counts.end() && most->second > latin) return refine(most->first, std::string(text));
  return latin == 0 ? "" : guess_latin(text);
}

}  // namespace myna::evaluation
