#include "text/split/mapped_text.h"

#include <algorithm>

namespace myna::text {

void MappedText::append_verbatim(std::string_view piece, size_t source_begin) {
  if (piece.empty()) return;
  const auto begin = static_cast<uint32_t>(source_begin);
  const auto end = static_cast<uint32_t>(source_begin + piece.size());
  if (!pieces_.empty() && pieces_.back().verbatim && pieces_.back().source_end == begin) {
    pieces_.back().source_end = end;
  } else {
    pieces_.push_back({static_cast<uint32_t>(text_.size()), begin, end, true});
  }
  text_ += piece;
}

void MappedText::append_replacement(std::string_view piece, SourceSpan source) {
  if (piece.empty()) return;
  pieces_.push_back({static_cast<uint32_t>(text_.size()), static_cast<uint32_t>(source.begin),
                     static_cast<uint32_t>(source.end), false});
  text_ += piece;
}

void MappedText::append_slice(const MappedText& other, size_t begin, size_t end) {
  for (size_t at = begin; at < end;) {
    const Piece& piece = other.piece_at(at);
    const Piece* const next = &piece + 1;
    const size_t piece_end =
        next < other.pieces_.data() + other.pieces_.size() ? next->text_begin : other.text_.size();
    const size_t stop = std::min(end, piece_end);
    const std::string_view bytes = std::string_view(other.text_).substr(at, stop - at);
    if (piece.verbatim) {
      append_verbatim(bytes, piece.source_begin + (at - piece.text_begin));
    } else {
      append_replacement(bytes, {piece.source_begin, piece.source_end});
    }
    at = stop;
  }
}

void MappedText::clear() {
  text_.clear();
  pieces_.clear();
}

const MappedText::Piece& MappedText::piece_at(size_t offset) const {
  const auto after =
      std::upper_bound(pieces_.begin(), pieces_.end(), offset,
                       [](size_t at, const Piece& piece) { return at < piece.text_begin; });
  return *(after - 1);
}

SourceSpan MappedText::source_of(size_t begin, size_t end) const {
  const Piece& first = piece_at(begin);
  const Piece& last = piece_at(end - 1);
  return {first.verbatim ? first.source_begin + (begin - first.text_begin) : first.source_begin,
          last.verbatim ? last.source_begin + (end - last.text_begin) : last.source_end};
}

}  // namespace myna::text
