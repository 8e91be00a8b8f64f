#include "voice/studio/studio_model.h"

#include <numeric>
#include <string>

#include "ops/row_layout.h"

namespace myna::voice::studio {
namespace {

// What of a shape a recorded part depends on.
std::string capacity_name(const Run& run, size_t rows) {
  return std::to_string(run.backend.capacity_of(rows));
}

}  // namespace

StudioModel::StudioModel(const Checkpoint& checkpoint)
    : plbert_(checkpoint),
      plbert_projection_(
          checkpoint.linear("bert_encoder", Plbert::kHidden, 512, checkpoint.precision())),
      prosody_(checkpoint),
      text_encoder_(checkpoint),
      decoder_(checkpoint),
      generator_(checkpoint) {}

ops::Rows StudioModel::upload_styles(Run& run, std::span<const Inputs> inputs,
                                     std::array<float, kStyle> Style::*half) {
  std::vector<float> values;
  values.reserve(inputs.size() * kStyle);
  for (const Inputs& input : inputs) {
    const std::array<float, kStyle>& style = input.style.*half;
    values.insert(values.end(), style.begin(), style.end());
  }
  const ops::Rows styles = run.arena.rows(inputs.size(), kStyle);
  run.backend.upload(values, styles, run.arena);
  return styles;
}

void StudioModel::encode_text(Run& run, std::span<const int> tokens, ops::ConstRows style,
                              ops::Rows encoded) const {
  const ops::Arena::Scope scope(run.arena);
  const ops::Rows hidden = run.arena.rows_like(encoded, Plbert::kHidden);
  plbert_.encode(run, tokens, hidden);
  run.report("plbert", hidden);
  const ops::Rows text = run.arena.rows_like(encoded, 512);
  run.backend.conv1d(*plbert_projection_, hidden, {}, {}, text, run.arena);
  run.report("bert_encoder", text);
  prosody_.encode(run, style, text, encoded);
  run.report("duration_encoder", encoded);
}

// On the host, as few requests want it: what the model predicted comes over and goes back.
void StudioModel::shape_curves(Run& run, std::span<const Inputs> inputs,
                               std::span<const Speech> speech, ops::Rows f0_hz,
                               ops::Rows energy) const {
  std::vector<float> values;
  for (size_t i = 0; i < inputs.size(); ++i) {
    const Performance& performance = inputs[i].performance;
    const auto apply = [&](ops::Rows curve, const auto& shape) {
      const ops::Rows own = ops::item_of(curve, i);
      values.resize(own.rows);
      run.backend.download(own, values, run.arena);
      shape(performance, speech[i].frame_counts, std::span<float>(values), run.host_arena());
      run.backend.upload(values, own, run.arena);
    };
    if (!performance.neutral_pitch()) apply(f0_hz, shape_pitch);
    if (!performance.neutral_effort()) apply(energy, shape_energy);
  }
}

StudioModel::TimedText StudioModel::time_text(Run& run, std::span<const Inputs> inputs,
                                              std::span<Speech> speech) const {
  const size_t items = inputs.size();
  TimedText text;
  std::vector<size_t> token_counts(items);
  for (size_t i = 0; i < items; ++i) {
    token_counts[i] = inputs[i].tokens.size();
    text.tokens.insert(text.tokens.end(), inputs[i].tokens.begin(), inputs[i].tokens.end());
  }
  std::vector<float> wanted(text.tokens.size());
  {
    const Run::Part part(run, "studio text " + capacity_name(run, text.tokens.size()));
    text.prosody_style = upload_styles(run, inputs, &Style::prosody);
    text.decoder_style = upload_styles(run, inputs, &Style::decoder);
    text.encoded = run.rows(token_counts, ProsodyPredictor::kEncoded);
    encode_text(run, text.tokens, text.prosody_style, text.encoded);
    prosody_.predict_durations(run, text.encoded, wanted);
  }
  text.frame_counts.reserve(text.tokens.size());
  for (size_t i = 0, first = 0; i < items; first += token_counts[i], ++i) {
    const std::span<float> own = std::span(wanted).subspan(first, token_counts[i]);
    for (float& frames : own) frames /= inputs[i].speed;
    std::vector<int>& rounded = speech[i].frame_counts;
    rounded.resize(own.size());
    round_durations(own, inputs[i].performance.controls, rounded);
    run.report("durations", i, std::vector<float>(rounded.begin(), rounded.end()));
    text.frame_counts.insert(text.frame_counts.end(), rounded.begin(), rounded.end());
    text.frames.push_back(static_cast<size_t>(std::accumulate(rounded.begin(), rounded.end(), 0)));
  }
  return text;
}

void StudioModel::foretell(Run& run, std::span<const Inputs> inputs,
                           std::span<Speech> speech) const {
  const ops::Arena::Scope scope(run.arena);
  time_text(run, inputs, speech);
}

void StudioModel::synthesize(Run& run, std::span<const Inputs> inputs,
                             std::span<Speech> speech) const {
  ops::Arena& arena = run.arena;
  const ops::Arena::Scope scope(arena);
  const size_t items = inputs.size();
  const TimedText text = time_text(run, inputs, speech);

  const Run::Part part(run, "studio sound " + capacity_name(run, text.tokens.size()) + " " +
                                capacity_name(run, text.frames[0]));
  const ops::Rows frames = run.rows(text.frames, 0);
  const ops::Rows f0 = run.mapped_rows(frames, 1, [](size_t rows) { return 2 * rows; });
  const ops::Rows energy = arena.rows_like(f0, 1);
  {
    const ops::Arena::Scope curves_scope(arena);
    const ops::Rows repeated = arena.rows_like(frames, ProsodyPredictor::kEncoded);
    run.backend.repeat_rows(text.encoded, text.frame_counts, repeated, arena);
    prosody_.predict_curves(run, text.prosody_style, repeated, f0, energy);
  }
  shape_curves(run, inputs, speech, f0, energy);
  // "f0" and "energy" are the model's own; these are what is heard, controls included.
  run.report("performed_f0", f0);
  run.report("performed_energy", energy);

  const ops::Rows features = arena.rows_like(f0, Decoder::kOutputChannels);
  {
    const ops::Arena::Scope decoder_scope(arena);
    const ops::Rows sounds = arena.rows_like(text.encoded, TextEncoder::kChannels);
    text_encoder_.encode(run, text.tokens, sounds);
    run.report("text_encoder", sounds);
    const ops::Rows repeated = arena.rows_like(frames, TextEncoder::kChannels);
    run.backend.repeat_rows(sounds, text.frame_counts, repeated, arena);
    decoder_.decode(run, text.decoder_style, repeated, f0, energy, features);
  }

  const ops::Rows spectrum =
      run.mapped_rows(f0, Generator::kSpectrumChannels, Generator::spectrum_rows);
  const ops::Rows samples =
      run.mapped_rows(frames, 1, [](size_t rows) { return rows * kSamplesPerFrame; });
  std::vector<ops::SourceVariation> variations;
  for (const Inputs& input : inputs) variations.push_back(input.source);
  generator_.make_source_spectrum(run, f0, variations, spectrum);
  generator_.generate(run, text.decoder_style, features, spectrum, samples);
  for (size_t i = 0; i < items; ++i) {
    speech[i].samples.resize(text.frames[i] * kSamplesPerFrame);
    const ops::Rows own = ops::item_of(samples, i).first_rows(speech[i].samples.size());
    run.backend.download(own, speech[i].samples, arena);
  }
}

}  // namespace myna::voice::studio
