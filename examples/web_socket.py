"""Conversations through web sockets, one for each connection. Needs `pip install aiohttp`.

    python examples/web_socket.py --profile small --port 8080

A client connects to ws://127.0.0.1:8080/talk and sends its microphone as binary messages: 16-bit
little-endian mono samples at 16 kHz, in pieces of 20 to 100 ms, as they are recorded. It gets the
assistant's voice as binary messages (the same at 24 kHz, silence included, in real time) and what
happens as JSON: {"event": "UserSaid", "text": …}. It may send JSON, too: {"say": "…"}, {"text": "a
typed turn"}, {"interrupt": true}, {"voice": "kokoro/bf_emma"}.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import json
from collections.abc import AsyncIterator
from dataclasses import asdict

from aiohttp import WSMsgType, web

from voice_local import (
    Assistant,
    Conversation,
    InMemoryCard,
    VoiceLocalError,
    events,
    load,
    pcm16,
)

ASSISTANT = web.AppKey("assistant", Assistant)


async def talk(request: web.Request) -> web.WebSocketResponse:
    """One connection, one conversation."""
    assistant, socket = request.app[ASSISTANT], web.WebSocketResponse(heartbeat=20)
    await socket.prepare(request)
    card = InMemoryCard(assistant.settings.audio, input_rate=16_000, output_rate=24_000)
    async with assistant.converse(card) as conversation:
        telling, playing = (
            asyncio.create_task(tell(conversation, socket)),
            asyncio.create_task(play(card, socket)),
        )
        async for message in socket:
            try:
                if message.type is WSMsgType.BINARY:
                    card.push_pcm16(message.data)
                elif message.type is WSMsgType.TEXT:
                    obey(conversation, json.loads(message.data))
            except (VoiceLocalError, ValueError) as error:
                await socket.send_json({"event": "Error", "cause": str(error)})
        await conversation.aclose()  # the client has gone
        await asyncio.gather(telling, playing, return_exceptions=True)
    return socket


def obey(conversation: Conversation, command: dict[str, str]) -> None:
    """What a client may ask for beside speaking."""
    if "say" in command:
        conversation.say(command["say"])
    elif "text" in command:
        conversation.send_text(command["text"])
    elif "voice" in command:
        conversation.set_voice(command["voice"])
    elif "interrupt" in command:
        conversation.interrupt()


async def tell(conversation: Conversation, socket: web.WebSocketResponse) -> None:
    """Sends what happens."""
    async for event in conversation:
        about = event.record.as_json() if isinstance(event, events.TurnEnded) else asdict(event)
        await socket.send_json({"event": type(event).__name__, **about})


async def play(card: InMemoryCard, socket: web.WebSocketResponse) -> None:
    """Sends the assistant's voice."""
    async for samples in card.playback():
        await socket.send_bytes(pcm16(samples))


async def serve(profile: str, host: str, port: int) -> None:
    """Serves until Ctrl-C. The models are loaded once, for all connections."""

    async def models(app: web.Application) -> AsyncIterator[None]:
        async with Assistant(load(profile)) as app[ASSISTANT]:
            yield

    app = web.Application()
    app.cleanup_ctx.append(models)
    app.router.add_get("/talk", talk)
    runner = web.AppRunner(app)
    await runner.setup()
    try:
        await web.TCPSite(runner, host, port).start()
        print(f"ws://{host}:{runner.addresses[0][1]}/talk", flush=True)
        await asyncio.Event().wait()
    finally:
        await runner.cleanup()


if __name__ == "__main__":
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--profile", default="small")
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=8080)
    options = parser.parse_args()
    with contextlib.suppress(KeyboardInterrupt):
        asyncio.run(serve(options.profile, options.host, options.port))
