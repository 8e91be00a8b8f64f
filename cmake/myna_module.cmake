# One CMake target a module, linked PRIVATE except where a module's headers show the other's types
# (those go under PUBLIC). Unit tests stand beside their source as foo_test.cc and become one
# executable a module, `myna_<name>_test`, registered with ctest under the label `unit`.
#
#   myna_module(audio SOURCES a.cc b.cc PUBLIC myna_base PRIVATE PkgConfig::SNDFILE TESTS a_test.cc)

add_library(myna_options INTERFACE)
target_include_directories(myna_options INTERFACE ${PROJECT_SOURCE_DIR}/src)
target_compile_options(myna_options INTERFACE -Wall -Wextra -Wshadow -Werror)
# GCC 12 reports false -Wrestrict overlaps inside std::string operator+ (GCC bug 105329).
target_compile_options(myna_options INTERFACE $<$<CXX_COMPILER_ID:GNU>:-Wno-restrict>)
# Products and sums stay as written: the same source gives the same bits with and without FMA in
# the target, and the float steps that parity tests follow are not fused behind our back.
target_compile_options(myna_options INTERFACE -ffp-contract=off)
if(MYNA_SANITIZE)
  target_compile_options(myna_options INTERFACE -fsanitize=${MYNA_SANITIZE} -fno-omit-frame-pointer)
  target_link_options(myna_options INTERFACE -fsanitize=${MYNA_SANITIZE})
endif()

function(myna_test name)
  cmake_parse_arguments(ARG "" "" "SOURCES;LINK;LABELS;ENV" ${ARGN})
  add_executable(${name} ${ARG_SOURCES})
  target_link_libraries(${name} PRIVATE myna_options GTest::gmock_main ${ARG_LINK})
  target_include_directories(${name} PRIVATE ${PROJECT_SOURCE_DIR})  # for tests/support
  target_compile_definitions(${name} PRIVATE MYNA_SOURCE_DIR="${PROJECT_SOURCE_DIR}")
  add_test(NAME ${name} COMMAND ${name})
  set_tests_properties(${name} PROPERTIES LABELS "${ARG_LABELS}" TIMEOUT 600)
  if("cuda" IN_LIST ARG_LABELS)
    # As skipped, not as passed, where there is no device.
    set_tests_properties(${name} PROPERTIES SKIP_REGULAR_EXPRESSION "no CUDA device")
  endif()
  if("emulation" IN_LIST ARG_LABELS)
    # Whole voices take minutes on the emulation: run when asked for, otherwise shown as skipped.
    set_tests_properties(${name} PROPERTIES SKIP_REGULAR_EXPRESSION "set MYNA_EMULATE_STUDIO=1")
  endif()
  if(ARG_ENV)
    set_tests_properties(${name} PROPERTIES ENVIRONMENT "${ARG_ENV}")
  endif()
endfunction()

function(myna_module name)
  cmake_parse_arguments(ARG "" "" "SOURCES;PUBLIC;PRIVATE;TESTS;TEST_LINK" ${ARGN})
  set(target myna_${name})
  add_library(${target} STATIC ${ARG_SOURCES})
  target_link_libraries(${target} PUBLIC ${ARG_PUBLIC} PRIVATE myna_options ${ARG_PRIVATE})
  target_include_directories(${target} PUBLIC ${PROJECT_SOURCE_DIR}/src)
  if(MYNA_TESTS AND ARG_TESTS)
    myna_test(${target}_test SOURCES ${ARG_TESTS} LINK ${target} ${ARG_TEST_LINK} LABELS unit)
  endif()
endfunction()

# For modules in which nothing is worth -O3 and templates cost most of the compiler's time.
function(myna_cheap_to_compile name)
  foreach(target myna_${name} myna_${name}_test)
    if(TARGET ${target})
      target_compile_options(${target} PRIVATE $<$<CONFIG:Release>:-O1>)
    endif()
  endforeach()
endfunction()
