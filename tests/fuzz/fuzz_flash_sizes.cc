// The card of a Flash model over arbitrary bytes: an Error kCorruptData, or sizes within their
// limits.
#include <cstdint>
#include <string_view>

#include "base/error.h"
#include "fuzz_check.h"
#include "voice/flash/flash_sizes.h"
#include "weights/model_card.h"

using namespace myna;

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  try {
    const ModelCard card = parse_model_card({reinterpret_cast<const char*>(data), size}, "fuzz");
    const auto sizes = voice::flash::read_flash_sizes(card.parameters, card.name);
    const auto sound = [](const voice::flash::StackSize& stack) {
      return stack.channels >= 1 && stack.channels <= 4096 && stack.blocks >= 1 &&
             stack.blocks <= 64 && stack.kernel >= 3 && stack.kernel <= 15 && stack.kernel % 2 == 1;
    };
    FUZZ_CHECK(sound(sizes.text) && sound(sizes.prosody) && sound(sizes.decoder));
    FUZZ_CHECK(!sizes.speakers.empty());
    FUZZ_CHECK(sizes.vocoder().harmonic_end() <= sizes.vocoder().bins());
  } catch (const Error& error) {
    FUZZ_CHECK(error.code() == ErrorCode::kCorruptData);
  }
  return 0;
}
