#include "chat/conversation.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/error.h"

namespace myna::chat {
namespace {

using language::Answer;
using language::AnswerEnd;
using language::AnswerRequest;
using language::Message;
using language::Role;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::SizeIs;

// Answers with a number, in two pieces; a token has four bytes.
class FakeModel final : public language::ChatModel {
 public:
  Answer answer(const AnswerRequest& request, const OnText& on_text) override {
    requests.push_back(request.messages);
    if (count_tokens(request.messages) > context) {
      throw Error(ErrorCode::kResourceExhausted, "too long");
    }
    Answer answer;
    answer.text = "answer " + std::to_string(++count);
    if (on_text) {
      on_text(answer.text.substr(0, 4));
      if (fail) throw Error(ErrorCode::kIo, "broke off");
      if (request.cancel != nullptr && request.cancel->load()) {
        answer.text.resize(4);
        answer.end = AnswerEnd::kCancelled;
        return answer;
      }
      on_text(answer.text.substr(4));
    }
    return answer;
  }
  int count_tokens(std::span<const Message> messages) override {
    size_t bytes = 0;
    for (const Message& message : messages) bytes += message.text.size() + 8;
    return static_cast<int>(bytes / 4);
  }
  int context_tokens() const override { return context; }
  const std::string& name() const override { return name_; }

  std::vector<std::vector<Message>> requests;
  int context = 4000;
  int count = 0;
  bool fail = false;

 private:
  std::string name_ = "fake";
};

class Chat : public ::testing::Test {
 protected:
  Conversation begin() { return {model_, history_, options_}; }

  FakeModel model_;
  History history_ = History::temporary();
  ConversationOptions options_;
};

TEST_F(Chat, KeepsQuestionsAndAnswers) {
  Conversation conversation = begin();
  std::string shown;
  Listener listener;
  listener.text = [&](std::string_view text) { shown += text; };
  EXPECT_EQ(conversation.ask("Why is\nthe sky blue?", listener).text, "answer 1");
  conversation.ask("And at night?", listener);
  EXPECT_EQ(shown, "answer 1answer 2");
  const auto messages = conversation.messages();
  ASSERT_THAT(messages, SizeIs(4));
  EXPECT_EQ(messages[3].text, "answer 2");
  EXPECT_EQ(messages[3].model, "fake");
  EXPECT_EQ(history_.find_chat(conversation.chat())->title, "Why is the sky blue?");
  ASSERT_THAT(model_.requests[1], SizeIs(4));
  EXPECT_EQ(model_.requests[1][0].role, Role::kSystem);
  EXPECT_EQ(model_.requests[1][2].text, "answer 1");
}

TEST_F(Chat, AnswersAnewAndEdits) {
  Conversation conversation = begin();
  EXPECT_THROW(conversation.regenerate({}), Error);
  conversation.ask("one", {});
  conversation.ask("two", {});
  conversation.regenerate({});
  EXPECT_EQ(conversation.messages()[3].text, "answer 3");
  conversation.edit(1, "zwei", {});
  EXPECT_EQ(conversation.messages()[2].text, "zwei");
  conversation.edit(2, "eins", {});
  ASSERT_THAT(conversation.messages(), SizeIs(2));
  EXPECT_EQ(conversation.messages()[0].text, "eins");
  EXPECT_THROW(conversation.edit(2, "x", {}), Error);
  EXPECT_THAT(history_.all_messages(conversation.chat()), SizeIs(9));
}

TEST_F(Chat, Branches) {
  Conversation conversation = begin();
  conversation.ask("one", {});
  const int64_t first = conversation.chat();
  const int64_t second = conversation.branch("Other");
  conversation.ask("two", {});
  EXPECT_THAT(history_.conversation(first), SizeIs(2));
  EXPECT_THAT(history_.conversation(second), SizeIs(4));
}

TEST_F(Chat, KeepsWhatCameBeforeACancelOrAnError) {
  Conversation conversation = begin();
  std::atomic<bool> cancel = true;
  Listener listener;
  listener.cancel = &cancel;
  EXPECT_EQ(conversation.ask("one", listener).end, AnswerEnd::kCancelled);
  EXPECT_EQ(conversation.messages()[1].text, "answ");
  EXPECT_TRUE(conversation.messages()[1].cut_short);
  model_.fail = true;
  EXPECT_THROW(conversation.ask("two", {}), Error);
  ASSERT_THAT(conversation.messages(), SizeIs(4));
  EXPECT_TRUE(conversation.messages()[3].cut_short);
  model_.fail = false;
  EXPECT_EQ(conversation.regenerate({}).text, "answer 3");
  EXPECT_THAT(conversation.messages(), SizeIs(4));
}

TEST_F(Chat, TellsTheModelWhatIsRemembered) {
  history_.add_memory("My sister is called Ada.");
  Conversation conversation = begin();
  conversation.ask("Who is Ada?", {});
  EXPECT_THAT(model_.requests[0][0].text, HasSubstr("\n- My sister is called Ada."));
  options_.with_memory = false;
  EXPECT_THAT(begin().context()[0].text, Not(HasSubstr("Ada")));
}

TEST_F(Chat, SummarisesWhatDoesNotFit) {
  model_.context = 600;
  Conversation conversation = begin();
  std::vector<std::string> notices;
  Listener listener;
  listener.notice = [&](std::string_view text) { notices.emplace_back(text); };
  for (int i = 0; i < 12; ++i) {
    conversation.ask("question " + std::to_string(i) + " " + std::string(200, 'x'), listener);
  }
  EXPECT_THAT(notices, Not(SizeIs(0)));
  // Nothing is lost from the history, and each request fitted: FakeModel would have thrown.
  EXPECT_THAT(conversation.messages(), SizeIs(24));
  const std::vector<Message> context = conversation.context();
  EXPECT_THAT(context[0].text, HasSubstr("Earlier in this conversation:\nanswer"));
  EXPECT_THAT(context[1].text, Not(HasSubstr("question 0 ")));
  EXPECT_EQ(context[1].role, Role::kUser);
  EXPECT_THAT(context[context.size() - 2].text, HasSubstr("question 11"));
  // The summary of a branch is there too.
  conversation.branch("B");
  EXPECT_EQ(conversation.context().size(), context.size());
}

TEST_F(Chat, RefusesAQuestionThatCannotFit) {
  model_.context = 600;
  Conversation conversation = begin();
  conversation.ask("short", {});
  try {
    conversation.ask(std::string(10 << 20, 'x'), {});
    ADD_FAILURE() << "it was answered";
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::kResourceExhausted);
  }
  EXPECT_EQ(model_.requests.size(), 1u);
  conversation.edit(1, "shorter", {});
  EXPECT_THAT(conversation.messages(), SizeIs(4));
}

TEST(ChatTitle, IsTheBeginningOfTheQuestion) {
  EXPECT_EQ(title_of_question("  Why \n is the sky\tblue? "), "Why is the sky blue?");
  EXPECT_EQ(title_of_question("\n"), "Untitled");
  const std::string title = title_of_question(
      "What would happen to the oceans if the Moon were twice as far away from us?");
  EXPECT_EQ(title, "What would happen to the oceans if the Moon were twice as…");
  EXPECT_LE(title_of_question(std::string(200, 'x')).size(), 64u);
}

}  // namespace
}  // namespace myna::chat
