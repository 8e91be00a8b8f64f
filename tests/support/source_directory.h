// Where the sources of a test lie.
#pragma once

#include <cstdlib>
#include <string>

namespace myna::test_support {

// Where the test was built, or $MYNA_TEST_SOURCE_DIR: it may run on a machine without the sources.
inline std::string source_directory() {
  const char* directory = std::getenv("MYNA_TEST_SOURCE_DIR");
  return directory != nullptr ? directory : MYNA_SOURCE_DIR;
}

}  // namespace myna::test_support
