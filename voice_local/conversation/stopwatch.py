"""How long one turn has been at work, by the event loop's clock."""

from __future__ import annotations

import asyncio


class Stopwatch:
    """Started when it is made, and by `restart`.

    Attributes:
        first_sound_at: loop time at which the first audible sound was there; None before.
    """

    def __init__(self) -> None:
        self.began_at = self.now()
        self.first_sound_at: float | None = None

    def restart(self) -> None:
        """Counts from now on."""
        self.began_at = self.now()

    @staticmethod
    def now() -> float:
        """Loop time in seconds."""
        return asyncio.get_running_loop().time()

    def ms(self) -> float:
        """Milliseconds since the start."""
        return (self.now() - self.began_at) * 1000
