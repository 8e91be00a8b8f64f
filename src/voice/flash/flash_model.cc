#include "voice/flash/flash_model.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <cmath>
#include <deque>
#include <numeric>
#include <string>

#include "base/cancel_scope.h"
#include "base/error.h"
#include "voice/symbol_table.h"

namespace myna::voice::flash {
namespace {

constexpr float kReferencePitch_hz = 200.0f;
constexpr float kLowestPitch_hz = 50.0f;
constexpr float kHighestPitch_hz = 600.0f;
constexpr float kEnergyScale = 5.0f;
constexpr float kSemitonesOfControl = 4.0f;
constexpr float kDbOfControl = 6.0f;
// Frames of a hop are whole when this many around them are there.
constexpr size_t kWindowReach = 2;

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
    spec.hidden = 2 * size.channels;
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

// One synthesis in work.
struct FlashModel::Utterance {
  ops::Backend& backend;
  ops::Arena& arena;
  const Inputs& inputs;
  mutable std::chrono::steady_clock::time_point stage_start = std::chrono::steady_clock::now();

  // Ends a stage: looks at the cancel flag of the thread's scope, and reports.
  void report(std::string_view stage, ops::ConstRows result) const {
    check_cancelled();
    if (!inputs.observer) return;
    std::vector<float> values(result.rows * result.channels);
    backend.download(result, values, arena);
    const std::array<size_t, 2> shape = {result.rows, result.channels};
    report(stage, std::span(shape).first(result.channels == 1 ? 1 : 2), values);
  }
  void report(std::string_view stage, std::span<const float> values) const {
    check_cancelled();
    if (!inputs.observer) return;
    const std::array<size_t, 1> shape = {values.size()};
    report(stage, shape, values);
  }

 private:
  void report(std::string_view stage, std::span<const size_t> shape,
              std::span<const float> values) const {
    const auto now = std::chrono::steady_clock::now();
    inputs.observer(
        {stage, shape, values, std::chrono::duration<double>(now - stage_start).count()});
    stage_start = std::chrono::steady_clock::now();
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
  const size_t text = sizes.text.channels;
  embedding_ = backend.prepare_table(
      loader.values("text.embedding", {static_cast<size_t>(SymbolTable::kTokenSlots), text}), text);
  const StackSize one_block = {text, 1, sizes.text.kernel};
  text_ = loader.stack("text.blocks", sizes.text, sizes.text.kernel / 2, 0, "", 0, "",
                       precisions.text, precisions.text);
  duration_ = loader.stack("duration.blocks", one_block, sizes.text.kernel / 2, 0, "", 1,
                           "duration.out", precisions.text, ops::Precision::kFloat32);
  prosody_ = loader.stack("prosody.blocks", sizes.prosody, sizes.prosody.kernel / 2,
                          text + FlashSizes::kPlaces, "prosody.in", 3, "prosody.out",
                          precisions.prosody, ops::Precision::kFloat32);
  decoder_ = loader.stack(
      "decoder.blocks", sizes.decoder, sizes.decoder.kernel - 1 - FlashSizes::kLookAheadFrames,
      text + FlashSizes::kPlaces + FlashSizes::kCurves, "decoder.in",
      ops::SourceFilterSpec().channels(), "decoder.head", precisions.decoder, precisions.head);
}

void FlashModel::add_speaker(const SpeakerBlend& blend, std::span<float> condition) const {
  if (blend.parts.empty()) throw Error(ErrorCode::kInvalidArgument, "no voice was chosen");
  for (const SpeakerBlend::Part& part : blend.parts) {
    if (part.speaker >= sizes_.speakers.size()) {
      throw Error(ErrorCode::kInvalidArgument,
                  "there is no voice number " + std::to_string(part.speaker));
    }
    const float* row = speakers_.data() + part.speaker * sizes_.speaker_channels;
    for (size_t i = 0; i < sizes_.speaker_channels; ++i) condition[i] += part.weight * row[i];
  }
}

ops::Rows FlashModel::condition_row(const Utterance& utterance, const SpeakerBlend& blend,
                                    std::span<const float> controls) const {
  std::vector<float> values(sizes_.condition(), 0.0f);
  add_speaker(blend, std::span(values).first(sizes_.speaker_channels));
  std::copy(controls.begin(), controls.end(),
            values.begin() + static_cast<ptrdiff_t>(sizes_.speaker_channels));
  const ops::Rows row = utterance.arena.rows(1, values.size());
  utterance.backend.upload(values, row, utterance.arena);
  return row;
}

void FlashModel::run(const Utterance& utterance, const Stack& stack, ops::ConstRows x,
                     ops::ConstRows condition, ops::Rows y) const {
  const ops::Arena::Scope scope(utterance.arena);
  const ops::Rows film = utterance.arena.rows(1, stack.film_channels);
  utterance.backend.conv1d(*stack.film, condition, {}, {}, film, utterance.arena);
  utterance.backend.conv_next(*stack.blocks, x, film, y, utterance.arena);
}

ops::Rows FlashModel::encode(const Utterance& utterance, ops::ConstRows condition) const {
  const std::span<const int> tokens = utterance.inputs.tokens;
  const ops::Rows text = utterance.arena.rows(tokens.size(), sizes_.text.channels);
  const ops::Arena::Scope scope(utterance.arena);
  const ops::Rows embedded = utterance.arena.rows(tokens.size(), sizes_.text.channels);
  utterance.backend.embed(*embedding_, nullptr, tokens, embedded, utterance.arena);
  run(utterance, text_, embedded, condition, text);
  return text;
}

void FlashModel::time_tokens(const Utterance& utterance, ops::ConstRows text,
                             ops::ConstRows condition, std::vector<int>& frame_counts) const {
  const ops::Arena::Scope scope(utterance.arena);
  const ops::Rows logs = utterance.arena.rows(text.rows, 1);
  run(utterance, duration_, text, condition, logs);
  utterance.report("log_durations", logs);
  std::vector<float> wanted(text.rows);
  utterance.backend.download(logs, wanted, utterance.arena);
  // A token of more than some seconds is a broken model's; it must not ask for all memory.
  constexpr float kLongest = 8.0f;  // 256 frames
  for (float& value : wanted) {
    value = std::exp2(std::min(value, kLongest));
    if (!std::isfinite(value)) {
      throw Error(ErrorCode::kCorruptData, "the voice model gave a duration that is no number",
                  "install the model again");
    }
  }
  frame_counts.resize(text.rows);
  const float speed = utterance.inputs.speed;
  const std::span<const PhonemeControl> controls = utterance.inputs.performance.controls;
  if (speed == 1) {
    round_durations(wanted, controls, frame_counts);
  } else {
    // As factors, so that what rounding takes is handed on: the model has learnt durations of whole
    // 25 ms, and half of each would be rounded the same way.
    std::vector<PhonemeControl> scaled(controls.begin(), controls.end());
    scaled.resize(text.rows - 2);
    for (PhonemeControl& control : scaled) control.duration /= speed;
    wanted.front() /= speed;
    wanted.back() /= speed;
    round_durations(wanted, scaled, frame_counts);
  }
  if (utterance.inputs.observer) {
    utterance.report("durations", std::vector<float>(frame_counts.begin(), frame_counts.end()));
  }
}

void FlashModel::place_frames(const Utterance& utterance, std::span<const int> frame_counts,
                              ops::Rows frames) const {
  std::vector<float> places;
  places.reserve(FlashSizes::kPlaces * frames.rows);
  for (const int count : frame_counts) {
    const float length = std::log2(static_cast<float>(count)) / 4;
    for (int j = 0; j < count; ++j) {
      places.push_back((static_cast<float>(j) + 0.5f) / static_cast<float>(count));
      places.push_back(length);
    }
  }
  utterance.backend.upload(places, frames.columns(sizes_.text.channels, FlashSizes::kPlaces),
                           utterance.arena);
}

void FlashModel::shape_prosody(const Utterance& utterance, std::span<const int> frame_counts,
                               ops::Rows frames, ops::ConstRows condition, ops::Rows f0) const {
  const ops::Arena::Scope scope(utterance.arena);
  const size_t count = frames.rows;
  const ops::Rows predicted = utterance.arena.rows(count, 3);
  run(utterance, prosody_, frames.columns(0, sizes_.text.channels + FlashSizes::kPlaces), condition,
      predicted);
  utterance.report("prosody", predicted);
  std::vector<float> values(3 * count), f0_hz(count), energy(count);
  utterance.backend.download(predicted, values, utterance.arena);
  for (size_t t = 0; t < count; ++t) {
    const bool voiced = values[3 * t + 1] > 0;
    f0_hz[t] = voiced ? std::clamp(kReferencePitch_hz * std::exp2(values[3 * t]), kLowestPitch_hz,
                                   kHighestPitch_hz)
                      : 0.0f;
    energy[t] = kEnergyScale * values[3 * t + 2];
  }
  ops::Arena host_arena;
  const Performance& performance = utterance.inputs.performance;
  if (!performance.neutral_pitch()) shape_pitch(performance, frame_counts, f0_hz, host_arena);
  if (!performance.neutral_effort()) shape_energy(performance, frame_counts, energy, host_arena);
  utterance.report("performed_f0", f0_hz);
  utterance.report("performed_energy", energy);
  for (size_t t = 0; t < count; ++t) {
    const bool voiced = f0_hz[t] > 0;
    values[3 * t] = voiced ? std::log2(f0_hz[t] / kReferencePitch_hz) : 0.0f;
    values[3 * t + 1] = voiced ? 1.0f : 0.0f;
    values[3 * t + 2] = energy[t] / kEnergyScale;
  }
  utterance.backend.upload(
      values, frames.columns(sizes_.text.channels + FlashSizes::kPlaces, FlashSizes::kCurves),
      utterance.arena);
  utterance.backend.upload(f0_hz, f0, utterance.arena);
}

// A part needs the frames around it that the decoder's kernels and the windows reach.
void FlashModel::make_sound(const Utterance& utterance, ops::ConstRows frames, ops::ConstRows f0,
                            ops::ConstRows condition, const Parts& parts,
                            const PartSink& sink) const {
  const ops::SourceFilterSpec spec;
  const ops::Arena::Scope scope(utterance.arena);
  const ops::Rows film = utterance.arena.rows(1, decoder_.film_channels);
  utterance.backend.conv1d(*decoder_.film, condition, {}, {}, film, utterance.arena);
  std::vector<float> sound;
  for (size_t begin = 0, end = 0; begin < frames.rows; begin = end) {
    const ops::Arena::Scope part_scope(utterance.arena);
    const size_t wanted = std::max<size_t>(1, begin == 0 ? parts.first : parts.next);
    end = begin + std::min(wanted, frames.rows - begin);
    const size_t window_begin = begin - std::min(begin, kWindowReach);
    const size_t window_end = std::min(frames.rows, end + kWindowReach);
    const size_t decoder_begin = window_begin - std::min(window_begin, sizes_.decoder_past());
    const size_t decoder_end = std::min(frames.rows, window_end + sizes_.decoder_future());
    const size_t rows = decoder_end - decoder_begin;
    const ops::Rows head = utterance.arena.rows(rows, spec.channels());
    utterance.backend.conv_next(
        *decoder_.blocks,
        {frames.row(decoder_begin), rows, frames.channels, frames.stride, nullptr}, film, head,
        utterance.arena);
    utterance.report("head", head);
    const size_t window_rows = window_end - window_begin;
    ops::SourceFilterVariation variation;
    variation.seed = utterance.inputs.seed;
    variation.noise_level = utterance.inputs.noise_level;
    variation.whisper = utterance.inputs.performance.control.whisper;
    variation.first_frame = window_begin;
    const ops::Rows samples = utterance.arena.rows(window_rows * spec.hop, 1);
    utterance.backend.source_filter(
        spec, {&variation, 1},
        {head.row(window_begin - decoder_begin), window_rows, head.channels, head.stride, nullptr},
        f0, samples, utterance.arena);
    const size_t first = (begin - window_begin) * spec.hop;
    sound.resize((end - begin) * spec.hop);
    utterance.backend.download({samples.row(first), sound.size(), 1, samples.stride, nullptr},
                               sound, utterance.arena);
    utterance.report("samples", sound);
    sink(sound);
  }
}

void FlashModel::synthesize(ops::Backend& backend, ops::Arena& arena, const Inputs& inputs,
                            std::vector<int>& frame_counts, const Parts& parts,
                            const PartSink& sink) const {
  const ops::Arena::Scope scope(arena);
  const Utterance utterance{backend, arena, inputs};
  const std::array<float, FlashSizes::kControls> neutral{};
  const ops::Rows prosody_condition = condition_row(utterance, inputs.prosody_speaker, neutral);
  ops::Rows text = encode(utterance, prosody_condition);
  utterance.report("text", text);
  time_tokens(utterance, text, prosody_condition, frame_counts);

  const auto count =
      static_cast<size_t>(std::accumulate(frame_counts.begin(), frame_counts.end(), int64_t{0}));
  const ops::Rows frames =
      arena.rows(count, sizes_.text.channels + FlashSizes::kPlaces + FlashSizes::kCurves);
  const ops::Rows f0 = arena.rows(count, 1);
  backend.repeat_rows(text, frame_counts, frames.columns(0, sizes_.text.channels), arena);
  place_frames(utterance, frame_counts, frames);
  shape_prosody(utterance, frame_counts, frames, prosody_condition, f0);

  // Timbre is that of the other speaker, and of what the utterance as a whole is told.
  const std::array<float, FlashSizes::kControls> controls = mean_controls(inputs);
  ops::Rows condition = prosody_condition;
  if (&inputs.speaker != &inputs.prosody_speaker || controls != neutral) {
    condition = condition_row(utterance, inputs.speaker, controls);
    text = encode(utterance, condition);
    backend.repeat_rows(text, frame_counts, frames.columns(0, sizes_.text.channels), arena);
  }
  make_sound(utterance, frames, f0, condition, parts, sink);
}

}  // namespace myna::voice::flash
