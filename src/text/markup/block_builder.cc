#include "text/markup/block_builder.h"

#include <algorithm>
#include <utility>

#include "base/utf8.h"
#include "text/split/character_filter.h"

namespace myna::text {
namespace {

// Where a long text may be cut: behind a sentence, else at a blank, never inside of a character.
size_t cut_before(std::string_view text, size_t begin, size_t end) {
  constexpr size_t kSearched = 4096;
  const size_t from = std::max(begin, end - std::min(end - begin, kSearched));
  const std::string_view window = text.substr(from, end - from);
  for (const std::string_view mark : {". ", ".\n", "! ", "? ", "\n", " "}) {
    if (const size_t found = window.rfind(mark); found != std::string_view::npos)
      return from + found + mark.size();
  }
  size_t cut = end;
  while (cut > from && (static_cast<unsigned char>(text[cut]) & 0xC0) == 0x80) --cut;
  return cut > from ? cut : end;
}

}  // namespace

BlockBuilder::BlockBuilder(std::string_view source, const FrontEndOptions& options,
                           DiagnosticList& diagnostics, const BlockSink& sink)
    : source_(source),
      diagnostics_(diagnostics),
      sink_(sink),
      delivery_(std::make_shared<const Delivery>()),
      dialect_(options.dialect) {}

void BlockBuilder::append(SourceSpan span) {
  while (span.begin < span.end) {
    const size_t room = kMaxBlockBytes - std::min<size_t>(here(), kMaxBlockBytes);
    if (span.end - span.begin <= room) {
      append_filtered(source_, span.begin, span.end, block_.text, diagnostics_);
      return;
    }
    const size_t cut = room == 0 ? span.begin : cut_before(source_, span.begin, span.begin + room);
    append_filtered(source_, span.begin, cut, block_.text, diagnostics_);
    span.begin = cut;
    flush(BlockEnd::kGoesOn);
  }
}

void BlockBuilder::append_as(char32_t code_point, SourceSpan span) {
  if (here() >= kMaxBlockBytes) flush(BlockEnd::kGoesOn);
  append_filtered_entity(code_point, span, block_.text, diagnostics_);
}

void BlockBuilder::append_as(std::string_view text, SourceSpan span) {
  for (size_t at = 0; at < text.size();) {
    const DecodedCodePoint decoded = decode_utf8(text, at);
    append_as(decoded.code_point, span);
    at += decoded.byte_count;
  }
}

void BlockBuilder::part_words(SourceSpan span) {
  if (!block_.text.empty() && block_.text.text().back() != ' ')
    block_.text.append_replacement(" ", {span.begin, span.begin});
}

void BlockBuilder::make_room() {
  if (block_.annotations.size() >= kMaxAnnotations) flush(BlockEnd::kGoesOn);
}

void BlockBuilder::end_range() {
  const size_t index = open_ranges_.back();
  open_ranges_.pop_back();
  if (index != kClosed) block_.annotations[index].end = here();
}

void BlockBuilder::set_prosody(const Prosody& prosody, SourceSpan span) {
  if (prosody == prosody_) return;
  prosody_ = prosody;
  annotate(span, prosody);
}

void BlockBuilder::set_delivery(DeliveryChange delivery, SourceSpan span) {
  if (delivery == delivery_ || *delivery == *delivery_) return;
  delivery_ = std::move(delivery);
  part_words(span);
  annotate(span, delivery_);
}

void BlockBuilder::set_dialect(Dialect dialect, SourceSpan span) {
  if (dialect == dialect_) return;
  dialect_ = dialect;
  part_words(span);
  annotate(span, dialect);
}

void BlockBuilder::set_silences(const SilenceRules& silences, SourceSpan span) {
  if (silences == silences_) return;
  silences_ = silences;
  annotate(span, silences);
}

void BlockBuilder::end_sentence(SourceSpan span) {
  if (block_.text.empty()) return;
  part_words(span);
  if (!block_.annotations.empty()) {
    // Nothing has been said since.
    const Annotation& last = block_.annotations.back();
    if (last.begin == here() && std::holds_alternative<SentenceEnd>(last.what)) return;
  }
  annotate(span, SentenceEnd{});
}

bool BlockBuilder::has_text() const {
  return goes_on_ || block_.text.text().find_first_not_of(' ') != std::string::npos;
}

void BlockBuilder::flush(BlockEnd end) {
  for (size_t& index : open_ranges_) {
    if (index != kClosed) block_.annotations[index].end = here();
    index = kClosed;
  }
  const bool has_content =
      !block_.annotations.empty() || block_.text.text().find_first_not_of(' ') != std::string::npos;
  block_.end = end;
  if (has_content || (goes_on_ && end == BlockEnd::kParagraph)) sink_(block_);
  goes_on_ = end == BlockEnd::kGoesOn && (goes_on_ || has_content);
  block_.clear();
}

}  // namespace myna::text
