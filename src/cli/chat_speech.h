// Speaks an answer while it is written, through a program that plays sound.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "cli/engine.h"

namespace myna::cli {

// One answer at a time; say() may be called from another thread than begin() and finish().
class AnswerSpeech {
 public:
  // `player` is a shell command that plays raw PCM from its standard input; empty: find_player().
  // Throws Error kUnavailable when there is none, and what open_engine() throws.
  AnswerSpeech(const EngineOptions& engine, std::string player);
  ~AnswerSpeech();
  AnswerSpeech(const AnswerSpeech&) = delete;
  AnswerSpeech& operator=(const AnswerSpeech&) = delete;

  // What the flag stops falls silent at once; it outlives finish().
  void begin(const std::atomic<bool>& cancel);
  void say(std::string_view text);
  // Waits until everything was heard. Throws what went wrong on the way, unless it was stopped.
  void finish();

 private:
  struct Answer;
  Engine engine_;
  std::string player_;
  std::unique_ptr<Answer> answer_;
};

}  // namespace myna::cli
