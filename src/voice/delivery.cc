#include "voice/delivery.h"

#include <algorithm>
#include <set>
#include <utility>

#include "base/error.h"

namespace myna::voice {
namespace {

const StyleRecipe* find_style(const StyleTable* styles, const std::string& name) {
  return styles == nullptr ? nullptr : styles->find(name);
}

}  // namespace

DeliveryResolver::DeliveryResolver(const Voice& voice, const StyleTable* styles,
                                   DeliveryDefaults defaults)
    : voice_(voice), styles_(styles), defaults_(std::move(defaults)), voice_names_{""} {
  if (!defaults_.style.empty() && find_style(styles_, defaults_.style) == nullptr) {
    if (styles_ != nullptr) styles_->require(defaults_.style);
    throw Error(ErrorCode::kInvalidArgument, "there are no styles here");
  }
}

const ResolvedDelivery& DeliveryResolver::resolve(const text::Delivery& delivery) {
  for (const Entry& entry : entries_) {
    const text::Delivery& known = entry.delivery;
    if (known.voice == delivery.voice && known.style == delivery.style &&
        known.style_degree == delivery.style_degree) {
      return entry.resolved;
    }
  }
  entries_.push_back({delivery, make(delivery)});
  return entries_.back().resolved;
}

ResolvedDelivery DeliveryResolver::make(const text::Delivery& delivery) {
  ResolvedDelivery resolved;
  resolved.speaker = defaults_.speaker;
  if (!delivery.voice.empty()) {
    try {
      resolved.speaker = parse_speaker_blend(delivery.voice, voice_.speakers());
      resolved.voice = voice_number(delivery.voice);
    } catch (const Error& error) {
      if (error.code() != ErrorCode::kInvalidArgument) throw;
    }
  }
  const bool own = !delivery.style.empty();
  const StyleRecipe* style = find_style(styles_, own ? delivery.style : defaults_.style);
  if (style == nullptr) return resolved;
  resolved.style = scale_style(*style, own ? delivery.style_degree : defaults_.style_degree);
  const SpeakerBlend plain = resolved.speaker;
  if (const auto timbre = mixed(plain, resolved.style.timbre_mix)) {
    resolved.speaker = *timbre;
    resolved.prosody_speaker = plain;
  }
  if (const auto prosody = mixed(plain, resolved.style.prosody_mix)) {
    resolved.prosody_speaker = *prosody;
  }
  return resolved;
}

// Nothing when the mix has nothing for this speaker, or a name that the voice does not have: a
// style file may be written for another model.
std::optional<SpeakerBlend> DeliveryResolver::mixed(const SpeakerBlend& own,
                                                    const StyleMix& mix) const {
  if (!(mix.share > 0)) return std::nullopt;
  float male = 0;
  for (const SpeakerBlend::Part& part : own.parts) {
    if (voice_.speakers()[part.speaker].gender == Gender::kMale) male += part.weight;
  }
  const std::string& name = male > 0.5f ? mix.male : mix.female;
  if (name.empty()) return std::nullopt;
  try {
    return mix_speakers(own, parse_speaker_blend(name, voice_.speakers()), mix.share);
  } catch (const Error& error) {
    if (error.code() != ErrorCode::kInvalidArgument) throw;
    return std::nullopt;
  }
}

size_t DeliveryResolver::voice_number(const std::string& name) {
  const auto known = std::find(voice_names_.begin(), voice_names_.end(), name);
  if (known != voice_names_.end()) return static_cast<size_t>(known - voice_names_.begin());
  voice_names_.push_back(name);
  return voice_names_.size() - 1;
}

std::vector<text::Diagnostic> DeliveryResolver::check(const text::SpokenText& spoken) const {
  std::vector<text::Diagnostic> found;
  std::set<std::string> voices, styles;
  for (const text::Utterance& utterance : spoken.utterances) {
    const text::Delivery& delivery = utterance.delivery;
    if (!delivery.voice.empty() && voices.insert(delivery.voice).second) {
      try {
        parse_speaker_blend(delivery.voice, voice_.speakers());
      } catch (const Error& error) {
        if (error.code() != ErrorCode::kInvalidArgument) throw;
        text::Diagnostic diagnostic;
        diagnostic.severity =
            delivery.role.empty() ? text::Severity::kWarning : text::Severity::kError;
        diagnostic.source = utterance.source;
        diagnostic.message = error.what();
        found.push_back(std::move(diagnostic));
      }
    }
    if (!delivery.style.empty() && styles.insert(delivery.style).second &&
        find_style(styles_, delivery.style) == nullptr) {
      text::Diagnostic diagnostic;
      diagnostic.source = utterance.source;
      diagnostic.message =
          "no style is called '" + delivery.style + "'" +
          (styles_ == nullptr ? "" : " (" + styles_->suggestion(delivery.style) + ")");
      found.push_back(std::move(diagnostic));
    }
  }
  return found;
}

}  // namespace myna::voice
