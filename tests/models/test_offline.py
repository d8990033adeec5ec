"""Nothing reaches outside: the watch that would see it, and the proof over a whole spoken conversation."""

from __future__ import annotations

import json
import os
import platform
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest

from voice_local.errors import ConfigError
from voice_local.offline import watch

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
                                        "a connection to /run/dbus/system_bus_socket, behind which others may speak"),
    "a daemon by a relative path": ("import os, socket; os.chdir('/run'); "
                                    "socket.socket(socket.AF_UNIX).connect('snapd.socket')",
                                    "a connection to /run/snapd.socket, behind which others may speak"),
    "a message to a daemon": ("import socket; socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM).sendto(b'x', '/run/dbus/x')",
                              "a connection to /run/dbus/x, behind which others may speak"),
    "sendmsg to a daemon": ("import socket; s = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM); "
                            "s.sendmsg([b'x'], [], 0, '/run/dbus/x')",
                            "a connection to /run/dbus/x, behind which others may speak"),
    "another's abstract socket": ("import socket; socket.socket(socket.AF_UNIX).connect('\\0/somebody/x')",
                                  "a connection to @/somebody/x, behind which others may speak"),
    "io_uring": ("import ctypes; ctypes.CDLL(None).syscall(425, 8, ctypes.create_string_buffer(120))",
                 "io_uring, which could open sockets unseen"),
    "one who outlives its parent": ("import subprocess, sys; subprocess.Popen([sys.executable, '-c', 'import time, socket; "
                                    "time.sleep(1.5); socket.socket()'], start_new_session=True)",
                                    "a socket of family IPv4"),
}


if platform.machine() == "x86_64":
    ATTEMPTS["x32"] = ("import ctypes; ctypes.CDLL(None).syscall(0x40000029, 2, 1, 0)",
                       "a system call of another architecture")


@pytest.mark.parametrize("kind", list(ATTEMPTS))
def test_every_kind_of_attempt_is_seen_and_refused(kind: str) -> None:
    code, what = ATTEMPTS[kind]
    found = watch.run([sys.executable, "-c", code], timeout_s=60)
    assert what in [attempt.what for attempt in found.attempts]
    assert all("python" in attempt.process for attempt in found.attempts)


def test_what_stays_inside_is_neither_told_nor_hindered(tmp_path: Path) -> None:
    code = ("import socket, threading, os, pwd; pwd.getpwuid(os.getuid())\n"
            f"s = socket.socket(socket.AF_UNIX); s.bind({str(tmp_path / 'sock')!r}); s.listen()\n"
            f"c = socket.socket(socket.AF_UNIX); c.connect({str(tmp_path / 'sock')!r}); a, _ = s.accept()\n"
            "c.sendall(b'hel'); c.sendmsg([b'lo']); print(a.recv(5, socket.MSG_WAITALL).decode())")
    found = watch.run([sys.executable, "-c", code], timeout_s=60)
    assert (found.returncode, found.stdout, found.attempts) == (0, "hello\n", [])


def test_a_command_that_hangs_is_ended() -> None:
    began = time.monotonic()
    code = "import subprocess, time; subprocess.Popen(['sleep', '61']); time.sleep(60)"
    with pytest.raises(ConfigError, match="did not end"):
        watch.run([sys.executable, "-c", code], timeout_s=1)
    assert time.monotonic() - began < 15
    assert ["sleep", "61"] not in [process.info["cmdline"] for process in psutil.process_iter(["cmdline"])]


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
