# Read by CMake at each project() of llama-cpp-python (CMAKE_PROJECT_INCLUDE): its recipe forces llama.cpp's common library on,
# with the HTTP client and the chat parsers that only llama.cpp's own programs use. They are half of the build's time.
set(LLAMA_BUILD_COMMON OFF)
