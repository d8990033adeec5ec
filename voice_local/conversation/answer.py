"""What is spoken of the text that a language model writes, in segments. Claims of actions that
nobody did are left out, and offers to go on."""

from __future__ import annotations

from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import aclosing

from voice_local.conversation import phrases
from voice_local.conversation.output.deeds import (
    apologizes,
    asks_for_a_deed,
    claims_a_deed,
    is_a_remark,
    opens,
    promises,
    refuses,
)
from voice_local.conversation.output.segments import segments
from voice_local.engine.api import (
    FinishReason,
    GenerateItem,
    GenerationDone,
    TextDelta,
)
from voice_local.text.markup import plain_pieces


class Answer:
    """One answer to the words `asked`. `early`: see `segments`. `only_talks`: the model has no way
    to do anything.

    `small_world`: it was trained to talk as if it had: whatever was asked, each of its claims
    counts. What it refuses to answer it does not know. Another model's refusal of a remark, which
    asks for nothing, is not said.

    Attributes:
        claimed: the deed that the model claimed; None where it did not. Nothing after it is said.
    """

    def __init__(
        self, asked: str, *, early: bool, only_talks: bool, small_world: bool = False
    ) -> None:
        self._early = early
        self._asked_for_a_deed, self._only_talks = asks_for_a_deed(asked), only_talks
        self._small_world = small_world and only_talks
        self._remark = not self._small_world and is_a_remark(asked)
        self._cut_off = False
        self.claimed: str | None = None

    async def segments(
        self, pieces: AsyncGenerator[GenerateItem, None]
    ) -> AsyncGenerator[str, None]:
        """The segments of what `pieces` make up, each as soon as its end is certain."""
        said, sentence, opener = False, "", ""
        async with aclosing(pieces):
            async for segment in segments(
                plain_pieces(self._texts(pieces)), self._early, lambda: self._cut_off
            ):
                if not said and not opener and self._may_be_taken_back(segment):
                    # what follows may be a claim or a refusal, and then nothing of it is said
                    opener = segment
                    continue
                segment, opener, before = f"{opener} {segment}".strip(), "", sentence
                sentence = f"{sentence} {segment}" if sentence else segment
                if self._claims(segment) or self._claims(sentence):
                    self.claimed = segment
                    yield self._instead(said, within=bool(before))
                    return
                if self._remark and not said and refuses(segment):
                    yield phrases.I_HEAR_YOU
                    return
                if self._small_world and not self._asked_for_a_deed and refuses(segment):
                    if not said:
                        yield phrases.UNKNOWN
                    return
                said = True
                if segment.rstrip("\"'”’)").endswith((".", "!", "?", "…")):
                    sentence = ""
                yield segment
        if opener:
            yield opener
        if self._cut_off:
            yield phrases.GO_ON

    def _may_be_taken_back(self, segment: str) -> bool:
        return opens(segment) if self._small_world else self._remark and apologizes(segment)

    def _claims(self, segment: str) -> bool:
        watches = self._asked_for_a_deed or self._small_world
        return self._only_talks and (promises(segment) or (watches and claims_a_deed(segment)))

    def _instead(self, said: bool, within: bool) -> str:
        """What is said in a claim's place. `within`: part of its sentence has been said."""
        if said:
            return phrases.BUT_GOING_ON if within else phrases.BUT_ONLY_TALK
        return (
            phrases.UNKNOWN
            if self._small_world and not self._asked_for_a_deed
            else phrases.ONLY_TALK
        )

    async def _texts(self, pieces: AsyncIterator[GenerateItem]) -> AsyncIterator[str]:
        async for piece in pieces:
            if isinstance(piece, TextDelta):
                yield piece.text
            elif isinstance(piece, GenerationDone):
                self._cut_off = piece.reason is FinishReason.LENGTH
