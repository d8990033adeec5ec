"""Landlock (Linux 5.13): what a process may write to, given up without privileges and permanently;
linux/landlock.h."""

from __future__ import annotations

import ctypes
import os
from collections.abc import Sequence
from pathlib import Path

CREATE_RULESET, ADD_RULE, RESTRICT_SELF = 444, 445, 446
PATH_BENEATH = 1
# Every right that changes something: write, remove, make, refer, truncate; by version of the
# interface.
_WRITES = {1: 0x1FF2, 2: 1 << 13, 3: 1 << 14}
_OF_A_FILE = 1 << 1 | 1 << 14


class _Ruleset(ctypes.Structure):
    _fields_ = (("handled_access_fs", ctypes.c_uint64),)


class _PathBeneath(ctypes.Structure):
    _pack_ = 1
    _fields_ = (("allowed_access", ctypes.c_uint64), ("parent_fd", ctypes.c_int32))


def version() -> int:
    """The kernel's version of the interface; 0 where there is none."""
    libc = ctypes.CDLL(None, use_errno=True)
    return max(0, int(libc.syscall(CREATE_RULESET, None, 0, 1)))


def write_only_below(places: Sequence[Path]) -> bool:
    """From now on this process and its children change only `places` (files, or all below folders);
    whether that holds."""
    kernel = version()
    rights = 0
    for since, bits in _WRITES.items():
        rights |= bits if kernel >= since else 0
    if not rights:
        return False
    libc = ctypes.CDLL(None, use_errno=True)
    attributes = _Ruleset(rights)
    ruleset = libc.syscall(CREATE_RULESET, ctypes.byref(attributes), ctypes.sizeof(attributes), 0)
    if ruleset < 0:
        return False
    try:
        for place in places:
            descriptor = os.open(place, os.O_PATH | os.O_CLOEXEC)
            try:
                rule = _PathBeneath(rights if place.is_dir() else rights & _OF_A_FILE, descriptor)
                if libc.syscall(ADD_RULE, ruleset, PATH_BENEATH, ctypes.byref(rule), 0) != 0:
                    return False
            finally:
                os.close(descriptor)
        libc.prctl(38, 1, 0, 0, 0)
        return bool(libc.syscall(RESTRICT_SELF, ruleset, 0) == 0)
    finally:
        os.close(ruleset)
