"""Who may import whom, over every module, imports inside functions and for type checking included;
no circle; and that a front process stays light."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.unit
PACKAGE = Path(__file__).resolve().parents[2] / "voice_local"
HEAVY = ("torch", "torchaudio", "transformers", "ctranslate2", "llama_cpp", "faster_whisper", "TTS")

EVERYONE = {
    *("errors", "config", "config_engine", "config_files", "config_section", "config_server"),
    "config_vad",
    *("base_folders", "cpu_threads", "extras", "text"),
}
"""Any room may import these; `text` imports nothing but them."""

CALLS = {"engine.api", "engine.client", "engine.middleware", "engine.operations"}
"""What of the engine a conversation may see."""

ALLOWED = {
    "cli": {
        *(
            "assistant",
            "audio",
            "bench",
            "card_conversation",
            "conversation",
            "engine",
            "local",
            "models",
            "offline",
        ),
        *("profile_choice", "server", "skills", "supply"),
    },
    "assistant": {
        *("audio", "card_conversation", "conversation", "engine", "local", "models", "skills")
    },
    "card_conversation": {"conversation", "engine.voices", "local", *CALLS},
    "bench": {
        *("assistant", "audio", "conversation", "engine", "local", "models", "offline"),
        *("server", "skills", "stages", "supply.converters"),
    },
    "server": {"assistant", "audio", "conversation", "engine", "models.properties", "skills"},
    "local": {"audio", "conversation", "engine.counting", "skills", *CALLS},
    "skills": {"conversation", *CALLS},
    "conversation": {"audio", *CALLS},
    "engine": {"audio.types", "models", "offline"},
    "stages": {"audio", "engine.api", "engine.stage_api", "models"},
    "audio": {"models"},
    "models": {"offline"},
    "supply": {"engine.requirements", "models", "offline"},
    "profile_choice": {"engine.catalog", "engine.requirements", "models"},
    "extras": set(),
    "base_folders": set(),
    "config": set(),
    "config_engine": set(),
    "config_section": set(),
    "config_vad": set(),
    "config_files": set(),
    "config_server": set(),
    "cpu_threads": set(),
    "errors": set(),
    "offline": set(),
    "text": set(),
    "__main__": {"cli", "offline"},
    "__init__": {"assistant", "card_conversation", "conversation", "local", "offline", "skills"},
}
"""What each room may import beside itself and `EVERYONE`. `bench` uses `supply` only to make models
with random weights."""


def _name(path: Path) -> str:
    inside = path.relative_to(PACKAGE).with_suffix("")
    parts = inside.parts[:-1] if inside.name == "__init__" and inside.parts[:-1] else inside.parts
    return ".".join(parts)


MODULES = {_name(path): path for path in sorted(PACKAGE.rglob("*.py"))}


def _imports(path: Path) -> list[tuple[str, bool]]:
    """(module or `module.name`, whether at the top of the file) of every import."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    found = []
    for node in ast.walk(tree):
        top = node in tree.body
        if isinstance(node, ast.Import):
            found += [(alias.name, top) for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and node.module:
            assert node.level == 0, f"{path}: imports are absolute"
            found += [(f"{node.module}.{alias.name}", top) for alias in node.names]
    return found


def _own(path: Path) -> set[str]:
    """The package's modules that a file imports, without the package's name."""
    found = set()
    for module, _ in _imports(path):
        if module == "voice_local" or module.startswith("voice_local."):
            inside = module.removeprefix("voice_local").removeprefix(".")
            if inside not in MODULES:
                inside = inside.rpartition(".")[0]
            found.add(inside or "__init__")
    return found


def _is_in(module: str, rooms: set[str]) -> bool:
    return any(module == room or module.startswith(f"{room}.") for room in rooms)


@pytest.mark.parametrize("room", sorted(ALLOWED))
def test_directions(room: str) -> None:
    files = {name: path for name, path in MODULES.items() if _is_in(name, {room})}
    assert files
    allowed = {room} | ALLOWED[room] | (set() if room == "errors" else EVERYONE)
    for name, path in files.items():
        for module in _own(path):
            assert _is_in(module, allowed), f"{name} imports {module}"


def test_every_module_is_in_a_room() -> None:
    assert [name for name in MODULES if not _is_in(name, set(ALLOWED))] == []


def test_supply_is_imported_by_the_commands_alone() -> None:
    users = {
        name
        for name, path in MODULES.items()
        if any(_is_in(module, {"supply"}) for module in _own(path))
    }
    assert {name.split(".")[0] for name in users} <= {"cli", "supply", "bench"}


def test_no_circle() -> None:
    edges = {name: _own(path) & MODULES.keys() - {name} for name, path in MODULES.items()}
    finished: set[str] = set()

    def visit(name: str, way: tuple[str, ...]) -> None:
        assert name not in way, " → ".join((*way[way.index(name) :], name))
        if name not in finished:
            for module in sorted(edges[name]):
                visit(module, (*way, name))
            finished.add(name)

    for name in MODULES:
        visit(name, ())


def test_no_file_is_over_300_lines() -> None:
    lengths = {name: path.read_text("utf-8").count("\n") for name, path in MODULES.items()}
    assert {name: lines for name, lines in lengths.items() if lines > 300} == {}


def test_no_heavy_import_at_the_top_of_any_file() -> None:
    for path in MODULES.values():
        for module, top in _imports(path):
            assert not (top and module.split(".")[0] in HEAVY), f"{path.name} imports {module}"


def test_front_process_stays_light() -> None:
    program = (
        "import sys, voice_local.cli.app, voice_local.cli.runs, voice_local.local.demo, "
        "voice_local.conversation.input.recordings, voice_local.server.run\n"
        "from voice_local.audio.vad import SileroModel\n"
        "SileroModel().stream()\n"
        f"print([name for name in {HEAVY!r} if name in sys.modules])"
    )
    told = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert told.stdout.strip() == "[]", told.stderr
