"""Who may import whom; and that a front process stays light."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.unit
PACKAGE = Path(__file__).resolve().parents[2] / "voice_local"
HEAVY = ("torch", "torchaudio", "transformers", "ctranslate2", "llama_cpp", "faster_whisper", "TTS")
ANYWHERE = {"errors", "config", "extras", "voice_local", "text"}
ALLOWED = {
    "cli": {
        "cli",
        "assistant",
        "local",
        "conversation",
        "engine",
        "audio",
        "models",
        "profiles",
        "stages",
        "offline",
        "bench",
        "voices",
    },
    "bench": {"bench", "local", "conversation", "engine", "audio", "models", "stages", "offline"},
    "local": {
        "local",
        "conversation",
        "engine.protocol",
        "audio",
        "models.properties",
        "stages.vad_silero",
    },
    "conversation": {"conversation", "engine.protocol", "audio"},
    "engine": {"engine", "models", "offline", "voices"},
    "stages": {"stages", "engine.protocol", "models", "audio", "offline"},
    "models": {"models", "offline"},
    "offline": {"offline"},
    "audio": {"audio", "engine.protocol"},
    "text": {"text"},
}


def _imports(path: Path) -> list[tuple[str, bool]]:
    """(module, whether at the top of the file) of every import."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    found = []
    for node in ast.walk(tree):
        top = node in tree.body
        if isinstance(node, ast.Import):
            found += [(alias.name, top) for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and node.module:
            found += [(f"{node.module}.{alias.name}", top) for alias in node.names]
    return found


@pytest.mark.parametrize("part", sorted(ALLOWED))
def test_directions(part: str) -> None:
    files = sorted((PACKAGE / part).rglob("*.py"))
    assert files
    for path in files:
        for module, _ in _imports(path):
            if not module.startswith("voice_local."):
                continue
            inside = module.removeprefix("voice_local.")
            allowed = any(
                inside == name or inside.startswith(f"{name}.") for name in ALLOWED[part] | ANYWHERE
            )
            assert allowed, f"{path.name} imports {module}"


def test_no_heavy_import_at_the_top_of_any_file() -> None:
    for path in PACKAGE.rglob("*.py"):
        for module, top in _imports(path):
            assert not (top and module.split(".")[0] in HEAVY), f"{path.name} imports {module}"


def test_front_process_stays_light() -> None:
    program = (
        "import sys, voice_local.cli.app, voice_local.cli.runs, voice_local.local.demo, "
        "voice_local.local.recordings\n"
        "from voice_local.audio.vad import SileroModel\n"
        "SileroModel().stream()\n"
        f"print([name for name in {HEAVY!r} if name in sys.modules])"
    )
    told = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    assert told.stdout.strip() == "[]"
