#include "train/lm/pretokenizer.h"

#include <unicode/uchar.h>
#include <unicode/utf8.h>

#include <cstdint>

namespace myna::train {
namespace {

enum class Kind : uint8_t { kLetter, kNumber, kSpace, kOther };

struct Symbol {
  Kind kind = Kind::kOther;
  size_t bytes = 1;
};

Symbol symbol_at(std::string_view text, size_t at) {
  const auto* bytes = reinterpret_cast<const uint8_t*>(text.data());
  size_t end = at;
  UChar32 c = 0;
  U8_NEXT(bytes, end, text.size(), c);
  if (c < 0) return {Kind::kOther, 1};
  const uint32_t mask = U_GET_GC_MASK(c);
  Kind kind = Kind::kOther;
  if ((mask & U_GC_L_MASK) != 0) {
    kind = Kind::kLetter;
  } else if ((mask & U_GC_N_MASK) != 0) {
    kind = Kind::kNumber;
  } else if (u_isUWhiteSpace(c)) {
    kind = Kind::kSpace;
  }
  return {kind, end - at};
}

size_t contraction_at(std::string_view text, size_t at) {
  for (const std::string_view form : {"'s", "'t", "'re", "'ve", "'m", "'ll", "'d"}) {
    if (text.substr(at, form.size()) == form) return form.size();
  }
  return 0;
}

// Behind the symbols of one kind from `at` on.
size_t run_end(std::string_view text, size_t at, Kind kind) {
  while (at < text.size()) {
    const Symbol symbol = symbol_at(text, at);
    if (symbol.kind != kind) break;
    at += symbol.bytes;
  }
  return at;
}

// Of space: all of it at the end of the text, else all but the last symbol, which goes with what
// follows, unless it is alone.
size_t space_end(std::string_view text, size_t at) {
  size_t last = at, end = at;
  while (end < text.size()) {
    const Symbol symbol = symbol_at(text, end);
    if (symbol.kind != Kind::kSpace) break;
    last = end;
    end += symbol.bytes;
  }
  return end == text.size() || last == at ? end : last;
}

size_t piece_end(std::string_view text, size_t at) {
  if (const size_t bytes = contraction_at(text, at)) return at + bytes;
  const size_t begin = text[at] == ' ' ? at + 1 : at;
  if (begin < text.size()) {
    const Symbol symbol = symbol_at(text, begin);
    if (symbol.kind != Kind::kSpace) return run_end(text, begin, symbol.kind);
  }
  return space_end(text, at);
}

// `digits` alone: each number symbol of the text is a piece, and what lies between is cut as usual.
void pretokenize_part(std::string_view text, const std::function<void(std::string_view)>& piece) {
  for (size_t at = 0; at < text.size();) {
    const size_t end = piece_end(text, at);
    piece(text.substr(at, end - at));
    at = end;
  }
}

}  // namespace

void pretokenize(std::string_view text, Digits digits,
                 const std::function<void(std::string_view)>& piece) {
  if (digits == Digits::kTogether) return pretokenize_part(text, piece);
  size_t begin = 0;
  for (size_t at = 0; at < text.size();) {
    const Symbol symbol = symbol_at(text, at);
    if (symbol.kind == Kind::kNumber) {
      if (at > begin) pretokenize_part(text.substr(begin, at - begin), piece);
      piece(text.substr(at, symbol.bytes));
      begin = at + symbol.bytes;
    }
    at += symbol.bytes;
  }
  if (begin < text.size()) pretokenize_part(text.substr(begin), piece);
}

}  // namespace myna::train
