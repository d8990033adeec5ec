"""What people ask of timers, alarms and reminders, told by rules on the words."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import Enum

from voice_local.skills.abilities.spoken_times import (
    DURATION,
    LONGEST,
    Moment,
    duration,
    moment,
)
from voice_local.skills.abilities.timers import Kind
from voice_local.skills.abilities.words import bare


class Act(Enum):
    """What is to be done."""

    SET = "set"
    CANCEL = "cancel"
    ASK = "ask"
    ADD = "add"
    PAUSE = "pause"


@dataclass(frozen=True)
class TimerRequest:
    """One request.

    Attributes:
        kind: None where any kind may be meant.
        length: a duration that was named: how long to wait, or which timer.
        at: a time of day that was named.
        label: what it is for.
        all: "all my timers".
        again: the timer that was set last is to be changed ("make it ten minutes").
    """

    act: Act
    kind: Kind | None = None
    length: timedelta | None = None
    at: datetime | None = None
    label: str = ""
    all: bool = False
    again: bool = False

    @property
    def timed(self) -> bool:
        """Whether it says when."""
        return self.length is not None or self.at is not None


_THING = r"(?P<thing>timers?|countdowns?|alarms?(?: clocks?)?|reminders?)"
_MAKE = (
    r"(?:set(?: up)?|start|make|create|begin|put(?: on)?|run|add|give me|schedule|get|have|need|"
    r"want|use)"
)
_ONE = r"(?:a |an |another |one |the |my |me a |me an |new |second |third |quick )*"
_SET = (
    re.compile(rf"^{_MAKE} {_ONE}(?P<before>(?:[\w:'.]+ ){{0,6}}?){_THING}\b(?P<rest>.*)$"),
    re.compile(
        rf"^(?:a |an |another |new )*(?P<before>(?:[\w:'.]+ ){{0,6}}?){_THING}(?: set| going| set "
        rf"up| started)?(?P<rest>(?: (?:for|in|at|of|to|\d+) ?.*)?)$"
    ),
)
_WAKE = re.compile(r"^(?:please )?wake (?:me|us)(?: up)?\b(?P<rest>.*)$")
_REMIND = re.compile(
    r"^(?:remind (?:me|us)|(?:do not|never) let me forget|make sure (?:that )?i do not forget|"
    r"(?:ping|alert|notify) me)\b(?P<rest>.*)$"
)
_TELL_ME = re.compile(
    r"^(?:when|once|after|in) (?P<length>.+?)(?: (?:are|is|have|has) (?:up|over|passed|gone|"
    r"done))?$"
)
_NOTIFY = re.compile(r"^(?:.* )?(?:tell me|let me know|call me|warn me) (?:when|once|after|in) ")
_TIME_FIRST = re.compile(
    r"^(?P<when>(?:at|in|after|tomorrow|on) (?:[\w:']+ ){1,6}?)remind (?:me|us) (?P<what>.+)$"
)
_COUNT = re.compile(
    r"^(?:count|time|measure|start counting)(?: down)?(?: from| for)? (?P<rest>.+)$"
)
_CANCEL = re.compile(
    rf"^(?:cancel|stop|delete|remove|clear|turn off|switch off|shut off|end|kill|dismiss|drop|"
    rf"abort|forget|reset)(?P<all>(?: all| every| both| each)?(?: of)?)(?: the| my| that| this|"
    rf" your| those| these)* ?(?P<before>(?:[\w:'.]+ ){{0,5}}?){_THING}(?P<rest>(?: (?:for|at|to|"
    rf"about|in|of|that) .*)?)$"
)
_OFF = re.compile(
    rf"^(?:turn|switch|shut) (?:the|my|that) (?P<before>(?:[\w:'.]+ ){{0,5}}?){_THING} "
    rf"off(?P<rest>)$"
)
_LEFT = re.compile(
    r"^(?:how (?:long|much (?:time|longer)|many (?:seconds|minutes|hours)|much)|what|what time)(?: "
    r"(?:is|are|do i have|have i got|does it have|time is|time do i have|does (?:the|my) \w+ "
    r"have))*"
    rf"(?: still)? (?:left|remaining|remains|to go)(?: (?:on|for|of|in|until|before|till) (?:the |"
    rf"my |that )*(?P<before>(?:[\w:'.]+ ){{0,4}}?){_THING}(?: (?:rings|ends|goes off))?)?$"
)
_WHEN = re.compile(
    rf"^(?:when|at what time|what time|for when|how soon)(?: is| does| do| will| are| did i set)+"
    rf"(?: the| my| that| next)* (?P<before>(?:[\w:'.]+ ){{0,4}}?){_THING}(?: (?:end|ring|go off|"
    rf"done|over|finish|set for|set|due|up|for|stop))?$"
)
_LIST = re.compile(
    rf"^(?:(?:list|tell me|show(?: me)?|read(?: me)?|check|are there|is there|do i have|have i(?: "
    rf"got)?)(?: any| all| a| an| my| the| other| active| running)* "
    rf"(?P<before>(?:[\w:'.]+ ){{0,2}}?){_THING}(?: (?:there|set|running|active|on|going|left|"
    rf"right|waiting|i have|that i have|upcoming))*(?: (?:for|on) (?:today|tomorrow|this \w+|"
    rf"\w+day)(?: \w+)?)?"
    rf"|(?:what|which|how many) (?P<before2>(?:[\w:'.]+ )?){_THING.replace('thing', 'thing2')}(?: "
    rf"(?:do i have|have i(?: set| got)?|are|is|there|set|running|active|on|going|left|right|did i "
    rf"set|you have|do you have|upcoming))+(?: (?:for|on) (?:today|tomorrow|this \w+|\w+day)(?: "
    rf"\w+)?)?)$"
)
_IS_IT = re.compile(
    rf"^(?:is|are) (?:the |my |any )*(?P<before>(?:[\w:'.]+ ){{0,3}}?){_THING} (?:still )?"
    r"(?:on|running|set|active|going|done|over)$"
)
_PAUSE = re.compile(
    rf"^(?:pause|hold|resume|continue|unpause|snooze)(?: the| my| that)* (?P<before>){_THING}$"
)
_ADD = re.compile(
    rf"^(?:add|give me|extend|increase) (?:the timer by |it by |another "
    rf")?(?P<length>{DURATION.pattern})"
    r"(?: more)?(?: (?:to|on) (?:the|my|that) timer)?$"
)
_MAKE_IT = re.compile(
    r"^(?:actually |rather |better |i meant |i mean )*(?:make (?:it|that)|change (?:it|that|the "
    r"timer|the alarm) to|set it to|i meant|i mean) (?P<rest>.+)$"
)
_NOT_LABELS = frozenset(
    "for in at on of to a an the my me another new one quick timer alarm reminder clock wake up "
    "and i it that please set from now is any with".split()
)


def timer_request(text: str, now: datetime) -> TimerRequest | None:
    """What `text` asks of timers at the time `now`; None where it asks nothing of them."""
    words = re.sub(r"^(?:please )?(?:do not|never) let me forget\b", "remind me", bare(text))
    if found := _TIME_FIRST.match(words):  # "at four, remind me to …"
        words = f"remind me {found['when']} {found['what']}"
    for act, patterns in (
        (Act.CANCEL, (_CANCEL, _OFF)),
        (Act.ASK, (_LEFT, _WHEN, _LIST, _IS_IT)),
        (Act.PAUSE, (_PAUSE,)),
    ):
        for pattern in patterns:
            if found := pattern.match(words):
                return _which(act, found, now)
    if ("timer" in words or "more" in words) and (found := _ADD.match(words)):
        return TimerRequest(Act.ADD, Kind.TIMER, duration(found["length"]))
    return _to_set(words, text, now)


def said_when(text: str, now: datetime) -> TimerRequest | None:
    """A time or duration that is all that `text` says ("ten minutes", "at seven, please"); None
    else."""
    words = bare(text)
    words = re.sub(
        r"^(?:for|in|at|make it|let us say|say|about|maybe) ",
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


def _which(act: Act, found: re.Match[str], now: datetime) -> TimerRequest:
    """A request about timers there are."""
    groups = found.groupdict()
    thing = groups["thing"] or groups.get("thing2") or ""
    kind = _kind(thing) if thing else None
    about = f"{groups.get('before') or ''} {groups.get('rest') or ''}".strip()
    at = moment(about, now)
    label = " ".join(word for word in DURATION.sub("", about).split() if word not in _NOT_LABELS)
    many = bool((groups.get("all") or "").strip()) or (act is Act.CANCEL and thing.endswith("s"))
    if at is not None or duration(about) is not None:
        label = ""
    return TimerRequest(act, kind, duration(about), at.when if at else None, label, many)


def _to_set(words: str, text: str, now: datetime) -> TimerRequest | None:
    if found := _REMIND.match(words):
        return _reminder(found["rest"].strip(), now)
    if found := _WAKE.match(words):
        rest = found["rest"].strip()
        if (
            rest
            and not re.match(
                r"(?:at|in|by|tomorrow|on|for|today|tonight|after|next|this|around)\b", rest
            )
            and moment(rest, now) is None
        ):
            return None
        return _timed(Kind.ALARM, rest, now)
    for pattern in _SET:
        found = pattern.match(words)
        if found:
            rest = f"{found['before']} {found['rest']}".strip()
            kind = _kind(found["thing"])
            if kind is Kind.REMINDER:
                reminder = _reminder(rest, now)
                if (
                    pattern is _SET[0]
                    or not found["before"].strip()
                    or (reminder and reminder.timed)
                ):
                    return reminder
                continue
            request = _timed(kind, rest, now)
            label = _label(found["before"], request)
            tail = re.search(
                r" (?:for|called|named|to) (?:the |my |a )?([a-z][a-z ]{1,30})$", found["rest"]
            )
            if (
                not label
                and tail
                and duration(tail[1]) is None
                and moment(tail[0].strip(), now) is None
            ):
                label = tail[1].strip()
            if request.timed or (pattern is _SET[0] and len(rest.split()) <= 3):
                return replace(request, label=label if kind is Kind.TIMER else "")
    if _NOTIFY.match(text.lower()) and (found := _TELL_ME.match(words)):
        length = duration(found["length"])
        if length and not DURATION.sub("", found["length"]).strip():
            return TimerRequest(Act.SET, Kind.TIMER, length)
    if (
        (found := _COUNT.match(words))
        and duration(found["rest"])
        and not DURATION.sub("", found["rest"]).strip()
    ):
        return TimerRequest(Act.SET, Kind.TIMER, duration(found["rest"]))
    if (found := _MAKE_IT.match(words)) and (when := said_when(found["rest"], now)):
        return replace(when, again=True)
    return None


def _timed(kind: Kind, rest: str, now: datetime) -> TimerRequest:
    """The time that `rest` names: a duration for a timer, for others a duration after "in" or a
    time of day."""
    length = duration(rest)
    rest = re.sub(r"^(?:to|as) ", "at ", rest)
    prepared = kind is Kind.ALARM or re.search(r"\b(?:at|for|by|until|till) ", rest)
    at = moment(rest, now) or moment(f"at {rest}", now) if length is None and prepared else None
    return TimerRequest(Act.SET, kind, length, at.when if at else None)


def _reminder(rest: str, now: datetime) -> TimerRequest | None:
    """ "in ten minutes to check the oven", "to call mum at 11am", "tomorrow at 7 about the
    bins"."""
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
    about = re.sub(r"^(?:for )?(?:later|please)\b ?", "", about.strip())
    if not re.match(r"(?:to|about|of|that|when|not to|for)\b", about) and about:
        about = f"about {about}"
    return TimerRequest(Act.SET, Kind.REMINDER, length, at.when if at else None, _turned(about))


def _turned(about: str) -> str:
    """The user's "my" is the assistant's "your": "to call your mum"."""
    swaps = {
        "my": "your",
        "mine": "yours",
        "i": "you",
        "me": "you",
        "am": "are",
        "myself": "yourself",
        "our": "your",
    }
    return " ".join(swaps.get(word, word) for word in about.split())


def _label(before: str, request: TimerRequest) -> str:
    left = [word for word in DURATION.sub("", before).split() if word not in _NOT_LABELS]
    return " ".join(left) if request.at is None and len(left) <= 3 else ""


def _kind(thing: str) -> Kind:
    return (
        Kind.ALARM
        if thing.startswith("alarm")
        else Kind.REMINDER
        if thing.startswith("remind")
        else Kind.TIMER
    )


def too_long(request: TimerRequest) -> bool:
    """Whether it is farther away than anything here may be expected to run."""
    return request.length is not None and request.length > LONGEST
