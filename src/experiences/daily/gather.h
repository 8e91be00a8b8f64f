// From what a person names (feeds' addresses, OPML lists, files, directories) to source texts. A
// source that fails is a problem to report; the others go on.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <span>
#include <string>
#include <vector>

#include "experiences/editing/source_text.h"
#include "trust/web_cache.h"

namespace myna::daily {

struct GatherOptions {
  int64_t now_s = 0;
  size_t most_of_feed = 80;  // newest items of one feed
  // Called before each feed with the number of those done and of all.
  std::function<void(size_t done, size_t count, const std::string& name)> progress;
  const std::atomic<bool>* cancel = nullptr;
};

struct Gathered {
  std::vector<editing::SourceText> sources;
  std::vector<std::string> problems;  // "https://a.example/feed: answers with status 500"
  size_t feed_count = 0;              // that gave something
};

// names: web addresses, files (feed, OPML, HTML, Markdown, text) and directories of such files. Of
// addresses in files only web addresses are followed. Throws Error kCancelled, and kNotFound for a
// file or directory that the user named and that is not there.
Gathered gather(std::span<const std::string> names, trust::WebCache& cache,
                const GatherOptions& options);

// Fetches the pages of `story_order` whose feeds gave a teaser only; at most `most` pages. What
// fails keeps its teaser. Returns problems.
std::vector<std::string> complete_articles(std::vector<editing::SourceText>& sources,
                                           std::span<const size_t> story_order, size_t most,
                                           trust::WebCache& cache, const std::atomic<bool>* cancel);

}  // namespace myna::daily
