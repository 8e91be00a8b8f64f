#include "voice/flash/flash_model.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <cmath>
#include <memory>
#include <numbers>
#include <numeric>
#include <string>

#include "base/cancel_scope.h"
#include "base/error.h"
#include "ops/row_layout.h"
#include "voice/symbol_table.h"

namespace myna::voice::flash {
namespace {

constexpr float kReferencePitch_hz = 200.0f;
constexpr float kLowestPitch_hz = 50.0f;
constexpr float kHighestPitch_hz = 600.0f;
constexpr float kEnergyScale = 5.0f;
constexpr float kUsualPhonemes = 48.0f;
constexpr float kSemitonesOfControl = 4.0f;
constexpr float kDbOfControl = 6.0f;
// Of the opening token, whose frames are silent until the first phoneme is near (11 frames at most
// in the voices there are): what is before is not made.
constexpr int kMostOpeningFrames = 14;
// Nothing is heard of frames whose energy, as predicted, stays below this: it is about -9.4 in
// silence. Of 576 utterances of the teacher's, not a frame behind the last one above it is louder
// than 60 dB below the loudest; some more are made all the same.
constexpr float kSilentEnergy = -7.0f;
constexpr size_t kFramesAroundSound = 4;
// A frame's sound is whole when this many around it are there.
constexpr size_t kWindowReach = 1;

// The controls as the model has learnt them: means over the utterance, held within what its
// training data had (tools/teacher).
std::array<float, FlashSizes::kControls> mean_controls(const FlashModel::Inputs& inputs) {
  double duration = 0, pitch = 0, range = 0, effort = 0;
  const std::span<const PhonemeControl> controls = inputs.performance.controls;
  for (const PhonemeControl& control : controls) {
    duration += std::log2(static_cast<double>(control.duration));
    pitch += static_cast<double>(control.pitch_semitones);
    range += std::log2(std::max(0.5, static_cast<double>(control.pitch_range)));
    effort += static_cast<double>(control.effort_db);
  }
  const auto mean = [&](double sum) {
    return controls.empty() ? 0.0f : static_cast<float>(sum / static_cast<double>(controls.size()));
  };
  return {std::clamp(std::log2(inputs.speed) - mean(duration), -0.4f, 0.4f),
          std::clamp(mean(pitch) / kSemitonesOfControl, -1.0f, 1.0f),
          std::clamp(mean(range), -1.0f, 0.8f),
          std::clamp(mean(effort) / kDbOfControl, -1.0f, 1.0f)};
}

// The end of an utterance falls to nothing over its closing token's last frames, where kernels
// reach beyond what they have learnt. `behind` samples of the utterance follow `sound`.
void fade_end(int closing_frames, size_t hop, size_t behind, std::span<float> sound) {
  constexpr int kMostFrames = 3;
  const size_t length = static_cast<size_t>(std::min(kMostFrames, closing_frames)) * hop;
  const size_t own = std::min(sound.size(), length - std::min(length, behind));
  for (size_t i = 0; i < own; ++i) {
    sound[sound.size() - 1 - i] *= static_cast<float>(behind + i) / static_cast<float>(length);
  }
}

// What the decoder reads of an utterance's curves, a row of pitch, voicing, energy and phases each
// frame. The excitation's phase in turns is C_t in the middle of frame t and linear between the
// middles; where its pulses lie in a window says how the window sounds.
void write_curves(std::span<const float> f0_hz, std::span<const float> energy,
                  std::span<float> rows) {
  constexpr double kFramesASecond =
      static_cast<double>(FlashModel::kSampleRate) / FlashModel::kSamplesPerFrame;
  constexpr double kTurn = 2 * std::numbers::pi;
  double turns = 0;
  auto row = rows.begin();
  const auto put = [&](double value) { *row++ = static_cast<float>(value); };
  for (size_t t = 0; t < f0_hz.size(); ++t) {
    turns += static_cast<double>(f0_hz[t]) / kFramesASecond;
    turns -= std::floor(turns);
    const bool voiced = f0_hz[t] > 0;
    put(voiced ? std::log2(f0_hz[t] / kReferencePitch_hz) : 0.0f);
    put(voiced ? 1 : 0);
    put(energy[t] / kEnergyScale);
    const float before = t == 0 ? 0.0f : f0_hz[t];
    const float after = t + 1 == f0_hz.size() ? 0.0f : f0_hz[t + 1];
    for (const float from_middle : {-before, 0.0f, after}) {
      const double angle =
          kTurn * (turns + static_cast<double>(from_middle) / (3 * kFramesASecond));
      put(voiced ? std::cos(angle) : 0);
      put(voiced ? std::sin(angle) : 0);
    }
  }
}

// The mean over the blend.
float voiced_noise_of(const SpeakerBlend& speaker, const FlashSizes& sizes) {
  if (sizes.speaker_voiced_noise.empty()) return sizes.voiced_noise;
  float mean = 0;
  for (const SpeakerBlend::Part& part : speaker.parts) {
    mean += part.weight * sizes.speaker_voiced_noise[part.speaker];
  }
  return sizes.voiced_noise * mean;
}

ops::SourceFilterVariation variation_of(const FlashModel::Inputs& inputs, const FlashSizes& sizes) {
  ops::SourceFilterVariation variation;
  variation.seed = inputs.seed;
  variation.noise_level = inputs.noise_level * sizes.unvoiced_noise;
  variation.voiced_noise_level = inputs.noise_level * voiced_noise_of(inputs.speaker, sizes);
  variation.whisper = inputs.performance.control.whisper;
  return variation;
}

}  // namespace

// Reads the checkpoint's tensors by name.
class FlashModel::Loader {
 public:
  Loader(const SafetensorsFile& file, ops::Backend& backend, size_t condition)
      : file_(file), backend_(backend), condition_(condition) {}

  std::span<const float> values(const std::string& name, const Shape& shape) const {
    return file_.values<float>(name, shape);
  }
  ops::LinearWeights linear(const std::string& name, size_t in, size_t out) const {
    return {values(name + ".weight", {out, in}), values(name + ".bias", {out})};
  }
  Stack stack(const std::string& name, const StackSize& size, size_t left, size_t in,
              const std::string& in_name, size_t out, const std::string& out_name,
              ops::Precision precision, ops::Precision end_precision) const {
    ops::ConvNextSpec spec;
    spec.in_channels = in;
    spec.channels = size.channels;
    spec.hidden = size.hidden;
    spec.kernel = size.kernel;
    spec.left = left;
    spec.blocks = size.blocks;
    spec.out_channels = out;
    spec.precision = precision;
    spec.end_precision = end_precision;
    ops::ConvNextWeights weights;
    if (in > 0) weights.in = linear(in_name, in, size.channels);
    if (out > 0) weights.out = linear(out_name, size.channels, out);
    const size_t film_channels = 2 * size.channels * size.blocks;
    std::vector<float> film_weight, film_bias;
    for (size_t i = 0; i < size.blocks; ++i) {
      const std::string block = name + "." + std::to_string(i);
      weights.blocks.push_back({values(block + ".depthwise.weight", {size.kernel, size.channels}),
                                values(block + ".depthwise.bias", {size.channels}),
                                linear(block + ".up", size.channels, spec.hidden),
                                linear(block + ".down", spec.hidden, size.channels)});
      const ops::LinearWeights film = linear(block + ".film", condition_, 2 * size.channels);
      film_weight.insert(film_weight.end(), film.weight.begin(), film.weight.end());
      // The factor is 1 + gamma.
      for (size_t c = 0; c < film.bias.size(); ++c) {
        film_bias.push_back(film.bias[c] + (c < size.channels ? 1.0f : 0.0f));
      }
    }
    ops::Conv1dSpec film_spec;
    film_spec.in_channels = condition_;
    film_spec.out_channels = film_channels;
    return {backend_.prepare_conv1d(film_spec, {film_weight, {}, {}}, film_bias,
                                    ops::Precision::kFloat32),
            backend_.prepare_conv_next(spec, weights), film_channels};
  }

 private:
  const SafetensorsFile& file_;
  ops::Backend& backend_;
  size_t condition_;
};

// Utterances in work, the items of every view.
struct FlashModel::Work {
  Work(ops::Backend& work_backend, ops::Arena& work_arena, std::span<const Inputs> work_inputs)
      : backend(work_backend), arena(work_arena), inputs(work_inputs) {}

  ops::Backend& backend;
  ops::Arena& arena;
  std::span<const Inputs> inputs;
  mutable std::chrono::steady_clock::time_point stage_start = std::chrono::steady_clock::now();
  mutable std::vector<std::unique_ptr<const ops::RowLayout>> layouts;

  size_t items() const { return inputs.size(); }

  // Rows for items of so many; the layout lives as long as this does.
  ops::Rows rows(std::span<const size_t> counts, size_t channels) const {
    if (counts.size() == 1) return arena.rows(counts[0], channels);
    layouts.push_back(backend.make_layout(counts, arena));
    return arena.rows(layouts.back()->offsets.back(), channels, layouts.back().get());
  }

  // Ends a stage: looks at the cancel flags of the thread's scope, and reports.
  void report(std::string_view stage, ops::ConstRows result) const {
    check_cancelled();
    if (!is_observed()) return;
    std::vector<float> values(result.rows * result.channels);
    backend.download(result, values, arena);
    std::span<const float> rest = values;
    for (size_t item = 0; item < items(); ++item) {
      const std::array<size_t, 2> shape = {ops::item_rows(result, item), result.channels};
      report(stage, item, std::span(shape).first(result.channels == 1 ? 1 : 2),
             rest.first(shape[0] * shape[1]));
      rest = rest.subspan(shape[0] * shape[1]);
    }
  }
  void report(std::string_view stage, size_t item, std::span<const float> values) const {
    check_cancelled();
    const std::array<size_t, 1> shape = {values.size()};
    report(stage, item, shape, values);
  }

 private:
  void report(std::string_view stage, size_t item, std::span<const size_t> shape,
              std::span<const float> values) const {
    if (!inputs[item].observer) return;
    const auto now = std::chrono::steady_clock::now();
    inputs[item].observer(
        {stage, shape, values, std::chrono::duration<double>(now - stage_start).count()});
    stage_start = std::chrono::steady_clock::now();
  }
  bool is_observed() const {
    return std::any_of(inputs.begin(), inputs.end(),
                       [](const Inputs& input) { return bool{input.observer}; });
  }
  static void check_cancelled() {
    const CancelScope* scope = CancelScope::current();
    if (scope != nullptr && scope->requested()) {
      throw Error(ErrorCode::kCancelled, "synthesis was cancelled");
    }
  }
};

FlashModel::FlashModel(const SafetensorsFile& file, const FlashSizes& sizes, ops::Backend& backend,
                       const FlashPrecisions& precisions)
    : sizes_(sizes) {
  const Loader loader(file, backend, sizes.condition());
  const std::span<const float> speakers =
      loader.values("speakers", {sizes.speakers.size(), sizes.speaker_channels});
  speakers_.assign(speakers.begin(), speakers.end());
  const std::span<const float> lengths =
      loader.values("speaker_lengths", {sizes.speakers.size(), sizes.speaker_channels});
  speaker_lengths_.assign(lengths.begin(), lengths.end());
  const size_t text = sizes.text.channels;
  embedding_ = backend.prepare_table(
      loader.values("text.embedding", {static_cast<size_t>(SymbolTable::kTokenSlots), text}), text);
  const StackSize one_block = {text, 1, sizes.text.kernel, sizes.text.hidden};
  // Pitch and durations are worth their bits, in the layers that give them.
  const auto end_of = [](ops::Precision precision) {
    return precision == ops::Precision::kInt16 ? precision : ops::Precision::kFloat32;
  };
  text_ = loader.stack("text.blocks", sizes.text, sizes.text.kernel / 2, 0, "", 0, "",
                       precisions.text, precisions.text);
  duration_ = loader.stack("duration.blocks", one_block, sizes.text.kernel / 2, 0, "", 1,
                           "duration.out", precisions.text, ops::Precision::kFloat32);
  prosody_ = loader.stack("prosody.blocks", sizes.prosody, sizes.prosody.kernel / 2,
                          text + FlashSizes::kPlaces, "prosody.in", 3, "prosody.out",
                          precisions.prosody, end_of(precisions.text));
  decoder_ = loader.stack("decoder.blocks", sizes.decoder,
                          sizes.decoder.kernel - 1 - FlashSizes::kLookAheadFrames,
                          sizes.decoder_inputs(), "decoder.in", sizes.vocoder().channels(),
                          "decoder.head", precisions.decoder, precisions.head);
}

void FlashModel::add_speaker(const SpeakerBlend& blend, size_t phonemes,
                             std::span<float> condition) const {
  if (blend.parts.empty()) throw Error(ErrorCode::kInvalidArgument, "no voice was chosen");
  const float doublings =
      std::log2(static_cast<float>(std::max<size_t>(phonemes, 1)) / kUsualPhonemes);
  for (const SpeakerBlend::Part& part : blend.parts) {
    if (part.speaker >= sizes_.speakers.size()) {
      throw Error(ErrorCode::kInvalidArgument,
                  "there is no voice number " + std::to_string(part.speaker));
    }
    const size_t row = part.speaker * sizes_.speaker_channels;
    for (size_t i = 0; i < sizes_.speaker_channels; ++i) {
      condition[i] += part.weight * (speakers_[row + i] + doublings * speaker_lengths_[row + i]);
    }
  }
}

ops::Rows FlashModel::conditions(const Work& work, SpeakerOf speaker, ControlsOf controls) const {
  std::vector<float> values(work.items() * sizes_.condition(), 0.0f);
  for (size_t i = 0; i < work.items(); ++i) {
    const Inputs& inputs = work.inputs[i];
    const std::span<float> own =
        std::span(values).subspan(i * sizes_.condition(), sizes_.condition());
    add_speaker(speaker == SpeakerOf::kProsody ? inputs.prosody_speaker : inputs.speaker,
                std::max<size_t>(inputs.tokens.size(), 2) - 2, own.first(sizes_.speaker_channels));
    if (controls == ControlsOf::kNeutral) continue;
    const auto means = mean_controls(inputs);
    std::copy(means.begin(), means.end(),
              own.begin() + static_cast<ptrdiff_t>(sizes_.speaker_channels));
  }
  const ops::Rows rows = work.arena.rows(work.items(), sizes_.condition());
  work.backend.upload(values, rows, work.arena);
  return rows;
}

void FlashModel::run(const Work& work, const Stack& stack, ops::ConstRows x,
                     ops::ConstRows condition, ops::Rows y) const {
  const ops::Arena::Scope scope(work.arena);
  const ops::Rows film = work.arena.rows(condition.rows, stack.film_channels);
  work.backend.conv1d(*stack.film, condition, {}, {}, film, work.arena);
  work.backend.conv_next(*stack.blocks, x, film, y, work.arena);
}

void FlashModel::encode(const Work& work, ops::ConstRows condition, ops::Rows text) const {
  std::vector<int> tokens;
  for (const Inputs& inputs : work.inputs) {
    tokens.insert(tokens.end(), inputs.tokens.begin(), inputs.tokens.end());
  }
  const ops::Arena::Scope scope(work.arena);
  const ops::Rows embedded = work.arena.rows_like(text, sizes_.text.channels);
  work.backend.embed(*embedding_, nullptr, tokens, embedded, work.arena);
  run(work, text_, embedded, condition, text);
}

void FlashModel::time_tokens(const Work& work, ops::ConstRows text, ops::ConstRows condition,
                             std::span<std::vector<int>> frame_counts) const {
  const ops::Arena::Scope scope(work.arena);
  const ops::Rows logs = work.arena.rows_like(text, 1);
  run(work, duration_, text, condition, logs);
  work.report("log_durations", logs);
  std::vector<float> wanted(text.rows);
  work.backend.download(logs, wanted, work.arena);
  // A token of more than some seconds is a broken model's; it must not ask for all memory.
  constexpr float kLongest = 8.0f;  // 256 frames
  for (float& value : wanted) {
    value = std::exp2(std::min(value, kLongest));
    if (!std::isfinite(value)) {
      throw Error(ErrorCode::kCorruptData, "the voice model gave a duration that is no number",
                  "install the model again");
    }
  }
  std::span<float> rest = wanted;
  for (size_t i = 0; i < work.items(); ++i) {
    const Inputs& inputs = work.inputs[i];
    const std::span<float> own = rest.first(inputs.tokens.size());
    rest = rest.subspan(own.size());
    round_tokens(inputs, own, frame_counts[i]);
    if (inputs.observer) {
      work.report("durations", i,
                  std::vector<float>(frame_counts[i].begin(), frame_counts[i].end()));
    }
  }
}

void FlashModel::round_tokens(const Inputs& inputs, std::span<float> wanted,
                              std::vector<int>& frame_counts) {
  frame_counts.resize(wanted.size());
  wanted.front() /= inputs.speed;
  wanted.back() /= inputs.speed;
  const std::vector<PhonemeControl> controls =
      with_speed(inputs.performance.controls, wanted.size() - 2, inputs.speed);
  round_durations(wanted, controls, frame_counts);
}

void FlashModel::place_frames(const Work& work, std::span<const std::vector<int>> frame_counts,
                              std::span<const int> skipped, ops::Rows frames) const {
  std::vector<float> places;
  places.reserve(FlashSizes::kPlaces * frames.rows);
  for (size_t item = 0; item < frame_counts.size(); ++item) {
    int first = skipped[item];
    for (const int kept : frame_counts[item]) {
      const int count = first + kept;
      const float length = std::log2(static_cast<float>(count)) / 4;
      for (int j = first; j < count; ++j) {
        places.push_back((static_cast<float>(j) + 0.5f) / static_cast<float>(count));
        places.push_back(length);
      }
      first = 0;
    }
  }
  work.backend.upload(places, frames.columns(sizes_.text.channels, FlashSizes::kPlaces),
                      work.arena);
}

FlashModel::FrameRange FlashModel::sounding_frames(std::span<const float> energy,
                                                   std::span<const float> f0_hz) {
  FrameRange range = {energy.size(), 0};
  for (size_t t = 0; t < energy.size(); ++t) {
    if (energy[t] <= kSilentEnergy && f0_hz[t] == 0) continue;
    range.begin = std::min(range.begin, t);
    range.end = t + 1;
  }
  range.begin -= std::min(range.begin, kFramesAroundSound);
  range.end = range.end == 0 ? 0 : std::min(range.end + kFramesAroundSound, energy.size());
  range.begin = std::min(range.begin, range.end);
  return range;
}

void FlashModel::shape_prosody(const Work& work, std::span<const std::vector<int>> frame_counts,
                               ops::ConstRows condition, Frames& made) const {
  const ops::Rows frames = made.frames, f0 = made.f0;
  const ops::Arena::Scope scope(work.arena);
  const size_t count = frames.rows;
  const ops::Rows predicted = work.arena.rows_like(frames, 3);
  run(work, prosody_, frames.columns(0, sizes_.text.channels + FlashSizes::kPlaces), condition,
      predicted);
  work.report("prosody", predicted);
  std::vector<float> values(3 * count), f0_hz(count), energy(count);
  work.backend.download(predicted, values, work.arena);
  for (size_t t = 0; t < count; ++t) {
    const bool voiced = values[3 * t + 1] > 0;
    f0_hz[t] = voiced ? std::clamp(kReferencePitch_hz * std::exp2(values[3 * t]), kLowestPitch_hz,
                                   kHighestPitch_hz)
                      : 0.0f;
    energy[t] = kEnergyScale * values[3 * t + 2];
  }
  constexpr size_t kColumns = FlashSizes::kCurves + FlashSizes::kPhases;
  values.resize(kColumns * count);
  ops::Arena host_arena;
  for (size_t i = 0, first = 0; i < work.items(); ++i) {
    const size_t rows = ops::item_rows(frames, i);
    const std::span<float> own_f0 = std::span(f0_hz).subspan(first, rows);
    const std::span<float> own_energy = std::span(energy).subspan(first, rows);
    const Performance& performance = work.inputs[i].performance;
    made.sounding.push_back(sounding_frames(own_energy, own_f0));
    if (!performance.neutral_pitch()) {
      shape_pitch(performance, frame_counts[i], own_f0, host_arena);
    }
    if (!performance.neutral_effort()) {
      shape_energy(performance, frame_counts[i], own_energy, host_arena);
    }
    work.report("performed_f0", i, own_f0);
    work.report("performed_energy", i, own_energy);
    write_curves(own_f0, own_energy, std::span(values).subspan(kColumns * first, kColumns * rows));
    first += rows;
  }
  work.backend.upload(values, frames.columns(sizes_.text.channels + FlashSizes::kPlaces, kColumns),
                      work.arena);
  work.backend.upload(f0_hz, f0, work.arena);
}

ops::Rows FlashModel::time_text(const Work& work, ops::ConstRows condition,
                                std::span<std::vector<int>> frame_counts,
                                std::span<int> skipped) const {
  std::vector<size_t> token_counts;
  for (const Inputs& inputs : work.inputs) token_counts.push_back(inputs.tokens.size());
  const ops::Rows text = work.rows(token_counts, sizes_.text.channels);
  encode(work, condition, text);
  work.report("text", text);
  time_tokens(work, text, condition, frame_counts);
  for (size_t i = 0; i < work.items(); ++i) {
    int& opening = frame_counts[i].front();
    skipped[i] = std::max(0, opening - kMostOpeningFrames);
    opening -= skipped[i];
  }
  return text;
}

FlashModel::Frames FlashModel::make_frames(const Work& work,
                                           std::span<std::vector<int>> frame_counts) const {
  const ops::Rows prosody_condition = conditions(work, SpeakerOf::kProsody, ControlsOf::kNeutral);
  std::vector<int> skipped(work.items());
  const ops::Rows text = time_text(work, prosody_condition, frame_counts, skipped);

  std::vector<int> all_counts;
  std::vector<size_t> lengths;
  for (const std::vector<int>& counts : frame_counts) {
    all_counts.insert(all_counts.end(), counts.begin(), counts.end());
    lengths.push_back(
        static_cast<size_t>(std::accumulate(counts.begin(), counts.end(), int64_t{0})));
  }
  Frames result;
  result.frames = work.rows(lengths, sizes_.decoder_inputs());
  result.f0 = work.arena.rows_like(result.frames, 1);
  const ops::Rows own_text = result.frames.columns(0, sizes_.text.channels);
  work.backend.repeat_rows(text, all_counts, own_text, work.arena);
  place_frames(work, frame_counts, skipped, result.frames);
  shape_prosody(work, frame_counts, prosody_condition, result);

  // Timbre is that of the other speaker, and of what the utterance as a whole is told.
  result.condition = prosody_condition;
  const bool changes =
      std::any_of(work.inputs.begin(), work.inputs.end(), [](const Inputs& inputs) {
        return &inputs.speaker != &inputs.prosody_speaker ||
               mean_controls(inputs) != std::array<float, FlashSizes::kControls>{};
      });
  if (changes) {
    result.condition = conditions(work, SpeakerOf::kTimbre, ControlsOf::kMeans);
    encode(work, result.condition, text);
    work.backend.repeat_rows(text, all_counts, own_text, work.arena);
  }
  return result;
}

// A part needs the frames around it that the decoder's kernels and the windows reach.
void FlashModel::make_sound(const Work& work, const Frames& made, int closing_frames,
                            const Parts& parts, const PartSink& sink) const {
  const ops::SourceFilterSpec spec = sizes_.vocoder();
  const ops::ConstRows frames = made.frames;
  const FrameRange sounding = made.sounding.front();
  std::vector<float> sound;
  if (sounding.begin == sounding.end) {
    sound.assign(frames.rows * spec.hop, 0.0f);
    work.report("samples", 0, sound);
    sink(sound);
    return;
  }
  const ops::Arena::Scope scope(work.arena);
  const ops::Rows film = work.arena.rows(1, decoder_.film_channels);
  work.backend.conv1d(*decoder_.film, made.condition, {}, {}, film, work.arena);
  for (size_t begin = sounding.begin, end = 0; begin < sounding.end; begin = end) {
    const ops::Arena::Scope part_scope(work.arena);
    const bool is_first = begin == sounding.begin;
    const size_t wanted = std::max<size_t>(1, is_first ? parts.first : parts.next);
    end = begin + std::min(wanted, sounding.end - begin);
    const size_t window_begin = begin - std::min(begin, kWindowReach);
    const size_t window_end = std::min(frames.rows, end + kWindowReach);
    const size_t decoder_begin = window_begin - std::min(window_begin, sizes_.decoder_past());
    const size_t decoder_end = std::min(frames.rows, window_end + sizes_.decoder_future());
    const size_t rows = decoder_end - decoder_begin;
    const ops::Rows head = work.arena.rows(rows, spec.channels());
    work.backend.conv_next(
        *decoder_.blocks,
        {frames.row(decoder_begin), rows, frames.channels, frames.stride, nullptr}, film, head,
        work.arena);
    work.report("head", head);
    const size_t window_rows = window_end - window_begin;
    ops::SourceFilterVariation variation = variation_of(work.inputs.front(), sizes_);
    variation.first_frame = window_begin;
    const ops::Rows samples = work.arena.rows(window_rows * spec.hop, 1);
    work.backend.source_filter(
        spec, {&variation, 1},
        {head.row(window_begin - decoder_begin), window_rows, head.channels, head.stride, nullptr},
        made.f0, samples, work.arena);
    const size_t first = (begin - window_begin) * spec.hop;
    const size_t silence = is_first ? begin * spec.hop : 0, own = (end - begin) * spec.hop;
    const size_t sound_end = end == sounding.end ? frames.rows : end;
    sound.assign(silence + (sound_end - begin) * spec.hop, 0.0f);
    work.backend.download({samples.row(first), own, 1, samples.stride, nullptr},
                          std::span(sound).subspan(silence, own), work.arena);
    fade_end(closing_frames, spec.hop, (frames.rows - sound_end) * spec.hop, sound);
    work.report("samples", 0, sound);
    sink(sound);
  }
}

void FlashModel::foretell(ops::Backend& backend, ops::Arena& arena, const Inputs& inputs,
                          std::vector<int>& frame_counts) const {
  const ops::Arena::Scope scope(arena);
  const Work work(backend, arena, {&inputs, 1});
  int skipped = 0;
  time_text(work, conditions(work, SpeakerOf::kProsody, ControlsOf::kNeutral), {&frame_counts, 1},
            {&skipped, 1});
}

void FlashModel::synthesize(ops::Backend& backend, ops::Arena& arena, const Inputs& inputs,
                            std::vector<int>& frame_counts, const Parts& parts,
                            const PartSink& sink) const {
  const ops::Arena::Scope scope(arena);
  const Work work(backend, arena, {&inputs, 1});
  const Frames made = make_frames(work, {&frame_counts, 1});
  make_sound(work, made, frame_counts.back(), parts, sink);
}

void FlashModel::synthesize_together(ops::Backend& backend, ops::Arena& arena,
                                     std::span<const Inputs> inputs,
                                     std::span<std::vector<int>> frame_counts,
                                     const ItemSink& sink) const {
  const ops::SourceFilterSpec spec = sizes_.vocoder();
  const ops::Arena::Scope scope(arena);
  const Work work(backend, arena, inputs);
  const Frames made = make_frames(work, frame_counts);
  const ops::Rows head = arena.rows_like(made.frames, spec.channels());
  run(work, decoder_, made.frames, made.condition, head);
  work.report("head", head);
  std::vector<size_t> sample_counts;
  std::vector<ops::SourceFilterVariation> variations;
  for (size_t i = 0; i < inputs.size(); ++i) {
    sample_counts.push_back(ops::item_rows(made.frames, i) * spec.hop);
    variations.push_back(variation_of(inputs[i], sizes_));
  }
  const ops::Rows samples = work.rows(sample_counts, 1);
  backend.source_filter(spec, variations, head, made.f0, samples, arena);
  std::vector<float> sound;
  for (size_t i = 0; i < inputs.size(); ++i) {
    sound.resize(sample_counts[i]);
    backend.download(ops::item_of(samples, i), sound, arena);
    const auto sounding_begin = static_cast<ptrdiff_t>(made.sounding[i].begin * spec.hop);
    const auto sounding_end = static_cast<ptrdiff_t>(made.sounding[i].end * spec.hop);
    std::fill(sound.begin(), sound.begin() + sounding_begin, 0.0f);
    std::fill(sound.begin() + sounding_end, sound.end(), 0.0f);
    fade_end(frame_counts[i].back(), spec.hop, 0, sound);
    work.report("samples", i, sound);
    sink(i, sound);
  }
}

}  // namespace myna::voice::flash
