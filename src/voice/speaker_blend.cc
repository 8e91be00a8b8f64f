// The voice expression of --voice and of the API: names with weights, as people write them.
//   blend := part ('+' part)*      part := name [ '*' weight | '(' weight ')' ]
// "(2)" is how other Kokoro front ends write weights; both are read.
#include <algorithm>
#include <charconv>
#include <cmath>
#include <optional>

#include "base/error.h"
#include "base/plain_text.h"
#include "base/text_distance.h"
#include "voice/voice.h"

namespace myna::voice {
namespace {

class BlendParser {
 public:
  BlendParser(std::string_view text, std::span<const Speaker> speakers)
      : text_(text), speakers_(speakers) {}

  SpeakerBlend parse() {
    skip_spaces();
    if (at_end()) fail("no voice is named", "give a name such as 'heart'");
    for (;;) {
      parse_part();
      skip_spaces();
      if (at_end()) break;
      if (text_[position_] != '+') fail("expected '+' or the end", "write heart*0.6+bella*0.4");
      ++position_;
      skip_spaces();
    }
    return normalized();
  }

 private:
  bool at_end() const { return position_ >= text_.size(); }
  void skip_spaces() {
    while (!at_end() && (text_[position_] == ' ' || text_[position_] == '\t')) ++position_;
  }

  [[noreturn]] void fail_at(size_t position, const std::string& problem,
                            const std::string& hint) const {
    throw Error(ErrorCode::kInvalidArgument,
                "voice '" + std::string(text_) + "', character " + std::to_string(position + 1) +
                    ": " + problem,
                hint);
  }
  [[noreturn]] void fail(const std::string& problem, const std::string& hint) const {
    fail_at(position_, problem, hint);
  }

  void parse_part() {
    const size_t begin = position_;
    while (!at_end() && std::string_view("+*() \t").find(text_[position_]) == std::string::npos) {
      ++position_;
    }
    const std::string_view name = text_.substr(begin, position_ - begin);
    if (name.empty()) fail_at(begin, "a voice name is missing", "write heart*0.6+bella*0.4");
    const size_t speaker = find_speaker(name, begin);
    skip_spaces();
    float weight = 1.0f;
    if (!at_end() && (text_[position_] == '*' || text_[position_] == '(')) {
      const bool parenthesised = text_[position_++] == '(';
      skip_spaces();
      weight = parse_weight();
      skip_spaces();
      if (parenthesised) {
        if (at_end() || text_[position_] != ')') fail("expected ')'", "write heart(2)+bella(1)");
        ++position_;
      }
    }
    for (SpeakerBlend::Part& part : blend_.parts) {
      if (part.speaker == speaker) {
        part.weight += weight;
        return;
      }
    }
    blend_.parts.push_back({speaker, weight});
  }

  float parse_weight() {
    float weight = 0;
    const char* begin = text_.data() + position_;
    const auto [end, status] = std::from_chars(begin, text_.data() + text_.size(), weight);
    // The upper bound keeps sums finite; nobody means a ratio of a million.
    if (status != std::errc() || !(weight > 0) || weight > 1e6f) {
      fail("a weight is a positive number of at most 1000000", "write heart*0.6+bella*0.4");
    }
    position_ += static_cast<size_t>(end - begin);
    return weight;
  }

  size_t find_speaker(std::string_view name, size_t position) const {
    const std::string wanted = ascii_lower(name);
    std::vector<size_t> by_name;
    for (size_t i = 0; i < speakers_.size(); ++i) {
      if (ascii_lower(speakers_[i].id) == wanted) return i;
      if (ascii_lower(speakers_[i].name) == wanted) by_name.push_back(i);
    }
    if (by_name.size() == 1) return by_name.front();
    if (by_name.size() > 1) {
      std::string ids;
      for (size_t i : by_name) ids += (ids.empty() ? "" : " or ") + speakers_[i].id;
      fail_at(position, "more than one voice is called '" + std::string(name) + "'",
              "write " + ids);
    }
    std::vector<std::string> names;
    for (const Speaker& speaker : speakers_) {
      names.push_back(wanted.find('_') == std::string::npos ? speaker.name : speaker.id);
    }
    std::string hint;
    for (const std::string& close : closest_names(wanted, names)) {
      hint += (hint.empty() ? "did you mean '" : "' or '") + close;
    }
    hint += hint.empty() ? "`myna voices` lists them" : "'? `myna voices` lists all";
    fail_at(position, "no voice is called '" + std::string(name) + "'", hint);
  }

  SpeakerBlend normalized() {
    double sum = 0;
    for (const SpeakerBlend::Part& part : blend_.parts) sum += part.weight;
    for (SpeakerBlend::Part& part : blend_.parts) {
      part.weight = static_cast<float>(part.weight / sum);
      // A weight that vanishes beside the others would not be positive any more.
      if (!(part.weight > 0)) {
        throw Error(ErrorCode::kInvalidArgument,
                    "voice '" + std::string(text_) + "': a weight is too small beside the others");
      }
    }
    return std::move(blend_);
  }

  std::string_view text_;
  std::span<const Speaker> speakers_;
  size_t position_ = 0;
  SpeakerBlend blend_;
};

}  // namespace

SpeakerBlend parse_speaker_blend(std::string_view text, std::span<const Speaker> speakers) {
  return BlendParser(text, speakers).parse();
}

SpeakerBlend mix_speakers(const SpeakerBlend& base, const SpeakerBlend& other, float share) {
  if (!(share > 0)) return base;
  if (share >= 1) return other;
  SpeakerBlend mixed = base;
  for (SpeakerBlend::Part& part : mixed.parts) part.weight *= 1 - share;
  for (const SpeakerBlend::Part& part : other.parts) {
    const auto same = std::find_if(mixed.parts.begin(), mixed.parts.end(), [&](const auto& known) {
      return known.speaker == part.speaker;
    });
    if (same != mixed.parts.end()) {
      same->weight += part.weight * share;
    } else {
      mixed.parts.push_back({part.speaker, part.weight * share});
    }
  }
  return mixed;
}

std::optional<float> blend_loudness_lufs(const SpeakerBlend& blend,
                                         std::span<const Speaker> speakers) {
  double power = 0;
  for (const SpeakerBlend::Part& part : blend.parts) {
    const std::optional<float>& own = speakers[part.speaker].loudness_lufs;
    if (!own) return std::nullopt;
    power += static_cast<double>(part.weight) * std::pow(10.0, static_cast<double>(*own) / 10);
  }
  if (!(power > 0)) return std::nullopt;
  return static_cast<float>(10 * std::log10(power));
}

}  // namespace myna::voice
