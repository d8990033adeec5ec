"""Sentences the assistant says without the LLM, whatever skills it has."""

from __future__ import annotations

NOT_CAUGHT = "I didn't quite catch that. Could you say that again?"
STILL_NOT_CAUGHT = (
    "I still can't make out your words. It may help to come closer to the microphone, or to say it "
    "in other "
    "words."
)
NO_WORDS = "I can only make sense of words. What would you like to say?"
LISTENING = "I am listening. You can also ask me what I can do."
LATER = "Give me a moment to think about that."
IDLE = "Are you still there? Is there anything else I can help with?"
RESTARTED = "Sorry, I need a moment."
NO_ANSWER = "Sorry, I can not answer right now."
NO_WORDS_FOR_IT = "That was passed on, but I can not put into words what came back."
"""After a tool's result of which the LLM says nothing."""
GO_ON = "Shall I go on?"
ONLY_TALK = "I can only talk, so I can't do that for you."
BUT_ONLY_TALK = "But I can only talk, so I can't do that for you."
BUT_GOING_ON = "but I can only talk, so I can't do that for you."
"""The same after a comma."""
I_HEAR_YOU = "I hear you. Do you want to tell me more about it?"
"""In the place of a small model's "I can't assist with that", said to somebody who asked for
nothing."""
UNKNOWN = "I do not know that, sorry."
NOT_VERIFIED = "I can't do that, because I don't know who you are."
LEFT = "Okay, I will not do that."
STILL_WORKING = "I am still working on that. I will tell you when it is done."
WORK_FAILED = "I am sorry, I could not do what I was working on."
FILLERS = (LATER, RESTARTED)
"""Said to gain time: an answer begins after them."""

FIXED = (
    NOT_CAUGHT,
    STILL_NOT_CAUGHT,
    LISTENING,
    NO_WORDS,
    LATER,
    IDLE,
    RESTARTED,
    NO_ANSWER,
    NO_WORDS_FOR_IT,
    GO_ON,
    ONLY_TALK,
    BUT_ONLY_TALK,
    BUT_GOING_ON,
    I_HEAR_YOU,
    UNKNOWN,
    NOT_VERIFIED,
    LEFT,
    STILL_WORKING,
    WORK_FAILED,
)
