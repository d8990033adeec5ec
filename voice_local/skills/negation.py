"""Negation: which act a sentence denies. "Do not cancel it" is no request to cancel, whatever the
model says.

Only wordings that forbid, decline or call off an act count. "Has not arrived" and "does not work"
deny nothing, nor do questions that ask for an act with "not" ("why don't you cancel it"). In doubt
an act counts as denied: the user gets an answer, and no act is done.
"""

from __future__ import annotations

from dataclasses import dataclass

from voice_local.skills import negation_words as table
from voice_local.skills.negation_acts import ACTS
from voice_local.skills.refusals import stripped
from voice_local.text.written_out import written_out


@dataclass(frozen=True)
class _Part:
    """A part of a sentence, whether it is negated, and the words that negate it (`cue`)."""

    words: str
    denied: bool
    cue: str = ""


def denies(text: str, intent: str) -> bool:
    """Whether `text` denies the act of `intent` and does not also ask for it: "don't cancel it,
    track it" denies to cancel and asks to track."""
    act = ACTS.get(intent)
    if act is None:
        return False
    question = table.OWN_ANSWER.search(text)
    if question and act.search(written_out(question.group(1))):
        return True  # "cancel it? god no": speakers answer their own question
    text = table.INSTEAD.sub(r"\1 , ", table.NOT_THAT.sub(r"\1 do not ", written_out(text)))
    left, declined = stripped(text, intent)
    parts = _parts(left)
    bare = [part.denied and bool(table.NOTHING_MORE.match(part.words)) for part in parts]
    if bare and bare[-1] and any(act.search(part.words) for part in parts):
        return True  # "… so please don't": negates the act of the parts before
    asked = any(act.search(part.words) for part in parts if not part.denied)
    if asked:
        return False
    if any(_whatever(part, intent) or _unwanted(part) for part in parts) and not any(
        _requests(part) for part in parts
    ):
        return True  # nothing is asked for, and some act is denied
    return declined or any(bare) or any(act.search(part.words) for part in parts if part.denied)


def _whatever(part: _Part, intent: str) -> bool:
    """Whether `part` denies an act by a verb that is not in the tables but may mean that of
    `intent`."""
    doing, own = table.DOING.match(part.words) if part.denied else None, table.WHATEVER.get(intent)
    if doing is None or own is None or own.match(doing.group(2)):
        return False
    if intent == "human_agent" and table.MACHINE.search(part.words):
        return False
    return bool(doing.group(1)) or table.VERBAL.search(part.cue) is not None


def _unwanted(part: _Part) -> bool:
    """Whether `part` is a thing that is not wanted, and no more: "skip the order update"."""
    return (
        part.denied
        and table.OBJECT.search(part.cue) is not None
        and table.BASE_VERB.search(part.words) is None
    )


def _requests(part: _Part) -> bool:
    """Whether `part` is a request; "would you" alone is none."""
    return (
        not part.denied
        and len(part.words.split()) > 2
        and table.REQUEST.search(part.words) is not None
    )


def doubtful(text: str) -> bool:
    """Whether `text` has a word that often negates, so that an act needs a higher confidence."""
    return table.DOUBT.search(written_out(text)) is not None


def names_the_act(text: str, intent: str) -> bool:
    """Whether `text` has a word for the act of `intent`; true for an intent that is not in the
    tables."""
    act = ACTS.get(intent)
    return act is None or act.search(written_out(text)) is not None


def wanted(text: str, intent: str) -> str:
    """`text` without the parts that deny the act of `intent`: of "don't cancel 12, cancel 34" the
    last part."""
    act = ACTS.get(intent)
    left, declined = stripped(written_out(text), intent)
    parts = _parts(left) if act else []
    if act is None or not (
        declined or any(part.denied and act.search(part.words) for part in parts)
    ):
        return text
    return ", ".join(part.words.strip() for part in parts if part.words.strip() and not part.denied)


def nothing_else(text: str, intent: str = "") -> bool:
    """Whether `text` contains no request besides what it denies (of `intent`)."""
    left, _ = stripped(written_out(text), intent)
    return not any(table.REQUEST.search(part.words) for part in _parts(left) if not part.denied)


def _parts(words: str) -> list[_Part]:
    """The clauses of `words`, which are written out, each split where a negation begins."""
    found = []
    for clause in table.BREAKS.split(words):
        cue = table.CUES.search(clause)
        if cue is None:
            found.append(_Part(clause, False))
        else:
            found += [
                _Part(clause[: cue.start()].strip(), False),
                _Part(clause[cue.end() :], True, cue.group(0)),
            ]
    return [part for part in found if part.words or part.denied]
