"""Requests to set a timer, an alarm or a reminder."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import datetime, timedelta

from voice_local.skills.abilities.said import from_the_assistant
from voice_local.skills.abilities.spoken_times import (
    DAY,
    DURATION,
    LONGEST,
    Moment,
    duration,
    in_minutes,
    moment,
)
from voice_local.skills.abilities.timer_acts import Act, TimerRequest
from voice_local.skills.abilities.timer_patterns import (
    ASKS,
    COUNT,
    MAKE_IT,
    NOT_LABELS,
    NOTIFY,
    REMARK,
    REMIND,
    SET,
    TELL_ME,
    WAKE,
)
from voice_local.skills.abilities.timers import Kind
from voice_local.skills.abilities.words import bare


def to_set(words: str, text: str, now: datetime) -> TimerRequest | None:
    """A request to set a timer, alarm or reminder, or to change the one that was set last."""
    if found := REMIND.match(words):
        return _reminder(found["rest"].strip(), now)
    if found := WAKE.match(words):
        return _wake_up(found["rest"].strip(), now)
    patterns = () if ASKS.match(words) else SET
    for imperative, pattern in zip((True, False), patterns, strict=False):
        found = pattern.match(words)
        if found is None or (not imperative and REMARK.search(words)):
            continue
        if kind_of(found["thing"]) is Kind.REMINDER:
            reminder = _reminder(_details(found), now)
            if imperative or not found["before"].strip() or (reminder and reminder.timed):
                return reminder
        elif request := _timer_or_alarm(found, imperative, now):
            return request
    return _without_a_name(words, text, now)


def _wake_up(rest: str, now: datetime) -> TimerRequest | None:
    """An alarm, from the words after "wake me up"; None where they name no time."""
    timed = re.match(r"(?:at|in|by|tomorrow|on|for|today|tonight|after|next|this|around)\b", rest)
    if rest and not timed and moment(rest, now) is None:
        return None
    return _timed(Kind.ALARM, rest, now)


def _details(found: re.Match[str]) -> str:
    """The words around "timer", "alarm" or "reminder"."""
    return f"{found['before']} {found['rest']}".strip()


def _timer_or_alarm(found: re.Match[str], imperative: bool, now: datetime) -> TimerRequest | None:
    """A request in which the word "timer" or "alarm" stands.

    `imperative`: it begins with a verb such as "set"; a short one then needs no time.
    """
    kind, details = kind_of(found["thing"]), _details(found)
    request = _timed(kind, details, now)
    if not request.timed and not (imperative and len(details.split()) <= 3):
        return None
    label = _label(found["before"], request) or _label_behind(found["rest"], now)
    return replace(request, label=label if kind is Kind.TIMER else "")


def _without_a_name(words: str, text: str, now: datetime) -> TimerRequest | None:
    """A timer without the word: "tell me when ten minutes are up", "count down from sixty seconds",
    "make it ten minutes"."""
    notified = TELL_ME.match(words) if NOTIFY.match(text.lower()) else None
    counted = COUNT.match(words)
    for spoken in (notified and notified["length"], counted and counted["rest"]):
        if spoken and (length := _only_duration(spoken)):
            return TimerRequest(Act.SET, Kind.TIMER, length)
    found = MAKE_IT.match(words)
    if found and (said_when(found["rest"], now) or in_minutes(found["rest"])):
        return TimerRequest(Act.CHANGE, to=found["rest"], again=True)
    return None


def _only_duration(words: str) -> timedelta | None:
    """The duration that `words` name; None where they name none, or say anything else."""
    return None if DURATION.sub("", words).strip() else duration(words)


def _timed(kind: Kind, rest: str, now: datetime) -> TimerRequest:
    """A request to set a timer for the duration or the time of day that `rest` names."""
    rest = re.sub(r"(?<=\w )(?:more|extra|additional) (?=\w+)", "", rest)
    length = duration(rest)
    rest = re.sub(r"^(?:to|as) ", "at ", rest)
    prepared = kind is Kind.ALARM or re.search(r"\b(?:at|for|by|until|till) ", rest)
    if kind is Kind.TIMER and length is None:
        length = in_minutes(rest)
    at = moment(rest, now) or moment(f"at {rest}", now) if length is None and prepared else None
    day = re.search(rf"\b{DAY}\b", rest) if length is None and at is None else None
    return TimerRequest(Act.SET, kind, length, at.when if at else None, day=day[0] if day else "")


def _reminder(rest: str, now: datetime) -> TimerRequest | None:
    """A reminder, from the words after "remind me": "in ten minutes to check the oven", "to call
    mum at 11am"; None for a question such as "how to open it"."""
    waits = re.search(rf"\b(?:in|after) (?:about )?({DURATION.pattern})(?: from now)?\b", rest)
    at: Moment | None = None
    length = None
    if waits:
        length = duration(waits.group(1))
        about = f"{rest[: waits.start()].strip()} {rest[waits.end() :].strip()}"
    else:
        at = moment(rest, now)
        about = f"{rest[: at.start].strip()} {rest[at.end :].strip()}" if at else rest
    if (
        length is None
        and at is None
        and re.match(r"(?:again )?(?:how|what|who|where|why|when|which|whether|of)\b", about)
    ):
        return None
    about, day = re.sub(r"^(?:for )?(?:later|please)\b ?", "", about.strip()), ""
    named = re.search(rf"^{DAY}\b|(?<!\babout )(?<!\bof )(?<!\bfor )(?<!\buntil )\b{DAY}$", about)
    if length is None and at is None and named:
        day = named[0]
        about = f"{about[: named.start()].strip()} {about[named.end() :].strip()}".strip()
    if not re.match(r"(?:to|about|of|that|when|not to|for)\b", about) and about:
        about = f"about {about}"
    when = at.when if at else None
    return TimerRequest(Act.SET, Kind.REMINDER, length, when, from_the_assistant(about), day=day)


def _label(before: str, request: TimerRequest) -> str:
    """What a timer is for, from the words before it ("pasta timer"); empty for nothing."""
    left = [word for word in DURATION.sub("", before).split() if word not in NOT_LABELS]
    return " ".join(left) if request.at is None and len(left) <= 3 else ""


def _label_behind(rest: str, now: datetime) -> str:
    """What a timer is for, from the words after it ("for the pasta"); empty for nothing."""
    tail = re.search(r" (?:for|called|named|to) (?:the |my |a )?([a-z][a-z ]{1,30})$", rest)
    if tail is None or duration(tail[0]) is not None or moment(tail[0].strip(), now) is not None:
        return ""
    return tail[1].strip()


def kind_of(thing: str) -> Kind:
    if thing.startswith("alarm"):
        return Kind.ALARM
    return Kind.REMINDER if thing.startswith("remind") else Kind.TIMER


def said_when(text: str, now: datetime) -> TimerRequest | None:
    """The time or duration of a `text` that names nothing else ("ten minutes", "at seven, please");
    None for other texts."""
    words = bare(text).removesuffix(" instead")
    words = re.sub(
        r"^(?:for|in|at|to|until|make it|let us say|say|about|maybe) ",
        lambda m: "at " if m[0] == "at " else "",
        words,
    )
    length, at = duration(words), None
    if length is not None:
        if DURATION.sub("", words).replace("from now", "").strip():
            return None
    else:
        at = moment(words, now) or moment(f"at {words}", now)
        if at is None or len(words) - (at.end - at.start) > 3:
            return None
    return TimerRequest(Act.SET, None, length, at.when if at else None)


def too_long(request: TimerRequest) -> bool:
    """Whether its duration is over `LONGEST`."""
    return request.length is not None and request.length > LONGEST
