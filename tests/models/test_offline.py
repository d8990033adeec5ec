"""Nothing reaches outside: the watch that would see it, and the proof over a whole spoken conversation."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from voice_local.errors import ConfigError
from voice_local.offline import seccomp, watch

pytestmark = pytest.mark.models

ATTEMPTS = {
    "python": ("import socket; socket.socket(socket.AF_INET)", "a socket of family IPv4"),
    "ctypes": ("import ctypes; ctypes.CDLL(None).socket(10, 1, 0)", "a socket of family IPv6"),
    "a name looked up": ("import socket; socket.getaddrinfo('example.org', 80)", "a socket of family IPv4"),
    "a child": ("import subprocess, sys; subprocess.run([sys.executable, '-c', 'import socket; "
                "socket.create_connection((\"192.0.2.1\", 80), 1)'])", "a socket of family IPv4"),
    "a grandchild by the shell": ("import os; os.system('" + sys.executable + " -c \"import socket; socket.socket()\"')",
                                  "a socket of family IPv4"),
    "raw packets": ("import socket; socket.socket(17, socket.SOCK_RAW)", "a socket of family packet"),
    "a daemon that speaks for others": ("import socket; s = socket.socket(socket.AF_UNIX); "
                                        "s.connect('/run/dbus/system_bus_socket')",
                                        "a connection to /run/dbus/system_bus_socket, which speaks to others"),
}


@pytest.mark.parametrize("kind", list(ATTEMPTS))
def test_every_kind_of_attempt_is_seen_and_refused(kind: str) -> None:
    code, what = ATTEMPTS[kind]
    found = watch.run([sys.executable, "-c", code], timeout_s=60)
    assert what in [attempt.what for attempt in found.attempts]
    assert all(Path(sys.executable).name in attempt.process for attempt in found.attempts)


def test_what_stays_inside_is_neither_told_nor_hindered(tmp_path: Path) -> None:
    code = ("import socket, threading, os, pwd; pwd.getpwuid(os.getuid())\n"
            f"s = socket.socket(socket.AF_UNIX); s.bind({str(tmp_path / 'sock')!r}); s.listen()\n"
            f"c = socket.socket(socket.AF_UNIX); c.connect({str(tmp_path / 'sock')!r}); a, _ = s.accept()\n"
            "c.sendall(b'hello'); print(a.recv(5).decode())")
    found = watch.run([sys.executable, "-c", code], timeout_s=60)
    assert (found.returncode, found.stdout, found.attempts) == (0, "hello\n", [])


def test_io_uring_is_no_way_around() -> None:
    code = ("import ctypes; c = ctypes.CDLL(None, use_errno=True)\n"
            "print(c.syscall(425, 8, ctypes.create_string_buffer(120)), ctypes.get_errno())")
    assert watch.run([sys.executable, "-c", code], timeout_s=60).stdout.split() == ["-1", str(seccomp.ENOSYS)]


def test_a_command_that_hangs_is_ended() -> None:
    with pytest.raises(ConfigError, match="did not end"):
        watch.run([sys.executable, "-c", "import time; time.sleep(60)"], timeout_s=1)


def test_the_proof_over_a_whole_conversation(tmp_path: Path) -> None:
    environment = {**os.environ, "XDG_DATA_HOME": str(tmp_path)}
    done = subprocess.run([sys.executable, "-m", "voice_local", "doctor", "--offline-proof", "--json"], capture_output=True,
                          text=True, env=environment, check=False)
    assert done.returncode == 0, done.stderr
    proof = json.loads(done.stdout)
    assert proof["proved"] and proof["attempts"] == 0 and all(proof["planted"].values())
    (tiny,) = proof["profiles"]
    assert tiny["profile"] == "tiny" and tiny["turns"] >= 3


def test_a_proof_that_fails_says_so(tmp_path: Path) -> None:
    """A site customization plants an attempt in every process: the worker's too is seen."""
    (tmp_path / "sitecustomize.py").write_text(
        "import socket\ntry:\n    socket.socket(socket.AF_INET)\nexcept OSError:\n    pass\n")
    environment = {**os.environ, "PYTHONPATH": str(tmp_path), "XDG_DATA_HOME": str(tmp_path)}
    done = subprocess.run([sys.executable, "-m", "voice_local", "doctor", "--offline-proof", "--json"], capture_output=True,
                          text=True, env=environment, check=False)
    assert done.returncode == 1
    (tiny,) = json.loads(done.stdout)["profiles"]
    assert len({attempt["pid"] for attempt in tiny["attempts"]}) >= 2, "front and worker"
