"""Runs a command that cannot reach outside and tells every attempt, of native code and of children too."""

from __future__ import annotations

import array
import fcntl
import os
import select
import socket
import struct
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from voice_local.errors import ConfigError
from voice_local.offline import seccomp

# _IOWR('!', 0, struct seccomp_notif) and _IOWR('!', 1, struct seccomp_notif_resp), 80 and 24 bytes.
NOTIFICATION, RESPONSE = 80, 24
RECEIVE, SEND = 0xC0502100, 0xC0182101
CONTINUE = 1
FAMILIES = {2: "IPv4", 10: "IPv6", 17: "packet", 40: "vsock", 31: "bluetooth", 29: "CAN", 44: "XDP"}
DAEMONS = ("resolve", "dbus", "avahi", "docker", "containerd", "ssh-agent")
"""Parts of local sockets' paths behind which others speak to the network."""


@dataclass(frozen=True)
class Attempt:
    """One attempt to reach outside: which process, by name, and what it tried."""

    pid: int
    process: str
    what: str


@dataclass
class Watched:
    """What came of it.

    Attributes:
        returncode: of the command.
        stdout, stderr: what it wrote.
        namespace: whether it ran without any network interface, besides being filtered.
        attempts: in order.
    """

    returncode: int
    stdout: str
    stderr: str
    namespace: bool
    attempts: list[Attempt] = field(default_factory=list)


def run(command: Sequence[str], environment: Mapping[str, str] | None = None, timeout_s: float = 600.0) -> Watched:
    """Runs `command` confined and watched to its end.

    Raises:
        ConfigError: this machine cannot watch system calls; it took longer than `timeout_s`.
    """
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    child = subprocess.Popen([sys.executable, "-m", "voice_local.offline.watch", str(theirs.fileno()), *command],
                             stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, pass_fds=[theirs.fileno()],
                             env=dict(environment) if environment is not None else None)
    theirs.close()
    attempts: list[Attempt] = []
    try:
        ours.settimeout(60)
        try:
            message, ancillary, _, _ = ours.recvmsg(64, socket.CMSG_SPACE(4))
        except TimeoutError:
            message, ancillary = b"", []
        if not ancillary:
            _, told = child.communicate(timeout=10)
            reason = told.strip().splitlines()[-1] if told.strip() else "no reason given"
            raise ConfigError(f"this machine cannot watch system calls ({reason})", "use a kernel of at least 5.0")
        listener = array.array("i", ancillary[0][2])[0]
        with _Output(child) as output:
            _serve(listener, child, attempts, time.monotonic() + timeout_s)
            os.close(listener)
        return Watched(child.returncode, output.stdout, output.stderr, message == b"namespace", attempts)
    finally:
        ours.close()
        if child.poll() is None:
            child.kill()
            child.wait()


class _Output:
    """Reads a child's two pipes in threads, so that it never waits for a reader."""

    def __init__(self, child: subprocess.Popen[str]) -> None:
        self.child, self.stdout, self.stderr = child, "", ""

    def __enter__(self) -> _Output:
        import threading

        self._threads = [threading.Thread(target=self._read, args=(name,), daemon=True) for name in ("stdout", "stderr")]
        for thread in self._threads:
            thread.start()
        return self

    def _read(self, name: str) -> None:
        setattr(self, name, getattr(self.child, name).read())

    def __exit__(self, *_: object) -> None:
        for thread in self._threads:
            thread.join(10)


def _serve(listener: int, child: subprocess.Popen[str], attempts: list[Attempt], until: float) -> None:
    """Answers the kernel's questions until `child` has ended."""
    poll = select.poll()
    poll.register(listener, select.POLLIN)
    while child.poll() is None:
        if time.monotonic() > until:
            raise ConfigError("the command watched did not end in time", "give it more time")
        if not any(event & select.POLLIN for _, event in poll.poll(100)):
            continue
        question = bytearray(NOTIFICATION)
        try:
            fcntl.ioctl(listener, RECEIVE, question)
        except OSError:
            continue  # whoever asked is gone
        identifier, pid, _, number, _, _, *arguments = struct.unpack("<QIIiIQ6Q", question)
        what, allowed = _judge(pid, number, arguments)
        if what:
            attempts.append(Attempt(pid, _name(pid), what))
        answer = struct.pack("<QqiI", identifier, 0, 0 if allowed else -seccomp.EACCES, CONTINUE if allowed else 0)
        try:
            fcntl.ioctl(listener, SEND, answer)
        except OSError:
            continue


def _judge(pid: int, number: int, arguments: Sequence[int]) -> tuple[str, bool]:
    """(What is attempted, empty if nothing to tell; whether to let it pass)."""
    if number == seccomp.numbers()[1]["socket"]:
        family = arguments[0] & 0xFFFFFFFF
        return f"a socket of family {FAMILIES.get(family, family)}", False
    address = _memory(pid, arguments[1], min(128, arguments[2] & 0xFFFFFFFF))
    if len(address) >= 2 and struct.unpack_from("<H", address)[0] == seccomp.AF_UNIX:
        path = address[2:].split(b"\0\0")[0].strip(b"\0").decode(errors="replace")
        if "nscd" in path:  # asked for users' names too: refused, so that host names are then looked for in the open
            return "", False
        through = next((name for name in DAEMONS if name in path), None)
        return (f"a connection to {path}, which speaks to others", False) if through else ("", True)
    return f"a connection to {_shown(address)}", False


def _shown(address: bytes) -> str:
    family = struct.unpack_from("<H", address)[0] if len(address) >= 2 else -1
    if family == 2 and len(address) >= 8:
        return f"{socket.inet_ntop(socket.AF_INET, address[4:8])}:{struct.unpack_from('>H', address, 2)[0]}"
    if family == 10 and len(address) >= 24:
        return f"[{socket.inet_ntop(socket.AF_INET6, address[8:24])}]:{struct.unpack_from('>H', address, 2)[0]}"
    return f"family {family}"


def _memory(pid: int, address: int, length: int) -> bytes:
    try:
        with open(f"/proc/{pid}/mem", "rb", buffering=0) as memory:
            memory.seek(address)
            return memory.read(length)
    except (OSError, OverflowError):
        return b""


def _name(pid: int) -> str:
    try:
        words = Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")
        return " ".join(word.decode(errors="replace") for word in words[:4] if word)[:80]
    except OSError:
        return "?"


def _confined(channel: int, command: Sequence[str]) -> None:
    """In the child: leaves the network, installs the filter, hands its listener over and becomes `command`."""
    namespace = seccomp.leave_network()
    with socket.socket(fileno=channel) as sock:
        listener = seccomp.listen_network()
        sock.sendmsg([b"namespace" if namespace else b"filter"],
                     [(socket.SOL_SOCKET, socket.SCM_RIGHTS, seccomp.sendable([listener]))])
    os.close(listener)
    os.execvp(command[0], list(command))  # noqa: S606 - becoming it is the point


if __name__ == "__main__":
    try:
        _confined(int(sys.argv[1]), sys.argv[2:])
    except (ConfigError, OSError) as error:
        print(getattr(error, "cause", error), file=sys.stderr)
        sys.exit(2)
