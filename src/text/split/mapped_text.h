// Text that remembers where each of its bytes came from in the source.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "text/spoken_text.h"

namespace myna::text {

// Built once from front to back; reading is thread-safe afterwards. Source offsets fit 32 bits
// (FrontEnd::kMaxTextBytes).
class MappedText {
 public:
  // `piece` stands byte for byte at source_begin.
  void append_verbatim(std::string_view piece, size_t source_begin);
  // `piece` replaces the source bytes of `source`, which may be empty for text of our own.
  void append_replacement(std::string_view piece, SourceSpan source);
  // other.text()[begin, end) with its sources.
  void append_slice(const MappedText& other, size_t begin, size_t end);
  void clear();

  const std::string& text() const { return text_; }
  bool empty() const { return text_.empty(); }
  // The source range of text()[begin, end); begin < end <= text().size().
  SourceSpan source_of(size_t begin, size_t end) const;

 private:
  struct Piece {
    uint32_t text_begin;
    uint32_t source_begin;
    uint32_t source_end;
    bool verbatim;
  };
  const Piece& piece_at(size_t offset) const;

  std::string text_;
  std::vector<Piece> pieces_;
};

}  // namespace myna::text
