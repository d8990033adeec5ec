"""One telephone call: a session, whatever protocol its sound comes by."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Coroutine
from contextlib import suppress
from enum import Enum
from typing import Any, Protocol

from voice_local.audio.g711 import TELEPHONE_RATE
from voice_local.audio.types import Audio
from voice_local.conversation import events
from voice_local.conversation.output.queued_speech import Taken
from voice_local.errors import ProtocolError
from voice_local.server.pool import SessionPool, Wanted
from voice_local.server.sender import Message, Sender
from voice_local.skills import farewell

HANG_UP, TRANSFER = "hang_up", "transfer"
"""Actions of a handler, and names of the marks that tell of them."""

HEARD_S, LEAD_S = 3.0, 0.5
"""How long a call that is to end waits for the caller to have heard the last words: with a mark,
without."""

KEYS = frozenset("0123456789*#ABCD")
MOST_KEYS = 32
KEYS_S = 3.0
"""So long after the last key the number is taken as whole."""

AHEAD_S = 5.0
"""How much more sound than time has passed is taken at once; then reading waits."""

log = logging.getLogger(__name__)

LOOK_S = 1.0
"""How often limits of time are looked at."""


class Ending(Enum):
    """Why a call ends."""

    CALLER = "the caller or the network ended it"
    HANG_UP = "a handler hung up"
    TRANSFER = "a handler transferred it"
    SLOW = "the client does not read"
    TIME = "it has lasted too long"


class Wire(Protocol):
    """How a protocol tells of things; None: it has no message for that."""

    def media(self, samples: Audio) -> Message:
        """Sound of 8 kHz to be played."""
        ...

    def clear(self) -> Message | None:
        """What was sent and is not played yet is to be dropped."""
        ...

    def mark(self, name: str) -> Message | None:
        """The client says so once everything before it was played."""
        ...

    async def transmit(self, message: Message) -> None:
        """Sends one message.

        Raises:
            ConnectionError: the connection is gone.
        """
        ...


class PhoneCall:
    """One call over `wire`.

    Raises:
        CapacityError, TextInputError, ModelMissingError, ConfigError: as `SessionPool.open`.

    Attributes:
        served: its session.
    """

    def __init__(self, pool: SessionPool, wanted: Wanted, wire: Wire) -> None:
        self._pool, self._wire = pool, wire
        self._sender = Sender(wire.transmit)
        self._keys = ""
        self._whole: asyncio.TimerHandle | None = None
        self._received_s = 0.0
        self._leaving = ""  # the action that ends it
        self._heard = asyncio.Event()
        self.served = pool.open(wanted, self._play)
        self._began = asyncio.get_running_loop().time()

    async def run(self, reading: Coroutine[Any, Any, None], greeting: str = "") -> Ending:
        """Goes on until `reading`, which takes what the client sends, or the call is over.

        Raises:
            ProtocolError: as `reading`.
        """
        tasks: dict[asyncio.Task[Any], Ending | None] = {
            asyncio.create_task(reading): Ending.CALLER,
            asyncio.create_task(self._sender.run()): Ending.SLOW,
            asyncio.create_task(self._watch()): Ending.TIME,
            asyncio.create_task(self._follow()): None,
        }
        log.info("%s call %s begins", self.served.wanted.protocol, self.served.id)
        ending = Ending.CALLER
        try:
            if greeting:
                self.served.session.say(greeting)
            done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
            for task in done:
                ending = _ending(task, tasks[task])
            return ending
        finally:
            log.info("%s call %s: %s", self.served.wanted.protocol, self.served.id, ending.value)
            if self._whole:
                self._whole.cancel()
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
            await self.served.aclose()

    async def push(self, samples: Audio, rate: int = TELEPHONE_RATE) -> None:
        """Takes the caller's next sound. Waits where it comes faster than anybody speaks."""
        loop = asyncio.get_running_loop()
        self.served.push(samples, rate)
        passed_s = loop.time() - self._began
        self._received_s = max(self._received_s, passed_s - AHEAD_S) + len(samples) / rate
        await asyncio.sleep(max(0.0, self._received_s - passed_s - AHEAD_S))

    def press(self, key: str) -> None:
        """The caller has pressed a key. Keys up to `#`, or to a pause, are a typed turn; `*` takes
        them back.

        Raises:
            ProtocolError: no telephone has such a key.
        """
        if key not in KEYS:
            raise ProtocolError(f"{key[:8]!r} is no key of a telephone", "0 to 9, *, # or A to D")
        log.info("call %s: a key was pressed", self.served.id)  # which one may be secret
        self.served.session.emit(events.KeyPressed(key))
        if self._whole:
            self._whole.cancel()
            self._whole = None
        if key == "*":
            self._keys = ""
        elif key == "#":
            self._type()
        else:
            self._keys = (self._keys + key)[-MOST_KEYS:]
            self._whole = asyncio.get_running_loop().call_later(KEYS_S, self._type)

    def marked(self, name: str) -> None:
        """The client has played everything before the mark `name`."""
        if name == self._leaving:
            self._heard.set()

    def _type(self) -> None:
        keys, self._keys = self._keys, ""
        if keys:
            self.served.session.push_text(keys)

    async def _play(self, taken: Taken) -> None:
        if len(taken.samples):
            self._sender.put(self._wire.media(taken.samples), sound=True)

    async def _follow(self) -> Ending:
        """Tells the client what happens, until a handler ends the call."""
        wanted: str | None = None
        goodbye = False
        async for event in self.served.events():
            match event:
                case events.Interrupted():
                    self._sender.drop_sound()
                    self._sender.put(self._wire.clear())
                case events.Action(action=action) if action in (HANG_UP, TRANSFER):
                    wanted = action
                case events.TurnEnded(record=record) if not wanted:
                    if record.assistant_text and not record.interrupted:
                        self._sender.put(self._wire.mark(f"turn:{record.turn_id}"))
                        goodbye = farewell.ends(record)
                        wanted = HANG_UP if goodbye else None
                case events.ResponseStarted(user_initiated=True) if goodbye:
                    wanted, goodbye = None, False  # the caller has something else to say
                case _:
                    pass
            # A handler's words are said before it is obeyed.
            if wanted and not self.served.session.busy:
                if (ending := await self._leave(wanted)) is not None:
                    return ending
                wanted = None
        return Ending.CALLER

    async def _leave(self, action: str) -> Ending | None:
        """Does what a handler wants. None: the call goes on, and who put it through acts on the
        mark."""
        self._leaving = action
        self._heard.clear()
        mark = self._wire.mark(action)
        self._sender.put(mark)
        if mark is not None and action == TRANSFER:
            return None
        with suppress(TimeoutError):
            async with asyncio.timeout(HEARD_S if mark is not None else LEAD_S):
                await self._heard.wait()
        return Ending.HANG_UP if action == HANG_UP else Ending.TRANSFER

    async def _watch(self) -> None:
        while self._pool.why_to_end(self.served) is None:
            await asyncio.sleep(LOOK_S)


def _ending(task: asyncio.Task[Any], told: Ending | None) -> Ending:
    """Why a call ends whose `task` is done.

    Raises:
        ProtocolError: as the task.
    """
    try:
        found = task.result()
    except ConnectionError:
        return Ending.CALLER
    return told or Ending(found)
