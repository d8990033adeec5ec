"""Runs a command that cannot reach outside and tells every attempt, of native code and of children too."""

from __future__ import annotations

import array
import contextlib
import fcntl
import os
import queue
import select
import signal
import socket
import struct
import subprocess
import sys
import tempfile
import threading
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
DAEMONS = ("resolve", "dbus", "avahi", "docker", "containerd", "ssh-", "agent")
"""Parts of local sockets' paths behind which others speak to the network."""
LINGER_S = 15.0
"""How long processes that outlive the command are still watched."""


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
                             stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
                             pass_fds=[theirs.fileno()], start_new_session=True,
                             env=dict(environment) if environment is not None else None)
    theirs.close()
    listener = -1
    try:
        with _Output(child) as output:
            listener, namespace = _listener(ours, output, child)
            attempts = _serve(listener, child, time.monotonic() + timeout_s)
        return Watched(child.returncode, output.stdout, output.stderr, namespace, attempts)
    finally:
        ours.close()
        if listener >= 0:
            os.close(listener)


def _listener(ours: socket.socket, output: _Output, child: subprocess.Popen[str]) -> tuple[int, bool]:
    """(The descriptor that the child's filter asks, whether it is without any interface)."""
    ours.settimeout(60)
    try:
        message, ancillary, _, _ = ours.recvmsg(64, socket.CMSG_SPACE(4))
    except TimeoutError:
        message, ancillary = b"", []
    if not ancillary:
        output.end()
        reason = output.stderr.strip().splitlines()[-1:] or ["no reason given"]
        raise ConfigError(f"this machine cannot watch system calls ({reason[0]})", "use a kernel of at least 5.0")
    return int(array.array("i", ancillary[0][2])[0]), message == b"namespace"


class _Output:
    """Reads a child's two pipes in threads, so that it never waits for a reader."""

    def __init__(self, child: subprocess.Popen[str]) -> None:
        self.child, self.stdout, self.stderr = child, "", ""

    def __enter__(self) -> _Output:
        self._threads = [threading.Thread(target=self._read, args=(name,), daemon=True) for name in ("stdout", "stderr")]
        for thread in self._threads:
            thread.start()
        return self

    def _read(self, name: str) -> None:
        setattr(self, name, getattr(self.child, name).read())

    def __exit__(self, *_: object) -> None:
        self.end()

    def end(self) -> None:
        """Ends the child and all of its group, if they have not, and reads what is left."""
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self.child.pid, signal.SIGKILL)
        self.child.wait()
        for thread in self._threads:
            thread.join(10)


def _serve(listener: int, child: subprocess.Popen[str], until: float) -> list[Attempt]:
    """Answers the kernel's questions until the last watched process has ended; what was attempted."""
    attempts: list[Attempt] = []
    poll = select.poll()
    poll.register(listener, select.POLLIN)
    lingering = 0.0
    while True:
        now = time.monotonic()
        if child.poll() is None and now > until:
            raise ConfigError("the command watched did not end in time", "give it more time")
        if child.poll() is not None:
            lingering = lingering or now + LINGER_S
        events = [event for _, event in poll.poll(100)]
        if any(event & select.POLLIN for event in events):
            attempts += _answer(listener)
        elif any(event & (select.POLLHUP | select.POLLERR) for event in events) or (lingering and now > lingering):
            child.wait()
            return attempts


def _answer(listener: int) -> list[Attempt]:
    """Answers one question; what it was about, if it is worth telling."""
    question = bytearray(NOTIFICATION)
    try:
        fcntl.ioctl(listener, RECEIVE, question)
        identifier, pid, _, number, arch, _, *arguments = struct.unpack("<QIIiIQ6Q", question)
        what, error = _judge(pid, number, arch, arguments)
        told = [Attempt(pid, _name(pid), what)] if what else []
        fcntl.ioctl(listener, SEND, struct.pack("<QqiI", identifier, 0, -error, 0 if error else CONTINUE))
    except OSError:
        return []  # whoever asked is gone
    return told


def _judge(pid: int, number: int, arch: int, arguments: Sequence[int]) -> tuple[str, int]:
    """(What is attempted, empty if nothing to tell; the error it gets, 0 to let it pass)."""
    ours, call = seccomp.numbers()
    if arch != ours or number >= seccomp.X32_BIT:
        return "a system call of another architecture", seccomp.ENOSYS
    if number == call["io_uring_setup"]:
        return "io_uring, which could open sockets unseen", seccomp.ENOSYS
    if number == call["socket"]:
        family = arguments[0] & 0xFFFFFFFF
        return f"a socket of family {FAMILIES.get(family, family)}", seccomp.EACCES
    if number in (call["sendmsg"], call["sendmmsg"]):
        header = _memory(pid, arguments[1], 12)  # msg_name and msg_namelen come first in both
        where, length = struct.unpack("<QI", header) if len(header) == 12 else (0, 0)
        if not where or not length:
            return "", 0
    else:
        at = 4 if number == call["sendto"] else 1
        where, length = arguments[at], arguments[at + 1] & 0xFFFFFFFF
    address = _memory(pid, where, min(128, length))
    if len(address) < 2 or struct.unpack_from("<H", address)[0] != seccomp.AF_UNIX:
        return f"a connection to {_shown(address)}", seccomp.EACCES
    path = _place(pid, address[2:])
    if "nscd" in path:  # asked for users' names too: refused, so that host names are then looked for in the open
        return "", seccomp.EACCES
    if any(name in path for name in DAEMONS) or not path.startswith(_ours()):
        return f"a connection to {path}, behind which others may speak", seccomp.EACCES
    return "", 0


def _ours() -> tuple[str, ...]:
    """Where the sockets of this program and of the sound server lie."""
    places = (tempfile.gettempdir(), "/run/user", "/run/pulse", "/var/run/pulse")
    return tuple(os.path.realpath(place) + os.sep for place in places)


def _place(pid: int, name: bytes) -> str:
    """The real path of a local socket's address; "@…" of an abstract one."""
    if name[:1] == b"\0":
        return "@" + name.strip(b"\0").decode(errors="replace")
    path = name.split(b"\0")[0].decode(errors="replace")
    with contextlib.suppress(OSError):
        path = os.path.join(os.readlink(f"/proc/{pid}/cwd"), path)
    return os.path.realpath(path)


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
    """In the child: leaves the network, installs the filter, hands its listener over and becomes `command`.

    The filter asks about sending, so a thread sends that was there before it: a filter is its thread's and children's.
    """
    namespace = seccomp.leave_network()
    made: queue.Queue[int] = queue.Queue()

    def send() -> None:
        with socket.socket(fileno=channel) as sock:
            sock.sendmsg([b"namespace" if namespace else b"filter"],
                         [(socket.SOL_SOCKET, socket.SCM_RIGHTS, array.array("i", [made.get()]))])

    sender = threading.Thread(target=send)
    sender.start()
    try:
        listener = seccomp.listen_network()
    except ConfigError:
        os.close(channel)  # the thread then fails too, and the process can end
        made.put(-1)
        raise
    made.put(listener)
    sender.join()
    os.close(listener)
    os.execvp(command[0], list(command))  # noqa: S606 - becoming it is the point


if __name__ == "__main__":
    try:
        _confined(int(sys.argv[1]), sys.argv[2:])
    except (ConfigError, OSError) as error:
        print(getattr(error, "cause", error), file=sys.stderr)
        sys.exit(2)
