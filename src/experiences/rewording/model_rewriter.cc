#include "experiences/rewording/model_rewriter.h"

#include <chrono>

#include "base/clock.h"
#include "base/error.h"
#include "base/plain_text.h"

namespace myna::rewording {
namespace {

using language::Message;
using language::Role;

constexpr int kMostTokens = 64;
constexpr const char* kSystem =
    "You edit radio news. Reword the sentence so that it is easy to hear. Keep every name, number, "
    "date and quotation, and every \"not\". Add nothing. Answer with one sentence.";

// Two turns show a small model what is wanted better than any instruction.
std::vector<Message> messages_for(std::string_view sentence) {
  return {
      {Role::kSystem, kSystem},
      {Role::kUser, "Due to heavy rain, the bridge at Linton was closed by the police on Friday."},
      {Role::kAssistant, "Police closed the bridge at Linton on Friday due to heavy rain."},
      {Role::kUser, "There were 12 boats which did not return to the harbour, Ann Reed said."},
      {Role::kAssistant, "12 boats did not return to the harbour, Ann Reed said."},
      {Role::kUser, std::string(sentence)}};
}

// Models like to put quotation marks around the whole of it.
std::string unwrapped(std::string_view answer) {
  std::string_view text = trimmed(answer.substr(0, answer.find('\n')));
  if (text.size() >= 2 && text.front() == '"' && text.back() == '"' &&
      text.find('"', 1) == text.size() - 1)
    text = trimmed(text.substr(1, text.size() - 2));
  return std::string(text);
}

}  // namespace

ModelRewriter::ModelRewriter(language::ChatModel& model, Options options)
    : model_(model), options_(std::move(options)) {}

std::string ModelRewriter::ask(std::string_view sentence) {
  language::AnswerRequest request;
  request.messages = messages_for(sentence);
  request.sampling.temperature = 0;
  request.sampling.repeat_penalty = 1;  // it is to repeat
  request.sampling.seed = 1;
  request.max_tokens = kMostTokens;
  request.stop = {"\n"};
  request.cancel = options_.cancel;
  const language::Answer answer = model_.answer(request, [](std::string_view) {});
  const bool whole =
      answer.end == language::AnswerEnd::kComplete || answer.end == language::AnswerEnd::kStopText;
  return whole ? unwrapped(answer.text) : std::string();
}

std::string ModelRewriter::reword(std::string_view sentence, std::string_view span) {
  const std::pair<std::string, std::string> key{sentence, span};
  if (const auto found = known_.find(key); found != known_.end()) return found->second;
  const bool stopped = options_.cancel != nullptr && options_.cancel->load();
  if (!problem_.empty() || stopped) return {};
  const auto start = std::chrono::steady_clock::now();
  std::string reworded;
  try {
    reworded = ask(sentence);
  } catch (const Error& error) {
    problem_ = error.message();
    return {};
  }
  counts_.model_s += seconds_since(start);
  ++counts_.asked;
  if (reworded.empty() || reworded == sentence) {
    ++counts_.unchanged;
  } else {
    RewordingAnswer answer{std::string(sentence), reworded, "",
                           editing::check_grounding(reworded, span).empty()};
    const auto faults = editing::check_rewording(reworded, sentence, span);
    if (!faults.empty()) answer.fault = faults.front().what;
    ++(faults.empty() ? counts_.taken : counts_.refused[answer.fault]);
    counts_.answers.push_back(std::move(answer));
  }
  known_[key] = reworded;
  if (options_.progress) options_.progress(counts_.asked);
  return reworded;
}

}  // namespace myna::rewording
