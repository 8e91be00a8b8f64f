#include "cli/show_rewriting.h"

#include <CLI/CLI.hpp>
#include <cmath>
#include <nlohmann/json.hpp>
#include <utility>

namespace myna::cli {

void add_rewriting_options(CLI::App& command, RewritingOptions& options) {
  CLI::Option* llm = command.add_flag(
      "--llm", options.llm,
      "Let a language model reword sentences; what is not in the source is not said");
  command.add_flag("--no-llm", options.no_llm, "Use no language model, which is the default")
      ->excludes(llm);
  add_chat_model_options(command, options.model);
}

std::unique_ptr<ShowRewriter> open_rewriter(const RewritingOptions& options,
                                            const std::atomic<bool>& cancel,
                                            std::function<void(size_t asked)> progress) {
  if (!options.llm) return nullptr;
  auto rewriter = std::make_unique<ShowRewriter>();
  rewriter->model = open_chat_model(options.model);
  rewriter->rewriter = std::make_unique<rewording::ModelRewriter>(
      *rewriter->model,
      rewording::ModelRewriter::Options{.cancel = &cancel, .progress = std::move(progress)});
  return rewriter;
}

nlohmann::ordered_json rewriting_report(const ShowRewriter& rewriter) {
  const rewording::RewordingCounts& counts = rewriter.rewriter->counts();
  nlohmann::ordered_json answers = nlohmann::ordered_json::array();
  for (const rewording::RewordingAnswer& answer : counts.answers) {
    answers.push_back({{"sentence", answer.sentence},
                       {"reworded", answer.reworded},
                       {"fault", answer.fault},
                       {"grounded", answer.grounded}});
  }
  return {{"model", rewriter.model->name()},
          {"asked", counts.asked},
          {"taken", counts.taken},
          {"unchanged", counts.unchanged},
          {"refused", counts.refused},
          {"model_s", std::round(counts.model_s * 100) / 100},
          {"answers", answers},
          {"problem", rewriter.rewriter->problem()}};
}

}  // namespace myna::cli
