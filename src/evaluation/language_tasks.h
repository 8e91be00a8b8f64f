// Published test sets of language models, and what a model makes of them. Nothing of the sets is
// part of Myna: their files are named by whoever runs them.
#pragma once

#include <cstddef>
#include <functional>
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

struct Cloze {  // HellaSwag
  std::string context;
  std::vector<std::string> endings;
  size_t label = 0;  // the right ending
};
// With the activity before the context and markup taken out, as the reference harness does.
std::vector<Cloze> read_cloze(std::string_view json_lines);

struct InstructionScores {
  size_t prompts = 0, instructions = 0;
  Interval strict_prompts, strict_instructions, loose_prompts, loose_instructions;
  size_t unknown = 0;  // instructions that could not be checked, and count as not followed
};

using Progress = std::function<void(size_t done, size_t count)>;
using KeepAnswer = std::function<void(const InstructedPrompt&, std::string_view answer)>;

// Greedy, at most max_tokens an answer; without a system text.
InstructionScores evaluate_instructions(language::ChatModel& model,
                                        const std::vector<InstructedPrompt>& prompts,
                                        int max_tokens, const Progress& progress,
                                        const KeepAnswer& keep);

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
