"""Runs a command that cannot reach outside; reports every attempt and every file written, of native
code and children too."""

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
import threading
import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from voice_local.errors import ConfigError
from voice_local.offline import seccomp
from voice_local.offline.policy import decide
from voice_local.offline.switches import started_with

# _IOWR('!', 0, struct seccomp_notif) and _IOWR('!', 1, struct seccomp_notif_resp), 80 and 24 bytes.
NOTIFICATION, RESPONSE = 80, 24
RECEIVE, SEND = 0xC0502100, 0xC0182101
CONTINUE = 1
LINGER_S = 15.0
"""How long processes that outlive the command are still watched."""


@dataclass(frozen=True)
class Attempt:
    """One attempt to reach outside: which process, by name, and what it tried."""

    pid: int
    process: str
    what: str


@dataclass
class SandboxResult:
    """The result.

    Attributes:
        returncode: of the command.
        stdout, stderr: what it wrote.
        namespace: whether it ran without any network interface, besides being filtered.
        attempts: in order.
        written: real paths of the files it opened to be written, made or renamed, each once.
    """

    returncode: int
    stdout: str
    stderr: str
    namespace: bool
    attempts: list[Attempt] = field(default_factory=list)
    written: list[str] = field(default_factory=list)


def run(
    command: Sequence[str],
    environment: Mapping[str, str] | None = None,
    timeout_s: float = 600.0,
    typed: Iterable[str] = (),
    stop: threading.Event | None = None,
) -> SandboxResult:
    """Runs `command` confined and watched to its end.

    `environment`: None for this process's. `typed`: what comes on its standard input, taken as it
    comes; then that ends. `stop`: set from another thread, it gives the command up.

    Raises:
        ConfigError: this machine cannot watch system calls; it took longer than `timeout_s`, or was
            given up.
    """
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    child = subprocess.Popen(
        [sys.executable, "-m", "voice_local.offline.watch", str(theirs.fileno()), *command],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        pass_fds=[theirs.fileno()],
        start_new_session=True,
        env=dict(environment) if environment is not None else None,
    )
    theirs.close()
    listener = -1
    try:
        with _Output(child) as output:
            threading.Thread(target=_type, args=(child, typed), daemon=True).start()
            listener, namespace = _listener(ours, output, child)
            attempts: list[Attempt] = []
            written: list[str] = []
            _serve(
                listener,
                child,
                time.monotonic() + timeout_s,
                stop or threading.Event(),
                attempts,
                written,
            )
        return SandboxResult(
            child.returncode, output.stdout, output.stderr, namespace, attempts, written
        )
    finally:
        ours.close()
        if listener >= 0:
            os.close(listener)


def _type(child: subprocess.Popen[str], typed: Iterable[str]) -> None:
    """Writes `typed` to the child's standard input and ends that; stops where nobody reads any
    more."""
    assert child.stdin
    with contextlib.suppress(OSError, ValueError):
        for line in typed:
            child.stdin.write(line)
            child.stdin.flush()
    with contextlib.suppress(OSError):
        child.stdin.close()


def _listener(
    ours: socket.socket, output: _Output, child: subprocess.Popen[str]
) -> tuple[int, bool]:
    """(The descriptor that the child's filter asks, whether it is without any interface)."""
    ours.settimeout(60)
    try:
        message, ancillary, _, _ = ours.recvmsg(64, socket.CMSG_SPACE(4))
    except TimeoutError:
        message, ancillary = b"", []
    if not ancillary:
        output.end()
        reason = output.stderr.strip().splitlines()[-1:] or ["no reason given"]
        raise ConfigError(
            f"this machine cannot watch system calls ({reason[0]})", "use a kernel of at least 5.0"
        )
    return int(array.array("i", ancillary[0][2])[0]), message == b"namespace"


class _Output:
    """Reads a child's two pipes in threads, so that it never waits for a reader."""

    def __init__(self, child: subprocess.Popen[str]) -> None:
        self.child, self.stdout, self.stderr = child, "", ""

    def __enter__(self) -> _Output:
        self._threads = [
            threading.Thread(target=self._read, args=(name,), daemon=True)
            for name in ("stdout", "stderr")
        ]
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


def _serve(
    listener: int,
    child: subprocess.Popen[str],
    until: float,
    stop: threading.Event,
    attempts: list[Attempt],
    written: list[str],
) -> None:
    """Answers the kernel's questions until the last watched process has ended; fills `attempts` and
    `written`."""
    poll = select.poll()
    poll.register(listener, select.POLLIN)
    lingering = 0.0
    while True:
        now = time.monotonic()
        if stop.is_set():
            raise ConfigError("the watched command was stopped")
        if child.poll() is None and now > until:
            raise ConfigError("the watched command did not end in time", "give it more time")
        if child.poll() is not None:
            lingering = lingering or now + LINGER_S
        events = [event for _, event in poll.poll(100)]
        if any(event & select.POLLIN for event in events):
            _answer(listener, attempts, written)
        elif any(event & (select.POLLHUP | select.POLLERR) for event in events) or (
            lingering and now > lingering
        ):
            child.wait()
            return


def _answer(listener: int, attempts: list[Attempt], written: list[str]) -> None:
    """Answers one question, and keeps what is worth telling of it."""
    question = bytearray(NOTIFICATION)
    try:
        fcntl.ioctl(listener, RECEIVE, question)
        identifier, pid, _, number, arch, _, *arguments = struct.unpack("<QIIiIQ6Q", question)
        found = decide(pid, number, arch, arguments)
        name = _name(pid) if found.attempt else ""
        fcntl.ioctl(
            listener,
            SEND,
            struct.pack("<QqiI", identifier, 0, -found.error, 0 if found.error else CONTINUE),
        )
    except OSError:
        return  # the thread that asked is gone
    if found.attempt:
        attempts.append(Attempt(pid, name, found.attempt))
    if found.writes and found.writes not in written:
        written.append(found.writes)


def _name(pid: int) -> str:
    try:
        words = Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")
        return " ".join(word.decode(errors="replace") for word in words[:4] if word)[:80]
    except OSError:
        return "?"


def _confined(channel: int, command: Sequence[str]) -> None:
    """In the child: leaves the network, installs the filter, hands its listener over and becomes
    `command`.

    The filter asks about sending, so a thread sends that was there before it: a filter is its
    thread's and children's.
    """
    # As it was given: our own switches in this process prove nothing about `command`.
    environment = started_with()
    namespace = seccomp.leave_network()
    made: queue.Queue[int] = queue.Queue()

    def send() -> None:
        with socket.socket(fileno=channel) as sock:
            sock.sendmsg(
                [b"namespace" if namespace else b"filter"],
                [(socket.SOL_SOCKET, socket.SCM_RIGHTS, array.array("i", [made.get()]))],
            )

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
    os.execvpe(command[0], list(command), environment)  # noqa: S606 - becoming it is the point


if __name__ == "__main__":
    try:
        _confined(int(sys.argv[1]), sys.argv[2:])
    except (ConfigError, OSError) as error:
        print(getattr(error, "cause", error), file=sys.stderr)
        sys.exit(2)
