// Text is cut into pieces before byte pairs are merged, and no pair crosses a cut. The cuts are
// those of GPT-2 (Radford et al. 2019), the pattern
//   's|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+
// optionally with every digit on its own, as SmolLM2's tokenizer has it.
#pragma once

#include <functional>
#include <string_view>

namespace myna::train {

enum class Digits : bool { kTogether, kSingle };

// Calls `piece` for each, in order; together they are the text. Bytes that are no UTF-8 count as
// symbols that are neither letters, numbers nor space.
void pretokenize(std::string_view text, Digits digits,
                 const std::function<void(std::string_view)>& piece);

}  // namespace myna::train
