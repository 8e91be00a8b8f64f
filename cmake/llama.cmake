# llama.cpp, which tools/setup/llama_library.py builds once (minutes) and finds later (nothing). Its
# shared libraries are copied beside what is built here, so that a program of this tree keeps the
# ones that it was linked with.
execute_process(
  COMMAND python3 ${PROJECT_SOURCE_DIR}/tools/setup/llama_library.py
  OUTPUT_VARIABLE llama_directory OUTPUT_STRIP_TRAILING_WHITESPACE COMMAND_ERROR_IS_FATAL ANY)
set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS
  tools/llama/source.json tools/llama/CMakeLists.txt tools/setup/llama_library.py)

set(llama_libraries ${CMAKE_BINARY_DIR}/llama)
file(GLOB files ${llama_directory}/lib/*.so)
file(COPY ${files} DESTINATION ${llama_libraries})

# libllama and ggml find each other by $ORIGIN; the CPU backends are loaded from the same directory.
set(linked_libraries ${llama_libraries}/libggml.so ${llama_libraries}/libggml-base.so)
add_library(llama::llama SHARED IMPORTED)
set_target_properties(llama::llama PROPERTIES
  IMPORTED_LOCATION ${llama_libraries}/libllama.so
  INTERFACE_INCLUDE_DIRECTORIES ${llama_directory}/include
  INTERFACE_LINK_LIBRARIES "${linked_libraries}")
add_library(llama::common STATIC IMPORTED)
set_target_properties(llama::common PROPERTIES
  IMPORTED_LOCATION ${llama_directory}/lib/libmyna_llama_common.a
  INTERFACE_LINK_LIBRARIES llama::llama)
