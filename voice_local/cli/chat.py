"""`voice-local chat`: a conversation by keyboard, its words shown as they come, its commands behind
a slash."""

from __future__ import annotations

import asyncio
import contextlib
import sys
import threading
from collections.abc import Callable, Coroutine, Sequence
from typing import Any, TypeVar

from rich.console import Console

from voice_local.cli import show
from voice_local.cli.aloud import Aloud
from voice_local.cli.loading import Loading
from voice_local.cli.prompt import Prompt
from voice_local.config import Settings
from voice_local.conversation.events import AssistantSays, TurnEnded, UserSaid
from voice_local.conversation.record import ConversationTurn
from voice_local.conversation.session import (
    VoiceSession,
)
from voice_local.conversation.text import (
    checked_text,
)
from voice_local.engine.worker_engine import WorkerEngine
from voice_local.errors import (
    TextInputError,
    VoiceLocalError,
)
from voice_local.local.audio_session import AWAITED_S
from voice_local.skills.responder import (
    new_conversation,
)

T = TypeVar("T")
STAGES = ("intent", "emotion", "llm")
LONGEST_STOP_S = 5.0
"""A loop that has not ended after so long is left behind."""

HELP = {
    "/help": "what can be typed here",
    "/voice": "which voice reads the answers aloud",
    "/voice NAME": "let that voice read them, as kokoro/bf_emma",
    "/voice off": "answers in writing only",
    "/bye": "end (Ctrl-D and Ctrl-C do too)",
}


class Behind:
    """An event loop in a thread of its own: this one may wait at a prompt, where Ctrl-C reaches it
    at once."""

    def __init__(self) -> None:
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)

    def __enter__(self) -> Behind:
        self._thread.start()
        return self

    def __exit__(self, *exc: object) -> None:
        with contextlib.suppress(TimeoutError):
            asyncio.run_coroutine_threadsafe(self._end(), self._loop).result(LONGEST_STOP_S)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(LONGEST_STOP_S)

    async def _end(self) -> None:
        """What was cancelled puts things in order."""
        others = asyncio.all_tasks() - {asyncio.current_task()}
        for task in others:
            task.cancel()
        await asyncio.gather(*others, return_exceptions=True)

    def run(self, work: Coroutine[Any, Any, T]) -> T:
        """Its result; interrupted meanwhile, it is cancelled."""
        future = asyncio.run_coroutine_threadsafe(work, self._loop)
        try:
            return future.result()
        except BaseException:
            future.cancel()
            raise


class Answer:
    """An answer as it comes: word after word, on a terminal broken between words and indented under
    the first."""

    def __init__(self) -> None:
        self._console = Console(highlight=False)
        self._column = 0

    def write(self, segment: str) -> None:
        """Takes the next segment."""
        for word in segment.split():
            self._word(word)
        sys.stdout.flush()

    def _word(self, word: str) -> None:
        if not self._column:
            self._console.print(f"[bold]{show.ASSISTANT:<{show.LABEL}}[/bold]", end="")
            self._column = show.LABEL
        elif self._console.is_terminal and self._column + 1 + len(word) > self._console.width:
            sys.stdout.write("\n" + " " * show.LABEL)
            self._column = show.LABEL
        else:
            sys.stdout.write(" ")
            self._column += 1
        sys.stdout.write(word)
        self._column += len(word)

    def end(self) -> None:
        """Nothing more comes."""
        if not self._column:
            self._word("…")
        sys.stdout.write("\n\n")
        sys.stdout.flush()


def chat(
    settings: Settings, once: Sequence[str] | None, as_json: bool, verbose: bool = False
) -> None:
    """See the command."""
    if as_json and not once:
        raise TextInputError(
            "--json needs something to say", "add --once TEXT, several times for several turns"
        )
    for text in once or ():
        checked_text(text)
    if once:
        asyncio.run(_once(settings, once, as_json, verbose))
    else:
        _by_keyboard(settings, verbose)


async def _once(settings: Settings, texts: Sequence[str], as_json: bool, verbose: bool) -> None:
    turns = []
    async with contextlib.AsyncExitStack() as stack:
        session = await _ready(settings, as_json, stack, AWAITED_S)
        for text in texts:
            turns.append(await session.ask(text))
            if not as_json:
                show.turn(turns[-1], verbose=verbose)
        while session.due_within(AWAITED_S):
            turns.append(await session.next_due())
            if not as_json:
                show.turn(turns[-1], verbose=verbose)
        reminders = session.context.responder.reminders
        for name in reminders.names() if reminders else ():
            show.note(f"the {name} ended with this conversation")
    if as_json:
        show.emit({"turns": [turn.as_json() for turn in turns]})


async def _ready(
    settings: Settings, quiet: bool, stack: contextlib.AsyncExitStack, lasts_s: float | None = None
) -> VoiceSession:
    """A session whose models are loaded; they go with `stack`. `lasts_s`: it ends by itself, so
    many seconds after the last turn."""
    with Loading(settings, STAGES, quiet) as loading:
        engine = WorkerEngine(settings, STAGES, show.note, loading.stage)
        await stack.enter_async_context(engine)
    context = new_conversation(engine, settings)
    if lasts_s is not None:
        context.responder.end_after(lasts_s)
    session = VoiceSession(context)
    stack.push_async_callback(session.aclose)
    return session


def _by_keyboard(settings: Settings, verbose: bool) -> None:
    prompt = Prompt(f"{show.YOU:<{show.LABEL}}")
    with Behind() as behind, contextlib.ExitStack() as closing, prompt:
        stack = contextlib.AsyncExitStack()
        closing.callback(lambda: behind.run(stack.aclose()))
        session = behind.run(_ready(settings, False, stack))
        aloud = Aloud(settings)
        written = Written(session, aloud)
        behind.run(written.follow())
        stack.push_async_callback(aloud.aclose)
        if prompt.typed:
            show.note("type to talk; /help shows what else can be typed, /bye ends")
        try:
            _take_turns(prompt, written, aloud, behind, verbose)
        except KeyboardInterrupt:
            print()  # the shell's prompt begins a line
            raise


def _take_turns(
    prompt: Prompt, written: Written, aloud: Aloud, behind: Behind, verbose: bool
) -> None:
    while (line := prompt.line()) is not None:
        text = line.strip()
        behind.run(aloud.hush())
        if text == "/bye":
            return
        if text.startswith("/"):
            _obey(text, aloud, behind)
        elif text:
            if not prompt.typed:
                show.said(show.YOU, text, Console(highlight=False))
            _answer(written, text, behind, verbose)


class Written:
    """Writes a session's events as they come: answers word by word, the rest as notes."""

    def __init__(self, session: VoiceSession, aloud: Aloud) -> None:
        self._session, self._aloud = session, aloud
        self._answer: Answer | None = None
        self._turn = ""  # the user's that was begun last
        self._following: asyncio.Task[None] | None = None

    async def follow(self) -> None:
        """Begins to write."""
        self._following = asyncio.create_task(self._follow())

    async def _follow(self) -> None:
        async for event in self._session.events():
            asked = event.place.turn_id == self._turn
            if isinstance(event, UserSaid):
                self._turn = event.place.turn_id
            elif isinstance(event, AssistantSays) and asked and self._answer:
                self._answer.write(event.text)
                self._aloud.say(event.text)
            elif isinstance(event, TurnEnded) and not asked and event.record.heard_text:
                show.note(event.record.heard_text)

    async def ask(self, text: str) -> ConversationTurn:
        """Writes the answer to `text`.

        Raises:
            TextInputError: an empty or too long text.
        """
        self._answer = answer = Answer()
        try:
            record = await self._session.ask(text)
            await asyncio.sleep(0)  # its last words are shown before its end
        finally:
            self._answer = None
        answer.end()
        return record


def _answer(written: Written, text: str, behind: Behind, verbose: bool) -> None:
    try:
        record: ConversationTurn = behind.run(written.ask(text))
    except TextInputError as error:
        show.note(f"{error.cause}: {error.remedy}")
        return
    if verbose:
        show.details(record, Console(highlight=False))


def _obey(line: str, aloud: Aloud, behind: Behind) -> None:
    """Does what a line behind a slash says."""
    command, _, rest = line.partition(" ")
    commands: dict[str, Callable[[], None]] = {
        "/help": lambda: show.pairs("What can be typed here", HELP),
        "/voice": lambda: _voice(rest.strip(), aloud, behind),
    }
    try:
        commands.get(
            command, lambda: show.note(f"there is no {command}; /help shows what there is")
        )()
    except VoiceLocalError as error:
        show.note(f"{error.cause}{f'; {error.remedy}' if error.remedy else ''}")


def _voice(name: str, aloud: Aloud, behind: Behind) -> None:
    if not name:
        show.note(
            f"{aloud.voice} reads the answers aloud"
            if aloud.voice
            else "no voice reads the answers; /voice NAME lets one do so, as: "
            + ", ".join(aloud.installed())
        )
    elif name == "off":
        behind.run(aloud.silence())
        show.note("answers in writing only")
    else:
        behind.run(aloud.take(name))
        show.note(f"{aloud.voice} reads the answers aloud")
