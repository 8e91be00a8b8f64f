// myna-voice-1 on a backend: docs/models/myna-voice-1.md, step by step. Apart from threads,
// packages and names, so that the parity test can hold each stage against the goldens.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>
#include <string_view>
#include <vector>

#include "ops/backend.h"
#include "voice/flash/flash_sizes.h"
#include "voice/performance.h"
#include "voice/voice.h"
#include "weights/safetensors.h"

namespace myna::voice::flash {

// Arithmetic of the model's parts: durations and melody steer everything after them, and the head's
// phases are heard.
struct FlashPrecisions {
  ops::Precision text = ops::Precision::kFloat32;     // text and durations
  ops::Precision prosody = ops::Precision::kFloat32;  // blocks of pitch and energy
  ops::Precision decoder = ops::Precision::kFloat32;  // blocks of the decoder
  ops::Precision head = ops::Precision::kFloat32;     // its first and last layer
};

class FlashModel {
 public:
  static constexpr size_t kMaximumPhonemes = 510;
  static constexpr int kSampleRate = 24000;
  static constexpr int kSamplesPerFrame = 300;

  // Copies what it needs of the file into the backend's layout. Throws Error kCorruptData for a
  // tensor that is missing or has another shape, kUnavailable for a backend without the operations.
  FlashModel(const SafetensorsFile& file, const FlashSizes& sizes, ops::Backend& backend,
             const FlashPrecisions& precisions);

  struct Inputs {
    std::span<const int> tokens;          // with padding
    const SpeakerBlend& speaker;          // timbre
    const SpeakerBlend& prosody_speaker;  // durations and curves
    float speed = 1.0f;
    Performance performance;
    uint64_t seed = 0;
    float noise_level = 1.0f;  // 0 for parity with a reference that draws none
    const StageObserver& observer;
  };
  using PartSink = std::function<void(std::vector<float>& samples)>;  // it may take them
  // Frames of the first part and of the others.
  struct Parts {
    size_t first = SIZE_MAX;
    size_t next = SIZE_MAX;
  };
  // Gives all frame counts to `frame_counts` and then the samples, in order, to `sink`, in parts
  // that they do not depend on. Thread-safe with an arena each.
  void synthesize(ops::Backend& backend, ops::Arena& arena, const Inputs& inputs,
                  std::vector<int>& frame_counts, const Parts& parts, const PartSink& sink) const;

  // The frame counts alone.
  void foretell(ops::Backend& backend, ops::Arena& arena, const Inputs& inputs,
                std::vector<int>& frame_counts) const;

  // The same for several at once, each as a whole; for devices that one does not fill.
  using ItemSink = std::function<void(size_t item, std::span<const float>)>;
  void synthesize_together(ops::Backend& backend, ops::Arena& arena, std::span<const Inputs> inputs,
                           std::span<std::vector<int>> frame_counts, const ItemSink& sink) const;

  const FlashSizes& sizes() const { return sizes_; }

 private:
  // Blocks with the layer that makes their normalisation of a condition.
  struct Stack {
    ops::Prepared film;
    ops::Prepared blocks;
    size_t film_channels = 0;
  };
  class Loader;
  struct Work;
  struct FrameRange {
    size_t begin = 0, end = 0;
  };
  // What the decoder reads: text, places and curves of each frame; the pitch in Hz; the conditions.
  struct Frames {
    ops::Rows frames, f0, condition;
    std::vector<FrameRange> sounding;  // of each item; silence around it
  };
  enum class SpeakerOf : uint8_t { kProsody, kTimbre };
  enum class ControlsOf : uint8_t { kNeutral, kMeans };

  void add_speaker(const SpeakerBlend& blend, size_t phonemes, std::span<float> condition) const;
  ops::Rows conditions(const Work& work, SpeakerOf speaker, ControlsOf controls) const;
  void run(const Work& work, const Stack& stack, ops::ConstRows x, ops::ConstRows condition,
           ops::Rows y) const;
  void encode(const Work& work, ops::ConstRows condition, ops::Rows text) const;
  void time_tokens(const Work& work, ops::ConstRows text, ops::ConstRows condition,
                   std::span<std::vector<int>> frame_counts) const;
  static void round_tokens(const Inputs& inputs, std::span<float> wanted,
                           std::vector<int>& frame_counts);
  // skipped: frames of each item's opening token that are not made.
  void place_frames(const Work& work, std::span<const std::vector<int>> frame_counts,
                    std::span<const int> skipped, ops::Rows frames) const;
  void shape_prosody(const Work& work, std::span<const std::vector<int>> frame_counts,
                     ops::ConstRows condition, Frames& made) const;
  static FrameRange sounding_frames(std::span<const float> energy, std::span<const float> f0_hz);
  // Text [tokens][text channels] in the arena's open scope, and its frame counts.
  ops::Rows time_text(const Work& work, ops::ConstRows condition,
                      std::span<std::vector<int>> frame_counts, std::span<int> skipped) const;
  Frames make_frames(const Work& work, std::span<std::vector<int>> frame_counts) const;
  void make_sound(const Work& work, const Frames& made, int closing_frames, const Parts& parts,
                  const PartSink& sink) const;

  FlashSizes sizes_;
  // [speakers][speaker_channels]: at kUsualPhonemes, and what is added for each doubling.
  std::vector<float> speakers_, speaker_lengths_;
  ops::Prepared embedding_;
  Stack text_, duration_, prosody_, decoder_;
};

}  // namespace myna::voice::flash
