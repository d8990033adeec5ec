"""System call filters of the Linux kernel, by hand: no privileges are needed and native code and
children obey them too.

`deny_network` refuses every socket. `listen_network` hands each attempt to reach another process or
machine, and each file opened to be written, to a listener instead, which decides. Numbers are those
of linux/seccomp.h, linux/filter.h and of the two architectures' system calls.
"""

from __future__ import annotations

import ctypes
import os
import platform
import struct
from dataclasses import dataclass

from voice_local.errors import ConfigError

PR_SET_NO_NEW_PRIVS = 38
SECCOMP_SET_MODE_FILTER = 1
FLAG_NEW_LISTENER = 1 << 3
ERRNO, USER_NOTIF, ALLOW = 0x00050000, 0x7FC00000, 0x7FFF0000
ENOSYS, EACCES = 38, 13
AF_UNIX, AF_NETLINK = 1, 16
X32_BIT = 0x40000000

# (audit architecture, {name: system call number}); io_uring can make sockets without the socket
# call.
TABLES = {
    "x86_64": (
        0xC000003E,
        {
            "seccomp": 317,
            "socket": 41,
            "connect": 42,
            "sendto": 44,
            "sendmsg": 46,
            "sendmmsg": 307,
            "truncate": 76,
            "io_uring_setup": 425,
            "open": 2,
            "openat": 257,
            "openat2": 437,
            "creat": 85,
            "rename": 82,
            "renameat": 264,
            "renameat2": 316,
            "link": 86,
            "linkat": 265,
            "symlink": 88,
            "symlinkat": 266,
        },
    ),
    "aarch64": (
        0xC00000B7,
        {
            "seccomp": 277,
            "socket": 198,
            "connect": 203,
            "sendto": 206,
            "sendmsg": 211,
            "sendmmsg": 269,
            "truncate": 45,
            "io_uring_setup": 425,
            "openat": 56,
            "openat2": 437,
            "renameat": 38,
            "renameat2": 276,
            "linkat": 37,
            "symlinkat": 36,
        },
    ),
}
MAKES = {
    "creat": (None, 0),
    "openat2": (0, 1),
    "rename": (None, 1),
    "renameat": (2, 3),
    "renameat2": (2, 3),
    "link": (None, 1),
    "linkat": (2, 3),
    "symlink": (None, 1),
    "symlinkat": (1, 2),
    "open": (None, 0),
    "openat": (0, 1),
}
"""Calls that make files: which arguments are the folder (None: the current one) and the name."""
FLAGS_AT = {"open": 1, "openat": 2}
"""Which argument tells whether a file is opened to be written."""
WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC

LD_ABS, JEQ, JGE, JSET, RET = 0x20, 0x15, 0x35, 0x45, 0x06
NUMBER_AT, ARCH_AT, FIRST_ARGUMENT_AT, FIFTH_ARGUMENT_AT = 0, 4, 16, 48


class _Program(ctypes.Structure):
    _fields_ = (("length", ctypes.c_ushort), ("filter", ctypes.c_char_p))


def numbers() -> tuple[int, dict[str, int]]:
    """This machine's audit architecture and system calls.

    Raises:
        ConfigError: no Linux, or an architecture whose numbers are not known here.
    """
    if platform.system() != "Linux" or platform.machine() not in TABLES:
        raise ConfigError(
            f"no system call filter for {platform.system()} on {platform.machine()}",
            "use Linux on x86_64 or aarch64",
        )
    return TABLES[platform.machine()]


@dataclass(frozen=True)
class Actions:
    """What happens to a system call.

    Attributes:
        foreign: one of another architecture, of x32, or io_uring.
        socket: making a socket that is neither local nor netlink.
        local: making a local one.
        address: connecting, or sending to an address.
        message: sending a message that may have an address.
        truncate: cutting a file by its path, which older Landlocks overlook.
        write: opening a file to be written, making, linking or renaming one.
    """

    foreign: int
    socket: int
    local: int
    address: int
    message: int
    truncate: int
    write: int


DENY = Actions(
    ERRNO | ENOSYS, ERRNO | EACCES, ERRNO | EACCES, ERRNO | EACCES, ALLOW, ERRNO | EACCES, ALLOW
)
LISTEN = Actions(USER_NOTIF, USER_NOTIF, ALLOW, USER_NOTIF, USER_NOTIF, ALLOW, USER_NOTIF)


def program(actions: Actions) -> bytes:
    """The filter that does that."""
    arch, call = numbers()
    code: list[tuple[int, int, int, int]] = [
        (LD_ABS, 0, 0, ARCH_AT),
        (JEQ, 1, 0, arch),
        (RET, 0, 0, actions.foreign),
        (LD_ABS, 0, 0, NUMBER_AT),
        (JGE, 0, 1, X32_BIT),
        (RET, 0, 0, actions.foreign),
    ]
    for name, action in (
        ("io_uring_setup", actions.foreign),
        ("connect", actions.address),
        ("sendmsg", actions.message),
        ("sendmmsg", actions.message),
        ("truncate", actions.truncate),
    ):
        code += [(JEQ, 0, 1, call[name]), (RET, 0, 0, action)]
    for name in MAKES.keys() & call.keys() if actions.write != ALLOW else ():
        flags = (
            [
                (LD_ABS, 0, 0, FIRST_ARGUMENT_AT + 8 * FLAGS_AT[name]),
                (JSET, 1, 0, WRITING),
                (RET, 0, 0, ALLOW),
            ]
            if name in FLAGS_AT
            else []
        )
        code += [(JEQ, 0, len(flags) + 1, call[name]), *flags, (RET, 0, 0, actions.write)]
    code += [  # sendto without an address is as harmless as write
        (JEQ, 0, 7, call["sendto"]),
        (LD_ABS, 0, 0, FIFTH_ARGUMENT_AT),
        (JEQ, 1, 0, 0),
        (RET, 0, 0, actions.address),
        (LD_ABS, 0, 0, FIFTH_ARGUMENT_AT + 4),
        (JEQ, 1, 0, 0),
        (RET, 0, 0, actions.address),
        (RET, 0, 0, ALLOW),
    ]
    code += [
        (JEQ, 1, 0, call["socket"]),
        (RET, 0, 0, ALLOW),
        (LD_ABS, 0, 0, FIRST_ARGUMENT_AT),
        (JEQ, 0, 1, AF_UNIX),
        (RET, 0, 0, actions.local),
        (JEQ, 0, 1, AF_NETLINK),
        (RET, 0, 0, ALLOW),
        (RET, 0, 0, actions.socket),
    ]
    return b"".join(struct.pack("<HBBI", *one) for one in code)


def install(code: bytes, flags: int = 0) -> int:
    """Puts a filter on this process and all its children, permanently; a listener's descriptor with
    `FLAG_NEW_LISTENER`.

    Raises:
        ConfigError: the kernel refuses.
    """
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0:
        raise ConfigError("the kernel refuses no_new_privs", "use a kernel of at least 5.0")
    body = ctypes.create_string_buffer(code, len(code))
    header = _Program(len(code) // 8, ctypes.cast(body, ctypes.c_char_p))
    result = int(
        libc.syscall(numbers()[1]["seccomp"], SECCOMP_SET_MODE_FILTER, flags, ctypes.byref(header))
    )
    if result < 0:
        raise ConfigError(
            f"the kernel refuses a system call filter ({os.strerror(ctypes.get_errno())})",
            "use a kernel of at least 5.0 with seccomp, outside of a sandbox that forbids it",
        )
    return result


def deny_network() -> None:
    """From now on this process and its children can open no socket at all (pairs of their own
    aside).

    Raises:
        ConfigError: the kernel refuses.
    """
    install(program(DENY))


def listen_network() -> int:
    """From now on each attempt to reach outside waits for the holder of the descriptor that is
    returned.

    Raises:
        ConfigError: the kernel refuses.
    """
    return install(program(LISTEN), FLAG_NEW_LISTENER)


def leave_network() -> bool:
    """Moves this process into a network namespace without any interface; whether that was
    permitted."""
    clone_newuser, clone_newnet = 0x10000000, 0x40000000
    libc = ctypes.CDLL(None, use_errno=True)
    user, group = os.getuid(), os.getgid()
    if user == 0 and libc.unshare(clone_newnet) == 0:
        return True
    if libc.unshare(clone_newuser | clone_newnet) != 0:
        return False
    for name, line in (
        ("setgroups", "deny"),
        ("uid_map", f"{user} {user} 1"),
        ("gid_map", f"{group} {group} 1"),
    ):
        try:
            with open(f"/proc/self/{name}", "w", encoding="ascii") as file:
                file.write(line)
        except OSError:
            pass  # the namespace stands all the same
    return True
