// myna bench chat: tokens a second of the language model, beside llama-bench in the same run, and
// what the cache between turns saves.
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstdio>
#include <memory>
#include <nlohmann/json.hpp>
#include <thread>

#include "base/clock.h"
#include "base/error.h"
#include "cli/chat_commands.h"
#include "cli/chat_model_options.h"
#include "cli/console.h"
#include "cli/timing_report.h"

namespace myna::cli {
namespace {

using language::Answer;
using language::AnswerRequest;
using language::Message;
using language::Role;

constexpr const char* kExamples =
    "Examples:\n"
    "  myna bench chat\n"
    "  myna bench chat --against \"$(python3 tools/setup/llama_library.py "
    "--bench)/lib/llama-bench\"\n\n";

struct BenchOptions {
  ChatModelOptions model;
  std::string llama_bench;
  int prompt_tokens = 512;
  int answer_tokens = 128;
  int rounds = 5;
  int chats = 4;
  bool json = false;
};

struct Rates {
  std::vector<double> prompt, answer;  // tokens a second
};

double median(std::vector<double> values) {
  if (values.empty()) return 0;
  std::sort(values.begin(), values.end());
  return (values[(values.size() - 1) / 2] + values[values.size() / 2]) / 2;
}

// Of each round by itself, because a machine's clock drifts by more than the two programs differ.
double median_ratio(const std::vector<double>& ours, const std::vector<double>& theirs) {
  std::vector<double> ratios;
  for (size_t i = 0; i < std::min(ours.size(), theirs.size()); ++i) {
    ratios.push_back(ours[i] / theirs[i]);
  }
  return median(std::move(ratios));
}

AnswerRequest question(std::vector<Message> messages, int tokens) {
  AnswerRequest request;
  request.messages = std::move(messages);
  request.sampling.temperature = 0;
  request.max_tokens = tokens;
  return request;
}

// A question of about so many tokens that no earlier one begins like.
std::string long_question(language::ChatModel& model, int tokens, int number) {
  std::string text = fmt::format("{}. ", number);
  const auto size = [&] { return model.count_tokens(std::vector<Message>{{Role::kUser, text}}); };
  static const char* const kWords[] = {"river", "stone", "paper", "garden", "winter", "signal"};
  for (int i = number; size() < tokens; ++i) text += std::string(kWords[i * 7 % 6]) + " ";
  return text;
}

void run_ours(language::ChatModel& model, const BenchOptions& options, int round, Rates& rates) {
  Answer answer = model.answer(
      question({{Role::kUser, long_question(model, options.prompt_tokens, round)}}, 1), {});
  rates.prompt.push_back((answer.statistics.prompt_tokens - answer.statistics.reused_tokens) /
                         answer.statistics.prompt_s);
  answer = model.answer(question({{Role::kUser, "Write a long story about a lighthouse keeper."}},
                                 options.answer_tokens),
                        {});
  if (answer.statistics.answer_tokens > 1) {
    rates.answer.push_back((answer.statistics.answer_tokens - 1) / answer.statistics.answer_s);
  }
}

void run_theirs(const BenchOptions& options, const std::string& file, int threads, Rates& rates) {
  const std::string command =
      fmt::format("'{}' -m '{}' -t {} -p {} -n {} -r 1 -o json 2>/dev/null", options.llama_bench,
                  file, threads, options.prompt_tokens, options.answer_tokens);
  std::FILE* pipe = ::popen(command.c_str(), "re");
  if (pipe == nullptr) throw errno_error("cannot start llama-bench", errno);
  std::string text;
  char buffer[4096];
  for (size_t count = 0; (count = std::fread(buffer, 1, sizeof buffer, pipe)) > 0;) {
    text.append(buffer, count);
  }
  const int status = ::pclose(pipe);
  const auto json = nlohmann::json::parse(text, nullptr, false);
  if (status != 0 || !json.is_array()) {
    throw Error(ErrorCode::kUnavailable, "'" + options.llama_bench + "' does not run",
                "python3 tools/setup/llama_library.py --bench builds it");
  }
  for (const auto& test : json) {
    auto& list = test.value("n_gen", 0) > 0 ? rates.answer : rates.prompt;
    list.push_back(test.value("avg_ts", 0.0));
  }
}

struct TurnTiming {
  int prompt_tokens = 0, reused_tokens = 0;
  double warm_s = 0, cold_s = 0;
};

// The last turn of a conversation, with what the turns before have left and with nothing.
TurnTiming time_turn(language::ChatModel& model) {
  std::vector<Message> messages = {
      {Role::kSystem, "You are a helpful guide. Answer in a sentence."}};
  for (const char* text : {"Tell me about the city of Lisbon.", "What do people eat there?",
                           "And what is the weather like in May?"}) {
    messages.push_back({Role::kUser, text});
    messages.push_back({Role::kAssistant, model.answer(question(messages, 80), {}).text});
  }
  messages.push_back({Role::kUser, "Which museum should I see first?"});
  TurnTiming timing;
  const Answer warm = model.answer(question(messages, 4), {});
  timing.prompt_tokens = warm.statistics.prompt_tokens;
  timing.reused_tokens = warm.statistics.reused_tokens;
  timing.warm_s = warm.statistics.prompt_s;
  model.answer(question({{Role::kUser, "x"}}, 1), {});  // takes the place
  timing.cold_s = model.answer(question(messages, 4), {}).statistics.prompt_s;
  return timing;
}

// Tokens a second of several answers at once, all together.
double time_together(const BenchOptions& options) {
  const std::unique_ptr<language::ChatModel> model = open_chat_model(options.model, options.chats);
  std::vector<std::thread> threads;
  std::vector<int> tokens(static_cast<size_t>(options.chats));
  const auto begun = std::chrono::steady_clock::now();
  for (int i = 0; i < options.chats; ++i) {
    threads.emplace_back([&, i] {
      const std::string text =
          fmt::format("Write a long story about {} lighthouse keepers.", i + 2);
      const Answer answer =
          model->answer(question({{Role::kUser, text}}, options.answer_tokens), {});
      tokens[static_cast<size_t>(i)] = answer.statistics.answer_tokens;
    });
  }
  int all = 0;
  for (size_t i = 0; i < threads.size(); ++i) {
    threads[i].join();
    all += tokens[i];
  }
  return all / seconds_since(begun);
}

void bench(const BenchOptions& options) {
  const std::string file = chat_model_file(options.model.model);
  const int threads = options.model.threads > 0
                          ? options.model.threads
                          : static_cast<int>(std::max(1u, std::thread::hardware_concurrency()));
  const std::unique_ptr<language::ChatModel> model = open_chat_model(options.model);
  Rates ours, theirs, warm_up;
  run_ours(*model, options, 0, warm_up);
  for (int round = 1; round <= options.rounds; ++round) {
    run_ours(*model, options, round, ours);
    if (!options.llama_bench.empty()) run_theirs(options, file, threads, theirs);
  }
  const TurnTiming turn = time_turn(*model);
  const double together = time_together(options);
  nlohmann::ordered_json json = {{"model", model->name()},
                                 {"threads", threads},
                                 {"prompt_tokens_a_second", median(ours.prompt)},
                                 {"answer_tokens_a_second", median(ours.answer)},
                                 {"turn",
                                  {{"prompt_tokens", turn.prompt_tokens},
                                   {"reused_tokens", turn.reused_tokens},
                                   {"first_token_s", turn.warm_s},
                                   {"first_token_without_cache_s", turn.cold_s}}},
                                 {"chats", options.chats},
                                 {"answer_tokens_a_second_together", together}};
  if (!theirs.answer.empty()) {
    json["llama_bench"] = {{"prompt_tokens_a_second", median(theirs.prompt)},
                           {"answer_tokens_a_second", median(theirs.answer)},
                           {"prompt_ratio", median_ratio(ours.prompt, theirs.prompt)},
                           {"answer_ratio", median_ratio(ours.answer, theirs.answer)}};
    json["rounds"] = {{"ours", {{"prompt", ours.prompt}, {"answer", ours.answer}}},
                      {"llama_bench", {{"prompt", theirs.prompt}, {"answer", theirs.answer}}}};
  }
  if (options.json) {
    write_stdout(json_line(json));
    return;
  }
  write_stdout(fmt::format("{}, {} threads\n", model->name(), threads));
  write_stdout(fmt::format("prompt  {:8.1f} tokens a second", median(ours.prompt)));
  if (!theirs.prompt.empty()) {
    write_stdout(fmt::format("   llama-bench {:8.1f}   ratio {:.3f}", median(theirs.prompt),
                             median_ratio(ours.prompt, theirs.prompt)));
  }
  write_stdout(fmt::format("\nanswer  {:8.1f} tokens a second", median(ours.answer)));
  if (!theirs.answer.empty()) {
    write_stdout(fmt::format("   llama-bench {:8.1f}   ratio {:.3f}", median(theirs.answer),
                             median_ratio(ours.answer, theirs.answer)));
  }
  write_stdout(
      fmt::format("\n{} at once {:6.1f} tokens a second together\n", options.chats, together));
  write_stdout(fmt::format(
      "fourth turn: {} of {} prompt tokens reused, first token after {:.3f} s; {:.3f} s without\n",
      turn.reused_tokens, turn.prompt_tokens, turn.warm_s, turn.cold_s));
}

}  // namespace

void add_bench_chat_command(CLI::App& group) {
  auto options = std::make_shared<BenchOptions>();
  CLI::App* command = group.add_subcommand("chat", "Time the language model");
  command->footer(std::string(kExamples) + kExitCodeHelp);
  add_chat_model_options(*command, options->model);
  command->add_option("--against", options->llama_bench, "llama-bench, measured in turn");
  command->add_option("--prompt", options->prompt_tokens, "Tokens of the prompt")
      ->check(CLI::Range(16, 8192))
      ->capture_default_str();
  command->add_option("--answer", options->answer_tokens, "Tokens of the answer")
      ->check(CLI::Range(2, 8192))
      ->capture_default_str();
  command->add_option("--rounds", options->rounds, "Timed rounds; medians are shown")
      ->check(CLI::Range(1, 100))
      ->capture_default_str();
  command->add_option("--chats", options->chats, "Answers at once")
      ->check(CLI::Range(1, 64))
      ->capture_default_str();
  command->add_flag("--json", options->json, "Print one JSON object");
  command->callback([options] { bench(*options); });
}

}  // namespace myna::cli
