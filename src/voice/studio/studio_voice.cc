#include "voice/studio/studio_voice.h"

#include <atomic>
#include <cmath>
#include <mutex>
#include <utility>
#include <vector>

#include "backend/cpu/cpu_backend.h"
#include "backend/cuda/cuda_backend.h"
#include "base/error.h"
#include "base/paths.h"
#include "voice/request_batches.h"
#include "voice/side_by_side.h"
#include "voice/speech_shaping.h"
#include "voice/studio/studio_model.h"
#include "voice/symbol_table.h"
#include "weights/model_package.h"

namespace myna::voice {
namespace {

// Three frames, 75 ms: the spectrum changes most 45 to 55 ms before the frames of word starts (over
// running speech of heart and michael), and the change begins 25 ms before that. Whisper's word
// times lie where it begins (tools/eval/eval_alignment.py), and a caption may rather be early.
constexpr int kSoundLead_samples = 3 * studio::StudioModel::kSamplesPerFrame;
// Five minutes of speech, 5 GB of activations on a device.
constexpr size_t kMaximumBatchPhonemes = 4096;

ops::Precision precision_of(const StudioOptions& options) {
  if (options.precision) return *options.precision;
  if (options.device == StudioOptions::Device::kCuda) return ops::Precision::kBfloat16;
  return backend::cpu_backend_info(options.isa).fast_int8 ? ops::Precision::kInt8
                                                          : ops::Precision::kFloat32;
}

std::unique_ptr<ops::Backend> make_backend(const StudioOptions& options) {
  if (options.device == StudioOptions::Device::kCuda) return backend::make_cuda_backend();
  return backend::make_cpu_backend(options.threads, options.isa);
}

class StudioVoice final : public Voice {
 public:
  StudioVoice(const ModelPackage& package, const StudioOptions& options)
      : backend_(make_backend(options)),
        arena_(backend_->make_arena()),
        weights_(package.open_safetensors("studio.safetensors")),
        packs_(package.open_safetensors("voices.safetensors")),
        symbols_(package.card().parameters.integer_map("vocabulary"), package.name()),
        model_(studio::Checkpoint(weights_, *backend_, precision_of(options))) {
    // Nearly everything was copied into the backend's layout; what is still read comes back by
    // itself.
    weights_.release_pages();
  }

  std::string_view tier() const override { return "studio"; }
  int sample_rate() const override { return studio::StudioModel::kSampleRate; }
  std::span<const Speaker> speakers() const override { return packs_.speakers(); }
  size_t max_phonemes() const override { return studio::StudioModel::kMaximumPhonemes; }
  bool has_symbol(char32_t symbol) const override { return symbols_.has(symbol); }

  size_t preferred_batch_items() const override { return backend_->preferred_batch_items(); }

  Speech synthesize(const SynthesisRequest& request) override {
    return std::move(synthesize_batch({&request, 1}).front());
  }

  Speech foretell(const SynthesisRequest& request) override {
    check_request(request, max_phonemes());
    Speech speech;
    const std::lock_guard lock(mutex_);
    run_model({&request, 1}, {&speech, 1}, *backend_, *arena_, nullptr,
              &studio::StudioModel::foretell);
    return speech;
  }

  std::vector<Speech> synthesize_batch(std::span<const SynthesisRequest> requests) override {
    for (const SynthesisRequest& request : requests) check_request(request, max_phonemes());
    std::vector<Speech> speech(requests.size());
    if (requests.size() > 1 && !backend_->lanes().empty()) {
      synthesize_side_by_side(requests, speech);
      return speech;
    }
    const BatchLimits limits = {backend_->preferred_batch_items(), kMaximumBatchPhonemes};
    for_each_batch(requests, limits, [&](size_t first, size_t count) {
      synthesize_on_all_threads(requests.subspan(first, count),
                                std::span(speech).subspan(first, count));
    });
    return speech;
  }

 private:
  void synthesize_side_by_side(std::span<const SynthesisRequest> requests,
                               std::span<Speech> speech) {
    const std::lock_guard lock(lanes_mutex_);
    const std::span<const std::unique_ptr<ops::Backend>> lanes = backend_->lanes();
    while (lane_arenas_.size() < lanes.size()) {
      lane_arenas_.push_back(lanes[lane_arenas_.size()]->make_arena());
    }
    run_side_by_side(requests, lanes.size(),
                     [&](size_t i, size_t lane, const std::atomic<bool>& stop) {
                       synthesize_together(requests.subspan(i, 1), speech.subspan(i, 1),
                                           *lanes[lane], *lane_arenas_[lane], &stop);
                     });
  }

  void synthesize_on_all_threads(std::span<const SynthesisRequest> requests,
                                 std::span<Speech> speech) {
    const std::lock_guard lock(mutex_);
    synthesize_together(requests, speech, *backend_, *arena_, nullptr);
  }

  void synthesize_together(std::span<const SynthesisRequest> requests, std::span<Speech> speech,
                           ops::Backend& backend, ops::Arena& arena,
                           const std::atomic<bool>* stop) const {
    run_model(requests, speech, backend, arena, stop, &studio::StudioModel::synthesize);
    for (size_t i = 0; i < requests.size(); ++i) {
      shape_timbre(requests[i].control, requests[i].seed, speech[i]);
    }
  }

  using ModelWork = void (studio::StudioModel::*)(studio::Run&,
                                                  std::span<const studio::StudioModel::Inputs>,
                                                  std::span<Speech>) const;
  void run_model(std::span<const SynthesisRequest> requests, std::span<Speech> speech,
                 ops::Backend& backend, ops::Arena& arena, const std::atomic<bool>* stop,
                 ModelWork work) const {
    for (Speech& item : speech) {
      item.sample_rate = sample_rate();
      item.samples_per_frame = studio::StudioModel::kSamplesPerFrame;
      item.sound_lead_samples = kSoundLead_samples;
    }
    if (requests.front().phonemes.empty()) {
      speech.front().frame_counts = {0, 0};
      return;
    }
    std::vector<std::vector<int>> tokens;
    std::vector<studio::Style> styles;
    std::vector<studio::StudioModel::Inputs> inputs;
    std::vector<std::vector<PhonemeControl>> controls;
    for (const SynthesisRequest& request : requests) {
      tokens.push_back(symbols_.tokens(request.phonemes));
      styles.push_back(packs_.style(request.speaker, request.phonemes.size()));
      if (!request.prosody_speaker) continue;
      styles.back().prosody =
          packs_.style(*request.prosody_speaker, request.phonemes.size()).prosody;
    }
    controls.reserve(requests.size());
    for (size_t i = 0; i < requests.size(); ++i) {
      const SynthesisRequest& request = requests[i];
      // Not the model's own, which is that of the reference and slows short phonemes too little.
      controls.push_back(
          with_speed(request.phoneme_controls, request.phonemes.size(), request.speed));
      inputs.push_back({tokens[i],
                        styles[i],
                        1.0f,
                        {request.seed, request.control.whisper},
                        {request.phonemes, controls.back(), request.control}});
    }
    studio::Run run(backend, arena, requests);
    if (stop != nullptr) run.stop_with(*stop);
    run.check_cancelled();
    (model_.*work)(run, inputs, speech);
  }

  std::unique_ptr<ops::Backend> backend_;
  std::unique_ptr<ops::Arena> arena_;
  SafetensorsFile weights_;
  studio::VoicePacks packs_;
  SymbolTable symbols_;
  studio::StudioModel model_;
  std::mutex mutex_;  // guards arena_: one synthesis at a time uses all threads
  std::vector<std::unique_ptr<ops::Arena>> lane_arenas_;
  std::mutex lanes_mutex_;  // guards lane_arenas_: one batch at a time
};

}  // namespace

std::unique_ptr<Voice> make_studio_voice(const StudioOptions& options) {
  const ModelPackage package = options.package_directory.empty()
                                   ? ModelPackage::open("kokoro-82m")
                                   : ModelPackage::open_directory(options.package_directory);
  return std::make_unique<StudioVoice>(package, options);
}

}  // namespace myna::voice
