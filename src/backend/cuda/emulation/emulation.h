// The kernels of this directory, run on the CPU: every thread of a block is a fiber, a barrier
// switches to the next one, and the tensor-core, shuffle and asynchronous-copy instructions do what
// the PTX manual says lane by lane. It exists so that the very source that nvcc compiles is held
// against backend/ref on machines without a GPU. Slow; for tests only.
//
// What it finds: wrong index maths, wrong fragment layouts, reads of an asynchronous copy that was
// not waited for (copies happen at the wait), barriers that not all threads reach, accesses outside
// of shared memory (under ASan). What it cannot find: data races that the fibers' order hides, and
// anything about speed.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <functional>

#define __global__
#define __device__
#define __host__
#define __forceinline__ inline
#define __launch_bounds__(...)

namespace myna::backend::cuda::emulation {

struct Index {
  unsigned x = 1, y = 1, z = 1;
};

// Of the fiber that runs.
const Index& thread_index();
const Index& block_index();
const Index& block_size();
const Index& grid_size();
unsigned char* shared_storage();

void block_barrier();
void warp_barrier();
void cluster_barrier();
unsigned cluster_rank();
// The place in the shared memory of block `rank` of the cluster that `local` has in this one.
void* cluster_shared(void* local, unsigned rank);

float shuffle_xor(float value, unsigned mask);
float shuffle(float value, unsigned lane);
void load_matrix_x4(uint32_t (&registers)[4], const void* row);
void multiply_add(float (&sums)[4], const uint32_t (&a)[4], const uint32_t (&b)[2]);

void copy_async16(void* shared, const void* global);
void copy_async_commit();
// Until at most `pending` of the latest groups are outstanding.
void copy_async_wait(int pending);

struct Grid {
  Index blocks;
  unsigned threads;
  size_t shared_bytes;
  unsigned cluster;  // blocks of a cluster, along x; 1 is none
};
// Runs the body once for each thread, blocks one after another (clusters together).
void run_grid(const Grid& grid, const std::function<void()>& body);

}  // namespace myna::backend::cuda::emulation

namespace myna::backend::cuda {
// CUDA's own names.  NOLINTBEGIN(readability-identifier-naming)
struct float4 {
  float x, y, z, w;
};
struct uint4 {
  uint32_t x, y, z, w;
};
// NOLINTEND(readability-identifier-naming)
using std::max;
using std::min;
}  // namespace myna::backend::cuda

#define threadIdx (::myna::backend::cuda::emulation::thread_index())
#define blockIdx (::myna::backend::cuda::emulation::block_index())
#define blockDim (::myna::backend::cuda::emulation::block_size())
#define gridDim (::myna::backend::cuda::emulation::grid_size())
