// Which of two answers to a question is better: by a rubric that needs no model, or by a language
// model that judges. Rates are of wins, a tie counting as half of one.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "evaluation/confidence.h"
#include "language/chat_model.h"

namespace myna::evaluation {

// The first turns of MT-Bench's or Vicuna's questions ("turns"), or "prompt" or "instruction" with
// an "input", as JSON lines. Throws Error kCorruptData with the line that is wrong.
std::vector<std::string> read_chat_questions(std::string_view json_lines);

// What any good answer has, whatever the question. Facts are not checked.
enum class Criterion : uint8_t {
  kComplete,   // has words, and ends where a sentence, a list or a block of code does
  kNoLoop,     // does not go round: at most a tenth of its words begin a run of six said before
  kOnTopic,    // takes up words of the question
  kAdds,       // at least half of its content words are not the question's
  kLanguage,   // is in the language of the question, as far as that can be told
  kNoEvasion,  // does not begin by declining, nor speaks of itself as a language model
  kLength      // has 5 to 500 words
};
inline constexpr size_t kCriteria = 7;
std::string_view criterion_name(Criterion criterion);

struct RubricVerdict {
  std::array<bool, kCriteria> met{};  // by Criterion

  int points() const;
};
RubricVerdict judge_by_rubric(std::string_view question, std::string_view answer);

enum class Preference : uint8_t { kFirst, kSecond, kNeither };
Preference prefer(const RubricVerdict& first, const RubricVerdict& second);

// Asks the model twice, with the answers in either order; it prefers one only if it does so both
// times. Throws what the model throws.
Preference ask_judge(language::ChatModel& judge, const std::string& question,
                     const std::string& first, const std::string& second);

struct WinRate {
  size_t wins = 0, losses = 0, ties = 0;
  Interval rate;  // of wins and half of the ties
};
WinRate win_rate(std::span<const Preference> preferences);

}  // namespace myna::evaluation
