#include "train/voice/settings.h"

#include "train/core/settings_fields.h"

namespace myna::train {
namespace {

SettingsFields fields_of(VoiceRunSettings& s) {
  SettingsFields fields = {
      {"data", settings_field(s.data)},
      {"run", settings_field(s.run)},
      {"initial", settings_field(s.initial)},
      {"device", settings_field(s.device)},
      {"trained", settings_field(s.trained)},
      {"seed", settings_field(s.seed)},
      {"items", settings_field(s.items)},
      {"frames", settings_field(s.frames)},
      {"prosody_items", settings_field(s.prosody_items)},
      {"bfloat16", settings_field(s.bfloat16)},
      {"log_every", settings_field(s.log_every)},
      {"validate_every", settings_field(s.validate_every)},
      {"save_every", settings_field(s.save_every)},
      {"sample_count", settings_field(s.sample_count)},
      {"validate_command", settings_field(s.validate_command)},
      {"threads", settings_field(s.threads)},
      {"rank", settings_field(s.launch.rank)},
      {"processes", settings_field(s.launch.processes)},
      {"rendezvous", settings_field(s.launch.rendezvous)},
      {"model.speakers", settings_field(s.model.speakers)},
      {"model.speaker_channels", settings_field(s.model.speaker_channels)},
      {"model.text_channels", settings_field(s.model.text_channels)},
      {"model.text_blocks", settings_field(s.model.text_blocks)},
      {"model.text_kernel", settings_field(s.model.text_kernel)},
      {"model.prosody_channels", settings_field(s.model.prosody_channels)},
      {"model.prosody_blocks", settings_field(s.model.prosody_blocks)},
      {"model.prosody_kernel", settings_field(s.model.prosody_kernel)},
      {"model.decoder_channels", settings_field(s.model.decoder_channels)},
      {"model.decoder_hidden", settings_field(s.model.decoder_hidden)},
      {"model.decoder_blocks", settings_field(s.model.decoder_blocks)},
      {"model.decoder_kernel", settings_field(s.model.decoder_kernel)},
      {"losses.spectral", settings_field(s.losses.spectral)},
      {"losses.erb_weights", settings_field(s.losses.erb_weights)},
      {"losses.voiced_spread", settings_field(s.losses.voiced_spread)},
      {"losses.spread_top_hz", settings_field(s.losses.spread_top_hz)},
      {"losses.spectral_items", settings_field(s.losses.spectral_items)},
      {"losses.complex", settings_field(s.losses.complex)},
      {"losses.phase", settings_field(s.losses.phase)},
      {"losses.phase_top_hz", settings_field(s.losses.phase_top_hz)},
      {"losses.duration", settings_field(s.losses.duration)},
      {"losses.log_f0", settings_field(s.losses.log_f0)},
      {"losses.voiced", settings_field(s.losses.voiced)},
      {"losses.energy", settings_field(s.losses.energy)},
      {"losses.adversarial", settings_field(s.losses.adversarial)},
      {"losses.features", settings_field(s.losses.features)},
      {"adversary.resolutions", settings_field(s.adversary.resolutions)},
      {"adversary.periods", settings_field(s.adversary.periods)},
      {"adversary.scales", settings_field(s.adversary.scales)},
      {"adversary.top_hz", settings_field(s.adversary.top_hz)},
      {"adversary.upper_hz", settings_field(s.adversary.upper_hz)},
      {"adversary.upper_channels", settings_field(s.adversary.upper_channels)},
      {"adversary.phases", settings_field(s.adversary.phases)},
      {"adversary.channels", settings_field(s.adversary.channels)},
      {"adversary.frames", settings_field(s.adversary.frames)},
      {"adversary.quiet_steps", settings_field(s.adversary.quiet_steps)},
      {"adversary.learning_rate", settings_field(s.adversary.learning_rate)},
  };
  add_optimizer_fields(fields, s.optimizer);
  add_schedule_fields(fields, s.schedule);
  return fields;
}

}  // namespace

void VoiceRunSettings::merge_json(const std::string& json) {
  merge_settings(fields_of(*this), json);
}

void VoiceRunSettings::set(const std::string& assignment) {
  assign_setting(fields_of(*this), assignment);
}

std::string VoiceRunSettings::to_json() const {
  VoiceRunSettings copy = *this;
  return settings_json(fields_of(copy));
}

}  // namespace myna::train
