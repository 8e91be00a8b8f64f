#include "text/split/piece_growth.h"

#include <gtest/gtest.h>

#include <random>

namespace myna::text {
namespace {

TEST(PieceGrowth, EvenPiecesDouble) {
  PieceGrowth growth(40, 0);
  std::vector<size_t> pieces;
  while (growth.growing(200)) {
    pieces.push_back(growth.limit(200));
    growth.add(pieces.back());
  }
  EXPECT_EQ(pieces, (std::vector<size_t>{40, 80, 160}));
  EXPECT_EQ(growth.limit(200), 200u);
}

TEST(PieceGrowth, NoFirstLimitMeansNone) {
  EXPECT_EQ(PieceGrowth(0, 0).limit(200), 200u);
  EXPECT_FALSE(PieceGrowth(0, 0).growing(200));
  EXPECT_EQ(PieceGrowth(40, 1000).limit(200), 200u) << "the text goes on";
}

// Pieces of any length that the limits allow, at half of real time: each is there when the one
// before it ends.
TEST(PieceGrowth, ARealTimeListenerNeverWaitsAtHalfOfRealTime) {
  std::mt19937 random(1);
  for (int round = 0; round < 2000; ++round) {
    PieceGrowth growth(40, 0);
    double ready = 0, played = 0;  // in phonemes of audio; synthesis takes half a phoneme each
    for (int piece = 0; piece < 12; ++piece) {
      const size_t limit = growth.limit(200);
      const size_t least = piece == 0 ? 10 : 1;  // below it lies a pause, which counts
      const size_t length = std::uniform_int_distribution<size_t>(least, limit)(random);
      growth.add(length);
      ready += 0.5 * static_cast<double>(length);
      if (piece == 0) played = ready;
      ASSERT_LE(ready, played + 1e-9) << "piece " << piece << " of round " << round;
      played += static_cast<double>(length);
    }
  }
}

}  // namespace
}  // namespace myna::text
