#include "voice/studio/studio_model.h"

#include <numeric>

#include "base/error.h"
#include "base/utf8.h"

namespace myna::voice::studio {
namespace {

constexpr int kTokenSlots = 178;
constexpr int kPadToken = 0;

}  // namespace

SymbolTable::SymbolTable(const std::map<std::string, int64_t>& symbols) {
  for (const auto& [symbol, id] : symbols) {
    const std::u32string points = to_utf32(symbol);
    if (points.size() != 1 || id <= kPadToken || id >= kTokenSlots) {
      throw Error(ErrorCode::kCorruptData,
                  "'" + symbol + "' is not a symbol of the model's alphabet",
                  "install the model again: myna models pull kokoro-82m");
    }
    ids_[points[0]] = static_cast<int>(id);
  }
}

std::vector<int> SymbolTable::tokens(std::u32string_view phonemes) const {
  std::vector<int> tokens;
  tokens.reserve(phonemes.size() + 2);
  tokens.push_back(kPadToken);
  for (size_t i = 0; i < phonemes.size(); ++i) {
    const auto found = ids_.find(phonemes[i]);
    if (found == ids_.end()) {
      std::string symbol;
      append_utf8(symbol, phonemes[i]);
      throw Error(ErrorCode::kInvalidArgument, "phoneme '" + symbol + "' at position " +
                                                   std::to_string(i + 1) +
                                                   " is not in the voice's alphabet");
    }
    tokens.push_back(found->second);
  }
  tokens.push_back(kPadToken);
  return tokens;
}

StudioModel::StudioModel(const Checkpoint& checkpoint)
    : plbert_(checkpoint),
      plbert_projection_(
          checkpoint.linear("bert_encoder", Plbert::kHidden, 512, checkpoint.precision())),
      prosody_(checkpoint),
      text_encoder_(checkpoint),
      decoder_(checkpoint),
      generator_(checkpoint) {}

void StudioModel::synthesize(Run& run, const Inputs& inputs, Speech& speech) const {
  ops::Arena& arena = run.arena;
  const ops::Arena::Scope scope(arena);
  const size_t token_count = inputs.tokens.size();
  const std::span<const float> prosody_style = inputs.style.prosody;
  const std::span<const float> decoder_style = inputs.style.decoder;

  const ops::Rows encoded = arena.rows(token_count, ProsodyPredictor::kEncoded);
  {
    const ops::Arena::Scope encoder_scope(arena);
    const ops::Rows hidden = arena.rows(token_count, Plbert::kHidden);
    plbert_.encode(run, inputs.tokens, hidden);
    run.report("plbert", hidden);
    const ops::Rows text = arena.rows(token_count, 512);
    run.backend.conv1d(*plbert_projection_, hidden, {}, {}, text, arena);
    run.report("bert_encoder", text);
    prosody_.encode(run, prosody_style, text, encoded);
    run.report("duration_encoder", encoded);
  }
  const Performance& performance = inputs.performance;
  speech.frame_counts.resize(token_count);
  const std::span<float> wanted(arena.allocate<float>(token_count), token_count);
  prosody_.predict_durations(run, encoded, inputs.speed, wanted);
  round_durations(wanted, performance.controls, speech.frame_counts);
  run.report("durations",
             std::vector<float>(speech.frame_counts.begin(), speech.frame_counts.end()));

  const auto frames = static_cast<size_t>(
      std::accumulate(speech.frame_counts.begin(), speech.frame_counts.end(), 0));
  const size_t curve_length = 2 * frames;
  const std::span<float> f0(arena.allocate<float>(curve_length), curve_length);
  const std::span<float> energy(arena.allocate<float>(curve_length), curve_length);
  {
    const ops::Arena::Scope curves_scope(arena);
    const ops::Rows repeated = arena.rows(frames, ProsodyPredictor::kEncoded);
    run.backend.repeat_rows(encoded, speech.frame_counts, repeated);
    prosody_.predict_curves(run, prosody_style, repeated, f0, energy);
  }
  shape_pitch(performance, speech.frame_counts, f0, arena);
  shape_energy(performance, speech.frame_counts, energy, arena);

  const ops::Rows features = arena.rows(curve_length, Decoder::kOutputChannels);
  {
    const ops::Arena::Scope decoder_scope(arena);
    const ops::Rows text = arena.rows(token_count, TextEncoder::kChannels);
    text_encoder_.encode(run, inputs.tokens, text);
    run.report("text_encoder", text);
    const ops::Rows repeated = arena.rows(frames, TextEncoder::kChannels);
    run.backend.repeat_rows(text, speech.frame_counts, repeated);
    decoder_.decode(run, decoder_style, repeated, f0, energy, features);
  }

  speech.samples.resize(frames * kSamplesPerFrame);
  const ops::Rows spectrum =
      arena.rows(speech.samples.size() / Generator::kHop + 1, Generator::kSpectrumChannels);
  generator_.make_source_spectrum(run, f0, inputs.noise, spectrum);
  generator_.generate(run, decoder_style, features, spectrum, speech.samples);
}

}  // namespace myna::voice::studio
