"""PortAudio: loaded once, its errors as ours, and its noise and ALSA's kept off the terminal."""

from __future__ import annotations

import asyncio
import contextlib
import ctypes
import functools
import os
import re
import sys
import threading
from collections.abc import Callable, Iterator
from typing import Any, TextIO, TypeVar, cast

from voice_local.errors import AudioDeviceError

T = TypeVar("T")
PULSE_LATENCY_MS = 60
_ALSA_HANDLER = ctypes.CFUNCTYPE(
    None, ctypes.c_char_p, ctypes.c_int, ctypes.c_char_p, ctypes.c_int, ctypes.c_char_p
)


@functools.cache
def library() -> Any:
    """The `sounddevice` module.

    Raises:
        AudioDeviceError: PortAudio is not there.
    """
    # Through ALSA's `pulse` device a PulseAudio server hands out sound in blocks of up to two
    # seconds without this.
    os.environ.setdefault("PULSE_LATENCY_MSEC", str(PULSE_LATENCY_MS))
    os.environ.setdefault(
        "JACK_NO_START_SERVER", "1"
    )  # PortAudio would start one to see whether there is one
    silence_alsa()
    try:
        # it looks for every kind of device there could be, and complains of each that there is not
        with hushed():
            import sounddevice
    except OSError:
        raise AudioDeviceError(
            "PortAudio is not installed", "apt-get install libportaudio2"
        ) from None
    return sounddevice


def named(name: str | None) -> int | str | None:
    """A device as PortAudio knows it: by index or by name; None: the default."""
    return int(name) if name is not None and name.isdigit() else name


def refusal(error: Exception) -> AudioDeviceError:
    """`error` of PortAudio as ours."""
    what = " ".join(str(error).split())[:120]
    return AudioDeviceError(
        f"the sound device cannot be opened ({what})", "see voice-local talk --list-devices"
    )


def present(kind: str, device: str | None, sample_rate: int) -> None:
    """Checks that there is a `kind` of device, "input" or "output", that takes `sample_rate` Hz,
    mono.

    Raises:
        AudioDeviceError: there is none; it says which.
    """
    sound, what = library(), {"input": "microphone", "output": "loudspeaker"}[kind]
    check = {"input": sound.check_input_settings, "output": sound.check_output_settings}[kind]
    found = [d["name"] for d in sound.query_devices() if d[f"max_{kind}_channels"] > 0]
    if not found:
        raise AudioDeviceError(
            f"this machine has no {what} that PortAudio can find",
            "connect one; without: voice-local talk --wav FILE, or voice-local chat",
        )
    try:
        with hushed():
            sound.query_devices(named(device), kind)
    except (sound.PortAudioError, ValueError):
        fitting = [name for name in found if device and device.lower() in name.lower()]
        if len(fitting) > 1:
            raise AudioDeviceError(
                f"{device!r} fits {len(fitting)} devices: {'; '.join(fitting)}",
                f"more of the name, or the index, with --{kind}-device; "
                "all of them: voice-local talk --list-devices",
            ) from None
        which = f"called {device!r}" if device is not None else "by default"
        raise AudioDeviceError(
            f"there is no {what} {which}",
            f"name one with --{kind}-device; all of them: voice-local talk --list-devices",
        ) from None
    try:
        with hushed():
            check(named(device), 1, "float32", None, sample_rate)
    except (sound.PortAudioError, ValueError) as error:
        raise refusal(error) from None


@functools.cache
def silence_alsa() -> object:
    """Keeps ALSA's messages from any thread off the terminal; returns what must live as long
    as ALSA does."""
    quiet = _ALSA_HANDLER(lambda *arguments: None)
    with contextlib.suppress(OSError, AttributeError):  # no ALSA: nothing to silence
        ctypes.CDLL("libasound.so.2").snd_lib_error_set_handler(quiet)
    return quiet


@contextlib.contextmanager
def hushed() -> Iterator[None]:
    """Keeps off the terminal what PortAudio and ALSA print each time there is no device.

    They write to descriptor 2. What this program writes to `sys.stderr` meanwhile, from any task or
    thread, still comes.
    """
    before = sys.stderr
    before.flush()
    kept, nowhere = os.dup(2), os.open(os.devnull, os.O_WRONLY)
    ours = open(kept, "w", encoding=before.encoding, errors="replace", buffering=1, closefd=False)  # noqa: SIM115
    if _writes_to(before, 2):
        sys.stderr = ours
    os.dup2(nowhere, 2)
    try:
        yield
    finally:
        ours.flush()
        os.dup2(kept, 2)
        sys.stderr = before
        os.close(kept)
        os.close(nowhere)


NOISE = re.compile(
    rb"ALSA lib |Expression '.*' failed in |jack server |JackShm|Cannot connect to server |"
    rb"connect\(2\) call to /.*jack"
)
"""How lines begin that PortAudio, ALSA and JACK write to descriptor 2 when a device goes away."""


@contextlib.contextmanager
def without_noise() -> Iterator[None]:
    """For a program at a terminal: lets through all that anything writes to standard error, but
    `NOISE`.

    PortAudio's threads write whenever they like, so this lasts as long as a device is in use.
    """
    before = sys.stderr
    before.flush()
    kept = os.dup(2)
    reader, writer = os.pipe()
    os.dup2(writer, 2)
    os.close(writer)
    ours = open(kept, "w", encoding=before.encoding, errors="replace", buffering=1, closefd=False)  # noqa: SIM115
    if _writes_to(before, 2):
        sys.stderr = ours  # at once, and still a terminal
    thread = threading.Thread(target=_pass_on, args=(reader, kept), daemon=True)
    thread.start()
    try:
        yield
    finally:
        ours.flush()
        os.dup2(kept, 2)
        sys.stderr = before
        thread.join(1.0)  # it lives on only where another program still holds the descriptor


def _pass_on(reader: int, target: int) -> None:
    with open(reader, "rb") as lines:
        for line in lines:
            if not NOISE.match(line):
                os.write(target, line)
    os.close(target)


def _writes_to(stream: TextIO, descriptor: int) -> bool:
    try:
        return stream.fileno() == descriptor
    except (OSError, ValueError):  # a program's own stream, not a file
        return False


async def in_time(
    call: Callable[[], T], seconds: float, undo: Callable[[T], object] = lambda late: None
) -> T:
    """`call` in a thread of its own, which is left behind if it takes longer; then `undo` gets what
    it still returns.

    Raises:
        TimeoutError: it took longer.
    """
    loop = asyncio.get_running_loop()
    done: asyncio.Future[T] = loop.create_future()
    late = threading.Event()

    def settle(result: T | None, error: Exception | None) -> None:
        if done.done():
            return
        if error is not None:
            done.set_exception(error)
        else:
            done.set_result(cast(T, result))

    def work() -> None:
        result, error = None, None
        try:
            result = call()
        except Exception as failure:  # whatever it is belongs to the caller
            error = failure
        if late.is_set():
            if error is None:
                undo(cast(T, result))
            return
        with contextlib.suppress(RuntimeError):  # the loop has ended meanwhile
            loop.call_soon_threadsafe(settle, result, error)

    threading.Thread(target=work, daemon=True).start()
    try:
        async with asyncio.timeout(seconds):
            return await done
    finally:
        late.set()
