#include "experiences/podcast/outline.h"

#include <algorithm>
#include <cctype>
#include <cmath>
#include <map>
#include <numeric>
#include <set>

#include "base/plain_text.h"
#include "experiences/editing/centrality.h"
#include "experiences/editing/spoken_sentence.h"
#include "experiences/podcast/section_finder.h"

namespace myna::podcast {
namespace {

constexpr size_t kWindow = 250;  // sentences that are compared with each other
constexpr size_t kMaxSectionSentences = 4000;
constexpr size_t kMaxSections = 400;

// What a document has besides what it says.
bool is_apparatus(std::string_view title) {
  static const std::set<std::string, std::less<>> kNames = {
      "references",
      "bibliography",
      "acknowledgements",
      "acknowledgments",
      "notes",
      "footnotes",
      "endnotes",
      "index",
      "see also",
      "external links",
      "further reading",
      "contents",
      "table of contents",
      "copyright",
      "imprint",
      "colophon",
      "uncopyright",
      "sources",
      "citations",
      "works cited",
      "license",
      "licence",
      "about the author",
      "list of figures",
      "list of tables",
      "titlepage",
      "title page",
      "dedication",
      "funding",
      "conflicts of interest",
      "competing interests",
      "author contributions",
      "data availability",
      "supplementary material",
      "glossary",
      "glossary of the principal scientific terms used in the present volume",
      "errata",
      "the full project gutenberg license",
      "navigation menu",
      "gallery",
      "notes and references",
      "list of illustrations",
      "table of contents.",
      "also by the author"};
  return kNames.contains(ascii_lower(spoken_title(title)));
}

size_t roman_or_number(std::string_view text) {
  size_t at = 0;
  while (at < text.size() &&
         (std::isdigit(static_cast<unsigned char>(text[at])) != 0 || text[at] == '.'))
    ++at;
  if (at == 0) {
    while (at < text.size() && std::string_view("IVXLC").find(text[at]) != std::string_view::npos)
      ++at;
    if (at < text.size() && std::isalpha(static_cast<unsigned char>(text[at])) != 0) return 0;
    // "I am", "C major"
    if (at < text.size() && text[at] == ' ' && at <= 1 && !text.substr(at).starts_with(" - ") &&
        !text.substr(at).starts_with(" — ") && !text.substr(at).starts_with(" – "))
      return 0;
  }
  return at;
}

std::string capitalised_as_sentence(std::string text) {
  size_t upper = 0;
  size_t small = 0;
  for (const char c : text) {
    upper += std::isupper(static_cast<unsigned char>(c)) != 0 ? 1 : 0;
    small += std::islower(static_cast<unsigned char>(c)) != 0 ? 1 : 0;
  }
  if (upper >= 4 && upper > 2 * small) {
    bool start = true;
    for (char& c : text) {
      if (!start) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
      start = c == ' ' || c == '-';
    }
    for (const std::string_view word :
         {" Of ", " The ", " And ", " In ", " On ", " To ", " A ", " Under ", " With ", " By ",
          " For ", " From ", " At ", " As "}) {
      for (size_t at = text.find(word); at != std::string::npos; at = text.find(word, at + 1))
        text[at + 1] = static_cast<char>(std::tolower(static_cast<unsigned char>(text[at + 1])));
    }
  }
  if (!text.empty()) text[0] = static_cast<char>(std::toupper(static_cast<unsigned char>(text[0])));
  return text;
}

// A title inside of a sentence: "why high tide comes later", but "Newton's laws".
std::string topic_of(const std::string& title, const SentenceTagger& tagger) {
  static const std::set<std::string, std::less<>> kOfPapers = {
      "introduction", "conclusion",  "conclusions", "abstract", "background", "results",
      "discussion",   "preface",     "summary",     "method",   "methods",    "evaluation",
      "experiments",  "limitations", "overview",    "prologue", "epilogue"};
  const std::string folded = ascii_lower(title);
  if (kOfPapers.contains(folded)) return "the " + folded;
  const std::vector<TaggedWord> words = tagger.tag(title);
  if (words.empty()) return title;
  const bool title_case = std::any_of(words.begin() + 1, words.end(), [&](const TaggedWord& word) {
    return word.end - word.begin >= 4 &&
           std::isupper(static_cast<unsigned char>(title[word.begin])) != 0;
  });
  std::string topic = title;
  if (words.size() == 2 && words[1].kind == WordClass::kNumber) return topic;  // "Part 2"
  if (words.size() > 2 && words[0].lower == "on") {
    topic.erase(0, words[1].begin);
    const bool capitals =
        topic.size() > 1 && std::isupper(static_cast<unsigned char>(topic[1])) != 0;
    if (!capitals) topic[0] = static_cast<char>(std::tolower(static_cast<unsigned char>(topic[0])));
    return topic;
  }
  if (title_case) {
    if (words[0].lower == "the") topic[0] = 't';
    return topic;
  }
  if (editing::is_function_word(words[0].lower)) {
    topic[0] = static_cast<char>(std::tolower(static_cast<unsigned char>(topic[0])));
    return topic;
  }
  return in_sentence(title, words, 0, words.size());
}

void set_centralities(OutlineSection& section) {
  const auto& sentences = section.source.sentences;
  for (size_t begin = 1; begin < sentences.size(); begin += kWindow) {
    const size_t end = std::min(begin + kWindow, sentences.size());
    std::vector<const editing::SourceSentence*> window;
    for (size_t i = begin; i < end; ++i) window.push_back(&sentences[i]);
    const std::vector<double> values = editing::centralities(editing::unit_vectors(window));
    const double most = *std::max_element(values.begin(), values.end());
    for (size_t i = begin; i < end; ++i)
      section.sentences[i].centrality = most > 0 ? values[i - begin] / most : 0;
  }
}

// Whether somebody is quoted at the end of this text: his "I" is not the writer's.
bool is_inside_quotation(std::string_view text) {
  std::ptrdiff_t open = 0;
  bool straight = false;
  for (size_t at = 0; at < text.size(); ++at) {
    if (text[at] == '"') straight = !straight;
    if (text.substr(at).starts_with("“")) ++open;
    if (text.substr(at).starts_with("”")) open = std::max<std::ptrdiff_t>(0, open - 1);
  }
  return straight || open > 0;
}

// Words that are capitalised inside of sentences, and never small.
void add_names(std::string_view text, std::map<std::string, int>& seen) {
  bool first = true;
  for (size_t at = 0; at < text.size();) {
    const bool letter = std::isalpha(static_cast<unsigned char>(text[at])) != 0;
    if (!letter) {
      if (text[at] == '.' || text[at] == '!' || text[at] == '?' || text[at] == '"') first = true;
      ++at;
      continue;
    }
    size_t end = at;
    while (end < text.size() && std::isalpha(static_cast<unsigned char>(text[end])) != 0) ++end;
    const std::string_view word = text.substr(at, end - at);
    const bool capital = std::isupper(static_cast<unsigned char>(word[0])) != 0;
    if (!first || !capital) {
      int& count = seen[ascii_lower(word)];
      if (!capital) count = -1;
      if (capital && count >= 0) ++count;
    }
    first = false;
    at = end;
  }
}

void tell_sentences(OutlineSection& section, const Teller& teller) {
  const auto& sentences = section.source.sentences;
  section.sentences.resize(sentences.size());
  size_t paragraph_begin = 0;
  for (size_t i = 1; i < sentences.size(); ++i) {
    ToldSentence& told = section.sentences[i];
    const std::string_view text = section.source.sentence(i);
    told.opens_paragraph = sentences[i].paragraph != sentences[i - 1].paragraph;
    told.depends = editing::depends_on_previous(text) || teller.needs_what_came_before(text);
    told.question = text.ends_with('?') && sentences[i].word_count >= 3 &&
                    sentences[i].word_count <= 12 && text.find('"') == std::string_view::npos &&
                    text.find("”") == std::string_view::npos &&
                    text.find("“") == std::string_view::npos;
    if (told.opens_paragraph) paragraph_begin = sentences[i].begin;
    const bool quoted =
        is_inside_quotation(std::string_view(section.source.text)
                                .substr(paragraph_begin, sentences[i].begin - paragraph_begin));
    if (!quoted) told.spoken = teller.tell(text);
    section.word_count += sentences[i].word_count;
  }
}

// How the document speaks: a paper's "we", an essay's "I", a story's speech.
void set_manner(const std::vector<OutlineSource>& documents, Outline& outline) {
  size_t we = 0;
  size_t i = 0;
  size_t words = 0;
  size_t speech = 0;
  size_t paragraphs = 0;
  bool paper = false;
  for (const OutlineSource& source : documents) {
    for (const intake::DocumentSection& section : source.document->sections) {
      const std::string title = ascii_lower(spoken_title(section.title));
      paper |= title == "abstract" || title == "references" || title == "related work";
      for (const intake::ArticleParagraph& paragraph : section.paragraphs) {
        ++paragraphs;
        const std::string_view text = paragraph.text;
        speech += text.starts_with("“") || text.starts_with('"') || text.starts_with("‘") ? 1 : 0;
        for (const std::string& word : editing::plain_words(text)) {
          ++words;
          we += word == "we" || word == "our" ? 1 : 0;
          i += word == "i" || word == "my" ? 1 : 0;
        }
      }
    }
  }
  outline.fiction = paragraphs > 20 && speech * 5 > paragraphs;
  outline.writer.we_are_authors = paper && we * 300 > words;
  if (i == 0) return;
  const size_t blank = outline.author.rfind(' ');
  const std::string surname =
      blank == std::string::npos ? outline.author : outline.author.substr(blank + 1);
  const bool one_author = !surname.empty() && surname.size() < 20 &&
                          outline.author.find(" and ") == std::string::npos &&
                          outline.author.find(',') == std::string::npos &&
                          outline.author.find('&') == std::string::npos &&
                          std::isupper(static_cast<unsigned char>(surname[0])) != 0;
  outline.writer.singular = outline.fiction ? "the narrator" : one_author ? surname : "the author";
}

// Contiguous groups of sections, of about the same weight each.
void set_parts(Outline& outline, size_t part_count) {
  std::vector<double> weights;
  for (const OutlineSection& section : outline.sections)
    weights.push_back(std::sqrt(static_cast<double>(section.word_count) + 20));
  const double total = std::accumulate(weights.begin(), weights.end(), 0.0);
  const size_t count = std::min(part_count, outline.sections.size());
  double reached = 0;
  for (size_t i = 0; i < outline.sections.size(); ++i) {
    const size_t left = outline.sections.size() - i;
    const double middle = reached + weights[i] / 2;
    const size_t wanted =
        std::min(count - 1, static_cast<size_t>(middle / total * static_cast<double>(count)));
    const bool must = count > outline.parts.size() && left <= count - outline.parts.size();
    if (outline.parts.empty() || must || wanted >= outline.parts.size())
      outline.parts.emplace_back();
    OutlinePart& part = outline.parts.back();
    part.sections.push_back(i);
    part.weight += weights[i];
    reached += weights[i];
  }
  for (OutlinePart& part : outline.parts) {
    part.weight /= total;
    const size_t biggest =
        *std::max_element(part.sections.begin(), part.sections.end(),
                          [&](size_t a, size_t b) { return weights[a] < weights[b]; });
    const size_t front = part.sections.front();
    // What stands before the first heading opens the show.
    if (front == 0 && outline.sections[0].topic.empty()) {
      part.title = "Introduction";
      continue;
    }
    const size_t named = outline.sections[front].titled ? front : biggest;
    part.title = outline.sections[named].title;
    part.topic = outline.sections[named].topic;
  }
}

}  // namespace

std::string without_site(std::string_view title, std::string_view publisher) {
  const auto letters = [](std::string_view text) {
    std::string result;
    for (const char c : ascii_lower(text)) {
      if (std::isalnum(static_cast<unsigned char>(c)) != 0) result += c;
    }
    return result;
  };
  for (const std::string_view dash : {" – ", " — ", " - "}) {
    const size_t place = title.rfind(dash);
    if (place == std::string_view::npos || place < 10) continue;
    const std::string tail = letters(title.substr(place + dash.size()));
    if (!tail.empty() && letters(publisher).find(tail) != std::string::npos)
      title = trimmed(title.substr(0, place));
  }
  std::string_view longest = title;
  size_t at = title.find(" | ");
  if (at == std::string_view::npos) return std::string(title);
  longest = title.substr(0, at);
  while (at != std::string_view::npos) {
    const size_t begin = at + 3;
    at = title.find(" | ", begin);
    const std::string_view piece =
        title.substr(begin, at == std::string_view::npos ? at : at - begin);
    if (piece.size() > longest.size()) longest = piece;
  }
  return std::string(trimmed(longest));
}

std::string spoken_title(std::string_view heading) {
  std::string_view text = trimmed(heading);
  // "Marches (continued)"
  if (const size_t open = text.rfind('(');
      open != std::string_view::npos && open > 3 && text.ends_with(')'))
    text = trimmed(text.substr(0, open));
  while (!text.empty() && (text.back() == '.' || text.back() == ':' || text.back() == ' '))
    text.remove_suffix(1);
  // "ON THE THEORY OF WAR: CHAPTER I. Branches of the Art": the chapter's own name.
  for (size_t colon = text.find(": "); colon != std::string_view::npos;
       colon = text.find(": ", colon + 1)) {
    const std::string rest = ascii_lower(text.substr(colon + 2, 8));
    if (rest.starts_with("chapter ") || rest.starts_with("section ") || rest.starts_with("part ")) {
      text.remove_prefix(colon + 2);
      break;
    }
  }
  const std::string_view whole = text;
  for (const std::string_view word :
       {"chapter ", "part ", "section ", "book ", "letter ", "appendix "}) {
    if (ascii_lower(text.substr(0, word.size())) != word) continue;
    std::string_view rest = text.substr(word.size());
    const size_t number = roman_or_number(rest);
    if (number == 0) continue;
    rest.remove_prefix(number);
    while (!rest.empty() &&
           (rest.front() == ' ' || rest.front() == '.' || rest.front() == ':' ||
            rest.front() == '-' || rest.front() == ',' || (rest.front() & 0x80) != 0))
      rest.remove_prefix(1);
    text = rest.empty() ? whole : rest;
  }
  if (const size_t number = roman_or_number(text);
      number > 0 && number < text.size() &&
      (text[number] == ' ' || text[number - 1] == '.' || text[number] == '.')) {
    std::string_view rest = text.substr(number);
    while (!rest.empty() && (rest.front() == ' ' || rest.front() == '.' || rest.front() == '-' ||
                             rest.front() == ':' || (rest.front() & 0x80) != 0))
      rest.remove_prefix(1);
    if (rest.size() >= 3) text = rest;
  }
  std::string title = capitalised_as_sentence(std::string(text));
  for (const std::string_view mark : {": ", "; ", " — ", " – ", " - ", ". ", " ("}) {
    if (title.size() <= 60) break;
    const size_t at = title.find(mark);
    if (at != std::string::npos && at >= 8) title.resize(at);
  }
  if (title.size() > 80) title.resize(std::min(title.size(), title.rfind(' ', 80)));
  for (char& c : title) {
    if (c == '[') c = '(';
    if (c == ']') c = ')';
  }
  return title;
}

Outline make_outline(const std::vector<OutlineSource>& documents, size_t part_count,
                     const SentenceTagger& tagger) {
  Outline outline;
  const intake::Document& first = *documents.at(0).document;
  outline.title = without_site(trimmed(first.title), documents[0].publisher);
  outline.author = trimmed(first.author);
  // Pages give addresses for names.
  if (outline.author.find_first_of("/@|") != std::string::npos || outline.author.size() > 80)
    outline.author.clear();
  set_manner(documents, outline);
  const Teller teller(tagger, outline.writer);
  for (size_t number = 0; number < documents.size(); ++number) {
    const OutlineSource& source = documents[number];
    for (const FoundSection& found : find_sections(*source.document, part_count, tagger)) {
      if (found.titled && is_apparatus(found.title)) {
        outline.left_out.push_back(spoken_title(found.title));
        continue;
      }
      if (outline.sections.size() >= kMaxSections) break;
      OutlineSection section;
      section.document = number;
      // A page's headline may stand above its text once more.
      section.titled = found.titled && trimmed(found.title) != trimmed(source.document->title) &&
                       without_site(found.title, source.publisher) != outline.title;
      if (section.titled || !found.titled)
        section.title = found.titled ? spoken_title(found.title) : found.title;
      section.topic = section.titled ? topic_of(section.title, tagger) : section.title;
      section.title = capitalised_as_sentence(section.title);
      section.source.id = "s" + std::to_string(outline.sections.size() + 1);
      section.source.publisher = source.publisher;
      section.source.url = source.url;
      section.source.author = source.document->author;
      section.source.title =
          section.title.empty() ? std::string(trimmed(source.document->title)) : section.title;
      if (section.source.title.empty()) section.source.title = source.publisher;
      editing::set_text(section.source, found.paragraphs, kMaxSectionSentences);
      if (section.source.sentences.size() < 2) continue;
      tell_sentences(section, teller);
      set_centralities(section);
      if (section.title.empty()) section.title = section.source.title;
      outline.sections.push_back(std::move(section));
    }
  }
  std::map<std::string, int> seen;
  for (const OutlineSection& section : outline.sections) add_names(section.source.text, seen);
  for (const auto& [word, count] : seen) {
    if (count > 0) outline.names.insert(word);
  }
  if (!outline.sections.empty()) set_parts(outline, part_count);
  return outline;
}

}  // namespace myna::podcast
