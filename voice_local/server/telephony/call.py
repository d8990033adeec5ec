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
from voice_local.server.pool import FAILED, SERVER_ENDS, SessionPool, Wanted
from voice_local.server.sender import Message, Sender
from voice_local.skills import farewell

HANG_UP, TRANSFER = "hang_up", "transfer"
"""Actions of a handler, and names of the marks that tell of them."""

HEARD_S, LEAD_S = 3.0, 0.5
"""How long a call that is to end waits for the caller to have heard the last words: with a mark;
without one, beyond what is sent ahead."""

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
    TIME = "it has lasted too long, or nothing was said"
    FAILED = "its session failed"
    SERVER = SERVER_ENDS


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
        self._lead_s = pool.lead_s
        self._sender = Sender(wire.transmit)
        self._keys = ""
        self._whole: asyncio.TimerHandle | None = None
        self._received_s = 0.0
        self._leaving: events.Action | None = None  # what ends it
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
            asyncio.create_task(self._watch()): None,
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
        if self._leaving and name == self._leaving.action:
            self._heard.set()
            if name == TRANSFER:  # nobody waits for it
                self._tell_due(self._leaving)

    def _type(self) -> None:
        keys, self._keys = self._keys, ""
        if keys:
            self.served.secret_turns.add(self.served.session.push_text(keys))  # may be a PIN

    async def _play(self, taken: Taken) -> None:
        if len(taken.samples):
            self._sender.put(self._wire.media(taken.samples), sound=True)

    async def _follow(self) -> Ending:
        """Tells the client what happens, until a handler ends the call."""
        wanted: events.Action | None = None
        goodbye = False
        async for event in self.served.events():
            match event:
                case events.Interrupted():
                    self._sender.drop_sound()
                    self._sender.put(self._wire.clear())
                    wanted, goodbye = None, False  # the caller has something else to say
                case events.Action(action=action) if action in (HANG_UP, TRANSFER):
                    wanted = event
                case events.TurnEnded(record=record):
                    if record.assistant_text and not record.interrupted:
                        self._sender.put(self._wire.mark(f"turn:{record.turn_id}"))
                        goodbye = not wanted and farewell.ends(record)
                        wanted = events.Action(HANG_UP, {}) if goodbye else wanted
                case events.ResponseStarted(user_initiated=True) if goodbye:
                    wanted, goodbye = None, False  # as after an interruption
                case _:
                    pass
            # A handler's words are said before it is obeyed.
            if wanted and not self.served.session.busy:
                if (ending := await self._leave(wanted)) is not None:
                    return ending
                wanted = None
        return Ending.CALLER

    async def _leave(self, wanted: events.Action) -> Ending | None:
        """Does what a handler wants. None: the call goes on, and who put it through acts on
        `ActionDue`, or on the mark."""
        self._leaving = wanted
        self._heard.clear()
        mark = self._wire.mark(wanted.action)
        self._sender.put(mark)
        if mark is not None and wanted.action == TRANSFER:
            return None
        with suppress(TimeoutError):
            without_mark_s = self._lead_s + LEAD_S
            async with asyncio.timeout(without_mark_s if mark is None else HEARD_S):
                await self._heard.wait()
        self._tell_due(wanted)
        return Ending.HANG_UP if wanted.action == HANG_UP else Ending.TRANSFER

    def _tell_due(self, wanted: events.Action) -> None:
        self._leaving = None
        self.served.tell_host(events.ActionDue(wanted.action, wanted.params))

    async def _watch(self) -> Ending:
        while (why := self._pool.why_to_end(self.served)) is None:
            await asyncio.sleep(LOOK_S)
        return {FAILED: Ending.FAILED, SERVER_ENDS: Ending.SERVER}.get(why, Ending.TIME)


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
