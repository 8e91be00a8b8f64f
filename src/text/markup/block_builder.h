// Collects a block's text and annotations for readers of markup, and what is in force while they
// read: prosody, delivery, dialect. Long text goes out in parts.
#pragma once

#include <string_view>
#include <utility>
#include <vector>

#include "text/front_end.h"
#include "text/split/block.h"
#include "text/split/diagnostics.h"

namespace myna::text {

class BlockBuilder {
 public:
  static constexpr size_t kMaxBlockBytes = size_t{1} << 18;
  static constexpr size_t kMaxAnnotations = size_t{1} << 14;

  BlockBuilder(std::string_view source, const FrontEndOptions& options, DiagnosticList& diagnostics,
               const BlockSink& sink);

  Block& block() { return block_; }
  uint32_t here() const { return block_.size(); }

  // source[span] as it stands. Goes out in parts when it is long.
  void append(SourceSpan span);
  // One character, or a text, that stands for source[span].
  void append_as(char32_t code_point, SourceSpan span);
  void append_as(std::string_view text, SourceSpan span);
  // A space unless there is one: the words on both sides are two.
  void part_words(SourceSpan span);

  // An annotation at this place. Returns its index while the block is open, for end_range().
  template <typename What>
  size_t annotate(SourceSpan span, What what) {
    make_room();
    Annotation& annotation = block_.annotations.emplace_back();
    annotation.begin = annotation.end = here();
    annotation.source = span;
    annotation.what = std::move(what);
    return block_.annotations.size() - 1;
  }
  // A range annotation that goes on until end_range(); the innermost ends first. A block that goes
  // out meanwhile ends it.
  template <typename What>
  void begin_range(SourceSpan span, What what) {
    annotate(span, std::move(what));
    open_ranges_.push_back(block_.annotations.size() - 1);
  }
  void end_range();

  const Prosody& prosody() const { return prosody_; }
  const DeliveryChange& delivery() const { return delivery_; }
  Dialect dialect() const { return dialect_; }
  const SilenceRules& silences() const { return silences_; }
  void set_prosody(const Prosody& prosody, SourceSpan span);
  void set_delivery(DeliveryChange delivery, SourceSpan span);
  void set_dialect(Dialect dialect, SourceSpan span);
  void set_silences(const SilenceRules& silences, SourceSpan span);
  void end_sentence(SourceSpan span);

  // Hands the block over, if there is anything in it.
  void flush(BlockEnd end = BlockEnd::kParagraph);
  bool has_text() const;  // since the last paragraph's end

 private:
  static constexpr size_t kClosed = ~size_t{0};
  void make_room();

  std::string_view source_;
  DiagnosticList& diagnostics_;
  const BlockSink& sink_;
  Block block_;
  std::vector<size_t> open_ranges_;  // indices into the annotations; kClosed: of an earlier part
  Prosody prosody_;
  DeliveryChange delivery_;
  Dialect dialect_;
  SilenceRules silences_;
  bool goes_on_ = false;  // parts of this paragraph are out
};

}  // namespace myna::text
