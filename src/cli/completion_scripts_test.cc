#include "cli/completion_scripts.h"

#include <gmock/gmock.h>

#include <CLI/CLI.hpp>

namespace myna::cli {
namespace {

using ::testing::HasSubstr;

class CompletionScriptsTest : public testing::Test {
 protected:
  void SetUp() override {
    CLI::App* say = program_.add_subcommand("say", "Speak (it's quick): [now]");
    say->add_option("-o,--output", text_, "Where");
    say->add_option("--tier", text_, "Which")->check(CLI::IsMember({"studio", "flash"}));
    say->add_option("TEXT", text_, "What");
    CLI::App* models = program_.add_subcommand("models", "Packages");
    models->add_subcommand("pull", "Get")->add_flag("--json", flag_, "As JSON");
  }
  std::string text_;
  bool flag_ = false;
  CLI::App program_{"A program", "myna"};
};

TEST_F(CompletionScriptsTest, BashKnowsCommandsOptionsAndChoices) {
  const std::string script = bash_completion(program_);
  EXPECT_THAT(script, HasSubstr("'') words='say models -h --help'"));
  EXPECT_THAT(script, HasSubstr("'say') words='-h --help -o --output --tier'"));
  EXPECT_THAT(script, HasSubstr("'models pull') words='-h --help --json'"));
  EXPECT_THAT(script, HasSubstr("'say --tier') COMPREPLY=($(compgen -W 'studio flash'"));
}

TEST_F(CompletionScriptsTest, ZshEscapesDescriptions) {
  const std::string script = zsh_completion(program_);
  EXPECT_THAT(script, HasSubstr("'say:Speak (its quick)\\: \\[now\\]'"));
  EXPECT_THAT(script, HasSubstr("'--tier[Which]:value:(studio flash)'"));
  EXPECT_THAT(script, HasSubstr("_myna_models_pull() {"));
}

TEST_F(CompletionScriptsTest, FishConditionsFollowTheCommandPath) {
  const std::string script = fish_completion(program_);
  EXPECT_THAT(script, HasSubstr("-n '__fish_use_subcommand' -f -a say"));
  EXPECT_THAT(script, HasSubstr("-n '__fish_seen_subcommand_from models; and "
                                "__fish_seen_subcommand_from pull' -l json"));
  EXPECT_THAT(script, HasSubstr("-s o -l output -r -d 'Where'"));
}

}  // namespace
}  // namespace myna::cli
