#include "experiences/daily/gather.h"

#include <algorithm>
#include <cctype>
#include <numeric>
#include <utility>

#include "base/error.h"
#include "base/file.h"
#include "experiences/intake/article.h"
#include "experiences/intake/character_encoding.h"
#include "experiences/intake/feed.h"
#include "experiences/intake/html_text.h"
#include "experiences/intake/web_address.h"

namespace myna::daily {
namespace {

constexpr size_t kMaxFileBytes = size_t{32} << 20;
constexpr size_t kTeaserBytes = 600;  // less than this may be a teaser
constexpr size_t kFewBytes = 300;     // a page with less has nothing to tell
constexpr size_t kMaxArticleBytes = 40'000;
constexpr size_t kMaxFeeds = 500;

std::string lower_extension(const std::filesystem::path& path) {
  std::string extension = path.extension().string();
  for (char& c : extension) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return extension;
}

bool is_feed_file(const std::filesystem::path& path) {
  const std::string extension = lower_extension(path);
  return extension == ".xml" || extension == ".rss" || extension == ".atom" ||
         extension == ".rdf" || extension == ".json" || extension == ".opml";
}

bool is_page_file(const std::filesystem::path& path) {
  const std::string extension = lower_extension(path);
  return extension == ".html" || extension == ".htm" || extension == ".md" || extension == ".txt";
}

std::vector<std::string> paragraphs_of(const intake::Article& article) {
  std::vector<std::string> paragraphs;
  size_t bytes = 0;
  for (const intake::ArticleParagraph& paragraph : article.paragraphs) {
    // Headings and lists are seldom sentences that can be heard by themselves.
    if (paragraph.kind == intake::ParagraphKind::kHeading) continue;
    bytes += paragraph.text.size();
    if (bytes > kMaxArticleBytes) break;
    paragraphs.push_back(paragraph.text);
  }
  return paragraphs;
}

// Plain text and Markdown: paragraphs between blank lines, marks of headings taken off.
std::vector<std::string> plain_paragraphs(std::string_view text, std::string& title) {
  std::vector<std::string> paragraphs;
  size_t at = 0;
  while (at < text.size()) {
    const size_t end = std::min(text.find("\n\n", at), text.size());
    std::string paragraph = intake::fold_blanks(text.substr(at, end - at));
    at = end + 2;
    const bool heading = paragraph.starts_with('#');
    paragraph.erase(0, paragraph.find_first_not_of("#> "));
    if (paragraph.empty()) continue;
    if (title.empty() && (heading || paragraph.size() < 100)) {
      title = paragraph;
    } else if (!heading) {
      paragraphs.push_back(std::move(paragraph));
    }
  }
  return paragraphs;
}

class Gatherer {
 public:
  Gatherer(trust::WebCache& cache, const GatherOptions& options)
      : cache_(cache), options_(options) {}

  void add_name(const std::string& name) {
    if (intake::is_web_address(name)) {
      addresses_.push_back(name);
      return;
    }
    if (name.find("://") != std::string::npos) {
      throw Error(ErrorCode::kInvalidArgument,
                  "'" + name + "' is refused: only http and https are fetched");
    }
    const std::filesystem::path path(name);
    if (std::filesystem::is_directory(path)) {
      std::vector<std::filesystem::path> files;
      for (const auto& entry : std::filesystem::directory_iterator(path)) {
        if (entry.is_regular_file() && is_feed_file(entry.path())) files.push_back(entry.path());
      }
      std::sort(files.begin(), files.end());
      if (files.empty())
        result_.problems.push_back(
            name + ": the directory holds no feed (.xml, .rss, .atom, .json, .opml)");
      files_.insert(files_.end(), files.begin(), files.end());
    } else if (std::filesystem::exists(path)) {
      files_.push_back(path);
    } else {
      throw Error(ErrorCode::kNotFound, "there is no feed '" + name + "'",
                  "give an address that begins with https://, a file or a directory");
    }
  }

  Gathered run() {
    for (size_t i = 0; i < files_.size(); ++i) {
      report_progress(i, files_.size() + addresses_.size(), files_[i].filename().string());
      guarded(files_[i].string(), [&] { read_file_source(files_[i]); });
    }
    for (size_t i = 0; i < addresses_.size() && i < kMaxFeeds; ++i) {
      report_progress(files_.size() + i, files_.size() + addresses_.size(),
                      intake::host_of(addresses_[i]));
      guarded(addresses_[i], [&] { read_address(addresses_[i]); });
    }
    return std::move(result_);
  }

 private:
  void report_progress(size_t done, size_t count, const std::string& name) const {
    if (options_.cancel != nullptr && options_.cancel->load())
      throw Error(ErrorCode::kCancelled, "stopped while reading feeds");
    if (options_.progress) options_.progress(done, count, name);
  }

  template <typename Work>
  void guarded(const std::string& name, const Work& work) {
    try {
      work();
    } catch (const Error& error) {
      if (error.code() == ErrorCode::kCancelled) throw;
      result_.problems.push_back(name + ": " + error.message());
    }
  }

  void read_address(const std::string& address) {
    const trust::CachedPage page = cache_.get(address);
    if (!page.problem.empty())
      result_.problems.push_back(address + ": " + page.problem + "; an older copy is used");
    read_document(page.body, page.content_type, page.url, {});
  }

  void read_file_source(const std::filesystem::path& path) {
    const std::string bytes = read_file(path, kMaxFileBytes);
    if (lower_extension(path) == ".md" || lower_extension(path) == ".txt") {
      editing::SourceText source;
      const std::vector<std::string> paragraphs =
          plain_paragraphs(intake::decode_document(bytes, {}).text, source.title);
      source.publisher = source.origin = path.stem().string();
      add_source(std::move(source), paragraphs);
      return;
    }
    read_document(bytes, {}, {}, path);
  }

  // A feed, a list of feeds, or a page.
  void read_document(const std::string& bytes, const std::string& type, const std::string& url,
                     const std::filesystem::path& file) {
    const intake::Feed feed = intake::parse_feed(bytes, type, url);
    if (feed.format != intake::FeedFormat::kUnknown) return read_feed(feed, url, file);
    const std::vector<intake::OpmlEntry> list = intake::parse_opml(bytes);
    if (!list.empty()) {
      for (const intake::OpmlEntry& entry : list) {
        if (intake::is_web_address(entry.url)) addresses_.push_back(entry.url);
      }
      return;
    }
    const intake::Article article =
        intake::extract_article(intake::decode_document(bytes, type).text);
    if (article.paragraphs.empty()) {
      throw Error(ErrorCode::kCorruptData, "it is neither a feed nor a page with text");
    }
    editing::SourceText source;
    source.title = article.title;
    source.author = article.author;
    source.url = url;
    source.published_s = article.published_s;
    source.origin = url.empty() ? file.stem().string() : intake::origin_of(url);
    source.publisher = article.site.empty() ? source.origin : article.site;
    const size_t text_bytes = article.text().size();
    if (text_bytes < kFewBytes) {
      result_.problems.push_back((url.empty() ? file.string() : url) +
                                 ": the page has hardly any text (" + std::to_string(text_bytes) +
                                 " bytes); it may be made by scripts, or be no article");
    }
    add_source(std::move(source), paragraphs_of(article));
  }

  void read_feed(const intake::Feed& feed, const std::string& url,
                 const std::filesystem::path& file) {
    std::vector<size_t> order(feed.items.size());
    std::iota(order.begin(), order.end(), size_t{0});
    const auto date = [&](size_t index) {
      const intake::FeedItem& item = feed.items[index];
      return item.published_s.value_or(item.updated_s.value_or(0));
    };
    std::stable_sort(order.begin(), order.end(),
                     [&](size_t a, size_t b) { return date(a) > date(b); });
    if (order.size() > options_.most_of_feed) order.resize(options_.most_of_feed);
    const std::string name = !feed.title.empty() ? feed.title
                             : !url.empty()      ? intake::host_of(url)
                                                 : file.stem().string();
    for (const size_t index : order) {
      const intake::FeedItem& item = feed.items[index];
      editing::SourceText source;
      source.publisher = name;
      source.title = item.title;
      source.url = item.link;
      source.author = item.author;
      source.categories = item.categories;
      source.published_s = item.published_s ? item.published_s : item.updated_s;
      const std::string feed_origin = intake::origin_of(!feed.link.empty() ? feed.link : url);
      source.origin = feed_origin.empty() ? name : feed_origin;
      const std::string& html =
          item.content.size() > item.summary.size() ? item.content : item.summary;
      std::vector<std::string> paragraphs = paragraphs_of(intake::article_of_snippet(html));
      if (const auto page = local_page(item.link, file)) {
        std::vector<std::string> longer = paragraphs_of(*page);
        if (longer.size() > paragraphs.size()) paragraphs = std::move(longer);
      }
      if (source.title.empty() && !paragraphs.empty())
        source.title = paragraphs.front().substr(0, paragraphs.front().find(". ") + 1);
      if (source.title.empty()) continue;
      add_source(std::move(source), paragraphs);
    }
    if (feed.truncated)
      result_.problems.push_back(name + ": the feed is too long; only its beginning was read");
    ++result_.feed_count;
  }

  // A page beside a feed's file: "pages/gate.html". Never above the file's directory.
  static std::optional<intake::Article> local_page(const std::string& link,
                                                   const std::filesystem::path& file) {
    if (file.empty() || link.empty() || link.find(':') != std::string::npos ||
        link.starts_with('/'))
      return std::nullopt;
    const std::filesystem::path folder =
        std::filesystem::weakly_canonical(file.parent_path().empty() ? "." : file.parent_path());
    const std::filesystem::path page = std::filesystem::weakly_canonical(folder / link);
    const auto [inside, rest] =
        std::mismatch(folder.begin(), folder.end(), page.begin(), page.end());
    if (inside != folder.end() || !is_page_file(page) || !std::filesystem::is_regular_file(page))
      return std::nullopt;
    return intake::extract_article(
        intake::decode_document(read_file(page, kMaxFileBytes), {}).text);
  }

  void add_source(editing::SourceText source, const std::vector<std::string>& paragraphs) {
    source.id = "s" + std::to_string(result_.sources.size() + 1);
    source.publisher = intake::fold_blanks(source.publisher);
    editing::set_text(source, paragraphs);
    result_.sources.push_back(std::move(source));
  }

  trust::WebCache& cache_;
  const GatherOptions& options_;
  std::vector<std::string> addresses_;
  std::vector<std::filesystem::path> files_;
  Gathered result_;
};

}  // namespace

Gathered gather(std::span<const std::string> names, trust::WebCache& cache,
                const GatherOptions& options) {
  Gatherer gatherer(cache, options);
  for (const std::string& name : names) gatherer.add_name(name);
  return gatherer.run();
}

std::vector<std::string> complete_articles(std::vector<editing::SourceText>& sources,
                                           std::span<const size_t> story_order, size_t most,
                                           trust::WebCache& cache,
                                           const std::atomic<bool>* cancel) {
  std::vector<std::string> problems;
  size_t fetched = 0;
  for (const size_t index : story_order) {
    if (fetched >= most) break;
    if (cancel != nullptr && cancel->load())
      throw Error(ErrorCode::kCancelled, "stopped while fetching articles");
    editing::SourceText& source = sources[index];
    if (source.text.size() > kTeaserBytes || !intake::is_web_address(source.url)) continue;
    ++fetched;
    try {
      const trust::CachedPage page = cache.get(source.url);
      const intake::Article article =
          intake::extract_article(intake::decode_document(page.body, page.content_type).text);
      const std::vector<std::string> paragraphs = paragraphs_of(article);
      if (article.text().size() > source.text.size()) editing::set_text(source, paragraphs);
    } catch (const Error& error) {
      if (error.code() == ErrorCode::kCancelled) throw;
      problems.push_back(source.url + ": " + error.message() + "; its teaser is used");
    }
  }
  return problems;
}

}  // namespace myna::daily
