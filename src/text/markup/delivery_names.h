// The names of voices and styles that markup may use, as the options list them.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "text/front_end.h"

namespace myna::text {

// ", did you mean 'whispering'?", or nothing.
std::string did_you_mean(std::string_view written, const std::vector<std::string>& candidates);
std::string did_you_mean(std::string_view written, std::span<const std::string_view> candidates);

// One text at a time: it remembers which voice it gave to whom. The options outlive it.
class DeliveryNames {
 public:
  explicit DeliveryNames(const FrontEndOptions& options) : options_(options) {}

  // The listed style that is meant: "customerservice" is customer-service, "whisper" whispering,
  // Azure's "newscast-casual" newscast. Nothing for an unknown one; without a list every name is
  // known.
  std::optional<std::string> find_style(std::string_view written) const;
  bool has_styles() const { return !options_.styles.empty(); }
  std::string style_suggestion(std::string_view written) const;
  // A style that differs from `written` by one letter: surely a slip. Empty otherwise.
  std::string near_style(std::string_view written) const;

  // Whether `written` is a listed voice or a blend of such ("heart*0.6+bella*0.4"). Without a list
  // everything is.
  bool is_voice(std::string_view written) const;
  std::string voice_suggestion(std::string_view written) const;
  // The first listed voice like that, for <voice gender="female">.
  const VoiceName* find_voice(VoiceGender gender, std::optional<Dialect> dialect) const;
  // Which English it speaks: that of the first part of a blend. Nothing when it is not listed.
  std::optional<Dialect> dialect_of(std::string_view voice) const;
  // The mean pitch of a voice, for pitches given in Hz.
  float pitch_hz_of(std::string_view voice) const;

  // A voice of the cast for a speaker that has none, always the same for one name; those that are
  // taken come last. Empty without a cast.
  std::string voice_for(std::string_view speaker, std::optional<Dialect> dialect = {});
  void take_voice(std::string_view voice);

 private:
  const VoiceName* find(std::string_view name) const;

  const FrontEndOptions& options_;
  std::map<std::string, std::string, std::less<>> assigned_;
  std::map<std::string, int, std::less<>> taken_;
};

}  // namespace myna::text
