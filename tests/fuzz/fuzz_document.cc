// Documents: the first byte chooses the reader (Markdown, text, what pdftotext gives, EPUB, HTML).
// Any bytes give a result whose text is valid UTF-8 and not longer than a few times the input; an
// archive may be refused.
#include <string_view>

#include "base/error.h"
#include "base/utf8.h"
#include "experiences/intake/document.h"
#include "fuzz_check.h"

using namespace myna;

namespace {

void check(const intake::Document& document, size_t size) {
  size_t text = 0;
  for (const intake::DocumentSection& section : document.sections) {
    FUZZ_CHECK(!section.paragraphs.empty());
    FUZZ_CHECK(!find_invalid_utf8(section.title));
    for (const intake::ArticleParagraph& paragraph : section.paragraphs) {
      FUZZ_CHECK(!paragraph.text.empty());
      FUZZ_CHECK(!find_invalid_utf8(paragraph.text));
      text += paragraph.text.size();
    }
  }
  FUZZ_CHECK(text <= 4 * size + 64);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size == 0) return 0;
  const std::string_view bytes(reinterpret_cast<const char*>(data) + 1, size - 1);
  intake::guess_document_format(bytes, "", "x");
  switch (data[0] % 5) {
    case 0:
      check(intake::read_markdown_document(bytes), size);
      break;
    case 1:
      check(intake::read_text_document(bytes), size);
      break;
    case 2:
      check(intake::read_pdf_text(bytes), size);
      break;
    case 3:
      try {
        // Deflate packs to a thousandth at best.
        check(intake::read_epub_document(bytes), 1100 * size);
      } catch (const Error&) {
      }
      break;
    default:
      check(intake::read_html_document(bytes, ""), size);
  }
  return 0;
}
