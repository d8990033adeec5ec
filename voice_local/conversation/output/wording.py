"""What of a generation is words: a model that has a tool's result sometimes only copies it."""

from __future__ import annotations

from voice_local.engine.api import GenerateItem, TextDelta

_OPENS_JSON = ("{", "[")


class Wording:
    """One generation's. `after_results`: it answers the results of tools, and JSON is no answer.

    Attributes:
        any: whether there were words.
    """

    def __init__(self, *, after_results: bool) -> None:
        self._decided = not after_results
        self._copied = self.any = False

    def of(self, item: GenerateItem) -> GenerateItem | None:
        """The item, as far as it may be spoken; None: it may not."""
        if not isinstance(item, TextDelta):
            return item
        text = item.text if self.any else item.text.lstrip()
        if not self._decided and text:
            self._decided, self._copied = True, text.startswith(_OPENS_JSON)
        if self._copied or not text:
            return None
        self.any = True
        return item
