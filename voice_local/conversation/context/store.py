"""Conversations kept in an SQLite file, if asked. Blocking: call it off the event loop."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

from voice_local.conversation.context.history import Exchange, Memory
from voice_local.errors import OutputError

_SCHEMA = """
create table if not exists exchanges (
    conversation text not null, number integer not null, at real not null, context text not null,
    user text not null, assistant text not null, primary key (conversation, number));
create table if not exists summaries (
    conversation text primary key, summary text not null, told integer not null);
"""


@dataclass(frozen=True)
class Kept:
    """A conversation at one moment.

    Attributes:
        exchanges: its turns.
        summary: of the first `summarized` of them.
    """

    exchanges: tuple[Exchange, ...]
    summary: str = ""
    summarized: int = 0


class ConversationStore:
    """One file, any number of conversations by id."""

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

    def save(self, conversation_id: str, kept: Kept) -> None:
        """Makes the file hold exactly `kept` of that conversation.

        Raises:
            OutputError: the file cannot be written, or is no such file.
        """
        with self._open() as connection:
            known = connection.execute(
                "select number, at, context, user, assistant from exchanges where conversation = ?",
                (conversation_id,),
            ).fetchall()
            times = {tuple(row[:1] + row[2:]): row[1] for row in known}
            now = time.time()
            rows = [(i, e.context, e.user, e.answer) for i, e in enumerate(kept.exchanges)]
            self._forget(connection, conversation_id)
            connection.executemany(
                "insert into exchanges values (?, ?, ?, ?, ?, ?)",
                [(conversation_id, row[0], times.get(row, now), *row[1:]) for row in rows],
            )
            connection.execute(
                "insert into summaries values (?, ?, ?)",
                (conversation_id, kept.summary, kept.summarized),
            )

    def restore(self, conversation_id: str, memory: Memory) -> int:
        """Fills an empty `memory` with that conversation; how many exchanges there were.

        Raises:
            OutputError: as in `save`.
        """
        with self._open() as connection:
            rows = connection.execute(
                "select context, user, assistant from exchanges where conversation = ? "
                "order by number",
                (conversation_id,),
            ).fetchall()
            summary = connection.execute(
                "select summary, told from summaries where conversation = ?", (conversation_id,)
            ).fetchone()
        memory.exchanges = [Exchange(*row) for row in rows]
        if summary:
            memory.summary_state = (str(summary[0]), int(summary[1]))
        return len(rows)

    def ids(self) -> list[str]:
        """Of all conversations, the latest first.

        Raises:
            OutputError: as in `save`.
        """
        with self._open() as connection:
            rows = connection.execute(
                "select conversation from exchanges group by conversation order by max(at) desc"
            ).fetchall()
        return [str(row[0]) for row in rows]

    def delete(self, conversation_id: str) -> bool:
        """Forgets that conversation. False: there is none.

        Raises:
            OutputError: as in `save`.
        """
        with self._open() as connection:
            return self._forget(connection, conversation_id)

    @staticmethod
    def _forget(connection: sqlite3.Connection, conversation_id: str) -> bool:
        key = (conversation_id,)
        connection.execute("delete from summaries where conversation = ?", key)
        found = connection.execute("delete from exchanges where conversation = ?", key)
        return found.rowcount > 0
