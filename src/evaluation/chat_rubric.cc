#include "evaluation/chat_rubric.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <numeric>
#include <set>

#include "base/error.h"
#include "base/plain_text.h"
#include "evaluation/instruction_checks.h"
#include "evaluation/json_lines.h"
#include "evaluation/text_measures.h"

namespace myna::evaluation {
namespace {

using Json = nlohmann::json;

constexpr size_t kLoopWords = 6;
constexpr double kMostLoops = 0.1;
constexpr size_t kFewestWords = 5, kMostWords = 500;
constexpr size_t kTopicLetters = 4;  // of a content word
constexpr size_t kStemLetters = 5;   // of which so many are compared: "tides" and "tidal"
constexpr double kLeastNew = 0.5;

constexpr std::string_view kFrequent =
    " about above after again against also another answer because been before being below between "
    "both could describe does doing down during each even every example explain following from "
    "further give given have having here himself into itself just like list made make many might "
    "more most much must need only other ourselves over please provide same shall should some such "
    "than that their them themselves then there these they this those three through under until "
    "using very want well were what when where which while whom will with without would write your "
    "yourself ";

constexpr std::array<std::string_view, 9> kEvasions = {
    "i'm sorry",   "i am sorry",     "i cannot",    "i can't",         "i'm unable",
    "i am unable", "unfortunately,", "i apologize", "i don't have the"};

std::vector<std::string> words_of(std::string_view text) {
  std::vector<std::string> words(1);
  for (const char c : ascii_lower(std::string(text))) {
    const bool part = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '\'' || (c & 0x80);
    if (part) {
      words.back() += c;
    } else if (!words.back().empty()) {
      words.emplace_back();
    }
  }
  if (words.back().empty()) words.pop_back();
  return words;
}

std::vector<std::string> topic_stems(const std::vector<std::string>& words) {
  std::vector<std::string> stems;
  for (const std::string& word : words) {
    if (word.size() < kTopicLetters || kFrequent.find(" " + word + " ") != std::string_view::npos)
      continue;
    stems.push_back(word.substr(0, kStemLetters));
  }
  return stems;
}

bool ends_whole(std::string_view answer) {
  const std::string_view text = strip(answer);
  for (const std::string_view end :
       {".", "!", "?", "…", ":)", "\"", "”", "’", "'", ")", "]", "}", "`", "*", "|", ">", ";"}) {
    if (text.ends_with(end)) return true;
  }
  // A list or a table of short items, or a verse, needs no full stop at its end.
  const std::vector<std::string_view> lines = split(text, "\n");
  return lines.size() > 1 && words_of(lines.back()).size() <= 12;
}

double loop_share(const std::vector<std::string>& words) {
  if (words.size() < 2 * kLoopWords) return 0;
  std::set<std::vector<std::string>> runs;
  size_t again = 0;
  for (size_t i = 0; i + kLoopWords <= words.size(); ++i) {
    const auto begin = words.begin() + static_cast<ptrdiff_t>(i);
    again += runs.emplace(begin, begin + kLoopWords).second ? 0 : 1;
  }
  return static_cast<double>(again) / static_cast<double>(words.size());
}

bool is_evasive(std::string_view answer) {
  std::string text = ascii_lower(std::string(strip(answer)));
  for (size_t at = 0; (at = text.find("’", at)) != std::string::npos;) text.replace(at, 3, "'");
  return text.find("as an ai") != std::string::npos ||
         text.find("as a language model") != std::string::npos ||
         std::any_of(kEvasions.begin(), kEvasions.end(),
                     [&](std::string_view opening) { return text.starts_with(opening); });
}

// Lines of code have no language that is spoken.
std::string without_code(std::string_view text) {
  std::string prose;
  for (const std::string_view line : split(text, "\n")) {
    if (line.find_first_of("{};#=<>") == std::string_view::npos) (prose += line) += '\n';
  }
  return prose;
}

// What the judge is told; the criteria of the rubric and the two that need understanding.
constexpr const char* kJudgeTask =
    "You compare two answers to a question. The better one is correct, helps with exactly what was "
    "asked, is complete, does not repeat itself, does not evade, and is as long as the matter "
    "needs. Its position and its length count for nothing. Reply with JSON: {\"better\": \"A\"}, "
    "{\"better\": \"B\"} or {\"better\": \"equal\"}.";
constexpr const char* kJudgeSchema =
    R"({"type":"object","properties":{"better":{"enum":["A","B","equal"]}},"required":["better"],"additionalProperties":false})";

std::string ask_once(language::ChatModel& judge, const std::string& question, const std::string& a,
                     const std::string& b) {
  language::AnswerRequest request;
  request.messages = {
      {language::Role::kSystem, kJudgeTask},
      {language::Role::kUser, "Question:\n" + question + "\n\nAnswer A:\n" + a + "\n\nAnswer B:\n" +
                                  b + "\n\nWhich answer is better?"}};
  request.sampling.temperature = 0;
  request.max_tokens = 32;
  request.form = {language::AnswerForm::Kind::kJsonSchema, kJudgeSchema};
  const Json reply = Json::parse(judge.answer(request, {}).text, nullptr, false);
  if (!reply.is_object() || !reply.contains("better") || !reply["better"].is_string()) {
    return "equal";
  }
  return reply["better"].get<std::string>();
}

}  // namespace

std::vector<std::string> read_chat_questions(std::string_view json_lines) {
  std::vector<std::string> questions;
  each_json_line(json_lines, [&](const Json& json) {
    if (json.contains("turns")) {
      questions.push_back(json.at("turns").at(0).get<std::string>());
      return;
    }
    std::string question = json.at(json.contains("prompt") ? "prompt" : "instruction");
    const std::string input = json.value("input", "");
    questions.push_back(input.empty() ? question : question + "\n\n" + input);
  });
  return questions;
}

std::string_view criterion_name(Criterion criterion) {
  constexpr std::array<std::string_view, kCriteria> kNames = {
      "complete", "no loop", "on topic", "adds something", "language", "no evasion", "length"};
  return kNames[static_cast<size_t>(criterion)];
}

int RubricVerdict::points() const { return std::accumulate(met.begin(), met.end(), 0); }

RubricVerdict judge_by_rubric(std::string_view question, std::string_view answer) {
  const std::vector<std::string> words = words_of(answer);
  const std::vector<std::string> asked = topic_stems(words_of(question));
  const std::vector<std::string> said = topic_stems(words);
  const std::set<std::string> topic(asked.begin(), asked.end());
  const std::set<std::string> told(said.begin(), said.end());
  const auto taken_up = static_cast<size_t>(std::count_if(
      topic.begin(), topic.end(), [&](const auto& stem) { return told.count(stem); }));
  const std::string language = guess_language(without_code(answer));
  const std::string wanted = guess_language(question);
  RubricVerdict verdict;
  const auto set = [&](Criterion criterion, bool met) {
    verdict.met[static_cast<size_t>(criterion)] = met;
  };
  set(Criterion::kComplete, !words.empty() && ends_whole(answer));
  set(Criterion::kNoLoop, loop_share(words) <= kMostLoops);
  set(Criterion::kOnTopic, taken_up >= std::min<size_t>(2, topic.size()));
  set(Criterion::kAdds, !words.empty() && static_cast<double>(told.size() - taken_up) >=
                                              kLeastNew * static_cast<double>(told.size()));
  set(Criterion::kLanguage, language.empty() || wanted.empty() || language == wanted);
  set(Criterion::kNoEvasion, !is_evasive(answer));
  set(Criterion::kLength, words.size() >= kFewestWords && words.size() <= kMostWords);
  return verdict;
}

Preference prefer(const RubricVerdict& first, const RubricVerdict& second) {
  if (first.points() == second.points()) return Preference::kNeither;
  return first.points() > second.points() ? Preference::kFirst : Preference::kSecond;
}

Preference ask_judge(language::ChatModel& judge, const std::string& question,
                     const std::string& first, const std::string& second) {
  const std::string forth = ask_once(judge, question, first, second);
  const std::string back = ask_once(judge, question, second, first);
  if (forth == "A" && back == "B") return Preference::kFirst;
  if (forth == "B" && back == "A") return Preference::kSecond;
  return Preference::kNeither;
}

WinRate win_rate(std::span<const Preference> preferences) {
  WinRate result;
  std::vector<double> points;
  for (const Preference preference : preferences) {
    result.wins += preference == Preference::kFirst ? 1 : 0;
    result.losses += preference == Preference::kSecond ? 1 : 0;
    result.ties += preference == Preference::kNeither ? 1 : 0;
    points.push_back(preference == Preference::kFirst    ? 1
                     : preference == Preference::kSecond ? 0
                                                         : 0.5);
  }
  result.rate = points.empty() ? Interval{0.5, 0, 1}
                               : ratio_interval(points, std::vector<double>(points.size(), 1));
  return result;
}

}  // namespace myna::evaluation
