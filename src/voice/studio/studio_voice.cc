#include "voice/studio/studio_voice.h"

#include <cmath>
#include <mutex>

#include "backend/cpu/cpu_backend.h"
#include "base/error.h"
#include "base/paths.h"
#include "voice/speech_shaping.h"
#include "voice/studio/studio_model.h"
#include "weights/model_package.h"

namespace myna::voice {
namespace {

constexpr float kMinimumSpeed = 0.25f;
constexpr float kMaximumSpeed = 4.0f;

ops::Precision precision_of(const StudioOptions& options) {
  if (options.precision) return *options.precision;
  return backend::cpu_backend_info(options.isa).fast_int8 ? ops::Precision::kInt8
                                                          : ops::Precision::kFloat32;
}

class StudioVoice final : public Voice {
 public:
  StudioVoice(const ModelPackage& package, const StudioOptions& options)
      : backend_(backend::make_cpu_backend(options.threads, options.isa)),
        weights_(package.open_safetensors("studio.safetensors")),
        packs_(package.open_safetensors("voices.safetensors")),
        symbols_(package.card().parameters.integer_map("vocabulary")),
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

  Speech synthesize(const SynthesisRequest& request) override {
    check(request);
    Speech speech;
    speech.sample_rate = sample_rate();
    speech.samples_per_frame = studio::StudioModel::kSamplesPerFrame;
    if (request.phonemes.empty()) {
      speech.frame_counts = {0, 0};
      return speech;
    }
    const std::vector<int> tokens = symbols_.tokens(request.phonemes);
    studio::Style style = packs_.style(request.speaker, request.phonemes.size());
    if (request.prosody_speaker) {
      style.prosody = packs_.style(*request.prosody_speaker, request.phonemes.size()).prosody;
    }
    const std::lock_guard lock(mutex_);
    studio::Run run(*backend_, arena_, request);
    run.check_cancelled();
    model_.synthesize(run,
                      {tokens,
                       style,
                       request.speed,
                       {0.0f, request.seed, request.control.whisper},
                       {request.phonemes, request.phoneme_controls, request.control}},
                      speech);
    shape_timbre(request.control, request.seed, speech);
    return speech;
  }

 private:
  void check(const SynthesisRequest& request) const {
    if (request.phonemes.size() > max_phonemes()) {
      throw Error(ErrorCode::kInvalidArgument,
                  std::to_string(request.phonemes.size()) + " phonemes are more than the " +
                      std::to_string(max_phonemes()) + " that the voice reads at once",
                  "cut the text into shorter utterances");
    }
    if (!(request.speed >= kMinimumSpeed && request.speed <= kMaximumSpeed)) {
      throw Error(ErrorCode::kInvalidArgument,
                  "speed " + std::to_string(request.speed) + " is not between 0.25 and 4");
    }
    check_controls(request);
  }

  std::unique_ptr<ops::Backend> backend_;
  SafetensorsFile weights_;
  studio::VoicePacks packs_;
  studio::SymbolTable symbols_;
  studio::StudioModel model_;
  std::mutex mutex_;  // guards arena_: one synthesis at a time uses all threads
  ops::Arena arena_;
};

}  // namespace

std::unique_ptr<Voice> make_studio_voice(const StudioOptions& options) {
  const ModelPackage package = options.package_directory.empty()
                                   ? ModelPackage::open("kokoro-82m")
                                   : ModelPackage::open_directory(options.package_directory);
  return std::make_unique<StudioVoice>(package, options);
}

}  // namespace myna::voice
