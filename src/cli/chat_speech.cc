#include "cli/chat_speech.h"

#include <fmt/format.h>
#include <unistd.h>

#include <cerrno>
#include <condition_variable>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <filesystem>
#include <mutex>
#include <thread>

#include "audio/encoder.h"
#include "base/error.h"
#include "cli/narration_run.h"
#include "cli/playout_encoder.h"
#include "voice/speech_output.h"

namespace myna::cli {
namespace {

struct PipeCloser {
  void operator()(std::FILE* pipe) const { ::pclose(pipe); }
};

bool is_installed(const std::string& program) {
  const char* path = std::getenv("PATH");
  std::string_view rest = path != nullptr ? path : "/usr/bin:/bin";
  while (!rest.empty()) {
    const std::string_view directory = rest.substr(0, rest.find(':'));
    rest.remove_prefix(std::min(rest.size(), directory.size() + 1));
    if (::access((std::filesystem::path(directory) / program).c_str(), X_OK) == 0) return true;
  }
  return false;
}

}  // namespace

std::string find_player(int rate) {
  if (is_installed("aplay")) return fmt::format("aplay -q -t raw -f S16_LE -c 1 -r {}", rate);
  if (is_installed("pw-cat")) {
    return fmt::format("pw-cat --playback --raw --format s16 --channels 1 --rate {} -", rate);
  }
  if (is_installed("paplay"))
    return fmt::format("paplay --raw --format=s16le --channels=1 --rate={}", rate);
  if (is_installed("ffplay")) {
    return fmt::format("ffplay -loglevel error -nodisp -autoexit -f s16le -ar {} -ac 1 -", rate);
  }
  return {};
}

struct AnswerSpeech::Answer {
  std::unique_ptr<std::FILE, PipeCloser> pipe;
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
    : engine_(open_engine(engine)), player_(std::move(player)) {
  if (player_.empty()) player_ = find_player(engine_.voice->sample_rate());
  if (player_.empty()) {
    throw Error(ErrorCode::kUnavailable, "there is no program that plays sound",
                "install alsa-utils, or name one with --player");
  }
}

AnswerSpeech::~AnswerSpeech() = default;

void AnswerSpeech::begin(const std::atomic<bool>& cancel) {
  answer_ = std::make_unique<Answer>();
  answer_->pipe.reset(::popen(player_.c_str(), "we"));
  if (!answer_->pipe) throw errno_error("cannot start '" + player_ + "'", errno);
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
          audio::make_raw_encoder(::fileno(answer.pipe.get()), "the player"), playout);
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
  const int status = ::pclose(done->pipe.release());
  if (stopped) return;  // the player went with the same Ctrl-C
  if (done->error) std::rethrow_exception(done->error);
  if (status != 0) {
    throw Error(ErrorCode::kIo, "'" + player_ + "' did not play the answer",
                "try it by itself, or name another program with --player");
  }
}

}  // namespace myna::cli
