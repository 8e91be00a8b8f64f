#include "experiences/editing/spoken_sentence.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <initializer_list>

#include "experiences/editing/source_text.h"

namespace myna::editing {
namespace {

size_t count_words(std::string_view text) { return plain_words(text).size(); }

std::string trim(std::string_view text) {
  while (!text.empty() && text.front() == ' ') text.remove_prefix(1);
  while (!text.empty() && text.back() == ' ') text.remove_suffix(1);
  return std::string(text);
}

bool begins_with_any(std::string_view text, std::initializer_list<std::string_view> starts) {
  return std::any_of(starts.begin(), starts.end(),
                     [&](std::string_view start) { return text.starts_with(start); });
}

void capitalise(std::string& text) {
  if (!text.empty()) text[0] = static_cast<char>(std::toupper(static_cast<unsigned char>(text[0])));
}

size_t negations(std::string_view text) {
  size_t count = 0;
  for (const std::string& word : plain_words(text)) {
    count += word == "not" || word == "no" || word == "never" || word == "without" ||
                     word == "nor" || word == "neither" || word == "none" || word == "cannot" ||
                     word.ends_with("n't")
                 ? 1
                 : 0;
  }
  return count;
}

void erase_parentheses(std::string& text) {
  for (size_t open = text.find('('); open != std::string::npos; open = text.find('(', open)) {
    const size_t close = text.find(')', open);
    if (close == std::string::npos) break;
    const size_t begin = open > 0 && text[open - 1] == ' ' ? open - 1 : open;
    text.erase(begin, close + 1 - begin);
    open = begin;
  }
}

// "PORT LISLE (Courier) - ", "LISLE, Monday — "
void erase_dateline(std::string& text) {
  for (const std::string_view dash : {" — ", " – ", " - ", " -- "}) {
    const size_t at = text.find(dash);
    if (at == std::string::npos || at > 50 || at < 3) continue;
    const std::string_view head = std::string_view(text).substr(0, at);
    size_t upper = 0;
    for (const char c : head.substr(0, 4))
      upper += std::isupper(static_cast<unsigned char>(c)) ? 1 : 0;
    if (upper < 3) continue;
    text.erase(0, at + dash.size());
    return;
  }
}

void erase_joining_words(std::string& text) {
  for (const std::string_view start :
       {"However, ", "Meanwhile, ", "Moreover, ", "Furthermore, ", "In addition, ",
        "Additionally, ", "Of course, ", "In fact, ", "Indeed, ", "Also, ", "Still, ",
        "Nevertheless, ", "And ", "So, "}) {
    if (!text.starts_with(start)) continue;
    text.erase(0, start.size());
    capitalise(text);
    return;
  }
}

// Asides between two commas that add to a name: ", a retired teacher,", ", who ...,", ", which
// ...,".
bool erase_aside(std::string& text) {
  for (size_t open = text.find(", "); open != std::string::npos; open = text.find(", ", open + 2)) {
    const std::string_view rest = std::string_view(text).substr(open + 2);
    if (!begins_with_any(rest, {"who ", "which ", "whose ", "a ", "an ", "the ", "where "}))
      continue;
    // Behind "For example," or "In 1911," the sentence itself begins.
    if (begins_with_any(
            text, {"For ",   "In ",       "On ",   "At ",    "By ",       "After ",  "Before ",
                   "When ",  "If ",       "As ",   "While ", "Although ", "Though ", "Because ",
                   "Since ", "During ",   "From ", "With ",  "Under ",    "Once ",   "Until ",
                   "Today",  "Yesterday", "Later", "Soon",   "Finally",   "Now",     "Then"}))
      return false;
    const size_t close = text.find(',', open + 2);
    if (close == std::string::npos || close + 2 >= text.size() || text[close + 1] != ' ') continue;
    const std::string_view aside = rest.substr(0, close - open - 2);
    // A list ("a cat, a dog, and a cow") is no aside, nor is what holds a quotation.
    if (begins_with_any(std::string_view(text).substr(close + 2),
                        {"and ", "or ", "a ", "an ", "the "}))
      continue;
    if (aside.find('"') != std::string_view::npos || aside.find("“") != std::string_view::npos)
      continue;
    if (count_words(aside) > 14 || negations(aside) > 0) continue;
    text.erase(open, close + 1 - open);
    return true;
  }
  return false;
}

bool erase_tail(std::string& text, size_t max_words) {
  // From the end: the last clause that only adds. "when", "because" and "although" limit what is
  // said before them, so that without them it would be another statement.
  for (size_t comma = text.rfind(", "); comma != std::string::npos && comma > 0;
       comma = text.rfind(", ", comma - 1)) {
    const std::string_view tail = std::string_view(text).substr(comma + 2);
    if (!begins_with_any(
            tail, {"which ", "who ", "where ", "with ", "after ", "including ", "as ", "while ",
                   "whose ", "making ", "adding ", "according to a ", "leaving ", "bringing "})) {
      continue;
    }
    if (negations(tail) > 0 || tail.find("”") != std::string_view::npos ||
        tail.find('"') != std::string_view::npos)
      continue;
    std::string shorter = text.substr(0, comma) + ".";
    const size_t words = count_words(shorter);
    if (words < 6) continue;
    text = shorter;
    return words <= max_words || erase_tail(text, max_words);
  }
  return false;
}

// "A did this, and B did that." is two sentences when the second half has a subject of its own.
std::vector<std::string> split_clauses(const std::string& text, size_t max_words) {
  const auto fits = [&](const std::string& a, const std::string& b) {
    return count_words(a) <= max_words && count_words(b) <= max_words && count_words(a) >= 4 &&
           count_words(b) >= 4;
  };
  const auto balanced = [](std::string_view part) {
    size_t open = 0;
    size_t close = 0;
    for (size_t at = part.find("“"); at != std::string_view::npos; at = part.find("“", at + 3))
      ++open;
    for (size_t at = part.find("”"); at != std::string_view::npos; at = part.find("”", at + 3))
      ++close;
    return open == close && std::count(part.begin(), part.end(), '"') % 2 == 0;
  };
  for (const std::string_view mark : {"; ", " — ", ": "}) {
    const size_t at = text.find(mark);
    if (at == std::string::npos || mark == " — ") continue;
    std::string first = text.substr(0, at) + ".";
    std::string second = text.substr(at + mark.size());
    capitalise(second);
    if (fits(first, second) && balanced(first)) return {first, second};
  }
  for (const std::string_view joint : {", but ", ", and ", ", so ", ", while ", " and ", " but "}) {
    for (size_t at = text.find(joint); at != std::string::npos; at = text.find(joint, at + 1)) {
      std::string second = text.substr(at + joint.size());
      const bool comma = joint[0] == ',';
      if (!begins_with_any(second, {"it ", "he ", "she ", "they ", "we ", "there ", "this "}) &&
          !(comma && begins_with_any(second, {"the ", "its ", "their ", "his ", "her ", "most ",
                                              "many ", "some "}))) {
        continue;
      }
      const bool contrast = joint.find("but") != std::string_view::npos;
      if (contrast) second.insert(0, "But ");
      capitalise(second);
      std::string first = text.substr(0, at) + ".";
      if (fits(first, second) && balanced(first)) return {first, second};
    }
  }
  return {};
}

}  // namespace

std::vector<std::string> spoken_sentences(std::string_view sentence, size_t max_words) {
  std::string text = trim(sentence);
  const size_t negated = negations(text);
  erase_dateline(text);
  erase_parentheses(text);
  erase_joining_words(text);
  text = trim(text);
  if (text.empty()) return {};
  while (count_words(text) > max_words && erase_aside(text)) {
  }
  if (count_words(text) > max_words) {
    std::vector<std::string> two = split_clauses(text, max_words);
    if (!two.empty()) {
      return negations(two[0]) + negations(two[1]) == negated ? two : std::vector<std::string>();
    }
    erase_tail(text, max_words);
  }
  if (count_words(text) > max_words || negations(text) != negated) return {};
  capitalise(text);
  const char last = text.back();
  if (std::isalnum(static_cast<unsigned char>(last)) || last == ')') text += '.';
  return {text};
}

std::string spoken_headline(std::string_view headline, std::string_view publisher,
                            size_t max_words) {
  std::string text = trim(headline);
  for (const std::string_view separator : {" | ", " – ", " — ", " - "}) {
    const size_t at = text.rfind(separator);
    if (at != std::string::npos && trim(text.substr(at + separator.size())) == publisher)
      text.resize(at);
  }
  for (const std::string_view start :
       {"Live: ", "LIVE: ", "Watch: ", "Video: ", "Exclusive: ", "Breaking: ", "Analysis: "}) {
    if (text.starts_with(start)) text.erase(0, start.size());
  }
  for (const std::string_view mark : {": ", " – ", " — ", "; ", ", "}) {
    if (count_words(text) <= max_words) break;
    const size_t at = text.find(mark);
    if (at != std::string::npos && count_words(text.substr(0, at)) >= 4) text.resize(at);
  }
  if (text.empty() || count_words(text) > max_words) return {};
  capitalise(text);
  if (std::isalnum(static_cast<unsigned char>(text.back())) || (text.back() & 0x80) != 0)
    text += '.';
  return text;
}

bool depends_on_previous(std::string_view sentence) {
  return begins_with_any(
      sentence,
      {"He ",         "She ",        "It ",         "They ",      "This ",       "That ",
       "These ",      "Those ",      "His ",        "Her ",       "Their ",      "Its ",
       "But ",        "However",     "Meanwhile",   "Yet ",       "So ",         "Then ",
       "There ",      "Both ",       "Another ",    "Others ",    "Such ",       "Instead",
       "Also",        "Even so",     "As a result", "And ",       "Or ",         "Therefore",
       "For example", "In addition", "The latter",  "The former", "Similarly",   "Still,",
       "That’s",      "It’s",        "That's",      "It's",       "One of them", "None of them"});
}

bool is_unfit(std::string_view sentence) {
  if (sentence.size() < 25 || sentence.size() > 600) return true;
  const char last = sentence.back();
  const bool closed = last == '.' || last == '!' || last == '?' || last == '"' ||
                      sentence.ends_with("”") || sentence.ends_with("…");
  if (!closed || sentence.ends_with("…") || sentence.ends_with("...")) return true;
  if (last == '?' || sentence.find("http") != std::string_view::npos ||
      sentence.find('@') != std::string_view::npos)
    return true;
  const bool quoted = sentence.starts_with("“") || sentence.starts_with('"');
  if (quoted && (sentence.ends_with("”") || last == '"')) return true;  // nobody says who speaks
  const std::vector<std::string> words = plain_words(sentence);
  if (words.size() < 5) return true;
  for (const std::string_view about_page :
       {"click", "subscribe", "newsletter", "sign up", "cookies", "read more", "this article",
        "your browser", "javascript", "instructions", "system prompt", "language model"}) {
    std::string folded(sentence);
    for (char& c : folded) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
    if (folded.find(about_page) != std::string::npos) return true;
  }
  // Said by the writer of himself.
  return !quoted && (words[0] == "i" || words[0] == "we" || words[0] == "my" || words[0] == "you");
}

}  // namespace myna::editing
