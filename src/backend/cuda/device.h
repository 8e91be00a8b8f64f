// The vocabulary that kernels are written in: CUDA's own where nvcc compiles, and its emulation on
// the CPU (emulation/emulation.h) where a plain compiler does. Nothing else in this directory knows
// which of the two it is.
#pragma once

#include <cstddef>
#include <cstdint>

#if defined(__CUDACC__)
#include <cuda_runtime.h>
#define MYNA_DEVICE __device__ __forceinline__
#define MYNA_HOST_DEVICE __host__ __device__ __forceinline__
#define MYNA_UNROLL _Pragma("unroll")
#else
#include <cmath>

#include "backend/cuda/emulation/emulation.h"
#define MYNA_DEVICE inline
#define MYNA_HOST_DEVICE inline
#define MYNA_UNROLL
#endif

namespace myna::backend::cuda {

inline constexpr unsigned kLanes = 32;

#if defined(__CUDACC__)

// A block's dynamic shared memory, aligned to 128 bytes.
MYNA_DEVICE unsigned char* shared_storage() {
  extern __shared__ __align__(128) unsigned char storage[];
  return storage;
}
MYNA_DEVICE void block_barrier() { __syncthreads(); }
MYNA_DEVICE float shuffle_xor(float value, unsigned mask) {
  return __shfl_xor_sync(0xFFFFFFFFu, value, static_cast<int>(mask));
}
MYNA_DEVICE float shuffle(float value, unsigned lane) {
  return __shfl_sync(0xFFFFFFFFu, value, static_cast<int>(lane));
}

MYNA_DEVICE uint32_t shared_address(const void* pointer) {
  return static_cast<uint32_t>(__cvta_generic_to_shared(pointer));
}
// Four 8 x 8 matrices of 16-bit elements; lane l names row l % 8 of matrix l / 8.
MYNA_DEVICE void load_matrix_x4(uint32_t (&registers)[4], const void* row) {
  asm volatile("ldmatrix.sync.aligned.m8n8.x4.shared.b16 {%0, %1, %2, %3}, [%4];"
               : "=r"(registers[0]), "=r"(registers[1]), "=r"(registers[2]), "=r"(registers[3])
               : "r"(shared_address(row))
               : "memory");
}
// sums [16, 8] += a [16, 16] b [16, 8], bfloat16 in, float out.
MYNA_DEVICE void multiply_add(float (&sums)[4], const uint32_t (&a)[4], const uint32_t (&b)[2]) {
  asm volatile(
      "mma.sync.aligned.m16n8k16.row.col.f32.bf16.bf16.f32 "
      "{%0, %1, %2, %3}, {%4, %5, %6, %7}, {%8, %9}, {%0, %1, %2, %3};"
      : "+f"(sums[0]), "+f"(sums[1]), "+f"(sums[2]), "+f"(sums[3])
      : "r"(a[0]), "r"(a[1]), "r"(a[2]), "r"(a[3]), "r"(b[0]), "r"(b[1]));
}

MYNA_DEVICE void copy_async16(void* shared, const void* global) {
  asm volatile("cp.async.cg.shared.global [%0], [%1], 16;" ::"r"(shared_address(shared)),
               "l"(global)
               : "memory");
}
MYNA_DEVICE void copy_async_commit() { asm volatile("cp.async.commit_group;" ::: "memory"); }
template <int kPending>
MYNA_DEVICE void copy_async_wait() {
  asm volatile("cp.async.wait_group %0;" ::"n"(kPending) : "memory");
}

MYNA_DEVICE unsigned cluster_rank() {
  unsigned rank;
  asm volatile("mov.u32 %0, %%cluster_ctarank;" : "=r"(rank));
  return rank;
}
MYNA_DEVICE void cluster_barrier() {
  asm volatile("barrier.cluster.arrive.release.aligned;\nbarrier.cluster.wait.acquire.aligned;" ::
                   : "memory");
}
// Stores to the place in the shared memory of block `rank` that `local` has in this one.
MYNA_DEVICE void cluster_store(float* local, unsigned rank, float value) {
  uint32_t remote;
  asm volatile("mapa.shared::cluster.u32 %0, %1, %2;"
               : "=r"(remote)
               : "r"(shared_address(local)), "r"(rank));
  asm volatile("st.shared::cluster.f32 [%0], %1;" ::"r"(remote), "f"(value) : "memory");
}

// Two floats rounded to bfloat16 (nearest even), `low` in the lower half.
MYNA_DEVICE uint32_t pack_bfloat16(float low, float high) {
  uint32_t pair;
  asm("cvt.rn.bf16x2.f32 %0, %1, %2;" : "=r"(pair) : "f"(high), "f"(low));
  return pair;
}

// |error| below 1e-6 for |x| up to 1e4: reduced to (-pi, pi) first, where the hardware's sine is
// good to 2^-21.
MYNA_DEVICE float fast_sine(float x) {
  const float turns = rintf(x * 0.15915494309f);
  return __sinf(fmaf(turns, -6.28125f, x) - turns * 1.9353071795864e-3f);
}

#else

using emulation::block_barrier;
using emulation::cluster_barrier;
using emulation::cluster_rank;
using emulation::copy_async16;
using emulation::copy_async_commit;
using emulation::load_matrix_x4;
using emulation::multiply_add;
using emulation::shared_storage;
using emulation::shuffle;
using emulation::shuffle_xor;

template <int kPending>
void copy_async_wait() {
  emulation::copy_async_wait(kPending);
}
inline void cluster_store(float* local, unsigned rank, float value) {
  *static_cast<float*>(emulation::cluster_shared(local, rank)) = value;
}
inline uint32_t bfloat16_bits(float value) {
  uint32_t bits;
  __builtin_memcpy(&bits, &value, 4);
  return (bits + 0x7FFFu + ((bits >> 16) & 1u)) >> 16;
}
inline uint32_t pack_bfloat16(float low, float high) {
  return bfloat16_bits(low) | bfloat16_bits(high) << 16;
}
inline float fast_sine(float x) { return std::sin(x); }

#endif

MYNA_DEVICE float warp_sum(float value) {
  MYNA_UNROLL
  for (unsigned mask = kLanes / 2; mask > 0; mask /= 2) value += shuffle_xor(value, mask);
  return value;
}
MYNA_DEVICE float warp_maximum(float value) {
  MYNA_UNROLL
  for (unsigned mask = kLanes / 2; mask > 0; mask /= 2) {
    const float other = shuffle_xor(value, mask);
    value = other > value ? other : value;
  }
  return value;
}

}  // namespace myna::backend::cuda
