"""A goodbye ends a conversation; a model's word for one, or talk of one, does not."""

from __future__ import annotations

import pytest

from voice_local.conversation.record import ConversationTurn
from voice_local.skills.farewell import ends

pytestmark = pytest.mark.unit


@pytest.mark.parametrize(
    "text",
    [
        "Goodbye.",
        "Good bye!",
        "bye",
        "Bye-bye.",
        "okay, thanks, bye",
        "That's all, goodbye.",
        "Goodbye, have a nice day!",
        "thank you, see you tomorrow",
        "Good night.",
        "See you later, bye.",
        "no, that's all",
        "goodbye then",
        "I'm done.",
    ],
)
def test_a_goodbye_ends(text: str) -> None:
    assert ends(ConversationTurn(user_text=text, handled_by="farewell"))


@pytest.mark.parametrize(
    "text",
    [
        "ha ha ha",
        "hahaha",
        "She said goodbye",
        "how do you say goodbye in French",
        "have a nice day",
        "thank you",
        "",
    ],
)
def test_what_is_no_goodbye_does_not(text: str) -> None:
    assert not ends(ConversationTurn(user_text=text, handled_by="farewell"))


@pytest.mark.parametrize("handled_by", ["llm", "deny", "emergency", None])
def test_nor_does_one_that_was_not_answered_as_such(handled_by: str | None) -> None:
    assert not ends(ConversationTurn(user_text="goodbye", handled_by=handled_by))
