"""llama.cpp's CUDA backend without CMake, so that objects compiled on one machine count on another.

objects.py --plan COMPILE_COMMANDS   keeps each file's flags, what a Q4_K_M model needs first
objects.py JOBS SECONDS              compiles what is not there yet; nothing is begun after SECONDS
objects.py --link LIBRARIES          links what is there into llama-cpp-python's folder; a kernel
that is not there ends
                                     the program and tells its name
"""

from __future__ import annotations

import json
import os
import re
import shlex
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

ROOT = Path("/opt/voice_local_gpu")
OBJECTS, FLAGS = ROOT / "objects", ROOT / "flags.json"
CUDA = "ggml/src/ggml-cuda/"
NEEDED = (
    "ncols2_4.cu",
    "mmq-instance-q4_k",
    "mmq-instance-q6_k",
    "vec-instance-f16-f16",
    "tile-instance-dkq128",
)
"""Of the kernels that stand in a file for each type and size: what Q4_K_M in heads of 128, four to
a key, can call."""

LONG = (
    "ggml-backend",
    "fattn-mma",
    "mmq",
    "ggml-cuda.cu",
    "mmvq.cu",
    "mmvf.cu",
    "binbcast.cu",
    "softmax.cu",
    "argsort.cu",
    "ssm-scan.cu",
)
"""Take longest: begun first."""

REGISTRY = ("ggml/src/ggml-backend-reg.cpp", "ggml/src/ggml-backend-dl.cpp")
"""What libggml is made of: it has to know of the backend."""


def plan(commands: Path) -> None:
    """Writes `flags.json`: [file below llama.cpp, arguments] in the order to compile in."""
    found: list[tuple[str, list[str]]] = []
    for command in json.loads(commands.read_text(encoding="utf-8")):
        # Generated files are elsewhere and keep their prefix.
        name = command["file"].removeprefix(f"{ROOT / 'llama.cpp'}/")
        if not (name.startswith(CUDA) and name.endswith(".cu")) and name not in REGISTRY:
            continue
        words = [
            word for word in shlex.split(command["command"]) if not word.startswith("-isystem=")
        ]
        flags = words[1 : words.index("-o")]
        for source in ("-x", "cu", "-c", command["file"]):
            flags = [word for word in flags if word != source]
        if "-Xcompiler" in flags:  # only warnings
            at = flags.index("-Xcompiler")
            del flags[at : at + 2]
        found.append((name, [word for word in flags if not word.startswith("-W")]))
    found.sort(key=lambda one: (_rank(one[0]), one[0]))
    FLAGS.write_text(json.dumps(found, indent=0), encoding="utf-8")
    print(f"{len(found)} files")


def _rank(name: str) -> tuple[int, bool]:
    needed = "template-instances" not in name or any(part in name for part in NEEDED)
    return (
        0 if needed else 1 if "fattn-mma" in name else 2,
        not any(part in name for part in LONG),
    )


def _place(name: str) -> Path:
    return OBJECTS / f"{Path(name).name}.o"


def _cublas_headers() -> list[str]:
    """Where they are no part of the toolkit, those of torch's own packages."""
    for folder in (*sys.path, *map(str, Path(".venv").glob("lib/python*/site-packages"))):
        include = Path(folder) / "nvidia" / "cu13" / "include"
        if (include / "cublas_v2.h").exists():
            apart = ROOT / "cublas"
            apart.mkdir(exist_ok=True)
            for header in include.glob("cublas*.h"):
                (apart / header.name).write_bytes(header.read_bytes())
            break
    return [f"-I{ROOT / 'cublas'}"]


def compile_all(jobs: int, seconds: float) -> int:
    """How many are missing afterwards."""
    end, extra = time.monotonic() + seconds, _cublas_headers()
    files: list[tuple[str, list[str]]] = [
        (name, flags) for name, flags in json.loads(FLAGS.read_text(encoding="utf-8"))
    ]
    OBJECTS.mkdir(parents=True, exist_ok=True)

    def one(name: str, flags: list[str]) -> None:
        if _place(name).exists() or time.monotonic() > end:
            return
        began, part = time.monotonic(), _place(name).with_suffix(".part.o")
        compiler = ["nvcc", "-w", *extra, "-x", "cu"] if name.endswith(".cu") else ["g++", "-w"]
        done = _run([*compiler, *flags, "-c", str(ROOT / "llama.cpp" / name), "-o", str(part)])
        if done.returncode == 0:
            os.replace(part, _place(name))
        print(
            f"{name} {done.returncode} {time.monotonic() - began:.1f} s {done.stderr[-300:]}",
            flush=True,
        )

    with ThreadPoolExecutor(jobs) as pool:
        list(pool.map(one, *zip(*files, strict=True)))
    return sum(not _place(name).exists() for name, _ in files)


def link(folder: Path) -> None:
    """Makes libggml-cuda, and libggml anew, in `folder`.

    Raises:
        SystemExit: they cannot be linked.
    """
    registry = [str(_place(name)) for name in REGISTRY]
    objects = sorted(str(path) for path in OBJECTS.glob("*.cu.o"))
    driver = _first(
        "/usr/local/nvidia/lib*/libcuda.so.1",
        "/usr/lib/x86_64-linux-gnu/libcuda.so.1",
        "/usr/lib64/libcuda.so.1",
    )
    toolkit = Path(_run(["sh", "-c", "realpath $(command -v nvcc)"]).stdout.strip()).parents[1]
    target = folder / "libggml-cuda.so.0"
    base = [
        "g++",
        "-shared",
        "-o",
        str(target),
        "-Wl,-soname,libggml-cuda.so.0",
        "-Wl,-rpath,$ORIGIN",
        "-Wl,--no-as-needed",
        *objects,
        str(folder / "libggml-base.so.0"),
        f"-L{toolkit}/lib64",
        "-L/usr/local/cuda/lib64",
        "-lcudart_static",
        os.environ["CUBLAS"] + "/libcublas.so.13",
        *driver,
        "-ldl",
        "-lrt",
        "-lpthread",
    ]
    told = _run([*base, "-Wl,-z,defs", "-Wl,--no-demangle"])
    missing = sorted(set(re.findall(r"undefined reference to `([^']+)'", told.stderr)))
    stubs = [name for name in missing if not re.match(r"cu[A-Z]", name)]
    print(
        f"{len(objects)} objects, {len(stubs)} kernels are not there; driver: "
        f"{driver or 'found at run time'}"
    )
    if told.returncode and not missing:
        raise SystemExit(told.stderr[-3000:])
    if missing:
        source = ROOT / "stubs.c"
        body = "".join(
            f'void {name}(void) {{ fputs("not compiled: {name}\\n", stderr); abort(); }}\n'
            for name in stubs
        )
        source.write_text(f"#include <stdio.h>\n#include <stdlib.h>\n{body}", encoding="utf-8")
        _must(["gcc", "-O1", "-fPIC", "-w", "-c", str(source), "-o", str(ROOT / "stubs.o")])
        _must([*base, str(ROOT / "stubs.o")])
    (folder / "libggml-cuda.so").unlink(missing_ok=True)
    (folder / "libggml-cuda.so").symlink_to(target.name)
    whole = (folder / "libggml.so").resolve()
    new = whole.with_suffix(".new")
    _must(
        [
            "g++",
            "-shared",
            "-o",
            str(new),
            "-Wl,-soname,libggml.so.0",
            "-Wl,-rpath,$ORIGIN",
            *registry,
            str(target),
            str(folder / "libggml-cpu.so.0"),
            str(folder / "libggml-base.so.0"),
            "-Wl,--allow-shlib-undefined",
            "-ldl",
        ]
    )
    os.replace(new, whole)


def _first(*patterns: str) -> list[str]:
    found = [
        str(path) for pattern in patterns for path in Path("/").glob(pattern.removeprefix("/"))
    ]
    return found[:1]


def _run(command: list[str]) -> Any:
    return subprocess.run(command, capture_output=True, text=True)


def _must(command: list[str]) -> None:
    done = _run(command)
    if done.returncode:
        raise SystemExit(done.stderr[-3000:])


def main() -> int:
    """0 when nothing is missing."""
    match sys.argv[1:]:
        case ["--plan", commands]:
            plan(Path(commands))
        case ["--link", folder]:
            link(Path(folder))
        case [jobs, seconds]:
            missing = compile_all(int(jobs), float(seconds))
            print(f"{missing} missing")
            return min(1, missing)
        case _:
            print(__doc__)
            return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
