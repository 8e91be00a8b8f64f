#include "trust/helper_process.h"

#include <gtest/gtest.h>

#include "base/error.h"

namespace myna::trust {
namespace {

ErrorCode code_of(const std::vector<std::string>& arguments, const HelperLimits& limits) {
  try {
    run_helper(arguments, "some input", limits);
  } catch (const Error& error) {
    return error.code();
  }
  return ErrorCode::kInternal;
}

TEST(HelperProcess, ReadsInputAndGivesOutputErrorsAndStatus) {
  const std::string input(300'000, 'x');  // more than a pipe holds
  EXPECT_EQ(run_helper({"cat"}, input).output, input);
  const HelperResult result = run_helper({"sh", "-c", "echo no >&2; exit 3"}, "");
  EXPECT_EQ(result.exit_status, 3);
  EXPECT_EQ(result.errors, "no\n");
}

TEST(HelperProcess, EndsWhatGoesOverALimit) {
  EXPECT_EQ(code_of({"sleep", "30"}, {.timeout_s = 0.2}), ErrorCode::kResourceExhausted);
  EXPECT_EQ(code_of({"yes"}, {.output_bytes = 100'000}), ErrorCode::kResourceExhausted);
  EXPECT_EQ(code_of({"sh", "-c", "while :; do :; done"}, {.cpu_s = 1}),
            ErrorCode::kResourceExhausted);
  const std::atomic<bool> cancelled = true;
  EXPECT_EQ(code_of({"sleep", "30"}, {.cancel = &cancelled}), ErrorCode::kCancelled);
}

TEST(HelperProcess, GivesTheHelperNothingButItsInput) {
  EXPECT_EQ(run_helper({"sh", "-c", "ls /proc/self/fd | wc -l; echo $HOME"}, "").output, "4\n\n");
  // No file may grow.
  EXPECT_NE(run_helper({"sh", "-c", "echo x > /tmp/myna-helper-test"}, "").exit_status, 0);
}

TEST(HelperProcess, SaysWhatIsNotInstalled) {
  EXPECT_EQ(code_of({"myna-no-such-program"}, {}), ErrorCode::kUnavailable);
}

}  // namespace
}  // namespace myna::trust
