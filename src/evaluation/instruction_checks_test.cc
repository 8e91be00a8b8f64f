// Each of the 25 checks on texts that follow and texts that do not, after the published
// definitions.
#include "evaluation/instruction_checks.h"

#include <gtest/gtest.h>

#include "evaluation/confidence.h"
#include "evaluation/language_tasks.h"

namespace myna::evaluation {
namespace {

using Arguments = std::map<std::string, Instruction::Value>;

bool follows(const std::string& id, const Arguments& arguments, std::string_view answer) {
  const std::optional<bool> followed = is_followed_strictly({id, arguments}, answer);
  EXPECT_TRUE(followed.has_value()) << id;
  return followed.value_or(false);
}

Instruction::Value number(int64_t value) { return value; }
Instruction::Value text(const char* value) { return std::string(value); }
Instruction::Value words(std::vector<std::string> value) { return value; }

TEST(InstructionChecks, Keywords) {
  const Arguments both = {{"keywords", words({"Sea", "salt"})}};
  EXPECT_TRUE(follows("keywords:existence", both, "SALTY seas"));
  EXPECT_FALSE(follows("keywords:existence", both, "the sea"));
  const Arguments twice = {
      {"keyword", text("sea")}, {"frequency", number(2)}, {"relation", text("at least")}};
  EXPECT_TRUE(follows("keywords:frequency", twice, "Seaside by the sea"));
  EXPECT_FALSE(follows("keywords:frequency", twice, "by the sea"));
  const Arguments forbidden = {{"forbidden_words", words({"rust"})}};
  EXPECT_TRUE(follows("keywords:forbidden_words", forbidden, "I trust it"));
  EXPECT_FALSE(follows("keywords:forbidden_words", forbidden, "The Rust!"));
  const Arguments letters = {
      {"letter", text("E")}, {"let_frequency", number(3)}, {"let_relation", text("less than")}};
  EXPECT_TRUE(follows("keywords:letter_frequency", letters, "tree"));
  EXPECT_FALSE(follows("keywords:letter_frequency", letters, "Eerie"));
}

TEST(InstructionChecks, Lengths) {
  const Arguments many = {{"num_words", number(4)}, {"relation", text("at least")}};
  EXPECT_TRUE(follows("length_constraints:number_words", many, "It's so far"));  // it, s, so, far
  EXPECT_FALSE(follows("length_constraints:number_words", many, "one two, three."));
  const Arguments two = {{"num_sentences", number(3)}, {"relation", text("less than")}};
  EXPECT_TRUE(follows("length_constraints:number_sentences", two, "Dr. Smith paid $3.50. Who? "));
  EXPECT_FALSE(follows("length_constraints:number_sentences", two, "Yes! No? \"Well.\" And"));
  const Arguments three = {{"num_paragraphs", number(3)}};
  EXPECT_TRUE(follows("length_constraints:number_paragraphs", three, "a\n***\nb *** c\n***\n"));
  EXPECT_FALSE(follows("length_constraints:number_paragraphs", three, "a *** *** b *** c"));
  EXPECT_FALSE(follows("length_constraints:number_paragraphs", three, "a\n\nb\n\nc"));
  const Arguments first = {
      {"num_paragraphs", number(2)}, {"nth_paragraph", number(2)}, {"first_word", text("Then")}};
  EXPECT_TRUE(follows("length_constraints:nth_paragraph_first_word", first, "Once.\n\n\"Then, it"));
  EXPECT_FALSE(follows("length_constraints:nth_paragraph_first_word", first, "Once.\n\nIt\n\nx"));
}

TEST(InstructionChecks, ContentAndFormat) {
  const Arguments holes = {{"num_placeholders", number(2)}};
  EXPECT_TRUE(follows("detectable_content:number_placeholders", holes, "[name], [my address]"));
  EXPECT_FALSE(follows("detectable_content:number_placeholders", holes, "[name [address]"));
  const Arguments ps = {{"postscript_marker", text("P.S.")}};
  EXPECT_TRUE(follows("detectable_content:postscript", ps, "Bye.\np. s. more"));
  EXPECT_FALSE(follows("detectable_content:postscript", ps, "Bye. PS: more"));
  const Arguments pps = {{"postscript_marker", text("P.P.S")}};
  EXPECT_TRUE(follows("detectable_content:postscript", pps, "P.P.S more"));
  EXPECT_FALSE(follows("detectable_content:postscript", pps, "P.S. more"));
  const Arguments bullets = {{"num_bullets", number(2)}};
  EXPECT_TRUE(follows("detectable_format:number_bullet_lists", bullets, "x\n* a\n  - b\n**bold**"));
  EXPECT_FALSE(follows("detectable_format:number_bullet_lists", bullets, "* a\n* b\n* c"));
  EXPECT_TRUE(follows("detectable_format:constrained_response", {}, "My answer is no."));
  EXPECT_FALSE(follows("detectable_format:constrained_response", {}, "My answer is never."));
  const Arguments marks = {{"num_highlights", number(2)}};
  EXPECT_TRUE(follows("detectable_format:number_highlighted_sections", marks, "*a* and **b**"));
  EXPECT_FALSE(follows("detectable_format:number_highlighted_sections", marks, "*a* ** ** *\n*"));
  const Arguments sections = {{"section_spliter", text("Section")}, {"num_sections", number(2)}};
  EXPECT_TRUE(
      follows("detectable_format:multiple_sections", sections, "Section 1\nx\nSection2\ny"));
  EXPECT_FALSE(follows("detectable_format:multiple_sections", sections, "Section 1, Section B"));
  EXPECT_TRUE(follows("detectable_format:json_format", {}, " ```json\n{\"a\": [1]}\n``` "));
  EXPECT_FALSE(follows("detectable_format:json_format", {}, "Here: {\"a\": 1}"));
  EXPECT_TRUE(follows("detectable_format:title", {}, "<<The sea>>\ntext"));
  EXPECT_FALSE(follows("detectable_format:title", {}, "<< >> <the sea>"));
}

TEST(InstructionChecks, CombinationsAndEnds) {
  EXPECT_TRUE(follows("combination:two_responses", {}, "a\n******\nb"));
  EXPECT_FALSE(follows("combination:two_responses", {}, "a ****** a"));
  EXPECT_FALSE(follows("combination:two_responses", {}, "a ****** ****** b"));
  const Arguments repeat = {{"prompt_to_repeat", text("Write a poem.")}};
  EXPECT_TRUE(follows("combination:repeat_prompt", repeat, " write a POEM. Roses"));
  EXPECT_FALSE(follows("combination:repeat_prompt", repeat, "Sure! Write a poem."));
  const Arguments end = {{"end_phrase", text("Is there anything else?")}};
  EXPECT_TRUE(follows("startend:end_checker", end, "\"Yes. is there anything else?\" \n"));
  EXPECT_FALSE(follows("startend:end_checker", end, "Is there anything else? No."));
  EXPECT_TRUE(follows("startend:quotation", {}, " \"x\" "));
  EXPECT_FALSE(follows("startend:quotation", {}, "\""));
  EXPECT_TRUE(follows("punctuation:no_comma", {}, "a; b"));
  EXPECT_FALSE(follows("punctuation:no_comma", {}, "a, b"));
}

TEST(InstructionChecks, CaseAndLanguage) {
  EXPECT_TRUE(follows("change_case:english_capital", {}, "THE 3 SHIPS OF THE SEA!"));
  EXPECT_FALSE(follows("change_case:english_capital", {}, "THE SHIPs"));
  EXPECT_FALSE(follows("change_case:english_capital", {}, "LE CHAT EST DANS LA MAISON ET LES PAS"));
  EXPECT_TRUE(follows("change_case:english_lowercase", {}, "the 3 ships"));
  EXPECT_FALSE(follows("change_case:english_lowercase", {}, "42"));
  const Arguments loud = {{"capital_frequency", number(3)}, {"capital_relation", text("at least")}};
  EXPECT_TRUE(follows("change_case:capital_word_frequency", loud, "I SAW the U.S. flag"));
  EXPECT_FALSE(follows("change_case:capital_word_frequency", loud, "I saw NASA"));
  const auto speaks = [](const char* language, std::string_view answer) {
    return follows("language:response_language", {{"language", text(language)}}, answer);
  };
  EXPECT_TRUE(speaks("de", "Das ist nicht der Weg, und ich gehe mit."));
  EXPECT_TRUE(speaks("hi", "यह एक अच्छा दिन है।"));
  EXPECT_TRUE(speaks("ko", "오늘은 날씨가 좋습니다"));
  EXPECT_TRUE(speaks("te", "ఇది మంచి రోజు"));
  EXPECT_FALSE(speaks("it", "This is the way of the world."));
  EXPECT_FALSE(speaks("fa", "Nothing at all."));
}

TEST(InstructionChecks, LooseLooksPastAFrame) {
  const Instruction quoted{"startend:quotation", {}};
  EXPECT_TRUE(*is_followed_loosely(quoted, "Sure, here it is:\n\"x\"\nI hope it helps."));
  EXPECT_FALSE(*is_followed_strictly(quoted, "Sure, here it is:\n\"x\"\nI hope it helps."));
  EXPECT_TRUE(*is_followed_loosely(quoted, "*\"x\"*"));
  EXPECT_FALSE(*is_followed_loosely(quoted, "nothing"));
  EXPECT_FALSE(*is_followed_loosely({"punctuation:no_comma", {}}, " \n "));
}

TEST(InstructionChecks, SayWhenTheyCannotTell) {
  EXPECT_FALSE(is_followed({"no:such", {}}, "x").has_value());
  EXPECT_FALSE(is_followed({"keywords:existence", {}}, "x").has_value());
}

TEST(LanguageTasks, ReadTheirFiles) {
  const auto prompts = read_instructed_prompts(
      R"({"key":1,"prompt":"P","instruction_id_list":["en:punctuation:no_comma","en:length_constraints:number_words"],"kwargs":[{},{"relation":"at least","num_words":3.0}]})"
      "\n\n");
  ASSERT_EQ(prompts.size(), 1u);
  EXPECT_TRUE(*is_followed(prompts[0].instructions[1], "a b c"));
  const auto cloze = read_cloze(
      R"({"activity_label":"Run","ctx_a":"He ran [header] far.","ctx_b":"he STOPS","endings":["[title] and","b  c"],"label":1})");
  EXPECT_EQ(cloze.at(0).context, "Run: He ran far. He stops");
  EXPECT_EQ(cloze[0].endings[1], "b c");
  const auto choices =
      read_cloze(R"({"query":"Question: Is water wet?\n","choices":["yes","no"],"gold":0})");
  EXPECT_EQ(choices.at(0).context, "Question: Is water wet?\nAnswer:");
  EXPECT_EQ(choices[0].endings, (std::vector<std::string>{"yes", "no"}));
  EXPECT_ANY_THROW(read_cloze(R"({"query":"Q","choices":"yes","gold":0})"));
  EXPECT_ANY_THROW(read_minimal_pairs("{\"sentence_good\": 1}"));
  EXPECT_ANY_THROW(read_minimal_pairs("{"));
}

TEST(LanguageTasks, JudgeAnswersAndCompareThem) {
  const auto prompts = read_instructed_prompts(
      R"({"prompt":"P","instruction_id_list":["punctuation:no_comma","change_case:english_lowercase"],"kwargs":[{},{}]})"
      "\n"
      R"({"prompt":"Q","instruction_id_list":["no:such"],"kwargs":[{}]})");
  const InstructionVerdict right = judge_answer(prompts.at(0), "all in order");
  const InstructionVerdict half = judge_answer(prompts[0], "Well! all in order");
  const InstructionVerdict unknown = judge_answer(prompts.at(1), "x");
  EXPECT_TRUE(right.all_strict());
  EXPECT_EQ(half.strict, (std::vector<bool>{true, false}));
  EXPECT_EQ(unknown.unknown, 1u);
  // Without its first line the second answer would do.
  EXPECT_TRUE(judge_answer(prompts[0], "Well!\nall in order").all_loose());

  const std::vector<InstructionVerdict> mine = {right, unknown}, others = {half, unknown};
  const InstructionScores scores = score_instructions(mine);
  EXPECT_DOUBLE_EQ(scores.strict_prompts.value, 0.5);
  EXPECT_EQ(scores.instructions, 3u);
  const InstructionDifference difference = compare_instructions(mine, others);
  EXPECT_DOUBLE_EQ(difference.strict_prompts.value, 0.5);
  EXPECT_GE(difference.strict_prompts.low, 0);
  EXPECT_EQ(read_answers("{\"prompt\":\"P\",\"response\":\"R\"}").at("P"), "R");
  EXPECT_ANY_THROW(read_answers("{\"prompt\":\"P\"}"));
}

// Brown, Cai & DasGupta 2001; R's prop.test(15, 50, correct = FALSE).
TEST(Confidence, IsWilsons) {
  const Interval interval = share_interval(15, 50);
  EXPECT_NEAR(interval.low, 0.1910, 5e-4);
  EXPECT_NEAR(interval.high, 0.4375, 5e-4);
  EXPECT_EQ(share_interval(0, 0).high, 1);
  const std::vector<double> above = {1, 2, 3, 4}, below = {1, 1, 1, 1};
  const Interval ratio = ratio_interval(above, below);
  EXPECT_DOUBLE_EQ(ratio.value, 2.5);
  EXPECT_LT(ratio.low, 2);
  EXPECT_GT(ratio.high, 3);
}

}  // namespace
}  // namespace myna::evaluation
