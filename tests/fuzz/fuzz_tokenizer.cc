// A tokenizer.json and a text behind it, apart by a zero byte: the file is refused, or the
// tokenizer gives back whatever it can encode. And merges that are learnt from the text itself.
#include <cstdint>
#include <string_view>

#include "base/error.h"
#include "fuzz_check.h"
#include "train/lm/tokenizer.h"

using namespace myna;

namespace {

void check_round_trip(const train::Tokenizer& tokenizer, std::string_view text) {
  try {
    const std::vector<train::Token> tokens = tokenizer.encode(text);
    FUZZ_CHECK(tokenizer.decode(tokens) == text);
    FUZZ_CHECK(tokens.size() <= text.size());
  } catch (const Error& error) {
    // A vocabulary need not have every byte.
    FUZZ_CHECK(error.code() == ErrorCode::kInvalidArgument);
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view all(reinterpret_cast<const char*>(data), size);
  const size_t zero = all.find('\0');
  const std::string_view json = all.substr(0, zero);
  const std::string_view text = zero == std::string_view::npos ? all : all.substr(zero + 1);
  try {
    check_round_trip(train::Tokenizer::parse(json, "fuzz"), text);
  } catch (const Error& error) {
    FUZZ_CHECK(error.code() == ErrorCode::kCorruptData);
  }
  for (const train::Digits digits : {train::Digits::kTogether, train::Digits::kSingle}) {
    train::TokenizerTrainer trainer({272, 2, {"<|endoftext|>"}, digits});
    trainer.add(text);
    const train::Tokenizer own = trainer.train();
    // It has every byte.
    FUZZ_CHECK(own.decode(own.encode(text)) == text);
    check_round_trip(own, json);
  }
  return 0;
}
