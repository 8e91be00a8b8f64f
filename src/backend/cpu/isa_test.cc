#include "backend/cpu/isa.h"

#include <gmock/gmock.h>

#include "base/error.h"

namespace myna::backend::cpu {
namespace {

using ::testing::Contains;
using ::testing::HasSubstr;

TEST(Isa, NamesRoundTrip) {
  for (Isa isa : {Isa::kPortable, Isa::kAvx2, Isa::kAvxVnni, Isa::kAvx512, Isa::kAvx512Vnni,
                  Isa::kAvx512Bf16, Isa::kAmx}) {
    EXPECT_EQ(parse_isa(isa_name(isa)), isa);
  }
  EXPECT_EQ(parse_isa("sse9"), std::nullopt);
}

TEST(Isa, PortableIsAlwaysThere) {
  EXPECT_THAT(supported_isas(), Contains(Isa::kPortable));
  EXPECT_EQ(choose_isa("portable"), Isa::kPortable);
}

TEST(Isa, AnUnknownNameIsRefusedWithTheChoices) {
  try {
    choose_isa("sse9");
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::kInvalidArgument);
    EXPECT_THAT(error.what(), HasSubstr("portable"));
  }
}

}  // namespace
}  // namespace myna::backend::cpu
