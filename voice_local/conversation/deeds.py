"""Deeds that a language model claims. It can only talk: what it says to have done, or to be about to do, nobody does.

Told by the wording of one clause, and only where the user had asked for something to be done. English.
"""

from __future__ import annotations

import re


def _any_of(words: str) -> str:
    """A pattern for each of `words`, which are parted by blanks; `_` stands for a blank within one."""
    return "|".join(word.replace("_", " ") for word in words.split())


_HIM = "(?:him|her|them)"
_IT = "(?:it|that|this)"
_DONE = _any_of(
    "turned switched set added put booked ordered called rung sent cancelled canceled scheduled reserved started "
    "stopped paused played paid saved noted written_down opened closed locked unlocked dimmed dialled dialed texted "
    "emailed messaged transferred bought created updated changed deleted removed placed notified informed reminded "
    f"alerted told_{_HIM}")
_DO = _any_of(
    "turn switch set add put book order call ring send cancel schedule reserve start stop pause play pay save note "
    "write open close lock unlock dim dial text email message transfer buy create update change delete remove place "
    f"notify inform remind alert wake bring fetch get_you make_sure look_{_IT}_up check_{_IT} let_{_HIM}_know pass")
_DOING = _any_of(
    "turning switching setting adding putting booking ordering calling ringing sending cancelling canceling "
    "scheduling reserving starting stopping pausing playing paying saving opening closing locking unlocking dimming "
    "dialling dialing texting emailing transferring buying placing notifying connecting")
_STATE = _any_of(
    "turned_(?:on|off|up|down) switched_(?:on|off) set booked ordered added sent cancelled canceled scheduled "
    "reserved placed confirmed locked unlocked dimmed paid saved on_(?:its|the)_way playing on_now off_now")
_SOON = r"(?:now |just |already |gladly |happily |quickly |also )?"
_CLAIM = re.compile(
    rf"\bI(?:['’]ve| have) {_SOON}(?:{_DONE})\b"
    rf"|\bI {_SOON}(?:{_DONE}) (?:the|your|a|an|it|that|him|her|them)\b"
    rf"|\bI(?:['’]ll| will|['’]m going to| am going to) {_SOON}(?:{_DO})\b"
    rf"|\bI(?:['’]m| am) {_SOON}(?:{_DOING})\b"
    rf"|\b(?:the|your|it|that|an?) ?(?:[\w'’-]+ ){{0,6}}(?:is|are|has been|have been|was|were|['’]s) {_SOON}(?:{_STATE})\b"
    r"|^(?:done|all set|it['’]s done|consider it done)\b", re.IGNORECASE)
_NO_CLAIM = re.compile(
    r"\b(?:if|when|once|cannot|not|never|unable|would|could|should)\b|n['’]t\b|\?\s*$", re.IGNORECASE)

_ASKED_TO = _any_of(
    "turn switch set add put book order call ring phone send cancel schedule reserve start stop pause play pay save "
    "note write open close shut lock unlock dim dial text e-?mail message transfer buy create make brew get give "
    f"bring fetch update change delete remove remind wake notify inform alert tell_(?:my|the|{_HIM}) let_(?:my|{_HIM}) "
    "find check look_up heat cool raise lower mute skip record print move connect")
_ASKED = re.compile(
    r"^(?:(?:hey|hi|hello|okay|ok|so|now|please|and|then|also|just|well)[, ]+)*"
    r"(?:(?:can|could|would|will) you (?:please )?|i(?:['’]d| would) like (?:you )?to |i (?:want|need) (?:you )?to |"
    rf"please |let['’]s )?(?:{_ASKED_TO})\b"
    r"|\b(?:i (?:need|want|would like)|i['’]d like|can i (?:have|get)|may i have|could i (?:have|get))\b", re.IGNORECASE)


def asks_for_a_deed(text: str) -> bool:
    """Whether a user's words ask for something to be done."""
    return _ASKED.search(text.strip()) is not None


def claims_a_deed(clause: str) -> bool:
    """Whether a clause says that something was done or is about to be, by whoever speaks."""
    return _CLAIM.search(clause) is not None and _NO_CLAIM.search(clause) is None
