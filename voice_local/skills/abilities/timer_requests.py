"""Requests about timers, alarms and reminders, recognized by rules on the words."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import datetime

from voice_local.skills.abilities.spoken_times import DURATION, duration, in_minutes, moment
from voice_local.skills.abilities.timer_acts import Act, TimerRequest
from voice_local.skills.abilities.timer_changes import names_a_time
from voice_local.skills.abilities.timer_patterns import (
    ABOUT_IT,
    ADD,
    CANCEL,
    CANCEL_IT,
    CHANGE,
    CHANGES_TO,
    DOING,
    INSTEAD,
    IS_IT,
    KINDS,
    LAST_PART,
    LEFT,
    LESS,
    LIST,
    LONGER,
    MINE,
    NOT_LABELS,
    NOT_THEN,
    OFF,
    OTHERS,
    PAUSE,
    REMIND,
    REPEATS,
    SEVERAL,
    SNOOZE,
    TIME_FIRST,
    UNTIL,
    WHEN,
)
from voice_local.skills.abilities.timer_setting import kind_of, to_set
from voice_local.skills.abilities.timers import Kind
from voice_local.skills.abilities.words import bare


def timer_request(text: str, now: datetime) -> TimerRequest | None:
    """The request that `text` makes at the time `now`; None where it is not about timers."""
    words = re.sub(r"^(?:please )?(?:do not|never) let me forget\b", "remind me", bare(text))
    if OTHERS.search(words) and not REMIND.match(words):
        return None
    if found := TIME_FIRST.match(words):  # "at four, remind me to …"
        words = f"remind me {found['when']} {found['what']}"
    request = _of_those_set(words, now)
    if request is None and (request := to_set(words, text, now)):
        several = SEVERAL.search(words) is not None
        return replace(request, repeats=REPEATS.search(words) is not None, several=several)
    if request is None and (last := LAST_PART.search(text)) and last.start():
        request = timer_request(last[1], now)
    if request is None and (mine := MINE.match(words)):
        return TimerRequest(Act.ASK, kind_of(mine["thing"]), waiting=mine["whose"] != "my")
    return request


def _of_those_set(words: str, now: datetime) -> TimerRequest | None:
    if found := SNOOZE.match(words):
        kind = kind_of(found["thing"]) if found["thing"] else None
        return TimerRequest(
            Act.SNOOZE,
            kind,
            duration(found["length"] or "") or in_minutes(found["length"] or ""),
            waiting=not words.startswith("snooze"),
        )
    if found := ADD.match(words) or LESS.match(words):
        return _longer(found, words)
    if changed := _changed(words, now):
        return changed
    for act, patterns in (
        (Act.CANCEL, (CANCEL, OFF)),
        (Act.ASK, (LEFT, UNTIL, LONGER, WHEN, LIST, IS_IT, DOING)),
        (Act.PAUSE, (PAUSE,)),
    ):
        for pattern in patterns:
            if found := pattern.match(words):
                return _which(act, found, now)
    return _no_longer(found, now) if (found := NOT_THEN.match(words)) else None


def _changed(words: str, now: datetime) -> TimerRequest | None:
    """ "Change my alarm to eight"."""
    for pattern in (CHANGE, CHANGES_TO, INSTEAD):
        found = pattern.match(words)
        if found is None:
            continue
        request, to = _which(Act.CHANGE, found, now), found["to"] or ""
        if pattern is CHANGE and not to and found["verb"] in ("reset", "switch"):
            return None  # "reset my timers", "switch my alarm on"
        if re.search(r"\bfrom \w+$", found["rest"]):  # "from ten to twenty minutes"
            request = replace(request, label="")
        if to and not names_a_time(to, now) and " to " in to:  # "the reminder to call mum to six"
            about, _, to = to.rpartition(" to ")
            request = replace(request, label=_named(about))
        to = re.sub(r"^(?:ring|go off|be|start)(?: (?:at|in))? | from$", "", to)
        waiting = pattern is not CHANGE
        if pattern is INSTEAD and (kind := _kind_instead(found)):
            request = replace(request, kind=kind)
        if to and not names_a_time(to, now):
            return replace(request, to="", waiting=True) if not waiting else None
        return replace(request, to=to, waiting=waiting)
    return None


def _kind_instead(found: re.Match[str]) -> Kind | None:
    """Of "wake me at eight instead"."""
    return Kind.ALARM if found["wake"] else Kind.REMINDER if found["remind"] else None


def _longer(found: re.Match[str], words: str) -> TimerRequest | None:
    """ "Five more minutes", "make it two minutes shorter"."""
    groups = {name: text for name, text in found.groupdict().items() if text}
    spoken = next(text for name, text in groups.items() if name.startswith("length"))
    length = duration(re.sub(r"\b(?:more|extra|additional) ", "", spoken))
    if length is None:
        return None
    named = next((text for name, text in groups.items() if name.startswith("before")), "")
    kind = Kind.TIMER if re.search(r"\btimer\b", words) else None
    kind = Kind.ALARM if re.search(r"\balarm\b", words) else kind
    told = re.match(r"(?:add|extend|increase|shorten|reduce|decrease|subtract)\b", words)
    of_it = re.search(r"\bit\b", words) is not None
    return TimerRequest(
        Act.ADD,
        kind,
        -length if found.re is LESS else length,
        label=_named(named),
        waiting=kind is None and (told is None or of_it),
    )


def _no_longer(found: re.Match[str], now: datetime) -> TimerRequest | None:
    """ "Do not wake me tomorrow", where an alarm is set."""
    rest = found["rest"].strip()
    at = moment(rest, now)
    when = at.when if at else None
    if found["what"] == "wake":
        return TimerRequest(Act.CANCEL, Kind.ALARM, at=when, waiting=True)
    label = _named(rest)
    if not label:
        return None  # a sigh: "oh, do not remind me"
    return TimerRequest(Act.CANCEL, Kind.REMINDER, None, when, label, waiting=True)


def _named(words: str) -> str:
    return " ".join(word for word in words.split() if word not in NOT_LABELS)


def about_it(text: str) -> TimerRequest | None:
    """What `text` wants of "it", where that is a timer; None for nothing."""
    words = bare(text)
    if found := CANCEL_IT.match(words):
        return TimerRequest(Act.CANCEL, all=bool(found["all"]), it=True)
    return TimerRequest(Act.ASK, it=True) if ABOUT_IT.match(words) else None


def _which(act: Act, found: re.Match[str], now: datetime) -> TimerRequest:
    """A request about timers that are already set."""
    groups = found.groupdict()
    thing = next(
        (words for name, words in groups.items() if name.startswith("thing") and words), ""
    )
    kind = kind_of(thing) if thing else None
    about = f"{groups.get('before') or ''} {groups.get('rest') or ''}".strip()
    at = moment(about, now)
    label = " ".join(word for word in DURATION.sub("", about).split() if word not in NOT_LABELS)
    many = bool((groups.get("all") or "").strip()) or (act is Act.CANCEL and thing.endswith("s"))
    if at is not None or duration(about) is not None:
        label = ""
    if KINDS.search(about):  # "my timers and alarms"
        kind, label = None, ""
    return TimerRequest(act, kind, duration(about), at.when if at else None, label, many)
