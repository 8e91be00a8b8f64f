#include "cli/chat_speech.h"

#include <condition_variable>
#include <exception>
#include <mutex>
#include <optional>
#include <thread>

#include "audio/encoder.h"
#include "base/error.h"
#include "cli/narration_run.h"
#include "cli/player_pipe.h"
#include "cli/playout_encoder.h"
#include "voice/speech_output.h"

namespace myna::cli {

struct AnswerSpeech::Answer {
  std::optional<PlayerPipe> pipe;
  const std::atomic<bool>* cancel = nullptr;
  std::mutex mutex;  // guards text and complete
  std::condition_variable changed;
  std::string text;
  bool complete = false;
  std::exception_ptr error;  // read after the thread has ended
  std::thread thread;

  ~Answer() {
    end();
    if (thread.joinable()) thread.join();
  }
  void end() {
    const std::lock_guard lock(mutex);
    complete = true;
    changed.notify_all();
  }
  // For the text stream: what has come, or the end.
  void read(text::TextStream& stream, double timeout_s) {
    std::unique_lock lock(mutex);
    changed.wait_for(lock, std::chrono::duration<double>(timeout_s),
                     [this] { return complete || !text.empty(); });
    const std::string more = std::move(text);
    text.clear();
    const bool end = complete;
    lock.unlock();
    stream.append(more);
    if (end) stream.finish();
  }
};

AnswerSpeech::AnswerSpeech(const EngineOptions& engine, std::string player)
    : engine_(open_engine(engine)),
      player_(require_player(std::move(player), engine_.voice->sample_rate())) {}

AnswerSpeech::~AnswerSpeech() = default;

void AnswerSpeech::begin(const std::atomic<bool>& cancel) {
  answer_ = std::make_unique<Answer>();
  answer_->pipe.emplace(player_);
  answer_->cancel = &cancel;
  Answer& answer = *answer_;
  answer.thread = std::thread([this, &answer] {
    try {
      voice::SpeechOutputOptions speech;
      speech.voice_rate = speech.output_rate = engine_.voice->sample_rate();
      speech.loudness_lufs = -16;
      speech.delivery = voice::Delivery::kLive;
      speech.voice_lufs = voice::blend_loudness_lufs(engine_.speaker, engine_.voice->speakers());
      voice::PlayoutOptions playout;
      playout.sample_rate = speech.output_rate;
      playout.cancel = answer.cancel;
      auto encoder = std::make_unique<PlayoutEncoder>(
          audio::make_raw_encoder(answer.pipe->descriptor(), "the player"), playout);
      const voice::Playout& heard = encoder->playout();
      voice::SpeechOutput output(std::move(encoder), speech);
      LiveText live;
      live.read = [&](text::TextStream& stream, double timeout_s) {
        answer.read(stream, timeout_s);
      };
      live.lead_s = [&heard] { return heard.lead_s(); };
      NarrationCallbacks callbacks;
      callbacks.sink = [&](std::span<const float> samples) { output.write(samples); };
      std::string source;
      run_live_narration(engine_, live, source, callbacks, KeepWords::kNo, answer.cancel,
                         std::chrono::steady_clock::now());
      output.finish();
    } catch (...) {
      answer.error = std::current_exception();
    }
  });
}

void AnswerSpeech::say(std::string_view text) {
  if (!answer_) return;
  const std::lock_guard lock(answer_->mutex);
  answer_->text += text;
  answer_->changed.notify_all();
}

void AnswerSpeech::finish() {
  if (!answer_) return;
  answer_->end();
  answer_->thread.join();
  const std::unique_ptr<Answer> done = std::move(answer_);
  const bool stopped = done->cancel->load();
  const int status = done->pipe->close();
  if (stopped) return;  // the player went with the same Ctrl-C
  if (done->error) std::rethrow_exception(done->error);
  if (status != 0) {
    throw Error(ErrorCode::kIo, "'" + player_ + "' did not play the answer",
                "try it by itself, or name another program with --player");
  }
}

}  // namespace myna::cli
