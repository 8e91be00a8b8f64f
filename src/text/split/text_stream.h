// A text that is spoken while it is still being written: by a person, a pipe, a language model.
//
//   TextStream stream(front_end, options);
//   stream.append("Dr. Smi");            // bytes, cut anywhere
//   stream.take({Place::kClause});       // nothing yet
//   stream.append("th paid $3.50, and ");
//   stream.take({Place::kClause});       // "Doctor Smith paid three dollars and fifty cents,"
//   stream.finish();
//   stream.take({Place::kClause});       // what is left
//
// Each byte is spoken once, in order. What is handed out ends where nothing that may still come can
// change how it is read: never inside of a word, a number or an abbreviation, and not inside of
// **emphasis** or [brackets] that are still open. The paragraph in work is read again as it grows,
// with the part that was spoken as context, so that Markdown, direction and the choice between
// homographs see the sentence as a whole. Context of earlier paragraphs is dropped.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "text/front_end.h"

namespace myna::text {

class TextStream {
 public:
  // `front_end` outlives the stream. A format of kAuto is plain until the text shows Markdown's
  // marks; SSML and dialogue scripts are taken as a whole, when they are complete.
  TextStream(const FrontEnd& front_end, FrontEndOptions options);

  // Throws Error kResourceExhausted above FrontEnd::kMaxTextBytes.
  void append(std::string_view bytes);
  void finish();

  enum class Place : uint8_t {
    kWord,      // behind a complete word, and behind a mark that nothing follows yet
    kClause,    // , ; : — and what ends a sentence
    kSentence,  // . ? ! … and the end of a paragraph, item or heading
  };
  struct Wish {
    Place place = Place::kClause;  // where the part may end
    size_t min_phonemes = 0;       // less than this stays, unless the text is complete
    size_t phonemes_before = 0;    // FrontEndOptions::phonemes_before
  };
  struct Part {
    SpokenText spoken;  // spans count from source_offset; lines of diagnostics from the start
    size_t source_offset = 0;  // of the text that `spoken` is part of, in source()
    size_t source_end = 0;     // behind what was spoken now, in source()
    bool empty() const { return spoken.utterances.empty() && spoken.diagnostics.empty(); }
  };
  // All that may be spoken now, up to the last such place; of a long text a part at a time, so that
  // it is called until nothing comes. Time grows with the paragraph in work.
  Part take(const Wish& wish);

  const std::string& source() const { return source_; }
  size_t spoken_end() const { return spoken_end_; }
  double reading_s() const { return reading_s_; }  // spent in take()
  // Everything was handed out.
  bool done() const { return finished_ && spoken_end_ == source_.size(); }

 private:
  bool may_have(Place place, size_t end) const;
  struct Cut {
    size_t at = 0;  // from base_; not behind spoken_end_: there is none
    bool block_over = false;
  };
  bool choose_format(FrontEndOptions& options);
  Cut find_cut(std::string_view window, const SpokenText& read, Place place) const;
  bool find_part(FrontEndOptions& options, const Wish& wish, Cut& cut, size_t& end);
  void move_base();
  Part take_whole();
  Part take_now(const Wish& wish);

  const FrontEnd& front_end_;
  FrontEndOptions options_;
  std::string source_;
  size_t base_ = 0;           // start of the paragraph in work: what is read again
  size_t base_line_ = 0;      // lines before it
  size_t spoken_end_ = 0;     // at least base_
  size_t fruitless_end_ = 0;  // up to here nothing was found; looked at again when more has come
  Place fruitless_place_ = Place::kSentence;
  double reading_s_ = 0;
  bool finished_ = false;
  bool markdown_ = false;
};

}  // namespace myna::text
