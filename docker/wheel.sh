#!/usr/bin/env bash
# Builds llama-cpp-python's wheel: wheel.sh FOLDER "CMAKE FLAGS". Run in a folder with pyproject.toml; PYTHON names another python3.
set -euo pipefail
folder=$1 flags=$2
version=$(sed -n 's/.*"llama-cpp-python==\([0-9.]*\)".*/\1/p' pyproject.toml)
# Only what text needs: neither the library for pictures and sound (mtmd) nor llama.cpp's programs.
flags="$flags -DLLAVA_BUILD=OFF -DCMAKE_PROJECT_INCLUDE=$folder/.venv/llama_cpp.cmake"
# A native build dies on some virtual machines as soon as quantized weights are used (AMX): never native.
flags="$flags -DGGML_NATIVE=OFF"
[ "$(uname -m)" = x86_64 ] && flags="$flags -DGGML_AVX=ON -DGGML_AVX2=ON -DGGML_FMA=ON -DGGML_F16C=ON -DGGML_BMI2=ON"
"${PYTHON:-python3}" -m venv "$folder/.venv"
cp "$(dirname "$0")/llama_cpp.cmake" "$folder/.venv/"
CMAKE_ARGS="$flags" CMAKE_BUILD_PARALLEL_LEVEL=$(nproc) "$folder/.venv/bin/pip" wheel -q --disable-pip-version-check --no-cache-dir \
  --no-deps --no-binary llama-cpp-python "llama-cpp-python==$version" -w "$folder"
rm -rf "$folder/.venv"
