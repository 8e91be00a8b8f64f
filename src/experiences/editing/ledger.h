// What was told on earlier days, so that no story is told twice: a JSON file that the user owns.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "experiences/editing/source_text.h"

namespace myna::editing {

struct ToldStory {
  std::string title;
  int64_t told_s = 0;
  std::vector<std::string> addresses;            // canonical
  std::vector<uint32_t> opening;                 // words of headline and first sentences
  std::vector<std::vector<uint32_t>> sentences;  // words of all sentences that were known then
};

class Ledger {
 public:
  static constexpr int64_t kKeep_s = int64_t{7} * 24 * 3600;

  // A file that is not there is an empty ledger. Throws Error kCorruptData for one that is not a
  // ledger, kIo.
  static Ledger load(const std::filesystem::path& path);
  // Writes it atomically, without what is older than kKeep_s.
  void save(const std::filesystem::path& path, int64_t now_s) const;

  // The story, when it was told before now_s - 4 hours: a show that is made again the same morning
  // tells it again.
  const ToldStory* find(std::span<const SourceText> sources, const std::vector<size_t>& story,
                        int64_t now_s) const;
  void add(std::span<const SourceText> sources, const std::vector<size_t>& story, int64_t now_s);

  size_t size() const { return stories_.size(); }

 private:
  std::vector<ToldStory> stories_;
};

}  // namespace myna::editing
