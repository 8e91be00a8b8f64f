// Long texts are read in chunks, so that memory stays bounded and the first words of a book are
// heard before its last are looked at.
#pragma once

#include <cstddef>
#include <string_view>
#include <vector>

#include "text/spoken_text.h"

namespace myna::cli {

inline constexpr size_t kChunkBytes = size_t{256} << 10;

// Ranges that cover the text in order, each of about max_bytes at most. A chunk ends at a blank
// line outside of a fenced code block when there is one in its second half, else at a line end,
// else at a blank, and never inside a UTF-8 sequence. A text of up to twice max_bytes is one chunk.
std::vector<text::SourceSpan> split_into_chunks(std::string_view text,
                                                size_t max_bytes = kChunkBytes);

}  // namespace myna::cli
