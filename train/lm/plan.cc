#include "train/lm/plan.h"

#include <algorithm>
#include <cstdio>

namespace myna::train {
namespace {

constexpr double kGb = 1e9;

// Bytes of one layer's input and what is kept beside it, a token.
double activation_bytes(const LmRunSettings& settings) {
  const LmSizes& m = settings.model;
  const auto width = static_cast<double>(m.width);
  if (settings.recompute) return 2 * width;
  // Norms, queries to values, attention's output and the SwiGLU's three, in two bytes; the scores
  // of attention are never kept whole.
  const auto heads = static_cast<double>((2 * m.heads + 2 * m.kv_heads) * m.head_size);
  const double feed =
      m.mixture.experts > 0
          ? static_cast<double>(m.mixture.top_k * m.mixture.expert_width + m.mixture.shared_width)
          : static_cast<double>(m.feed_forward);
  return 2 * (6 * width + heads + 3 * feed);
}

LmPlan plan_with(const LmRunSettings& settings, int64_t devices, int64_t expert_parallel,
                 const DeviceKind& kind) {
  const LmSizes& m = settings.model;
  LmPlan plan;
  plan.active = m.active_parameters();
  const int64_t moe_layers = m.mixture.experts > 0 ? m.layers - m.leading_dense : 0;
  plan.expert_parameters = moe_layers * m.mixture.experts * 3 * m.width * m.mixture.expert_width;
  const int64_t used = moe_layers * std::min(m.mixture.top_k, m.mixture.experts) * 3 * m.width *
                       m.mixture.expert_width;
  plan.parameters =
      plan.active - used + plan.expert_parameters + (m.tied ? m.vocabulary * m.width : 0);
  plan.data_parallel = devices;
  plan.expert_parallel = expert_parallel;
  const auto own_experts =
      static_cast<double>(plan.expert_parameters) / static_cast<double>(expert_parallel);
  const auto dense = static_cast<double>(plan.parameters - plan.expert_parameters);
  const double own = own_experts + dense;
  plan.weights_gb = 2 * own / kGb;
  plan.gradients_gb = 4 * own / kGb;
  // Float masters and two moments, each device its share: dense weights over all of them, experts
  // over those that hold the same ones.
  const auto all = static_cast<double>(devices);
  plan.optimizer_gb =
      12 * (dense / all + own_experts / (all / static_cast<double>(expert_parallel))) / kGb;
  const auto tokens_at_once = static_cast<double>(settings.micro_rows * settings.length);
  plan.activations_gb = tokens_at_once *
                        (activation_bytes(settings) * static_cast<double>(m.layers) +
                         6 * static_cast<double>(std::min<int64_t>(m.vocabulary, 1 << 20))) /
                        kGb;
  // Kaplan et al. (arXiv 2001.08361): two operations a weight forward, four backward, and the
  // scores of attention; one forward more where activations are computed again.
  const double forward =
      2 * static_cast<double>(plan.active + (m.tied ? m.vocabulary * m.width : 0)) +
      2 * static_cast<double>(m.layers * m.heads * m.head_size * settings.length);
  plan.flops_a_token = forward * (settings.recompute ? 4 : 3);
  const auto tokens = static_cast<double>(settings.rows * settings.length);
  plan.compute_s = tokens * plan.flops_a_token / (all * kind.teraflops * 1e12 * kind.utilisation);
  const bool one_machine = devices <= kind.devices_a_machine;
  const double link = (one_machine ? kind.link_gb_s : kind.network_gb_s) * 1e9;
  // Reduce-scatter of gradients in bfloat16 and all-gather of weights: twice the size each way.
  if (devices > 1) plan.gradient_exchange_s = 2 * 2 * own / link;
  if (expert_parallel > 1) {
    const bool inside = expert_parallel <= kind.devices_a_machine;
    // Each token goes to its experts and back, forward and backward, in bfloat16.
    plan.expert_exchange_s = tokens / all * static_cast<double>(m.width * m.mixture.top_k) * 2 * 4 *
                             static_cast<double>(moe_layers) /
                             ((inside ? kind.link_gb_s : kind.network_gb_s) * 1e9);
  }
  // Gradients go while the backward pass runs, two thirds of the work.
  plan.step_s = std::max(plan.compute_s, plan.compute_s / 3 + plan.gradient_exchange_s) +
                plan.expert_exchange_s;
  plan.tokens_per_s = tokens / plan.step_s;
  plan.fits = plan.total_gb() < 0.9 * kind.memory_gb;
  return plan;
}

}  // namespace

LmPlan plan_run(const LmRunSettings& settings, int64_t devices, const DeviceKind& kind) {
  LmPlan plan = plan_with(settings, devices, 1, kind);
  for (int64_t group = 2; !plan.fits && group <= devices &&
                          settings.model.mixture.experts % group == 0 && devices % group == 0;
       group *= 2) {
    plan = plan_with(settings, devices, group, kind);
  }
  return plan;
}

std::string describe(const LmPlan& plan, const LmRunSettings& settings, int64_t devices) {
  char text[1024];
  std::snprintf(
      text, sizeof text,
      "%ld devices: %.2f B parameters, %.2f B active, experts over groups of %ld\n"
      "  memory a device  %.1f GB: weights %.2f, gradients %.2f, optimiser %.2f, activations "
      "%.2f%s\n"
      "  a step           %.3f s for %ld tokens: products %.3f, gradients %.3f, experts %.3f\n"
      "  throughput       %.0f tokens a second, %.2f GFLOP a token\n",
      devices, static_cast<double>(plan.parameters) / 1e9, static_cast<double>(plan.active) / 1e9,
      plan.expert_parallel, plan.total_gb(), plan.weights_gb, plan.gradients_gb, plan.optimizer_gb,
      plan.activations_gb, plan.fits ? "" : "  DOES NOT FIT", plan.step_s,
      settings.rows * settings.length, plan.compute_s, plan.gradient_exchange_s,
      plan.expert_exchange_s, plan.tokens_per_s, plan.flops_a_token / 1e9);
  return text;
}

}  // namespace myna::train
