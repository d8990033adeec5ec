"""System call filters of the Linux kernel, by hand: no privileges are needed and native code and children obey them too.

`deny_network` refuses every socket but local ones. `listen_network` hands each attempt to a listener instead, which
decides. Numbers are those of linux/seccomp.h, linux/filter.h and the two architectures' system call tables.
"""

from __future__ import annotations

import ctypes
import os
import platform
import struct
from collections.abc import Sequence

from voice_local.errors import ConfigError

PR_SET_NO_NEW_PRIVS = 38
SECCOMP_SET_MODE_FILTER = 1
FLAG_NEW_LISTENER = 1 << 3
KILL_PROCESS, ERRNO, USER_NOTIF, ALLOW = 0x80000000, 0x00050000, 0x7FC00000, 0x7FFF0000
EPERM, ENOSYS, EACCES = 1, 38, 13
AF_UNIX, AF_NETLINK = 1, 16
X32_BIT = 0x40000000

# (audit architecture, {name: system call number}); io_uring can make sockets without the socket call.
TABLES = {
    "x86_64": (0xC000003E, {"seccomp": 317, "socket": 41, "connect": 42, "io_uring_setup": 425}),
    "aarch64": (0xC00000B7, {"seccomp": 277, "socket": 198, "connect": 203, "io_uring_setup": 425}),
}
LD_ABS, JEQ, JGE, RET = 0x20, 0x15, 0x35, 0x06
NUMBER_AT, ARCH_AT, FIRST_ARGUMENT_AT = 0, 4, 16


class _Program(ctypes.Structure):
    _fields_ = (("length", ctypes.c_ushort), ("filter", ctypes.c_char_p))


def numbers() -> tuple[int, dict[str, int]]:
    """This machine's audit architecture and system calls.

    Raises:
        ConfigError: no Linux, or an architecture whose numbers are not known here.
    """
    if platform.system() != "Linux" or platform.machine() not in TABLES:
        raise ConfigError(f"no system call filter for {platform.system()} on {platform.machine()}",
                          "use Linux on x86_64 or aarch64")
    return TABLES[platform.machine()]


def program(on_socket: int, on_connect: int) -> bytes:
    """A filter: sockets that are neither local nor netlink get `on_socket`, every connect gets `on_connect`."""
    arch, call = numbers()
    code: list[tuple[int, int, int, int]] = [
        (LD_ABS, 0, 0, ARCH_AT), (JEQ, 1, 0, arch), (RET, 0, 0, KILL_PROCESS),
        (LD_ABS, 0, 0, NUMBER_AT), (JGE, 0, 1, X32_BIT), (RET, 0, 0, ERRNO | ENOSYS),
        (JEQ, 0, 1, call["io_uring_setup"]), (RET, 0, 0, ERRNO | ENOSYS),
        (JEQ, 0, 1, call["connect"]), (RET, 0, 0, on_connect),
        (JEQ, 1, 0, call["socket"]), (RET, 0, 0, ALLOW),
        (LD_ABS, 0, 0, FIRST_ARGUMENT_AT), (JEQ, 2, 0, AF_UNIX), (JEQ, 1, 0, AF_NETLINK), (RET, 0, 0, on_socket),
        (RET, 0, 0, ALLOW)]
    return b"".join(struct.pack("<HBBI", *one) for one in code)


def install(code: bytes, flags: int = 0) -> int:
    """Puts a filter on this process and all its children, for good; a listener's descriptor with `FLAG_NEW_LISTENER`.

    Raises:
        ConfigError: the kernel refuses.
    """
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0:
        raise ConfigError("the kernel does not let privileges go (no_new_privs)", "use a kernel of at least 5.0")
    body = ctypes.create_string_buffer(code, len(code))
    header = _Program(len(code) // 8, ctypes.cast(body, ctypes.c_char_p))
    result = int(libc.syscall(numbers()[1]["seccomp"], SECCOMP_SET_MODE_FILTER, flags, ctypes.byref(header)))
    if result < 0:
        raise ConfigError(f"the kernel refuses a system call filter ({os.strerror(ctypes.get_errno())})",
                          "use a kernel of at least 5.0 with seccomp, outside of a sandbox that forbids it")
    return result


def deny_network() -> None:
    """From now on this process and its children can open local sockets only.

    Raises:
        ConfigError: the kernel refuses.
    """
    install(program(ERRNO | EACCES, ALLOW))


def listen_network() -> int:
    """Like `deny_network`, but each attempt waits for whoever holds the descriptor that is returned.

    Raises:
        ConfigError: the kernel refuses.
    """
    return install(program(USER_NOTIF, USER_NOTIF), FLAG_NEW_LISTENER)


def leave_network() -> bool:
    """Moves this process into a network namespace without any interface; whether that was permitted."""
    clone_newuser, clone_newnet = 0x10000000, 0x40000000
    libc = ctypes.CDLL(None, use_errno=True)
    user, group = os.getuid(), os.getgid()
    if user == 0 and libc.unshare(clone_newnet) == 0:
        return True
    if libc.unshare(clone_newuser | clone_newnet) != 0:
        return False
    for name, line in (("setgroups", "deny"), ("uid_map", f"{user} {user} 1"), ("gid_map", f"{group} {group} 1")):
        try:
            with open(f"/proc/self/{name}", "w", encoding="ascii") as file:
                file.write(line)
        except OSError:
            pass  # the namespace stands all the same
    return True


def sendable(descriptors: Sequence[int]) -> bytes:
    """Ancillary data of `descriptors` for SCM_RIGHTS."""
    return struct.pack(f"{len(descriptors)}i", *descriptors)
