#include "text/markup/direction.h"

#include <algorithm>
#include <array>
#include <utility>
#include <vector>

#include "base/plain_text.h"
#include "text/markup/phonetic_alphabet.h"
#include "text/markup/ssml_values.h"
#include "text/split/character_filter.h"

namespace myna::text {
namespace {

constexpr size_t kMaxBracketBytes = 48;
constexpr size_t kMaxEmphasisBytes = 400;
constexpr size_t kMaxLinkBytes = 400;
constexpr size_t kMaxOpen = 32;
constexpr double kPlainPause_ms = 1000;

struct SimpleProsody {
  std::string_view name;
  Prosody prosody;  // relative
};
constexpr auto kSimple = std::to_array<SimpleProsody>({
    {"slow", {.rate = 0.8f}},
    {"fast", {.rate = 1.25f}},
    {"loud", {.volume_db = 4.0f}},
    {"soft", {.volume_db = -6.0f}},
    {"high", {.pitch_semitones = 2.5f}},
    {"low", {.pitch_semitones = -2.5f}},
});

std::string_view trimmed(std::string_view text) {
  const size_t begin = text.find_first_not_of(' ');
  if (begin == std::string_view::npos) return {};
  return text.substr(begin, text.find_last_not_of(' ') + 1 - begin);
}

bool is_word_char(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
         static_cast<unsigned char>(c) >= 0x80;
}

// "2s", "2 s", "500 ms", "2 seconds", "1.5 sec", "2" (seconds).
std::optional<double> parse_pause_ms(std::string_view text) {
  const size_t unit_at = text.find_first_not_of("+-0123456789. ");
  std::string number(trimmed(text.substr(0, unit_at)));
  const std::string unit =
      unit_at == std::string_view::npos ? "s" : ascii_lower(trimmed(text.substr(unit_at)));
  const auto value = parse_decimal(number);
  if (!value) return std::nullopt;
  for (const std::string_view seconds : {"s", "sec", "secs", "second", "seconds"}) {
    if (unit == seconds) return *value * 1000;
  }
  for (const std::string_view milliseconds : {"ms", "msec", "millisecond", "milliseconds"}) {
    if (unit == milliseconds) return *value;
  }
  if (unit == "min" || unit == "minute" || unit == "minutes") return *value * 60'000;
  return std::nullopt;
}

}  // namespace

std::optional<GivenPhonemes> parse_link_phonemes(std::string_view source, SourceSpan ipa,
                                                 DiagnosticList& diagnostics) {
  const std::string_view notation = source.substr(ipa.begin, ipa.end - ipa.begin);
  GivenPhonemes given;
  const auto bad =
      parse_phonemes(notation, PhoneticAlphabet::kIpa, Dialect::kAmerican, given.american);
  if (bad) {
    diagnostics.error({ipa.begin + bad->begin, ipa.begin + bad->end},
                      bad->message + "; the word is read as it is written");
    return std::nullopt;
  }
  parse_phonemes(notation, PhoneticAlphabet::kIpa, Dialect::kBritish, given.british);
  return given;
}

void append_directed(std::string_view source, size_t begin, size_t end, Block& block,
                     DiagnosticList& diagnostics) {
  const std::string_view text = source.substr(0, end);
  size_t searched = begin;
  while (searched < end) {
    const size_t middle = text.find("](/", searched);
    if (middle == std::string_view::npos) break;
    searched = middle + 3;
    const size_t open = text.rfind('[', middle);
    const size_t close = text.find("/)", middle + 3);
    if (open == std::string_view::npos || open < begin || middle - open > kMaxLinkBytes ||
        close == std::string_view::npos || close - middle > kMaxLinkBytes || middle == open + 1) {
      continue;
    }
    append_filtered(source, begin, open, block.text, diagnostics);
    auto given = parse_link_phonemes(source, {middle + 3, close}, diagnostics);
    const uint32_t word_begin = block.size();
    append_filtered(source, open + 1, middle, block.text, diagnostics);
    if (given && block.size() > word_begin) {
      Annotation& annotation = block.annotations.emplace_back();
      annotation.begin = word_begin;
      annotation.end = block.size();
      annotation.source = {open, close + 2};
      annotation.what = std::move(*given);
    }
    begin = searched = close + 2;
  }
  append_filtered(source, begin, end, block.text, diagnostics);
}

// A change that a bracket or a star makes, at a place of the block's text as it was.
struct DirectionReader::Change {
  enum class Kind : uint8_t { kBase, kEmphasis, kOther };
  Kind kind = Kind::kOther;
  Prosody base;
  Emphasis emphasis = Emphasis::kNone;
  Annotation annotation;  // place and source; what it says for kOther
};

// A bracket that waits for its [/].
struct DirectionReader::Open {
  std::string name;
  SourceSpan source;
  Prosody base;             // in force before it
  DeliveryChange delivery;  // the same
};

class DirectionReader::Scan {
 public:
  Scan(DirectionReader& reader, const Block& block)
      : reader_(reader), block_(block), text_(block.text.text()) {
    delivery_ = std::make_shared<const Delivery>();
    for (const Annotation& annotation : block.annotations) {
      if (annotation.begin > 0) break;
      if (const auto* delivery = std::get_if<DeliveryChange>(&annotation.what))
        delivery_ = *delivery;
    }
  }

  void run() {
    const char* const marks = reader_.stars_ == Stars::kEmphasis ? "[*" : "[";
    for (size_t at = text_.find_first_of(marks); at != std::string_view::npos;
         at = text_.find_first_of(marks, at)) {
      at = text_[at] == '[' ? bracket(at) : star(at);
    }
    while (!open_.empty()) {
      if (open_.size() == 1) {
        reader_.diagnostics_.warn(open_.back().source, "[" + open_.back().name +
                                                           "] is not closed and ends with its "
                                                           "paragraph; write [/] where it ends");
      }
      close(text_.size(), open_.back().source);
    }
  }

  bool found_any() const { return !removed_.empty() || !changes_.empty(); }

  // The block without what was obeyed.
  Block result() {
    Block out;
    out.kind = block_.kind;
    out.end = block_.end;
    out.turn_start = block_.turn_start;
    out.turn_end = block_.turn_end;
    size_t at = 0;
    for (const auto& [begin, end] : removed_) {
      out.text.append_slice(block_.text, at, begin);
      at = end;
    }
    out.text.append_slice(block_.text, at, text_.size());
    add_annotations(out);
    return out;
  }

 private:
  SourceSpan source_of(size_t begin, size_t end) const { return block_.text.source_of(begin, end); }

  Change& change(size_t at, SourceSpan source, Change::Kind kind) {
    Change& added = changes_.emplace_back();
    added.kind = kind;
    added.annotation.begin = added.annotation.end = static_cast<uint32_t>(at);
    added.annotation.source = source;
    return added;
  }

  void remove(size_t begin, size_t end) { removed_.emplace_back(begin, end); }

  // text_[at] is "[". Returns where to go on.
  size_t bracket(size_t at) {
    const size_t close_at = text_.substr(0, at + 2 + kMaxBracketBytes).find(']', at);
    if (close_at == std::string_view::npos) return at + 1;
    const std::string_view inner = text_.substr(at + 1, close_at - at - 1);
    const SourceSpan source = source_of(at, close_at + 1);
    if (source.begin > 0 && reader_.source_[source.begin - 1] == '\\') return close_at + 1;
    if (inner.find_first_of("[*") != std::string_view::npos) return at + 1;
    if (!obey(ascii_lower(trimmed(inner)), at, source)) return at + 1;
    remove(at, close_at + 1);
    return close_at + 1;
  }

  bool obey(const std::string& words, size_t at, SourceSpan source) {
    if (words.empty()) return false;
    if (words[0] == '/') {
      const std::string_view name = trimmed(std::string_view(words).substr(1));
      if (!name.empty() && std::none_of(open_.begin(), open_.end(),
                                        [&](const Open& open) { return open.name == name; })) {
        return false;
      }
      if (open_.empty()) {
        reader_.diagnostics_.warn(source, "[/] closes nothing");
        return true;
      }
      while (!name.empty() && open_.back().name != name) close(at, source);
      close(at, source);
      return true;
    }
    const size_t space = words.find(' ');
    const std::string name = words.substr(0, space);
    const std::string_view rest = space == std::string::npos
                                      ? std::string_view()
                                      : trimmed(std::string_view(words).substr(space));
    if (name == "pause") return pause(rest, at, source);
    std::optional<double> degree;
    if (!rest.empty()) degree = parse_decimal(rest);
    for (const SimpleProsody& simple : kSimple) {
      if (name == simple.name && rest.empty()) {
        if (!open(name, at, source)) return true;
        base_.rate = std::clamp(base_.rate * simple.prosody.rate, 0.25f, 4.0f);
        base_.volume_db = std::clamp(base_.volume_db + simple.prosody.volume_db, -60.0f, 24.0f);
        base_.pitch_semitones =
            std::clamp(base_.pitch_semitones + simple.prosody.pitch_semitones, -24.0f, 24.0f);
        change(at, source, Change::Kind::kBase).base = base_;
        return true;
      }
    }
    return style(name, words, rest, degree, at, source);
  }

  bool style(const std::string& name, const std::string& words, std::string_view rest,
             std::optional<double> degree, size_t at, SourceSpan source) {
    // Without a list nobody knows a style from a remark in brackets.
    if (!reader_.names_.has_styles()) return false;
    auto found = reader_.names_.find_style(degree ? name : words);
    if (!found) {
      const bool word =
          rest.empty() && name.size() >= 5 &&
          std::all_of(name.begin(), name.end(), [](char c) { return is_word_char(c); });
      const std::string suggestion = word ? reader_.names_.near_style(name) : std::string();
      if (!suggestion.empty()) {
        reader_.diagnostics_.warn(
            source, "[" + name + "] is read as text; did you mean [" + suggestion + "]?");
      }
      return false;
    }
    if (!open(degree ? name : words, at, source)) return true;
    Delivery delivery = *delivery_;
    delivery.style = std::move(*found);
    delivery.style_degree = static_cast<float>(std::clamp(degree.value_or(1.0), 0.01, 2.0));
    if (degree && (*degree < 0.01 || *degree > 2)) {
      reader_.diagnostics_.warn(source, "the degree " + std::string(rest) +
                                            " is outside of 0.01 to 2 and is limited to it");
    }
    set_delivery(std::make_shared<const Delivery>(std::move(delivery)), at, source);
    return true;
  }

  bool pause(std::string_view length, size_t at, SourceSpan source) {
    double pause_ms = kPlainPause_ms;
    if (!length.empty()) {
      const bool is_number =
          std::string_view("+-.0123456789").find(length[0]) != std::string_view::npos;
      if (!is_number) return false;
      const auto parsed = parse_pause_ms(length);
      if (!parsed) {
        reader_.diagnostics_.error(source, "the pause '" + std::string(length) +
                                               "' is not understood; write [pause 2s] or "
                                               "[pause 500ms]");
        return true;
      }
      if (*parsed < 0) {
        reader_.diagnostics_.error(source, "a pause cannot be negative; it is passed over");
        return true;
      }
      pause_ms = *parsed;
    }
    const double limit_ms = reader_.options_.max_pause_ms;
    if (pause_ms > limit_ms) {
      reader_.diagnostics_.warn(
          source,
          "the pause is shortened to " + std::to_string(static_cast<int>(limit_ms / 1000)) + " s");
      pause_ms = limit_ms;
    }
    if (pause_ms > 0) change(at, source, Change::Kind::kOther).annotation.what = Pause{pause_ms};
    return true;
  }

  bool open(const std::string& name, size_t, SourceSpan source) {
    if (open_.size() >= kMaxOpen) {
      reader_.diagnostics_.error(source, "more than " + std::to_string(kMaxOpen) +
                                             " brackets are open; this one is passed over");
      return false;
    }
    open_.push_back({name, source, base_, delivery_});
    return true;
  }

  void close(size_t at, SourceSpan source) {
    Open open = std::move(open_.back());
    open_.pop_back();
    if (base_ != open.base) {
      base_ = open.base;
      change(at, source, Change::Kind::kBase).base = base_;
    }
    if (delivery_ != open.delivery) set_delivery(std::move(open.delivery), at, source);
  }

  void set_delivery(DeliveryChange delivery, size_t at, SourceSpan source) {
    delivery_ = std::move(delivery);
    change(at, source, Change::Kind::kOther).annotation.what = delivery_;
  }

  // text_[at] is "*". Emphasis opens in front of a word and closes behind one.
  size_t star(size_t at) {
    size_t run = at;
    while (run < text_.size() && text_[run] == '*') ++run;
    const size_t width = run - at;
    const bool opens = width <= 3 && run < text_.size() && text_[run] != ' ' &&
                       (at == 0 || !is_word_char(text_[at - 1]));
    if (!opens) return run;
    const std::string_view window =
        text_.substr(0, std::min(text_.size(), run + kMaxEmphasisBytes));
    for (size_t end = window.find('*', run); end != std::string_view::npos;) {
      size_t end_run = end;
      while (end_run < text_.size() && text_[end_run] == '*') ++end_run;
      const bool closes = end_run - end == width && text_[end - 1] != ' ' &&
                          (end_run == text_.size() || !is_word_char(text_[end_run]));
      if (closes) {
        const SourceSpan source = source_of(at, end_run);
        change(run, source, Change::Kind::kEmphasis).emphasis =
            width == 1 ? Emphasis::kModerate : Emphasis::kStrong;
        remove(at, run);
        // Brackets inside are looked at on their own.
        size_t next = run;
        while (next < end) {
          next = std::min(text_.find('[', next), end);
          if (next < end) next = bracket(next);
        }
        change(end, source, Change::Kind::kEmphasis).emphasis = Emphasis::kNone;
        remove(end, end_run);
        return end_run;
      }
      end = window.find('*', end_run);
    }
    return run;
  }

  void add_annotations(Block& out) {
    struct Placed {
      uint32_t at;
      const Annotation* given = nullptr;
      const Change* change = nullptr;
    };
    std::vector<Placed> placed;
    for (const Annotation& annotation : block_.annotations)
      placed.push_back({annotation.begin, &annotation, nullptr});
    for (const Change& one : changes_) placed.push_back({one.annotation.begin, nullptr, &one});
    std::stable_sort(placed.begin(), placed.end(),
                     [](const Placed& a, const Placed& b) { return a.at < b.at; });
    Prosody base;
    Emphasis emphasis = Emphasis::kNone;
    for (const Placed& one : placed) {
      Annotation& added = out.annotations.emplace_back();
      const Annotation& from = one.given != nullptr ? *one.given : one.change->annotation;
      added.begin = moved(from.begin);
      added.end = moved(from.end);
      added.source = from.source;
      const Prosody* const given_prosody =
          one.given != nullptr ? std::get_if<ProsodyChange>(&one.given->what) : nullptr;
      if (given_prosody == nullptr &&
          (one.change == nullptr || one.change->kind == Change::Kind::kOther)) {
        added.what = from.what;
        continue;
      }
      if (given_prosody != nullptr) {
        emphasis = given_prosody->emphasis;
      } else if (one.change->kind == Change::Kind::kEmphasis) {
        emphasis = one.change->emphasis;
      } else {
        base = one.change->base;
      }
      Prosody prosody = base;
      prosody.emphasis = emphasis;
      added.what = prosody;
    }
  }

  // A place of the old text in the new one. Places are asked for in any order.
  uint32_t moved(uint32_t at) const {
    if (removed_before_.empty()) {
      size_t sum = 0;
      for (const auto& [begin, end] : removed_) {
        removed_before_.push_back(sum);
        sum += end - begin;
      }
    }
    const auto after = std::upper_bound(
        removed_.begin(), removed_.end(), at,
        [](uint32_t place, const std::pair<size_t, size_t>& range) { return place < range.first; });
    if (after == removed_.begin()) return at;
    const auto index = static_cast<size_t>(after - removed_.begin()) - 1;
    const auto& [begin, end] = removed_[index];
    const size_t inside = std::min<size_t>(at, end) - begin;
    return static_cast<uint32_t>(at - removed_before_[index] - inside);
  }

  DirectionReader& reader_;
  const Block& block_;
  std::string_view text_;
  std::vector<std::pair<size_t, size_t>> removed_;  // ascending
  mutable std::vector<size_t> removed_before_;      // bytes removed before removed_[i]
  std::vector<Change> changes_;
  std::vector<Open> open_;
  Prosody base_;
  DeliveryChange delivery_;
};

DirectionReader::DirectionReader(std::string_view source, const FrontEndOptions& options,
                                 DiagnosticList& diagnostics, Stars stars, const BlockSink& sink)
    : source_(source),
      options_(options),
      diagnostics_(diagnostics),
      names_(options),
      stars_(stars),
      sink_(sink) {}

void DirectionReader::add(const Block& block) {
  const std::string& text = block.text.text();
  const bool has_marks = text.find('[') != std::string::npos ||
                         (stars_ == Stars::kEmphasis && text.find('*') != std::string::npos);
  if (!has_marks) return sink_(block);
  Scan scan(*this, block);
  scan.run();
  if (!scan.found_any()) return sink_(block);
  sink_(scan.result());
}

}  // namespace myna::text
