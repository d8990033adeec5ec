"""A ten-turn session of the package `openai-agents`, unchanged: `agents_client.py URL WAV…`.

Spoken turns, typed turns, one that is spoken over, and tools. Prints one JSON document: what each
turn's answer was, which tools were called, every error, and what the package could not validate.
"""

from __future__ import annotations

import asyncio
import json
import logging
import sys
import wave
from typing import Any

from agents import function_tool, set_tracing_disabled
from agents.realtime import RealtimeAgent, RealtimeRunner
from agents.realtime.model_inputs import RealtimeModelSendSessionUpdate

LIMIT_S = 60.0
TYPED = (
    "Tell me about the sea.",
    "What is two and two?",
    "Tell me about trains.",
    "Name a colour.",
    "Say good night.",
)


class Complaints(logging.Handler):
    """What the package logs as an error: events that it could not validate among them."""

    def __init__(self) -> None:
        super().__init__(logging.ERROR)
        self.lines: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.lines.append(record.getMessage()[:500])


class Conversation:
    """One session, and what it has told."""

    def __init__(self, session: Any) -> None:
        self.session = session
        self.turns = 0
        self.seen: list[str] = []
        self.errors: list[str] = []
        self.ended, self.sounding, self.tooled = (asyncio.Event() for _ in range(3))
        self._marks = {"agent_end": self.ended, "audio": self.sounding, "tool_end": self.tooled}

    async def read(self) -> None:
        async for event in self.session:
            self.seen.append(event.type)
            if event.type == "error":
                self.errors.append(str(event.error)[:500])
            elif event.type in self._marks:
                self._marks[event.type].set()

    async def speak(self, path: str) -> None:
        """A recording in real time, and a second of silence."""
        with wave.open(path) as file:
            data = file.readframes(file.getnframes()) + bytes(48_000)
        for at in range(0, len(data), 960):
            await self.session.send_audio(data[at : at + 960])
            await asyncio.sleep(0.02)

    async def answered(self) -> None:
        await asyncio.wait_for(self.ended.wait(), LIMIT_S)
        self.turns += 1

    async def ask(self, text: str) -> None:
        self.ended.clear()
        await self.session.send_message(text)
        await self.answered()

    async def ask_aloud(self, path: str) -> None:
        self.ended.clear()
        await self.speak(path)
        await self.answered()

    async def speak_over_an_answer(self, path: str) -> None:
        self.ended.clear()
        self.sounding.clear()
        await self.session.send_message("Tell me a long story about a dog and a cat.")
        await asyncio.wait_for(self.sounding.wait(), LIMIT_S)
        await asyncio.sleep(0.5)
        await self.ask_aloud(path)

    async def use_tool(self, agent: RealtimeAgent, tool: Any) -> None:
        await self.session.update_agent(agent)
        # The next answers have to begin with this tool.
        settings = {"tool_choice": "required", "tools": [tool]}
        await self.session.model.send_event(
            RealtimeModelSendSessionUpdate(session_settings=settings)
        )
        await self.ask("What is the weather in Paris?")
        await asyncio.wait_for(self.tooled.wait(), LIMIT_S)
        self.ended.clear()
        await self.answered()  # with what the tool has told
        await asyncio.sleep(1.0)

    @property
    def said(self) -> list[str]:
        """Every answer's words."""
        return [
            "".join(getattr(part, "transcript", None) or "" for part in item.content)
            for item in self.session._history
            if getattr(item, "role", "") == "assistant"
        ]


async def main(url: str, files: list[str]) -> dict[str, Any]:
    set_tracing_disabled(True)
    complaints = Complaints()
    logging.getLogger("openai.agents").addHandler(complaints)
    called: list[str] = []

    @function_tool
    def get_weather(city: str) -> str:
        """Tells the weather in a city."""
        called.append(city)
        return f"It is sunny in {city}, 21 degrees."

    settings = {
        "model_name": "gpt-realtime",
        "voice": "ash",
        "modalities": ["audio"],
        "input_audio_transcription": {"model": "gpt-4o-mini-transcribe"},
        "turn_detection": {"type": "semantic_vad", "interrupt_response": True},
    }
    brief = "Answer in one short sentence."
    agent = RealtimeAgent(name="Assistant", instructions=brief)
    helper = RealtimeAgent(name="Weather", instructions=brief, tools=[get_weather])
    runner = RealtimeRunner(starting_agent=agent, config={"model_settings": settings})
    session = await runner.run(model_config={"url": url, "api_key": "any"})
    async with session:
        talk = Conversation(session)
        reading = asyncio.create_task(talk.read())
        for path in files:
            await talk.ask_aloud(path)
        for text in TYPED:
            await talk.ask(text)
        await talk.speak_over_an_answer(files[0])
        await talk.use_tool(helper, get_weather)
        said = talk.said
        reading.cancel()
    return {
        "turns": talk.turns,
        "said": said,
        "called": called,
        "errors": talk.errors,
        "complaints": complaints.lines,
        "interrupted": talk.seen.count("audio_interrupted"),
        "tools": talk.seen.count("tool_end"),
    }


if __name__ == "__main__":
    print(json.dumps(asyncio.run(main(sys.argv[1], sys.argv[2:]))))
