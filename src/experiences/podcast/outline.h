// A document as a conversation goes through it: its sections with their sentences, grouped into the
// parts of the show.
#pragma once

#include <cstddef>
#include <set>
#include <string>
#include <vector>

#include "experiences/editing/source_text.h"
#include "experiences/intake/document.h"
#include "experiences/podcast/tagged_text.h"
#include "experiences/podcast/telling.h"

namespace myna::podcast {

// A sentence of a section as it is said; `spoken` is empty for what cannot be.
struct ToldSentence {
  std::vector<std::string> spoken;
  double centrality = 0;  // 1: the most central one of the section
  bool depends = false;   // "He", "This": needs the sentence before it
  bool opens_paragraph = false;
  bool question = false;  // of the writer
};

struct OutlineSection {
  std::string title;                    // without its number
  std::string topic;                    // the same inside of a sentence
  editing::SourceText source;           // id "s1", "s2", ...
  std::vector<ToldSentence> sentences;  // one for each of source.sentences; the first is the title
  size_t word_count = 0;
  size_t document = 0;  // index of the document that it is of
  bool titled = false;  // the document gave the title
};

struct OutlinePart {
  std::string title;
  std::string topic;             // the title inside of a sentence
  std::vector<size_t> sections;  // indices, in order
  double weight = 0;             // share of the show's time
};

struct Outline {
  std::string title;
  std::string author;
  std::vector<OutlineSection> sections;
  std::vector<OutlinePart> parts;
  std::vector<std::string> left_out;  // titles of references, indices and the like
  bool fiction = false;               // much of it is speech of persons
  Writer writer;
  std::set<std::string> names;  // in small letters: words that the document always capitalises
};

struct OutlineSource {
  const intake::Document* document = nullptr;
  std::string publisher;  // file name or host
  std::string url;
};

// Sections of all documents, in order. part_count: at least 1; fewer parts where there is less.
Outline make_outline(const std::vector<OutlineSource>& documents, size_t part_count,
                     const SentenceTagger& tagger);

// The part of a page's title that is not its site's name: "Gate opens | The Courier".
std::string without_site(std::string_view title, std::string_view publisher);

// "Variation under Domestication" of "CHAPTER I. VARIATION UNDER DOMESTICATION."
std::string spoken_title(std::string_view heading);

}  // namespace myna::podcast
