# Read by CMake at each project() of llama-cpp-python (CMAKE_PROJECT_INCLUDE): its recipe forces llama.cpp's common library on,
# with the HTTP client and the chat parsers that only llama.cpp's own programs use. They are half of the build's time.
set(LLAMA_BUILD_COMMON OFF)

# A second libggml-cpu for CPUs with AVX-512 and VNNI, in a folder of its own: it reads prompts a third faster. At run time
# voice_local/stages/llm/cpu_library.py chooses. llama.cpp's own variants (GGML_CPU_ALL_VARIANTS) are a dozen, and take ten minutes.
function(voice_local_add_avx512)
  if(GGML_OPENMP)
    find_package(OpenMP) # what ggml/src has found is known there alone
  endif()
  get_target_property(folder ggml-cpu SOURCE_DIR)
  get_target_property(sources ggml-cpu SOURCES)
  get_target_property(version ggml-cpu SOVERSION)
  add_library(ggml-cpu-avx512 SHARED)
  foreach(source IN LISTS sources)
    cmake_path(ABSOLUTE_PATH source BASE_DIRECTORY "${folder}")
    target_sources(ggml-cpu-avx512 PRIVATE "${source}")
  endforeach()
  foreach(property INCLUDE_DIRECTORIES COMPILE_DEFINITIONS COMPILE_OPTIONS COMPILE_FEATURES LINK_LIBRARIES LINK_OPTIONS)
    get_target_property(value ggml-cpu ${property})
    if(value)
      set_target_properties(ggml-cpu-avx512 PROPERTIES ${property} "${value}")
    endif()
  endforeach()
  get_directory_property(definitions DIRECTORY "${folder}" COMPILE_DEFINITIONS)
  target_compile_definitions(ggml-cpu-avx512 PRIVATE ${definitions})
  target_compile_options(ggml-cpu-avx512 PRIVATE -mavx512f -mavx512cd -mavx512vl -mavx512dq -mavx512bw -mavx512vnni)
  set_target_properties(ggml-cpu-avx512 PROPERTIES
    OUTPUT_NAME ggml-cpu
    VERSION ${version}
    SOVERSION ${version}
    LIBRARY_OUTPUT_DIRECTORY "${CMAKE_BINARY_DIR}/avx512"
    INSTALL_RPATH "$ORIGIN/.."
    BUILD_WITH_INSTALL_RPATH TRUE)
  install(TARGETS ggml-cpu-avx512 LIBRARY DESTINATION "${SKBUILD_PLATLIB_DIR}/llama_cpp/lib/avx512" NAMELINK_SKIP)
endfunction()

if(PROJECT_NAME STREQUAL "ggml" AND CMAKE_SYSTEM_NAME STREQUAL "Linux" AND CMAKE_SYSTEM_PROCESSOR STREQUAL "x86_64")
  include(CheckCXXCompilerFlag)
  check_cxx_compiler_flag(-mavx512vnni VOICE_LOCAL_HAS_AVX512_VNNI)
  if(VOICE_LOCAL_HAS_AVX512_VNNI)
    cmake_language(DEFER CALL voice_local_add_avx512)
  endif()
endif()
