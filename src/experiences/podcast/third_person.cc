#include "experiences/podcast/third_person.h"

#include <algorithm>
#include <cctype>
#include <initializer_list>

namespace myna::podcast {
namespace {

bool is_any(std::string_view word, std::initializer_list<std::string_view> list) {
  return std::find(list.begin(), list.end(), word) != list.end();
}

// Straight quotation marks alternate; curly ones say what they are.
std::vector<bool> quoted_words(std::string_view sentence, const std::vector<TaggedWord>& words) {
  std::vector<bool> quoted(words.size());
  bool inside = false;
  for (size_t i = 0; i < words.size(); ++i) {
    const std::string_view text = sentence.substr(words[i].begin, words[i].end - words[i].begin);
    if (text == "\"") {
      inside = !inside;
    } else if (text == "“") {
      inside = true;
    } else if (text == "”") {
      inside = false;
    }
    quoted[i] = inside;
  }
  return quoted;
}

std::string third_person_verb(std::string_view verb) {
  const auto ends = [&](std::string_view suffix) { return verb.ends_with(suffix); };
  if (verb == "am") return "is";
  if (verb == "have") return "has";
  if (verb == "do") return "does";
  if (verb == "don't" || verb == "don’t") return "doesn't";
  if (verb == "was" || verb == "were") return std::string(verb);
  if (ends("s") || ends("sh") || ends("ch") || ends("x") || ends("z") || ends("o"))
    return std::string(verb) + "es";
  if (ends("y") && verb.size() > 1 &&
      std::string_view("aeiou").find(verb[verb.size() - 2]) == std::string_view::npos)
    return std::string(verb.substr(0, verb.size() - 1)) + "ies";
  return std::string(verb) + "s";
}

bool is_base_present(std::string_view word) {
  // Past forms and modals are the same for every person.
  return !is_any(word, {"was", "had", "did", "will", "would", "can", "could", "shall", "should",
                        "may", "might", "must", "ought", "cannot", "ever", "never"});
}

std::string possessive(const std::string& name) {
  return name + (name.ends_with("s") ? "'" : "'s");
}

}  // namespace

std::optional<std::string> in_third_person(std::string_view sentence,
                                           const std::vector<TaggedWord>& words,
                                           const Writer& writer) {
  const std::vector<bool> quoted = quoted_words(sentence, words);
  std::string out;
  size_t copied = 0;
  bool named = false;
  bool named_we = false;
  const auto replace = [&](const TaggedWord& word, std::string with) {
    const bool opens = word.begin == 0;
    if (opens) with[0] = static_cast<char>(std::toupper(static_cast<unsigned char>(with[0])));
    out.append(sentence, copied, word.begin - copied);
    out += with;
    copied = word.end;
  };
  for (size_t i = 0; i < words.size(); ++i) {
    if (quoted[i]) continue;
    const std::string& word = words[i].lower;
    if (is_any(word, {"i", "me", "my"})) {
      if (writer.singular.empty()) return std::nullopt;
      // "Darwin sees what Darwin saw" is heavy.
      if (named) return std::nullopt;
      replace(words[i], word == "my" ? possessive(writer.singular) : writer.singular);
      named = true;
      if (word != "i") continue;
      size_t verb = i + 1;
      while (verb < words.size() && words[verb].kind == WordClass::kAdverb) ++verb;
      if (verb < words.size() && words[verb].kind == WordClass::kFiniteVerb &&
          is_base_present(words[verb].lower) && !words[verb].lower.ends_with("d")) {
        // The tagger calls "read" and "put" past or present; only what it calls present changes.
        if (words[verb].present) replace(words[verb], third_person_verb(words[verb].lower));
      }
    } else if (is_any(word, {"myself", "mine", "i'm", "i’m", "i've", "i’ve", "i'll", "i’ll", "i'd",
                             "i’d"})) {
      return std::nullopt;
    } else if (writer.we_are_authors && is_any(word, {"we", "our", "us", "ours", "ourselves"})) {
      if (word == "we") replace(words[i], named_we ? "they" : "the authors");
      if (word == "our") replace(words[i], named_we ? "their" : "the authors'");
      if (word == "us") replace(words[i], named_we ? "them" : "the authors");
      if (word == "ours") replace(words[i], "theirs");
      if (word == "ourselves") replace(words[i], "themselves");
      named_we = true;
    }
  }
  if (!named && !named_we) return std::string(sentence);
  out.append(sentence, copied);
  return out;
}

}  // namespace myna::podcast
