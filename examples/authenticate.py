"""Cancels an order, but only for somebody who knows the account's code. Nothing leaves this
machine.

    python examples/authenticate.py --profile small     # speak
    python examples/authenticate.py --text              # type, for example: cancel order AB1234

A handler of a personal intent (here: cancel_order) runs only for a person who is known. Where a
verifier is registered it finds out who that is; a host program that knows already says so:
converse(card, authenticated=True), or later conversation.authenticate().
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import sys

from voice_local import (
    Assistant,
    Conversation,
    DeviceCard,
    InMemoryCard,
    Intent,
    Reply,
    Request,
    events,
    load,
)

CODES = {"4711": "Ada", "2580": "Grace"}
ORDERS = {"AB1234": "lamp", "CD5678": "teapot"}


def verify(request: Request) -> bool | Reply:
    """Called when somebody unknown asks for something personal, and again with what they reply."""
    if not request.verifying:
        return Reply("What is your four digit code?")
    return request.entities.get("order_number") in CODES  # "4711", or "four seven one one"


def cancel_order(request: Request) -> Reply:
    """Called once the person is known and has surely finished speaking."""
    number = request.entities.get("order_number", "")
    if number not in ORDERS:
        return Reply("I can not find that order.")
    return Reply(f"The {ORDERS.pop(number)} is cancelled.", "cancelled", {"order_number": number})


async def read_lines(conversation: Conversation, turn_ended: asyncio.Event) -> None:
    """Takes each line of standard input as a turn, once the one before has been answered."""
    while line := await asyncio.to_thread(sys.stdin.readline):
        if line.strip():
            turn_ended.clear()
            conversation.send_text(line)
            await turn_ended.wait()
    conversation.end()


async def main() -> None:
    """Talks until the last line, or Ctrl-C."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--profile", default="small")
    parser.add_argument("--text", action="store_true")
    options = parser.parse_args()
    settings = load(options.profile)
    async with Assistant(settings) as assistant:
        assistant.router.register(Intent.CANCEL_ORDER, cancel_order)
        assistant.router.register_verifier(verify)
        card = InMemoryCard(settings.audio) if options.text else DeviceCard(settings.audio)
        turn_ended = asyncio.Event()
        async with assistant.converse(card) as conversation:
            if options.text:
                typing = asyncio.create_task(read_lines(conversation, turn_ended))
            async for event in conversation:
                if isinstance(event, events.AssistantSays):
                    print(f"assistant: {event.text}", flush=True)
                elif isinstance(event, events.Action):
                    print(f"to be done: {event.action} {event.params}", flush=True)
                elif isinstance(event, events.TurnEnded):
                    turn_ended.set()
            if options.text:
                await typing


if __name__ == "__main__":
    with contextlib.suppress(KeyboardInterrupt):
        asyncio.run(main())
