#include "voice/studio/decoder.h"

#include <string>
#include <utility>

namespace myna::voice::studio {
namespace {

constexpr size_t kHidden = 1024;
constexpr size_t kTextResidual = 64;
// Each block sees its predecessor's output with the text residual, pitch and energy beside it.
constexpr size_t kBlockInput = kHidden + kTextResidual + 2;

}  // namespace

Decoder::Decoder(const Checkpoint& checkpoint)
    : f0_conv_(checkpoint.conv1d("decoder.F0_conv", {1, 1, 3, 2, 1, 1}, ops::Precision::kFloat32)),
      energy_conv_(
          checkpoint.conv1d("decoder.N_conv", {1, 1, 3, 2, 1, 1}, ops::Precision::kFloat32)),
      text_residual_(checkpoint.conv1d(
          "decoder.asr_res.0", {kTextChannels, kTextResidual, 1, 1, 1, 0}, checkpoint.precision())),
      encode_(checkpoint, "decoder.encode", kTextChannels + 2, kHidden, Upsample::kNone) {
  for (int i = 0; i < 3; ++i) {
    blocks_.emplace_back(checkpoint, "decoder.decode." + std::to_string(i), kBlockInput, kHidden,
                         Upsample::kNone);
  }
  blocks_.emplace_back(checkpoint, "decoder.decode.3", kBlockInput, kOutputChannels,
                       Upsample::kDouble);
}

void Decoder::decode(Run& run, ops::ConstRows style, ops::ConstRows text, ops::ConstRows f0_hz,
                     ops::ConstRows energy, ops::Rows y) const {
  const ops::Arena::Scope scope(run.arena);
  const ops::Rows input = run.arena.rows_like(text, kTextChannels + 2);
  // Two buffers that take turns; the columns beside the hidden ones are the same in both.
  ops::Rows current = run.arena.rows_like(text, kBlockInput);
  ops::Rows next = run.arena.rows_like(text, kBlockInput);

  const ops::Rows f0 = current.columns(kHidden + kTextResidual, 1);
  const ops::Rows noise = current.columns(kHidden + kTextResidual + 1, 1);
  run.backend.conv1d(*f0_conv_, f0_hz, {}, {}, f0, run.arena);
  run.backend.conv1d(*energy_conv_, energy, {}, {}, noise, run.arena);
  run.backend.conv1d(*text_residual_, text, {}, {}, current.columns(kHidden, kTextResidual),
                     run.arena);
  const ops::Rows beside = current.columns(kHidden, kTextResidual + 2);
  run.backend.copy_rows(beside, next.columns(kHidden, kTextResidual + 2), run.arena);
  run.backend.copy_rows(text, input.columns(0, kTextChannels), run.arena);
  run.backend.copy_rows(beside.columns(kTextResidual, 2), input.columns(kTextChannels, 2),
                        run.arena);
  encode_.apply(run, style, input, current.columns(0, kHidden));
  run.report("decoder_encode", current.columns(0, kHidden));
  for (size_t i = 0; i + 1 < blocks_.size(); ++i) {
    blocks_[i].apply(run, style, current, next.columns(0, kHidden));
    std::swap(current, next);
    run.report("decoder_decode" + std::to_string(i), current.columns(0, kHidden));
  }
  blocks_.back().apply(run, style, current, y);
  run.report("decoder_decode3", y);
}

}  // namespace myna::voice::studio
