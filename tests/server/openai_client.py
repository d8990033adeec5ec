"""What a program does that uses the package `openai`, which runs this with its own interpreter:

    python openai_client.py URL

Each line of standard input says what to do, as JSON: the name of a function below and its
arguments. Standard output tells what came of it, a line each. Nothing of this repository is
imported, nothing of `openai` is changed.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import openai
from openai import OpenAI

TOOL: Any = {
    "type": "function",
    "function": {
        "name": "get_weather",
        "description": "The weather of a city now.",
        "parameters": {
            "type": "object",
            "properties": {"city": {"type": "string"}},
            "required": ["city"],
        },
    },
}


def where(client: OpenAI) -> Any:
    return str(client.base_url).removesuffix("/v1/")


def models(client: OpenAI) -> Any:
    listed = [model.id for model in client.models.list()]
    return {"listed": listed, "first": client.models.retrieve(listed[0]).id}


def transcribe(client: OpenAI, path: str, wanted: str, *granularities: str) -> Any:
    extra: Any = {"timestamp_granularities": list(granularities)} if granularities else {}
    with open(path, "rb") as file:
        found: Any = client.audio.transcriptions.create(
            file=file, model="whisper-1", response_format=wanted, language="en", **extra
        )
    is_text = isinstance(found, str)
    return {
        "type": type(found).__name__,
        "value": found if is_text else found.model_dump(warnings="error"),
    }


def transcribe_stream(client: OpenAI, path: str) -> Any:
    with open(path, "rb") as file:
        events = list(
            client.audio.transcriptions.create(
                file=file, model="gpt-4o-mini-transcribe", response_format="json", stream=True
            )
        )
    return [[type(event).__name__, event.model_dump()] for event in events]


def speech(client: OpenAI, text: str, voice: str, wanted: str, out: str) -> Any:
    options: Any = {"response_format": wanted}
    began = time.monotonic()
    times = []
    with (
        client.audio.speech.with_streaming_response.create(
            model="tts-1", voice=voice, input=text, **options
        ) as response,
        open(out, "wb") as file,
    ):
        for piece in response.iter_bytes():
            times.append(time.monotonic() - began)
            file.write(piece)
        kind = response.headers["content-type"]
    return {"type": kind, "first_s": times[0], "whole_s": times[-1], "pieces": len(times)}


def chat(client: OpenAI, text: str) -> Any:
    messages: Any = [{"role": "user", "content": text}]
    found = client.chat.completions.create(
        model="gpt-4o", messages=messages, max_tokens=40, temperature=0
    )
    return found.model_dump()


def chat_stream(client: OpenAI, text: str) -> Any:
    messages: Any = [{"role": "user", "content": text}]
    chunks = list(
        client.chat.completions.create(
            model="gpt-4o",
            messages=messages,
            stream=True,
            max_tokens=40,
            temperature=0,
            stream_options={"include_usage": True},
        )
    )
    return {
        "text": "".join(choice.delta.content or "" for chunk in chunks for choice in chunk.choices),
        "reasons": [choice.finish_reason for chunk in chunks for choice in chunk.choices],
        "usage": chunks[-1].usage.model_dump() if chunks[-1].usage else None,
        "types": sorted({type(chunk).__name__ for chunk in chunks}),
    }


def chat_tools(client: OpenAI, text: str, choice: str) -> Any:
    """Asks, answers every call, and asks for words."""
    messages: Any = [{"role": "user", "content": text}]
    wanted: Any = (
        {"type": "function", "function": {"name": "get_weather"}} if choice == "named" else choice
    )
    first = client.chat.completions.create(
        model="gpt-4o", messages=messages, tools=[TOOL], tool_choice=wanted, temperature=0
    )
    message = first.choices[0].message
    found: Any = {"reason": first.choices[0].finish_reason, "message": message.model_dump()}
    if message.tool_calls:
        messages.append(message)
        for call in message.tool_calls:
            content = json.dumps({"weather": "sunny", "degrees": 21})
            messages.append({"role": "tool", "tool_call_id": call.id, "content": content})
        second = client.chat.completions.create(
            model="gpt-4o", messages=messages, tools=[TOOL], tool_choice="none", temperature=0
        )
        found["then"] = second.choices[0].message.content
    return found


def realtime(client: OpenAI, text: str) -> Any:
    """A typed turn; every event is held against the package's own types, as it does not itself."""
    from openai.types.realtime import RealtimeServerEvent
    from pydantic import TypeAdapter, ValidationError

    exact: Any = TypeAdapter(RealtimeServerEvent)
    kinds: list[str] = []
    wrong: list[str] = []
    sound = 0
    with client.realtime.connect(model="gpt-realtime") as connection:
        connection.session.update(
            session={"type": "realtime", "instructions": "Answer in one short sentence."}
        )
        content: Any = [{"type": "input_text", "text": text}]
        connection.conversation.item.create(
            item={"type": "message", "role": "user", "content": content}
        )
        connection.response.create()
        for event in connection:
            kinds.append(event.type)
            try:
                exact.validate_python(event.model_dump(exclude_unset=True))
            except ValidationError as error:
                wrong.append(f"{event.type}: {error.errors()[0]}")
            if event.type == "response.output_audio.delta":
                sound += len(event.delta) * 3 // 4
            if event.type == "error":
                wrong.append(event.error.message)
            if event.type == "response.done":
                break
    status: Any = event.response.status
    return {"kinds": sorted(set(kinds)), "wrong": wrong, "sound": sound, "status": status}


def errors(client: OpenAI, path: str) -> Any:
    """The classes that the client makes of refusals. `path`: of a recording."""
    messages: Any = [{"role": "user", "content": "word " * 5000}]
    calls: dict[str, Callable[[], Any]] = {
        "model": lambda: client.models.retrieve("no-such-model"),
        "voice": lambda: client.audio.speech.create(model="tts-1", voice="bob", input="Hi."),
        "speed": lambda: client.audio.speech.create(
            model="tts-1", voice="alloy", input="Hi.", speed=9
        ),
        "file": lambda: client.audio.transcriptions.create(file=b"nothing", model="whisper-1"),
        "language": lambda: client.audio.transcriptions.create(
            file=Path(path), model="whisper-1", language="fr"
        ),
        "translation": lambda: client.audio.translations.create(file=b"x", model="whisper-1"),
        "context": lambda: client.chat.completions.create(model="gpt-4o", messages=messages),
    }
    found: Any = {}
    for name, call in calls.items():
        try:
            call()
        except openai.APIStatusError as error:
            found[name] = [type(error).__name__, error.status_code, error.param, error.code]
    return found


def main() -> None:
    """Answers every line."""
    client = OpenAI(base_url=f"{sys.argv[1]}/v1", api_key="not-needed", max_retries=0, timeout=120)
    for line in sys.stdin:
        what, *arguments = json.loads(line)
        doing: Callable[..., Any] = globals()[what]
        try:
            answer = {"found": doing(client, *arguments)}
        except Exception as error:  # whoever asked is told
            answer = {"failed": f"{type(error).__name__}: {error}"}
        print(json.dumps(answer), flush=True)


if __name__ == "__main__":
    main()
