"""What can be changed in a running session."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from voice_local.config import ConversationSettings, TtsSettings
from voice_local.config_vad import VadSettings
from voice_local.conversation.context.conversation_context import ConversationContext
from voice_local.conversation.context.tools import HostTool
from voice_local.engine.api import ToolChoice


class TurnDetection(StrEnum):
    """What ends a user's turn."""

    VAD = "vad"
    """Silence, by the voice detector and the endpointer."""
    MANUAL = "manual"
    """`commit_input` alone."""


@dataclass(frozen=True)
class SessionUpdate:
    """What is None stays as it is.

    Attributes:
        voice: what it speaks with from the next segment on.
        instructions: the LLM's task.
        turn_detection: what ends a user's turn.
        auto_response: whether a finished turn of the user is answered without `create_response`.
        vocabulary: names and terms to expect.
        tools: functions that the LLM may call, in place of all before.
        remember: false: forgets everything said so far.
        tool_choice: whether the LLM may, must or must not call a tool before it answers.
        vad: how speech and its end are found.
        conversation: how the conversation behaves, but for what only its beginning decides.
        language: what the user speaks, ISO 639-1, or `auto`; empty: as the settings say.
        spoken: whether answers are spoken; else they are told as text alone. Only of a session that
            has a `SpeechQueue`.
    """

    voice: TtsSettings | None = None
    instructions: str | None = None
    turn_detection: TurnDetection | None = None
    auto_response: bool | None = None
    vocabulary: tuple[str, ...] | None = None
    tools: Sequence[HostTool] | None = None
    remember: bool | None = None
    tool_choice: ToolChoice | None = None
    vad: VadSettings | None = None
    conversation: ConversationSettings | None = None
    language: str | None = None
    spoken: bool | None = None

    def apply_to(self, context: ConversationContext) -> None:
        """Changes what concerns the conversation's context."""
        if self.voice is not None:
            context.speak_with(self.voice)
        if self.instructions is not None:
            context.instruct(self.instructions)
        if self.vocabulary is not None:
            context.vocabulary = self.vocabulary
        if self.language is not None:
            context.user_language = self.language
        if self.tools is not None:
            context.tools.clear()
            for tool in self.tools:
                context.tools.add(tool)
        if self.tool_choice is not None:
            context.tools.choice = self.tool_choice
        if self.remember is False:
            context.memory.forget_all()
        sections = {"vad": self.vad, "conversation": self.conversation}
        changed = {name: section for name, section in sections.items() if section is not None}
        if changed:
            context.settings = context.settings.model_copy(update=changed)
