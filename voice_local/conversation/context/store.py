"""Conversations kept in an SQLite file, if asked."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from voice_local.conversation.context.history import (
    Exchange,
    Memory,
)
from voice_local.errors import OutputError

_SCHEMA = """
create table if not exists exchanges (
    conversation text not null, number integer not null, at real not null, context text not null,
    user text not null, assistant text not null, primary key (conversation, number));
create table if not exists summaries (
    conversation text primary key, summary text not null, told integer not null);
"""


class ConversationStore:
    """One file, any number of conversations by name."""

    def __init__(self, path: Path) -> None:
        self._path = path

    @contextmanager
    def _open(self) -> Iterator[sqlite3.Connection]:
        try:
            with closing(sqlite3.connect(self._path)) as connection, connection:
                connection.executescript(_SCHEMA)
                yield connection
        except sqlite3.Error as error:
            raise OutputError(
                f"cannot keep conversations in {self._path} ({error})", "choose another file"
            ) from None

    def save(self, name: str, memory: Memory) -> None:
        """Writes what `memory` holds and the file does not.

        Raises:
            OutputError: the file cannot be written, or is no such file.
        """
        with self._open() as connection:
            known = connection.execute(
                "select count(*) from exchanges where conversation = ?", (name,)
            ).fetchone()[0]
            connection.executemany(
                "insert into exchanges values (?, ?, ?, ?, ?, ?)",
                [
                    (name, i, time.time(), e.context, e.user, e.assistant)
                    for i, e in enumerate(memory.exchanges)
                    if i >= known
                ],
            )
            connection.execute(
                "insert or replace into summaries values (?, ?, ?)", (name, *memory.told)
            )

    def restore(self, name: str, memory: Memory) -> int:
        """Fills an empty `memory` with conversation `name`; how many exchanges there were.

        Raises:
            OutputError: as in `save`.
        """
        with self._open() as connection:
            rows = connection.execute(
                "select context, user, assistant from exchanges where conversation = ? "
                "order by number",
                (name,),
            ).fetchall()
            told = connection.execute(
                "select summary, told from summaries where conversation = ?", (name,)
            ).fetchone()
        memory.exchanges = [Exchange(*row) for row in rows]
        if told:
            memory.told = (str(told[0]), int(told[1]))
        return len(rows)
