// Reads file names from standard input and prints what the intake makes of each, a JSON object a
// line: for eval_feeds.py, eval_articles.py and eval_summaries.py.
#include <iostream>
#include <nlohmann/json.hpp>
#include <sstream>
#include <string>
#include <string_view>

#include "base/error.h"
#include "base/file.h"
#include "experiences/editing/source_text.h"
#include "experiences/editing/spoken_sentence.h"
#include "experiences/editing/summary.h"
#include "experiences/intake/article.h"
#include "experiences/intake/character_encoding.h"
#include "experiences/intake/feed.h"
#include "experiences/intake/html_text.h"

namespace {

constexpr size_t kSummarySentences = 3;

nlohmann::json date(const std::optional<int64_t>& seconds) {
  return seconds ? nlohmann::json(*seconds) : nlohmann::json();
}

nlohmann::json describe_feed(const std::string& bytes) {
  const myna::intake::Feed feed = myna::intake::parse_feed(bytes, "", "http://127.0.0.1:8097/");
  nlohmann::json json = {{"format", myna::intake::feed_format_name(feed.format)},
                         {"title", feed.title},
                         {"link", feed.link},
                         {"items", nlohmann::json::array()}};
  for (const myna::intake::FeedItem& item : feed.items) {
    nlohmann::json entry = {{"title", item.title},
                            {"link", item.link},
                            {"id", item.id},
                            {"author", item.author},
                            {"summary", myna::intake::html_to_line(item.summary)},
                            {"content", myna::intake::html_to_line(item.content)},
                            {"published", date(item.published_s)},
                            {"updated", date(item.updated_s)},
                            {"categories", item.categories},
                            {"enclosures", nlohmann::json::array()}};
    for (const auto& enclosure : item.enclosures) entry["enclosures"].push_back(enclosure.url);
    json["items"].push_back(std::move(entry));
  }
  return json;
}

nlohmann::json describe_page(const std::string& bytes, bool with_variants) {
  const auto article = myna::intake::extract_article(myna::intake::decode_document(bytes, "").text);
  myna::editing::SourceText source;
  source.title = article.title;
  std::vector<std::string> paragraphs;
  for (const myna::intake::ArticleParagraph& paragraph : article.paragraphs) {
    if (paragraph.kind != myna::intake::ParagraphKind::kHeading)
      paragraphs.push_back(paragraph.text);
  }
  myna::editing::set_text(source, paragraphs);
  nlohmann::json lead = nlohmann::json::array();
  for (size_t i = 1; i < source.sentences.size() && i <= kSummarySentences; ++i)
    lead.push_back(source.sentence(i));
  const std::vector<myna::editing::SourceText> sources = {source};
  // As a show says them, and as whole sentences.
  const auto summary_of = [&](size_t max_words, myna::editing::SummaryOptions options = {}) {
    options.most = kSummarySentences;
    options.max_spoken_words = max_words;
    auto chosen = myna::editing::summarize(sources, {0}, options);
    myna::editing::sort_for_telling(chosen, {0});
    nlohmann::json summary = nlohmann::json::array();
    for (const myna::editing::SummarySentence& sentence : chosen) {
      for (const std::string& spoken : sentence.spoken) summary.push_back(spoken);
    }
    return summary;
  };
  nlohmann::json variants = nlohmann::json::object();
  if (with_variants) {
    for (const double position : {0.0, 0.3, 0.5, 0.6, 0.7, 0.8, 0.9, 1.0}) {
      for (const double headline : {0.0, 0.2, 0.4, 0.8, 1.6}) {
        myna::editing::SummaryOptions options;
        options.position_weight = position;
        options.headline_weight = headline;
        std::ostringstream name;
        name << "position " << position << ", headline " << headline;
        variants[name.str()] = {summary_of(myna::editing::kMaxSpokenWords, options),
                                summary_of(1000, options)};
      }
    }
  }
  return {{"title", article.title},
          {"variants", variants},
          {"text", article.text()},
          {"lead", lead},
          {"summary", summary_of(myna::editing::kMaxSpokenWords)},
          {"whole", summary_of(1000)}};
}

}  // namespace

// --variants: summaries by other weights as well, for `eval_summaries.py --weights`.
int main(int argc, char** argv) {
  const bool with_variants = argc > 1 && std::string_view(argv[1]) == "--variants";
  std::string line;
  while (std::getline(std::cin, line)) {
    try {
      const std::string bytes = myna::read_file(line);
      std::cout << (line.ends_with(".html") ? describe_page(bytes, with_variants)
                                            : describe_feed(bytes))
                       .dump(-1, ' ', false, nlohmann::json::error_handler_t::replace)
                << std::endl;
    } catch (const myna::Error& error) {
      std::cout << nlohmann::json{{"error", error.what()}}.dump() << std::endl;
    }
  }
}
