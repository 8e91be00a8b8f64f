// Published test sets of language models, and what a model makes of them. Nothing of the sets is
// part of Myna: their files are named by whoever runs them.
#pragma once

#include <cstddef>
#include <functional>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "evaluation/confidence.h"
#include "evaluation/instruction_checks.h"
#include "language/chat_model.h"
#include "language/llama/text_scorer.h"

namespace myna::evaluation {

// Readers of JSON lines. Each throws Error kCorruptData with the line that is wrong.

struct InstructedPrompt {  // IFEval
  std::string prompt;
  std::vector<Instruction> instructions;
};
std::vector<InstructedPrompt> read_instructed_prompts(std::string_view json_lines);

struct MinimalPair {  // BLiMP
  std::string good, bad;
  std::string paradigm;
};
std::vector<MinimalPair> read_minimal_pairs(std::string_view json_lines);

struct Cloze {  // HellaSwag, ARC, PIQA
  std::string context;
  std::vector<std::string> endings;
  size_t label = 0;  // the right ending
};
// HellaSwag: with the activity before the context and markup taken out, as the reference harness
// does. Or sets of {"query", "choices", "gold"}, as the Eval Gauntlet has ARC, PIQA and others: the
// query, "Answer:", and a choice.
std::vector<Cloze> read_cloze(std::string_view json_lines);

// What an answer made of its prompt's instructions, in their order.
struct InstructionVerdict {
  std::vector<bool> strict, loose;
  size_t unknown = 0;  // instructions that could not be checked, and count as not followed

  bool all_strict() const;
  bool all_loose() const;
};
InstructionVerdict judge_answer(const InstructedPrompt& prompt, std::string_view answer);

struct InstructionScores {
  size_t prompts = 0, instructions = 0;
  Interval strict_prompts, strict_instructions, loose_prompts, loose_instructions;
  size_t unknown = 0;
};
InstructionScores score_instructions(std::span<const InstructionVerdict> verdicts);

// How much larger the first model's share of prompts is than the other's on the same prompts, whose
// verdicts come in the same order.
struct InstructionDifference {
  Interval strict_prompts, loose_prompts;
};
InstructionDifference compare_instructions(std::span<const InstructionVerdict> verdicts,
                                           std::span<const InstructionVerdict> others);

// Greedy, at most max_tokens; without a system text.
std::string answer_prompt(language::ChatModel& model, const std::string& prompt, int max_tokens);

// Answers by their prompts, from JSON lines of {"prompt", "response"}. As the readers above.
std::map<std::string, std::string> read_answers(std::string_view json_lines);

using Progress = std::function<void(size_t done, size_t count)>;

// The share of pairs whose good sentence is likelier.
Interval evaluate_pairs(language::TextScorer& scorer, const std::vector<MinimalPair>& pairs,
                        const Progress& progress);

struct ClozeScores {
  Interval plain;       // the likeliest ending
  Interval normalised;  // the likeliest a byte
};
ClozeScores evaluate_cloze(language::TextScorer& scorer, const std::vector<Cloze>& items,
                           const Progress& progress);

// Bits a byte of a text, its paragraphs being what the interval is drawn from.
Interval evaluate_text(language::TextScorer& scorer, std::string_view text,
                       const Progress& progress);

}  // namespace myna::evaluation
