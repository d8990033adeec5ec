#!/usr/bin/env bash
# Installs the project with all its stages: install.sh TARGET WHEELS. Run in a folder with pyproject.toml, models/, voice_local/.
set -euo pipefail
target=$1 wheels=$2
python3 -m venv "$target"
"$target/bin/pip" install -q --disable-pip-version-check --no-cache-dir -c scripts/constraints.txt "$wheels"/llama_cpp_python-*.whl
"$target/bin/pip" install -q --disable-pip-version-check --no-cache-dir -c scripts/constraints.txt '.[bark,coqui,server]'
# CTranslate2 looks for CUDA 12's cuBLAS, whatever torch brings along.
if [ -n "${CUDA_VERSION:-}" ]; then
  "$target/bin/pip" install -q --disable-pip-version-check --no-cache-dir "nvidia-cublas-cu12>=12.4,<13"
fi
"$target/bin/voice-local" --help >/dev/null
