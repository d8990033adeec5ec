"""Nothing reaches outside: the watch that would see it, and the proof over a whole spoken
conversation."""

from __future__ import annotations

import inspect
import json
import os
import platform
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import Any

import psutil
import pytest

from voice_local.cli import app
from voice_local.cli.proof_commands import commands
from voice_local.errors import ConfigError
from voice_local.offline import (
    traces,
    watch,
)
from voice_local.offline.switches import OFFLINE

pytestmark = pytest.mark.models
ROOT = Path(__file__).resolve().parents[2]

ATTEMPTS = {
    "python": ("import socket; socket.socket(socket.AF_INET)", "a socket of family IPv4"),
    "ctypes": ("import ctypes; ctypes.CDLL(None).socket(10, 1, 0)", "a socket of family IPv6"),
    "a name looked up": (
        "import socket; socket.getaddrinfo('example.org', 80)",
        "a socket of family IPv4",
    ),
    "a child": (
        "import subprocess, sys; subprocess.run([sys.executable, '-c', 'import socket; "
        'socket.create_connection(("192.0.2.1", 80), 1)\'])',
        "a socket of family IPv4",
    ),
    "a grandchild by the shell": (
        "import os; os.system('" + sys.executable + ' -c "import socket; socket.socket()"\')',
        "a socket of family IPv4",
    ),
    "raw packets": (
        "import socket; socket.socket(17, socket.SOCK_RAW)",
        "a socket of family packet",
    ),
    "a daemon that speaks for others": (
        "import socket; s = socket.socket(socket.AF_UNIX); "
        "s.connect('/run/dbus/system_bus_socket')",
        "a connection to /run/dbus/system_bus_socket, behind which others may speak",
    ),
    "a daemon by a relative path": (
        "import os, socket; os.chdir('/run'); "
        "socket.socket(socket.AF_UNIX).connect('snapd.socket')",
        "a connection to /run/snapd.socket, behind which others may speak",
    ),
    "a message to a daemon": (
        "import socket; socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM).sendto(b'x', "
        "'/run/dbus/x')",
        "a connection to /run/dbus/x, behind which others may speak",
    ),
    "sendmsg to a daemon": (
        "import socket; s = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM); "
        "s.sendmsg([b'x'], [], 0, '/run/dbus/x')",
        "a connection to /run/dbus/x, behind which others may speak",
    ),
    "another's abstract socket": (
        "import socket; socket.socket(socket.AF_UNIX).connect('\\0/somebody/x')",
        "a connection to @/somebody/x, behind which others may speak",
    ),
    "io_uring": (
        "import ctypes; ctypes.CDLL(None).syscall(425, 8, ctypes.create_string_buffer(120))",
        "io_uring, which could open sockets unseen",
    ),
    "one who outlives its parent": (
        "import subprocess, sys; subprocess.Popen([sys.executable, '-c', 'import time, socket; "
        "time.sleep(1.5); socket.socket()'], start_new_session=True)",
        "a socket of family IPv4",
    ),
}


if platform.machine() == "x86_64":
    ATTEMPTS["x32"] = (
        "import ctypes; ctypes.CDLL(None).syscall(0x40000029, 2, 1, 0)",
        "a system call of another architecture",
    )


@pytest.mark.parametrize("kind", list(ATTEMPTS))
def test_every_kind_of_attempt_is_seen_and_refused(kind: str) -> None:
    code, what = ATTEMPTS[kind]
    found = watch.run([sys.executable, "-c", code], timeout_s=60)
    assert what in [attempt.what for attempt in found.attempts]
    assert all("python" in attempt.process for attempt in found.attempts)


def test_what_stays_inside_is_neither_told_nor_hindered(tmp_path: Path) -> None:
    code = (
        "import socket, threading, os, pwd; pwd.getpwuid(os.getuid())\n"
        f"s = socket.socket(socket.AF_UNIX); s.bind({str(tmp_path / 'sock')!r}); s.listen()\n"
        f"c = socket.socket(socket.AF_UNIX); c.connect({str(tmp_path / 'sock')!r}); a, _ = "
        f"s.accept()\n"
        "c.sendall(b'hel'); c.sendmsg([b'lo']); print(a.recv(5, socket.MSG_WAITALL).decode())"
    )
    found = watch.run([sys.executable, "-c", code], timeout_s=60)
    assert (found.returncode, found.stdout, found.attempts) == (0, "hello\n", [])


def test_a_command_that_hangs_is_ended() -> None:
    began = time.monotonic()
    code = "import subprocess, time; subprocess.Popen(['sleep', '61']); time.sleep(60)"
    with pytest.raises(ConfigError, match="did not end"):
        watch.run([sys.executable, "-c", code], timeout_s=1)
    assert time.monotonic() - began < 15
    assert ["sleep", "61"] not in [
        process.info["cmdline"] for process in psutil.process_iter(["cmdline"])
    ]


FILES = {
    "openat": "open('made', 'w').close()",
    "a folder's descriptor": "os.close(os.open('made', os.O_CREAT | os.O_WRONLY, "
    "dir_fd=os.open('.', os.O_RDONLY)))",
    "a rename out of a temporary place": "p = tempfile.mkdtemp() + '/x'; open(p, 'w').close(); "
    "os.rename(p, 'made')",
    "a link": "t = tempfile.NamedTemporaryFile(dir='.'); os.link(t.name, 'made')",
    "a symbolic link": "os.symlink('/nowhere', 'made')",
    "an old file changed": "open('old', 'a').write('x')",
    "openat2": "import ctypes; h = (ctypes.c_uint64 * 3)(os.O_CREAT | os.O_WRONLY, 0o600, 0); "
    "assert ctypes.CDLL(None).syscall(437, -100, b'made', h, 24) >= 0",
    "a child": "subprocess.run(['touch', 'made'], check=True)",
}


@pytest.mark.parametrize("kind", list(FILES))
def test_every_kind_of_file_left_behind_is_told(kind: str, tmp_path: Path) -> None:
    old = tmp_path / "old"
    old.touch()
    os.chmod(tmp_path, 0o700)
    time.sleep(traces.CLOCK_S + 0.1)
    began = time.time()
    code = f"import os, subprocess, tempfile; os.chdir({str(tmp_path)!r}); {FILES[kind]}"
    found = watch.run([sys.executable, "-c", code], timeout_s=60)
    assert found.returncode == 0, found.stderr
    name = "old" if kind == "an old file changed" else "made"
    assert str(tmp_path / name) in traces.left_outside(found.written, began)
    assert traces.left_outside(found.written, began, [tmp_path]) == [], "the user named that folder"


def test_what_leaves_nothing_outside_is_not_told(tmp_path: Path) -> None:
    (tmp_path / "voice_local").mkdir()
    (tmp_path / "old").touch()
    time.sleep(traces.CLOCK_S + 0.1)
    began = time.time()
    code = (
        f"import os, tempfile; os.chdir({str(tmp_path)!r}); open('voice_local/ours', 'w').close()\n"
        "tempfile.TemporaryFile().close(); tempfile.NamedTemporaryFile().close(); "
        "open('/dev/null', 'w')\n"
        "open('old', 'r+').close(); open('old').close()"
    )
    found = watch.run([sys.executable, "-c", code], timeout_s=60)
    assert found.returncode == 0, found.stderr
    assert str(tmp_path / "voice_local" / "ours") in found.written
    assert traces.left_outside(found.written, began) == []


def test_a_command_sees_the_environment_it_is_given_and_no_switch_of_ours() -> None:
    code = "import os, sys; print(os.environ.get('ORT_DISABLE_TELEMETRY'), sys.stdin.read())"
    kept = {name: value for name, value in os.environ.items() if name not in OFFLINE}
    found = watch.run([sys.executable, "-c", code], kept, timeout_s=60, typed=["one ", "two"])
    assert found.stdout.strip() == "None one two"


def test_a_command_is_given_up_when_asked() -> None:
    stop = threading.Event()
    threading.Timer(1, stop.set).start()
    began = time.monotonic()
    with pytest.raises(ConfigError, match="was stopped"):
        watch.run([sys.executable, "-c", "import time; time.sleep(60)"], stop=stop)
    assert time.monotonic() - began < 15


def prove(folder: Path, seconds: float, planted: str = "") -> tuple[int, dict[str, Any]]:
    """(Exit code, report) of the proof of `tiny` in an empty home; `planted` runs in every process
    as it starts."""
    (folder / "sitecustomize.py").write_text(planted, encoding="utf-8")
    environment = {name: value for name, value in os.environ.items() if name not in OFFLINE}
    done = subprocess.run(
        [
            sys.executable,
            "-m",
            "voice_local",
            "doctor",
            "--offline-proof",
            "--profile",
            "tiny",
            "--json",
            "--seconds",
            str(seconds),
        ],
        capture_output=True,
        text=True,
        check=False,
        env={**environment, "HOME": str(folder / "home"), "PYTHONPATH": f"{folder}:{ROOT}"},
    )
    assert done.stdout, done.stderr
    return done.returncode, json.loads(done.stdout)


LATE = """
import socket, threading
def phone():
    try:
        socket.socket(socket.AF_INET)
    except OSError:
        pass
timer = threading.Timer({}, phone)
timer.daemon = True
timer.start()
"""


def test_the_proof_over_a_whole_conversation(tmp_path: Path) -> None:
    """Longer than onnxruntime's telemetry waits, which the user's environment does not switch
    off."""
    code, proof = prove(tmp_path, 15)
    assert code == 0 and proof["proved"] and proof["attempts"] == 0 and proof["files_outside"] == []
    assert len(proof["planted"]) == 4 and all(proof["planted"].values())
    (tiny,) = proof["profiles"]
    assert tiny["profile"] == "tiny" and tiny["turns"] >= 3
    lengths = {row["name"]: row["seconds"] for row in tiny["commands"]}
    assert set(lengths) == {
        "talk",
        "Assistant in another program",
        "chat",
        "chat --once",
        "transcribe",
        "demo",
    }
    assert all(lengths[name] >= 15 for name in ("talk", "Assistant in another program", "chat"))


def test_a_library_that_phones_after_30_s_is_caught(tmp_path: Path) -> None:
    """By the very command that the proof runs, cut to what this library needs; in the front process
    and in the worker."""
    (tmp_path / "sitecustomize.py").write_text(LATE.format(30), encoding="utf-8")
    talk = commands("tiny", None, tmp_path, 31)[0]
    found = watch.run(
        talk.words, {**os.environ, "PYTHONPATH": f"{tmp_path}:{ROOT}"}, typed=talk.typed()
    )
    assert found.returncode == 0, found.stderr
    assert len({attempt.pid for attempt in found.attempts}) >= 2, "front and worker"
    assert inspect.signature(app.doctor).parameters["seconds"].default == 60


def test_a_proof_that_fails_says_so(tmp_path: Path) -> None:
    """Sockets of every process, late, and a file in the home folder by every worker."""
    planted = LATE.format(1) + (
        "import os, sys\nif 'voice_local.engine.worker' in sys.orig_argv:\n"
        "    os.makedirs(os.path.expanduser('~/.stranger'), exist_ok=True)\n"
        "    open(os.path.expanduser(f'~/.stranger/{os.getpid()}'), 'w').close()\n"
    )
    code, proof = prove(tmp_path, 6, planted)
    assert code == 1 and not proof["proved"]
    rows = proof["profiles"][0]["commands"]
    for row in rows:
        assert any("/.stranger/" in path for path in row["files_outside"]), row["name"]
    for row in rows[:3]:
        assert len({attempt["pid"] for attempt in row["attempts"]}) >= 2, (
            f"front and worker of {row['name']}"
        )
    assert proof["attempts"] >= 6 and len(proof["files_outside"]) == len(rows)
