#include "evaluation/chat_rubric.h"

#include <gtest/gtest.h>

#include "base/error.h"

namespace myna::evaluation {
namespace {

constexpr const char* kQuestion = "How can I improve my time management skills?";
constexpr const char* kGood =
    "Write down what you have to do each morning, and order it by importance. Good management of "
    "your time begins with knowing where the hours go, so note for a week what you spend them on.";

bool met(Criterion criterion, std::string_view answer, std::string_view question = kQuestion) {
  return judge_by_rubric(question, answer).met[static_cast<size_t>(criterion)];
}

TEST(ChatRubric, AGoodAnswerMeetsAll) {
  EXPECT_EQ(judge_by_rubric(kQuestion, kGood).points(), static_cast<int>(kCriteria));
}

TEST(ChatRubric, EachCriterionIsMissedByWhatItIsFor) {
  EXPECT_FALSE(met(Criterion::kComplete, ""));
  EXPECT_FALSE(met(Criterion::kComplete, "Write down what you have to do each morning, and"));
  EXPECT_TRUE(met(Criterion::kComplete, "Three habits:\n1. plan\n2. rest\n3. say no"));
  std::string loop = "Plan your time well each day. ";
  for (int i = 0; i < 10; ++i) loop += "It is important to plan your time well each day. ";
  EXPECT_FALSE(met(Criterion::kNoLoop, loop));
  EXPECT_TRUE(met(Criterion::kNoLoop, kGood));
  EXPECT_FALSE(met(Criterion::kOnTopic, "The capital of France is Paris, on the river Seine."));
  EXPECT_FALSE(met(Criterion::kAdds, "Improve my time management skills, improve management."));
  EXPECT_FALSE(met(Criterion::kLanguage,
                   "Die Zeit ist knapp und der Tag ist kurz, das ist nicht neu und die Uhr geht."));
  EXPECT_TRUE(
      met(Criterion::kLanguage, "for (int e = 0; e < o; ++e) a += e;\nint o = e; do { e = a; }"));
  EXPECT_TRUE(met(Criterion::kLanguage, "I am of the old house of Ash, and I am at your service.",
                  "How would you introduce yourself as a medieval knight at a royal banquet?"));
  EXPECT_FALSE(met(Criterion::kNoEvasion, "I’m sorry, but that is beyond me."));
  EXPECT_FALSE(met(Criterion::kNoEvasion, "That depends. As an AI, I have no time."));
  EXPECT_FALSE(met(Criterion::kLength, "Plan."));
  std::string endless;
  for (int i = 0; i < 501; ++i) endless += std::to_string(i) + " ";
  EXPECT_FALSE(met(Criterion::kLength, endless));
}

TEST(ChatRubric, WinsAreCountedWithTiesAsHalves) {
  const RubricVerdict good = judge_by_rubric(kQuestion, kGood),
                      bad = judge_by_rubric(kQuestion, "");
  EXPECT_EQ(prefer(good, bad), Preference::kFirst);
  EXPECT_EQ(prefer(bad, good), Preference::kSecond);
  EXPECT_EQ(prefer(good, good), Preference::kNeither);
  const std::vector<Preference> preferences = {Preference::kFirst, Preference::kNeither,
                                               Preference::kFirst, Preference::kSecond};
  const WinRate rate = win_rate(preferences);
  EXPECT_EQ(rate.wins, 2u);
  EXPECT_EQ(rate.losses, 1u);
  EXPECT_EQ(rate.ties, 1u);
  EXPECT_DOUBLE_EQ(rate.rate.value, 0.625);
  EXPECT_LT(rate.rate.low, 0.625);
  EXPECT_GT(rate.rate.high, 0.625);
  EXPECT_EQ(win_rate({}).rate.low, 0);
}

TEST(ChatRubric, QuestionsOfEveryKindAreRead) {
  const auto questions =
      read_chat_questions(R"({"question_id":1,"turns":["First?","Then?"]})"
                          "\n"
                          R"({"prompt":"Second?"})"
                          "\n\n"
                          R"({"instruction":"Shorten this.","input":"A long text."})");
  EXPECT_EQ(questions,
            (std::vector<std::string>{"First?", "Second?", "Shorten this.\n\nA long text."}));
  for (const char* wrong : {"{\"turns\":[]}", "{\"turns\":[1]}", "{}", "[", "3"}) {
    EXPECT_THROW(read_chat_questions(wrong), Error) << wrong;
  }
}

// Prefers what its replies say, one a call.
class FakeJudge : public language::ChatModel {
 public:
  explicit FakeJudge(std::vector<std::string> replies) : replies_(std::move(replies)) {}
  language::Answer answer(const language::AnswerRequest& request, const OnText&) override {
    asked.push_back(request.messages.back().text);
    language::Answer answer;
    answer.text = replies_.at(asked.size() - 1);
    return answer;
  }
  int count_tokens(std::span<const language::Message>) override { return 1; }
  int context_tokens() const override { return 0; }
  const std::string& name() const override { return name_; }
  std::vector<std::string> asked;

 private:
  std::vector<std::string> replies_;
  std::string name_ = "fake";
};

Preference judged(const char* forth, const char* back) {
  FakeJudge judge({std::string("{\"better\": \"") + forth + "\"}",
                   std::string("{\"better\": \"") + back + "\"}"});
  const Preference preference = ask_judge(judge, "Q?", "one", "two");
  EXPECT_EQ(judge.asked.size(), 2u);
  EXPECT_LT(judge.asked[0].find("one"), judge.asked[0].find("two"));
  EXPECT_GT(judge.asked[1].find("one"), judge.asked[1].find("two"));
  return preference;
}

TEST(ChatJudge, CountsOnlyWhereTheOrderChangesNothing) {
  EXPECT_EQ(judged("A", "B"), Preference::kFirst);
  EXPECT_EQ(judged("B", "A"), Preference::kSecond);
  EXPECT_EQ(judged("A", "A"), Preference::kNeither);
  EXPECT_EQ(judged("equal", "B"), Preference::kNeither);
  for (const char* reply : {"{\"better\": 3}", "{}", "[\"A\"]"}) {
    FakeJudge other({reply, "{\"better\": \"B\"}"});
    EXPECT_EQ(ask_judge(other, "Q?", "one", "two"), Preference::kNeither) << reply;
  }
  FakeJudge babbling({"no JSON", "{\"better\": 3"});
  EXPECT_EQ(ask_judge(babbling, "Q?", "one", "two"), Preference::kNeither);
}

}  // namespace
}  // namespace myna::evaluation
