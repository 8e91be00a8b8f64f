#include "voice/flash/flash_voice.h"

#include <array>
#include <mutex>
#include <utility>
#include <vector>

#include "backend/cpu/cpu_backend.h"
#include "backend/cuda/cuda_backend.h"
#include "base/cancel_scope.h"
#include "base/error.h"
#include "voice/flash/flash_model.h"
#include "voice/request_batches.h"
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
// A first part of 0.3 s, then of 1.5 s: with the frames that they reach (7 ahead, 31 behind, made
// twice) they fill the CPU's tiles of 32.
constexpr flash::FlashModel::Parts kParts = {25, 122};
// What is heard as a whole is made at once up to 13 s; more would only take memory.
constexpr flash::FlashModel::Parts kWhole = {1024, 1024};
constexpr size_t kPiecesOfLane = 4;
// On a device: twenty minutes of speech, 3 GB of activations.
constexpr size_t kMaximumBatchPhonemes = 16384;

// Of the parts where the machine is fast: int8 where it is not heard, bfloat16 elsewhere, or 16-bit
// integers where bfloat16 is slow (docs/decisions/0021).
flash::FlashPrecisions precisions_of(const FlashOptions& options) {
  using ops::Precision;
  if (options.device == FlashOptions::Device::kCuda) {
    const Precision all = options.precision.value_or(Precision::kBfloat16);
    return {all, all, all, all};
  }
  const backend::CpuBackendInfo cpu = backend::cpu_backend_info(options.isa);
  const Precision half = cpu.fast_bfloat16 ? Precision::kBfloat16
                         : cpu.fast_int8   ? Precision::kInt16
                                           : Precision::kFloat32;
  const Precision asked =
      options.precision.value_or(cpu.fast_int8 ? Precision::kInt8 : Precision::kFloat32);
  if (asked == Precision::kInt8) return {half, Precision::kInt8, Precision::kInt8, half};
  return {asked, asked, asked, asked};
}

std::unique_ptr<ops::Backend> make_backend(const FlashOptions& options) {
  if (options.device == FlashOptions::Device::kCuda) return backend::make_cuda_backend();
  return backend::make_cpu_backend(options.threads, options.isa);
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
      : backend_(make_backend(options)),
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

  // Several a lane, so that the lanes end together.
  size_t preferred_batch_items() const override {
    const size_t lanes = backend_->lanes().size();
    return lanes > 1 ? kPiecesOfLane * lanes : backend_->preferred_batch_items();
  }

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

  Speech foretell(const SynthesisRequest& request) override {
    check_request(request, max_phonemes());
    const std::lock_guard lock(mutex_);
    return run(request, nullptr, [&](const flash::FlashModel::Inputs& inputs, Speech& speech) {
      model_.foretell(*backend_, *arena_, inputs, speech.frame_counts);
    });
  }

  std::vector<Speech> synthesize_batch(std::span<const SynthesisRequest> requests) override {
    for (const SynthesisRequest& request : requests) check_request(request, max_phonemes());
    std::vector<Speech> speech(requests.size());
    const std::lock_guard lock(mutex_);
    const std::span<const std::unique_ptr<ops::Backend>> lanes = backend_->lanes();
    if (lanes.empty() || requests.size() == 1) {
      const BatchLimits limits = {backend_->preferred_batch_items(), kMaximumBatchPhonemes};
      for_each_batch(requests, limits, [&](size_t first, size_t count) {
        if (count == 1) {
          speech[first] = synthesize_whole(requests[first], *backend_, *arena_, nullptr);
        } else {
          synthesize_together(requests.subspan(first, count),
                              std::span(speech).subspan(first, count));
        }
      });
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
  Speech silent_speech() const {
    Speech speech;
    speech.sample_rate = sample_rate();
    speech.samples_per_frame = flash::FlashModel::kSamplesPerFrame;
    speech.sound_lead_samples = kSoundLead_samples;
    return speech;
  }

  // `tokens` outlives what comes back, as the request does.
  static flash::FlashModel::Inputs inputs_of(const SynthesisRequest& request,
                                             std::span<const int> tokens) {
    return {tokens,
            request.speaker,
            request.prosody_speaker ? *request.prosody_speaker : request.speaker,
            request.speed,
            {request.phonemes, request.phoneme_controls, request.control},
            request.seed,
            1.0f,
            request.observer};
  }

  // As the items of one batch, none without phonemes.
  void synthesize_together(std::span<const SynthesisRequest> requests, std::span<Speech> speech) {
    std::vector<const std::atomic<bool>*> flags;
    std::vector<std::vector<int>> tokens, frame_counts(requests.size());
    for (const SynthesisRequest& request : requests) {
      if (request.cancel != nullptr) flags.push_back(request.cancel);
      tokens.push_back(symbols_.tokens(request.phonemes));
    }
    std::vector<flash::FlashModel::Inputs> inputs;
    for (size_t i = 0; i < requests.size(); ++i) {
      inputs.push_back(inputs_of(requests[i], tokens[i]));
      speech[i] = silent_speech();
    }
    const CancelScope cancel(flags);
    if (cancel.requested()) throw Error(ErrorCode::kCancelled, "synthesis was cancelled");
    model_.synthesize_together(*backend_, *arena_, inputs, frame_counts,
                               [&](size_t item, std::span<const float> samples) {
                                 speech[item].samples.assign(samples.begin(), samples.end());
                               });
    for (size_t i = 0; i < requests.size(); ++i) {
      speech[i].frame_counts = std::move(frame_counts[i]);
      shape_timbre(requests[i].control, requests[i].seed, speech[i]);
    }
  }

  Speech synthesize_whole(const SynthesisRequest& request, ops::Backend& backend, ops::Arena& arena,
                          const std::atomic<bool>* stop) const {
    std::vector<float> samples;
    Speech speech = run(request, backend, arena, stop, kWhole, [&](std::vector<float>& part) {
      if (samples.empty()) {
        samples = std::move(part);
      } else {
        samples.insert(samples.end(), part.begin(), part.end());
      }
    });
    speech.samples = std::move(samples);
    shape_timbre(request.control, request.seed, speech);
    return speech;
  }

  Speech run(const SynthesisRequest& request, ops::Backend& backend, ops::Arena& arena,
             const std::atomic<bool>* stop, const flash::FlashModel::Parts& parts,
             const flash::FlashModel::PartSink& sink) const {
    return run(request, stop, [&](const flash::FlashModel::Inputs& inputs, Speech& speech) {
      model_.synthesize(backend, arena, inputs, speech.frame_counts, parts, sink);
    });
  }

  // work(inputs, speech) where there is something to say, while nobody cancels.
  template <typename Work>
  Speech run(const SynthesisRequest& request, const std::atomic<bool>* stop,
             const Work& work) const {
    Speech speech = silent_speech();
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
    work(inputs_of(request, tokens), speech);
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
