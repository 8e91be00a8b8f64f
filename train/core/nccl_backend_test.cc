// Processes that exchange through NCCL's functions, with a library that has them over the memory of
// this process: what NcclBackend asks of NCCL, not NCCL itself.
#include "train/core/nccl_backend.h"

#include <gmock/gmock.h>
#include <unistd.h>

#include <thread>

#include "base/error.h"
#include "train/core/processes.h"

namespace myna::train {
namespace {

// A thread each.
void as_processes(int count, int expert_parallel,
                  const std::function<void(const Processes&)>& work) {
  static int port = 12000 + getpid() % 9000;  // below those that connections take
  ++port;
  std::vector<std::jthread> threads;
  for (int rank = 0; rank < count; ++rank) {
    threads.emplace_back([&, rank] {
      const Processes processes({rank, count, "127.0.0.1:" + std::to_string(port)},
                                {expert_parallel, 60, at::kCPU, MYNA_FAKE_NCCL});
      work(processes);
    });
  }
}

TEST(NcclBackend, ExchangesAsTheGroupSays) {
  for (const int count : {2, 4}) {
    as_processes(count, 1, [&](const Processes& processes) {
      EXPECT_EQ(processes.exchange(), "nccl");
      const ProcessGroup& group = *processes.all();
      const int rank = group.rank();
      Tensor sum = at::full({3}, rank + 1.0f);
      group.add_up(sum);
      EXPECT_TRUE(at::equal(sum, at::full({3}, count * (count + 1) / 2.0f)));
      const Tensor gathered = group.gather(at::full({2}, rank, at::kLong));
      ASSERT_EQ(gathered.sizes(), (std::vector<int64_t>{count, 2}));
      for (int i = 0; i < count; ++i) EXPECT_EQ(gathered[i][1].item<int64_t>(), i);
      const Tensor first = group.gather_to_first(at::full({2}, rank * 0.5));
      EXPECT_EQ(first.defined(), rank == 0);
      if (rank == 0) {
        EXPECT_EQ(first[count - 1][0].item<double>(), (count - 1) * 0.5);
      }
      Tensor values = at::full({4}, static_cast<float>(rank));
      group.broadcast(values, count - 1);
      EXPECT_TRUE(at::equal(values, at::full({4}, count - 1.0f)));
    });
  }
}

// Rank r sends r + p rows to rank p, none from 0 to 0; gradients go the way back.
TEST(NcclBackend, RowsTravelThereAndTheirGradientsBack) {
  constexpr int kCount = 4;
  as_processes(kCount, 1, [&](const Processes& processes) {
    const int rank = processes.rank();
    std::vector<int64_t> to, from;
    for (int peer = 0; peer < kCount; ++peer) {
      to.push_back(rank + peer);
      from.push_back(peer + rank);
    }
    const int64_t rows = 4 * rank + 6;
    const Tensor sent = at::full({rows, 3}, static_cast<float>(rank)).requires_grad_();
    const Tensor received = processes.all()->exchange_rows(sent, to, from);
    int64_t row = 0;
    for (int peer = 0; peer < kCount; ++peer) {
      for (int64_t i = 0; i < from[static_cast<size_t>(peer)]; ++i) {
        EXPECT_EQ(received[row++][2].item<float>(), static_cast<float>(peer));
      }
    }
    EXPECT_EQ(row, received.size(0));
    (received * static_cast<double>(rank + 1)).sum().backward();
    row = 0;
    for (int peer = 0; peer < kCount; ++peer) {
      for (int64_t i = 0; i < to[static_cast<size_t>(peer)]; ++i) {
        EXPECT_EQ(sent.grad()[row++][0].item<float>(), static_cast<float>(peer + 1));
      }
    }
  });
}

TEST(NcclBackend, GradientsAreAveragedInGroupsOfExperts) {
  as_processes(4, 2, [&](const Processes& processes) {
    ASSERT_NE(processes.experts(), nullptr);
    ASSERT_NE(processes.replicas(), nullptr);
    Parameters parameters(1, at::kCPU);
    Tensor common = parameters.constant("common", {2}, 1);
    Tensor part = parameters.normal("part", {4, 2}, 1, ParameterKind::kMatrix,
                                    {2 * (processes.rank() % 2), 2});
    ((common * (processes.rank() + 1.0)).sum() + part.sum()).backward();
    processes.average_gradients(parameters);
    EXPECT_TRUE(at::equal(common.grad(), at::full({2}, 2.5f)));
    EXPECT_TRUE(
        at::equal(part.grad(), at::full({2, 2}, 0.5f)));  // of two groups, by four processes
    EXPECT_DOUBLE_EQ(processes.sum_over_model(1, processes.rank() % 2 + 1), 4);
  });
}

TEST(NcclLibrary, IsNoneOrWholeOrRefused) {
  EXPECT_EQ(NcclLibrary::load("libmyna-no-such-library.so.9"), nullptr);
  EXPECT_NE(NcclLibrary::load(MYNA_FAKE_NCCL), nullptr);
  EXPECT_THROW(NcclLibrary::load("libm.so.6"), Error);
}

}  // namespace
}  // namespace myna::train
