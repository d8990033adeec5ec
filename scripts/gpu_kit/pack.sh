#!/usr/bin/env bash
# Packs what `benchmarks.gpu` needs on a machine with a card that reaches no network: pack.sh OUT [PYTHON3.12].
# That machine has Python 3.12 with torch, transformers, onnx and onnxruntime, nvcc, g++; the rest comes along, in under 60 MiB:
#   site.tar.gz    Python packages, llama-cpp-python built for the CPU; without what nothing measured needs (PyAV, torchcodec's decoders)
#   source.tar.gz  llama.cpp's CUDA backend as source, objects compiled here so far, voice_local and the benchmark
# Wants nvcc, cmake, ninja and scripts/setup done before. There: run.sh, see its first lines. `objects.py 2 SECONDS` compiles here, before
# packing, what then need not be compiled there.
set -euo pipefail
cd "$(dirname "$0")/../.."
out=$(realpath -m "$1") python=${2:-python3.12} root=/opt/voice_local_gpu
mkdir -p "$out" "$root/objects" "$root/wheels"
version=$(sed -n 's/.*"llama-cpp-python==\([0-9.]*\)".*/\1/p' pyproject.toml)
wheel=$(ls -t ~/.cache/voice_local/wheels/cpu-x86_64-*/llama_cpp_python-"$version"-*.whl | head -1)
pip=("$python" -m pip --disable-pip-version-check -q)
platforms=()
for glibc in 2_17 2_24 2_26 2_27 2_28; do platforms+=(--platform "manylinux_${glibc}_x86_64"); done

echo "packages …" >&2
for name in $(cat scripts/gpu_kit/packages.txt); do
  pinned=$(grep -i "^${name//-/[-_]}==" scripts/constraints.txt)
  "${pip[@]}" download --no-deps --only-binary=:all: --python-version 3.12 --implementation cp "${platforms[@]}" \
    --platform manylinux2014_x86_64 -d "$root/wheels" "$pinned" 2>/dev/null || "${pip[@]}" wheel --no-deps -w "$root/wheels" "$pinned"
done
rm -rf "$root/site"
"${pip[@]}" install --no-index --no-deps --no-compile --target "$root/site" "$root"/wheels/*.whl "$wheel"
rm -rf "$root"/site/{lib,bin} "$root"/site/torchcodec/*.so
find "$root/site/babel/locale-data" -name '*.dat' ! -name 'root.dat' ! -name 'en*.dat' -delete
mkdir "$root/site/av"
echo '"""A stand-in: nothing that is measured decodes files."""' >"$root/site/av/__init__.py"
strip --strip-debug "$root"/site/ctranslate2/_ext*.so "$root"/site/ctranslate2.libs/*.so*
for library in "$root"/site/llama_cpp/lib/*.so.*.*.*; do # a wheel has copies where links were
  name=${library%.so.*}
  ln -sf "$(basename "$library")" "$name.so"
  ln -sf "$(basename "$library")" "$name.so.0"
done

if [ ! -e "$root/flags.json" ]; then
  echo "llama.cpp $version …" >&2
  work=$(mktemp -d)
  "${pip[@]}" download --no-deps --no-binary llama-cpp-python "llama-cpp-python==$version" -d "$work"
  tar xf "$work"/llama_cpp_python-*.tar.gz -C "$work"
  rm -rf "$root/llama.cpp"
  mv "$work"/llama_cpp_python-*/vendor/llama.cpp "$root/llama.cpp"
  # CMake ends with an error where cuBLAS or the driver is not installed; what it says of each file is there all the same.
  CUDACXX=$(command -v nvcc) cmake -S "$root/llama.cpp" -B "$work/build" -G Ninja -DCMAKE_BUILD_TYPE=Release -DBUILD_SHARED_LIBS=ON \
    -DGGML_CUDA=ON "-DCMAKE_CUDA_ARCHITECTURES=${CUDA_ARCHITECTURES:-90-real}" -DCUDA_cublas_LIBRARY=/nowhere/libcublas.so \
    -DGGML_NATIVE=OFF -DLLAMA_BUILD_COMMON=OFF -DLLAMA_BUILD_TESTS=OFF -DLLAMA_BUILD_TOOLS=OFF -DLLAMA_BUILD_EXAMPLES=OFF \
    -DLLAMA_BUILD_SERVER=OFF -DCMAKE_EXPORT_COMPILE_COMMANDS=ON >"$work/cmake.log" 2>&1 || true
  "$python" scripts/gpu_kit/objects.py --plan "$work/build/compile_commands.json"
  rm -rf "$work"
fi

echo "archives …" >&2
rm -rf "$root/code"
mkdir "$root/code"
git archive HEAD voice_local benchmarks pyproject.toml | tar x -C "$root/code" --exclude 'benchmarks/results/*'
git rev-parse HEAD >"$root/code/COMMIT"
cp scripts/gpu_kit/*.py "$root/code/"
cp scripts/gpu_kit/run.sh "$out/"
find "$root/site" -name __pycache__ -prune -exec rm -rf {} +
cd "$root"
tar cz --owner=0 --group=0 -f "$out/site.tar.gz" site
tar cz --owner=0 --group=0 --exclude='*.part.o' -f "$out/source.tar.gz" llama.cpp/ggml/include llama.cpp/ggml/src/*.h \
  llama.cpp/ggml/src/*.cpp llama.cpp/ggml/src/ggml-cuda objects flags.json code
ls -l "$out" >&2
