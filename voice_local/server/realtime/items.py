"""The items of a Realtime conversation, in order."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from voice_local.server.realtime.protocol import (
    ClientError,
    Json,
    audio_bytes,
    known_keys,
    object_of,
    text_of,
)

MOST_ITEMS = 2000
"""Of one conversation; the oldest are forgotten."""

ROOT = "root"
"""`previous_item_id` of an item that is to come first."""


class ItemKind(StrEnum):
    """What an item is."""

    MESSAGE = "message"
    CALL = "function_call"
    OUTPUT = "function_call_output"


class Role(StrEnum):
    """Whose message it is."""

    USER = "user"
    ASSISTANT = "assistant"
    SYSTEM = "system"


PARTS = {
    Role.USER: ("input_text", "input_audio"),
    Role.ASSISTANT: ("output_text", "output_audio"),
    Role.SYSTEM: ("input_text",),
}
KEYS = {
    ItemKind.MESSAGE: ("id", "object", "type", "role", "status", "content", "phase"),
    ItemKind.CALL: ("id", "object", "type", "status", "name", "arguments", "call_id"),
    ItemKind.OUTPUT: ("id", "object", "type", "status", "call_id", "output"),
}


@dataclass
class Item:
    """One item.

    Attributes:
        content: parts, as the API writes them.
        sound: of a user's message that a client made of sound: bytes, in the session's format.
        turn_id: the turn that it belongs to; empty: none.
        sent_ms: how much sound of it was sent.
        seconds: how long its sound is, of a user's.
        fields: `name`, `arguments`, `call_id`, `output` of calls and outputs.
    """

    id: str
    kind: ItemKind
    role: Role | None = None
    status: str = "completed"
    content: list[dict[str, Any]] = field(default_factory=list)
    sound: bytes = b""
    turn_id: str = ""
    sent_ms: float = 0.0
    seconds: float = 0.0
    fields: dict[str, str] = field(default_factory=dict)

    @property
    def text(self) -> str:
        """Its words."""
        words = (part.get("text") or part.get("transcript") or "" for part in self.content)
        return " ".join(word for word in words if word)

    def as_json(self) -> dict[str, Any]:
        """As the API writes it."""
        told: dict[str, Any] = {
            "id": self.id,
            "object": "realtime.item",
            "type": self.kind.value,
            "status": self.status,
        }
        if self.role is None:
            return {**told, **self.fields}
        return {**told, "role": self.role.value, "content": [dict(part) for part in self.content]}


class Items:
    """One conversation's."""

    def __init__(self) -> None:
        self._items: dict[str, Item] = {}

    def clear(self) -> None:
        """Forgets all."""
        self._items.clear()

    def __contains__(self, item_id: object) -> bool:
        return item_id in self._items

    def add(self, item: Item, after: str | None = None) -> str | None:
        """Takes an item in, after the item `after` or at the end; the id of the one before it.

        Raises:
            ClientError: `after` is not known, or the item's id is taken.
        """
        if item.id in self._items:
            raise ClientError(f"There is an item '{item.id}' already.", "item_exists", "item.id")
        ids = list(self._items)
        if after is None:
            place = len(ids)
        elif after == ROOT:
            place = 0
        elif after in self._items:
            place = ids.index(after) + 1
        else:
            raise ClientError(f"There is no item '{after}'.", "item_not_found", "previous_item_id")
        if place == len(ids):
            self._items[item.id] = item
        else:
            ids.insert(place, item.id)
            self._items = {one: self._items.get(one, item) for one in ids}
        while len(self._items) > MOST_ITEMS:
            del self._items[next(iter(self._items))]
        return ids[place - 1] if place else None

    def get(self, item_id: str, param: str = "item_id") -> Item:
        """The item of that id.

        Raises:
            ClientError: there is none.
        """
        found = self._items.get(item_id)
        if found is None:
            raise ClientError(f"There is no item '{item_id}'.", "item_not_found", param)
        return found

    def sent_before_ms(self, item: Item) -> float:
        """How much sound of the same turn was sent in items before `item`."""
        sent = 0.0
        for one in self._items.values():
            if one is item:
                break
            if one.turn_id == item.turn_id:
                sent += one.sent_ms
        return sent

    def remove(self, item_id: str) -> Item:
        """Takes an item out.

        Raises:
            ClientError: there is none.
        """
        found = self.get(item_id)
        del self._items[item_id]
        return found


def item_of(value: Any, new_id: str) -> Item:
    """The item that a client makes.

    Raises:
        ClientError: it is of no known kind, or incomplete.
    """
    given = object_of(value, "item")
    try:
        kind = ItemKind(str(given.get("type")))
    except ValueError:
        names = ", ".join(ItemKind)
        raise ClientError(f"'item.type' has to be one of: {names}.", param="item.type") from None
    known_keys(given, KEYS[kind], "item")
    item_id = given.get("id")
    if item_id is not None:
        text_of(given, "id", "item", longest=64)
    item = Item(item_id or new_id, kind)
    if kind is ItemKind.MESSAGE:
        _fill_message(item, given)
    elif kind is ItemKind.CALL:
        item.fields = {key: text_of(given, key, "item") for key in ("name", "arguments")}
        item.fields["call_id"] = given.get("call_id") or new_id
    else:
        item.fields = {key: text_of(given, key, "item") for key in ("call_id", "output")}
    return item


def _fill_message(item: Item, given: Json) -> None:
    try:
        item.role = Role(str(given.get("role")))
    except ValueError:
        raise ClientError(
            f"'item.role' has to be one of: {', '.join(Role)}.", param="item.role"
        ) from None
    content = given.get("content")
    if not isinstance(content, list):
        raise ClientError("'item.content' has to be a list.", "invalid_type", "item.content")
    for number, value in enumerate(content):
        name = f"item.content[{number}]"
        part = object_of(value, name)
        if part.get("type") not in PARTS[item.role]:
            names = ", ".join(PARTS[item.role])
            raise ClientError(f"'{name}.type' has to be one of: {names}.", param=f"{name}.type")
        item.content.append(_part(item, part, name))


def _part(item: Item, part: Json, name: str) -> dict[str, Any]:
    if part["type"] in ("input_text", "output_text"):
        return {"type": part["type"], "text": text_of(part, "text", name)}
    if part["type"] == "input_audio" and part.get("audio") is not None:
        item.sound += audio_bytes(part)
    transcript = part.get("transcript")
    return {"type": part["type"], "transcript": transcript if isinstance(transcript, str) else None}
