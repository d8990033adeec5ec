"""The client's sound: appended, committed, cleared."""

from __future__ import annotations

import asyncio

from voice_local.audio.types import Audio
from voice_local.server.realtime.live import Live
from voice_local.server.realtime.protocol import ClientError, Json, audio_bytes
from voice_local.server.realtime.session_events import SessionEvents, transcribed

SLICE_S = 0.5
"""Seconds of sound that are worked on without a break: nobody else waits longer."""

LEAST_MS = 100
"""A commit of less sound is refused, as OpenAI's server does."""


class InputBuffer:
    """One session's."""

    def __init__(self, live: Live, events: SessionEvents) -> None:
        self._live, self._events = live, events
        self._appended_ms = 0.0  # since the last commit

    async def append(self, event: Json) -> None:
        """Takes sound.

        Raises:
            ClientError: it is no sound of the session's format.
        """
        sound_format = self._live.config.input_format
        data = audio_bytes(event)
        samples = sound_format.decoded(data)
        step = int(SLICE_S * sound_format.sample_rate)
        for start in range(0, len(samples), step):
            self.hear(samples[start : start + step], sound_format.sample_rate)
            await asyncio.sleep(0)

    def hear(self, samples: Audio, sample_rate: int) -> None:
        """Takes the next sound, float32 mono."""
        self._appended_ms += len(samples) * 1000 / sample_rate
        self._live.served.push(samples, sample_rate)

    def commit(self) -> None:
        """What was said is the user's whole turn.

        Raises:
            ClientError: there is hardly any sound.
        """
        live = self._live
        if self._appended_ms < LEAST_MS:
            raise ClientError(
                f"buffer too small. Expected at least {LEAST_MS} ms of audio, but the buffer has "
                f"{self._appended_ms:.2f} ms.",
                "input_audio_buffer_commit_empty",
            )
        self._appended_ms = 0.0
        answers = live.config.detection is not None and live.config.detection.creates
        said = live.session.commit_input()
        if said and answers:
            return  # the session answers; the item comes with it
        item = self._events.commit()
        if said:
            self._events.committed.append(item)
        else:
            live.empty_commits = True
            item.content[0]["transcript"] = ""
            transcribed(live, item, "", failed=False)

    def clear(self) -> None:
        """Forgets what the user is saying."""
        self._appended_ms = 0.0
        self._live.session.clear_input(committed=False)
        self._live.tell({"type": "input_audio_buffer.cleared"})
