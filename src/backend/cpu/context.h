// What every operation of the CPU backend needs; passed, never global.
#pragma once

#include "backend/cpu/column_kernels.h"
#include "backend/cpu/micro_kernels.h"
#include "backend/cpu/source_filter_kernels.h"
#include "backend/cpu/vector_kernels.h"
#include "base/thread_pool.h"

namespace myna::backend::cpu {

struct Context {
  const MicroKernels& micro;
  const VectorKernels& vector;
  const ColumnKernels& column;
  const SourceFilterKernels& source_filter;
  ThreadPool& pool;
};

}  // namespace myna::backend::cpu
