"""The sound devices, as the commands need them: what is missing is reported before anything is
loaded; Ctrl-C ends playing."""

from __future__ import annotations

import asyncio
import contextlib
import threading

from voice_local.audio.types import Audio
from voice_local.config import AudioSettings
from voice_local.errors import AudioDeviceError
from voice_local.local import device

MICROPHONE, LOUDSPEAKER = "microphone", "loudspeaker"


def missing() -> str:
    """Which of microphone and loudspeaker are not here, in words; empty where both are.

    Raises:
        AudioDeviceError: PortAudio is not there.
    """
    found = device.devices()
    absent = [
        name
        for name, key in ((MICROPHONE, "inputs"), (LOUDSPEAKER, "outputs"))
        if not any(one[key] > 0 for one in found)
    ]
    return " and no ".join(absent)


def require(settings: AudioSettings) -> None:
    """Refuses, in one line, where a sound device is missing. Devices that were named are checked
    when they are opened.

    Raises:
        AudioDeviceError: there is no microphone or no loudspeaker here.
    """
    if settings.input_device is None and settings.output_device is None and (absent := missing()):
        raise AudioDeviceError(f"no {absent} found; connect one, or type instead: voice-local chat")


def require_loudspeaker(
    name: str | None = None, instead: str = "write a file instead with --out"
) -> None:
    """Refuses, in one line, where there is nothing to play through; `instead`: what else can be
    done.

    Raises:
        AudioDeviceError: there is no loudspeaker here.
    """
    if name is None and LOUDSPEAKER in missing():
        raise AudioDeviceError(f"no loudspeaker found; connect one, or {instead}")


def has_loudspeaker() -> bool:
    """Whether there is something to play through."""
    try:
        return LOUDSPEAKER not in missing()
    except AudioDeviceError:
        return False


async def play(samples: Audio, sample_rate: int, name: str | None = None) -> None:
    """Plays `samples` (mono, at `sample_rate` Hz) to their end; a cancelled call leaves silence
    behind.

    Raises:
        AudioDeviceError: the device cannot be opened.
    """
    loop = asyncio.get_running_loop()
    done: asyncio.Future[None] = loop.create_future()

    def settle(error: AudioDeviceError | None) -> None:
        if done.done():
            return
        if error is None:
            done.set_result(None)
        else:
            done.set_exception(error)

    def work() -> None:
        failed: AudioDeviceError | None = None
        try:
            device.play(samples, sample_rate, name)
        except AudioDeviceError as error:
            failed = error
        with contextlib.suppress(RuntimeError):  # the loop has ended meanwhile
            loop.call_soon_threadsafe(settle, failed)

    # A thread of its own and not the loop's: nobody waits for it when this is cancelled.
    threading.Thread(target=work, daemon=True).start()
    try:
        await done
    except asyncio.CancelledError:
        import sounddevice  # loaded by what plays

        # It waits for the device, which may never answer: nobody waits for it.
        threading.Thread(target=sounddevice.stop, daemon=True).start()
        raise
