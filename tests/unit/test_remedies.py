"""Every command that a message, a help text or README names is one that the program takes."""

from __future__ import annotations

import ast
import re
import shlex
import tomllib
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import pytest
import typer

from voice_local.cli.app import app

pytestmark = pytest.mark.unit
ROOT = Path(__file__).resolve().parents[2]
PLACEHOLDER = "small"
"""Stands for whatever a message fills in."""

NAMED = re.compile(r"(?<![\w/])voice-local ([a-z][^,;()\n`…]*)")
USAGE_ERROR: type[Exception] = next(
    kind for kind in typer.BadParameter.__mro__ if kind.__name__ == "ClickException"
)
PROGRAM = typer.main.get_command(app)


def _filled(part: ast.expr) -> str:
    """A part of an f-string: of a choice between two texts, the first."""
    if isinstance(part, ast.FormattedValue) and isinstance(part.value, ast.IfExp):
        part = part.value.body
    return str(part.value) if isinstance(part, ast.Constant) else PLACEHOLDER


def _strings(path: Path) -> Iterator[tuple[int, str]]:
    """(line, text) of every string of a file that is no docstring; what is filled in is
    `PLACEHOLDER`."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    skipped: set[int] = set()
    for node in ast.walk(tree):
        for statement in (
            getattr(node, "body", []) if not isinstance(node, ast.Lambda | ast.IfExp) else []
        ):
            if isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant):
                skipped.add(id(statement.value))
        if isinstance(node, ast.JoinedStr):
            skipped |= {id(part) for part in node.values}
    for node in ast.walk(tree):
        if isinstance(node, ast.JoinedStr):
            yield node.lineno, "".join(map(_filled, node.values))
        elif (
            isinstance(node, ast.Constant)
            and isinstance(node.value, str)
            and id(node) not in skipped
        ):
            yield node.lineno, node.value


def _said() -> list[tuple[str, str]]:
    """(where, text) of every string of the package."""
    return [
        (f"{path.relative_to(ROOT)}:{line}", text)
        for path in sorted((ROOT / "voice_local").rglob("*.py"))
        for line, text in _strings(path)
    ]


def named(text: str) -> list[str]:
    """The commands that `text` names, without the program's name and what follows."""
    found = [
        re.split(r"\s{2,}|\. ", command)[0].strip().rstrip(".:") for command in NAMED.findall(text)
    ]
    return [command for command in found if command != PLACEHOLDER]


def refuse_wrong(command: str) -> None:
    """Fails unless the program takes `command`."""
    words = [word.strip("\"'") for word in shlex.split(command, comments=True)]
    found: Any = PROGRAM
    name = ""
    while hasattr(found, "commands"):
        assert words, f"{command!r} names no command"
        name, *words = words
        assert name in found.commands, f"there is no {command!r}"
        found = found.commands[name]
    context = found.make_context(name, list(words))
    if name == "download":
        assert context.params["names"] or context.params["profile"], "which models?"


@pytest.mark.parametrize(
    "command", ["models download", "models donwload small", "say", "talk --volume 11"]
)
def test_a_wrong_command_is_found(command: str) -> None:
    with pytest.raises((AssertionError, USAGE_ERROR)):
        refuse_wrong(command)


def test_messages_name_commands_that_work() -> None:
    found = [(where, command) for where, text in _said() for command in named(text)]
    assert len(found) > 15
    _all_work((f"{where}: voice-local {command}", command) for where, command in found)


def _all_work(commands: Iterable[tuple[str, str]]) -> None:
    wrong = []
    for where, command in commands:
        try:
            refuse_wrong(command)
        except (AssertionError, USAGE_ERROR) as error:
            wrong.append(f"{where}: {str(error).splitlines()[0]}")
    assert not wrong, "\n".join(wrong)


def test_readme_names_commands_that_work() -> None:
    lines = [
        (path.name, line)
        for path in (ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md")))
        for line in re.findall(
            r"^(?:\S+=\S+ )?voice-local (.*)$", path.read_text(encoding="utf-8"), re.MULTILINE
        )
    ]
    assert len(lines) >= 15
    _all_work((f"{name}: {line}", re.split(r" [|>&] |\s{2,}", line)[0]) for name, line in lines)


def test_messages_name_scripts_and_extras_that_are_there() -> None:
    extras = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"][
        "optional-dependencies"
    ]
    for where, text in _said():
        for extra in re.findall(r"voice-local\[(\w+)\]", text):
            assert extra in extras or extra == PLACEHOLDER, f"{where}: {extra}"
        for script, options in re.findall(r"(?<![\w/])(scripts/\w+)((?: --[\w-]+)*)", text):
            if script.startswith("scripts/train"):
                continue
            assert (ROOT / script).is_file() or (ROOT / f"{script}.py").is_file(), (
                f"{where}: {script}"
            )
            content = (ROOT / script).read_text(encoding="utf-8") if options else ""
            assert all(option in content for option in options.split()), (
                f"{where}: {script}{options}"
            )
