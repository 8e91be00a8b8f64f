// Feeds, OPML and pages: any bytes give a result, whose text is valid UTF-8 and not longer than a
// few times the input.
#include <string_view>

#include "base/utf8.h"
#include "experiences/intake/article.h"
#include "experiences/intake/character_encoding.h"
#include "experiences/intake/feed.h"
#include "fuzz_check.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  const myna::intake::Feed feed = myna::intake::parse_feed(bytes, "", "https://feed.example/x");
  size_t text = 0;
  for (const auto& item : feed.items) {
    FUZZ_CHECK(!myna::find_invalid_utf8(item.title));
    text += item.title.size();
  }
  // A UTF-16 unit can become three bytes, a reference of five bytes six.
  FUZZ_CHECK(text <= 4 * size + 64);
  myna::intake::parse_opml(bytes);
  const auto page = myna::intake::decode_document(bytes, "");
  FUZZ_CHECK(!myna::find_invalid_utf8(page.text));
  FUZZ_CHECK(!myna::find_invalid_utf8(myna::intake::extract_article(page.text).text()));
  return 0;
}
