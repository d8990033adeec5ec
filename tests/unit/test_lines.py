"""Lines of standard input: from terminals, pipes and files, in pieces and in other encodings."""

from __future__ import annotations

import asyncio
import os
import pty
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.unit
PROGRAM = """
import asyncio
from voice_local.cli.lines import lines

async def main():
    print("ready", flush=True)
    async for line in lines():
        print(ascii(line), flush=True)

asyncio.run(main())
"""


def told(content: bytes, path: Path | None = None) -> list[str]:
    """The lines that a program finds in its standard input, a pipe or a file."""
    if path is None:
        done = subprocess.run(
            [sys.executable, "-c", PROGRAM],
            input=content,
            capture_output=True,
            check=True,
            timeout=20,
        )
    else:
        path.write_bytes(content)
        with path.open("rb") as file:
            done = subprocess.run(
                [sys.executable, "-c", PROGRAM],
                stdin=file,
                capture_output=True,
                check=True,
                timeout=20,
            )
    return done.stdout.decode().splitlines()[1:]


@pytest.mark.parametrize("pipe", [True, False])
@pytest.mark.parametrize(
    ("content", "lines"),
    [
        (b"", []),
        (b"one\ntwo\r\n\nthree", ["'one'", "'two'", "''", "'three'"]),
        (b"caf\xe9\n\xff\n", [r"'caf\ufffd'", r"'\ufffd'"]),
        (b"x" * 200_000 + b"\ny\n", [repr("x" * 200_000), "'y'"]),
    ],
)
def test_pipes_and_files(content: bytes, lines: list[str], pipe: bool, tmp_path: Path) -> None:
    assert told(content, None if pipe else tmp_path / "in.txt") == lines


def test_what_comes_together_is_told_together() -> None:
    """Through Python's buffer the second line came only with a third."""
    with subprocess.Popen(
        [sys.executable, "-c", PROGRAM], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as process:
        assert process.stdin and process.stdout and process.stdout.readline() == b"ready\n"
        process.stdin.write(b"one\ntwo\nthr")
        process.stdin.flush()
        assert [process.stdout.readline() for _ in range(2)] == [b"'one'\n", b"'two'\n"]
        process.stdin.close()
        assert process.stdout.readline() == b"'thr'\n"
        assert process.wait(10) == 0


def test_a_terminal_until_ctrl_d() -> None:
    ours, theirs = pty.openpty()
    with subprocess.Popen(
        [sys.executable, "-c", PROGRAM], stdin=theirs, stdout=subprocess.PIPE
    ) as process:
        os.close(theirs)
        assert process.stdout and process.stdout.readline() == b"ready\n"
        os.write(ours, "grüß dich\n".encode())
        assert process.stdout.readline() == rb"'gr\xfc\xdf dich'" + b"\n"
        os.write(ours, b"\x04")
        assert process.wait(10) == 0
    os.close(ours)


@pytest.mark.parametrize("closed", ["<&-", "</dev/null"])
def test_no_standard_input(closed: str) -> None:
    done = subprocess.run(
        ["sh", "-c", f'exec "$0" -c "$1" {closed}', sys.executable, PROGRAM],
        capture_output=True,
        check=True,
        timeout=20,
    )
    assert done.stdout == b"ready\n"


def test_it_can_be_left_early(monkeypatch: pytest.MonkeyPatch) -> None:
    from voice_local.cli.lines import lines

    reading, writing = os.pipe()
    with os.fdopen(reading) as stdin, os.fdopen(writing, "w") as given:
        monkeypatch.setattr(sys, "stdin", stdin)
        given.write("one\ntwo\n")
        given.flush()

        async def first() -> str:
            found = lines()
            line = await anext(found)
            await found.aclose()  # type: ignore[attr-defined]
            assert not asyncio.get_running_loop().remove_reader(reading)
            return line

        assert asyncio.new_event_loop().run_until_complete(first()) == "one"
