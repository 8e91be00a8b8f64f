#include "ops/arena.h"

#include <gtest/gtest.h>

#include <cstdint>

namespace myna::ops {
namespace {

TEST(Arena, AllocationsAreAlignedAndApart) {
  Arena arena;
  float* a = arena.allocate<float>(3);
  float* b = arena.allocate<float>(1000);
  EXPECT_EQ(reinterpret_cast<uintptr_t>(a) % 64, 0u);
  EXPECT_EQ(reinterpret_cast<uintptr_t>(b) % 64, 0u);
  EXPECT_GE(b, a + 3);
}

TEST(Arena, ScopesGiveMemoryBack) {
  Arena arena;
  const Arena::Scope outer(arena);
  float* first = nullptr;
  {
    const Arena::Scope scope(arena);
    first = arena.allocate<float>(100);
  }
  EXPECT_EQ(arena.allocate<float>(100), first);
}

TEST(Arena, TheSecondRoundNeedsNoNewMemory) {
  Arena arena;
  const auto round = [&] {
    const Arena::Scope scope(arena);
    for (int i = 0; i < 8; ++i) arena.allocate<float>(3 << 20);
  };
  round();
  const size_t capacity = arena.capacity_bytes();
  for (int i = 0; i < 5; ++i) round();
  EXPECT_EQ(arena.capacity_bytes(), capacity);
}

TEST(Arena, KeepsWhatWasNeededAndNoMore) {
  Arena arena;
  for (size_t megabytes : {20, 50, 90, 30}) {
    const Arena::Scope scope(arena);
    for (int i = 0; i < 4; ++i) arena.allocate<char>(megabytes << 18);
    const Arena::Scope inner(arena);  // seams and inner scopes do not count twice
    arena.allocate<char>(megabytes << 18);
  }
  EXPECT_GE(arena.capacity_bytes(), size_t{90 * 5 / 4} << 20);
  EXPECT_LE(arena.capacity_bytes(), size_t{90 * 5 / 4 + 4} << 20);
}

TEST(Arena, LargerThanAChunk) {
  Arena arena;
  const Arena::Scope scope(arena);
  arena.allocate<char>(1);
  char* big = arena.allocate<char>(size_t{100} << 20);
  big[0] = 1;
  big[(size_t{100} << 20) - 1] = 1;
  EXPECT_GE(arena.capacity_bytes(), size_t{100} << 20);
}

}  // namespace
}  // namespace myna::ops
