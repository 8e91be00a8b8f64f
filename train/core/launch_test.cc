// How a process learns which one it is.
#include "train/core/launch.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>

#include "base/error.h"

namespace myna::train {
namespace {

using Variables = std::map<std::string, std::string>;

Launch in(const Variables& variables, const Launch& settings = {}) {
  return launch_of(settings, [&](const char* name) -> const char* {
    const auto found = variables.find(name);
    return found == variables.end() ? nullptr : found->second.c_str();
  });
}

std::string refusal(const Variables& variables, const Launch& settings = {}) {
  try {
    in(variables, settings);
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::kInvalidArgument);
    return error.what();
  }
  return "";
}

const Variables kTorchrun = {{"RANK", "5"},
                             {"WORLD_SIZE", "8"},
                             {"LOCAL_RANK", "1"},
                             {"MASTER_ADDR", "a"},
                             {"MASTER_PORT", "29500"},
                             {"LOCAL_WORLD_SIZE", "4"},
                             {"TORCHELASTIC_USE_AGENT_STORE", "True"},
                             {"TORCHELASTIC_RESTART_COUNT", "2"}};
const Variables kSlurm = {{"SLURM_PROCID", "3"},
                          {"SLURM_NTASKS", "4"},
                          {"SLURM_LOCALID", "3"},
                          {"MASTER_ADDR", "n1"},
                          {"MASTER_PORT", "6000"}};

Variables without(Variables variables, const char* name) {
  variables.erase(name);
  return variables;
}
Variables with(Variables variables, const char* name, const char* value) {
  variables[name] = value;
  return variables;
}

TEST(Launch, ComesFromSettingsWhenTheEnvironmentIsSilent) {
  const Launch launch = in({{"PATH", "/bin"}}, {1, 2, "h:1"});
  EXPECT_EQ(launch.rank, 1);
  EXPECT_EQ(launch.processes, 2);
  EXPECT_EQ(launch.rendezvous, "h:1");
}

TEST(Launch, ReadsTorchrunsVariables) {
  const Launch launch = in(kTorchrun);
  EXPECT_EQ(launch.rank, 5);
  EXPECT_EQ(launch.processes, 8);
  EXPECT_EQ(launch.local_rank, 1);
  EXPECT_EQ(launch.rendezvous, "a:29500");
  EXPECT_TRUE(launch.store_is_launchers);
  EXPECT_EQ(launch.attempt, "2");
  EXPECT_EQ(in({{"RANK", "0"}, {"WORLD_SIZE", "1"}}).processes, 1);
  // The same in the settings is no contradiction.
  EXPECT_EQ(in(kTorchrun, {5, 8, "a:29500"}).rank, 5);
}

TEST(Launch, ReadsSlurmsVariables) {
  const Launch launch = in(kSlurm);
  EXPECT_EQ(launch.rank, 3);
  EXPECT_EQ(launch.processes, 4);
  EXPECT_EQ(launch.local_rank, 3);
  EXPECT_EQ(launch.rendezvous, "n1:6000");
  EXPECT_FALSE(launch.store_is_launchers);
}

TEST(Launch, TorchrunMayRunInsideOfSlurm) {
  Variables both = kTorchrun;
  both.insert(
      {{"SLURM_PROCID", "1"}, {"SLURM_NTASKS", "2"}});  // a torchrun of four on each machine
  EXPECT_EQ(in(both).rank, 5);
}

TEST(Launch, SaysWhatIsMissing) {
  using testing::HasSubstr;
  EXPECT_THAT(refusal(without(kTorchrun, "RANK")), HasSubstr("RANK is missing"));
  EXPECT_THAT(refusal(without(kTorchrun, "WORLD_SIZE")), HasSubstr("WORLD_SIZE is missing"));
  EXPECT_THAT(refusal(without(kTorchrun, "MASTER_ADDR")), HasSubstr("MASTER_ADDR is missing"));
  EXPECT_THAT(refusal(without(kTorchrun, "MASTER_PORT")), HasSubstr("MASTER_PORT is missing"));
  EXPECT_THAT(refusal(without(kSlurm, "SLURM_NTASKS")), HasSubstr("SLURM_NTASKS is missing"));
  EXPECT_THAT(refusal(without(kSlurm, "MASTER_ADDR")), HasSubstr("MASTER_ADDR is missing"));
}

TEST(Launch, SaysWhatContradicts) {
  using testing::HasSubstr;
  EXPECT_THAT(refusal(with(kTorchrun, "RANK", "8")),
              HasSubstr("RANK=8 is not one of WORLD_SIZE=8"));
  EXPECT_THAT(refusal(with(kTorchrun, "RANK", "five")), HasSubstr("RANK='five' is no number"));
  EXPECT_THAT(refusal(with(kTorchrun, "LOCAL_RANK", "4")), HasSubstr("LOCAL_RANK=4"));
  EXPECT_THAT(refusal(with(kTorchrun, "LOCAL_RANK", "7")), HasSubstr("is more than RANK=5"));
  EXPECT_THAT(refusal(with(kTorchrun, "MASTER_PORT", "70000")), HasSubstr("'a:70000' is none"));
  EXPECT_THAT(refusal(kTorchrun, {1, 2, ""}), HasSubstr("the settings say rank 1 of 2"));
  EXPECT_THAT(refusal(kTorchrun, {5, 8, "b:1"}), HasSubstr("the settings say rendezvous b:1"));
  EXPECT_THAT(refusal(with(with(kTorchrun, "SLURM_PROCID", "4"), "SLURM_NTASKS", "8")),
              HasSubstr("RANK=5 and SLURM_PROCID=4"));
}

}  // namespace
}  // namespace myna::train
