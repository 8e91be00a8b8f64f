#include "experiences/podcast/section_finder.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <set>

#include "experiences/editing/source_text.h"
#include "experiences/podcast/telling.h"

namespace myna::podcast {
namespace {

constexpr size_t kMinPieceWords = 150;  // of a piece without a heading
constexpr size_t kAround = 3;           // paragraphs on each side that are compared
constexpr size_t kMaxTitleParagraphs = 60;

using Counts = std::map<std::string, size_t>;

// Noun phrases of one to three words: "tide gate", "the harbour board".
void count_phrases(std::string_view text, const SentenceTagger& tagger, Counts& counts) {
  const std::vector<TaggedWord> words = tagger.tag(text);
  for (size_t i = 0; i < words.size();) {
    const auto is_part = [&](size_t at) {
      return at < words.size() &&
             (words[at].kind == WordClass::kNoun || words[at].kind == WordClass::kName ||
              words[at].kind == WordClass::kAdjective);
    };
    size_t end = i;
    while (is_part(end) && end - i < 4) ++end;
    // It ends in its noun.
    while (end > i && words[end - 1].kind == WordClass::kAdjective) --end;
    if (end > i) {
      const size_t begin = std::max(i, end - std::min<size_t>(end - i, 3));
      const std::string phrase = in_sentence(text, words, begin, end);
      const bool single = end - begin == 1;
      if (phrase.size() >= (single ? 4U : 6U) && !editing::is_function_word(words[begin].lower))
        ++counts[phrase];
      i = end;
    } else {
      ++i;
    }
  }
}

// The two phrases that set each piece apart from the others.
void name_pieces(std::vector<FoundSection>& pieces, const SentenceTagger& tagger) {
  std::vector<Counts> counts(pieces.size());
  std::map<std::string, size_t> holders;
  for (size_t i = 0; i < pieces.size(); ++i) {
    size_t looked = 0;
    for (const std::string& paragraph : pieces[i].paragraphs) {
      if (++looked > kMaxTitleParagraphs) break;
      count_phrases(paragraph, tagger, counts[i]);
    }
    for (const auto& [phrase, count] : counts[i]) ++holders[phrase];
  }
  std::set<std::string> used;
  for (size_t i = 0; i < pieces.size(); ++i) {
    std::vector<std::pair<double, std::string>> ranked;
    for (const auto& [phrase, count] : counts[i]) {
      if (count < 2 || used.contains(phrase)) continue;
      const double rarity =
          std::log(1 + static_cast<double>(pieces.size()) / static_cast<double>(holders[phrase]));
      const double length = phrase.find(' ') == std::string::npos ? 1.0 : 1.6;
      ranked.emplace_back(static_cast<double>(count) * rarity * length, phrase);
    }
    std::sort(ranked.begin(), ranked.end(), [](const auto& a, const auto& b) {
      return a.first != b.first ? a.first > b.first : a.second < b.second;
    });
    std::string title;
    std::string last;
    for (const auto& [score, phrase] : ranked) {
      // "gate" beside "tide gate" says nothing new.
      if (!last.empty() &&
          (last.find(phrase) != std::string::npos || phrase.find(last) != std::string::npos))
        continue;
      used.insert(phrase);
      title += title.empty() ? phrase : " and " + phrase;
      if (!last.empty()) break;
      last = phrase;
    }
    pieces[i].title = title;
  }
}

std::vector<FoundSection> cut_where_words_change(const std::vector<std::string>& paragraphs,
                                                 size_t wanted, const SentenceTagger& tagger) {
  std::vector<std::vector<uint32_t>> words;
  std::vector<size_t> sizes;
  size_t total = 0;
  for (const std::string& paragraph : paragraphs) {
    words.push_back(editing::content_words(paragraph));
    sizes.push_back(count_words(paragraph));
    total += sizes.back();
  }
  const size_t count = std::min(wanted, std::max<size_t>(1, total / kMinPieceWords));
  std::vector<FoundSection> pieces(1);
  size_t reached = 0;
  size_t in_piece = 0;
  const auto likeness = [&](size_t at) {
    std::vector<uint32_t> before;
    std::vector<uint32_t> after;
    for (size_t i = at - std::min(at, kAround); i < at; ++i)
      before.insert(before.end(), words[i].begin(), words[i].end());
    for (size_t i = at; i < std::min(words.size(), at + kAround); ++i)
      after.insert(after.end(), words[i].begin(), words[i].end());
    return editing::word_overlap(before, after);
  };
  for (size_t i = 0; i < paragraphs.size(); ++i) {
    // Near each place where a piece would end, the cut is where the words change most.
    const double ideal = static_cast<double>(total * pieces.size()) / static_cast<double>(count);
    const double slack = 0.3 * static_cast<double>(total) / static_cast<double>(count);
    const auto here = static_cast<double>(reached);
    if (pieces.size() < count && in_piece >= kMinPieceWords / 2 && here >= ideal - slack) {
      bool best = true;
      double ahead = here;
      for (size_t j = i;
           j + 1 < paragraphs.size() && ahead + static_cast<double>(sizes[j]) <= ideal + slack;
           ++j) {
        ahead += static_cast<double>(sizes[j]);
        if (likeness(j + 1) < likeness(i)) best = false;
        if (j - i > 40) break;
      }
      if (best) {
        pieces.emplace_back();
        in_piece = 0;
      }
    }
    pieces.back().paragraphs.push_back(paragraphs[i]);
    reached += sizes[i];
    in_piece += sizes[i];
  }
  if (pieces.size() > 1) name_pieces(pieces, tagger);
  return pieces;
}

}  // namespace

std::vector<FoundSection> find_sections(const intake::Document& document, size_t wanted,
                                        const SentenceTagger& tagger) {
  std::vector<FoundSection> sections;
  for (const intake::DocumentSection& one : document.sections) {
    FoundSection section{one.title, !one.title.empty(), {}};
    for (const intake::ArticleParagraph& paragraph : one.paragraphs)
      section.paragraphs.push_back(paragraph.text);
    sections.push_back(std::move(section));
  }
  if (sections.size() >= 3 || sections.empty() || wanted < 2) return sections;
  // A long piece without headings is cut where its words change.
  std::vector<FoundSection> result;
  for (FoundSection& section : sections) {
    std::vector<FoundSection> pieces = cut_where_words_change(
        section.paragraphs, std::max<size_t>(2, wanted / sections.size()), tagger);
    if (pieces.size() == 1) {
      result.push_back(std::move(section));
    } else {
      result.insert(result.end(), std::make_move_iterator(pieces.begin()),
                    std::make_move_iterator(pieces.end()));
    }
  }
  return result;
}

}  // namespace myna::podcast
