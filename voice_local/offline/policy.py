"""What a watched process asks of the kernel: whether it reaches outside, and which file it is about
to write."""

from __future__ import annotations

import contextlib
import os
import socket
import struct
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass

from voice_local.offline import seccomp

FAMILIES = {2: "IPv4", 10: "IPv6", 17: "packet", 40: "vsock", 31: "bluetooth", 29: "CAN", 44: "XDP"}
DAEMONS = ("resolve", "dbus", "avahi", "docker", "containerd", "ssh-", "agent")
"""Parts of local sockets' paths behind which others speak to the network."""
AT_FDCWD = 0xFFFFFF9C
PATH_BYTES = 4096


@dataclass(frozen=True)
class Verdict:
    """What is to be done about a call.

    Attributes:
        attempt: how it reaches outside; empty if it does not.
        error: the error number it gets; 0 to let it pass.
        writes: the real path of the file it opens to be written or makes; empty if none.
    """

    attempt: str = ""
    error: int = 0
    writes: str = ""


def decide(pid: int, number: int, arch: int, arguments: Sequence[int]) -> Verdict:
    """About one call of thread `pid`, which waits for the answer."""
    ours, call = seccomp.numbers()
    name = {value: key for key, value in call.items()}.get(number, "")
    if arch == ours and name in seccomp.MAKES:
        return Verdict(writes=_written(pid, name, arguments))
    return Verdict(*_reach(pid, number, arch, arguments))


def _written(pid: int, name: str, arguments: Sequence[int]) -> str:
    """Where the file lies that is written; empty where nothing is."""
    if name == "openat2":  # its flags come first in memory, where the filter cannot look
        flags = _memory(pid, arguments[2], 8)
        if len(flags) == 8 and not struct.unpack("<Q", flags)[0] & seccomp.WRITING:
            return ""
    folder_at, name_at = seccomp.MAKES[name]
    path = os.fsdecode(_memory(pid, arguments[name_at], PATH_BYTES).split(b"\0")[0])
    descriptor = arguments[folder_at] & 0xFFFFFFFF if folder_at is not None else AT_FDCWD
    with contextlib.suppress(OSError):
        folder = os.readlink(
            f"/proc/{pid}/cwd" if descriptor == AT_FDCWD else f"/proc/{pid}/fd/{descriptor}"
        )
        path = os.path.join(folder, path)
    # A folder is opened so for a file without a name, which is gone with its process.
    return "" if os.path.isdir(path) else os.path.realpath(path)


def _reach(pid: int, number: int, arch: int, arguments: Sequence[int]) -> tuple[str, int]:
    """(What is attempted, empty if nothing is; the error it gets, 0 to let it pass)."""
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
    # Asked for users' names too: refused, so that host names are then looked for in the open.
    if "nscd" in path:
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
        port = struct.unpack_from(">H", address, 2)[0]
        return f"{socket.inet_ntop(socket.AF_INET, address[4:8])}:{port}"
    if family == 10 and len(address) >= 24:
        port = struct.unpack_from(">H", address, 2)[0]
        return f"[{socket.inet_ntop(socket.AF_INET6, address[8:24])}]:{port}"
    return f"family {family}"


def _memory(pid: int, address: int, length: int) -> bytes:
    try:
        with open(f"/proc/{pid}/mem", "rb", buffering=0) as memory:
            memory.seek(address)
            return memory.read(length)
    except (OSError, OverflowError):
        return b""
