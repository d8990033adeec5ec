"""Which acts a sentence denies: "do not cancel it" is no order to cancel, whatever a model takes it
for.

Only wordings that forbid, decline or call off an act count. That something "has not arrived" or
"does not work" denies nothing, nor do questions that ask for an act with a "not" in them ("why
don't you cancel it"). In doubt an act is denied: then somebody is answered, and nothing is done.
"""

from __future__ import annotations

from dataclasses import dataclass

from voice_local.skills import negation_words as table
from voice_local.skills.refusals import stripped
from voice_local.text.written_out import written_out


@dataclass(frozen=True)
class _Part:
    """Words that hang together, and whether they are denied, by which words."""

    words: str
    denied: bool
    cue: str = ""


def denies(text: str, intent: str) -> bool:
    """Whether `text` denies the act of `intent` and asks for it nowhere else: "don't cancel it,
    track it" asks to track."""
    act = table.ACTS.get(intent)
    if act is None:
        return False
    question = table.OWN_ANSWER.search(text)
    if question and act.search(written_out(question.group(1))):
        return True  # "cancel it? god no": the answer that follows is the speaker's own
    text = table.INSTEAD.sub(r"\1 , ", written_out(text))
    left, declined = stripped(text, intent)
    parts = _parts(left)
    bare = [part.denied and bool(table.NOTHING_MORE.match(part.words)) for part in parts]
    if bare and bare[-1] and any(act.search(part.words) for part in parts):
        return True  # "… so please don't": whatever was spoken of
    asked = any(act.search(part.words) for part in parts if not part.denied)
    if asked:
        return False
    if any(_whatever(part, intent) for part in parts) and not any(
        _requests(part) for part in parts
    ):
        return True  # nothing is asked for, and an act is denied, whatever it is called
    return declined or any(bare) or any(act.search(part.words) for part in parts if part.denied)


def _whatever(part: _Part, intent: str) -> bool:
    """Whether `part` denies an act, whatever it is called, that may be one of `intent`."""
    doing, own = table.DOING.match(part.words) if part.denied else None, table.WHATEVER.get(intent)
    if doing is None or own is None or own.match(doing.group(2)):
        return False
    if intent == "human_agent" and table.MACHINE.search(part.words):
        return False
    return bool(doing.group(1)) or table.VERBAL.search(part.cue) is not None


def _requests(part: _Part) -> bool:
    """Whether `part` asks for something; "would you" alone does not."""
    return (
        not part.denied
        and len(part.words.split()) > 2
        and table.REQUEST.search(part.words) is not None
    )


def doubtful(text: str) -> bool:
    """Whether `text` has a word that often denies: an act that it may ask for all the same wants
    more certainty."""
    return table.DOUBT.search(written_out(text)) is not None


def names_the_act(text: str, intent: str) -> bool:
    """Whether `text` has a word for the act of `intent`; true for an intent whose act has no words
    of its own here."""
    act = table.ACTS.get(intent)
    return act is None or act.search(written_out(text)) is not None


def wanted(text: str, intent: str) -> str:
    """`text` without what it denies of `intent`: of "don't cancel 12, cancel 34" the last part."""
    act = table.ACTS.get(intent)
    left, declined = stripped(written_out(text), intent)
    parts = _parts(left) if act else []
    if act is None or not (
        declined or any(part.denied and act.search(part.words) for part in parts)
    ):
        return text
    return ", ".join(part.words.strip() for part in parts if part.words.strip() and not part.denied)


def nothing_else(text: str, intent: str = "") -> bool:
    """Whether `text` asks for nothing beside what it denies (of `intent`)."""
    left, _ = stripped(written_out(text), intent)
    return not any(table.REQUEST.search(part.words) for part in _parts(left) if not part.denied)


def _parts(words: str) -> list[_Part]:
    """Written out `words` in parts: clauses, each of them cut where a denial begins."""
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
