#include "text/markup/script_reader.h"

#include <algorithm>
#include <array>
#include <map>
#include <utility>

#include "base/text_distance.h"
#include "base/utf8.h"
#include "text/markup/delivery_names.h"
#include "text/markup/direction.h"
#include "text/markup/script_lines.h"
#include "text/markup/ssml_values.h"

namespace myna::text {
namespace {

constexpr size_t kMaxSpeakers = 1000;

std::string_view view_of(std::string_view source, SourceSpan span) {
  return source.substr(span.begin, span.end - span.begin);
}

std::string shown(std::string_view text) { return "'" + to_utf8(to_utf32(text)) + "'"; }

// Reactions that a listener puts in without taking the floor. At most kMostReactionWords of them.
constexpr size_t kMostReactionWords = 4;
constexpr auto kReactions = std::to_array<std::string_view>(
    {"mm",         "hm",        "mhm",        "hmm",         "mmm",        "mm-hm",   "mm-hmm",
     "uh-huh",     "huh",       "ah",         "aha",         "oh",         "ooh",     "wow",
     "yeah",       "yes",       "yep",        "yup",         "no",         "nope",    "right",
     "sure",       "ok",        "okay",       "really",      "true",       "exactly", "indeed",
     "absolutely", "totally",   "definitely", "interesting", "nice",       "great",   "cool",
     "good",       "wonderful", "amazing",    "fascinating", "incredible", "i",       "see",
     "got",        "it",        "go",         "on",          "of",         "course",  "way",
     "so",         "good",      "grief",      "my",          "goodness",   "for",     "fair",
     "enough",     "agreed",    "precisely",  "certainly"});
// Words that make no reaction by themselves.
constexpr auto kHelpers =
    std::to_array<std::string_view>({"i", "see", "got", "it", "go", "on", "of", "course", "way",
                                     "so", "my", "for", "enough", "no", "grief", "goodness"});
constexpr auto kPhrases = std::to_array<std::string_view>(
    {"i see", "got it", "go on", "of course", "no way", "oh no", "my goodness", "for sure",
     "fair enough", "good grief", "oh i see", "right of course", "oh of course"});

bool is_reaction(std::string_view text) {
  std::vector<std::string> words;
  std::string word;
  for (size_t i = 0; i <= text.size(); ++i) {
    const char c = i < text.size() ? text[i] : ' ';
    if ((c >= 'a' && c <= 'z') || c == '-' || c == '\'') {
      word.push_back(c);
    } else if (c >= 'A' && c <= 'Z') {
      word.push_back(static_cast<char>(c + 32));
    } else if (!word.empty()) {
      if (words.size() >= kMostReactionWords) return false;
      words.push_back(std::exchange(word, {}));
    } else if (c >= '0' && c <= '9') {
      return false;
    }
  }
  if (words.empty()) return false;
  std::string joined;
  for (const std::string& one : words) joined += (joined.empty() ? "" : " ") + one;
  if (std::find(kPhrases.begin(), kPhrases.end(), joined) != kPhrases.end()) return true;
  return std::all_of(words.begin(), words.end(), [](const std::string& one) {
    if (one == "no") return true;
    return std::find(kReactions.begin(), kReactions.end(), one) != kReactions.end() &&
           std::find(kHelpers.begin(), kHelpers.end(), one) == kHelpers.end();
  });
}

TurnEnd turn_end_of(std::string_view text) {
  constexpr std::string_view kClosing = " \"')]*";
  size_t end = text.size();
  while (end > 0) {
    if (kClosing.find(text[end - 1]) != std::string_view::npos) {
      --end;
    } else if (end >= 3 && text.substr(end - 3, 3) == "”") {
      end -= 3;
    } else {
      break;
    }
  }
  text = text.substr(0, end);
  if (text.ends_with("…") || text.ends_with("...")) return TurnEnd::kTrailingOff;
  if (text.ends_with("—") || text.ends_with("–") || text.ends_with("-"))
    return TurnEnd::kInterrupted;
  if (text.ends_with("?")) return TurnEnd::kQuestion;
  if (text.ends_with("!")) return TurnEnd::kExclamation;
  return TurnEnd::kStatement;
}

class Reader {
 public:
  Reader(std::string_view source, const FrontEndOptions& options, DiagnosticList& diagnostics,
         const BlockSink& sink)
      : source_(source),
        options_(options),
        diagnostics_(diagnostics),
        names_(options),
        direction_(source, options, diagnostics, Stars::kEmphasis, sink) {}

  void read() {
    const ScriptHeader header = read_script_header(source_);
    cast(header);
    for (size_t at = header.text_begin; at < source_.size();) {
      const ScriptLine line = script_line_at(source_, at);
      const std::string_view text = line.in(source_);
      at = line.next;
      if (is_comment_line(text)) continue;
      if (is_blank_line(text)) {
        end_paragraph();
        continue;
      }
      size_t begin = line.begin;
      if (const auto label = parse_turn_label(source_, line); label && is_turn(*label)) {
        begin_turn(*label);
        begin = label->text_begin;
      }
      append_directed(source_, begin, line.end, block_, diagnostics_);
      block_.text.append_replacement(" ", {line.end, line.next});
    }
    end_turn();
  }

 private:
  struct Speaker {
    std::string name;  // as it was written first
    DeliveryChange delivery;
    std::optional<Dialect> dialect;
  };

  void cast(const ScriptHeader& header) {
    if (header.found && !header.closed)
      diagnostics_.error(header.source, "the header is not closed; write a line --- behind it");
    for (const SourceSpan& fault : header.faults) {
      diagnostics_.warn(fault,
                        "this line of the header is not understood; under cast: write "
                        "Name: voice, style");
    }
    has_cast_ = !header.cast.empty();
    for (const CastMember& member : header.cast) {
      Delivery delivery;
      delivery.role = to_utf8(to_utf32(member.name));
      std::string_view style = member.style;
      SourceSpan style_source = member.style_source;
      if (!member.voice.empty()) {
        const bool is_style = member.style.empty() && names_.has_styles() &&
                              !names_.is_voice(member.voice) && parse_style(member.voice, delivery);
        if (is_style) {
          style = {};
        } else if (names_.is_voice(member.voice)) {
          delivery.voice = to_utf8(to_utf32(member.voice));
          names_.take_voice(delivery.voice);
        } else {
          diagnostics_.error(member.voice_source, "there is no voice " + shown(member.voice) +
                                                      names_.voice_suggestion(member.voice));
        }
      }
      if (!style.empty() && !parse_style(style, delivery)) {
        diagnostics_.error(style_source,
                           "there is no style " + shown(style) + names_.style_suggestion(style));
      }
      const std::string key = speaker_key(member.name);
      if (speakers_.contains(key))
        diagnostics_.warn(member.source,
                          shown(member.name) + " is cast twice; the last line counts");
      if (speakers_.size() >= kMaxSpeakers) break;
      speakers_[key] = {delivery.role, std::make_shared<const Delivery>(delivery), std::nullopt};
    }
    // Who is cast without a voice gets one that the others have left.
    for (auto& [key, speaker] : speakers_) {
      if (speaker.delivery->voice.empty()) give_voice(speaker, key);
      speaker.dialect = names_.dialect_of(speaker.delivery->voice);
    }
  }

  // "cheerful", "cheerful 1.3". False when there is no such style.
  bool parse_style(std::string_view written, Delivery& delivery) {
    std::string_view name = written;
    double degree = 1;
    if (const size_t space = written.rfind(' '); space != std::string_view::npos) {
      if (const auto number = parse_decimal(written.substr(space + 1))) {
        degree = *number;
        name = written.substr(0, space);
      }
    }
    auto style = names_.find_style(name);
    if (!style) return false;
    delivery.style = std::move(*style);
    delivery.style_degree = static_cast<float>(std::clamp(degree, 0.01, 2.0));
    return true;
  }

  void give_voice(Speaker& speaker, const std::string& key) {
    Delivery delivery = *speaker.delivery;
    delivery.voice = names_.voice_for(key);
    speaker.delivery = std::make_shared<const Delivery>(std::move(delivery));
    speaker.dialect = names_.dialect_of(speaker.delivery->voice);
  }

  bool is_turn(const TurnLabel& label) const {
    const std::string_view name = view_of(source_, label.name);
    const std::string key = speaker_key(name);
    if (speakers_.contains(key)) return true;
    // [name] is only for those who are known: [sic] and [whisper] are none.
    if (label.bracketed) {
      return !has_cast_ && is_bracket_speaker(key);
    }
    return is_name_like(name);
  }

  // Without a header a bracketed name counts when it is no direction.
  bool is_bracket_speaker(const std::string& key) const {
    static constexpr auto kDirections = std::to_array<std::string_view>(
        {"pause", "slow", "fast", "loud", "soft", "high", "low", "sic", "laughs", "laughter",
         "music", "applause", "silence", "inaudible"});
    if (key.starts_with("pause ")) return false;
    if (std::find(kDirections.begin(), kDirections.end(), key) != kDirections.end()) return false;
    return !(names_.has_styles() && names_.find_style(key));
  }

  Speaker& speaker_of(const TurnLabel& label) {
    const std::string_view name = view_of(source_, label.name);
    const std::string key = speaker_key(name);
    if (const auto found = speakers_.find(key); found != speakers_.end()) return found->second;
    if (speakers_.size() >= kMaxSpeakers) return crowd_;
    Speaker speaker;
    speaker.name = to_utf8(to_utf32(name));
    Delivery delivery;
    delivery.role = speaker.name;
    speaker.delivery = std::make_shared<const Delivery>(std::move(delivery));
    give_voice(speaker, key);
    std::vector<std::string> known;
    for (const auto& [other, unused] : speakers_) known.push_back(unused.name);
    std::string message = shown(name) + " is not in the cast";
    message += speaker.delivery->voice.empty()
                   ? " and speaks with the voice of the narration"
                   : " and speaks with the voice '" + speaker.delivery->voice + "'";
    for (const std::string& other : known) {
      if (has_cast_ && edit_distance(speaker_key(other), key) <= 1) {
        message += "; did you mean '" + other + "'?";
        break;
      }
    }
    diagnostics_.warn(label.name, std::move(message));
    return speakers_.emplace(key, std::move(speaker)).first->second;
  }

  void begin_turn(const TurnLabel& label) {
    end_turn();
    const Speaker& speaker = speaker_of(label);
    delivery_ = speaker.delivery;
    dialect_ = speaker.dialect.value_or(options_.dialect);
    if (label.style.begin < label.style.end) {
      Delivery delivery = *delivery_;
      const std::string_view style = view_of(source_, label.style);
      if (parse_style(style, delivery)) {
        delivery_ = std::make_shared<const Delivery>(std::move(delivery));
      } else {
        diagnostics_.warn(label.style, "there is no style " + shown(style) +
                                           "; the turn is spoken without" +
                                           names_.style_suggestion(style));
      }
    }
    in_turn_ = true;
    paragraphs_ = 0;
    turn_source_ = label.name;
  }

  // The paragraph waits until it is known whether the turn goes on.
  void end_paragraph() {
    if (block_.text.text().find_first_not_of(' ') == std::string::npos) {
      block_.clear();
      return;
    }
    hand_over();
    waiting_ = std::exchange(block_, {});
    has_waiting_ = true;
    if (!in_turn_) return hand_over();
    if (paragraphs_++ == 0) waiting_.turn_start = TurnStart::kTurn;
  }

  void end_turn() {
    end_paragraph();
    if (in_turn_ && has_waiting_) {
      waiting_.turn_end = turn_end_of(waiting_.text.text());
      if (paragraphs_ == 1 && is_reaction(waiting_.text.text()))
        waiting_.turn_start = TurnStart::kBackchannel;
    }
    hand_over();
  }

  void hand_over() {
    if (!has_waiting_) return;
    has_waiting_ = false;
    std::vector<Annotation> at_start(2);
    at_start[0].what = delivery_;
    at_start[1].what = dialect_;
    for (Annotation& annotation : at_start) annotation.source = turn_source_;
    waiting_.annotations.insert(waiting_.annotations.begin(),
                                std::make_move_iterator(at_start.begin()),
                                std::make_move_iterator(at_start.end()));
    direction_.add(waiting_);
    waiting_.clear();
  }

  std::string_view source_;
  const FrontEndOptions& options_;
  DiagnosticList& diagnostics_;
  DeliveryNames names_;
  DirectionReader direction_;
  std::map<std::string, Speaker> speakers_;
  Speaker crowd_{"", std::make_shared<const Delivery>(), std::nullopt};
  bool has_cast_ = false;
  Block block_;    // of the paragraph in work
  Block waiting_;  // the paragraph before
  bool has_waiting_ = false;
  bool in_turn_ = false;
  size_t paragraphs_ = 0;  // of the turn
  DeliveryChange delivery_ = std::make_shared<const Delivery>();
  Dialect dialect_ = options_.dialect;
  SourceSpan turn_source_;
};

}  // namespace

void read_script(std::string_view source, const FrontEndOptions& options,
                 DiagnosticList& diagnostics, const BlockSink& sink) {
  Reader(source, options, diagnostics, sink).read();
}

bool looks_like_script(std::string_view source) {
  // A long text shows its nature early; the limit keeps the guess cheap.
  source = source.substr(0, size_t{1} << 16);
  const ScriptHeader header = read_script_header(source);
  if (header.has_cast && header.closed) return true;
  if (header.found) return false;
  std::map<std::string, size_t> turns;
  size_t paragraphs = 0, labelled_paragraphs = 0, turn_count = 0;
  bool first_is_turn = false;
  bool paragraph_starts = true;
  for (size_t at = header.text_begin; at < source.size();) {
    const ScriptLine line = script_line_at(source, at);
    const std::string_view text = line.in(source);
    at = line.next;
    if (is_blank_line(text)) {
      paragraph_starts = true;
      continue;
    }
    if (text.starts_with("//")) continue;
    const auto label = parse_turn_label(source, line);
    // In brackets stand footnotes and directions as well: only words, and only all through.
    const bool is_turn = label && (label->bracketed || is_name_like(view_of(source, label->name)));
    if (is_turn) {
      ++turns[speaker_key(view_of(source, label->name))];
      ++turn_count;
    }
    if (paragraph_starts) {
      ++paragraphs;
      labelled_paragraphs += is_turn;
      if (paragraphs == 1) first_is_turn = is_turn;
    }
    paragraph_starts = false;
  }
  const bool repeats =
      std::any_of(turns.begin(), turns.end(), [](const auto& entry) { return entry.second >= 2; });
  return first_is_turn && repeats && turns.size() >= 2 && turn_count >= 3 &&
         turns.size() * 3 <= turn_count * 2 && labelled_paragraphs * 10 >= paragraphs * 6;
}

}  // namespace myna::text
