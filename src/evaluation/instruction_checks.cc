#include "evaluation/instruction_checks.h"

#include <algorithm>
#include <cctype>
#include <functional>
#include <nlohmann/json.hpp>

#include "base/plain_text.h"
#include "evaluation/text_measures.h"

namespace myna::evaluation {
namespace {

// Thrown where an argument is missing; never leaves this file.
struct MissingArgument {};

class Arguments {
 public:
  explicit Arguments(const Instruction& instruction) : instruction_(instruction) {}

  template <typename T>
  const T& get(const char* name) const {
    const auto found = instruction_.arguments.find(name);
    if (found == instruction_.arguments.end()) throw MissingArgument();
    const T* value = std::get_if<T>(&found->second);
    if (value == nullptr) throw MissingArgument();
    return *value;
  }
  std::string text(const char* name) const { return get<std::string>(name); }
  size_t number(const char* name) const {
    return static_cast<size_t>(std::max<int64_t>(0, get<int64_t>(name)));
  }
  const std::vector<std::string>& list(const char* name) const {
    return get<std::vector<std::string>>(name);
  }
  // "at least" or "less than".
  bool compare(size_t count, const char* relation, const char* limit) const {
    const std::string how = text(relation);
    if (how == "at least") return count >= number(limit);
    if (how == "less than") return count < number(limit);
    throw MissingArgument();
  }

 private:
  const Instruction& instruction_;
};

using Check = bool (*)(const Arguments&, std::string_view);

bool keywords_existence(const Arguments& arguments, std::string_view answer) {
  return std::all_of(arguments.list("keywords").begin(), arguments.list("keywords").end(),
                     [&](const std::string& word) {
                       return ascii_lower(answer).find(ascii_lower(word)) != std::string::npos;
                     });
}

bool keywords_frequency(const Arguments& arguments, std::string_view answer) {
  return arguments.compare(
      count_occurrences(ascii_lower(answer), ascii_lower(arguments.text("keyword"))), "relation",
      "frequency");
}

bool forbidden_words(const Arguments& arguments, std::string_view answer) {
  return std::none_of(arguments.list("forbidden_words").begin(),
                      arguments.list("forbidden_words").end(), [&](const std::string& word) {
                        return has_whole_word(ascii_lower(answer), ascii_lower(word));
                      });
}

bool letter_frequency(const Arguments& arguments, std::string_view answer) {
  return arguments.compare(
      count_occurrences(ascii_lower(answer), ascii_lower(arguments.text("letter"))), "let_relation",
      "let_frequency");
}

bool response_language(const Arguments& arguments, std::string_view answer) {
  const std::string language = guess_language(answer);
  // As langdetect's "no features": what has no letters may be any language.
  return language.empty() || language == arguments.text("language");
}

bool number_sentences(const Arguments& arguments, std::string_view answer) {
  return arguments.compare(count_sentences(answer), "relation", "num_sentences");
}

bool number_words(const Arguments& arguments, std::string_view answer) {
  return arguments.compare(count_words(answer), "relation", "num_words");
}

// Paragraphs are parted by ***.
bool number_paragraphs(const Arguments& arguments, std::string_view answer) {
  const auto parts = split(answer, "***");
  size_t count = parts.size();
  for (size_t i = 0; i < parts.size(); ++i) {
    if (!is_blank(parts[i])) continue;
    if (i != 0 && i + 1 != parts.size()) return false;
    --count;
  }
  return count == arguments.number("num_paragraphs");
}

bool nth_paragraph_first_word(const Arguments& arguments, std::string_view answer) {
  const auto paragraphs = split(answer, "\n\n");
  const auto count = static_cast<size_t>(std::count_if(
      paragraphs.begin(), paragraphs.end(), [](std::string_view text) { return !is_blank(text); }));
  const size_t wanted = arguments.number("nth_paragraph");
  if (wanted < 1 || wanted > count) return false;
  const std::string_view paragraph = strip(paragraphs[wanted - 1]);
  if (paragraph.empty()) return false;
  std::string_view word = paragraph.substr(0, paragraph.find_first_of(" \t\n\r"));
  while (word.starts_with('\'')) word.remove_prefix(1);
  while (word.starts_with('"')) word.remove_prefix(1);
  word = word.substr(0, word.find_first_of(".,?!'\""));
  return count == arguments.number("num_paragraphs") &&
         ascii_lower(word) == ascii_lower(arguments.text("first_word"));
}

bool number_placeholders(const Arguments& arguments, std::string_view answer) {
  size_t count = 0;
  for (size_t at = answer.find('['); at != std::string_view::npos; at = answer.find('[', at)) {
    const size_t end = answer.find_first_of("]\n", at);
    if (end == std::string_view::npos) break;
    count += answer[end] == ']' ? 1 : 0;
    at = end;
  }
  return count >= arguments.number("num_placeholders");
}

bool postscript(const Arguments& arguments, std::string_view answer) {
  const std::string marker = ascii_lower(arguments.text("postscript_marker"));
  const std::string text = ascii_lower(answer);
  if (marker == "p.p.s") return has_dotted(text, {"p.", "p.", "s"});
  if (marker == "p.s.") return has_dotted(text, {"p.", "s."});
  return text.find(marker) != std::string::npos;
}

bool number_bullet_lists(const Arguments& arguments, std::string_view answer) {
  size_t count = 0;
  for (const std::string_view line : split(answer, "\n")) {
    const size_t at = line.find_first_not_of(" \t\r\v\f");
    if (at == std::string_view::npos) continue;
    const bool star = line[at] == '*' && at + 1 < line.size() && line[at + 1] != '*';
    count += star || line[at] == '-' ? 1 : 0;
  }
  return count == arguments.number("num_bullets");
}

bool constrained_response(const Arguments&, std::string_view answer) {
  return std::any_of(kAnswers.begin(), kAnswers.end(), [&](std::string_view text) {
    return answer.find(text) != std::string_view::npos;
  });
}

bool number_highlighted_sections(const Arguments& arguments, std::string_view answer) {
  return count_highlights(answer, "*") + count_highlights(answer, "**") >=
         arguments.number("num_highlights");
}

bool multiple_sections(const Arguments& arguments, std::string_view answer) {
  const std::string word = arguments.text("section_spliter");
  size_t count = 0;
  for (size_t at = answer.find(word); at != std::string_view::npos && !word.empty();
       at = answer.find(word, at)) {
    at += word.size();
    size_t digit = at;
    if (digit < answer.size() && is_space(answer[digit])) ++digit;
    count +=
        digit < answer.size() && std::isdigit(static_cast<unsigned char>(answer[digit])) ? 1 : 0;
  }
  return count >= arguments.number("num_sections");
}

bool json_format(const Arguments&, std::string_view answer) {
  answer = strip(answer);
  for (const std::string_view fence : {"```json", "```Json", "```JSON", "```"}) {
    if (answer.starts_with(fence)) answer.remove_prefix(fence.size());
  }
  if (answer.ends_with("```")) answer.remove_suffix(3);
  return nlohmann::json::accept(strip(answer));
}

bool title(const Arguments&, std::string_view answer) {
  for (const std::string_view line : split(answer, "\n")) {
    const size_t begin = line.find("<<");
    const size_t end = line.rfind(">>");
    if (begin == std::string_view::npos || end == std::string_view::npos || end < begin + 3)
      continue;
    std::string_view inner = line.substr(begin, end + 2 - begin);
    while (inner.starts_with('<')) inner.remove_prefix(1);
    while (inner.ends_with('>')) inner.remove_suffix(1);
    if (!is_blank(inner)) return true;
  }
  return false;
}

bool two_responses(const Arguments&, std::string_view answer) {
  const auto parts = split(answer, "******");
  std::vector<std::string_view> answers;
  for (size_t i = 0; i < parts.size(); ++i) {
    if (!is_blank(parts[i])) {
      answers.push_back(strip(parts[i]));
    } else if (i != 0 && i + 1 != parts.size()) {
      return false;
    }
  }
  return answers.size() == 2 && answers[0] != answers[1];
}

bool repeat_prompt(const Arguments& arguments, std::string_view answer) {
  return ascii_lower(strip(answer))
      .starts_with(ascii_lower(strip(arguments.text("prompt_to_repeat"))));
}

bool end_checker(const Arguments& arguments, std::string_view answer) {
  answer = strip(answer);
  while (answer.starts_with('"')) answer.remove_prefix(1);
  while (answer.ends_with('"')) answer.remove_suffix(1);
  return ascii_lower(answer).ends_with(ascii_lower(strip(arguments.text("end_phrase"))));
}

bool quotation(const Arguments&, std::string_view answer) {
  answer = strip(answer);
  return answer.size() > 1 && answer.front() == '"' && answer.back() == '"';
}

bool capital_word_frequency(const Arguments& arguments, std::string_view answer) {
  return arguments.compare(count_capital_words(answer), "capital_relation", "capital_frequency");
}

bool is_english(std::string_view answer) {
  const std::string language = guess_language(answer);
  return language.empty() || language == "en";
}

bool english_capital(const Arguments&, std::string_view answer) {
  return is_upper(answer) && is_english(answer);
}

bool english_lowercase(const Arguments&, std::string_view answer) {
  return is_lower(answer) && is_english(answer);
}

bool no_comma(const Arguments&, std::string_view answer) {
  return answer.find(',') == std::string_view::npos;
}

const std::map<std::string_view, Check>& checks() {
  static const std::map<std::string_view, Check> kTable = {
      {"keywords:existence", keywords_existence},
      {"keywords:frequency", keywords_frequency},
      {"keywords:forbidden_words", forbidden_words},
      {"keywords:letter_frequency", letter_frequency},
      {"language:response_language", response_language},
      {"length_constraints:number_sentences", number_sentences},
      {"length_constraints:number_paragraphs", number_paragraphs},
      {"length_constraints:number_words", number_words},
      {"length_constraints:nth_paragraph_first_word", nth_paragraph_first_word},
      {"detectable_content:number_placeholders", number_placeholders},
      {"detectable_content:postscript", postscript},
      {"detectable_format:number_bullet_lists", number_bullet_lists},
      {"detectable_format:constrained_response", constrained_response},
      {"detectable_format:number_highlighted_sections", number_highlighted_sections},
      {"detectable_format:multiple_sections", multiple_sections},
      {"detectable_format:json_format", json_format},
      {"detectable_format:title", title},
      {"combination:two_responses", two_responses},
      {"combination:repeat_prompt", repeat_prompt},
      {"startend:end_checker", end_checker},
      {"startend:quotation", quotation},
      {"change_case:capital_word_frequency", capital_word_frequency},
      {"change_case:english_capital", english_capital},
      {"change_case:english_lowercase", english_lowercase},
      {"punctuation:no_comma", no_comma},
  };
  return kTable;
}

}  // namespace

std::optional<bool> is_followed(const Instruction& instruction, std::string_view answer) {
  const auto check = checks().find(instruction.id);
  if (check == checks().end()) return std::nullopt;
  try {
    return check->second(Arguments(instruction), answer);
  } catch (const MissingArgument&) {
    return std::nullopt;
  }
}

std::optional<bool> is_followed_strictly(const Instruction& instruction, std::string_view answer) {
  const std::optional<bool> followed = is_followed(instruction, answer);
  return followed ? std::optional(*followed && !is_blank(answer)) : followed;
}

std::optional<bool> is_followed_loosely(const Instruction& instruction, std::string_view answer) {
  const size_t first = answer.find('\n');
  const size_t last = answer.rfind('\n');
  const std::string_view headless =
      first == std::string_view::npos ? std::string_view() : strip(answer.substr(first));
  const std::string_view tailless =
      last == std::string_view::npos ? std::string_view() : strip(answer.substr(0, last));
  const std::string_view inner = first == last || first == std::string_view::npos
                                     ? std::string_view()
                                     : strip(answer.substr(first, last - first));
  std::optional<bool> result;
  for (const std::string_view variant : {answer, headless, tailless, inner}) {
    std::string plain(variant);
    std::erase(plain, '*');
    for (const std::string_view text : {variant, std::string_view(plain)}) {
      result = is_followed_strictly(instruction, text);
      if (!result || *result) return result;
    }
  }
  return result;
}

}  // namespace myna::evaluation
