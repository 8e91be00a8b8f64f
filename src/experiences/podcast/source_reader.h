// A document by its name: an address or a file, in any format of intake/document.h.
#pragma once

#include <atomic>
#include <string>

#include "experiences/intake/document.h"
#include "trust/web_cache.h"

namespace myna::podcast {

struct ReadDocument {
  intake::Document document;
  std::string url;        // after redirects; empty for a file
  std::string publisher;  // the site, the host, or the file's name
  std::string problem;    // an older copy was used; may be empty
};

// Throws Error kNotFound, kInvalidArgument (another scheme than http and https, a directory), and
// kCorruptData for what has no text that could be read: with a hint what to do.
ReadDocument read_source(const std::string& name, trust::WebCache& cache,
                         const std::atomic<bool>* cancel);

}  // namespace myna::podcast
