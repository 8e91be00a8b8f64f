// Scripts of shows, both forms, and the interests file: any bytes give a result; what was read goes
// through the text form and back unchanged.
#include <string_view>

#include "base/error.h"
#include "experiences/editing/interests.h"
#include "experiences/script/script_json.h"
#include "experiences/script/script_text.h"
#include "fuzz_check.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  std::vector<myna::script::ScriptProblem> problems;
  const myna::script::ShowScript script = myna::script::from_text(bytes, problems);
  const std::string text = myna::script::to_text(script);
  problems.clear();
  FUZZ_CHECK(myna::script::to_text(myna::script::from_text(text, problems)) == text);
  try {
    const std::string json = myna::script::to_json(myna::script::from_json(bytes));
    FUZZ_CHECK(myna::script::to_json(myna::script::from_json(json)) == json);
  } catch (const myna::Error& error) {
    FUZZ_CHECK(error.code() == myna::ErrorCode::kCorruptData);
  }
  std::vector<myna::editing::InterestsProblem> wishes;
  myna::editing::parse_interests(bytes, wishes);
  return 0;
}
