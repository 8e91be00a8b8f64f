#include "experiences/editing/source_text.h"

#include <algorithm>
#include <array>
#include <cctype>

#include "text/split/sentence_breaker.h"

namespace myna::editing {
namespace {

bool is_word_byte(char c) { return std::isalnum(static_cast<unsigned char>(c)) || (c & 0x80) != 0; }

// A light stemmer: enough for "opens", "opened" and "opening" to meet.
std::string stem(std::string word) {
  const auto ends = [&](std::string_view suffix) {
    return word.size() >= suffix.size() + 3 && word.ends_with(suffix);
  };
  if (ends("'s")) word.resize(word.size() - 2);
  if (ends("ies")) {
    word.resize(word.size() - 3);
    word += 'y';
  } else if (ends("ing")) {
    word.resize(word.size() - 3);
  } else if (ends("ed")) {
    word.resize(word.size() - 2);
  } else if (ends("es")) {
    word.resize(word.size() - 2);
  } else if (ends("s") && !word.ends_with("ss")) {
    word.resize(word.size() - 1);
  }
  if (word.size() > 4 && word.ends_with("e")) word.pop_back();
  return word;
}

uint32_t hash_of(std::string_view word) {
  uint32_t hash = 2166136261u;  // FNV-1a
  for (const char c : word) hash = (hash ^ static_cast<uint8_t>(c)) * 16777619u;
  return hash;
}

std::string cleaned(std::string_view text) {
  std::string result(text);
  for (char& c : result) {
    if (c == '[') c = '(';
    if (c == ']') c = ')';
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7F) c = ' ';
  }
  return result;
}

// Ends of sentences that the breaker does not know: it cuts behind "Dr." and the like.
bool ends_in_abbreviation(std::string_view sentence) {
  while (!sentence.empty() && sentence.back() == ' ') sentence.remove_suffix(1);
  constexpr std::array<std::string_view, 34> kAbbreviations = {
      "Mr.",   "Mrs.", "Ms.",     "Dr.",  "Prof.", "St.",     "Sen.", "Rep.", "Gov.",
      "Gen.",  "Col.", "Lt.",     "Sgt.", "Capt.", "vs.",     "No.",  "Jr.",  "Sr.",
      "Co.",   "Inc.", "approx.", "Rev.", "al.",   "e.g.",    "i.e.", "cf.",  "Fig.",
      "Figs.", "Eq.",  "pp.",     "vol.", "Hon.",  "Messrs.", "ca."};
  for (const std::string_view abbreviation : kAbbreviations) {
    if (!sentence.ends_with(abbreviation)) continue;
    const size_t before = sentence.size() - abbreviation.size();
    if (before == 0 || sentence[before - 1] == ' ') return true;
  }
  const size_t size = sentence.size();
  // "U.S.", which more often goes on than not.
  if (size >= 4 && sentence[size - 1] == '.' && sentence[size - 3] == '.' &&
      std::isupper(static_cast<unsigned char>(sentence[size - 2])) &&
      std::isupper(static_cast<unsigned char>(sentence[size - 4])))
    return true;
  // An initial: "J." of "J. Smith".
  return size >= 2 && sentence[size - 1] == '.' &&
         std::isupper(static_cast<unsigned char>(sentence[size - 2])) &&
         (size == 2 || sentence[size - 3] == ' ');
}

}  // namespace

bool is_function_word(std::string_view word) {
  static const std::set<std::string_view> kWords = {
      "a",     "about", "after", "all",    "also",  "an",   "and",   "any",  "are",   "as",
      "at",    "be",    "been",  "before", "being", "but",  "by",    "can",  "could", "did",
      "do",    "does",  "for",   "from",   "had",   "has",  "have",  "he",   "her",   "him",
      "his",   "how",   "i",     "if",     "in",    "into", "is",    "it",   "its",   "may",
      "me",    "might", "more",  "most",   "my",    "no",   "nor",   "not",  "of",    "on",
      "one",   "or",    "our",   "out",    "over",  "said", "says",  "say",  "she",   "should",
      "so",    "some",  "such",  "than",   "that",  "the",  "their", "them", "then",  "there",
      "these", "they",  "this",  "those",  "to",    "up",   "us",    "was",  "we",    "were",
      "what",  "when",  "where", "which",  "while", "who",  "will",  "with", "would", "you",
      "your"};
  return kWords.contains(word);
}

std::vector<std::string> plain_words(std::string_view text) {
  std::vector<std::string> words;
  std::string word;
  for (size_t i = 0; i < text.size(); ++i) {
    // Quotation marks and dashes of three bytes are no letters.
    const bool mark = text[i] == '\xE2' && i + 2 < text.size() && text[i + 1] == '\x80';
    const bool apostrophe = mark && text[i + 2] == '\x99';
    const bool joins =
        (apostrophe || text[i] == '\'' || text[i] == '-' || text[i] == '.' || text[i] == ',') &&
        !word.empty() && i + (mark ? 3 : 1) < text.size() &&
        std::isalnum(static_cast<unsigned char>(text[i + (mark ? 3 : 1)]));
    const bool number_mark = text[i] == '.' || text[i] == ',';
    if (joins && (!number_mark || std::isdigit(static_cast<unsigned char>(word.back())))) {
      word += apostrophe ? '\'' : text[i];
      if (mark) i += 2;
    } else if (is_word_byte(text[i]) && !mark) {
      word += static_cast<char>(std::tolower(static_cast<unsigned char>(text[i])));
    } else {
      if (mark) i += 2;
      if (!word.empty()) words.push_back(std::move(word));
      word.clear();
    }
  }
  if (!word.empty()) words.push_back(std::move(word));
  return words;
}

std::vector<uint32_t> content_words(std::string_view text) {
  std::vector<uint32_t> hashes;
  for (std::string& word : plain_words(text)) {
    if (!is_function_word(word)) hashes.push_back(hash_of(stem(std::move(word))));
  }
  return hashes;
}

double word_overlap(const std::vector<uint32_t>& a, const std::vector<uint32_t>& b) {
  const std::set<uint32_t> first(a.begin(), a.end());
  const std::set<uint32_t> second(b.begin(), b.end());
  size_t both = 0;
  for (const uint32_t word : first) both += second.count(word);
  const size_t all = first.size() + second.size() - both;
  return all == 0 ? 0 : static_cast<double>(both) / static_cast<double>(all);
}

void set_text(SourceText& source, const std::vector<std::string>& paragraphs,
              size_t max_sentences) {
  static thread_local text::SentenceBreaker breaker;
  source.title = cleaned(source.title);
  source.text.clear();
  source.sentences.clear();
  const auto add = [&](size_t begin, size_t end, size_t paragraph) {
    while (begin < end && source.text[begin] == ' ') ++begin;
    while (end > begin && source.text[end - 1] == ' ') --end;
    if (begin == end || source.sentences.size() >= max_sentences) return;
    const std::string_view sentence = std::string_view(source.text).substr(begin, end - begin);
    source.sentences.push_back(
        {begin, end, paragraph, content_words(sentence), plain_words(sentence).size()});
  };
  source.text = source.title;
  add(0, source.text.size(), 0);
  size_t number = 0;
  std::vector<uint32_t> starts;
  for (const std::string& raw : paragraphs) {
    const std::string paragraph = cleaned(raw);
    if (paragraph == source.title || paragraph.empty()) continue;
    if (source.sentences.size() >= max_sentences) break;
    ++number;
    source.text += "\n\n";
    const size_t base = source.text.size();
    source.text += paragraph;
    starts.clear();
    breaker.find(paragraph, starts);
    starts.push_back(static_cast<uint32_t>(paragraph.size()));
    size_t begin = 0;
    for (const uint32_t start : starts) {
      const std::string_view piece = std::string_view(paragraph).substr(begin, start - begin);
      if (start < paragraph.size() && ends_in_abbreviation(piece)) continue;
      add(base + begin, base + start, number);
      begin = start;
    }
  }
}

}  // namespace myna::editing
