// myna eval lm: a language model on published test sets.
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <exception>
#include <filesystem>
#include <map>
#include <memory>
#include <mutex>
#include <nlohmann/json.hpp>
#include <thread>

#include "base/error.h"
#include "base/file.h"
#include "cli/chat_commands.h"
#include "cli/chat_model_options.h"
#include "cli/console.h"
#include "cli/progress_bar.h"
#include "cli/timing_report.h"
#include "evaluation/chat_rubric.h"
#include "evaluation/language_tasks.h"
#include "language/llama/llama_chat_model.h"

namespace myna::cli {
namespace {

constexpr const char* kExamples =
    "The sets are not part of Myna: name their files. --limit takes every so-manieth item, so that "
    "a\n"
    "sample covers the whole set; intervals are of 95 %. With --answers a run that was stopped "
    "goes\n"
    "on, and a file that has all answers is judged without a model.\n"
    "--chat with --against prints how often --model's answer is the better one: by a rubric of "
    "what\n"
    "any good answer has, and by the model of --judge if one is named, asked in both orders.\n\n"
    "Examples:\n"
    "  myna eval lm --ifeval input_data.jsonl --answers answers.jsonl\n"
    "  myna eval lm --ifeval input_data.jsonl --answers mine.jsonl --against answers.jsonl\n"
    "  myna eval lm --model my-model.gguf --blimp blimp/data --hellaswag val.jsonl --limit 300\n"
    "  myna eval lm --text wikitext-2/test.txt --json\n"
    "  myna eval lm --chat question.jsonl --answers mine.jsonl --against theirs.jsonl\n\n";

constexpr size_t kMostBytes = size_t{1} << 28;

struct EvalOptions {
  ChatModelOptions model;
  std::string ifeval, blimp, hellaswag, text, chat, answers, verdicts, against;
  std::vector<std::string> cloze;
  std::string judge, judge_endpoint, judge_endpoint_model;
  size_t limit = 0;
  int max_tokens = 1024, at_once = 1;
  bool json = false;
};

// Evenly over the whole.
template <typename T>
void take_sample(std::vector<T>& items, size_t limit) {
  if (limit == 0 || limit >= items.size()) return;
  std::vector<T> sample;
  for (size_t i = 0; i < limit; ++i) sample.push_back(std::move(items[i * items.size() / limit]));
  items = std::move(sample);
}

nlohmann::ordered_json describe(const evaluation::Interval& interval) {
  return {{"value", interval.value}, {"low", interval.low}, {"high", interval.high}};
}

void show(const std::string& name, const evaluation::Interval& interval, size_t count,
          double scale) {
  write_stdout(fmt::format("{:<34} {:>7.3f}   {:.3f} to {:.3f}   n = {}\n", name,
                           scale * interval.value, scale * interval.low, scale * interval.high,
                           count));
}

class Report {
 public:
  explicit Report(bool json) : json_(json) {}
  void add(const std::string& key, const std::string& name, const evaluation::Interval& interval,
           size_t count, double scale = 100) {
    document_[key] = describe(interval);
    document_[key]["n"] = count;
    if (!json_) show(name, interval, count, scale);
  }
  nlohmann::ordered_json& document() { return document_; }
  void finish() const {
    if (json_) write_stdout(json_line(document_));
  }

 private:
  bool json_;
  nlohmann::ordered_json document_;
};

evaluation::Progress progress_of(ProgressBar& bar, const char* what) {
  return [&bar, what](size_t done, size_t count) {
    bar.update(static_cast<double>(done) / static_cast<double>(count),
               fmt::format("{}: {} of {}", what, done, count));
  };
}

std::map<std::string, std::string> kept_answers(const std::string& file) {
  if (file.empty() || !std::filesystem::exists(file)) return {};
  return evaluation::read_answers(read_file(file, kMostBytes));
}

// Asks for the answers that are not in the file yet, several at a time, and keeps each as it comes:
// a run that was stopped goes on.
std::map<std::string, std::string> collect_answers(const EvalOptions& options,
                                                   const std::vector<std::string>& prompts,
                                                   const char* set, Report& report) {
  std::map<std::string, std::string> answers = kept_answers(options.answers);
  std::string lines;
  for (const auto& [prompt, answer] : answers) {
    lines += json_line({{"prompt", prompt}, {"response", answer}});
  }
  std::vector<std::string> open;
  for (const std::string& prompt : prompts) {
    if (answers.count(prompt) == 0) open.push_back(prompt);
  }
  if (open.size() < prompts.size()) {
    report.document()["answers_taken_from_file"] = prompts.size() - open.size();
  }
  if (open.empty()) return answers;
  const std::unique_ptr<language::ChatModel> model =
      open_chat_model(options.model, options.at_once);
  report.document()["model"] = model->name();
  ProgressBar bar;
  std::mutex mutex;  // of all that follows
  size_t next = 0, done = prompts.size() - open.size();
  std::exception_ptr failure;
  const auto work = [&] {
    std::unique_lock lock(mutex);
    try {
      while (next < open.size() && !failure) {
        const std::string& prompt = open[next++];
        lock.unlock();
        const std::string answer = evaluation::answer_prompt(*model, prompt, options.max_tokens);
        lock.lock();
        answers[prompt] = answer;
        lines += json_line({{"prompt", prompt}, {"response", answer}});
        if (!options.answers.empty()) write_file_atomically(options.answers, lines);
        progress_of(bar, set)(++done, prompts.size());
      }
    } catch (...) {
      if (!lock.owns_lock()) lock.lock();
      failure = std::current_exception();
    }
  };
  std::vector<std::thread> workers;
  for (int i = 0; i < options.at_once; ++i) workers.emplace_back(work);
  for (std::thread& worker : workers) worker.join();
  bar.clear();
  if (failure) std::rethrow_exception(failure);
  return answers;
}

const std::string& answer_of(const std::map<std::string, std::string>& answers,
                             const std::string& prompt, const std::string& file) {
  const auto answer = answers.find(prompt);
  if (answer != answers.end()) return answer->second;
  throw Error(ErrorCode::kInvalidArgument,
              file + " has no answer to '" + prompt.substr(0, 60) + "'",
              "both models must have answered the same prompts");
}

std::vector<evaluation::InstructionVerdict> judge(
    const std::vector<evaluation::InstructedPrompt>& prompts,
    const std::map<std::string, std::string>& answers, const std::string& file) {
  std::vector<evaluation::InstructionVerdict> verdicts;
  for (const evaluation::InstructedPrompt& prompt : prompts) {
    verdicts.push_back(evaluation::judge_answer(prompt, answer_of(answers, prompt.prompt, file)));
  }
  return verdicts;
}

void run_ifeval(const EvalOptions& options, Report& report) {
  auto prompts = evaluation::read_instructed_prompts(read_file(options.ifeval, kMostBytes));
  take_sample(prompts, options.limit);
  std::vector<std::string> texts;
  for (const evaluation::InstructedPrompt& prompt : prompts) texts.push_back(prompt.prompt);
  const auto verdicts =
      judge(prompts, collect_answers(options, texts, "IFEval", report), options.answers);
  if (!options.verdicts.empty()) {
    std::string lines;
    for (size_t i = 0; i < prompts.size(); ++i) {
      lines += json_line({{"prompt", prompts[i].prompt},
                          {"strict", verdicts[i].strict},
                          {"loose", verdicts[i].loose}});
    }
    write_file_atomically(options.verdicts, lines);
  }
  const evaluation::InstructionScores scores = evaluation::score_instructions(verdicts);
  report.add("ifeval_strict_prompts", "IFEval, prompts, strict, %", scores.strict_prompts,
             scores.prompts);
  report.add("ifeval_strict_instructions", "IFEval, instructions, strict, %",
             scores.strict_instructions, scores.instructions);
  report.add("ifeval_loose_prompts", "IFEval, prompts, loose, %", scores.loose_prompts,
             scores.prompts);
  report.add("ifeval_loose_instructions", "IFEval, instructions, loose, %",
             scores.loose_instructions, scores.instructions);
  if (scores.unknown > 0) {
    print_warning(fmt::format("{} instructions are of no known kind", scores.unknown));
  }
  if (options.against.empty()) return;
  const auto difference = evaluation::compare_instructions(
      verdicts, judge(prompts, kept_answers(options.against), options.against));
  report.add("ifeval_strict_difference", "more than the other, strict, points",
             difference.strict_prompts, scores.prompts);
  report.add("ifeval_loose_difference", "more than the other, loose, points",
             difference.loose_prompts, scores.prompts);
}

void add_win_rate(const std::string& key, const std::string& name,
                  const std::vector<evaluation::Preference>& preferences, Report& report) {
  const evaluation::WinRate rate = evaluation::win_rate(preferences);
  report.add(key, name, rate.rate, preferences.size());
  report.document()[key]["wins"] = rate.wins;
  report.document()[key]["losses"] = rate.losses;
  report.document()[key]["ties"] = rate.ties;
}

// How many of the answers meet each criterion.
void add_criteria(const std::string& key, const std::string& whose,
                  const std::vector<evaluation::RubricVerdict>& verdicts, Report& report) {
  for (size_t i = 0; i < evaluation::kCriteria; ++i) {
    const auto hits = std::count_if(verdicts.begin(), verdicts.end(),
                                    [&](const auto& verdict) { return verdict.met[i]; });
    const std::string name(evaluation::criterion_name(static_cast<evaluation::Criterion>(i)));
    std::string id = key + name;
    std::replace(id.begin(), id.end(), ' ', '_');
    report.add(id, whose + name + ", %",
               evaluation::share_interval(static_cast<size_t>(hits), verdicts.size()),
               verdicts.size());
  }
}

void run_chat(const EvalOptions& options, Report& report) {
  auto questions = evaluation::read_chat_questions(read_file(options.chat, kMostBytes));
  take_sample(questions, options.limit);
  const auto mine = collect_answers(options, questions, "chat", report);
  std::vector<evaluation::RubricVerdict> verdicts, others;
  for (const std::string& question : questions) {
    verdicts.push_back(
        evaluation::judge_by_rubric(question, answer_of(mine, question, options.answers)));
  }
  add_criteria("chat_", "chat: ", verdicts, report);
  if (options.against.empty()) return;
  const auto theirs = kept_answers(options.against);
  std::vector<evaluation::Preference> preferences;
  for (size_t i = 0; i < questions.size(); ++i) {
    others.push_back(evaluation::judge_by_rubric(questions[i],
                                                 answer_of(theirs, questions[i], options.against)));
    preferences.push_back(evaluation::prefer(verdicts[i], others[i]));
  }
  add_criteria("other_", "the other's: ", others, report);
  add_win_rate("chat_win_rate", "wins by the rubric, ties half, %", preferences, report);
  if (options.judge.empty() && options.judge_endpoint.empty()) return;
  ChatModelOptions judge;
  judge.model = options.judge;
  judge.endpoint = options.judge_endpoint;
  judge.remote_model = options.judge_endpoint_model;
  judge.threads = options.model.threads;
  const std::unique_ptr<language::ChatModel> model = open_chat_model(judge);
  report.document()["judge"] = model->name();
  ProgressBar bar;
  for (size_t i = 0; i < questions.size(); ++i) {
    preferences[i] =
        evaluation::ask_judge(*model, questions[i], answer_of(mine, questions[i], options.answers),
                              answer_of(theirs, questions[i], options.against));
    progress_of(bar, "judging")(i + 1, questions.size());
  }
  bar.clear();
  add_win_rate("chat_win_rate_judged", "wins by the judge, ties half, %", preferences, report);
}

void run_blimp(const EvalOptions& options, language::TextScorer& scorer, Report& report) {
  std::vector<std::filesystem::path> files;
  for (const auto& entry : std::filesystem::directory_iterator(options.blimp)) {
    if (entry.path().extension() == ".jsonl") files.push_back(entry.path());
  }
  std::sort(files.begin(), files.end());
  std::vector<evaluation::MinimalPair> pairs;
  for (const auto& file : files) {
    auto more = evaluation::read_minimal_pairs(read_file(file, kMostBytes));
    // The same from each paradigm.
    take_sample(more, options.limit == 0 ? 0 : std::max<size_t>(1, options.limit / files.size()));
    std::move(more.begin(), more.end(), std::back_inserter(pairs));
  }
  ProgressBar bar;
  const auto share = evaluation::evaluate_pairs(scorer, pairs, progress_of(bar, "BLiMP"));
  bar.clear();
  report.add("blimp", "BLiMP, pairs, %", share, pairs.size());
}

void run_cloze(const EvalOptions& options, const std::string& file, const std::string& key,
               const std::string& name, language::TextScorer& scorer, Report& report) {
  auto items = evaluation::read_cloze(read_file(file, kMostBytes));
  take_sample(items, options.limit);
  ProgressBar bar;
  const auto scores = evaluation::evaluate_cloze(scorer, items, progress_of(bar, name.c_str()));
  bar.clear();
  report.add(key, name + ", likeliest ending, %", scores.plain, items.size());
  report.add(key + "_normalised", name + ", likeliest a byte, %", scores.normalised, items.size());
}

void run_text(const EvalOptions& options, language::TextScorer& scorer, Report& report) {
  std::string text = read_file(options.text, kMostBytes);
  if (options.limit > 0) text.resize(std::min(text.size(), options.limit * 1000));
  ProgressBar bar;
  const auto bits = evaluation::evaluate_text(scorer, text, progress_of(bar, "text"));
  bar.clear();
  report.add("bits_a_byte", "bits a byte", bits, text.size(), 1);
}

void evaluate(const EvalOptions& options) {
  const bool likelihood = !options.blimp.empty() || !options.hellaswag.empty() ||
                          !options.cloze.empty() || !options.text.empty();
  if (!likelihood && options.ifeval.empty() && options.chat.empty()) {
    throw Error(ErrorCode::kInvalidArgument, "there is nothing to evaluate",
                "name a set: --ifeval, --chat, --blimp, --hellaswag, --cloze or --text");
  }
  if (!options.ifeval.empty() && !options.chat.empty() &&
      (!options.answers.empty() || !options.against.empty())) {
    throw Error(ErrorCode::kInvalidArgument, "--answers and --against are of one set of prompts",
                "run --ifeval and --chat one after the other");
  }
  if ((!options.judge.empty() || !options.judge_endpoint.empty()) &&
      (options.chat.empty() || options.against.empty())) {
    throw Error(ErrorCode::kInvalidArgument, "a judge compares the answers of two models",
                "give --chat, --answers and --against as well");
  }
  if (likelihood && !options.model.endpoint.empty()) {
    throw Error(ErrorCode::kInvalidArgument, "an endpoint does not say how likely a text is",
                "only --ifeval and --chat work with --endpoint");
  }
  Report report(options.json);
  if (likelihood) {
    language::TextScorer scorer =
        language::TextScorer::open(chat_model_file(options.model.model), options.model.threads);
    report.document()["model"] = scorer.name();
    if (!options.blimp.empty()) run_blimp(options, scorer, report);
    if (!options.hellaswag.empty())
      run_cloze(options, options.hellaswag, "hellaswag", "HellaSwag", scorer, report);
    for (const std::string& file : options.cloze) {
      const std::string name = std::filesystem::path(file).stem().string();
      run_cloze(options, file, name, name, scorer, report);
    }
    if (!options.text.empty()) run_text(options, scorer, report);
  }
  if (!options.ifeval.empty()) run_ifeval(options, report);
  if (!options.chat.empty()) run_chat(options, report);
  report.finish();
}

}  // namespace

void add_eval_command(CLI::App& program, ExitCode&) {
  CLI::App* group = program.add_subcommand("eval", "Measure models on published test sets");
  group->require_subcommand(1);
  group->footer(std::string(kExamples) + kExitCodeHelp);
  auto options = std::make_shared<EvalOptions>();
  CLI::App* command =
      group->add_subcommand("lm", "A language model: instructions, chat, grammar, cloze, text");
  command->footer(std::string(kExamples) + kExitCodeHelp);
  add_chat_model_options(*command, options->model);
  command->add_option("--ifeval", options->ifeval, "IFEval's prompts, as JSON lines");
  command->add_option("--chat", options->chat,
                      "Questions as JSON lines: MT-Bench's, or with \"prompt\" or \"instruction\"");
  CLI::Option* judge = command->add_option(
      "--judge", options->judge, "A model that compares the answers: a package or a .gguf file");
  command
      ->add_option("--judge-endpoint", options->judge_endpoint,
                   "A service that compares them; its key is taken from $MYNA_CHAT_KEY")
      ->excludes(judge);
  command->add_option("--judge-endpoint-model", options->judge_endpoint_model,
                      "The model's name at that service");
  command->add_option("--answers", options->answers,
                      "Keep the answers to them in this file; those that it has are not asked for");
  command->add_option("--verdicts", options->verdicts,
                      "Write to this file which instructions each answer follows");
  command->add_option("--against", options->against,
                      "Another model's answers: the difference on the same prompts");
  command->add_option("--max-tokens", options->max_tokens, "The longest such answer")
      ->check(CLI::Range(1, 8192))
      ->capture_default_str();
  command
      ->add_option("--at-once", options->at_once,
                   "So many answers are computed together: quicker, and rounded differently")
      ->check(CLI::Range(1, language::LlamaOptions::kMostChats))
      ->capture_default_str();
  command->add_option("--blimp", options->blimp, "BLiMP's directory of .jsonl files");
  command->add_option("--hellaswag", options->hellaswag, "HellaSwag, as JSON lines");
  command
      ->add_option("--cloze", options->cloze,
                   "Questions with choices as JSON lines of \"query\", \"choices\" and \"gold\" "
                   "(ARC, PIQA); may be given again")
      ->allow_extra_args(false);
  command->add_option("--text", options->text, "A text, for bits a byte");
  command->add_option("--limit", options->limit,
                      "A sample of so many items a set, or thousand bytes of text");
  command->add_flag("--json", options->json, "Print one JSON object");
  command->callback([options] { evaluate(*options); });
}

}  // namespace myna::cli
