// From the names in a text (voice, style) to what a voice takes: blends of speakers and a recipe.
#pragma once

#include <deque>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "text/spoken_text.h"
#include "voice/styles/style_table.h"
#include "voice/voice.h"

namespace myna::voice {

struct ResolvedDelivery {
  SpeakerBlend speaker;                         // timbre
  std::optional<SpeakerBlend> prosody_speaker;  // nothing: the same
  StyleRecipe style;                            // scaled; neutral without a style
  size_t voice = 0;  // the same number for the same voice, whatever the style; 0 is the narration's
};

// What a narration has beside its text.
struct DeliveryDefaults {
  SpeakerBlend speaker;
  std::string style;  // of utterances that name none; empty: neutral
  float style_degree = 1.0f;
};

// Resolves each combination once. Not thread-safe.
class DeliveryResolver {
 public:
  // `voice` and `styles` outlive this; without a table every style is unknown. Throws Error
  // kInvalidArgument for an unknown default style.
  DeliveryResolver(const Voice& voice, const StyleTable* styles, DeliveryDefaults defaults);

  // An unknown voice is the narration's, an unknown style neutral. The result lives as long as
  // this.
  const ResolvedDelivery& resolve(const text::Delivery& delivery);

  // What resolve() would not find, once for each name, with the span of the first utterance that
  // asks for it. An unknown voice in a cast (with a role) is an error: there the wrong person
  // would speak; what a markup language asks for is a wish, and gets a warning.
  std::vector<text::Diagnostic> check(const text::SpokenText& spoken) const;

 private:
  struct Entry {
    text::Delivery delivery;
    ResolvedDelivery resolved;
  };
  ResolvedDelivery make(const text::Delivery& delivery);
  std::optional<SpeakerBlend> mixed(const SpeakerBlend& own, const StyleMix& mix) const;
  size_t voice_number(const std::string& name);

  const Voice& voice_;
  const StyleTable* styles_;
  DeliveryDefaults defaults_;
  std::deque<Entry> entries_;  // addresses stay
  std::vector<std::string> voice_names_;
};

}  // namespace myna::voice
