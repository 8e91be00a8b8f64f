// Whether an answer follows an instruction that can be checked: the 25 of IFEval (Zhou et al. 2023,
// "Instruction-Following Evaluation for Large Language Models"), by their published definitions.
//
// Two differ in their means: the language of an answer, which the original asks langdetect for, is
// told by script and by frequent words; sentences, which it takes from NLTK's trained splitter, end
// at . ? ! unless an abbreviation, an initial or a number does.
#pragma once

#include <cstddef>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace myna::evaluation {

// An instruction and its arguments: "length_constraints:number_words" with relation and num_words.
struct Instruction {
  using Value = std::variant<std::string, int64_t, std::vector<std::string>>;
  std::string id;  // without a language's "en:"
  std::map<std::string, Value> arguments;
};

// Nothing when this is no instruction that Myna knows, or an argument is missing.
std::optional<bool> is_followed(const Instruction& instruction, std::string_view answer);

// As the original's loose measure: also without its first or last line, or both, and without
// asterisks. `answer` that is blank follows nothing, here and in the strict measure.
std::optional<bool> is_followed_loosely(const Instruction& instruction, std::string_view answer);
std::optional<bool> is_followed_strictly(const Instruction& instruction, std::string_view answer);

// Parts that the checks are made of.
size_t count_words(std::string_view text);  // runs of letters, digits and _
size_t count_sentences(std::string_view text);
std::string guess_language(std::string_view text);  // ISO 639-1; empty: cannot be told

}  // namespace myna::evaluation
