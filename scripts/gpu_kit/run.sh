#!/usr/bin/env bash
# On the machine with the card, beside what pack.sh packed: run.sh prepare OUT, then run.sh measure OUT [--step NAME].
# Two calls of some minutes each. Logs, what was measured so far, and the report end up in OUT, whatever fails.
# cuBLAS 13 stands in for cuBLAS 12, which CTranslate2 asks for: say so beside its figures.
set -u
here=$(cd "$(dirname "$0")" && pwd) what=$1 out=$(realpath -m "$2") root=/opt/voice_local_gpu
shift 2
mkdir -p "$out" "$root" /opt/links
exec > >(tee -a "$out/$what.log") 2>&1 # a bare `wait` would wait for this tee, for ever
say() { echo "== $(date +%T) $*"; }

cublas=$(dirname "$(find /opt /usr/local -name libcublas.so.13 2>/dev/null | head -1)")
ln -sf "$cublas/libcublas.so.13" /opt/links/libcublas.so.12
ln -sf "$cublas/libcublasLt.so.13" /opt/links/libcublasLt.so.12
command -v nvcc >/dev/null || PATH=/usr/local/cuda/bin:$PATH
export PATH CUBLAS=$cublas LD_LIBRARY_PATH=/opt/links:$cublas${LD_LIBRARY_PATH:+:$LD_LIBRARY_PATH}
export PYTHONPATH=$root/site:$root/code PYTHONUNBUFFERED=1 PYTHONWARNINGS=ignore XDG_CACHE_HOME=/opt/cache XDG_STATE_HOME=$out
jobs=$(($(nproc) > 4 ? $(nproc) - 3 : 1))

prepare() {
  nvidia-smi; nproc
  tar xzf "$here/source.tar.gz" -C "$root"
  tar xzf "$here/site.tar.gz" -C "$root"
  cd "$root/code" || exit 1
  say unpacked
  timeout 250 python3 objects.py "$jobs" "${COMPILE_S:-180}" >"$out/compile.log" 2>&1 &
  compiler=$!
  one() {
    CUDA_CACHE_PATH=$root/all/kernels OMP_NUM_THREADS=4 timeout 200 sh -c "python3 models.py make $1 && python3 models.py try $1" 2>&1 | grep -v '|'
  }
  makers=()
  for step in make_whisper make_vits make_bark; do one $step & makers+=($!); done
  for step in make_llm make_distilbert; do OMP_NUM_THREADS=4 timeout 200 python3 models.py make $step 2>&1 | grep -v '|' & makers+=($!); done
  wait "${makers[@]}"
  python3 models.py merge "$root/all"
  say models made
  wait "$compiler"
  tail -1 "$out/compile.log"
  python3 objects.py --link "$root/site/llama_cpp/lib"
  timeout 120 python3 -m voice_local.bench.gpu.facts | tee "$out/facts.json"
  timeout 100 python3 models.py try make_llm
}

measure() {
  cd "$root/code" || exit 1
  timeout "${LIMIT_S:-480}" python3 -m benchmarks.gpu --folder "$root/all" --json "$out/gpu.json" "$@"
  cp benchmarks/results/gpu_*.json COMMIT "$out/" 2>/dev/null
  tar czf "$out/steps.tar.gz" -C "$root/all" steps
}

"$what" "$@"
say over
