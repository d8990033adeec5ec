# mypy: disable-error-code="import-not-found"
"""A program around the unchanged `wyoming` package, which runs in its environment alone.

Arguments: URI, then what to do with its own arguments. Prints one JSON document.
"""

import asyncio
import json
import sys
import wave
from typing import Any

from wyoming.asr import Transcribe, Transcript, TranscriptChunk, TranscriptStart, TranscriptStop
from wyoming.audio import AudioChunk, AudioStart, AudioStop, wav_to_chunks
from wyoming.client import AsyncClient
from wyoming.error import Error
from wyoming.handle import Handled, NotHandled
from wyoming.info import Describe, Info
from wyoming.intent import Intent, NotRecognized, Recognize
from wyoming.ping import Ping, Pong
from wyoming.tts import (
    Synthesize,
    SynthesizeChunk,
    SynthesizeStart,
    SynthesizeStop,
    SynthesizeStopped,
    SynthesizeVoice,
)


async def ping(client: Any, text: str) -> Any:
    await client.write_event(Ping(text=text).event())
    return Pong.from_event(await client.read_event()).text


async def describe(client: Any) -> Any:
    await client.write_event(Describe().event())
    return Info.from_event(await client.read_event()).to_dict()


async def transcribe(client: Any, path: str, model: str = "") -> Any:
    await client.write_event(Transcribe(name=model or None, language="en").event())
    with wave.open(path) as file:
        for part in wav_to_chunks(file, 1024, start_event=True, stop_event=True):
            await client.write_event(part.event())
    return await words(client)


async def words(client: Any) -> Any:
    told: dict[str, Any] = {"order": [], "chunks": ""}
    while event := await client.read_event():
        told["order"].append(event.type)
        if TranscriptChunk.is_type(event.type):
            told["chunks"] += TranscriptChunk.from_event(event).text
        elif Transcript.is_type(event.type):
            told["text"] = Transcript.from_event(event).text
            told["language"] = Transcript.from_event(event).language
            if "transcript-start" not in told["order"]:  # of a service that does not stream
                return told
        elif TranscriptStop.is_type(event.type) or Error.is_type(event.type):
            return told
        else:
            assert TranscriptStart.is_type(event.type)
    raise ConnectionError


async def say(client: Any, text: str, path: str, voice: str = "", streams: str = "") -> Any:
    named = SynthesizeVoice(name=voice) if voice else None
    if streams:
        await client.write_event(SynthesizeStart(voice=named).event())
        for word in text.split(" "):
            await client.write_event(SynthesizeChunk(text=f"{word} ").event())
        await client.write_event(Synthesize(text=text, voice=named).event())
        await client.write_event(SynthesizeStop().event())
    else:
        await client.write_event(Synthesize(text=text, voice=named).event())
    last = SynthesizeStopped if streams else AudioStop
    start, sound = AudioStart(0, 0, 0), b""
    told: list[str] = []
    while event := await client.read_event():
        told.append(event.type)
        if AudioStart.is_type(event.type):
            start = AudioStart.from_event(event)
        elif AudioChunk.is_type(event.type):
            sound += AudioChunk.from_event(event).audio
        elif Error.is_type(event.type):
            return {"error": Error.from_event(event).text}
        if last.is_type(event.type):
            with wave.open(path, "wb") as file:
                file.setparams((start.channels, start.width, start.rate, 0, "NONE", ""))
                file.writeframes(sound)
            return {"order": list(dict.fromkeys(told))}
    raise ConnectionError


async def handle(client: Any, text: str, name: str = "") -> Any:
    context = {"conversation_id": name} if name else None
    await client.write_event(Transcript(text=text, context=context, language="en").event())
    event = await client.read_event()
    kind = Handled if Handled.is_type(event.type) else NotHandled
    answer = kind.from_event(event)
    return {"type": event.type, "text": answer.text, "context": answer.context}


async def recognize(client: Any, text: str) -> Any:
    await client.write_event(Recognize(text=text).event())
    event = await client.read_event()
    if NotRecognized.is_type(event.type):
        return {"type": event.type}
    return {"type": event.type, "name": Intent.from_event(event).name}


async def main(uri: str, what: str, *arguments: str) -> None:
    async with AsyncClient.from_uri(uri, read_timeout=60) as client:
        done = await globals()[what](client, *arguments)
    print(json.dumps(done))


asyncio.run(main(*sys.argv[1:]))
