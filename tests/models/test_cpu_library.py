"""llama.cpp's code for the CPU: the one with AVX-512 where the CPU has it, the portable one else."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from voice_local.stages.llm.cpu_library import FOLDER, NEEDED, cpu_flags, wider_library

pytestmark = pytest.mark.models

LOADED = """
import sys
from pathlib import Path
from voice_local.stages.llm import cpu_library
if sys.argv[1] == "wide":
    assert cpu_library.load_cpu_library() and not "llama_cpp" in sys.modules
from voice_local.stages.llm.llama_context import LlamaContext
context = LlamaContext(Path(sys.argv[2]), 256, 32, 2, 0)
context.use_threads(2)
for line in Path("/proc/self/maps").read_text().splitlines():
    if "libggml-cpu" in line:
        print(line.split()[-1])
"""


def loaded(which: str) -> set[str]:
    """The files of libggml-cpu that a process has mapped which has loaded a model."""
    model = Path(__file__).parents[2] / "models" / "tiny" / "tiny-llm" / "model.gguf"
    command = [sys.executable, "-c", LOADED, which, str(model)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return set(done.stdout.split())


def test_what_a_cpu_can_do_is_read(tmp_path: Path) -> None:
    told = tmp_path / "cpuinfo"
    told.write_text("processor\t: 0\nflags\t\t: fpu avx2 avx512_vnni\n\nprocessor\t: 1\n")
    assert cpu_flags(told) == {"fpu", "avx2", "avx512_vnni"}
    assert cpu_flags(tmp_path / "none") == frozenset()


@pytest.mark.parametrize("missing", sorted(NEEDED))
def test_a_cpu_that_lacks_anything_gets_the_portable_one(missing: str) -> None:
    assert wider_library(NEEDED - {missing}) is None


def test_one_library_is_loaded_and_it_is_the_wider_one() -> None:
    if not cpu_flags() >= NEEDED:
        pytest.skip("this CPU has no AVX-512 with VNNI")
    (path,) = loaded("wide")
    assert str(FOLDER) in path
    (path,) = loaded("portable")
    assert str(FOLDER) not in path
