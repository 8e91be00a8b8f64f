#include "train/voice/adversary.h"

#include <array>
#include <cmath>
#include <nlohmann/json.hpp>
#include <span>

#include "base/error.h"
#include "train/core/autocast.h"
#include "train/core/checkpoint.h"
#include "train/core/draw.h"
#include "train/core/settings_fields.h"

namespace myna::train {
namespace {

constexpr std::array<int64_t, 4> kFftSizes = {1024, 512, 256, 2048};
constexpr std::array<int64_t, 5> kPeriods = {2, 3, 5, 7, 11};
constexpr int64_t kScales = 3;
constexpr int64_t kLeastTop_hz = 1000, kRate_hz = 24000;
constexpr double kLevel = 5;    // speech then has a deviation of about 0.3
constexpr double kSlope = 0.2;  // of the leaky rectifiers

// Wider and wider over time, and half as many bins each.
std::vector<ConvolutionStack::Layer> resolution_layers(int64_t inputs, int64_t channels) {
  std::vector<ConvolutionStack::Layer> layers;
  for (const int64_t dilation : {1, 1, 2, 4}) {
    layers.push_back({layers.empty() ? inputs : channels,
                      channels,
                      {3, 9},
                      {1, 2},
                      {dilation, 4},
                      {dilation, 1}});
  }
  layers.push_back({channels, channels, {3, 3}, {1, 1}, {1, 1}});
  layers.push_back({channels, 1, {3, 3}, {1, 1}, {1, 1}});
  return layers;
}

std::vector<ConvolutionStack::Layer> period_layers(int64_t channels) {
  return {{1, channels, {5, 1}, {3, 1}, {2, 0}},
          {channels, 2 * channels, {5, 1}, {3, 1}, {2, 0}},
          {2 * channels, 4 * channels, {5, 1}, {3, 1}, {2, 0}},
          {4 * channels, 4 * channels, {5, 1}, {1, 1}, {2, 0}},
          {4 * channels, 1, {3, 1}, {1, 1}, {1, 0}}};
}

std::vector<ConvolutionStack::Layer> scale_layers(int64_t channels) {
  return {{1, channels, {1, 15}, {1, 2}, {0, 7}},
          {channels, 2 * channels, {1, 21}, {1, 2}, {0, 10}},
          {2 * channels, 4 * channels, {1, 21}, {1, 2}, {0, 10}, {1, 1}, 2},
          {4 * channels, 4 * channels, {1, 11}, {1, 1}, {0, 5}, {1, 1}, 4},
          {4 * channels, 4 * channels, {1, 5}, {1, 1}, {0, 2}},
          {4 * channels, 1, {1, 3}, {1, 1}, {0, 1}}};
}

void require_edge(const char* name, int64_t hertz, int64_t least) {
  require_within(name, hertz, least, kRate_hz / 2);
  if (hertz % 40 != 0) {
    throw Error(ErrorCode::kInvalidArgument,
                std::string(name) + " is " + std::to_string(hertz) + ", not a multiple of 40");
  }
}

}  // namespace

ConvolutionStack::ConvolutionStack(Parameters& parameters, const std::string& name,
                                   std::vector<Layer> layers)
    : layers_(std::move(layers)) {
  for (size_t i = 0; i < layers_.size(); ++i) {
    const Layer& layer = layers_[i];
    const std::string own = name + "." + std::to_string(i);
    const int64_t in = layer.in / layer.groups;
    const auto fan = static_cast<double>(in * layer.kernel[0] * layer.kernel[1]);
    const double gain = i + 1 < layers_.size() ? std::sqrt(2 / (1 + kSlope * kSlope)) : 1;
    weights_.push_back(parameters.normal(
        own + ".weight", {layer.out, in, layer.kernel[0], layer.kernel[1]}, gain / std::sqrt(fan)));
    biases_.push_back(parameters.constant(own + ".bias", {layer.out}, 0));
  }
}

Verdict ConvolutionStack::operator()(Tensor x) const {
  Verdict verdict;
  for (size_t i = 0; i < layers_.size(); ++i) {
    if (i > 0) verdict.features.push_back(x = at::leaky_relu(x, kSlope));
    const Layer& layer = layers_[i];
    x = at::conv2d(x, weights_[i], biases_[i], layer.stride, layer.padding, layer.dilation,
                   layer.groups);
  }
  verdict.score = x.to(at::kFloat);
  return verdict;
}

ResolutionDiscriminator::ResolutionDiscriminator(Parameters& parameters, const std::string& name,
                                                 int64_t fft, Band band, bool phases)
    : fft_(fft),
      first_(band.low_hz * fft / kRate_hz),
      bins_(band.high_hz * fft / kRate_hz + 1 - first_),
      phases_(phases),
      stack_(parameters, name, resolution_layers(phases ? 4 : 2, band.channels)) {
  const Tensor hann = at::hann_window(fft, at::kFloat);
  window_ = (hann / hann.norm()).to(parameters.device());
}

Verdict ResolutionDiscriminator::operator()(const Tensor& sound) const {
  const Tensor spectrum = at::view_as_real(
      at::fft_rfft(sound.unfold(1, fft_, fft_ / 4) * window_).narrow(2, first_, bins_));
  // |X|^0.3 with the phase of X, and the logarithm of |X|, which a net is slow to find by itself.
  const Tensor power = spectrum.square().sum(-1, true) + 1e-7;
  std::vector<Tensor> seen;
  if (phases_) seen.push_back(spectrum * power.pow(-0.35));
  seen.push_back(at::log(power) * 0.25 + 1);
  seen.push_back(at::linspace(-1, 1, bins_, power.options()).unsqueeze(1).expand_as(power));
  return stack_(at::cat(seen, 3).permute({0, 3, 1, 2}).contiguous());
}

PeriodDiscriminator::PeriodDiscriminator(Parameters& parameters, const std::string& name,
                                         int64_t period, int64_t channels)
    : period_(period), stack_(parameters, name, period_layers(channels)) {}

Verdict PeriodDiscriminator::operator()(const Tensor& sound) const {
  const int64_t rows = sound.size(1) / period_;
  return stack_(sound.narrow(1, 0, rows * period_).reshape({sound.size(0), 1, rows, period_}));
}

ScaleDiscriminator::ScaleDiscriminator(Parameters& parameters, const std::string& name,
                                       int64_t channels)
    : stack_(parameters, name, scale_layers(channels)) {}

Verdict ScaleDiscriminator::operator()(const Tensor& sound) const {
  return stack_((sound * kLevel).unsqueeze(1).unsqueeze(1));
}

Tensor low_band(const Tensor& sound, int64_t top_hz) {
  if (2 * top_hz == kRate_hz) return sound;
  const int64_t length = sound.size(1) * 2 * top_hz / kRate_hz;
  const Tensor spectrum = at::fft_rfft(sound).narrow(1, 0, length / 2 + 1);
  return at::fft_irfft(spectrum, length) *
         (static_cast<double>(length) / static_cast<double>(sound.size(1)));
}

Adversary::Adversary(const AdversarySettings& settings, uint64_t seed, at::Device device,
                     bool bfloat16)
    : settings_(settings), seed_(seed), bfloat16_(bfloat16), parameters_(seed, device) {
  require_within("adversary.resolutions", settings.resolutions, 0, std::ssize(kFftSizes));
  require_within("adversary.periods", settings.periods, 0, std::ssize(kPeriods));
  require_within("adversary.scales", settings.scales, 0, kScales);
  require_within("adversary.channels", settings.channels, 1, 1024);
  require_within("adversary.upper_channels", settings.upper_channels, 1, 1024);
  require_edge("adversary.top_hz", settings.top_hz, kLeastTop_hz);
  if (settings.upper_hz != 0) {
    require_edge("adversary.upper_hz", settings.upper_hz, settings.top_hz + kLeastTop_hz);
    if (settings.resolutions == 0) {
      throw Error(ErrorCode::kInvalidArgument,
                  "adversary.upper_hz is " + std::to_string(settings.upper_hz) +
                      ", but adversary.resolutions is 0, so nothing would hear that band");
    }
  }
  // The longest spectrum has 2,048 samples.
  require_within("adversary.frames", settings.frames, 7, 1 << 20);
  std::vector<std::pair<std::string, ResolutionDiscriminator::Band>> bands = {
      {"resolution.", {0, settings.top_hz, settings.channels}}};
  if (settings.upper_hz != 0) {
    bands.push_back({"upper.", {settings.top_hz, settings.upper_hz, settings.upper_channels}});
  }
  for (const int64_t fft : std::span(kFftSizes).first(static_cast<size_t>(settings.resolutions))) {
    for (const auto& [name, band] : bands) {
      resolutions_.emplace_back(parameters_, name + std::to_string(fft), fft, band,
                                settings.phases);
    }
  }
  for (const int64_t period : std::span(kPeriods).first(static_cast<size_t>(settings.periods))) {
    periods_.emplace_back(parameters_, "period." + std::to_string(period), period,
                          settings.channels);
  }
  for (int64_t i = 0; i < settings.scales; ++i) {
    scales_.emplace_back(parameters_, "scale." + std::to_string(i), settings.channels);
  }
  // HiFi-GAN's.
  OptimizerSettings adam;
  adam.learning_rate = settings.learning_rate;
  adam.beta1 = 0.8;
  adam.beta2 = 0.99;
  optimizer_ = std::make_unique<Optimizer>(parameters_, adam);
}

std::vector<Verdict> Adversary::verdicts(const Tensor& sound) const {
  const Autocast autocast(sound.device(),
                          bfloat16_ ? Autocast::Wanted::kYes : Autocast::Wanted::kNo);
  std::vector<Verdict> found;
  for (const auto& one : resolutions_) found.push_back(one(sound));
  if (periods_.empty() && scales_.empty()) return found;
  Tensor low = low_band(sound, settings_.top_hz);
  for (const auto& one : periods_) found.push_back(one(low));
  for (const auto& one : scales_) {
    found.push_back(one(low));
    low = at::avg_pool1d(low, 4, 2, 1);
  }
  return found;
}

Adversary::Heard Adversary::hear(const Tensor& audio, const Tensor& made, int64_t step) const {
  const int64_t length = std::min(audio.size(1), settings_.frames * 300);
  Draw draw(seed_, static_cast<uint64_t>(step), 500);
  const auto begin =
      static_cast<int64_t>(draw.below(static_cast<size_t>(audio.size(1) - length + 1)));
  const auto right = verdicts(audio.narrow(1, begin, length));
  const auto wrong = verdicts(made.narrow(1, begin, length));
  std::vector<Tensor> discriminator, adversarial, features;
  for (size_t i = 0; i < right.size(); ++i) {
    discriminator.push_back((1 - right[i].score).square().mean() + wrong[i].score.square().mean());
    adversarial.push_back((1 - wrong[i].score).square().mean());
    for (size_t j = 0; j < right[i].features.size(); ++j) {
      features.push_back(
          (right[i].features[j].detach().to(at::kFloat) - wrong[i].features[j]).abs().mean());
    }
  }
  return {at::stack(discriminator).mean(), at::stack(adversarial).mean(),
          at::stack(features).mean()};
}

double Adversary::learn(const Heard& heard, Processes& processes, int64_t step, double rate) {
  std::vector<Tensor> own;
  for (const Parameter& parameter : parameters_.all()) own.push_back(parameter.value);
  const auto gradients = torch::autograd::grad({heard.discriminator}, own, {}, true);
  for (size_t i = 0; i < own.size(); ++i) own[i].mutable_grad() = gradients[i];
  processes.average_gradients(parameters_);
  return optimizer_->step(step - began_, rate);
}

bool Adversary::load(const std::filesystem::path& run, int64_t step,
                     std::vector<std::string>& problems) {
  const auto info = load_checkpoint_of(step, run / "adversary", parameters_, *optimizer_, problems);
  began_ = info ? nlohmann::json::parse(info->settings).value("began", step) : step;
  return info.has_value();
}

void Adversary::save(const std::filesystem::path& run, int64_t step) const {
  std::filesystem::create_directories(run / "adversary");
  save_checkpoint(run / "adversary", parameters_, *optimizer_,
                  {step, nlohmann::json{{"began", began_}}.dump(), {}});
}

}  // namespace myna::train
