#include "text/markup/delivery_names.h"

#include <algorithm>
#include <iterator>
#include <limits>

#include "base/plain_text.h"
#include "base/text_distance.h"

namespace myna::text {
namespace {

struct Alias {
  std::string_view written;
  std::string_view style;
};

// Names of other systems whose styles are the same in kind.
constexpr Alias kAliases[] = {
    {"newscast-casual", "newscast"},
    {"newscast-formal", "newscast"},
    {"news", "newscast"},
    {"narration", "storytelling"},
    {"story", "storytelling"},
    {"documentary-narration", "documentary"},
    {"narration-professional", "documentary"},
    {"narration-relaxed", "calm"},
    {"gentle", "calm"},
    {"happy", "cheerful"},
    {"friendly", "cheerful"},
    {"excitement", "excited"},
    {"sadness", "sad"},
    {"meditation", "meditative"},
};

// Lower case; parts joined by hyphens.
std::string folded(std::string_view name) {
  std::string out;
  for (char c : name) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c + 32);
    out.push_back(c == '_' || c == ' ' ? '-' : c);
  }
  return out;
}

std::string without_hyphens(std::string name) {
  std::erase(name, '-');
  return name;
}

std::string_view trimmed(std::string_view text) {
  const size_t begin = text.find_first_not_of(" \t");
  if (begin == std::string_view::npos) return {};
  return text.substr(begin, text.find_last_not_of(" \t") + 1 - begin);
}

// The voices of a blend, without their weights.
std::vector<std::string_view> parts_of(std::string_view blend) {
  std::vector<std::string_view> parts;
  for (size_t at = 0; at <= blend.size();) {
    const size_t plus = std::min(blend.find('+', at), blend.size());
    std::string_view part = blend.substr(at, plus - at);
    parts.push_back(trimmed(part.substr(0, part.find('*'))));
    at = plus + 1;
  }
  return parts;
}

}  // namespace

std::string did_you_mean(std::string_view written, const std::vector<std::string>& candidates) {
  if (written.size() > 64) return {};
  const auto closest = closest_names(written, candidates, 1);
  return closest.empty() ? "" : "; did you mean '" + closest.front() + "'?";
}

std::string did_you_mean(std::string_view written, std::span<const std::string_view> candidates) {
  return did_you_mean(written, std::vector<std::string>(candidates.begin(), candidates.end()));
}

std::optional<std::string> DeliveryNames::find_style(std::string_view written) const {
  const std::string name = folded(trimmed(written));
  if (name.empty()) return std::nullopt;
  if (options_.styles.empty()) return name;
  const auto listed = [&](const std::string& wanted) -> std::optional<std::string> {
    const auto found =
        std::find_if(options_.styles.begin(), options_.styles.end(), [&](const std::string& style) {
          return folded(style) == wanted ||
                 without_hyphens(folded(style)) == without_hyphens(wanted);
        });
    if (found == options_.styles.end()) return std::nullopt;
    return *found;
  };
  if (auto style = listed(name)) return style;
  if (auto style = listed(name + "ing")) return style;
  for (const Alias& alias : kAliases) {
    if (alias.written == name) return listed(std::string(alias.style));
  }
  return std::nullopt;
}

std::string DeliveryNames::style_suggestion(std::string_view written) const {
  return did_you_mean(folded(written), {options_.styles.begin(), options_.styles.end()});
}

std::string DeliveryNames::near_style(std::string_view written) const {
  for (const std::string& style : options_.styles) {
    if (edit_distance(style, written) <= 1 ||
        edit_distance(style, std::string(written) + "ing") <= 1)
      return style;
  }
  return {};
}

const VoiceName* DeliveryNames::find(std::string_view name) const {
  const std::string wanted = ascii_lower(name);
  const auto found =
      std::find_if(options_.voices.begin(), options_.voices.end(),
                   [&](const VoiceName& voice) { return ascii_lower(voice.name) == wanted; });
  return found == options_.voices.end() ? nullptr : &*found;
}

bool DeliveryNames::is_voice(std::string_view written) const {
  if (trimmed(written).empty()) return false;
  if (options_.voices.empty()) return true;
  const auto parts = parts_of(written);
  return std::all_of(parts.begin(), parts.end(),
                     [&](std::string_view part) { return find(part) != nullptr; });
}

std::string DeliveryNames::voice_suggestion(std::string_view written) const {
  std::vector<std::string> names;
  for (const VoiceName& voice : options_.voices) names.push_back(voice.name);
  return did_you_mean(ascii_lower(written), names);
}

const VoiceName* DeliveryNames::find_voice(VoiceGender gender,
                                           std::optional<Dialect> dialect) const {
  const auto found =
      std::find_if(options_.voices.begin(), options_.voices.end(), [&](const VoiceName& voice) {
        return (gender == VoiceGender::kUnknown || voice.gender == gender) &&
               (!dialect || voice.dialect == *dialect);
      });
  return found == options_.voices.end() ? nullptr : &*found;
}

std::optional<Dialect> DeliveryNames::dialect_of(std::string_view voice) const {
  const VoiceName* const found = find(parts_of(voice).front());
  if (found == nullptr) return std::nullopt;
  return found->dialect;
}

float DeliveryNames::pitch_hz_of(std::string_view voice) const {
  const VoiceName* const found = find(parts_of(voice).front());
  if (found == nullptr) return 160;
  if (found->pitch_hz > 0) return found->pitch_hz;
  return found->gender == VoiceGender::kFemale ? 200.0f
         : found->gender == VoiceGender::kMale ? 120.0f
                                               : 160.0f;
}

void DeliveryNames::take_voice(std::string_view voice) { ++taken_[ascii_lower(voice)]; }

std::string DeliveryNames::voice_for(std::string_view speaker, std::optional<Dialect> dialect) {
  if (const auto found = assigned_.find(speaker); found != assigned_.end()) return found->second;
  const std::string* best = nullptr;
  int least = std::numeric_limits<int>::max();
  for (const std::string& voice : options_.cast) {
    const auto taken = taken_.find(ascii_lower(voice));
    // A voice of the wrong dialect costs as much as two speakers that sound alike.
    const int cost = 2 * (taken == taken_.end() ? 0 : taken->second) +
                     (dialect && dialect_of(voice) != dialect ? 3 : 0);
    if (cost < least) {
      least = cost;
      best = &voice;
    }
  }
  if (best == nullptr) return {};
  take_voice(*best);
  // A hostile text names speakers without end.
  if (assigned_.size() < 10'000) assigned_.emplace(speaker, *best);
  return *best;
}

}  // namespace myna::text
