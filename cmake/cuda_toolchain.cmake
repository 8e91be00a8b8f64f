# nvcc, for MYNA_CUDA. It comes from PyPI (tools/python/requirements-cuda.txt) and needs neither a
# GPU nor a driver; -DCMAKE_CUDA_COMPILER=... or $CUDACXX take another one. The runtime is linked
# statically, so that a program needs nothing of CUDA but the driver.
if(NOT CMAKE_CUDA_COMPILER AND NOT DEFINED ENV{CUDACXX})
  execute_process(
    COMMAND python3 ${PROJECT_SOURCE_DIR}/tools/setup/python_env.py cuda
    OUTPUT_VARIABLE cuda_python OUTPUT_STRIP_TRAILING_WHITESPACE COMMAND_ERROR_IS_FATAL ANY)
  cmake_path(GET cuda_python PARENT_PATH cuda_environment)
  cmake_path(GET cuda_environment PARENT_PATH cuda_environment)
  file(GLOB cuda_root ${cuda_environment}/lib/python3*/site-packages/nvidia/cu13)
  set(CMAKE_CUDA_COMPILER ${cuda_root}/bin/nvcc)
  # The wheels have lib/ where the installer has lib64/.
  set(CMAKE_CUDA_FLAGS_INIT "-L${cuda_root}/lib")
endif()
set(CMAKE_CUDA_HOST_COMPILER ${CMAKE_CXX_COMPILER})
# Machine code for Hopper, and PTX that the driver compiles for what comes after it.
if(NOT DEFINED CMAKE_CUDA_ARCHITECTURES)
  set(CMAKE_CUDA_ARCHITECTURES 90)
endif()
enable_language(CUDA)
if(CMAKE_CUDA_COMPILER_VERSION VERSION_LESS 13.0)
  message(FATAL_ERROR "nvcc ${CMAKE_CUDA_COMPILER_VERSION} is too old: 13.0 is the least")
endif()
# CMake 3.25 does not know that nvcc has C++20.
set(CMAKE_CUDA_STANDARD ${CMAKE_CXX_STANDARD})
set(CMAKE_CUDA20_STANDARD_COMPILE_OPTION "-std=c++20")
set(CMAKE_CUDA20_EXTENSION_COMPILE_OPTION "-std=c++20")
