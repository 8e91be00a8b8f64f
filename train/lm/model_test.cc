// The language model against formulas and against itself.
#include "train/lm/model.h"

#include <gtest/gtest.h>

#include <cmath>
#include <filesystem>

#include "base/error.h"
#include "tests/support/temporary_directory.h"
#include "train/lm/exchange.h"
#include "train/lm/objective.h"
#include "train/lm/plan.h"

namespace myna::train {
namespace {

double largest_difference(const Tensor& a, const Tensor& b) {
  return (a - b).abs().max().item<double>();
}

LmSizes small(int64_t experts) {
  LmSizes sizes;
  sizes.vocabulary = 50;
  sizes.layers = 2;
  sizes.width = 32;
  sizes.heads = 4;
  sizes.kv_heads = 2;
  sizes.head_size = 8;
  sizes.feed_forward = 64;
  sizes.mixture.experts = experts;
  sizes.mixture.top_k = 2;
  sizes.mixture.expert_width = 16;
  sizes.mixture.shared_width = 64;
  return sizes;
}

Tensor tokens_of(int64_t rows, int64_t time, int64_t vocabulary) {
  return at::arange(rows * time, at::kLong).mul(7).remainder(vocabulary).reshape({rows, time});
}

LmContext one_document(int64_t rows, int64_t time) {
  return context_of(at::zeros({rows, time}, at::kLong));
}

TEST(Mixture, IsTheSumOfItsChosenExperts) {
  Parameters parameters(3, at::kCPU);
  MixtureSizes sizes;
  sizes.experts = 5;
  sizes.top_k = 2;
  sizes.expert_width = 6;
  sizes.shared_width = 4;
  sizes.scale = 1.5;
  const Mixture mixture(parameters, "m", sizes, 8);
  at::NoGradGuard no_grad;
  Tensor bias = mixture.bias();
  bias.copy_(at::tensor({0.0f, 0.3f, -0.2f, 0.1f, 0.0f}));
  const Tensor x = at::randn({7, 8});
  const MixtureOutput output = mixture(x);
  const Tensor scores = at::linear(x, parameters.find("m.gate.weight").value).sigmoid();
  const Tensor gate_up = parameters.find("m.experts.gate_up_proj").value;
  const Tensor down = parameters.find("m.experts.down_proj").value;
  Tensor loads = at::zeros({5});
  for (int64_t i = 0; i < 7; ++i) {
    const Tensor chosen = std::get<1>((scores[i] + bias).topk(2));
    Tensor sum = at::zeros({8}), weight = at::zeros({});
    for (int64_t j = 0; j < 2; ++j) {
      const int64_t e = chosen[j].item<int64_t>();
      loads[e] += 1;
      weight = weight + scores[i][e];
      sum = sum + scores[i][e] * swiglu(x[i].unsqueeze(0), gate_up[e], down[e]).squeeze(0);
    }
    const Tensor shared =
        swiglu(x[i].unsqueeze(0), parameters.find("m.shared_experts.gate_up_proj.weight").value,
               parameters.find("m.shared_experts.down_proj.weight").value)
            .squeeze(0);
    EXPECT_LT(largest_difference(output.y[i], sum / weight * 1.5 + shared), 1e-5);
  }
  EXPECT_LT(largest_difference(output.loads, loads), 1e-6);
}

// The product in one launch, which CUDA takes, against one an expert; with experts that get
// nothing.
TEST(Mixture, GroupedExpertsAreThoseInTurn) {
  const std::vector<int64_t> counts = {5, 0, 9, 2, 0};
  const Tensor weight = at::randn({16, 16});
  const auto run = [&](const auto& experts) {
    at::manual_seed(4);
    const Tensor rows = at::randn({16, 16}).to(at::kBFloat16).to(at::kFloat).requires_grad_();
    const Tensor gate_up =
        (0.3 * at::randn({5, 16, 16})).to(at::kBFloat16).to(at::kFloat).requires_grad_();
    const Tensor down =
        (0.3 * at::randn({5, 16, 8})).to(at::kBFloat16).to(at::kFloat).requires_grad_();
    const Tensor result = experts(rows, counts, gate_up, down).to(at::kFloat);
    (result * weight).sum().backward();
    return std::vector<Tensor>{result.detach(), rows.grad(), gate_up.grad(), down.grad()};
  };
  const std::vector<Tensor> expected = run(experts_in_turn), found = run(experts_grouped);
  for (size_t i = 0; i < expected.size(); ++i) {
    const double largest = expected[i].abs().max().item<double>();
    EXPECT_GT(largest, 0.1) << i;
    EXPECT_LT(largest_difference(found[i], expected[i]), 0.02 * largest) << i;
  }
  EXPECT_EQ(found[2][1].abs().max().item<double>(), 0);
}

// All experts for all rows, which processors take when they are few, against one an expert.
TEST(Mixture, ExpertsTogetherAreThoseInTurn) {
  const std::vector<int64_t> counts = {4, 0, 8};
  const Tensor weight = at::randn({6, 16});
  // Rows 0 to 3 go to experts 0 and 2, rows 4 and 5 to expert 2 twice.
  const Tensor order = at::tensor({0, 1, 2, 3, 0, 1, 2, 3, 4, 5, 4, 5});
  const Tensor shares = at::rand({12, 1});
  const auto run = [&](bool together) {
    at::manual_seed(4);
    const Tensor x = at::randn({6, 16}).requires_grad_();
    const Tensor gate_up = (0.3 * at::randn({3, 16, 16})).requires_grad_();
    const Tensor down = (0.3 * at::randn({3, 16, 8})).requires_grad_();
    const Tensor scores = shares.clone().requires_grad_();
    Tensor result;
    if (together) {
      const Tensor spread = at::cat(
          {at::cat({scores.narrow(0, 0, 4), at::zeros({2, 1})}), at::zeros({6, 1}),
           at::cat({scores.narrow(0, 4, 4), scores.narrow(0, 8, 2) + scores.narrow(0, 10, 2)})},
          1);
      result = experts_together(x, spread, gate_up, down);
    } else {
      const Tensor rows = experts_in_turn(x.index_select(0, order), counts, gate_up, down);
      result = at::zeros({6, 16}).index_add(0, order, rows * scores);
    }
    (result * weight).sum().backward();
    return std::vector<Tensor>{result.detach(), x.grad(), gate_up.grad(), down.grad(),
                               scores.grad()};
  };
  const std::vector<Tensor> expected = run(false), found = run(true);
  for (size_t i = 0; i < expected.size(); ++i) {
    EXPECT_GT(expected[i].abs().max().item<double>(), 0.1) << i;
    EXPECT_LT(largest_difference(found[i], expected[i]), 1e-5) << i;
  }
}

TEST(Mixture, BalanceFavoursWhoGetsLittle) {
  Parameters parameters(3, at::kCPU);
  MixtureSizes sizes;
  sizes.experts = 3;
  sizes.top_k = 1;
  sizes.expert_width = 4;
  const Mixture mixture(parameters, "m", sizes, 4);
  mixture.balance(at::tensor({9.0f, 0.0f, 3.0f}), 0.5);
  EXPECT_LT(largest_difference(mixture.bias(), at::tensor({-0.5f, 0.5f, 0.5f})), 1e-6);
}

TEST(LmModel, WhatComesLaterChangesNothingAndDocumentsAreAlone) {
  for (const int64_t experts : {0, 4}) {
    Parameters parameters(1, at::kCPU);
    const LmModel model(parameters, small(experts));
    at::NoGradGuard no_grad;
    const Tensor tokens = tokens_of(1, 12, 50);
    Tensor changed = tokens.clone();
    changed[0][9] = 3;
    const Tensor a = model(tokens, one_document(1, 12)).hidden;
    const Tensor b = model(changed, one_document(1, 12)).hidden;
    EXPECT_LT(largest_difference(a.narrow(1, 0, 9), b.narrow(1, 0, 9)), 1e-5);
    EXPECT_GT(largest_difference(a.narrow(1, 9, 3), b.narrow(1, 9, 3)), 1e-3);
    // Two documents in a row give what each gives by itself.
    Tensor document = at::zeros({1, 12}, at::kLong);
    document.narrow(1, 5, 7).fill_(1);
    const Tensor packed = model(tokens, context_of(document)).hidden;
    const Tensor second = model(tokens.narrow(1, 5, 7), one_document(1, 7)).hidden;
    EXPECT_LT(largest_difference(packed.narrow(1, 5, 7), second), 1e-5);
  }
}

TEST(LmModel, RecomputingGivesTheSameGradients) {
  for (const auto activations : {LmModel::Activations::kKept, LmModel::Activations::kRecomputed}) {
    static std::vector<Tensor> kept;
    LmSizes sizes = small(4);
    sizes.mixture.balance_loss = 0.01;
    sizes.mixture.z_loss = 0.001;
    sizes.leading_dense = 1;
    Parameters parameters(1, at::kCPU);
    const LmModel model(parameters, sizes);
    LmBatch batch{tokens_of(2, 9, 50), tokens_of(2, 9, 50).roll(1, 1),
                  at::zeros({2, 9}, at::kLong)};
    lm_losses(model, batch, 18, 1, activations).total.backward();
    std::vector<Tensor> gradients;
    for (const Parameter& parameter : parameters.all()) {
      gradients.push_back(parameter.value.grad().defined() ? parameter.value.grad()
                                                           : at::zeros({1}));
    }
    if (activations == LmModel::Activations::kKept) {
      kept = gradients;
      continue;
    }
    for (size_t i = 0; i < kept.size(); ++i) {
      EXPECT_LT(largest_difference(kept[i], gradients[i]), 1e-6) << parameters.all()[i].name;
    }
  }
}

TEST(LmModel, UpcyclingBeginsAsTheDenseModel) {
  const test_support::TemporaryDirectory own;
  const auto& directory = own.path();
  Parameters dense_parameters(5, at::kCPU);
  const LmModel dense(dense_parameters, small(0));
  save_lm(directory, dense_parameters, dense.sizes());
  LmSizes sizes = small(4);
  sizes.mixture.zero_experts = true;
  Parameters parameters(6, at::kCPU);
  const LmModel upcycled(parameters, sizes);
  load_lm_weights(directory, parameters, sizes);
  at::NoGradGuard no_grad;
  const Tensor tokens = tokens_of(2, 11, 50);
  const auto logits = [&](const LmModel& model) {
    return model.logits(model(tokens, one_document(2, 11)).hidden);
  };
  EXPECT_LT(largest_difference(logits(dense), logits(upcycled)), 1e-6);

  // And a mixture comes back from its own files.
  save_lm(directory, parameters, sizes);
  const LmSizes read = read_lm_config(directory);
  EXPECT_EQ(read.mixture.experts, 4);
  EXPECT_EQ(read.mixture.shared_width, 64);
  Parameters again(7, at::kCPU);
  const LmModel copy(again, read);
  load_lm_weights(directory, again, read);
  EXPECT_LT(largest_difference(logits(copy), logits(upcycled)), 1e-6);
}

TEST(Objective, LearnsOnlyWhatIsToBeLearned) {
  Parameters parameters(1, at::kCPU);
  const LmModel model(parameters, small(0));
  LmBatch batch{tokens_of(1, 8, 50), at::full({1, 8}, -100, at::kLong),
                at::zeros({1, 8}, at::kLong)};
  batch.targets[0][3] = 7;
  batch.targets[0][6] = 9;
  at::NoGradGuard no_grad;
  const Tensor all =
      at::log_softmax(model.logits(model(batch.tokens, one_document(1, 8)).hidden), -1);
  const double wanted = -(all[0][3][7] + all[0][6][9]).item<double>();
  const LmLosses losses = lm_losses(model, batch, 2, 1, LmModel::Activations::kKept);
  EXPECT_NEAR(losses.nll.item<double>(), wanted, 1e-4);
  EXPECT_NEAR(losses.total.item<double>(), wanted / 2, 1e-4);
  EXPECT_NEAR(
      row_log_probabilities(model, batch, LmModel::Activations::kKept).sums[0].item<double>(),
      -wanted, 1e-4);
}

TEST(Objective, AStudentThatIsItsTeacherHasNoDivergence) {
  Parameters parameters(1, at::kCPU);
  const LmModel model(parameters, small(0));
  const LmBatch batch{tokens_of(1, 8, 50), tokens_of(1, 8, 50), at::zeros({1, 8}, at::kLong)};
  const LmLosses losses =
      lm_losses(model, batch, 8, 1, LmModel::Activations::kKept, {&model, 0.5, 2});
  EXPECT_NEAR(losses.divergence.item<double>(), 0, 1e-4);
  EXPECT_NEAR(losses.total.item<double>(), losses.nll.item<double>() / 16, 1e-4);
}

TEST(Objective, PreferenceFollowsItsFormula) {
  const Tensor loss = preference_loss(at::tensor({-3.0f}), at::tensor({-5.0f}), at::tensor({-4.0f}),
                                      at::tensor({-4.5f}), 0.1);
  EXPECT_NEAR(loss.item<double>(), std::log(1 + std::exp(-0.1 * (2 - 0.5))), 1e-6);
}

TEST(LmPlan, AddsUp) {
  LmRunSettings settings;
  settings.model = small(0);
  EXPECT_EQ(plan_run(settings, 1, {}).parameters,
            50 * 32 + 32 + 2 * (32 * 8 * 12 + 64 + 3 * 32 * 64));
  settings.model = small(4);
  Parameters parameters(1, at::kCPU);
  const LmModel model(parameters, settings.model);
  // The biases of the choice are left out.
  EXPECT_EQ(plan_run(settings, 1, {}).parameters, parameters.count() - 2 * 4);
  const LmPlan one = plan_run(settings, 1, {}), eight = plan_run(settings, 8, {});
  EXPECT_NEAR(eight.compute_s * 8, one.compute_s, 1e-12);
  EXPECT_LT(eight.optimizer_gb, one.optimizer_gb / 7.9);
}

}  // namespace
}  // namespace myna::train
