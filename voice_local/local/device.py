"""The machine's real sound devices, through PortAudio. The callback only moves bytes."""

from __future__ import annotations

import asyncio
import atexit
import contextlib
import os
import sys
import threading
from collections import deque
from collections.abc import AsyncIterator, Callable, Iterator
from functools import partial
from typing import Any, TextIO, TypeVar, cast

import numpy as np

from voice_local.config import AudioSettings
from voice_local.engine.protocol import Audio
from voice_local.errors import AudioDeviceError
from voice_local.local.cards import Block, Pull

RING_S = 30.0
"""So much recorded sound may wait while the process is busy with something else."""

T = TypeVar("T")
PULSE_LATENCY_MS = 60
RETRY_S = 1.0
STALLED_S = 3.0
"""A device that gives no sound for so long has gone away."""

CLOSE_S = 2.0
"""A device that cannot be closed or opened in this time is left behind."""


def devices() -> list[dict[str, Any]]:
    """Every device: index, name, input and output channels, default rate.

    Raises:
        AudioDeviceError: PortAudio is not there.
    """
    library = _library()
    return [{"index": i, "name": d["name"], "inputs": d["max_input_channels"], "outputs": d["max_output_channels"],
             "sample_rate": d["default_samplerate"]} for i, d in enumerate(library.query_devices())]


def _library() -> Any:
    # Through ALSA's `pulse` device a PulseAudio server hands out sound in blocks of up to two seconds unless told this.
    os.environ.setdefault("PULSE_LATENCY_MSEC", str(PULSE_LATENCY_MS))
    try:
        import sounddevice
    except OSError:
        raise AudioDeviceError("PortAudio is not installed", "apt-get install libportaudio2") from None
    return sounddevice


def _named(name: str | None) -> int | str | None:
    return int(name) if name is not None and name.isdigit() else name


def _refusal(error: Exception) -> AudioDeviceError:
    what = " ".join(str(error).split())[:120]
    return AudioDeviceError(f"the sound device cannot be opened ({what})", "see voice-local talk --list-devices")


def play(samples: Audio, sample_rate: int, device: str | None = None) -> None:
    """Plays `samples` (mono, at `sample_rate` Hz) through the loudspeaker to their end.

    Raises:
        AudioDeviceError: it cannot be opened.
    """
    library = _library()
    try:
        library.play(samples, sample_rate, device=_named(device))
        library.wait()
    except (library.PortAudioError, ValueError) as error:
        raise _refusal(error) from None


class DeviceCard:
    """Microphone and loudspeaker as one duplex stream; reopened when it goes away.

    Raises:
        AudioDeviceError: there is no such device, or it does not take the rate.
    """

    def __init__(self, settings: AudioSettings) -> None:
        self._settings = settings
        library = _library()
        try:
            library.check_input_settings(_named(settings.input_device), 1, "float32", None, settings.sample_rate)
            library.check_output_settings(_named(settings.output_device), 1, "float32", None, settings.sample_rate)
        except (library.PortAudioError, ValueError) as error:
            raise _refusal(error) from None
        self._ring: deque[tuple[bytes, Any]] = deque()
        self._bound = int(RING_S * 1000 / settings.block_ms)
        self._arrived = asyncio.Event()
        self.ended, self.lost, self.overruns = False, False, 0
        self.reopened = 0
        self._stuck = False  # a stream could not be closed
        self._loop: asyncio.AbstractEventLoop | None = None

    def _open(self, pull: Pull) -> Any:
        library, loop = _library(), self._loop
        assert loop

        def callback(recorded: Any, playing: Any, frames: int, time: Any, status: Any) -> None:
            played = pull(frames)
            playing[:, 0] = played
            if status.input_overflow or len(self._ring) >= self._bound:
                self.overruns += 1
            if len(self._ring) < self._bound:
                self._ring.append((bytes(recorded), played))
            loop.call_soon_threadsafe(self._arrived.set)

        settings = self._settings
        try:
            stream = library.Stream(
                samplerate=settings.sample_rate, blocksize=settings.sample_rate * settings.block_ms // 1000, channels=1,
                dtype="float32", device=(_named(settings.input_device), _named(settings.output_device)),
                latency="low", callback=callback)
            stream.start()
        except (library.PortAudioError, ValueError) as error:
            raise _refusal(error) from None
        return stream

    async def blocks(self, pull: Pull) -> AsyncIterator[Block]:
        """See `SoundCard`.

        Raises:
            AudioDeviceError: the device cannot be opened at the start. One that goes away later is waited for.
        """
        self._loop = asyncio.get_running_loop()
        stream = self._open(pull)
        try:
            while True:
                self._arrived.clear()
                while self._ring:
                    recorded, played = self._ring.popleft()
                    yield np.frombuffer(recorded, dtype=np.float32), played
                try:
                    async with asyncio.timeout(STALLED_S):
                        await self._arrived.wait()
                except TimeoutError:
                    self.lost = True
                    await self._close(stream)
                    stream = await self._reopen(pull)
                    self.lost = False
        finally:
            await self._close(stream)

    async def _close(self, stream: Any) -> None:
        try:
            await in_time(stream.close, CLOSE_S)
        except TimeoutError:
            # Its sound server died under it, and PortAudio waits for that server for ever: so would its clean-up.
            self._stuck = True
            atexit.unregister(_library()._exit_handler)

    async def _reopen(self, pull: Pull) -> Any:
        library = _library()
        while True:
            try:
                with _hushed():
                    if not self._stuck:
                        # PortAudio knows only the devices it found when it was initialized.
                        library._terminate()
                        library._initialize()
                    stream = await in_time(partial(self._open, pull), CLOSE_S, undo=lambda late: late.close())
            except (AudioDeviceError, TimeoutError):
                await asyncio.sleep(RETRY_S)
                continue
            self.reopened += 1
            return stream


@contextlib.contextmanager
def _hushed() -> Iterator[None]:
    """Keeps off the terminal what PortAudio and ALSA print each time there is no device.

    They write to descriptor 2. What this program writes to `sys.stderr` meanwhile, from any task or thread, still comes.
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


def _writes_to(stream: TextIO, descriptor: int) -> bool:
    try:
        return stream.fileno() == descriptor
    except (OSError, ValueError):  # a program's own stream, not a file
        return False


async def in_time(call: Callable[[], T], seconds: float, undo: Callable[[T], object] = lambda late: None) -> T:
    """`call` in a thread of its own, which is left behind if it takes longer; then `undo` gets what it still returns.

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
