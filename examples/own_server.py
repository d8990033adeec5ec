"""A server with a handler of your own, for the page, OpenAI's clients and telephones.

    python examples/own_server.py --profile small      # http://127.0.0.1:8765/

Say "turn the light on". A caller who asks for a person is put through: once the words for it were
heard, `told` gets `ActionDue` (docs/telephones.md).
"""

from __future__ import annotations

import argparse
import asyncio

from voice_local import Assistant, Intent, Reply, Request, load
from voice_local.conversation.events import ActionDue, Event
from voice_local.server.run import Listen, serve_assistant


def light(request: Request) -> Reply:
    """Answers instead of the LLM, once the user has surely finished."""
    return Reply("The light is on.", "light", {"words": request.text})


def person(request: Request) -> Reply:
    """Puts a caller through: for a server of telephones. On the page nothing would follow."""
    return Reply("I am putting you through.", "transfer", {"to": "reception"})


def told(call_id: str, event: Event) -> None:
    """Here your program would redirect the call."""
    if isinstance(event, ActionDue):
        print(f"{call_id}: {event.action} {event.params}", flush=True)


def ready(listen: Listen) -> None:
    """Clients are answered from now on."""
    print(f"serving at {listen.url}", flush=True)


async def serve(profile: str, port: int) -> None:
    """Until SIGTERM or Ctrl-C."""
    async with Assistant(load(profile)) as assistant:
        assistant.router.register(Intent.HOME_CONTROL, light)
        assistant.router.register(Intent.HUMAN_AGENT, person)
        await serve_assistant(assistant, Listen(port=port), ready, told)


def main() -> None:
    """See the module."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--profile", default="small")
    parser.add_argument("--port", type=int, default=8765)
    options = parser.parse_args()
    asyncio.run(serve(options.profile, options.port))


if __name__ == "__main__":
    main()
