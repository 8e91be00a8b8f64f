// Raw audio to a pipe whose reader plays it: written from a thread of its own, while the next piece
// is made.
#pragma once

#include <memory>
#include <utility>

#include "audio/encoder.h"
#include "voice/playout.h"

namespace myna::cli {

class PlayoutEncoder final : public audio::Encoder {
 public:
  PlayoutEncoder(std::unique_ptr<audio::Encoder> output, const voice::PlayoutOptions& options)
      : output_(std::move(output)),
        playout_(options, [this](std::span<const float> samples) { output_->write(samples); }) {}

  const voice::Playout& playout() const { return playout_; }

 private:
  void encode(std::span<const float> samples) override { playout_.push(samples); }
  void complete() override {
    playout_.finish();
    output_->finish();
  }

  std::unique_ptr<audio::Encoder> output_;
  voice::Playout playout_;
};

}  // namespace myna::cli
