#include "evaluation/language_tasks.h"

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>

#include "base/plain_text.h"
#include "evaluation/json_lines.h"
#include "evaluation/text_measures.h"

namespace myna::evaluation {
namespace {

using Json = nlohmann::json;

Instruction read_instruction(const std::string& id, const Json& arguments) {
  Instruction instruction;
  instruction.id = id.starts_with("en:") ? id.substr(3) : id;
  for (const auto& [key, value] : arguments.items()) {
    if (value.is_string()) instruction.arguments[key] = value.get<std::string>();
    if (value.is_number()) {
      instruction.arguments[key] = static_cast<int64_t>(value.get<double>());
    }
    if (value.is_array()) instruction.arguments[key] = value.get<std::vector<std::string>>();
  }
  return instruction;
}

std::string without_markup(std::string text) {
  for (size_t at = 0; (at = text.find(" [title]", at)) != std::string::npos;) {
    text.replace(at, 8, ". ");
  }
  for (size_t at = 0; (at = text.find('[', at)) != std::string::npos;) {
    const size_t end = text.find(']', at);
    if (end == std::string::npos) break;
    text.erase(at, end + 1 - at);
  }
  for (size_t at = 0; (at = text.find("  ", at)) != std::string::npos;) {
    text.replace(at, 2, " ");
    ++at;
  }
  return text;
}

std::string capitalised(std::string text) {
  text = ascii_lower(text);
  if (!text.empty() && text[0] >= 'a' && text[0] <= 'z') text[0] = static_cast<char>(text[0] - 32);
  return text;
}

double per_byte(double value, const std::string& text) {
  return value / static_cast<double>(std::max<size_t>(1, text.size()));
}

}  // namespace

std::vector<InstructedPrompt> read_instructed_prompts(std::string_view json_lines) {
  std::vector<InstructedPrompt> prompts;
  each_json_line(json_lines, [&](const Json& json) {
    InstructedPrompt prompt;
    prompt.prompt = json.at("prompt").get<std::string>();
    const Json& ids = json.at("instruction_id_list");
    for (size_t i = 0; i < ids.size(); ++i) {
      prompt.instructions.push_back(
          read_instruction(ids.at(i).get<std::string>(), json.at("kwargs").at(i)));
    }
    prompts.push_back(std::move(prompt));
  });
  return prompts;
}

std::vector<MinimalPair> read_minimal_pairs(std::string_view json_lines) {
  std::vector<MinimalPair> pairs;
  each_json_line(json_lines, [&](const Json& json) {
    pairs.push_back({json.at("sentence_good").get<std::string>(),
                     json.at("sentence_bad").get<std::string>(), json.value("UID", "")});
  });
  return pairs;
}

std::vector<Cloze> read_cloze(std::string_view json_lines) {
  std::vector<Cloze> items;
  each_json_line(json_lines, [&](const Json& json) {
    Cloze item;
    if (json.contains("query")) {
      item.context = std::string(strip(json.at("query").get<std::string>())) + "\nAnswer:";
      item.endings = json.at("choices").get<std::vector<std::string>>();
      item.label = json.at("gold").get<size_t>();
      items.push_back(std::move(item));
      return;
    }
    const std::string context = json.at("ctx_a").get<std::string>() + " " +
                                capitalised(json.at("ctx_b").get<std::string>());
    item.context = strip(without_markup(
        std::string(strip(json.at("activity_label").get<std::string>() + ": " + context))));
    for (const Json& ending : json.at("endings")) {
      item.endings.push_back(std::string(strip(without_markup(ending.get<std::string>()))));
    }
    item.label = json.at("label").get<size_t>();
    items.push_back(std::move(item));
  });
  return items;
}

bool InstructionVerdict::all_strict() const {
  return std::find(strict.begin(), strict.end(), false) == strict.end();
}

bool InstructionVerdict::all_loose() const {
  return std::find(loose.begin(), loose.end(), false) == loose.end();
}

InstructionVerdict judge_answer(const InstructedPrompt& prompt, std::string_view answer) {
  InstructionVerdict verdict;
  for (const Instruction& instruction : prompt.instructions) {
    const std::optional<bool> strict = is_followed_strictly(instruction, answer);
    verdict.unknown += strict ? 0 : 1;
    verdict.strict.push_back(strict.value_or(false));
    verdict.loose.push_back(is_followed_loosely(instruction, answer).value_or(false));
  }
  return verdict;
}

InstructionScores score_instructions(std::span<const InstructionVerdict> verdicts) {
  InstructionScores scores;
  size_t strict_prompts = 0, loose_prompts = 0, strict = 0, loose = 0;
  for (const InstructionVerdict& verdict : verdicts) {
    scores.instructions += verdict.strict.size();
    scores.unknown += verdict.unknown;
    strict += static_cast<size_t>(std::count(verdict.strict.begin(), verdict.strict.end(), true));
    loose += static_cast<size_t>(std::count(verdict.loose.begin(), verdict.loose.end(), true));
    strict_prompts += verdict.all_strict() ? 1 : 0;
    loose_prompts += verdict.all_loose() ? 1 : 0;
  }
  scores.prompts = verdicts.size();
  scores.strict_prompts = share_interval(strict_prompts, scores.prompts);
  scores.loose_prompts = share_interval(loose_prompts, scores.prompts);
  scores.strict_instructions = share_interval(strict, scores.instructions);
  scores.loose_instructions = share_interval(loose, scores.instructions);
  return scores;
}

InstructionDifference compare_instructions(std::span<const InstructionVerdict> verdicts,
                                           std::span<const InstructionVerdict> others) {
  const std::vector<double> ones(verdicts.size(), 1.0);
  std::vector<double> strict, loose;
  for (size_t i = 0; i < verdicts.size(); ++i) {
    strict.push_back((verdicts[i].all_strict() ? 1.0 : 0.0) - (others[i].all_strict() ? 1.0 : 0.0));
    loose.push_back((verdicts[i].all_loose() ? 1.0 : 0.0) - (others[i].all_loose() ? 1.0 : 0.0));
  }
  return {ratio_interval(strict, ones), ratio_interval(loose, ones)};
}

std::string answer_prompt(language::ChatModel& model, const std::string& prompt, int max_tokens) {
  language::AnswerRequest request;
  request.messages = {{language::Role::kUser, prompt}};
  request.sampling.temperature = 0;
  request.sampling.repeat_penalty = 1;
  request.max_tokens = max_tokens;
  return model.answer(request, {}).text;
}

std::map<std::string, std::string> read_answers(std::string_view json_lines) {
  std::map<std::string, std::string> answers;
  each_json_line(json_lines, [&](const Json& json) {
    answers[json.at("prompt").get<std::string>()] = json.at("response").get<std::string>();
  });
  return answers;
}

Interval evaluate_pairs(language::TextScorer& scorer, const std::vector<MinimalPair>& pairs,
                        const Progress& progress) {
  size_t right = 0, done = 0;
  for (const MinimalPair& pair : pairs) {
    const double good = scorer.score("", pair.good).log_probability;
    right += good > scorer.score("", pair.bad).log_probability ? 1 : 0;
    if (progress) progress(++done, pairs.size());
  }
  return share_interval(right, pairs.size());
}

ClozeScores evaluate_cloze(language::TextScorer& scorer, const std::vector<Cloze>& items,
                           const Progress& progress) {
  size_t plain = 0, normalised = 0, done = 0;
  for (const Cloze& item : items) {
    std::vector<double> sums, rates;
    for (const std::string& ending : item.endings) {
      sums.push_back(scorer.score(item.context, " " + ending).log_probability);
      rates.push_back(per_byte(sums.back(), ending));
    }
    const auto best = [](const std::vector<double>& values) {
      return static_cast<size_t>(std::max_element(values.begin(), values.end()) - values.begin());
    };
    plain += best(sums) == item.label ? 1 : 0;
    normalised += best(rates) == item.label ? 1 : 0;
    if (progress) progress(++done, items.size());
  }
  return {share_interval(plain, items.size()), share_interval(normalised, items.size())};
}

Interval evaluate_text(language::TextScorer& scorer, std::string_view text,
                       const Progress& progress) {
  // Pieces of a few thousand bytes, cut at line ends: long enough that the beginning counts little.
  constexpr size_t kPiece = 8000;
  std::vector<double> bits, bytes;
  for (size_t at = 0; at < text.size();) {
    size_t end = std::min(text.size(), at + kPiece);
    if (end < text.size()) {
      const size_t line = text.rfind('\n', end);
      if (line != std::string_view::npos && line > at) end = line + 1;
    }
    const std::string_view piece = text.substr(at, end - at);
    bits.push_back(-scorer.score_long(piece).log_probability / std::log(2.0));
    bytes.push_back(static_cast<double>(piece.size()));
    at = end;
    if (progress) progress(at, text.size());
  }
  return ratio_interval(bits, bytes);
}

}  // namespace myna::evaluation
