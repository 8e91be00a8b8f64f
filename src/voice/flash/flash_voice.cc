#include "voice/flash/flash_voice.h"

#include <array>
#include <mutex>
#include <utility>
#include <vector>

#include "backend/cpu/cpu_backend.h"
#include "base/cancel_scope.h"
#include "base/error.h"
#include "voice/flash/flash_model.h"
#include "voice/side_by_side.h"
#include "voice/speaker_levels.h"
#include "voice/speech_shaping.h"
#include "voice/symbol_table.h"
#include "weights/model_package.h"

namespace myna::voice {
namespace {

constexpr const char* kPackage = "myna-voice-1";
constexpr const char* kArchitecture = "myna-voice-1";
// As the Studio voice, whose audio it has learnt frame by frame: 75 ms.
constexpr int kSoundLead_samples = 6 * flash::FlashModel::kSamplesPerFrame;
// A first part of 0.35 s, then of 1.6 s: the frames around a part (40 of them) are made twice.
constexpr flash::FlashModel::Parts kParts = {28, 128};
// What is heard as a whole is made at once up to 13 s; more would only take memory.
constexpr flash::FlashModel::Parts kWhole = {1024, 1024};

// Of the parts where the machine is fast: int8 where it is not heard, bfloat16 elsewhere
// (docs/decisions/0021).
flash::FlashPrecisions precisions_of(const FlashOptions& options) {
  using ops::Precision;
  const backend::CpuBackendInfo cpu = backend::cpu_backend_info(options.isa);
  const Precision half = cpu.fast_bfloat16 ? Precision::kBfloat16 : Precision::kFloat32;
  const Precision asked =
      options.precision.value_or(cpu.fast_int8 ? Precision::kInt8 : Precision::kFloat32);
  if (asked == Precision::kInt8) return {half, half, Precision::kInt8, half};
  return {asked, asked, asked, asked};
}

ModelPackage open_package(const FlashOptions& options) {
  ModelPackage package = options.package_directory.empty()
                             ? ModelPackage::open(kPackage)
                             : ModelPackage::open_directory(options.package_directory);
  if (package.card().architecture != kArchitecture) {
    throw Error(ErrorCode::kCorruptData,
                "the package '" + package.name() + "' has a model of another kind: '" +
                    package.card().architecture + "'",
                "install the flash voice: myna models pull " + std::string(kPackage));
  }
  return package;
}

class FlashVoice final : public Voice {
 public:
  FlashVoice(const ModelPackage& package, const FlashOptions& options)
      : backend_(backend::make_cpu_backend(options.threads, options.isa)),
        arena_(backend_->make_arena()),
        symbols_(package.card().parameters.integer_map("vocabulary"), package.name()),
        model_(package.open_safetensors("voice.safetensors"),
               flash::read_flash_sizes(package.card().parameters, package.name()), *backend_,
               precisions_of(options)) {
    for (const std::string& id : model_.sizes().speakers) {
      speakers_.push_back(speaker_from_id(id, "card.json", package.name()));
    }
  }

  std::string_view tier() const override { return "flash"; }
  int sample_rate() const override { return flash::FlashModel::kSampleRate; }
  std::span<const Speaker> speakers() const override { return speakers_; }
  size_t max_phonemes() const override { return flash::FlashModel::kMaximumPhonemes; }
  bool has_symbol(char32_t symbol) const override { return symbols_.has(symbol); }

  Speech synthesize(const SynthesisRequest& request) override {
    check_request(request, max_phonemes());
    const std::lock_guard lock(mutex_);
    return synthesize_whole(request, *backend_, *arena_, nullptr);
  }

  Speech synthesize_in_parts(const SynthesisRequest& request, const PartSink& sink) override {
    check_request(request, max_phonemes());
    // A tilt keeps the level of the whole, and a breath follows what came before.
    if (request.control.tilt_db_per_octave != 0 || request.control.breath > 0) {
      return Voice::synthesize_in_parts(request, sink);
    }
    const std::lock_guard lock(mutex_);
    return run(request, *backend_, *arena_, nullptr, kParts, sink);
  }

  std::vector<Speech> synthesize_batch(std::span<const SynthesisRequest> requests) override {
    for (const SynthesisRequest& request : requests) check_request(request, max_phonemes());
    std::vector<Speech> speech(requests.size());
    const std::lock_guard lock(mutex_);
    const std::span<const std::unique_ptr<ops::Backend>> lanes = backend_->lanes();
    if (lanes.empty() || requests.size() == 1) {
      for (size_t i = 0; i < requests.size(); ++i) {
        speech[i] = synthesize_whole(requests[i], *backend_, *arena_, nullptr);
      }
      return speech;
    }
    while (lane_arenas_.size() < lanes.size()) {
      lane_arenas_.push_back(lanes[lane_arenas_.size()]->make_arena());
    }
    run_side_by_side(
        requests, lanes.size(), [&](size_t i, size_t lane, const std::atomic<bool>& stop) {
          speech[i] = synthesize_whole(requests[i], *lanes[lane], *lane_arenas_[lane], &stop);
        });
    return speech;
  }

 private:
  Speech synthesize_whole(const SynthesisRequest& request, ops::Backend& backend, ops::Arena& arena,
                          const std::atomic<bool>* stop) const {
    std::vector<float> samples;
    Speech speech = run(request, backend, arena, stop, kWhole, [&](std::span<const float> part) {
      samples.insert(samples.end(), part.begin(), part.end());
    });
    speech.samples = std::move(samples);
    shape_timbre(request.control, request.seed, speech);
    return speech;
  }

  Speech run(const SynthesisRequest& request, ops::Backend& backend, ops::Arena& arena,
             const std::atomic<bool>* stop, const flash::FlashModel::Parts& parts,
             const PartSink& sink) const {
    Speech speech;
    speech.sample_rate = sample_rate();
    speech.samples_per_frame = flash::FlashModel::kSamplesPerFrame;
    speech.sound_lead_samples = kSoundLead_samples;
    if (request.phonemes.empty()) {
      speech.frame_counts = {0, 0};
      return speech;
    }
    static const std::atomic<bool> kNever{false};
    const std::array<const std::atomic<bool>*, 2> flags = {
        request.cancel != nullptr ? request.cancel : &kNever, stop != nullptr ? stop : &kNever};
    const CancelScope cancel(flags);
    if (cancel.requested()) throw Error(ErrorCode::kCancelled, "synthesis was cancelled");
    const std::vector<int> tokens = symbols_.tokens(request.phonemes);
    const SpeakerBlend& prosody_speaker =
        request.prosody_speaker ? *request.prosody_speaker : request.speaker;
    flash::FlashModel::Inputs inputs{tokens,
                                     request.speaker,
                                     prosody_speaker,
                                     request.speed,
                                     {request.phonemes, request.phoneme_controls, request.control},
                                     request.seed,
                                     1.0f,
                                     request.observer};
    model_.synthesize(backend, arena, inputs, speech.frame_counts, parts, sink);
    return speech;
  }

  std::unique_ptr<ops::Backend> backend_;
  std::unique_ptr<ops::Arena> arena_;
  SymbolTable symbols_;
  flash::FlashModel model_;
  std::vector<Speaker> speakers_;
  std::mutex mutex_;  // guards the arenas: one synthesis, or one batch, at a time
  std::vector<std::unique_ptr<ops::Arena>> lane_arenas_;
};

}  // namespace

std::unique_ptr<Voice> make_flash_voice(const FlashOptions& options) {
  return std::make_unique<FlashVoice>(open_package(options), options);
}

}  // namespace myna::voice
